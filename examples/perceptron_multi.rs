//! The cells of `src/perceptron_multi.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/perceptron_multi.rs"));
