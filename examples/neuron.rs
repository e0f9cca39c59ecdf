//! The cells of `src/neuron.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/neuron.rs"));
