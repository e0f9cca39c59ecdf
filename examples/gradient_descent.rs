//! The cells of `src/gradient_descent.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/gradient_descent.rs"));
