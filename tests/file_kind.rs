//! What a file is, by its first bytes.

use std::collections::HashSet;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use neurons::files::file_kind::{ENOUGH, FileKind};
use neurons::{digits::idx, mnist, trainer::model_file};
use proptest::prelude::*;

fn named(start: &[u8]) -> String {
    FileKind::of(start).to_string()
}

/// The local header of the first file of a ZIP archive.
fn zip(name: &str) -> Vec<u8> {
    let mut start = b"PK\x03\x04".to_vec();
    start.resize(26, 0);
    start.extend((name.len() as u16).to_le_bytes());
    start.extend([0, 0]);
    start.extend(name.as_bytes());
    start.extend([7; 100]);
    start
}

#[test]
fn files_are_known_by_their_first_bytes() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&idx::encode_labels(&[1, 2])).unwrap();
    let images = idx::encode_images(&neurons::ndarray::Array2::zeros((1, 784)));
    let tar = [&[b'a'; 257][..], b"ustar\x0000"].concat();
    let network = model_file::Model {
        network: mnist::Recipe::book().network(),
        objective: mnist::Objective::Softmax,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    network.save(&path).unwrap();
    let model = std::fs::read(&path).unwrap();

    let known: [(&[u8], &str); 48] = [
        (b"", "an empty file"),
        (b"\n <!doctype HTML><p>Sign in", "an HTML page"),
        (b"<!-- saved --><html>", "an HTML page"),
        (b"<?xml version='1.0'?><html>", "an HTML page"),
        (b"\xef\xbb\xbf<html>", "an HTML page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied", "an XML page"),
        (b"<?xml version='1.0'?><svg>", "an SVG drawing"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a Git LFS pointer"),
        (b"{ \"cells\": []", "JSON text"),
        (b"label,1x1,1x2,1x3\n5,0,0,0", "a CSV table"),
        (b"\xef\xbb\xbf\0\0\x08\x03", "byte-order mark"),
        (b"\xff\xfe\0\0\x08\0\x03\0", "byte-order mark"),
        (b"hello there", "plain text"),
        (&gzip.finish().unwrap(), "a gzip file"),
        (&zip("readme.txt"), "a ZIP archive"),
        (b"PK\x05\x06\0\0", "a ZIP archive"),
        (&zip("x_train.npy"), "a NumPy archive (.npz)"),
        (&zip("model/data.pkl"), "a PyTorch file (.pt)"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7-Zip archive"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (b"\xfd7zXZ\0", "an xz file"),
        (b"BZh91AY", "a bzip2 file"),
        (b"\x28\xb5\x2f\xfd", "a zstd file"),
        (&tar, "a tar archive"),
        (&images, "an IDX file of u8 in 3 dimensions"),
        (b"\0\0\x0d\x01\0\0", "an IDX file of f32 in 1 dimension"),
        (b"\x03\x08\0\0\x60\xea\0\0", "bytes swapped"),
        (b"\x93NUMPY\x01\0", "a NumPy array (.npy)"),
        (b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", "a PyTorch"),
        (b"\x80\x02}q\x01", "a Python pickle"),
        (b"\x80\x04\x95\0\0", "a Python pickle"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (&model, "a safetensors file"),
        (b"GGUF\x03", "a GGUF file"),
        (b"PAR1\x15", "a Parquet table"),
        (b"\x89PNG\r\n\x1a\n\0", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
        (b"GIF89a", "a GIF picture"),
        (b"BM\x36\0\0\0\0\0\0\0\x36", "a BMP picture"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP picture"),
        (b"II*\0\x08", "a TIFF picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC photograph"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0avifmif1", "an AVIF picture"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\0\x05\x16\x07\0\x02\0\0Mac OS X", "AppleDouble"),
        (b"\0\x01\x02\xff\xfe", "a file of an unknown kind"),
    ];
    let mut kinds = HashSet::new();
    for (start, name) in known {
        assert!(named(start).contains(name), "{name}: {}", named(start));
        kinds.insert(named(start));
    }
    assert!(kinds.len() > 40, "{kinds:?}");
}

#[test]
fn a_letter_that_is_cut_in_two_is_text() {
    let long = format!("{}ü", "a".repeat(ENOUGH - 1));
    assert_eq!(FileKind::of(long.as_bytes()), FileKind::Text);
}

#[test]
fn what_can_be_done_is_told() {
    let pointer = FileKind::of(b"version https://git-lfs.github.com/spec/v1");
    assert!(pointer.advice().contains("git lfs pull"));
    assert!(FileKind::of(b"<html>").advice().contains("fetch"));
    assert!(FileKind::of(&zip("a.txt")).advice().contains("unpack"));
    assert_eq!(FileKind::of(b"%PDF-").advice(), "");
}

proptest! {
    #[test]
    fn no_bytes_panic(
        start in prop::sample::select(vec![
            &b""[..], b"PK\x03\x04", b"\0\0\0\x18ftyp", b"\xef\xbb\xbf", b"\xff\xff\xff\xffftyp",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        prop_assert!(!named(&[start, &rest].concat()).is_empty());
    }
}
