//! Drawn digits in MNIST's four files, for tests of the program.

use neurons::digits::dataset::MNIST;
use neurons::digits::idx;
use neurons::pixels::Digits;
use tempfile::{TempDir, tempdir};

/// A folder with 720 digits to train on and 180 to test on.
pub fn digits() -> TempDir {
    let folder = tempdir().unwrap();
    let (train, test) = Digits::handwriting(900, 1).split_at(720);
    for (digits, names) in [(train, &MNIST[..2]), (test, &MNIST[2..])] {
        idx::write_images(&folder.path().join(names[0].name), &digits.images).unwrap();
        idx::write_labels(&folder.path().join(names[1].name), &digits.labels).unwrap();
    }
    folder
}
