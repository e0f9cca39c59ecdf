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
//!
//! # The chapters, in five parts
//!
//! 1. *A network is just a function*: what a picture is ([`pixels`]), one weighted sum
//!    ([`neuron`]), what is applied to it ([`sigmoid`]), and many of them at once ([`layer`]).
//! 2. *Being wrong, precisely, and walking downhill*: how wrong ([`cost`]), which way is down
//!    ([`gradient`]), the walk ([`gradient_descent`]), and what one example asks for ([`wishes`]).
//! 3. *The derivations*: [`chain_rule`], one neuron ([`perceptron`]), one layer
//!    ([`perceptron_multi`]), all layers ([`backprop`]), and the costs that suit probabilities
//!    ([`cross_entropy`], [`softmax`]).
//! 4. *Let the machine differentiate*: numbers on a [`tape`], arrays in a graph ([`autograd`]).
//! 5. *MNIST*: the trainer ([`mnist`]), what a network holds ([`inspect`]), what its answers are
//!    worth ([`doubt`]), and how fast it can be (`speed`).
//!
//! # Around them
//!
//! - [`digits`]: where digits come from; drawn, read from files, downloaded, photographed.
//! - `engine`: a second, fast implementation of the trainer's steps, in `f32`.
//! - `files`: a file is written whole or not at all; what kind it is; arrays in safetensors.
//! - `trainer`: what a training run leaves behind, reads again, and reports.
//! - `figures`: what draws the figures of the book and of a report.
//!
//! Without features the chapters alone compile, all but `speed`, as a notebook and a browser take
//! them.

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
pub mod inspect;
pub mod doubt;
#[cfg(feature = "engine")]
pub mod speed;

// What is not a chapter.
pub mod digits;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "files")]
pub mod files;
#[cfg(feature = "files")]
pub mod trainer;
#[cfg(feature = "figures")]
pub mod figures;

pub use ndarray;
#[cfg(feature = "report")]
pub use plotters;

#[cfg(all(doctest, feature = "pages"))]
mod pages {
    include!(concat!(env!("OUT_DIR"), "/pages.rs"));
}
