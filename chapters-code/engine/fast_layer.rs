//! A layer laid out for speed.

use std::ops::Range;

use super::kernel::{Aligned, LINE, zeros};
use super::knobs::{Knobs, SharedKnobs};
use super::lit::BLOCK;
use super::pool::{Parted, share};
use super::step::{CHUNK, NARROW, TILE};

/// A layer: knobs, what the optimiser remembers of each, and room for a batch.
pub struct FastLayer {
    pub inputs: usize,
    pub outputs: usize,
    /// Columns of a row of `w` (of all its tiles together), a whole number of cache lines.
    pub columns: usize,
    /// The columns, tile by tile: one tile, but in a large first layer.
    pub tiles: Vec<Range<usize>>,
    /// How far it is from one picture to the next in `a` and `delta`.
    pub stride: usize,
    /// Row k, column j: the weight of neuron j for input k. The first layer has a table for
    /// each tile, one after the other.
    pub w: Knobs,
    pub b: Knobs,
    /// The same weights, row j, column k, with a table for each tile of the layer below: not
    /// for the first layer.
    pub transposed: Aligned,
    pub a: Aligned,
    /// Of a narrow first layer, before the halves are added, the sums of the lower one.
    pub delta: Aligned,
}

impl FastLayer {
    /// A layer of `sizes` inputs and outputs, with nothing in it yet.
    pub fn new(
        is_first: bool,
        sizes: [usize; 2],
        batch: usize,
        moments: usize,
    ) -> FastLayer {
        let [inputs, outputs] = sizes;
        let columns = outputs.next_multiple_of(LINE);
        // An odd number of cache lines, for the reason that ROOM has.
        let stride = columns + if columns % (2 * LINE) == 0 { LINE } else { 0 };
        let rows = if is_first { inputs.next_multiple_of(BLOCK) } else { inputs };
        let transposed = if is_first { 0 } else { inputs.next_multiple_of(LINE) };
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

/// Tiles of nearly equal width. Threads share them, so that there is an even number of them,
/// or few.
fn tiles(columns: usize, widest: usize) -> Vec<Range<usize>> {
    let lines = columns / LINE;
    let n = match columns.div_ceil(widest) {
        few @ ..=NARROW => few,
        many => many.next_multiple_of(2),
    };
    let tile = |i| share(lines, i, n).start * LINE..share(lines, i, n).end * LINE;
    (0..n).map(tile).collect()
}

/// A [`FastLayer`] whose arrays are handed out in parts.
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

    /// Where numbers of picture s stand in `a` and `delta`.
    #[inline(always)]
    pub fn row(&self, s: usize, neurons: &Range<usize>) -> Range<usize> {
        s * self.stride + neurons.start..s * self.stride + neurons.end
    }

    /// Copies the weights of some inputs to where they stand transposed.
    ///
    /// # Safety
    /// Nobody else uses them, here or there.
    #[inline(always)]
    pub unsafe fn transpose(&self, tiles_below: &[Range<usize>], own: Range<usize>) {
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
                let row = unsafe { self.transposed.write(row) };
                let column = w.iter().skip(j).step_by(self.columns);
                row.iter_mut().zip(column).for_each(|(to, w)| *to = *w);
            }
        }
    }
}
