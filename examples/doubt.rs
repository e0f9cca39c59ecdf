//! The cells of `src/doubt.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/doubt.rs"));
