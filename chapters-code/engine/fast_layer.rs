//! A layer laid out for speed, and how the first one is cut into pieces of work.

use std::ops::Range;

use super::kernel::{Aligned, LINE, zeros};
use super::knobs::Knobs;
use super::lit::BLOCK;
use super::pool::{Parted, share};
use crate::layer::Layer;

/// How many neurons of the first layer are worked on together: their weights stay in the
/// second-level cache, their sums for a chunk of pictures in the first-level cache.
pub const TILE: usize = 64;
/// A layer of at most this many tiles is divided by pixels, a wider one by neurons.
const NARROW: usize = 2;
/// How many pictures have their sums in the first-level cache together.
pub const CHUNK: usize = 128;

/// A layer: its knobs, what the optimiser remembers of each, and memory for a batch.
pub struct FastLayer {
    pub shape: Shape,
    /// Row k, column j: the weight of neuron j for input k. The first layer has a table for
    /// each tile, one after the other.
    pub w: Knobs,
    pub b: Knobs,
    /// The same weights, row j, column k, with a table for each tile of the layer below. Empty
    /// in the first layer.
    pub transposed: Aligned,
    /// A row of activations for each picture.
    pub a: Aligned,
    /// A row of δ for each picture. In a narrow first layer it first holds the sums of the lower
    /// half.
    pub delta: Aligned,
}

/// The sizes of a layer.
pub struct Shape {
    pub inputs: usize,
    pub outputs: usize,
    /// The rows of `w`: in the first layer a whole number of blocks.
    pub rows: usize,
    /// The columns of a row of `w`, over all tiles: a whole number of cache lines.
    pub columns: usize,
    /// The columns, tile by tile. Only a large first layer has more than one tile.
    pub tiles: Vec<Range<usize>>,
    /// The distance from one picture to the next in `a` and `delta`.
    pub stride: usize,
}

impl Shape {
    /// The place of some pictures in `a` and `delta`.
    pub fn pictures(&self, pictures: &Range<usize>) -> Range<usize> {
        pictures.start * self.stride..pictures.end * self.stride
    }

    /// The place in `w` of the table of some neurons: of a tile, or of all if there is one tile.
    pub fn table(&self, neurons: &Range<usize>) -> Range<usize> {
        neurons.start * self.rows..neurons.end * self.rows
    }

    /// The place in `transposed` of the table of a tile of the layer below.
    pub fn transposed_table(&self, tile: &Range<usize>) -> Range<usize> {
        tile.start * self.outputs..tile.end * self.outputs
    }

    /// For each weight, its place in `w`, its neuron j and its input k.
    fn places(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.outputs).flat_map(|j| {
            let tile = self.tiles.partition_point(|tile| tile.end <= j);
            let tile = &self.tiles[tile];
            let column = self.table(tile).start + j - tile.start;
            (0..self.inputs).map(move |k| (column + k * tile.len(), j, k))
        })
    }
}

impl FastLayer {
    /// A layer of `sizes` inputs and outputs, all zeros.
    pub fn new(
        is_first: bool,
        sizes: [usize; 2],
        batch: usize,
        moments: usize,
    ) -> FastLayer {
        let [inputs, outputs] = sizes;
        let columns = outputs.next_multiple_of(LINE);
        // Not a power of two, so that the rows do not compete for the same places of the cache:
        // an odd number of cache lines.
        let stride =
            columns + if columns % (2 * LINE) == 0 { LINE } else { 0 };
        let rows =
            if is_first { inputs.next_multiple_of(BLOCK) } else { inputs };
        let transposed =
            if is_first { 0 } else { inputs.next_multiple_of(LINE) };
        let in_chunks = is_first && batch > CHUNK;
        FastLayer {
            shape: Shape {
                inputs,
                outputs,
                rows,
                columns,
                tiles: tiles(
                    columns,
                    if is_first { TILE } else { columns },
                ),
                stride,
            },
            w: Knobs::new(rows * columns, moments, in_chunks),
            b: Knobs::new(columns, moments, in_chunks),
            transposed: zeros(outputs * transposed),
            a: zeros(batch * stride),
            delta: zeros(batch * stride),
        }
    }

    /// Sets one number of each knob, its value or a moment, to those of a layer.
    pub fn copy_from(
        &mut self,
        layer: &Layer,
        of: impl Fn(&mut Knobs) -> &mut Aligned,
    ) {
        let w = of(&mut self.w);
        for (at, j, k) in self.shape.places() {
            w[at] = layer.w[(j, k)] as f32;
        }
        let b = of(&mut self.b);
        b.iter_mut().zip(&layer.b).for_each(|(to, b)| *to = *b as f32);
    }

    /// Sets a layer to one number of each knob, its value or a moment.
    pub fn copy_to(
        &self,
        layer: &mut Layer,
        of: impl Fn(&Knobs) -> &Aligned,
    ) {
        let w = of(&self.w);
        for (at, j, k) in self.shape.places() {
            layer.w[(j, k)] = f64::from(w[at]);
        }
        let b = of(&self.b).iter().copied();
        layer.b.iter_mut().zip(b).for_each(|(to, b)| *to = f64::from(b));
    }
}

/// Copies the weights of some inputs of a layer into its transposed tables. `w` has a row for
/// each of these inputs.
///
/// # Safety
/// While it runs, nobody else uses the columns of these inputs in the transposed tables.
#[inline(always)]
pub unsafe fn transpose(
    shape: &Shape,
    tiles_below: &[Range<usize>],
    inputs: Range<usize>,
    w: &[f32],
    transposed: &Parted<f32>,
) {
    for tile in tiles_below {
        let of_tile =
            inputs.start.max(tile.start)..inputs.end.min(tile.end);
        if of_tile.is_empty() {
            continue;
        }
        let w = &w[(of_tile.start - inputs.start) * shape.columns..];
        let columns = of_tile.start - tile.start..of_tile.end - tile.start;
        let table =
            transposed.table(shape.transposed_table(tile), tile.len());
        // SAFETY: the caller's promise.
        let mut rows = unsafe { table.claim(0..shape.outputs, columns) };
        for j in 0..shape.outputs {
            let column = w.iter().skip(j).step_by(shape.columns);
            let row = rows.row_mut(j).iter_mut();
            row.zip(column).for_each(|(to, w)| *to = *w);
        }
    }
}

/// Tiles of nearly equal width. An even number of them, so that two threads get the same
/// number, unless there are very few.
fn tiles(columns: usize, widest: usize) -> Vec<Range<usize>> {
    let lines = columns / LINE;
    let n = match columns.div_ceil(widest) {
        few @ ..=NARROW => few,
        many => many.next_multiple_of(2),
    };
    let tile =
        |i| share(lines, i, n).start * LINE..share(lines, i, n).end * LINE;
    (0..n).map(tile).collect()
}

/// Whether a first layer of these tiles is divided by neurons.
pub fn is_wide(tiles: &[Range<usize>]) -> bool {
    tiles.len() > NARROW
}

/// A piece of work in the first layer, which one thread does alone: the weights between some
/// neurons and the pixels of some halves (0 the upper, 1 the lower).
pub struct Piece {
    pub neurons: Range<usize>,
    pub halves: Range<usize>,
}

impl Piece {
    /// All pieces of a first layer, half by half, to be divided among the threads.
    pub fn all(tiles: &[Range<usize>]) -> Vec<Piece> {
        let halves =
            if is_wide(tiles) { vec![0..2] } else { vec![0..1, 1..2] };
        let of = |halves: Range<usize>| {
            tiles.iter().map(move |tile| Piece {
                neurons: tile.clone(),
                halves: halves.clone(),
            })
        };
        halves.into_iter().flat_map(of).collect()
    }
}
