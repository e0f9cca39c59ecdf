//! The cells of `src/sigmoid.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/sigmoid.rs"));
