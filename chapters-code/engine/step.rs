//! A step of gradient descent, and each thread's share of it.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::fast_layer::Shared;
use super::kernel::{
    Aligned, LINE, Put, Rows, Table, activate, add, exp, fetch, load,
    product, store, strips, times_slope, zeros,
};
use super::knobs::{Gradient, Place, Rule, biases};
use super::lit::{BLOCK, Lit};
use super::pool::{Parted, share};
use crate::mnist::Objective;
use crate::sigmoid::Activation;

/// How many neurons of the first layer are worked on together: their weights stay in the
/// second-level cache, their sums for a chunk of pictures in the first-level cache.
pub const TILE: usize = 64;
/// A layer of at most this many tiles is divided by pixels, a wider one by neurons.
pub const NARROW: usize = 2;
/// How many pictures have their sums in the first-level cache together.
pub const CHUNK: usize = 128;
/// How many pictures go through the other layers together, while their numbers are in the cache,
/// unless those layers have more weights than the second-level cache can hold.
const GROUP: usize = 16;
/// The largest number of weights of the other layers for which that is done. Each counts twice,
/// because it is also kept transposed.
const AT_HAND: usize = 1 << 18;
/// How many pictures ahead memory is asked for. (Those of a batch lie anywhere in it.)
const AHEAD: usize = 4;
/// The space for the list of a block. Not a power of two, so that the lists of different blocks
/// do not compete for the same places of the cache.
const ROOM: usize = CHUNK + 4;

/// The weights of the first layer that one thread works on: those between some neurons and the
/// pixels of some halves (0 the upper, 1 the lower).
pub struct Part {
    neurons: Range<usize>,
    halves: Range<usize>,
}

impl Part {
    /// All parts of a layer, half by half, to be divided among the threads.
    pub fn all(tiles: &[Range<usize>]) -> Vec<Part> {
        let cuts: &[usize] =
            if is_wide(tiles) { &[0, 2] } else { &[0, 1, 2] };
        let mut parts = vec![];
        for cut in cuts.windows(2) {
            for neurons in tiles.iter().cloned() {
                parts.push(Part { neurons, halves: cut[0]..cut[1] });
            }
        }
        parts
    }
}

/// Whether a layer is divided by neurons.
pub fn is_wide(tiles: &[Range<usize>]) -> bool {
    tiles.len() > NARROW
}

/// A chunk of pictures turned round: for each block of pixels, the pictures that light it.
pub struct Turned {
    /// The length of the list of each block. (With 16 bits, counting took twice the time.)
    count: Vec<u32>,
    lists: Vec<Entry>,
    /// For a tile and each picture: sums, then activations, and on the way back δ.
    z: Aligned,
}

/// A picture that lights a block.
#[derive(Clone, Copy, Default)]
struct Entry {
    inks: [f32; BLOCK],
    picture: u32,
}

impl Turned {
    /// Space for pictures of this many blocks.
    pub fn new(blocks: usize) -> Turned {
        Turned {
            count: vec![0; blocks],
            lists: vec![Entry::default(); blocks * ROOM],
            z: zeros(CHUNK * (TILE + LINE)),
        }
    }
}

/// What all threads know of a step.
pub struct Step<'a> {
    pub lit: &'a Lit,
    pub rows: &'a [usize],
    /// Labels and rule. `None` if the network only answers.
    pub learn: Option<(&'a [u8], Rule)>,
    pub activation: Activation,
    pub objective: Objective,
    pub blocks: usize,
    pub parts: &'a [Part],
    pub threads: usize,
    pub layers: &'a [Shared<'a>],
    pub turned: Parted<'a, Turned>,
    /// For each tile and picture, what the tile adds to the sums of the second layer. Empty if
    /// that layer is not computed by tile.
    pub partial: Parted<'a, f32>,
    pub costs: Parted<'a, f32>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Phase {
    First,
    Rest,
    Knobs,
}

/// What one thread does in one phase.
pub struct Work<'a> {
    pub step: &'a Step<'a>,
    pub phase: Phase,
    pub t: usize,
}

impl WithSimd for Work<'_> {
    type Output = ();

    /// Everything below is compiled once for each kind of processor, with its vectors.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Work { step, phase, t } = self;
        let pictures = step.rows.len();
        let parts = step.parts(t);
        let halves =
            parts[0].halves.start..parts[parts.len() - 1].halves.end;
        // SAFETY: only thread t uses the t-th.
        let turned = unsafe { &mut step.turned.write(t..t + 1)[0] };
        let chunks = (0..pictures)
            .step_by(CHUNK)
            .map(|from| from..pictures.min(from + CHUNK));
        match phase {
            Phase::First => {
                for chunk in chunks {
                    step.turn(turned, chunk.clone(), halves.clone());
                    for part in parts {
                        match step.is_wide() {
                            true => step.tile(
                                simd,
                                turned,
                                chunk.clone(),
                                &part.neurons,
                            ),
                            false => {
                                step.half(simd, turned, chunk.clone(), part)
                            }
                        }
                    }
                }
            }
            Phase::Rest => {
                let own = share(pictures, t, step.threads);
                let weights = step.layers[1..]
                    .iter()
                    .map(|layer| 2 * layer.w.values.len());
                let group = match weights.sum::<usize>() <= AT_HAND {
                    true => GROUP,
                    false => own.len().max(1),
                };
                for from in own.clone().step_by(group) {
                    step.rest(simd, from..own.end.min(from + group));
                }
            }
            Phase::Knobs => {
                let Some((_, rule)) = step.learn else { return };
                for chunk in chunks {
                    if pictures > CHUNK {
                        step.turn(turned, chunk.clone(), halves.clone());
                    }
                    for part in parts {
                        step.first_knobs(
                            simd,
                            rule,
                            turned,
                            chunk.clone(),
                            part,
                        );
                    }
                }
                step.other_knobs(simd, rule, t);
            }
        }
    }
}

impl Step<'_> {
    /// The parts of thread t.
    fn parts(&self, t: usize) -> &[Part] {
        &self.parts[share(self.parts.len(), t, self.threads)]
    }

    /// Whether the first layer is divided by neurons.
    fn is_wide(&self) -> bool {
        is_wide(self.layers[0].tiles)
    }

    /// Whether each tile of the first layer computes what it adds to the second layer's sums,
    /// and its own δ.
    fn by_tile(&self) -> bool {
        !self.partial.is_empty()
    }

    /// The activation of layer l, counted from 0.
    fn activation(&self, l: usize) -> Activation {
        match l + 1 == self.layers.len() {
            true => self.objective.last_activation(),
            false => self.activation,
        }
    }

    /// The blocks of some halves.
    fn blocks(&self, halves: &Range<usize>) -> Range<usize> {
        let cuts = [0, self.lit.middle(), self.blocks];
        cuts[halves.start]..cuts[halves.end]
    }

    /// Lists the pictures of a chunk that light a block, for each block of some halves.
    #[inline(always)]
    fn turn(
        &self,
        turned: &mut Turned,
        chunk: Range<usize>,
        halves: Range<usize>,
    ) {
        let Turned { count, lists, .. } = turned;
        count.fill(0);
        for s in chunk.start..chunk.start + AHEAD {
            self.fetch(s, halves.clone());
        }
        for (picture, s) in (0..).zip(chunk) {
            self.fetch(s + AHEAD, halves.clone());
            for lit in self.lit.list(self.rows[s], halves.clone()) {
                let q = usize::from(lit.block);
                let inks = lit.pixels.map(|p| f32::from(p) * (1.0 / 255.0));
                lists[q * ROOM + count[q] as usize] =
                    Entry { inks, picture };
                count[q] += 1;
            }
        }
    }

    /// Asks the processor for the list of a picture that will be needed soon.
    #[inline(always)]
    fn fetch(&self, s: usize, halves: Range<usize>) {
        if let Some(&row) = self.rows.get(s + AHEAD) {
            self.lit.fetch_cuts(row);
        }
        if let Some(&row) = self.rows.get(s) {
            fetch(self.lit.list(row, halves));
        }
    }

    /// z = Σ w x over some blocks, for some neurons and the pictures of a chunk. The weights of
    /// a block are loaded once, and added to the sums of all pictures that light it.
    #[inline(always)]
    fn sums<S: Simd>(
        &self,
        simd: S,
        turned: &mut Turned,
        pictures: usize,
        neurons: &Range<usize>,
        blocks: Range<usize>,
    ) {
        let (width, rows) = (neurons.len(), self.blocks * BLOCK);
        let stride = width + LINE;
        let w = neurons.start * rows..neurons.end * rows;
        // SAFETY: no thread writes weights in this phase.
        let w = unsafe { self.layers[0].w.values.read(w) };
        let Turned { count, lists, z } = turned;
        z[..pictures * stride].fill(0.0);
        strips!(S, 0..width, |column, N| for q in blocks.clone() {
            // SAFETY: there are `rows` rows of weights, four for each block.
            let w: [_; BLOCK] = std::array::from_fn(|i| unsafe {
                load::<S, N>(w, (q * BLOCK + i) * width + column)
            });
            for entry in &lists[q * ROOM..q * ROOM + count[q] as usize] {
                let at = entry.picture as usize * stride + column;
                // SAFETY: `turn` numbers the pictures of a chunk, and z has a
                // row for each.
                let mut sum = unsafe { load::<S, N>(z, at) };
                for (&ink, w) in entry.inks.iter().zip(&w) {
                    add(simd, &mut sum, ink, w);
                }
                unsafe { store::<S, N>(z, at, sum) };
            }
        });
    }

    /// A part of a narrow first layer. The sums of the upper half go to `a`, those of the lower
    /// half to `delta`, until phase 2 adds them.
    #[inline(always)]
    fn half<S: Simd>(
        &self,
        simd: S,
        turned: &mut Turned,
        chunk: Range<usize>,
        part: &Part,
    ) {
        let Part { neurons, halves } = part;
        let layer = &self.layers[0];
        self.sums(simd, turned, chunk.len(), neurons, self.blocks(halves));
        let to = [&layer.a, &layer.delta][halves.start];
        for (s, z) in chunk.zip(turned.z.chunks_exact(neurons.len() + LINE))
        {
            // SAFETY: only this thread writes the sums of this part.
            let to = unsafe { to.write(layer.row(s, neurons)) };
            to.copy_from_slice(&z[..neurons.len()]);
        }
    }

    /// A tile of a wide first layer: its activations, and what they add to the sums of the
    /// second layer.
    #[inline(always)]
    fn tile<S: Simd>(
        &self,
        simd: S,
        turned: &mut Turned,
        chunk: Range<usize>,
        tile: &Range<usize>,
    ) {
        let (layer, stride) = (&self.layers[0], tile.len() + LINE);
        self.sums(simd, turned, chunk.len(), tile, 0..self.blocks);
        // SAFETY, here and below: no thread writes weights or biases in this phase, and only this
        // thread uses this tile's activations and sums.
        let b = unsafe { layer.b.values.read(tile.clone()) };
        for (s, z) in chunk.clone().zip(turned.z.chunks_exact_mut(stride)) {
            let a = &mut z[..tile.len()];
            a.iter_mut().zip(b).for_each(|(z, b)| *z += b);
            activate(self.activation(0), a);
            unsafe { layer.a.write(layer.row(s, tile)) }.copy_from_slice(a);
        }
        if !self.by_tile() {
            return;
        }
        let second = &self.layers[1];
        let inputs = tile.start..tile.end.min(second.inputs);
        let i =
            layer.tiles.partition_point(|other| other.end <= tile.start);
        let w = unsafe {
            second.w.values.read(inputs.start * LINE..inputs.end * LINE)
        };
        let sizes = [chunk.len(), inputs.len()];
        let c = Table { values: &turned.z, out: stride, term: 1 };
        let up = &mut Up {
            f: Activation::Identity,
            b: &[0.0; LINE],
            a: unsafe { self.partial.write(self.partial_of(i, chunk)) },
            stride: LINE,
        };
        product(
            simd,
            c,
            Rows { values: w, width: LINE },
            sizes,
            0..LINE,
            up,
        );
    }

    /// Where the partial sums of tile i are.
    fn partial_of(&self, i: usize, pictures: Range<usize>) -> Range<usize> {
        let all = self.costs.len();
        (i * all + pictures.start) * LINE..(i * all + pictures.end) * LINE
    }

    /// The other layers, the cost, and δ, for some pictures.
    #[inline(always)]
    fn rest<S: Simd>(&self, simd: S, own: Range<usize>) {
        // SAFETY, for all of this function: only this thread uses the rows of `own` in `a`,
        // `delta` and `costs`; weights, biases and partial sums are only read in this phase.
        let of = |layer: &Shared| {
            own.start * layer.stride..own.end * layer.stride
        };
        let [first, top] =
            [&self.layers[0], &self.layers[self.layers.len() - 1]];
        if !self.is_wide() {
            let all = 0..first.columns;
            let b = unsafe { first.b.values.read(all.clone()) };
            for row in own.clone().map(|s| first.row(s, &all)) {
                let a = unsafe { first.a.write(row.clone()) };
                let lower = unsafe { first.delta.read(row) };
                a.iter_mut()
                    .zip(lower)
                    .zip(b)
                    .for_each(|((a, z), b)| *a += z + b);
                activate(self.activation(0), a);
            }
        }
        for (l, pair) in self.layers.windows(2).enumerate() {
            let [below, layer] = pair else {
                unreachable!("windows of two")
            };
            let f = self.activation(l + 1);
            let b = unsafe { layer.b.values.read(0..layer.columns) };
            let a = unsafe { layer.a.write(of(layer)) };
            if l == 0 && self.by_tile() {
                for (s, a) in
                    own.clone().zip(a.chunks_exact_mut(layer.stride))
                {
                    let a = &mut a[..LINE];
                    a.copy_from_slice(b);
                    for i in 0..below.tiles.len() {
                        let z = unsafe {
                            self.partial.read(self.partial_of(i, s..s + 1))
                        };
                        a.iter_mut().zip(z).for_each(|(a, z)| *a += z);
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

        let Some((labels, _)) = self.learn else { return };
        for s in own.clone() {
            let row = top.row(s, &(0..top.columns));
            let (a, delta) =
                unsafe { (top.a.read(row.clone()), top.delta.write(row)) };
            let label = usize::from(labels[self.rows[s]]);
            let cost = output_delta(
                self.objective,
                &a[..top.outputs],
                delta,
                label,
            );
            unsafe { self.costs.write(s..s + 1)[0] = cost };
        }

        let from = usize::from(self.by_tile());
        for pair in self.layers[from..].windows(2).rev() {
            let [below, layer] = pair else {
                unreachable!("windows of two")
            };
            for tile in below.tiles {
                let down = &mut Down {
                    f: self.activation,
                    a: &unsafe { below.a.read(of(below)) }[tile.start..],
                    delta: &mut unsafe { below.delta.write(of(below)) }
                        [tile.start..],
                    strides: [below.stride; 2],
                };
                self.down(simd, layer, own.clone(), tile, down);
            }
        }
    }

    /// δ of a tile of the layer below, for some pictures.
    #[inline(always)]
    fn down<S: Simd>(
        &self,
        simd: S,
        layer: &Shared,
        pictures: Range<usize>,
        tile: &Range<usize>,
        down: &mut Down,
    ) {
        let n = layer.outputs;
        // SAFETY: no other thread writes δ of these pictures, or these weights.
        let (delta, w) = unsafe {
            (
                layer.delta.read(
                    pictures.start * layer.stride
                        ..pictures.end * layer.stride,
                ),
                layer.transposed.read(tile.start * n..tile.end * n),
            )
        };
        let c = Table { values: delta, out: layer.stride, term: 1 };
        let rows = Rows { values: w, width: tile.len() };
        product(simd, c, rows, [pictures.len(), n], 0..tile.len(), down);
    }

    /// The knobs of a part of the first layer. The gradients of a block's four rows of weights
    /// are summed over the pictures that light it, and applied at once, if there is one chunk.
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
        let (layer, width) = (&self.layers[0], neurons.len());
        let place = Place {
            first: chunk.start == 0,
            last: chunk.end == self.rows.len(),
        };
        let idle =
            place.first && place.last && rule.leaves_without_gradient();
        let Turned { count, lists, z } = turned;
        let of_chunk = chunk.start * layer.stride..chunk.end * layer.stride;
        // SAFETY, here and below: no thread writes `a` or `delta` in this
        // phase, and only this thread uses this part's knobs.
        let (delta, stride) = match self.by_tile() {
            true => {
                let strides = [layer.stride, width + LINE];
                let a = &unsafe { layer.a.read(of_chunk) }[neurons.start..];
                let down =
                    &mut Down { f: self.activation, a, delta: z, strides };
                self.down(
                    simd,
                    &self.layers[1],
                    chunk.clone(),
                    neurons,
                    down,
                );
                (&z[..], width + LINE)
            }
            false => (
                &unsafe { layer.delta.read(of_chunk) }[neurons.start..],
                layer.stride,
            ),
        };
        let own = self.blocks(halves);
        let row = |q: usize| {
            neurons.start * self.blocks * BLOCK + q * BLOCK * width
        };
        let mut knobs =
            unsafe { layer.w.own(row(own.start)..row(own.end)) };
        strips!(S, 0..width, |column, N| for (r, q) in
            own.clone().enumerate()
        {
            if count[q] == 0 && idle {
                continue;
            }
            let mut sums = [[simd.splat_f32s(0.0); N]; BLOCK];
            for entry in &lists[q * ROOM..q * ROOM + count[q] as usize] {
                let at = entry.picture as usize * stride + column;
                // SAFETY: `turn` numbers the pictures of a chunk, and δ has a
                // row for each.
                let delta = unsafe { load::<S, N>(delta, at) };
                for (&ink, sum) in entry.inks.iter().zip(&mut sums) {
                    add(simd, sum, ink, &delta);
                }
            }
            for (i, sum) in sums.iter().enumerate() {
                // SAFETY: four rows for each block.
                unsafe {
                    knobs.take(
                        simd,
                        rule,
                        (r * BLOCK + i) * width + column,
                        sum,
                        place,
                    )
                }
            }
        });
        if halves.end == 2 {
            let knobs = unsafe { layer.b.own(neurons.clone()) };
            let delta = Rows { values: delta, width: stride };
            biases(simd, rule, delta, chunk.len(), knobs, place);
        }
    }

    /// The knobs of the layers above the first that belong to thread t.
    #[inline(always)]
    fn other_knobs<S: Simd>(&self, simd: S, rule: Rule, t: usize) {
        for (l, pair) in self.layers.windows(2).enumerate() {
            let [below, layer] = pair else {
                unreachable!("windows of two")
            };
            let own = match l == 0 && self.by_tile() {
                true => {
                    let parts = self.parts(t);
                    let end = parts[parts.len() - 1].neurons.end;
                    parts[0].neurons.start..end.min(layer.inputs)
                }
                false => share(layer.inputs, t, self.threads),
            };
            // SAFETY: no thread writes activations or δ in this phase; only this thread uses the
            // rows of `own` in w, and the columns of `own` in the transposed weights.
            let (delta, a) = unsafe {
                (
                    layer.delta.read(0..layer.delta.len()),
                    below.a.read(0..below.a.len()),
                )
            };
            let knobs = unsafe {
                layer
                    .w
                    .own(own.start * layer.columns..own.end * layer.columns)
            };
            let c = Table {
                values: &a[own.start..],
                out: 1,
                term: below.stride,
            };
            let delta = Rows { values: delta, width: layer.stride };
            let sizes = [own.len(), self.rows.len()];
            let place = Place::ONLY;
            let gradient =
                &mut Gradient { knobs, rule, width: layer.columns, place };
            product(simd, c, delta, sizes, 0..layer.columns, gradient);
            unsafe { layer.transpose(below.tiles, own) };
            if t == 0 {
                let knobs = unsafe { layer.b.own(0..layer.columns) };
                biases(simd, rule, delta, self.rows.len(), knobs, place);
            }
        }
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
            store::<S, N>(
                a,
                0,
                std::array::from_fn(|n| simd.add_f32s(sum[n], b[n])),
            );
        }
        activate(self.f, a);
    }
}

/// δ = sum · f′(z).
struct Down<'a> {
    f: Activation,
    a: &'a [f32],
    delta: &'a mut [f32],
    /// The distance from one picture to the next in `a` and in `delta`.
    strides: [usize; 2],
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
        let [a, delta] = self.strides.map(|stride| i * stride + column);
        let a = &self.a[a..][..N * S::F32_LANES];
        let delta = &mut self.delta[delta..][..N * S::F32_LANES];
        // SAFETY: `delta` was cut to N vectors.
        unsafe { store::<S, N>(delta, 0, *sum) };
        times_slope(self.f, delta, a);
    }
}

/// The cost of one picture, and its δ of the last layer. A row of δ is longer than the outputs:
/// the rest becomes 0.
#[inline(always)]
fn output_delta(
    objective: Objective,
    a: &[f32],
    delta: &mut [f32],
    label: usize,
) -> f32 {
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
            let most =
                a.iter().fold(f32::NEG_INFINITY, |most, &z| most.max(z));
            let mut sum = 0.0;
            for (delta, &z) in delta.iter_mut().zip(a) {
                *delta = exp(z - most);
            }
            delta.iter().for_each(|e| sum += e);
            delta.iter_mut().for_each(|e| *e /= sum);
            delta[label] -= 1.0;
            (most - a[label]) + sum.ln()
        }
    }
}
