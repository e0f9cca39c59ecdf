//! The cells of `src/softmax.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/softmax.rs"));
