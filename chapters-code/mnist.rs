//! Chapter 17. The trainer: shuffle, mini-batch, step; validate; test.

use std::ops::Range;
use std::time::Instant;

use ndarray::{Array1, Array2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::backprop;
use crate::cost::{Cost, Quadratic, largest};
use crate::cross_entropy::CrossEntropy;
use crate::gradient_descent::{mini_batches, step};
use crate::layer::{Layer, Network};
use crate::pixels::{CLASSES, Digits};
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
    /// The cost, as a function of what the last layer hands on.
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
            Objective::CrossEntropy | Objective::Softmax => Activation::Identity,
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

/// Everything that decides how a training run goes: the same recipe on the same digits
/// gives the same weights to the bit, on any number of threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Neurons a layer, from the 784 inputs to the 10 outputs.
    pub sizes: Vec<usize>,
    /// The activation of the hidden layers.
    pub activation: Activation,
    /// The cost, and with it the output layer.
    pub objective: Objective,
    /// How often every training picture is seen.
    pub epochs: usize,
    /// Pictures a step.
    pub batch: usize,
    /// The learning rate η at the start.
    pub rate: f64,
    /// The momentum μ, from 0 to less than 1.
    pub momentum: f64,
    /// Decides the first weights and the order of the pictures.
    pub seed: u64,
}

impl Recipe {
    /// The book's network, 784-16-16-10, as `cargo run --release` trains it.
    pub fn book() -> Self {
        Recipe {
            sizes: vec![784, 16, 16, 10],
            activation: Activation::Sigmoid,
            objective: Objective::Softmax,
            epochs: 20,
            batch: 10,
            rate: 0.1,
            momentum: 0.0,
            seed: 1,
        }
    }

    /// The network before its first step.
    pub fn network(&self) -> Network {
        Network::random(
            &self.sizes,
            self.activation,
            self.objective.last_activation(),
            self.seed,
        )
    }
}

/// What one epoch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// 1 for the first.
    pub number: usize,
    /// The mean cost of the training pictures, each measured just before the step that
    /// used it.
    pub cost: f64,
    /// Accuracy on the validation pictures, from 0 to 1.
    pub validation: f64,
    /// Seconds since training began.
    pub seconds: f64,
}

/// Why training stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the cost is no longer a finite number in epoch {epoch}: the steps are too long; \
     try a learning rate of {:?} in place of {rate:?}", rate / 10.0
)]
pub struct Diverged {
    /// The epoch in which it happened, 1 for the first.
    pub epoch: usize,
    /// The learning rate that was too large.
    pub rate: f64,
}

/// Trains a network by mini-batch gradient descent.
///
/// `after_step` is told after each step how many pictures of the epoch are done,
/// `after_epoch` what the epoch came to, with the network as it is then.
///
/// ```
/// use neurons::{mnist::{accuracy, train, Recipe}, pixels::Digits};
/// let (train_set, validation) = Digits::handwriting(1200, 1).split_at(1000);
/// let recipe = Recipe { epochs: 4, rate: 0.5, ..Recipe::book() };
/// let network = train(&recipe, &train_set, &validation, |_| {}, |_, _| {})?;
/// assert!(accuracy(&network, &validation) > 0.5);
/// # Ok::<(), neurons::mnist::Diverged>(())
/// ```
///
/// # Errors
/// If the cost stops being a finite number.
///
/// # Panics
/// If the recipe does not begin with 784 and end with 10 neurons, or its batch is 0.
pub fn train(
    recipe: &Recipe,
    train: &Digits,
    validation: &Digits,
    mut after_step: impl FnMut(usize),
    mut after_epoch: impl FnMut(&Epoch, &Network),
) -> Result<Network, Diverged> {
    let mut network = recipe.network();
    let mut velocity = network.clone().layers;
    velocity.iter_mut().for_each(|layer| {
        layer.w.fill(0.0);
        layer.b.fill(0.0);
    });
    let mut random = ChaCha8Rng::seed_from_u64(recipe.seed);
    let start = Instant::now();

    for number in 1..=recipe.epochs {
        let (mut cost, mut done) = (0.0, 0);
        for rows in mini_batches(train.len(), recipe.batch, &mut random) {
            let (batch_cost, gradients) =
                batch_gradient(&network, recipe.objective, train, &rows);
            if !batch_cost.is_finite() {
                return Err(Diverged { epoch: number, rate: recipe.rate });
            }
            step(
                &mut network.layers,
                &mut velocity,
                &gradients,
                recipe.rate,
                recipe.momentum,
            );
            cost += batch_cost * rows.len() as f64;
            done += rows.len();
            after_step(done);
        }
        if !network.to_vector().iter().all(|p| p.is_finite()) {
            return Err(Diverged { epoch: number, rate: recipe.rate });
        }
        let epoch = Epoch {
            number,
            cost: cost / train.len() as f64,
            validation: accuracy(&network, validation),
            seconds: start.elapsed().as_secs_f64(),
        };
        after_epoch(&epoch, &network);
    }
    Ok(network)
}

/// Pictures that one thread takes at a time. It is part of the arithmetic, because sums
/// are rounded in the order in which they are added: so it is the same on any number of
/// threads.
const SHARD: usize = 64;

/// The mean cost of the pictures `rows` and its gradient: the gradients of shards add up.
fn batch_gradient(
    network: &Network,
    objective: Objective,
    digits: &Digits,
    rows: &[usize],
) -> (f64, Vec<Layer>) {
    let shard_gradient = |shard: &[usize]| {
        let (x, y) = (digits.x(shard), digits.y(shard));
        let share = shard.len() as f64 / rows.len() as f64;
        let (cost, mut gradients) =
            backprop::cost_and_gradient(network, objective.cost(), &x, &y);
        if share < 1.0 {
            for layer in &mut gradients {
                layer.w *= share;
                layer.b *= share;
            }
        }
        (cost * share, gradients)
    };
    if rows.len() <= SHARD {
        return shard_gradient(rows);
    }
    let shards: Vec<_> = rows.par_chunks(SHARD).map(shard_gradient).collect();
    let add = |(cost, mut sum): (f64, Vec<Layer>),
               (more, gradients): (f64, Vec<Layer>)| {
        for (sum, layer) in sum.iter_mut().zip(&gradients) {
            sum.w += &layer.w;
            sum.b += &layer.b;
        }
        (cost + more, sum)
    };
    shards.into_iter().reduce(add).expect("a batch has at least one picture")
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
    answers(network, digits).rows().into_iter().map(|row| largest(row) as u8).collect()
}

fn answers(network: &Network, digits: &Digits) -> Array2<f64> {
    const AT_ONCE: usize = 500;
    let part = |rows: Range<usize>| network.answers(&digits.x(&rows.collect::<Vec<_>>()));
    let starts: Vec<usize> = (0..digits.len()).step_by(AT_ONCE).collect();
    let parts: Vec<Array2<f64>> = starts
        .into_par_iter()
        .map(|from| part(from..(from + AT_ONCE).min(digits.len())))
        .collect();
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    ndarray::concatenate(Axis(0), &views).unwrap_or_else(|_| Array2::zeros((0, CLASSES)))
}

/// The part of the pictures whose digit the network names rightly, from 0 to 1.
pub fn accuracy(network: &Network, digits: &Digits) -> f64 {
    let pairs = predictions(network, digits).into_iter().zip(&digits.labels);
    pairs.filter(|(named, label)| named == *label).count() as f64 / digits.len() as f64
}

/// How often the digit of row i was named j: shape (10, 10).
pub fn confusions(network: &Network, digits: &Digits) -> Array2<usize> {
    let mut counts = Array2::zeros((CLASSES, CLASSES));
    for (named, &label) in predictions(network, digits).into_iter().zip(&digits.labels) {
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
