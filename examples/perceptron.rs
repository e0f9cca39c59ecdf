//! The cells of `src/perceptron.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/perceptron.rs"));
