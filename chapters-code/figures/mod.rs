//! What draws `images/`: one function a figure, named after its file; one file a part of the
//! book (part IV has no figure). Chapters with many figures have a file of their own: `opening` (the
//! introduction), `looks` (1), `one_neuron` (2), `layers` (4), `costs` (5), `part_2/wished` (8),
//! `chained` (9), `delta_rule` (10), `two_ends` (11), `inside` (18 and 19), and `peers`, which needs
//! the engine.
//!
//! `cargo run --bin figures` writes the files; a test compares them with what is committed.

mod asked;
pub mod book;
mod chained;
mod chart;
mod costs;
mod delta_rule;
mod inside;
mod layers;
mod looks;
pub mod moving;
pub mod notebook;
mod one_neuron;
mod opening;
pub mod palette;
mod panel;
mod part_1;
mod part_2;
mod part_3;
mod part_5;
#[cfg(feature = "engine")]
mod peers;
mod table;
mod two_ends;
mod valley;
