//! What draws `images/`: one function a figure, named after its file; one file a part of the
//! book (part IV has no figure); the introduction's are in `opening`; chapters with many figures have a file of their own: `looks` (1), `one_neuron`
//! (2), `layers` (4), `part_2/wished` (8), `inside` (18 and 19), and `peers`, which needs the engine.
//!
//! `cargo run --bin figures` writes the files; a test compares them with what is committed.

mod asked;
pub mod book;
mod chart;
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
