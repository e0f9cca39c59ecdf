//! Keras's `mnist.npz`, sound and hostile: read, or refused in one clear sentence, without a panic
//! and without memory that the archive only promises to fill.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::DeflateEncoder};
use ndarray::Array2;
use neurons::digits::dataset::{Content, DataError, MNIST, Search, Source};
use neurons::digits::idx;
use proptest::prelude::*;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use tempfile::TempDir;

mod in_place_of_mnist;
mod memory;

/// Images and labels to train on and to test on.
fn digits() -> [Vec<u8>; 4] {
    let images = |m: usize| (0..m * 784).map(|i| (i * 31) as u8).collect();
    [images(5), vec![0, 1, 2, 3, 4], images(2), vec![8, 9]]
}

/// An array as `numpy.save` writes it.
fn npy(descr: &str, fortran_order: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let mut header = format!(
        "{{'descr': {descr}, 'fortran_order': {fortran_order}, 'shape': {shape}, }}"
    );
    while !(header.len() + 11).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), bytes].concat()
}

/// The four arrays, of which a test may change one.
fn arrays() -> Vec<(String, Vec<u8>)> {
    let [train, labels, test, test_labels] = digits();
    let bytes = |shape: &str, bytes: &[u8]| npy("'|u1'", "False", shape, bytes);
    vec![
        ("x_test.npy".into(), bytes("(2, 28, 28)", &test)),
        ("x_train.npy".into(), bytes("(5, 28, 28)", &train)),
        ("y_train.npy".into(), bytes("(5,)", &labels)),
        ("y_test.npy".into(), bytes("(2,)", &test_labels)),
    ]
}

fn with(name: &str, array: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut arrays = arrays();
    arrays.iter_mut().find(|(is, _)| is == name).unwrap().1 = array;
    arrays
}

/// An archive as `numpy.savez`, or `numpy.savez_compressed`, writes it.
fn npz(arrays: &[(String, Vec<u8>)], deflate: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, array) in arrays {
        let method =
            if deflate { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
        let (mut entry, config) =
            archive.new_file(name).compression_method(method).start().unwrap();
        let descriptor = if deflate {
            let encoder = DeflateEncoder::new(&mut entry, Compression::default());
            let mut writer = config.wrap(encoder);
            writer.write_all(array).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            descriptor
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(array).unwrap();
            writer.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

fn folder(file: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mnist.npz"), file).unwrap();
    folder
}

/// MNIST, if it were these digits.
fn contents() -> [Content; 4] {
    let [train, labels, test, test_labels] = digits();
    let images = |bytes: Vec<u8>| {
        let m = bytes.len() / 784;
        idx::encode_images(&Array2::from_shape_vec((m, 784), bytes).unwrap())
    };
    let files = [
        images(train),
        idx::encode_labels(&labels),
        images(test),
        idx::encode_labels(&test_labels),
    ];
    in_place_of_mnist::contents(&files)
}

fn search(folder: &Path) -> Search {
    Search {
        contents: contents(),
        mirrors: None,
        cache: None,
        ..Search::from_env(Some(folder))
    }
}

/// The sentence that a broken archive gets, which names it and has these words.
#[track_caller]
fn sentence(file: &[u8], words: &[&str]) {
    let folder = folder(file);
    let error = search(folder.path()).find().expect_err("the archive is broken");
    assert!(matches!(error, DataError::Npz(_) | DataError::Idx(_)), "{error:?}");
    let path = folder.path().display().to_string();
    let said = error.to_string().replace(&path, "");
    for word in words.iter().chain(&["/mnist.npz"]) {
        assert!(said.contains(word), "{word:?} is not in {said:?}");
    }
    assert!(!said.contains(|c: char| c.is_control()) && said.len() < 300, "{said:?}");
    println!("{said}");
}

#[test]
fn an_archive_is_read_in_a_folder_and_by_its_name() {
    for deflate in [true, false] {
        let folder = folder(&npz(&arrays(), deflate));
        let file = folder.path().join("mnist.npz");
        for path in [folder.path(), &file] {
            let data = search(path).find().unwrap();
            let source = Source::Folder { path: path.into(), skipped: Vec::new() };
            assert_eq!(data.source, source, "the same digits, so the same SHA-256");
            assert_eq!(data.train.labels, digits()[1]);
            assert_eq!(data.train.images.as_slice().unwrap(), digits()[0]);
            assert_eq!(data.test.images.as_slice().unwrap(), digits()[2]);
            for (content, m) in contents().iter().zip([5, 5, 2, 2]) {
                let found = content.look(path).unwrap();
                assert_eq!((&found.path, found.count, found.genuine), (&file, m, true));
            }
        }
        let capitals = folder.path().join("MNIST.NPZ");
        fs::rename(&file, capitals).unwrap();
        assert_eq!(search(folder.path()).find().unwrap().source.name(), "mnist");
        // The four files come first; of those that are broken, or not there, the archive helps.
        fs::write(folder.path().join(MNIST[1].name), []).unwrap();
        let data = search(folder.path()).find().unwrap();
        assert!(data.source.to_string().contains("Skipped a broken file: "));
        assert_eq!(data.train.labels, digits()[1]);
    }
    let renamed = folder(&npz(&arrays(), true));
    fs::rename(renamed.path().join("mnist.npz"), renamed.path().join("mnist (1).npz"))
        .unwrap();
    let error = search(renamed.path()).find().unwrap_err().to_string();
    assert!(error.ends_with("it has `mnist (1).npz`: rename it to mnist.npz"), "{error}");
    let named = renamed.path().join("mnist (1).npz");
    assert_eq!(search(&named).find().unwrap().source.name(), "mnist");
}

#[test]
fn shapes_that_mean_the_same_are_read() {
    let [train, labels, ..] = digits();
    for shape in ["(5, 784)", "(5,28,28,1)", "(5L, 28L, 28L)", "(5, 1, 28, 28)"] {
        let array = npy("'|u1'", "False", shape, &train);
        let folder = folder(&npz(&with("x_train.npy", array), true));
        assert_eq!(search(folder.path()).find().unwrap().source.name(), "mnist");
    }
    let array = npy("'u1'", "False", "(5, 1)", &labels);
    let folder = folder(&npz(&with("y_train.npy", array), true));
    assert_eq!(search(folder.path()).find().unwrap().source.name(), "mnist");
}

#[test]
fn another_version_of_the_header_is_read() {
    let mut array = b"\x93NUMPY\x03\0".to_vec();
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (5,), }\n";
    array.extend((header.len() as u32).to_le_bytes());
    array.extend(header.as_bytes());
    array.extend(&digits()[1]);
    let folder = folder(&npz(&with("y_train.npy", array), true));
    assert_eq!(search(folder.path()).find().unwrap().source.name(), "mnist");
}

#[test]
fn arrays_that_are_something_else_are_refused() {
    let [train, labels, ..] = digits();
    let wide: Vec<u8> =
        labels.iter().flat_map(|&label| [label, 0, 0, 0, 0, 0, 0, 0]).collect();
    let ten = vec![10; 5];
    let (x, y) = ("x_train.npy", "y_train.npy");
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        (y, npy("'<i8'", "False", "(5,)", &wide), &["y_train", "type <i8", "uint8"]),
        (x, npy("'<f4'", "False", "(5, 28, 28)", &train), &["x_train", "type <f4"]),
        (
            x,
            npy("[('a', '|u1')]", "False", "(5, 28, 28)", &train),
            &["type [('a', '|u1')]"],
        ),
        (x, npy("'|u1'", "True", "(5, 28, 28)", &train), &["Fortran order"]),
        (
            x,
            npy("'|u1'", "False", "(5, 27, 28)", &train),
            &["[5, 27, 28]", "[m, 28, 28]"],
        ),
        (x, npy("'|u1'", "False", "()", &train), &["the shape []"]),
        (y, npy("'|u1'", "False", "(5, 10)", &train), &["[5, 10]", "[m] is wanted"]),
        (
            x,
            npy("'|u1'", "False", "(4, 28, 28)", &train),
            &["goes on after the 4 images"],
        ),
        (
            x,
            npy("'|u1'", "False", "(0, 28, 28)", &[]),
            &["promises 0 images", "at least 1"],
        ),
        (y, npy("'|u1'", "False", "(4,)", &labels[..4]), &["5 images, 4 labels"]),
        (y, npy("'|u1'", "False", "(5,)", &ten), &["image 0", "label 10"]),
        (y, npy("'|u1'", "Maybe", "(5,)", &labels), &["does not begin as a NumPy array"]),
        (
            y,
            npy("'|u1'", "False", "(-5,)", &labels),
            &["does not begin as a NumPy array"],
        ),
        (y, b"hello".to_vec(), &["does not begin as a NumPy array"]),
        (y, Vec::new(), &["does not begin as a NumPy array"]),
        (y, b"\x93NUMPY\x02\0\xff\xff\xff\xff{".to_vec(), &["does not begin"]),
        (y, b"\x93NUMPY\x01\0\xff\x01{".to_vec(), &["does not begin"]),
    ];
    for (name, array, words) in cases {
        for deflate in [true, false] {
            sentence(&npz(&with(name, array.clone()), deflate), words);
        }
    }
    let mut three = arrays();
    three.retain(|(name, _)| name != "y_test.npy");
    sentence(
        &npz(&three, true),
        &["has no array y_test: it has x_test, x_train, y_train,"],
    );
    sentence(&npz(&[], true), &["has no array x_train: it has none"]);
    let many: Vec<_> = (0..50).map(|i| (format!("a\n{i}"), Vec::new())).collect();
    sentence(&npz(&many, true), &["it has a 0, a 1, a 2, a 3, a 4, a 5, others,"]);
}

#[test]
fn files_that_are_something_else_are_named() {
    sentence(b"<!DOCTYPE html>", &["is an HTML page, not a NumPy archive", "fetch"]);
    sentence(b"version https://git-lfs.github.com/spec/v1\n", &["run `git lfs pull`"]);
    sentence(b"", &["is an empty file, not a NumPy archive"]);
    let file = idx::encode_labels(&[1, 2]);
    sentence(&file, &["is an IDX file of u8 in 1 dimension, not a NumPy archive"]);

    // Named itself.
    let folder = folder(b"<!DOCTYPE html>");
    let error = search(&folder.path().join("mnist.npz")).find().unwrap_err().to_string();
    assert!(
        error.contains("is not a folder but an HTML page: name the folder"),
        "{error}"
    );
}

#[test]
fn a_promise_that_the_archive_cannot_keep_takes_no_memory() {
    for shape in [
        "(60000, 28, 28)",
        "(4000000000, 28, 28)",
        "(18446744073709551615, 28, 28)",
        "(99999999999999999999999, 28, 28)",
    ] {
        for deflate in [true, false] {
            let array = npy("'|u1'", "False", shape, &digits()[0]);
            sentence(&npz(&with("x_train.npy", array), deflate), &["x_train"]);
        }
    }
    // Ten times what a thousand images take, and a promise that the archive might keep.
    let array = npy("'|u1'", "False", "(1000, 28, 28)", &vec![0; 7_840_000]);
    let bomb = npz(&with("x_train.npy", array), true);
    assert!(bomb.len() < 100_000);
    sentence(&bomb, &["goes on after the 1000 images"]);
    let noise = (0..1u64 << 20)
        .map(|i| (i.wrapping_mul(i.wrapping_mul(0x9e37_79b9_7f4a)) >> 37) as u8);
    let noise: Vec<u8> = noise.collect();
    let array = npy("'|u1'", "False", "(1000001, 28, 28)", &noise);
    sentence(&npz(&with("x_train.npy", array), true), &["at most 1000000"]);
    assert!(memory::peak() < 64 << 20, "{} bytes", memory::peak());
}

#[test]
fn a_damaged_archive_is_refused() {
    for deflate in [true, false] {
        let file = npz(&arrays(), deflate);
        for length in (0..file.len()).step_by(61).chain([file.len() - 1]) {
            sentence(&file[..length], &[]);
        }
        // A flipped bit is found, or is in what nobody reads, like a date.
        let mut found = 0;
        for byte in (0..file.len()).step_by(7) {
            let mut flipped = file.clone();
            flipped[byte] ^= 1 << (byte % 8);
            let folder = folder(&flipped);
            match search(folder.path()).find() {
                Ok(data) => assert_eq!(data.train.labels.len(), 5),
                Err(_) => found += 1,
            }
        }
        assert!(found > file.len() / 7 / 2, "{found}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn changed_archives_never_panic(
        deflate in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        end in any::<bool>(),
    ) {
        let mut file = npz(&arrays(), deflate);
        // The directory of the archive is at its end.
        let from = if end { file.len() - 300 } else { 0 };
        for (index, byte) in changes {
            let i = from + index.index(file.len() - from);
            file[i] = byte;
        }
        let folder = folder(&file);
        if let Ok(data) = search(folder.path()).find() {
            prop_assert_eq!(data.train.images.ncols(), 784);
            prop_assert!(data.train.labels.iter().all(|&label| label < 10));
        }
    }

    #[test]
    fn any_header_never_panics(header in ".{0,200}", rest in prop::collection::vec(any::<u8>(), 0..50)) {
        let mut array = b"\x93NUMPY\x01\0".to_vec();
        array.extend((header.len() as u16).to_le_bytes());
        array.extend(header.as_bytes());
        array.extend(rest);
        let folder = folder(&npz(&with("y_train.npy", array), true));
        prop_assert!(search(folder.path()).find().is_err());
    }
}
