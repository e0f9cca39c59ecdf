//! The work; also for the book's example `peers`, which cannot depend on this package.

use neurons::mnist::{Objective, Recipe};
use neurons::sigmoid::Activation;

/// The networks that are trained, and how: plain gradient descent by mini-batches.
pub fn workloads() -> [(&'static str, Recipe); 4] {
    let quadratic = |sizes: &[usize], batch| Recipe {
        sizes: sizes.to_vec(),
        objective: Objective::Quadratic,
        batch,
        rate: 3.0,
        ..Recipe::book()
    };
    let softmax = |hidden| Recipe {
        sizes: vec![784, hidden, 10],
        activation: Activation::Relu,
        batch: 100,
        ..Recipe::book()
    };
    [
        ("W1", quadratic(&[784, 16, 16, 10], 100)),
        ("W2", quadratic(&[784, 30, 10], 10)),
        ("W3", softmax(128)),
        ("W4", softmax(800)),
    ]
}
