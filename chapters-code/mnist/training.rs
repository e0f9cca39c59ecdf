//! A run that can be stopped after any step and go on.

use std::ops::ControlFlow;
use std::time::Instant;

use crate::digits::threads::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::optimiser::{Memory, add_penalty_gradient};
use super::predictions;
use super::recipe::Recipe;
use crate::backprop;
use crate::gradient_descent::mini_batches;
use crate::layer::{Layer, Network};
use crate::pixels::{Digits, fraction_correct};

/// The result of one epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// 1 for the first.
    pub number: usize,
    /// Its learning rate.
    pub rate: f64,
    /// The mean cost of the training pictures, each measured just before the step that
    /// used it, without the penalty of L2.
    pub cost: f64,
    /// Accuracy on the validation pictures, from 0 to 1.
    pub validation: f64,
    /// The digit that every validation picture was taken for, if it was the same for all.
    pub constant: Option<u8>,
    /// Seconds since training began.
    pub seconds: f64,
}

/// Why training stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the cost is no longer a finite number in epoch {epoch}: the steps are \
     too long; try a learning rate of {:?} in place of {rate:?}",
    format!("{:.0e}", rate / 10.0).parse::<f64>().unwrap_or(*rate)
)]
pub struct Diverged {
    /// The epoch in which it happened, 1 for the first.
    pub epoch: usize,
    /// The learning rate at the start, which was too large.
    pub rate: f64,
}

/// A training run between two steps: all that the next step depends on.
#[derive(Clone, Debug)]
pub struct Training {
    /// What is done.
    pub recipe: Recipe,
    /// The network as it is now.
    pub network: Network,
    /// What the optimiser remembers.
    pub memory: Memory,
    /// The random numbers, as they were before the order of this epoch was drawn.
    pub random: ChaCha8Rng,
    /// How many steps of this epoch are done.
    pub steps: usize,
    /// The sum of the costs of the pictures of those steps.
    pub cost: f64,
    /// The results of the epochs that are done.
    pub epochs: Vec<Epoch>,
    /// If the recipe has patience: the network that was best at the validation pictures,
    /// and its epoch.
    pub best: Option<(usize, Network)>,
    /// Seconds spent so far.
    pub seconds: f64,
}

/// Where a run is when it lets others look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// After a step.
    Step,
    /// After an epoch: its [`Epoch`] is the last of the list.
    Epoch,
}

impl Training {
    /// A run before its first step.
    ///
    /// # Panics
    /// If the recipe does not begin with 784 and end with 10 neurons.
    pub fn new(recipe: Recipe) -> Self {
        let network = recipe.network();
        Training {
            memory: recipe.optimiser.memory(&network.layers),
            random: ChaCha8Rng::seed_from_u64(recipe.seed),
            network,
            steps: 0,
            cost: 0.0,
            epochs: Vec::new(),
            best: None,
            seconds: 0.0,
            recipe,
        }
    }

    /// Whether there is nothing left to do.
    pub fn is_done(&self) -> bool {
        let done = self.epochs.len();
        let tired = match (self.recipe.patience, &self.best) {
            (Some(patience), Some((best, _))) => done >= best + patience,
            _ => false,
        };
        tired || done >= self.recipe.epochs
    }

    /// The network to keep: with patience the best one, else the last.
    pub fn chosen(&self) -> &Network {
        self.best.as_ref().map_or(&self.network, |(_, network)| network)
    }

    /// Goes on to the end, or until `watch`, which is called after every step and every
    /// epoch, breaks it off; it can go on again from there, to the same weights.
    ///
    /// # Errors
    /// If the cost stops being a finite number.
    ///
    /// # Panics
    /// If the batch of the recipe is 0.
    pub fn go_on(
        &mut self,
        train: &Digits,
        validation: &Digits,
        watch: impl FnMut(&Training, Pause) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Diverged> {
        let step = |training: &mut Training, rows: &[usize]| {
            training.step(train, rows)
        };
        self.go_on_by(step, train.len(), validation, watch)
    }

    /// [`Training::go_on`] with another way to make a step of the pictures of a mini-batch,
    /// which are numbered from 0 to `pictures`.
    ///
    /// # Errors
    /// As [`Training::go_on`].
    ///
    /// # Panics
    /// As [`Training::go_on`].
    pub fn go_on_by(
        &mut self,
        mut step: impl FnMut(&mut Training, &[usize]) -> Result<(), Diverged>,
        pictures: usize,
        validation: &Digits,
        mut watch: impl FnMut(&Training, Pause) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Diverged> {
        let before = self.seconds;
        let start = Instant::now();
        while !self.is_done() {
            let mut random = self.random.clone();
            let order =
                mini_batches(pictures, self.recipe.batch, &mut random);
            for rows in order.iter().skip(self.steps) {
                step(self, rows)?;
                self.seconds = before + start.elapsed().as_secs_f64();
                if watch(self, Pause::Step).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            self.random = random;
            self.end_epoch(pictures, validation)?;
            self.seconds = before + start.elapsed().as_secs_f64();
            if watch(self, Pause::Epoch).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn step(
        &mut self,
        train: &Digits,
        rows: &[usize],
    ) -> Result<(), Diverged> {
        let epoch = self.epochs.len() + 1;
        let (cost, gradients) =
            batch_gradient(&self.network, &self.recipe, train, rows, epoch);
        self.descend(cost, gradients, rows.len())
    }

    /// A step of the optimiser from the mean cost of a number of pictures and its gradient, to
    /// which the penalty of L2 is added here.
    ///
    /// # Errors
    /// As [`Training::count_step`]; then the knobs stay as they are.
    pub fn descend(
        &mut self,
        cost: f64,
        mut gradients: Vec<Layer>,
        pictures: usize,
    ) -> Result<(), Diverged> {
        self.count_step(cost, pictures)?;
        let (Recipe { optimiser, l2, .. }, rate) =
            (&self.recipe, self.rate());
        add_penalty_gradient(&self.network.layers, *l2, &mut gradients);
        optimiser.step(
            &mut self.network.layers,
            &mut self.memory,
            &gradients,
            rate,
        );
        Ok(())
    }

    /// The learning rate of the next step.
    pub fn rate(&self) -> f64 {
        let Recipe { rate, schedule, epochs, .. } = self.recipe;
        schedule.rate(rate, self.epochs.len() + 1, epochs)
    }

    /// Counts a step, whose pictures had this mean cost before it.
    ///
    /// # Errors
    /// If the cost is not a finite number: the step should not be taken.
    pub fn count_step(
        &mut self,
        cost: f64,
        pictures: usize,
    ) -> Result<(), Diverged> {
        if !cost.is_finite() {
            return Err(self.diverged());
        }
        self.cost += cost * pictures as f64;
        self.steps += 1;
        Ok(())
    }

    fn end_epoch(
        &mut self,
        pictures: usize,
        validation: &Digits,
    ) -> Result<(), Diverged> {
        if !self.network.to_vector().iter().all(|p| p.is_finite()) {
            return Err(self.diverged());
        }
        let patience = self.recipe.patience;
        let number = self.epochs.len() + 1;
        let named = predictions(&self.network, validation);
        let epoch = Epoch {
            number,
            rate: self.rate(),
            cost: self.cost / pictures as f64,
            validation: fraction_correct(&named, &validation.labels),
            constant: named
                .iter()
                .all(|digit| *digit == named[0])
                .then(|| named[0]),
            seconds: self.seconds,
        };
        let so_far = self
            .best
            .as_ref()
            .map(|(best, _)| self.epochs[best - 1].validation);
        if patience.is_some()
            && so_far.is_none_or(|best| epoch.validation > best)
        {
            self.best = Some((number, self.network.clone()));
        }
        self.epochs.push(epoch);
        (self.steps, self.cost) = (0, 0.0);
        Ok(())
    }

    fn diverged(&self) -> Diverged {
        Diverged { epoch: self.epochs.len() + 1, rate: self.recipe.rate }
    }
}

/// Trains a network from its first step to its last.
///
/// `after_epoch` gets the result of each epoch, and the network at that time.
///
/// ```
/// use neurons::{mnist::{accuracy, train, Recipe}, pixels::Digits};
/// let (train_set, validation) = Digits::handwriting(1200, 1).split_at(1000);
/// let recipe = Recipe { epochs: 4, rate: 0.5, ..Recipe::book() };
/// let network = train(&recipe, &train_set, &validation, |_, _| {})?;
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
    mut after_epoch: impl FnMut(&Epoch, &Network),
) -> Result<Network, Diverged> {
    let mut training = Training::new(recipe.clone());
    let _ = training.go_on(train, validation, |training, pause| {
        if let (Pause::Epoch, Some(epoch)) = (pause, training.epochs.last())
        {
            after_epoch(epoch, &training.network);
        }
        ControlFlow::Continue(())
    })?;
    Ok(training.chosen().clone())
}

/// Pictures that one thread takes at a time. It is part of the arithmetic, because sums
/// are rounded in the order in which they are added: so it is the same on any number of
/// threads.
const SHARD: usize = 64;

/// The mean cost of the pictures `rows` and its gradient: the gradients of shards add up.
pub(crate) fn batch_gradient(
    network: &Network,
    recipe: &Recipe,
    digits: &Digits,
    rows: &[usize],
    epoch: usize,
) -> (f64, Vec<Layer>) {
    let shard_gradient = |shard: &[usize]| {
        let (x, y) = (recipe.shown(digits, shard, epoch), digits.y(shard));
        let share = shard.len() as f64 / rows.len() as f64;
        let (cost, mut gradients) = backprop::cost_and_gradient(
            network,
            recipe.objective.cost(),
            &x,
            &y,
        );
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
    let shards: Vec<_> =
        rows.par_chunks(SHARD).map(shard_gradient).collect();
    let add = |(cost, mut sum): (f64, Vec<Layer>),
               (more, gradients): (f64, Vec<Layer>)| {
        for (sum, layer) in sum.iter_mut().zip(&gradients) {
            sum.w += &layer.w;
            sum.b += &layer.b;
        }
        (cost + more, sum)
    };
    shards
        .into_iter()
        .reduce(add)
        .expect("a batch has at least one picture")
}
