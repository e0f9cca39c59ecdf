//! The cells of `src/notation.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/notation.rs"));
