//! **From One Neuron to MNIST**: the code of the book, one module a chapter, in reading order.
//!
//! A chapter uses the chapters above it and none below. Every function that computes a
//! derivative carries an example which compares it with a difference quotient; `cargo
//! test` runs them all.
//!
//! ```
//! use neurons::{gradient::{central_difference, H}, sigmoid::{sigmoid, sigmoid_prime}};
//!
//! let z = 0.8;
//! approx::assert_relative_eq!(sigmoid_prime(z), central_difference(sigmoid, z, H), max_relative = 1e-8);
//! ```

#![warn(missing_docs)]

// Part I: a network is just a function.
pub mod pixels;
pub mod neuron;
pub mod sigmoid;
pub mod layer;

// Part II: being wrong, precisely, and walking downhill.
pub mod cost;
pub mod gradient;
pub mod gradient_descent;
pub mod wishes;

// Part III: the derivations.
pub mod chain_rule;
pub mod perceptron;
pub mod perceptron_multi;
pub mod backprop;
pub mod cross_entropy;
pub mod softmax;

// Part IV: let the machine differentiate.
pub mod tape;
pub mod autograd;

// Part V: MNIST.
pub mod mnist;
#[cfg(feature = "engine")]
pub mod speed;

// What is not a chapter: the checks of all derivatives; where digits come from; the fast engine;
// what draws the figures; files; what the trainer keeps, compares and looks into.
#[cfg(feature = "files")]
pub mod checks;
pub mod digits;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "figures")]
pub mod figures;
#[cfg(feature = "files")]
pub mod files;
#[cfg(feature = "files")]
pub mod trainer;

pub use ndarray;
#[cfg(feature = "figures")]
pub use plotters;

#[cfg(all(doctest, feature = "pages"))]
mod pages {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}
