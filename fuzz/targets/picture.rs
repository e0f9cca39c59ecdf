//! Any bytes as a picture, from the file to the 784 numbers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use neurons::digits::picture::parse;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(picture) = parse(bytes) {
        assert!(picture.pixels.iter().any(|&p| p > 0));
    }
});
