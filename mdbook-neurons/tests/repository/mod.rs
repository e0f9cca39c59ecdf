//! The repository that the tests read.
// Not every test program uses all of it.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

/// Its root.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A file of it as text.
#[track_caller]
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}
