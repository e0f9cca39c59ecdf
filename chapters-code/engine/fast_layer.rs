//! A layer laid out for speed.

use std::ops::Range;

use super::kernel::{Aligned, LINE, zeros};
use super::knobs::{Knobs, SharedKnobs};
use super::lit::BLOCK;
use super::pool::{Parted, share};
use super::step::{CHUNK, NARROW, TILE};

/// A layer: its knobs, what the optimiser remembers of each, and memory for a batch.
pub struct FastLayer {
    pub inputs: usize,
    pub outputs: usize,
    /// The columns of a row of `w`, over all tiles: a whole number of cache lines.
    pub columns: usize,
    /// The columns, tile by tile. Only a large first layer has more than one tile.
    pub tiles: Vec<Range<usize>>,
    /// The distance from one picture to the next in `a` and `delta`.
    pub stride: usize,
    /// Row k, column j: the weight of neuron j for input k. The first layer has a table for
    /// each tile, one after the other.
    pub w: Knobs,
    pub b: Knobs,
    /// The same weights, row j, column k, with a table for each tile of the layer below. Empty
    /// in the first layer.
    pub transposed: Aligned,
    pub a: Aligned,
    /// δ. In a narrow first layer it first holds the sums of the lower half.
    pub delta: Aligned,
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
        // An odd number of cache lines, for the same reason as ROOM.
        let stride =
            columns + if columns % (2 * LINE) == 0 { LINE } else { 0 };
        let rows =
            if is_first { inputs.next_multiple_of(BLOCK) } else { inputs };
        let transposed =
            if is_first { 0 } else { inputs.next_multiple_of(LINE) };
        let in_chunks = is_first && batch > CHUNK;
        FastLayer {
            inputs,
            outputs,
            columns,
            tiles: tiles(columns, if is_first { TILE } else { columns }),
            stride,
            w: Knobs::new(rows * columns, moments, in_chunks),
            b: Knobs::new(columns, moments, in_chunks),
            transposed: zeros(outputs * transposed),
            a: zeros(batch * stride),
            delta: zeros(batch * stride),
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

/// A [`FastLayer`] whose arrays can be handed to threads in parts.
pub struct Shared<'a> {
    pub inputs: usize,
    pub outputs: usize,
    pub columns: usize,
    pub tiles: &'a [Range<usize>],
    pub stride: usize,
    pub w: SharedKnobs<'a>,
    pub b: SharedKnobs<'a>,
    pub transposed: Parted<'a, f32>,
    pub a: Parted<'a, f32>,
    pub delta: Parted<'a, f32>,
}

impl<'a> Shared<'a> {
    /// All of it.
    pub fn new(layer: &'a mut FastLayer) -> Self {
        Shared {
            inputs: layer.inputs,
            outputs: layer.outputs,
            columns: layer.columns,
            tiles: &layer.tiles,
            stride: layer.stride,
            w: SharedKnobs::new(&mut layer.w),
            b: SharedKnobs::new(&mut layer.b),
            transposed: Parted::new(&mut layer.transposed),
            a: Parted::new(&mut layer.a),
            delta: Parted::new(&mut layer.delta),
        }
    }

    /// Where the numbers of picture s are in `a` and `delta`, for some neurons.
    #[inline(always)]
    pub fn row(&self, s: usize, neurons: &Range<usize>) -> Range<usize> {
        s * self.stride + neurons.start..s * self.stride + neurons.end
    }

    /// Copies the weights of some inputs into the transposed table.
    ///
    /// # Safety
    /// No other thread uses them, in either table.
    #[inline(always)]
    pub unsafe fn transpose(
        &self,
        tiles_below: &[Range<usize>],
        own: Range<usize>,
    ) {
        for tile in tiles_below {
            let some = own.start.max(tile.start)..own.end.min(tile.end);
            if some.is_empty() {
                continue;
            }
            // SAFETY: the caller's.
            let w = unsafe {
                self.w.values.read(
                    some.start * self.columns..some.end * self.columns,
                )
            };
            for j in 0..self.outputs {
                let row = tile.start * self.outputs + j * tile.len();
                let row = row + some.start - tile.start
                    ..row + some.end - tile.start;
                let row = unsafe { self.transposed.write(row) };
                let column = w.iter().skip(j).step_by(self.columns);
                row.iter_mut().zip(column).for_each(|(to, w)| *to = *w);
            }
        }
    }
}
