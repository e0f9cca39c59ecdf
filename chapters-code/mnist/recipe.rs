//! What is settled before the first step of a run.

use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::distortion::Distortion;
use super::optimiser::{Optimiser, Schedule};
use crate::cost::{Cost, Quadratic};
use crate::cross_entropy::CrossEntropy;
use crate::layer::Network;
use crate::pixels::Digits;
use crate::sigmoid::{Activation, sigmoid};
use crate::softmax::{SoftmaxCrossEntropy, softmax};

/// What is minimised, and with it what the last layer does to its weighted sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// ½ Σ (σ(z) − y)².
    Quadratic,
    /// Binary cross-entropy of each output, from its weighted sum.
    CrossEntropy,
    /// Cross-entropy of the softmax of all outputs.
    Softmax,
}

impl Objective {
    /// The cost, as a function of the outputs of the last layer.
    pub fn cost(self) -> &'static dyn Cost {
        match self {
            Objective::Quadratic => &Quadratic,
            Objective::CrossEntropy => &CrossEntropy,
            Objective::Softmax => &SoftmaxCrossEntropy,
        }
    }

    /// What the last layer applies: σ for the quadratic cost; nothing for the other two,
    /// which take weighted sums.
    pub fn last_activation(self) -> Activation {
        match self {
            Objective::Quadratic => Activation::Sigmoid,
            Objective::CrossEntropy | Objective::Softmax => {
                Activation::Identity
            }
        }
    }

    /// The ten answers of one picture as numbers from 0 to 1.
    pub fn probabilities(self, answers: &Array1<f64>) -> Array1<f64> {
        match self {
            Objective::Quadratic => answers.clone(),
            Objective::CrossEntropy => answers.mapv(sigmoid),
            Objective::Softmax => softmax(answers),
        }
    }
}

/// Where the weights and biases start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Weights of variance 1/p, where p is the number of inputs of their neuron; biases 0.
    Scaled,
    /// Weights and biases of variance 1, as in the first chapter of Nielsen's book.
    Unit,
}

/// How the numbers of a run are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As f64, by the code of this chapter.
    #[default]
    F64,
    /// As f32, by the fast engine of chapter 20.
    F32,
}

/// Everything that decides how a training run goes: the same recipe on the same digits
/// gives the same weights to the bit, on any number of threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Neurons in each layer, from the 784 inputs to the 10 outputs.
    pub sizes: Vec<usize>,
    /// Where the weights and biases start.
    pub start: Start,
    /// The activation of the hidden layers.
    pub activation: Activation,
    /// The cost, and with it the output layer.
    pub objective: Objective,
    /// How often every training picture is seen.
    pub epochs: usize,
    /// Pictures in each step.
    pub batch: usize,
    /// The learning rate η at the start.
    pub rate: f64,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// How a gradient becomes a step.
    pub optimiser: Optimiser,
    /// λ of L2: ½ λ Σ w² is added to the cost.
    pub l2: f64,
    /// Training stops after this many epochs without a better validation accuracy, and the
    /// best network is kept.
    pub patience: Option<usize>,
    /// How a training picture is changed each time it is shown.
    pub distortion: Distortion,
    /// How the numbers are kept.
    pub precision: Precision,
    /// Decides the first weights, the order of the pictures and their distortions.
    pub seed: u64,
}

impl Recipe {
    /// The book's network, 784-16-16-10, as `cargo run --release` trains it.
    pub fn book() -> Self {
        Recipe {
            sizes: vec![784, 16, 16, 10],
            start: Start::Scaled,
            activation: Activation::Sigmoid,
            objective: Objective::Softmax,
            epochs: 20,
            batch: 10,
            rate: 0.1,
            schedule: Schedule::Constant,
            optimiser: Optimiser::Momentum(0.0),
            l2: 0.0,
            patience: None,
            distortion: Distortion::None,
            precision: Precision::F64,
            seed: 1,
        }
    }

    /// The network before its first step.
    pub fn network(&self) -> Network {
        let last = self.objective.last_activation();
        let mut network =
            Network::random(&self.sizes, self.activation, last, self.seed);
        if self.start == Start::Unit {
            let mut random = self.stream(u64::MAX);
            for layer in &mut network.layers {
                layer.w *= (layer.w.ncols() as f64).sqrt();
                layer
                    .b
                    .mapv_inplace(|_| StandardNormal.sample(&mut random));
            }
        }
        network
    }

    /// A separate stream of random numbers for every `number`, so that what is drawn for one
    /// purpose does not depend on what else was drawn, or by which thread.
    fn stream(&self, number: u64) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(number);
        random
    }

    /// The pictures numbered `rows` as they are shown in an epoch: shape (rows, 784).
    pub(crate) fn shown(
        &self,
        digits: &Digits,
        rows: &[usize],
        epoch: usize,
    ) -> Array2<f64> {
        let mut x = digits.x(rows);
        if self.distortion != Distortion::None {
            for (mut picture, &row) in x.rows_mut().into_iter().zip(rows) {
                let mut random =
                    self.stream(((epoch as u64) << 32) + row as u64);
                let bent = self.distortion.of(picture.view(), &mut random);
                picture.assign(&bent);
            }
        }
        x
    }
}
