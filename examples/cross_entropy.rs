//! The cells of `src/cross_entropy.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/cross_entropy.rs"));
