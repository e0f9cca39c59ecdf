//! The fast engine: the steps of the trainer in f32, without the pixels that are zero, in
//! vectors, on several cores. Chapter 18 tells how it came to be; it computes what
//! [`backprop`](crate::backprop) computes, and is checked against that.
//!
//! A step has three phases; the threads wait for each other between them.
//! 1. The weighted sums of the first layer, for all pictures: every thread has a part of the
//!    pixels, the upper half or the lower, and, if there are more than two threads, some neurons.
//! 2. The other layers, the cost, and δ back to the first: every thread has some pictures.
//! 3. The knobs: of the first layer those of a thread's own pixels and neurons, of the others
//!    some rows.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ops::{ControlFlow, Range};

use pulp::{Arch, Simd, WithSimd};

use crate::layer::{Layer, Network};
use crate::mnist::distortion::Distortion;
use crate::mnist::optimiser::{BETA_1, BETA_2, EPSILON, Memory, Optimiser};
use crate::mnist::{Diverged, Objective, Pause, Precision, Recipe, Training};
use crate::pixels::Digits;
use crate::sigmoid::Activation;

pub mod kernel;
pub mod lit;
pub mod pool;

use kernel::{
    Aligned, LINE, Put, Rows, Table, activate, add, exp, fetch, load, product, store,
    strips, times_slope, zeros,
};
use lit::{BLOCK, Lit};
use pool::{Parted, Pool, share};

/// Neurons of the first layer that are worked on together: their weights stay in the
/// second-level cache, their sums for a chunk of pictures in the first.
const TILE: usize = 64;
/// Pictures whose sums stay in the first-level cache together.
const CHUNK: usize = 128;
/// Pictures that go through the other layers together, while their numbers are at hand.
const GROUP: usize = 16;
/// A layer of so many tiles is shared by pixels, a wider one by neurons.
const NARROW: usize = 2;
/// So many pictures ahead, memory is asked for: those of a batch lie anywhere.
const AHEAD: usize = 4;
/// Room for the list of a block. Not a power of two, so that the lists of different blocks
/// do not compete for the same places of the cache.
const ROOM: usize = CHUNK + 4;

/// [`Training::go_on`] with the arithmetic that the recipe asks for.
///
/// To bring a network home from the engine takes as long as a step. So `wanted` is asked
/// after every step, and may look at all of the run but `network` and its moments; `watch` is
/// called, with all up to date, after the steps for which it said yes, and after every epoch.
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
    mut watch: impl FnMut(&Training, Pause) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Diverged> {
    if training.recipe.precision == Precision::F64 {
        return training.go_on(train, validation, |training, pause| {
            match pause == Pause::Epoch || wanted(training) {
                true => watch(training, pause),
                false => ControlFlow::Continue(()),
            }
        });
    }
    let asked_for = Cell::new(false);
    let Training { recipe, network, memory, .. } = &*training;
    let mut engine = Engine::new(recipe, network, memory, rayon::current_num_threads());
    let mut pictures = Pictures::of(train, recipe);
    let steps = train.len().div_ceil(recipe.batch);
    let step = |training: &mut Training, rows: &[usize]| {
        let (lit, labels, rows) = pictures.shown(training, train, rows, &engine.pool);
        let cost = engine.step(lit, labels, rows, training.rate());
        training.stepped(cost, rows.len())?;
        training.memory.steps += 1;
        let asked = wanted(training);
        if asked || training.steps == steps {
            engine.bring_home(&mut training.network, &mut training.memory);
        }
        asked_for.set(asked);
        Ok(())
    };
    training.go_on_by(step, train.len(), validation, |training, pause| {
        match pause == Pause::Epoch || asked_for.get() {
            true => watch(training, pause),
            false => ControlFlow::Continue(()),
        }
    })
}

/// What the engine is shown.
enum Pictures {
    /// The same pictures in every epoch.
    Same(Lit),
    /// Pictures that are distorted each time, rounded to bytes, as those of the files are.
    New { lit: Lit, bytes: Vec<u8>, labels: Vec<u8>, rows: Vec<usize> },
}

impl Pictures {
    fn of(train: &Digits, recipe: &Recipe) -> Self {
        let pixels = train.images.ncols();
        if recipe.distortion == Distortion::None {
            let images = train.images.as_standard_layout();
            let bytes = images.as_slice().expect("it is in standard layout");
            return Pictures::Same(Lit::of(bytes, pixels));
        }
        Pictures::New {
            lit: Lit::new(pixels),
            bytes: vec![],
            labels: vec![],
            rows: (0..recipe.batch).collect(),
        }
    }

    /// The pictures `rows` of the epoch in which the run is: lists, labels, and their
    /// numbers there.
    fn shown<'a>(
        &'a mut self,
        training: &Training,
        train: &'a Digits,
        wanted: &'a [usize],
        pool: &Pool,
    ) -> (&'a Lit, &'a [u8], &'a [usize]) {
        let (lit, bytes, labels, rows) = match self {
            Pictures::Same(lit) => return (lit, &train.labels, wanted),
            Pictures::New { lit, bytes, labels, rows } => (lit, bytes, labels, rows),
        };
        let (epoch, pixels) = (training.epochs.len() + 1, train.images.ncols());
        bytes.resize(wanted.len() * pixels, 0);
        let parts = Parted::new(bytes);
        pool.run(|t| {
            for i in share(wanted.len(), t, pool.threads()) {
                let x = training.recipe.shown(train, &wanted[i..=i], epoch);
                // SAFETY: picture i is thread t's.
                let to = unsafe { parts.write(i * pixels..(i + 1) * pixels) };
                to.iter_mut().zip(&x).for_each(|(to, x)| *to = (255.0 * x).round() as u8);
            }
        });
        lit.clear();
        bytes.chunks_exact(pixels).for_each(|picture| lit.push(picture));
        labels.clear();
        labels.extend(wanted.iter().map(|&row| train.labels[row]));
        (lit, labels, &rows[..wanted.len()])
    }
}

/// A network in f32, laid out for speed, with all the room that its steps need.
pub struct Engine {
    arch: Arch,
    pool: Pool,
    activation: Activation,
    objective: Objective,
    optimiser: Optimiser,
    l2: f32,
    steps: u64,
    /// Pictures a step, at most.
    batch: usize,
    inputs: usize,
    /// What each thread does of the first layer.
    parts: Vec<Vec<Part>>,
    layers: Vec<FastLayer>,
    /// One for each thread.
    turned: Vec<Turned>,
    /// For each tile and picture, what the tile adds to the sums of the second layer: if that
    /// has no more than a cache line of neurons, and the first is wide.
    partial: Aligned,
    costs: Vec<f32>,
}

/// A layer: knobs, what the optimiser remembers of each, and room for a batch.
struct FastLayer {
    inputs: usize,
    outputs: usize,
    /// Columns of a row of `w`, a whole number of cache lines.
    columns: usize,
    /// The columns, tile by tile: one tile, but in a large first layer.
    tiles: Vec<Range<usize>>,
    /// How far it is from one picture to the next in `a` and `delta`.
    stride: usize,
    /// Row k, column j: the weight of neuron j for input k. The first layer has a table for
    /// each tile, one after the other.
    w: Knobs,
    b: Knobs,
    /// The same weights turned round, row j, column k, a table for each tile of the layer
    /// below: not for the first layer.
    turned: Aligned,
    a: Aligned,
    delta: Aligned,
}

struct Knobs {
    values: Aligned,
    moments: Vec<Aligned>,
    /// The gradient so far, if a batch has several chunks.
    gradient: Aligned,
}

impl Knobs {
    fn new(n: usize, moments: usize, gradient: bool) -> Knobs {
        Knobs {
            values: zeros(n),
            moments: (0..moments).map(|_| zeros(n)).collect(),
            gradient: zeros(if gradient { n } else { 0 }),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Entry {
    inks: [f32; BLOCK],
    picture: u32,
}

/// A chunk of pictures turned round: for each block of pixels, the pictures that light it.
struct Turned {
    count: Vec<u32>,
    entries: Vec<Entry>,
    /// The sums of a tile for each picture.
    z: Aligned,
}

impl Engine {
    /// An engine that goes on from where a network and its optimiser stand.
    ///
    /// `threads` is the most that it uses: a layer of 64 neurons or fewer is not worth a
    /// second one.
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
            // With μ = 0 the last step need not be remembered.
            Optimiser::Momentum(0.0) => 0,
            optimiser => optimiser.moments(),
        };
        let blocks = recipe.sizes[0].div_ceil(BLOCK);
        let layer = |(l, sizes): (usize, &[usize])| {
            let [inputs, outputs] = [sizes[0], sizes[1]];
            let columns = outputs.next_multiple_of(LINE);
            // An odd number of cache lines, for the reason that ROOM has.
            let stride = columns + if columns % (2 * LINE) == 0 { LINE } else { 0 };
            let [rows, turned] = match l {
                0 => [blocks * BLOCK, 0],
                _ => [inputs, inputs.next_multiple_of(LINE)],
            };
            let several = l == 0 && recipe.batch > CHUNK;
            FastLayer {
                inputs,
                outputs,
                columns,
                tiles: if l == 0 { tiles(columns) } else { vec![0..columns] },
                stride,
                w: Knobs::new(rows * columns, moments, several),
                b: Knobs::new(columns, moments, several),
                turned: zeros(outputs * turned),
                a: zeros(recipe.batch * stride),
                delta: zeros(recipe.batch * stride),
            }
        };
        let layers: Vec<_> = recipe.sizes.windows(2).enumerate().map(layer).collect();
        let tiles = &layers[0].tiles;
        let threads = threads.clamp(1, 2 * tiles.len());
        let parts = (0..threads).map(|t| Part::of(tiles, t, threads)).collect();
        let partial = match layers.get(1) {
            Some(layer) if tiles.len() > NARROW && layer.columns == LINE => {
                zeros(tiles.len() * recipe.batch * LINE)
            }
            _ => zeros(0),
        };
        let turned = || Turned {
            count: vec![0; blocks],
            entries: vec![Entry::default(); blocks * ROOM],
            z: zeros(CHUNK * (TILE + LINE)),
        };
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
            parts,
            layers,
            turned: (0..threads).map(|_| turned()).collect(),
            partial,
            costs: vec![0.0; recipe.batch],
        };
        engine.copy(&mut network.layers.clone(), |knobs| &mut knobs.values, true);
        for i in 0..moments {
            engine.copy(
                &mut memory.moments[i].clone(),
                |knobs| &mut knobs.moments[i],
                true,
            );
        }
        let layers: Vec<_> = engine.layers.iter_mut().map(Shared::new).collect();
        for pair in layers.windows(2) {
            // SAFETY: nobody else is here.
            unsafe { pair[1].turn_round(pair[0].tiles, 0..pair[1].inputs) }
        }
        drop(layers);
        engine
    }

    /// Copies numbers of all layers to the engine, or from it.
    fn copy(
        &mut self,
        layers: &mut [Layer],
        of: impl Fn(&mut Knobs) -> &mut Aligned,
        here: bool,
    ) {
        let exchange = |here_: &mut f32, there: &mut f64| match here {
            true => *here_ = *there as f32,
            false => *there = f64::from(*here_),
        };
        let rows = self.inputs.div_ceil(BLOCK) * BLOCK;
        for (l, (fast, layer)) in self.layers.iter_mut().zip(layers).enumerate() {
            let w = of(&mut fast.w);
            for ((j, k), there) in layer.w.indexed_iter_mut() {
                let at = match l {
                    0 => {
                        let all = &fast.tiles;
                        let tile = &all[all.partition_point(|tile| tile.end <= j)];
                        tile.start * rows + k * tile.len() + j - tile.start
                    }
                    _ => k * fast.columns + j,
                };
                exchange(&mut w[at], there);
            }
            let b = of(&mut fast.b);
            b.iter_mut()
                .zip(&mut layer.b)
                .for_each(|(here, there)| exchange(here, there));
        }
    }

    /// Brings what was learned home, into a network and a memory of the same recipe.
    pub fn bring_home(&mut self, network: &mut Network, memory: &mut Memory) {
        self.copy(&mut network.layers, |knobs| &mut knobs.values, false);
        memory.steps = self.steps;
        for i in 0..self.layers[0].w.moments.len() {
            self.copy(&mut memory.moments[i], |knobs| &mut knobs.moments[i], false);
        }
    }

    /// How many threads work.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// A step of gradient descent, at the mean gradient of the pictures `rows`. The mean of
    /// their costs before the step is returned, without the penalty of L2.
    ///
    /// ```
    /// use neurons::{engine::{Engine, lit::Lit}, mnist::{Recipe, Training}, pixels::Digits};
    /// let digits = Digits::handwriting(200, 1);
    /// let lit = Lit::of(digits.images.as_slice().unwrap(), 784);
    /// let training = Training::new(Recipe { batch: 100, rate: 1.0, ..Recipe::book() });
    /// let mut engine = Engine::new(&training.recipe, &training.network, &training.memory, 2);
    /// let rows: Vec<usize> = (0..100).collect();
    /// let costs: Vec<f64> = (0..50).map(|_| engine.step(&lit, &digits.labels, &rows, 1.0)).collect();
    /// assert!(costs[49] < costs[0]);
    /// ```
    ///
    /// # Panics
    /// If there are no rows or more than the recipe's batch, if one of them has no picture or
    /// no label, or if the pictures have not as many numbers as the network has inputs.
    pub fn step(&mut self, lit: &Lit, labels: &[u8], rows: &[usize], rate: f64) -> f64 {
        let outputs = self.layers.last().expect("there is one").outputs;
        assert!(rows.iter().all(|&row| usize::from(labels[row]) < outputs), "labels");
        self.steps += 1;
        self.work(lit, rows, Some((labels, rate)));
        let costs = self.costs[..rows.len()].iter().map(|&cost| f64::from(cost));
        costs.sum::<f64>() / rows.len() as f64
    }

    /// The digits that the network names for the pictures `rows`.
    ///
    /// # Panics
    /// As [`Engine::step`].
    pub fn predictions(&mut self, lit: &Lit, rows: &[usize]) -> Vec<u8> {
        self.work(lit, rows, None);
        let last = self.layers.last().expect("there is one");
        let pictures = last.a.chunks_exact(last.stride).take(rows.len());
        let named = pictures.map(|a| {
            let best = (0..last.outputs).max_by(|&i, &j| a[i].total_cmp(&a[j]));
            best.expect("at least one output") as u8
        });
        named.collect()
    }

    /// The part of the pictures whose digit it names rightly, from 0 to 1.
    ///
    /// # Panics
    /// As [`Engine::step`].
    pub fn accuracy(&mut self, lit: &Lit, labels: &[u8]) -> f64 {
        let all: Vec<usize> = (0..lit.len()).collect();
        let right = all.chunks(self.batch).map(|rows| {
            let named = self.predictions(lit, rows);
            rows.iter().zip(named).filter(|(row, named)| labels[**row] == *named).count()
        });
        right.sum::<usize>() as f64 / lit.len() as f64
    }

    fn work(&mut self, lit: &Lit, rows: &[usize], learn: Option<(&[u8], f64)>) {
        assert_eq!(lit.inputs(), self.inputs, "numbers of a picture, and inputs");
        assert!((1..=self.batch).contains(&rows.len()), "pictures of a batch");
        let rule = |rate: f64| Rule {
            rate: rate as f32,
            share: 1.0 / rows.len() as f32,
            l2: self.l2,
            optimiser: self.optimiser,
            seen: [BETA_1, BETA_2]
                .map(|beta| (1.0 - beta.powf(self.steps as f64)) as f32),
        };
        let step = Step {
            lit,
            rows,
            learn: learn.map(|(labels, rate)| (labels, rule(rate))),
            activation: self.activation,
            objective: self.objective,
            blocks: self.inputs.div_ceil(BLOCK),
            parts: &self.parts,
            threads: self.pool.threads(),
            layers: &self.layers.iter_mut().map(Shared::new).collect::<Vec<_>>(),
            turned: Parted::new(&mut self.turned),
            partial: Parted::new(&mut self.partial),
            batch: self.batch,
            costs: Parted::new(&mut self.costs),
        };
        for phase in [Phase::First, Phase::Rest, Phase::Knobs] {
            if phase != Phase::Knobs || learn.is_some() {
                self.pool.run(|t| self.arch.dispatch(Work { step: &step, phase, t }));
            }
        }
    }
}

/// Tiles of nearly equal width. Threads share them, so that there is an even number of them,
/// or few.
fn tiles(columns: usize) -> Vec<Range<usize>> {
    let lines = columns / LINE;
    let n = match lines.div_ceil(TILE / LINE) {
        few @ ..=NARROW => few,
        many => many.next_multiple_of(2),
    };
    (0..n)
        .map(|i| share(lines, i, n))
        .map(|own| own.start * LINE..own.end * LINE)
        .collect()
}

/// Some neurons of the first layer, and for which halves of the pixels (0 the upper, 1 the
/// lower) a thread works on their weights.
struct Part {
    neurons: Range<usize>,
    halves: Range<usize>,
}

impl Part {
    /// Those of thread t.
    ///
    /// Threads that share the pixels share the turning of the batch too; threads that
    /// share the neurons have fewer sums to tell each other. In a narrow layer the first
    /// matters more, in a wide one the second.
    fn of(tiles: &[Range<usize>], t: usize, threads: usize) -> Vec<Part> {
        let n = tiles.len();
        if n > NARROW {
            let own = tiles[share(n, t, threads)].iter().cloned();
            return own.map(|neurons| Part { neurons, halves: 0..2 }).collect();
        }
        let own = share(2 * n, t, threads);
        let part = |(i, neurons): (usize, &Range<usize>)| {
            let halves = match [0, 1].map(|half| own.contains(&(half * n + i))) {
                [true, true] => 0..2,
                [true, false] => 0..1,
                [false, true] => 1..2,
                [false, false] => return None,
            };
            Some(Part { neurons: neurons.clone(), halves })
        };
        tiles.iter().enumerate().filter_map(part).collect()
    }
}

/// How knobs are turned.
#[derive(Clone, Copy)]
struct Rule {
    rate: f32,
    /// 1/m: the gradient is a mean.
    share: f32,
    l2: f32,
    optimiser: Optimiser,
    /// 1 − βᵗ of Adam.
    seen: [f32; 2],
}

/// A [`FastLayer`] whose arrays are handed out in parts.
struct Shared<'a> {
    inputs: usize,
    outputs: usize,
    columns: usize,
    tiles: &'a [Range<usize>],
    stride: usize,
    w: SharedKnobs<'a>,
    b: SharedKnobs<'a>,
    turned: Parted<'a, f32>,
    a: Parted<'a, f32>,
    delta: Parted<'a, f32>,
}

struct SharedKnobs<'a> {
    values: Parted<'a, f32>,
    moments: [Parted<'a, f32>; 2],
    gradient: Parted<'a, f32>,
}

impl<'a> Shared<'a> {
    fn new(layer: &'a mut FastLayer) -> Self {
        let knobs = |knobs: &'a mut Knobs| {
            let mut moments = knobs.moments.iter_mut();
            let mut moment = || Parted::new(moments.next().map_or(&mut [][..], |m| m));
            SharedKnobs {
                values: Parted::new(&mut knobs.values),
                moments: [moment(), moment()],
                gradient: Parted::new(&mut knobs.gradient),
            }
        };
        Shared {
            inputs: layer.inputs,
            outputs: layer.outputs,
            columns: layer.columns,
            tiles: &layer.tiles,
            stride: layer.stride,
            w: knobs(&mut layer.w),
            b: knobs(&mut layer.b),
            turned: Parted::new(&mut layer.turned),
            a: Parted::new(&mut layer.a),
            delta: Parted::new(&mut layer.delta),
        }
    }
}

impl Shared<'_> {
    /// Copies the weights of some inputs to where they stand turned round.
    ///
    /// # Safety
    /// Nobody else uses them, here or there.
    #[inline(always)]
    unsafe fn turn_round(&self, tiles_below: &[Range<usize>], own: Range<usize>) {
        for tile in tiles_below {
            let some = own.start.max(tile.start)..own.end.min(tile.end);
            if some.is_empty() {
                continue;
            }
            // SAFETY: the caller's.
            let w = unsafe {
                self.w.values.read(some.start * self.columns..some.end * self.columns)
            };
            for j in 0..self.outputs {
                let row = tile.start * self.outputs + j * tile.len();
                let row = row + some.start - tile.start..row + some.end - tile.start;
                let row = unsafe { self.turned.write(row) };
                let column = w.iter().skip(j).step_by(self.columns);
                row.iter_mut().zip(column).for_each(|(to, w)| *to = *w);
            }
        }
    }
}

/// What all threads know of a step.
struct Step<'a> {
    lit: &'a Lit,
    rows: &'a [usize],
    learn: Option<(&'a [u8], Rule)>,
    activation: Activation,
    objective: Objective,
    blocks: usize,
    parts: &'a [Vec<Part>],
    threads: usize,
    layers: &'a [Shared<'a>],
    turned: Parted<'a, Turned>,
    partial: Parted<'a, f32>,
    batch: usize,
    costs: Parted<'a, f32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    First,
    Rest,
    Knobs,
}

/// What one thread does in one phase.
struct Work<'a> {
    step: &'a Step<'a>,
    phase: Phase,
    t: usize,
}

impl WithSimd for Work<'_> {
    type Output = ();

    /// Everything below is compiled once for each kind of processor, with its vectors.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Work { step, phase, t } = self;
        let pictures = step.rows.len();
        let parts = &step.parts[t];
        let start = parts.iter().map(|part| part.halves.start).min().unwrap_or(0);
        let end = parts.iter().map(|part| part.halves.end).max().unwrap_or(0);
        let halves = start..end;
        // SAFETY: thread t alone uses the t-th.
        let turned = unsafe { &mut step.turned.write(t..t + 1)[0] };
        let chunks =
            (0..pictures).step_by(CHUNK).map(|from| from..pictures.min(from + CHUNK));
        match phase {
            Phase::First => {
                for chunk in chunks {
                    step.turn(turned, chunk.clone(), halves.clone());
                    for part in parts {
                        step.first(simd, turned, chunk.clone(), part);
                    }
                }
            }
            Phase::Rest => {
                let own = share(pictures, t, step.threads);
                for from in own.clone().step_by(GROUP) {
                    step.rest(simd, from..own.end.min(from + GROUP));
                }
            }
            Phase::Knobs => {
                let Some((_, rule)) = step.learn else { return };
                for chunk in chunks {
                    if pictures > CHUNK {
                        step.turn(turned, chunk.clone(), halves.clone());
                    }
                    for part in parts {
                        step.first_knobs(simd, rule, turned, chunk.clone(), part);
                    }
                }
                step.other_knobs(simd, rule, t);
            }
        }
    }
}

impl Step<'_> {
    /// Whether the first layer is shared by neurons.
    fn is_wide(&self) -> bool {
        self.layers[0].tiles.len() > NARROW
    }

    /// Whether the tiles of the first layer add up the second layer's sums, and compute their
    /// own δ.
    fn has_partial(&self) -> bool {
        !self.partial.is_empty()
    }

    /// The blocks of a half.
    fn half(&self, half: usize) -> Range<usize> {
        [0..self.lit.middle(), self.lit.middle()..self.blocks][half].clone()
    }

    /// Lists, for each block of the pixels of some parts, the pictures of a chunk that
    /// light it.
    #[inline(always)]
    fn turn(&self, turned: &mut Turned, chunk: Range<usize>, halves: Range<usize>) {
        let Turned { count, entries, .. } = turned;
        count.fill(0);
        for s in chunk.start..chunk.start + AHEAD {
            self.fetch(s, halves.clone());
        }
        for (i, s) in chunk.enumerate() {
            self.fetch(s + AHEAD, halves.clone());
            for lit in self.lit.list(self.rows[s], halves.clone()) {
                let q = usize::from(lit.block);
                let count = &mut count[q];
                let at = q * ROOM + *count as usize;
                entries[at] = Entry {
                    inks: lit.pixels.map(|p| f32::from(p) * (1.0 / 255.0)),
                    picture: i as u32,
                };
                *count += 1;
            }
        }
    }

    /// Asks for the list of a picture that will be needed soon.
    #[inline(always)]
    fn fetch(&self, s: usize, halves: Range<usize>) {
        if let Some(&row) = self.rows.get(s + AHEAD) {
            self.lit.fetch_cuts(row);
        }
        if let Some(&row) = self.rows.get(s) {
            fetch(self.lit.list(row, halves));
        }
    }

    /// The first layer's sums of a part, for the pictures of a chunk. Of a wide layer they
    /// become activations at once, of a narrow one the halves are joined later.
    #[inline(always)]
    fn first<S: Simd>(
        &self,
        simd: S,
        turned: &mut Turned,
        chunk: Range<usize>,
        part: &Part,
    ) {
        let Part { neurons, halves } = part;
        let (layer, width) = (&self.layers[0], neurons.len());
        let row =
            |s: usize| s * layer.stride + neurons.start..s * layer.stride + neurons.end;
        // SAFETY, here and below: in this phase nobody writes biases, and the sums of its parts
        // are a thread's own.
        let b = unsafe { layer.b.values.read(neurons.clone()) };
        let wide = self.is_wide();
        for half in if wide { 0..1 } else { halves.clone() } {
            let blocks = if wide { 0..self.blocks } else { self.half(half) };
            self.sums(simd, turned, chunk.len(), neurons, blocks);
            if wide {
                for (s, z) in chunk.clone().zip(turned.z.chunks_exact_mut(width + LINE)) {
                    let z = &mut z[..width];
                    z.iter_mut().zip(b).for_each(|(z, b)| *z += b);
                    activate(self.activation, z);
                    unsafe { layer.a.write(row(s)) }.copy_from_slice(z);
                }
                if self.has_partial() {
                    self.add_up(simd, &turned.z, chunk, neurons);
                }
                return;
            }
            let to = [&layer.a, &layer.delta][usize::from(halves.len() == 1) * half];
            for (s, z) in chunk.clone().zip(turned.z.chunks_exact(width + LINE)) {
                let to = unsafe { to.write(row(s)) };
                match half == 1 && halves.len() == 2 {
                    true => self.join(to, z, b),
                    false => to.copy_from_slice(&z[..width]),
                }
            }
        }
    }

    /// z: the sums of some neurons over some blocks, for the pictures of a chunk. The weights of
    /// a block are loaded once, and added to the sums of all pictures that light it.
    #[inline(always)]
    fn sums<S: Simd>(
        &self,
        simd: S,
        turned: &mut Turned,
        pictures_: usize,
        neurons: &Range<usize>,
        blocks: Range<usize>,
    ) {
        let (width, rows) = (neurons.len(), self.blocks * BLOCK);
        let z_width = width + LINE;
        let w = neurons.start * rows..neurons.end * rows;
        // SAFETY: in this phase nobody writes weights.
        let w = unsafe { self.layers[0].w.values.read(w) };
        let Turned { count, entries, z } = turned;
        z[..pictures_ * z_width].fill(0.0);
        strips!(S, 0..width, |column, N| for q in blocks.clone() {
            let list = q * ROOM..q * ROOM + count[q] as usize;
            // SAFETY: there are `rows` rows of weights, four for each block.
            let w: [_; BLOCK] = std::array::from_fn(|i| unsafe {
                load::<S, N>(w, (q * BLOCK + i) * width + column)
            });
            for &Entry { picture: s, inks } in &entries[list] {
                let at = s as usize * z_width + column;
                // SAFETY: `turn` numbers the pictures of a chunk, and z has a row for each.
                let mut sum = unsafe { load::<S, N>(z, at) };
                for (&ink, w) in inks.iter().zip(&w) {
                    add(simd, &mut sum, ink, w);
                }
                unsafe { store::<S, N>(z, at, sum) };
            }
        });
    }

    /// What a tile, whose activations are `a`, adds to the sums of the second layer.
    #[inline(always)]
    fn add_up<S: Simd>(
        &self,
        simd: S,
        a: &[f32],
        chunk: Range<usize>,
        tile: &Range<usize>,
    ) {
        let [first, second] = [&self.layers[0], &self.layers[1]];
        let own = tile.start..tile.end.min(second.inputs);
        let i = first.tiles.partition_point(|other| other.end <= tile.start);
        let at = |s: usize| (i * self.batch + s) * LINE;
        // SAFETY: in this phase nobody writes these weights, and these sums are this thread's.
        let (w, to) = unsafe {
            (
                second.w.values.read(own.start * LINE..own.end * LINE),
                self.partial.write(at(chunk.start)..at(chunk.end)),
            )
        };
        let c = Table { values: a, out: tile.len() + LINE, term: 1 };
        let rows = Rows { values: w, width: LINE };
        product(
            simd,
            c,
            rows,
            [chunk.len(), own.len()],
            0..LINE,
            &mut Keep { to, width: LINE },
        );
    }

    /// a = f(upper + lower + b), where the upper half of the sum stands in `a`.
    #[inline(always)]
    fn join(&self, a: &mut [f32], lower: &[f32], b: &[f32]) {
        for ((a, lower), b) in a.iter_mut().zip(lower).zip(b) {
            *a += lower + b;
        }
        activate(self.activation, a);
    }

    /// The other layers, the cost, and δ of all layers, for some pictures.
    #[inline(always)]
    fn rest<S: Simd>(&self, simd: S, own: Range<usize>) {
        // SAFETY, for all of this function: the rows of `own` are this thread's, in `a`, `delta`
        // and `costs`; weights and biases are only read in this phase.
        let of = |layer: &Shared| own.start * layer.stride..own.end * layer.stride;
        let last = self.layers.len() - 1;
        let first = &self.layers[0];
        let upper = self.parts.iter().flatten().filter(|part| part.halves == (0..1));
        for Part { neurons, .. } in upper {
            let b = unsafe { first.b.values.read(neurons.clone()) };
            for s in own.clone() {
                let at = s * first.stride + neurons.start;
                let row = at..at + neurons.len();
                let (a, lower) =
                    unsafe { (first.a.write(row.clone()), first.delta.read(row)) };
                self.join(a, lower, b);
            }
        }
        for (l, pair) in self.layers.windows(2).enumerate() {
            let [below, layer] = pair else { unreachable!("windows of two") };
            let f = match l + 1 == last {
                true => self.objective.last_activation(),
                false => self.activation,
            };
            let b = unsafe { layer.b.values.read(0..layer.columns) };
            let a = unsafe { layer.a.write(of(layer)) };
            if l == 0 && self.has_partial() {
                let tiles = below.tiles.len();
                for (i, s) in own.clone().enumerate() {
                    let a = &mut a[i * layer.stride..][..LINE];
                    a.copy_from_slice(b);
                    for tile in 0..tiles {
                        let at = (tile * self.batch + s) * LINE;
                        let partial = unsafe { self.partial.read(at..at + LINE) };
                        a.iter_mut().zip(partial).for_each(|(a, z)| *a += z);
                    }
                    activate(f, a);
                }
                continue;
            }
            let c = Table {
                values: unsafe { below.a.read(of(below)) },
                out: below.stride,
                term: 1,
            };
            let w = unsafe { layer.w.values.read(0..layer.w.values.len()) };
            let rows = Rows { values: w, width: layer.columns };
            let sizes = [own.len(), layer.inputs];
            let up = &mut Up { f, b, a, stride: layer.stride };
            product(simd, c, rows, sizes, 0..layer.columns, up);
        }

        let top = &self.layers[last];
        let Some((labels, _)) = self.learn else {
            return;
        };
        for s in own.clone() {
            let row = s * top.stride..s * top.stride + top.columns;
            let (a, delta) = unsafe { (top.a.read(row.clone()), top.delta.write(row)) };
            let label = usize::from(labels[self.rows[s]]);
            let cost = output_delta(self.objective, &a[..top.outputs], delta, label);
            unsafe { self.costs.write(s..s + 1)[0] = cost };
        }

        for (l, pair) in self.layers.windows(2).enumerate().rev() {
            let [below, layer] = pair else { unreachable!("windows of two") };
            if l == 0 && self.has_partial() {
                break;
            }
            for tile in below.tiles {
                let down = &mut Down {
                    f: self.activation,
                    a: unsafe { below.a.read(of(below)) },
                    delta: unsafe { below.delta.write(of(below)) },
                    stride: below.stride,
                    a_stride: below.stride,
                    first: tile.start,
                };
                self.down(simd, layer, own.clone(), tile, down);
            }
        }
    }

    /// δ of some neurons of the layer below.
    #[inline(always)]
    fn down<S: Simd>(
        &self,
        simd: S,
        layer: &Shared,
        own: Range<usize>,
        tile: &Range<usize>,
        down: &mut Down,
    ) {
        // SAFETY: in this phase nobody writes this layer's δ, nor these weights.
        let (delta, w) = unsafe {
            (
                layer.delta.read(own.start * layer.stride..own.end * layer.stride),
                layer.turned.read(tile.start * layer.outputs..tile.end * layer.outputs),
            )
        };
        let c = Table { values: delta, out: layer.stride, term: 1 };
        let rows = Rows { values: w, width: tile.len() };
        product(simd, c, rows, [own.len(), layer.outputs], 0..tile.len(), down);
    }

    /// The knobs of a part: the gradients of a block's four rows are summed over the
    /// pictures that light it, and applied at once.
    #[inline(always)]
    fn first_knobs<S: Simd>(
        &self,
        simd: S,
        rule: Rule,
        turned: &mut Turned,
        chunk: Range<usize>,
        part: &Part,
    ) {
        let Part { neurons, halves } = part;
        let (layer, width, rows) = (&self.layers[0], neurons.len(), self.blocks * BLOCK);
        let own = self.half(halves.start).start..self.half(halves.end - 1).end;
        let place = Place { first: chunk.start == 0, last: chunk.end == self.rows.len() };
        let idle = place.first && place.last && rule.leaves_without_gradient();
        let Turned { count, entries, z } = turned;
        // SAFETY: in this phase nobody writes δ, and this part's weights are this thread's.
        let rows_of = |width: usize| chunk.start * width..chunk.end * width;
        let (delta, stride) = match self.has_partial() {
            true => {
                let a = unsafe { layer.a.read(rows_of(layer.stride)) };
                let down = &mut Down {
                    f: self.activation,
                    a: &a[neurons.start..],
                    delta: z,
                    stride: width + LINE,
                    a_stride: layer.stride,
                    first: 0,
                };
                self.down(simd, &self.layers[1], chunk.clone(), neurons, down);
                (&z[..], width + LINE)
            }
            false => {
                let delta = unsafe { layer.delta.read(rows_of(layer.stride)) };
                (&delta[neurons.start..], layer.stride)
            }
        };
        let row = |q: usize| neurons.start * rows + q * BLOCK * width;
        let mut knobs = unsafe { layer.w.own(row(own.start)..row(own.end)) };
        strips!(S, 0..width, |column, N| for (r, q) in own.clone().enumerate() {
            let n = count[q];
            if n == 0 && idle {
                continue;
            }
            let list = q * ROOM..q * ROOM + n as usize;
            let mut sums = [[simd.splat_f32s(0.0); N]; BLOCK];
            for &Entry { picture: s, inks } in &entries[list] {
                let at = s as usize * stride + column;
                // SAFETY: `turn` numbers the pictures of a chunk, and δ has a row for each.
                let delta = unsafe { load::<S, N>(delta, at) };
                for (&ink, sum) in inks.iter().zip(&mut sums) {
                    add(simd, sum, ink, &delta);
                }
            }
            for (i, sum) in sums.iter().enumerate() {
                // SAFETY: four rows for each block.
                unsafe {
                    knobs.take(simd, rule, (r * BLOCK + i) * width + column, sum, place)
                }
            }
        });
        if halves.end == 2 {
            let knobs = unsafe { layer.b.own(neurons.clone()) };
            biases(
                simd,
                rule,
                Rows { values: delta, width: stride },
                chunk.len(),
                knobs,
                place,
            );
        }
    }

    /// The knobs of the layers above the first, as far as they are thread t's.
    #[inline(always)]
    fn other_knobs<S: Simd>(&self, simd: S, rule: Rule, t: usize) {
        for (l, pair) in self.layers.windows(2).enumerate() {
            let [below, layer] = pair else { unreachable!("windows of two") };
            let own = match l == 0 && self.has_partial() {
                true => {
                    let parts = &self.parts[t];
                    let end = parts.last().map_or(0, |part| part.neurons.end);
                    parts.first().map_or(0, |part| part.neurons.start)
                        ..end.min(layer.inputs)
                }
                false => share(layer.inputs, t, self.threads),
            };
            // SAFETY: in this phase nobody writes activations or δ; the rows of `own` are this
            // thread's in w, and so are its columns in the weights turned round.
            let (delta, a) = unsafe {
                (layer.delta.read(0..layer.delta.len()), below.a.read(0..below.a.len()))
            };
            let knobs = unsafe {
                layer.w.own(own.start * layer.columns..own.end * layer.columns)
            };
            let c = Table { values: &a[own.start..], out: 1, term: below.stride };
            let rows = Rows { values: delta, width: layer.stride };
            let sizes = [own.len(), self.rows.len()];
            let turn =
                &mut Turn { knobs, rule, width: layer.columns, place: Place::ONLY };
            product(simd, c, rows, sizes, 0..layer.columns, turn);
            unsafe { layer.turn_round(below.tiles, own) };
            if t == 0 {
                let knobs = unsafe { layer.b.own(0..layer.columns) };
                biases(simd, rule, rows, self.rows.len(), knobs, Place::ONLY);
            }
        }
    }
}

/// Biases: the gradient of each is the sum of its δ over the pictures.
#[inline(always)]
fn biases<S: Simd>(
    simd: S,
    rule: Rule,
    delta: Rows,
    pictures: usize,
    knobs: Own,
    place: Place,
) {
    let columns = 0..knobs.values.len();
    let ones = Table { values: &[1.0], out: 0, term: 0 };
    let rule = Rule { l2: 0.0, ..rule };
    product(
        simd,
        ones,
        delta,
        [1, pictures],
        columns,
        &mut Turn { knobs, rule, width: 0, place },
    );
}

/// Keeps the sums.
struct Keep<'a> {
    to: &'a mut [f32],
    width: usize,
}

impl Put for Keep<'_> {
    #[inline(always)]
    fn put<S: Simd, const N: usize>(
        &mut self,
        _: S,
        i: usize,
        column: usize,
        sum: &[S::f32s; N],
    ) {
        let to = &mut self.to[i * self.width + column..][..N * S::F32_LANES];
        // SAFETY: it was cut to N vectors.
        unsafe { store::<S, N>(to, 0, *sum) };
    }
}

/// z = sum + b, a = f(z).
struct Up<'a> {
    f: Activation,
    b: &'a [f32],
    a: &'a mut [f32],
    stride: usize,
}

impl Put for Up<'_> {
    #[inline(always)]
    fn put<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        i: usize,
        column: usize,
        sum: &[S::f32s; N],
    ) {
        let a = &mut self.a[i * self.stride + column..][..N * S::F32_LANES];
        // SAFETY: there are as many biases as columns, and `a` was cut to N vectors.
        unsafe {
            let b = load::<S, N>(self.b, column);
            store::<S, N>(a, 0, std::array::from_fn(|n| simd.add_f32s(sum[n], b[n])));
        }
        activate(self.f, a);
    }
}

/// δ = sum · f′(z).
struct Down<'a> {
    f: Activation,
    a: &'a [f32],
    delta: &'a mut [f32],
    stride: usize,
    a_stride: usize,
    first: usize,
}

impl Put for Down<'_> {
    #[inline(always)]
    fn put<S: Simd, const N: usize>(
        &mut self,
        _: S,
        i: usize,
        column: usize,
        sum: &[S::f32s; N],
    ) {
        let (column, n) = (self.first + column, N * S::F32_LANES);
        let delta = &mut self.delta[i * self.stride + column..][..n];
        // SAFETY: it was cut to N vectors.
        unsafe { store::<S, N>(delta, 0, *sum) };
        times_slope(self.f, delta, &self.a[i * self.a_stride + column..][..n]);
    }
}

/// Knobs of one thread, with what the optimiser remembers of them.
struct Own<'a> {
    values: &'a mut [f32],
    moments: [&'a mut [f32]; 2],
    gradient: &'a mut [f32],
}

/// Whether a chunk is the first of its batch, and whether it is the last.
#[derive(Clone, Copy)]
struct Place {
    first: bool,
    last: bool,
}

impl Place {
    const ONLY: Place = Place { first: true, last: true };
}

impl SharedKnobs<'_> {
    /// # Safety
    /// As [`Parted::write`].
    #[inline(always)]
    unsafe fn own(&self, part: Range<usize>) -> Own<'_> {
        // An array that is not needed is empty.
        let some =
            |array: &Parted<f32>| if array.is_empty() { 0..0 } else { part.clone() };
        let [first, second] = &self.moments;
        // SAFETY: the caller's.
        unsafe {
            Own {
                values: self.values.write(part.clone()),
                moments: [first.write(some(first)), second.write(some(second))],
                gradient: self.gradient.write(some(&self.gradient)),
            }
        }
    }
}

impl Own<'_> {
    /// Takes the gradient of N vectors of knobs, or a chunk's part of it.
    ///
    /// # Safety
    /// They are inside.
    #[inline(always)]
    unsafe fn take<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        rule: Rule,
        at: usize,
        sum: &[S::f32s; N],
        place: Place,
    ) {
        let mut sum = *sum;
        // SAFETY: inside, and the arrays of a `Knobs` that are used have one length.
        unsafe {
            if !place.first {
                add(simd, &mut sum, 1.0, &load::<S, N>(self.gradient, at));
            }
            match place.last {
                false => store::<S, N>(self.gradient, at, sum),
                true => self.turn(simd, rule, at, &sum),
            }
        }
    }

    /// A step of the optimiser for N vectors of knobs.
    ///
    /// # Safety
    /// They are inside.
    #[inline(always)]
    unsafe fn turn<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        rule: Rule,
        at: usize,
        sum: &[S::f32s; N],
    ) {
        let zero = [simd.splat_f32s(0.0); N];
        // SAFETY: inside.
        unsafe {
            let mut w = load::<S, N>(self.values, at);
            // The mean gradient, with λ w of L2.
            let mut g = zero;
            add(simd, &mut g, rule.share, sum);
            if rule.l2 != 0.0 {
                add(simd, &mut g, rule.l2, &w);
            }
            match rule.optimiser {
                Optimiser::Momentum(0.0) => add(simd, &mut w, -rule.rate, &g),
                Optimiser::Momentum(mu) => {
                    let mut u = zero;
                    add(simd, &mut u, mu as f32, &load::<S, N>(self.moments[0], at));
                    add(simd, &mut u, -rule.rate, &g);
                    store::<S, N>(self.moments[0], at, u);
                    add(simd, &mut w, 1.0, &u);
                }
                Optimiser::Adam => {
                    let [mut m, mut s] = [zero; 2];
                    add(simd, &mut m, BETA_1 as f32, &load::<S, N>(self.moments[0], at));
                    add(simd, &mut m, (1.0 - BETA_1) as f32, &g);
                    store::<S, N>(self.moments[0], at, m);
                    add(simd, &mut s, BETA_2 as f32, &load::<S, N>(self.moments[1], at));
                    let squares = std::array::from_fn(|n| simd.mul_f32s(g[n], g[n]));
                    add(simd, &mut s, (1.0 - BETA_2) as f32, &squares);
                    store::<S, N>(self.moments[1], at, s);
                    let [seen_1, seen_2] = rule.seen.map(|seen| simd.splat_f32s(seen));
                    let epsilon = simd.splat_f32s(EPSILON as f32);
                    let ratio = std::array::from_fn(|n| {
                        let root = simd.sqrt_f32s(simd.div_f32s(s[n], seen_2));
                        let m = simd.div_f32s(m[n], seen_1);
                        simd.div_f32s(m, simd.add_f32s(root, epsilon))
                    });
                    add(simd, &mut w, -rule.rate, &ratio);
                }
            }
            store::<S, N>(self.values, at, w);
        }
    }
}

impl Rule {
    /// Whether a knob without a gradient stays as it is.
    fn leaves_without_gradient(self) -> bool {
        self.optimiser == Optimiser::Momentum(0.0) && self.l2 == 0.0
    }
}

/// Gives every sum to the knobs that it is the gradient of.
struct Turn<'a> {
    knobs: Own<'a>,
    rule: Rule,
    width: usize,
    place: Place,
}

impl Put for Turn<'_> {
    #[inline(always)]
    fn put<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        i: usize,
        column: usize,
        sum: &[S::f32s; N],
    ) {
        let at = i * self.width + column;
        assert!(at + N * S::F32_LANES <= self.knobs.values.len());
        // SAFETY: asserted.
        unsafe { self.knobs.take(simd, self.rule, at, sum, self.place) }
    }
}

/// The cost of one picture, and its δ of the last layer. What stands beyond the outputs in
/// a row of δ becomes 0.
#[inline(always)]
fn output_delta(objective: Objective, a: &[f32], delta: &mut [f32], label: usize) -> f32 {
    let (delta, beyond) = delta.split_at_mut(a.len());
    beyond.fill(0.0);
    match objective {
        Objective::Quadratic => {
            let mut cost = 0.0;
            for (j, (delta, &a)) in delta.iter_mut().zip(a).enumerate() {
                let error = a - if j == label { 1.0 } else { 0.0 };
                cost += error * error;
                *delta = error * a * (1.0 - a);
            }
            0.5 * cost
        }
        Objective::CrossEntropy => {
            let mut cost = 0.0;
            for (j, (delta, &z)) in delta.iter_mut().zip(a).enumerate() {
                let y = if j == label { 1.0 } else { 0.0 };
                cost += z.max(0.0) - z * y + (-z.abs()).exp().ln_1p();
                *delta = 1.0 / (1.0 + exp(-z)) - y;
            }
            cost
        }
        Objective::Softmax => {
            let most = a.iter().fold(f32::NEG_INFINITY, |most, &z| most.max(z));
            let mut sum = 0.0;
            for (delta, &z) in delta.iter_mut().zip(a) {
                *delta = exp(z - most);
            }
            delta.iter().for_each(|e| sum += e);
            delta.iter_mut().for_each(|e| *e /= sum);
            delta[label] -= 1.0;
            most + sum.ln() - a[label]
        }
    }
}
