//! The cells of `src/cost.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/cost.rs"));
