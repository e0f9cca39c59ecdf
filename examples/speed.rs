//! The cells of `src/speed.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/speed.rs"));
