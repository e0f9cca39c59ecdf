//! The fast engine: the steps of the trainer in f32, without the pixels that are zero, in
//! vectors, on several cores. Chapter 20 shows how it came about. It computes what
//! [`backprop`](crate::backprop) computes, and a test compares the two.
//!
//! | where | what |
//! |---|---|
//! | `engine` | [`go_on`], which trains; [`Engine`], which holds the network and takes one step |
//! | `step` | the three phases of a step |
//! | `step::plan` | who does what |
//! | `step::first_layer` | phase 1: the weighted sums of the first layer |
//! | `step::upper_layers` | phase 2: the layers above, the cost, and δ on the way back |
//! | `step::update` | phase 3: the gradients of the knobs |
//! | `step::pass` | what becomes of a finished sum; the costs |
//! | `knobs` | the step of each knob: plain gradient descent, momentum, Adam |
//! | `fast_layer` | how a layer lies in memory, and how the first is cut into pieces |
//! | [`lit`] | pictures as lists of their pixels that are not zero |
//! | `workspace` | those lists turned round, and space for sums |
//! | [`kernel`] | the matrix product in vectors, the activations, eˣ |
//! | [`pool`] | threads that spin while they wait, and tables that they share |
//! | `mpi` | a run that several processes share |
//!
//! A step has three phases; the threads wait for each other between them.
//! 1. The weighted sums of the first layer, for all pictures: each thread works on some of the
//!    layer's weights.
//! 2. The layers above, the cost, and δ on the way back: each thread works on some pictures.
//! 3. The knobs: each thread updates its own weights of the first layer, and some rows of the
//!    other layers.
//!
//! A narrow first layer is divided by pixels: one of two threads takes the upper half of every
//! picture, the other the lower half. So each turns half of the batch, and phase 2 adds the two
//! half sums.
//! A wide layer is divided by neurons, tile by tile. If the layer above it is short, a tile also
//! computes what it adds to that layer's sums, and its own δ, so that its activations never leave
//! the cache of the core that made them.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ops::ControlFlow;

use pulp::Arch;

use crate::layer::Network;
use crate::mnist::distortion::Distortion;
use crate::mnist::optimiser::{Memory, Optimiser};
use crate::mnist::{
    Diverged, Objective, Pause, Precision, Recipe, Training,
};
use crate::pixels::{Digits, fraction_correct};
use crate::sigmoid::Activation;

mod fast_layer;
pub mod kernel;
mod knobs;
pub mod lit;
#[cfg(feature = "mpi")]
pub mod mpi;
pub mod pool;
mod step;
mod workspace;

use fast_layer::{FastLayer, Piece, is_wide, transpose};
use kernel::{Aligned, LINE, zeros};
use knobs::Rule;
use lit::{BLOCK, Lit};
use pool::{Parted, Pool, share};
use step::first_layer::FirstLayer;
use step::plan::Plan;
use step::update::Update;
use step::upper_layers::UpperLayers;
use workspace::Workspace;

/// In a narrow network, a step of fewer pictures is over before a second thread has noticed it.
const FEW: usize = 20;

/// [`Training::go_on`] with the arithmetic that the recipe asks for.
///
/// Copying the network back costs one step, so it is done only after steps for which `wanted`
/// returns true, and at the end of each epoch; after these, `watch` is called. `wanted` must not
/// read the network or its moments, which may be out of date.
///
/// ```
/// use std::ops::ControlFlow;
/// use neurons::mnist::{accuracy, Precision, Recipe, Training};
/// use neurons::pixels::Digits;
/// let (train, validation) = Digits::handwriting(1200, 1).split_at(1000);
/// let recipe = Recipe { epochs: 4, rate: 0.5, precision: Precision::F32, ..Recipe::book() };
/// let mut training = Training::new(recipe);
/// let _ = neurons::engine::go_on(&mut training, &train, &validation, |_| false, |_, _| {
///     ControlFlow::Continue(())
/// })?;
/// assert!(accuracy(&training.network, &validation) > 0.5);
/// # Ok::<(), neurons::mnist::Diverged>(())
/// ```
///
/// # Errors
/// As [`Training::go_on`].
///
/// # Panics
/// As [`Training::go_on`].
pub fn go_on(
    training: &mut Training,
    train: &Digits,
    validation: &Digits,
    mut wanted: impl FnMut(&Training) -> bool,
    watch: impl FnMut(&Training, Pause) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Diverged> {
    if training.recipe.precision == Precision::F64 {
        return training.go_on(train, validation, watch_if(wanted, watch));
    }
    let asked_for = Cell::new(false);
    let Training { recipe, network, memory, .. } = &*training;
    let mut engine =
        Engine::new(recipe, network, memory, rayon::current_num_threads());
    let mut pictures = Pictures::of(train, recipe);
    let steps = train.len().div_ceil(recipe.batch);
    let step = |training: &mut Training, rows: &[usize]| {
        let (lit, labels, rows) =
            pictures.shown(training, train, rows, &mut engine.pool);
        let cost = engine.step(lit, labels, rows, training.rate());
        training.count_step(cost, rows.len())?;
        training.memory.steps += 1;
        let asked = wanted(training);
        if asked || training.steps == steps {
            engine.bring_home(&mut training.network, &mut training.memory);
        }
        asked_for.set(asked);
        Ok(())
    };
    let watch = watch_if(|_| asked_for.get(), watch);
    training.go_on_by(step, train.len(), validation, watch)
}

/// Calls `watch` after every epoch, and after the steps for which `wanted` returns true.
pub fn watch_if(
    mut wanted: impl FnMut(&Training) -> bool,
    mut watch: impl FnMut(&Training, Pause) -> ControlFlow<()>,
) -> impl FnMut(&Training, Pause) -> ControlFlow<()> {
    move |training, pause| match pause == Pause::Epoch || wanted(training) {
        true => watch(training, pause),
        false => ControlFlow::Continue(()),
    }
}

/// The pictures that the engine learns from.
enum Pictures {
    /// The same pictures in every epoch.
    Same(Lit),
    /// Pictures that are distorted anew for each step, rounded to bytes like those of the files.
    New { lit: Lit, bytes: Vec<u8>, labels: Vec<u8>, rows: Vec<usize> },
}

impl Pictures {
    fn of(train: &Digits, recipe: &Recipe) -> Self {
        let pixels = train.images.ncols();
        if recipe.distortion == Distortion::None {
            return Pictures::Same(Lit::from(train));
        }
        Pictures::New {
            lit: Lit::new(pixels),
            bytes: vec![],
            labels: vec![],
            rows: (0..recipe.batch).collect(),
        }
    }

    /// The pictures `wanted` as the current epoch shows them: lists, labels, and the rows of
    /// these pictures in both.
    fn shown<'a>(
        &'a mut self,
        training: &Training,
        train: &'a Digits,
        wanted: &'a [usize],
        pool: &mut Pool,
    ) -> (&'a Lit, &'a [u8], &'a [usize]) {
        let (lit, bytes, labels, rows) = match self {
            Pictures::Same(lit) => return (lit, &train.labels, wanted),
            Pictures::New { lit, bytes, labels, rows } => {
                (lit, bytes, labels, rows)
            }
        };
        let (epoch, pixels) =
            (training.epochs.len() + 1, train.images.ncols());
        bytes.resize(wanted.len() * pixels, 0);
        let rows_of_bytes = Parted::new(bytes, pixels);
        let threads = pool.threads();
        pool.run(|t| {
            for i in share(wanted.len(), t, threads) {
                let x = training.recipe.shown(train, &wanted[i..=i], epoch);
                // SAFETY: picture i belongs to thread t alone.
                let to = unsafe { rows_of_bytes.claim_rows(i..i + 1) };
                to.iter_mut()
                    .zip(&x)
                    .for_each(|(to, x)| *to = (255.0 * x).round() as u8);
            }
        });
        lit.clear();
        bytes.chunks_exact(pixels).for_each(|picture| lit.push(picture));
        labels.clear();
        labels.extend(wanted.iter().map(|&row| train.labels[row]));
        (lit, labels, &rows[..wanted.len()])
    }
}

/// A network in f32, laid out for speed, with all the memory that its steps need.
pub struct Engine {
    arch: Arch,
    pool: Pool,
    activation: Activation,
    objective: Objective,
    optimiser: Optimiser,
    l2: f32,
    steps: u64,
    /// The largest number of pictures in a step.
    batch: usize,
    inputs: usize,
    /// The first layer, cut into what one thread can work on alone.
    pieces: Vec<Piece>,
    layers: Vec<FastLayer>,
    /// One for each thread.
    workspaces: Vec<Workspace>,
    /// For each tile of the first layer and each picture, what the tile adds to the sums of the
    /// second layer. Empty unless the first layer is wide and the second has at most a cache line
    /// of neurons.
    partial: Aligned,
    costs: Vec<f32>,
}

impl Engine {
    /// An engine that continues from the state of a network and its optimiser.
    ///
    /// It uses at most `threads` threads, and no more than it has pieces of the first layer to
    /// give out: two for at most 64 neurons, four for at most 128. With at most 128 neurons and
    /// batches of fewer than 20 pictures it uses one.
    ///
    /// # Panics
    /// If the recipe's batch is 0, or the network has other layers than the recipe says.
    pub fn new(
        recipe: &Recipe,
        network: &Network,
        memory: &Memory,
        threads: usize,
    ) -> Engine {
        assert!(recipe.batch > 0, "a batch has at least one picture");
        assert_eq!(
            network.sizes(),
            recipe.sizes,
            "layers of the network and of the recipe"
        );
        let moments = match recipe.optimiser {
            // With μ = 0 nothing has to be remembered.
            Optimiser::Momentum(0.0) => 0,
            optimiser => optimiser.moments(),
        };
        let layer = |(l, sizes): (usize, &[usize])| {
            FastLayer::new(
                l == 0,
                [sizes[0], sizes[1]],
                recipe.batch,
                moments,
            )
        };
        let layers: Vec<_> =
            recipe.sizes.windows(2).enumerate().map(layer).collect();
        let tiles = &layers[0].shape.tiles;
        let (pieces, wide) = (Piece::all(tiles), is_wide(tiles));
        let most =
            if !wide && recipe.batch < FEW { 1 } else { pieces.len() };
        let threads = threads.clamp(1, most);
        let by_tile = wide
            && layers
                .get(1)
                .is_some_and(|layer| layer.shape.columns == LINE);
        let partial = zeros(if by_tile {
            tiles.len() * recipe.batch * LINE
        } else {
            0
        });
        let blocks = recipe.sizes[0].div_ceil(BLOCK);
        let mut engine = Engine {
            arch: Arch::new(),
            pool: Pool::new(threads),
            activation: recipe.activation,
            objective: recipe.objective,
            optimiser: recipe.optimiser,
            l2: recipe.l2 as f32,
            steps: memory.steps,
            batch: recipe.batch,
            inputs: recipe.sizes[0],
            pieces,
            layers,
            workspaces: (0..threads)
                .map(|_| Workspace::new(blocks))
                .collect(),
            partial,
            costs: vec![0.0; recipe.batch],
        };
        for (fast, layer) in engine.layers.iter_mut().zip(&network.layers) {
            fast.copy_from(layer, |knobs| &mut knobs.values);
        }
        for (i, moments) in memory.moments.iter().enumerate().take(moments)
        {
            for (fast, layer) in engine.layers.iter_mut().zip(moments) {
                fast.copy_from(layer, |knobs| &mut knobs.moments[i]);
            }
        }
        for l in 1..engine.layers.len() {
            let (below, above) = engine.layers.split_at_mut(l);
            let FastLayer { shape, w, transposed, .. } = &mut above[0];
            let (tiles, inputs) = (&below[l - 1].shape.tiles, shape.inputs);
            let transposed = Parted::new(transposed, 1);
            // SAFETY: this thread alone has the layer.
            unsafe {
                transpose(shape, tiles, 0..inputs, &w.values, &transposed);
            }
        }
        engine
    }

    /// Copies what was learned into a network and a memory of the same recipe.
    pub fn bring_home(
        &mut self,
        network: &mut Network,
        memory: &mut Memory,
    ) {
        for (fast, layer) in self.layers.iter().zip(&mut network.layers) {
            fast.copy_to(layer, |knobs| &knobs.values);
        }
        memory.steps = self.steps;
        for i in 0..self.layers[0].w.moments.len() {
            let moments = &mut memory.moments[i];
            for (fast, layer) in self.layers.iter().zip(moments) {
                fast.copy_to(layer, |knobs| &knobs.moments[i]);
            }
        }
    }

    /// How many threads it uses.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// A step of gradient descent along the mean gradient of the pictures `rows`. Returns the
    /// mean of their costs before the step, without the penalty of L2.
    ///
    /// ```
    /// use neurons::{engine::{Engine, lit::Lit}, mnist::{Recipe, Training}, pixels::Digits};
    /// let digits = Digits::handwriting(200, 1);
    /// let lit = Lit::from(&digits);
    /// let training = Training::new(Recipe { batch: 100, rate: 1.0, ..Recipe::book() });
    /// let mut engine = Engine::new(&training.recipe, &training.network, &training.memory, 2);
    /// let rows: Vec<usize> = (0..100).collect();
    /// let costs: Vec<f64> = (0..50).map(|_| engine.step(&lit, &digits.labels, &rows, 1.0)).collect();
    /// assert!(costs[49] < costs[0]);
    /// ```
    ///
    /// # Panics
    /// If there are no rows or more than the recipe's batch, if a row has no picture or no
    /// label, or if the number of pixels of a picture is not the network's number of inputs.
    pub fn step(
        &mut self,
        lit: &Lit,
        labels: &[u8],
        rows: &[usize],
        rate: f64,
    ) -> f64 {
        let last = self.layers.last().expect("there is one");
        let outputs = last.shape.outputs;
        assert!(
            rows.iter().all(|&row| usize::from(labels[row]) < outputs),
            "labels"
        );
        self.work(lit, rows, Some((labels, rate)));
        let costs =
            self.costs[..rows.len()].iter().map(|&cost| f64::from(cost));
        costs.sum::<f64>() / rows.len() as f64
    }

    /// The digit that the network names for each of the pictures `rows`.
    ///
    /// # Panics
    /// As [`Engine::step`].
    pub fn predictions(&mut self, lit: &Lit, rows: &[usize]) -> Vec<u8> {
        self.work(lit, rows, None);
        let last = self.layers.last().expect("there is one");
        let pictures =
            last.a.chunks_exact(last.shape.stride).take(rows.len());
        let named = pictures.map(|a| {
            let best = (0..last.shape.outputs)
                .max_by(|&i, &j| a[i].total_cmp(&a[j]));
            best.expect("at least one output") as u8
        });
        named.collect()
    }

    /// The fraction of the pictures whose digit it names correctly, from 0 to 1.
    ///
    /// # Panics
    /// As [`Engine::step`].
    pub fn accuracy(&mut self, lit: &Lit, labels: &[u8]) -> f64 {
        let all: Vec<usize> = (0..lit.len()).collect();
        let (batch, mut named) = (self.batch, vec![]);
        for rows in all.chunks(batch) {
            named.extend(self.predictions(lit, rows));
        }
        fraction_correct(&named, labels)
    }

    /// Puts some pictures through the network, and learns from them if there are labels and a
    /// rate.
    fn work(
        &mut self,
        lit: &Lit,
        rows: &[usize],
        learn: Option<(&[u8], f64)>,
    ) {
        assert_eq!(
            lit.inputs(),
            self.inputs,
            "numbers of a picture, and inputs"
        );
        assert!(
            (1..=self.batch).contains(&rows.len()),
            "pictures of a batch"
        );
        assert!(
            rows.iter().all(|&row| row < lit.len()),
            "rows of pictures"
        );
        let plan = Plan {
            lit,
            rows,
            hidden: self.activation,
            objective: self.objective,
            layers: self.layers.len(),
            pieces: &self.pieces,
            threads: self.pool.threads(),
            is_wide: is_wide(&self.layers[0].shape.tiles),
            by_tile: !self.partial.is_empty(),
        };
        let Engine {
            arch, pool, layers, workspaces, partial, costs, ..
        } = self;
        let phase_1 = FirstLayer::new(&plan, layers, partial);
        step::run(&phase_1, *arch, pool, workspaces);
        let labels = learn.map(|(labels, _)| labels);
        let phase_2 =
            UpperLayers::new(&plan, labels, layers, partial, costs);
        step::run(&phase_2, *arch, pool, workspaces);
        let Some((_, rate)) = learn else { return };
        self.steps += 1;
        let rule = Rule {
            rate: rate as f32,
            share: 1.0 / rows.len() as f32,
            l2: self.l2,
            optimiser: self.optimiser,
            seen: knobs::seen(self.steps),
        };
        let phase_3 = Update::new(&plan, rule, layers);
        step::run(&phase_3, *arch, pool, workspaces);
    }
}
