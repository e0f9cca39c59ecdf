//! The cells of `src/tape.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/tape.rs"));
