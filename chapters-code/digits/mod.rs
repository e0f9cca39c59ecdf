//! Where digits come from: drawn by the program, read from files, fetched, photographed.

#[cfg(feature = "files")]
pub mod dataset;
pub mod handwriting;
#[cfg(feature = "files")]
pub mod idx;
pub mod picture;
pub(crate) mod threads;
