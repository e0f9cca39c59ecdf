//! The cells of `src/layer.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/layer.rs"));
