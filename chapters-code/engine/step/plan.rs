//! What all threads know of a step: the pictures, and who does what.

use std::ops::Range;

use pulp::Simd;

use crate::engine::fast_layer::{CHUNK, Piece};
use crate::engine::lit::{BLOCK, Lit};
use crate::engine::pool::share;
use crate::engine::workspace::Workspace;
use crate::mnist::Objective;
use crate::sigmoid::Activation;

/// One of the three phases of a step.
pub trait Phase: Sync {
    /// What thread t does.
    ///
    /// # Safety
    /// While it runs, it must not be called again with the same t.
    unsafe fn run<S: Simd>(
        &self,
        simd: S,
        t: usize,
        workspace: &mut Workspace,
    );
}

/// The pictures of a step, and how the work is divided among the threads.
pub struct Plan<'a> {
    pub lit: &'a Lit,
    /// The pictures of the batch: their rows in `lit`.
    pub rows: &'a [usize],
    /// The activation of the hidden layers.
    pub hidden: Activation,
    pub objective: Objective,
    /// The number of layers.
    pub layers: usize,
    /// The pieces of work in the first layer.
    pub pieces: &'a [Piece],
    pub threads: usize,
    /// Whether the first layer is divided by neurons, not by pixels.
    pub is_wide: bool,
    /// Whether each tile of the first layer computes what it adds to the second layer's sums,
    /// and its own δ.
    pub by_tile: bool,
}

impl Plan<'_> {
    /// The pieces of the first layer that thread t works on.
    pub fn pieces(&self, t: usize) -> &[Piece] {
        &self.pieces[share(self.pieces.len(), t, self.threads)]
    }

    /// The halves of the pictures that thread t works on in the first layer.
    pub fn halves(&self, t: usize) -> Range<usize> {
        let pieces = self.pieces(t);
        pieces[0].halves.start..pieces[pieces.len() - 1].halves.end
    }

    /// The neurons of the first layer that thread t works on, if it is divided by neurons.
    pub fn neurons(&self, t: usize) -> Range<usize> {
        let pieces = self.pieces(t);
        pieces[0].neurons.start..pieces[pieces.len() - 1].neurons.end
    }

    /// The pictures of the batch that thread t works on in the layers above the first.
    pub fn pictures(&self, t: usize) -> Range<usize> {
        share(self.rows.len(), t, self.threads)
    }

    /// The batch, in chunks whose sums fit into the first-level cache.
    pub fn chunks(&self) -> impl Iterator<Item = Range<usize>> {
        let pictures = self.rows.len();
        let chunk = move |from| from..pictures.min(from + CHUNK);
        (0..pictures).step_by(CHUNK).map(chunk)
    }

    /// The activation of layer l, counted from 0.
    pub fn activation(&self, l: usize) -> Activation {
        match l + 1 == self.layers {
            true => self.objective.last_activation(),
            false => self.hidden,
        }
    }

    /// The blocks of pixels in some halves of a picture.
    pub fn blocks(&self, halves: &Range<usize>) -> Range<usize> {
        let all = self.lit.inputs().div_ceil(BLOCK);
        let cuts = [0, self.lit.middle(), all];
        cuts[halves.start]..cuts[halves.end]
    }
}
