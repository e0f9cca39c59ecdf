//! The cells of `src/autograd.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/autograd.rs"));
