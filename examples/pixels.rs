//! The cells of `src/pixels.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/pixels.rs"));
