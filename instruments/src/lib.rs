//! The figures that a reader moves, for a browser. There is no mathematics here: the figures are
//! those of `neurons::figures::moving`, which are made of the chapters' functions.

use neurons::figures::moving::moved;
use wasm_bindgen::prelude::wasm_bindgen;

/// What the figure `name` shows when its controls say `state`: a sentence, then the inside of each
/// of its panels.
#[wasm_bindgen]
pub fn drawn(name: &str, state: &[f64]) -> Vec<String> {
    let moved = moved(name, state);
    let drawings: Vec<String> = moved.drawings().collect();
    [vec![moved.words], drawings].concat()
}

/// The numbers that the figure `name` is drawn from.
#[wasm_bindgen]
pub fn numbers(name: &str, state: &[f64]) -> Vec<f64> {
    moved(name, state).numbers
}
