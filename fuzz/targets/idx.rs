//! Any bytes, plain and gzipped, as a file of images and as a file of labels.

#![no_main]

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use neurons::digits::idx::{parse_images, parse_labels};
use std::io::Write;

fuzz_target!(|bytes: &[u8]| {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    for file in [bytes, &packed.finish().unwrap()] {
        if let Ok(images) = parse_images(file) {
            assert_eq!(images.ncols(), 784);
        }
        if let Ok(labels) = parse_labels(file) {
            assert!(labels.iter().all(|&label| label < 10));
        }
    }
});
