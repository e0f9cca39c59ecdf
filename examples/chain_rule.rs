//! The cells of `src/chain_rule.md`, from top to bottom.

include!(concat!(env!("OUT_DIR"), "/cells/chain_rule.rs"));
