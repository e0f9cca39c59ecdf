//! The cells of `src/mnist.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/mnist.rs"));
