//! Files of digits that lie: each gives one clear sentence, no panic, and takes no memory.

use flate2::{Compression, write::GzEncoder};
use ndarray::Array2;
use neurons::digits::idx::{self, IdxError, IdxKind};
use proptest::prelude::*;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

mod memory;

const SMALL: usize = 64 << 20;

fn pixels(m: usize) -> Array2<u8> {
    Array2::from_shape_fn((m, 784), |(row, column)| (row * 31 + column * 7) as u8)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn header(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn images(m: usize) -> Vec<u8> {
    idx::encode_images(&pixels(m))
}

/// The sentence of the error, which must name the file and contain all of `words`.
#[track_caller]
fn sentence<T: std::fmt::Debug>(result: Result<T, IdxError>, words: &[&str]) {
    let sentence = result.expect_err("the file is broken").to_string();
    for word in words.iter().chain(&["<bytes>"]) {
        assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
    }
    assert!(!sentence.contains('\n') && sentence.len() < 250, "{sentence:?}");
    println!("{sentence}");
}

#[test]
fn sound_files_are_read_plain_and_gzipped() {
    for m in [1, 2, 59] {
        let labels: Vec<u8> = (0..m).map(|i| (i % 10) as u8).collect();
        let file = idx::encode_labels(&labels);
        assert_eq!(idx::parse_images(&images(m)).unwrap(), pixels(m));
        assert_eq!(idx::parse_images(&gzip(&images(m))).unwrap(), pixels(m));
        assert_eq!(idx::parse_labels(&file).unwrap(), labels);
        assert_eq!(idx::parse_labels(&gzip(&file)).unwrap(), labels);
    }
}

#[test]
fn the_content_tells_gzip_and_not_the_name() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed) = (folder.path().join("plain.gz"), folder.path().join("packed"));
    fs::write(&plain, images(3)).unwrap();
    fs::write(&packed, gzip(&images(3))).unwrap();
    assert_eq!(idx::read_images(&plain).unwrap(), pixels(3));
    assert_eq!(idx::read_images(&packed).unwrap(), pixels(3));
}

#[test]
fn a_column_major_array_is_written_row_by_row() {
    let transposed =
        Array2::from_shape_fn((784, 3), |(column, row)| pixels(3)[[row, column]]);
    assert_eq!(idx::encode_images(&transposed.reversed_axes()), images(3));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let file = images(3);
    for length in (0..40).chain((40..file.len()).step_by(97)).chain([file.len() - 1]) {
        let words = if length < 16 {
            vec!["ends inside its header", "16 bytes"]
        } else {
            vec!["promises 3 images", "2352 bytes", "was it cut short?"]
        };
        sentence(idx::parse_images(&file[..length]), &words);
    }
    let file = idx::encode_labels(&[1, 2, 3]);
    for length in 0..file.len() {
        sentence(idx::parse_labels(&file[..length]), &["labels"]);
    }
}

#[test]
fn a_gzip_file_cut_anywhere_is_refused() {
    let file = gzip(&images(3));
    for length in 2..file.len() {
        let result = idx::parse_images(&file[..length]);
        assert!(!matches!(result, Err(IdxError::Magic { .. })), "{result:?}");
        sentence(result, &[]);
    }
    sentence(
        idx::parse_images(&file[..file.len() - 1]),
        &["unpacked", "damaged", "fetch it again"],
    );
    // The deflated data may be whole, and hold less than its header promises.
    sentence(
        idx::parse_images(&gzip(&images(3)[..1000])),
        &["promises 3 images", "no more than 984 follow"],
    );
    sentence(idx::parse_images(&gzip(&[])), &["ends inside its header", "it has 0"]);
}

#[test]
fn a_flipped_bit_in_a_gzip_file_is_refused_or_harmless() {
    let file = gzip(&images(2));
    let mut harmless = 0;
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match idx::parse_images(&flipped) {
            // A date or a remark in gzip's own header.
            Ok(read) => {
                assert_eq!(read, pixels(2));
                assert!(bit / 8 < 10, "byte {} of the data is not checked", bit / 8);
                harmless += 1;
            }
            error => sentence(error, &[]),
        }
    }
    assert!(harmless > 0);
    let mut flipped = file.clone();
    let middle = file.len() / 2;
    flipped[middle] ^= 1;
    sentence(idx::parse_images(&flipped), &["unpacked", "damaged", "fetch it again"]);
}

#[test]
fn a_wrong_magic_number_is_refused() {
    let file = header(&[0x0f00_0803, 1, 28, 28]);
    sentence(
        idx::parse_images(&file),
        &["not an IDX file of images", "251660291", "2051"],
    );
    sentence(
        idx::parse_labels(&file),
        &["not an IDX file of labels", "251660291", "2049"],
    );
}

#[test]
fn a_file_that_is_something_else_is_named() {
    let little_endian: Vec<u8> =
        images(1).chunks(4).flat_map(|c| [c[3], c[2], c[1], c[0]]).collect();
    let marked = [b"\xef\xbb\xbf", &images(1)[..]].concat();
    for (file, words) in [
        (&b"<!DOCTYPE html><title>Sign in"[..], ["an HTML page", "fetch the file again"]),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1",
            ["a Git LFS pointer", "run `git lfs pull`"],
        ),
        (b"PK\x03\x04\x14\0\0\0\x08\0", ["a ZIP archive", "unpack it first"]),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["a PNG picture", "not an IDX file"]),
        (b"\x93NUMPY\x01\0v\0", ["a NumPy array (.npy)", "not an IDX file"]),
        (&little_endian, ["its bytes swapped (little-endian)", "highest byte"]),
        (&marked, ["byte-order mark", "fetch it again"]),
        (&header(&[0x0d03, 1, 28, 28]), ["an IDX file of f32 in 3 dimensions", "u8"]),
        (&header(&[0x0c01, 1, 28, 28]), ["an IDX file of i32 in 1 dimension,", "u8"]),
        (&header(&[0x0802, 1, 28, 28]), ["an IDX file of u8 in 2 dimensions", "u8"]),
        (&header(&[0x0804, 1, 28, 28]), ["an IDX file of u8 in 4 dimensions", "u8"]),
    ] {
        sentence(idx::parse_images(file), &words);
        sentence(idx::parse_images(file), &["<bytes> is a", "IDX file of images"]);
        sentence(
            idx::parse_labels(file),
            &["<bytes> is a", words[0], "IDX file of labels"],
        );
        sentence(idx::parse_images(&gzip(file)), &["<bytes> unpacks to a", words[0]]);
    }
    let twice = gzip(&gzip(&images(1)));
    sentence(idx::parse_images(&twice), &["a gzip file", "gzipped twice", "gunzip"]);
}

#[test]
fn swapped_files_are_named() {
    let labels = idx::encode_labels(&[1, 2]);
    let words = ["a file of labels (magic 2049), not of images (magic 2051)", "swapped?"];
    sentence(idx::parse_images(&labels), &words);
    sentence(idx::parse_images(&gzip(&labels)), &words);
    let words = ["a file of images (magic 2051), not of labels (magic 2049)", "swapped?"];
    sentence(idx::parse_labels(&images(1)), &words);
}

#[test]
fn an_empty_file_is_refused() {
    sentence(idx::parse_images(&[]), &["ends inside its header", "16 bytes", "it has 0"]);
    sentence(idx::parse_labels(&[]), &["ends inside its header", "8 bytes", "it has 0"]);
    sentence(
        idx::parse_images(&header(&[2051, 0, 28, 28])),
        &["promises 0 images", "at least 1"],
    );
    sentence(
        idx::parse_labels(&header(&[2049, 0])),
        &["promises 0 labels", "at least 1"],
    );
}

#[test]
fn bytes_after_the_last_pixel_are_refused() {
    for more in [1, 784, 5000] {
        let mut file = images(2);
        file.resize(file.len() + more, 0);
        sentence(idx::parse_images(&file), &["goes on after the 2 images"]);
        sentence(idx::parse_images(&gzip(&file)), &["goes on after the 2 images"]);
    }
    let mut two_parts = gzip(&images(2));
    two_parts.extend(gzip(&[0]));
    sentence(idx::parse_images(&two_parts), &["goes on after the 2 images"]);
}

#[test]
fn zeros_after_gzip_are_ignored_and_other_bytes_are_not() {
    let file = gzip(&images(2));
    for zeros in [1, 7, 512, 100_000] {
        let padded = [&file[..], &vec![0; zeros]].concat();
        assert_eq!(idx::parse_images(&padded).unwrap(), pixels(2));
        // Members on end, with zeros between.
        let (first, rest) = (gzip(&images(2)[..500]), gzip(&images(2)[500..]));
        let members = [&first[..], &vec![0; zeros], &gzip(&[]), &rest, &[0]].concat();
        assert_eq!(idx::parse_images(&members).unwrap(), pixels(2));
        let rubbish = [&padded[..], b"rubbish"].concat();
        let words = ["damaged", "bytes that are neither gzip nor zeros follow its end"];
        sentence(idx::parse_images(&rubbish), &words);
    }
    sentence(idx::parse_images(&[&file[..], b"rubbish"].concat()), &["neither gzip nor"]);
    sentence(idx::parse_images(&[&file[..], &[0x1f, 0x8b]].concat()), &["damaged"]);
    sentence(idx::parse_images(&[&file[..], &[0x1f]].concat()), &["damaged"]);
}

#[test]
fn a_label_that_is_not_a_digit_is_refused() {
    let file = idx::encode_labels(&[3, 9, 10, 255]);
    sentence(
        idx::parse_labels(&file),
        &["image 2, counted from 0", "label 10", "0 to 9"],
    );
}

#[test]
fn another_size_of_image_is_refused() {
    for (rows, columns) in [(27, 28), (28, 27), (0, 0), (784, 1), (u32::MAX, u32::MAX)] {
        let mut file = header(&[IdxKind::Images.magic(), 1, rows, columns]);
        file.resize(16 + 784, 0);
        sentence(idx::parse_images(&file), &[&format!("{rows}×{columns}"), "28×28"]);
    }
}

#[test]
fn counts_that_differ_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (images, labels) =
        (folder.path().join("my-images"), folder.path().join("my-labels"));
    idx::write_images(&images, &pixels(3)).unwrap();
    idx::write_labels(&labels, &[1, 2]).unwrap();
    let error = idx::read_digits(&images, &labels).unwrap_err().to_string();
    for word in ["my-images", "my-labels", "do not belong together", "3 images, 2 labels"]
    {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().display().to_string();
    let error = idx::read_images(folder.path()).unwrap_err().to_string();
    assert!(
        error.starts_with(&name) && error.ends_with("cannot be read: is a directory"),
        "{error}"
    );
    let error = idx::read_labels(&folder.path().join("nothing")).unwrap_err().to_string();
    assert!(
        error.starts_with(&name) && error.contains("nothing cannot be read: "),
        "{error}"
    );
    let into: PathBuf = folder.path().join("no-folder").join("file");
    let error = idx::write_labels(&into, &[1]).unwrap_err().to_string();
    assert!(error.contains("file cannot be written: "), "{error}");
}

#[test]
fn a_promise_that_the_file_cannot_keep_takes_no_memory() {
    let start = Instant::now();
    for count in [60_000, idx::MOST, u32::MAX] {
        let mut file = header(&[2051, count, 28, 28]);
        file.resize(1000, 0);
        let words = [
            &format!("promises {count} images") as &str,
            "no more than",
            "was it cut short?",
        ];
        sentence(idx::parse_images(&file), &words);
        sentence(idx::parse_images(&gzip(&file)), &words);
        let labels = header(&[2049, count, 0]);
        sentence(idx::parse_labels(&labels), &["labels", "no more than 4 follow"]);
        sentence(idx::parse_labels(&gzip(&labels)), &["labels", "no more than"]);
    }
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(memory::peak() < SMALL, "{} bytes", memory::peak());
}

#[test]
fn a_gzip_bomb_takes_no_memory() {
    // 200 MB of zeros after the header, in 200 KB.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&header(&[2051, 1000, 28, 28])).unwrap();
    for _ in 0..200 {
        encoder.write_all(&[0; 1_000_000]).unwrap();
    }
    let file = encoder.finish().unwrap();
    assert!(file.len() < 2_000_000);
    let start = Instant::now();
    sentence(idx::parse_images(&file), &["goes on after the 1000 images"]);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(memory::peak() < SMALL, "{} bytes", memory::peak());
}

#[test]
fn a_file_that_could_keep_too_great_a_promise_takes_no_memory() {
    // Gzip that may unpack to two gigabytes, and a file of 800 MB that takes no room on the disk.
    let mut packed = gzip(&header(&[2051, 1_000_001, 28, 28]));
    packed.resize(2 << 20, 0);
    let words = ["promises 1000001 images", "at most 1000000"];
    sentence(idx::parse_images(&packed), &words);

    // Few enough images, in a file that is long enough to unpack to them, and does not.
    let mut packed = gzip(&header(&[2051, 900_000, 28, 28]));
    packed.resize(2 << 20, 0);
    sentence(idx::parse_images(&packed), &["900000 images", "no more than 0 follow"]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images");
    fs::write(&path, header(&[2051, 1_000_001, 28, 28])).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(16 + 1_000_001 * 784).unwrap();
    let error = idx::read_images(&path).unwrap_err().to_string();
    assert!(words.iter().all(|word| error.contains(word)), "{error}");
    assert!(memory::peak() < SMALL, "{} bytes", memory::peak());
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(idx::parse_images(&bytes).is_err());
        prop_assert!(idx::parse_labels(&bytes).is_err());
    }

    #[test]
    fn random_bytes_after_a_sound_beginning_never_panic(
        images in any::<bool>(),
        packed in any::<bool>(),
        words in prop::collection::vec(prop_oneof![0..4u32, Just(28), any::<u32>()], 0..4),
        rest in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        let mut file = header(&[if images { 2051 } else { 2049 }]);
        file.extend(header(&words));
        file.extend(rest);
        let file = if packed { gzip(&file) } else { file };
        if let Ok(images) = idx::parse_images(&file) {
            prop_assert_eq!(images.ncols(), 784);
        }
        if let Ok(labels) = idx::parse_labels(&file) {
            prop_assert!(labels.iter().all(|&label| label < 10));
        }
    }

    #[test]
    fn random_bytes_after_the_first_two_of_gzip_never_panic(
        rest in prop::collection::vec(any::<u8>(), 0..500),
    ) {
        for start in [&[0x1f, 0x8b][..], &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]] {
            let file = [start, &rest].concat();
            prop_assert!(idx::parse_images(&file).is_err());
        }
    }

    #[test]
    fn labels_come_back_as_they_went(labels in prop::collection::vec(0..10u8, 1..300)) {
        prop_assert_eq!(idx::parse_labels(&idx::encode_labels(&labels)).unwrap(), labels);
    }
}
