//! The cells of `src/backprop.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/backprop.rs"));
