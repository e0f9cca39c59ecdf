//! Chapter 17. The trainer: shuffle, mini-batch, step; validate; test.

use crate::digits::threads::*;
use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::backprop::cost_and_gradient;
use crate::cost::largest;
use crate::gradient_descent::mini_batches;
use crate::layer::Network;
use crate::pixels::{CLASSES, Digits, fraction_correct};
use crate::softmax::SoftmaxCrossEntropy;

pub mod distortion;
pub mod optimiser;
mod recipe;
pub(crate) mod training;

pub use recipe::{Objective, Precision, Recipe, Start};
pub use training::{Diverged, Epoch, Pause, Training, train};

/// Plain stochastic gradient descent: after each mini-batch of m pictures, v ← v − η ∇C for
/// every weight and bias v. Returns the accuracy on the validation pictures after each epoch,
/// from 0 to 1.
///
/// C is the mean over the mini-batch of the cross-entropy of the softmax of the answers, so the
/// last layer of the network should apply nothing: `Identity`.
///
/// ```
/// use neurons::layer::Network;
/// use neurons::sigmoid::Activation::{Identity, Sigmoid};
/// use neurons::{mnist::sgd, pixels::Digits};
/// let (train, validation) = Digits::handwriting(1200, 1).split_at(1000);
/// let mut network = Network::random(&[784, 16, 10], Sigmoid, Identity, 1);
/// let accuracies = sgd(&mut network, &train, &validation, 2, 10, 0.5, 1);
/// assert!(accuracies[1] > 0.3, "one in ten is chance: {accuracies:?}");
/// ```
///
/// # Panics
/// If m is 0, or the network does not have 784 inputs and 10 outputs.
pub fn sgd(
    network: &mut Network,
    train: &Digits,
    validation: &Digits,
    epochs: usize,
    m: usize,
    eta: f64,
    seed: u64,
) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut accuracies = vec![];
    for _ in 0..epochs {
        for rows in mini_batches(train.len(), m, &mut random) {
            let (x, y) = (train.x(&rows), train.y(&rows));
            let (_, gradients) =
                cost_and_gradient(network, &SoftmaxCrossEntropy, &x, &y);
            for (layer, gradient) in
                network.layers.iter_mut().zip(gradients)
            {
                layer.w.scaled_add(-eta, &gradient.w);
                layer.b.scaled_add(-eta, &gradient.b);
            }
        }
        accuracies.push(accuracy(network, validation));
    }
    accuracies
}

/// What the network answers to every picture: shape (m, 10), as numbers from 0 to 1.
pub fn probabilities(
    network: &Network,
    objective: Objective,
    digits: &Digits,
) -> Array2<f64> {
    let mut answers = answers(network, digits);
    for mut row in answers.rows_mut() {
        let p = objective.probabilities(&row.to_owned());
        row.assign(&p);
    }
    answers
}

/// The digit that the network names for every picture.
pub fn predictions(network: &Network, digits: &Digits) -> Vec<u8> {
    answers(network, digits)
        .rows()
        .into_iter()
        .map(|row| largest(row) as u8)
        .collect()
}

fn answers(network: &Network, digits: &Digits) -> Array2<f64> {
    const AT_ONCE: usize = 500;
    let rows: Vec<usize> = (0..digits.len()).collect();
    let parts: Vec<Array2<f64>> = rows
        .par_chunks(AT_ONCE)
        .map(|rows| network.answers(&digits.x(rows)))
        .collect();
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    ndarray::concatenate(Axis(0), &views)
        .unwrap_or_else(|_| Array2::zeros((0, CLASSES)))
}

/// The fraction of the pictures whose digit the network names correctly, from 0 to 1.
pub fn accuracy(network: &Network, digits: &Digits) -> f64 {
    fraction_correct(&predictions(network, digits), &digits.labels)
}

/// How often the digit of row i was named j: shape (10, 10).
pub fn confusions(network: &Network, digits: &Digits) -> Array2<usize> {
    let mut counts = Array2::zeros((CLASSES, CLASSES));
    for (named, &label) in
        predictions(network, digits).into_iter().zip(&digits.labels)
    {
        counts[(label as usize, named as usize)] += 1;
    }
    counts
}

/// √(p(1 − p)/n): by how much an accuracy p, measured on n pictures drawn by chance,
/// would differ from draw to draw (one standard deviation).
///
/// ```
/// approx::assert_abs_diff_eq!(neurons::mnist::binomial_error(0.95, 10_000), 0.0022, epsilon = 5e-5);
/// ```
pub fn binomial_error(p: f64, n: usize) -> f64 {
    (p * (1.0 - p) / n as f64).sqrt()
}
