//! The cells of `src/wishes.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/wishes.rs"));
