//! The cells of `src/gradient.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/gradient.rs"));
