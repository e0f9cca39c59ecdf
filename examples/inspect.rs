//! The cells of `src/inspect.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/inspect.rs"));
