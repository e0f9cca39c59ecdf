//! Phase 1: the weighted sums of the first layer, for all pictures.

use std::ops::Range;

use pulp::Simd;

use super::pass::Forward;
use super::plan::{Phase, Plan};
use crate::engine::fast_layer::{FastLayer, Piece, Shape};
use crate::engine::kernel::{
    LINE, Rows, Table, activate, add, load, product, store, strips,
};
use crate::engine::lit::BLOCK;
use crate::engine::pool::Parted;
use crate::engine::workspace::Workspace;
use crate::sigmoid::Activation;

/// Each thread works on its pieces of the first layer.
///
/// In a narrow layer a piece has half of the pixels. The sums of the upper half go to `a`, those
/// of the lower half to `delta`, until phase 2 adds them. In a wide layer a piece is a tile, which
/// has all pixels: it goes on to its activations, and to what they add to the sums of a short
/// second layer.
pub struct FirstLayer<'a> {
    plan: &'a Plan<'a>,
    shape: &'a Shape,
    w: &'a [f32],
    b: &'a [f32],
    a: Parted<'a, f32>,
    delta: Parted<'a, f32>,
    /// The shape and the weights of the second layer, if it is computed by tile.
    second: Option<(&'a Shape, &'a [f32])>,
    /// For each tile of the first layer a row of sums, LINE for each picture.
    partial: Parted<'a, f32>,
}

impl<'a> FirstLayer<'a> {
    /// The phase for these layers.
    pub fn new(
        plan: &'a Plan<'a>,
        layers: &'a mut [FastLayer],
        partial: &'a mut [f32],
    ) -> Self {
        let (first, above) =
            layers.split_first_mut().expect("there is a layer");
        let FastLayer { shape, w, b, a, delta, .. } = first;
        let second = above
            .first()
            .filter(|_| plan.by_tile)
            .map(|second| (&second.shape, &second.w.values[..]));
        let width = partial.len() / shape.tiles.len();
        FirstLayer {
            plan,
            w: &w.values,
            b: &b.values,
            a: Parted::new(a, shape.stride),
            delta: Parted::new(delta, shape.stride),
            second,
            partial: Parted::new(partial, width),
            shape,
        }
    }

    /// z = Σ w x over some blocks, for some neurons and the pictures of a chunk. The weights of
    /// a block are loaded once, and added to the sums of all pictures that light it.
    #[inline(always)]
    fn sums<S: Simd>(
        &self,
        simd: S,
        workspace: &mut Workspace,
        neurons: &Range<usize>,
        blocks: Range<usize>,
    ) {
        let (width, stride) = (neurons.len(), neurons.len() + LINE);
        let w = &self.w[self.shape.table(neurons)];
        assert!(blocks.end * BLOCK * width <= w.len());
        let Workspace { turned, z } = workspace;
        let z = &mut z[..turned.pictures() * stride];
        z.fill(0.0);
        strips!(S, 0..width, |column, N| for q in blocks.clone() {
            // SAFETY: as asserted, w has four rows for each block.
            let w: [_; BLOCK] = std::array::from_fn(|i| unsafe {
                load::<S, N>(w, (q * BLOCK + i) * width + column)
            });
            for entry in turned.lighting(q) {
                let at = entry.picture as usize * stride + column;
                // SAFETY: z has a row for each picture that was turned.
                let mut sum = unsafe { load::<S, N>(z, at) };
                for (&ink, w) in entry.inks.iter().zip(&w) {
                    add(simd, &mut sum, ink, w);
                }
                // SAFETY: as above.
                unsafe { store::<S, N>(z, at, sum) };
            }
        });
    }

    /// What the activations of a tile add to the sums of the second layer.
    #[inline(always)]
    fn partial_sums<S: Simd>(
        &self,
        simd: S,
        (second, w): (&Shape, &[f32]),
        z: &[f32],
        tile: &Range<usize>,
        partial: &mut [f32],
    ) {
        let inputs = tile.start..tile.end.min(second.inputs);
        let a = Table { values: z, out: tile.len() + LINE, term: 1 };
        let w = &w[inputs.start * LINE..inputs.end * LINE];
        let sizes = [partial.len() / LINE, inputs.len()];
        let forward = &mut Forward {
            f: Activation::Identity,
            b: &[0.0; LINE],
            a: partial,
            stride: LINE,
        };
        let w = Rows { values: w, width: LINE };
        product(simd, a, w, sizes, 0..LINE, forward);
    }
}

impl Phase for FirstLayer<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(
        &self,
        simd: S,
        t: usize,
        workspace: &mut Workspace,
    ) {
        let FirstLayer { plan, shape, .. } = self;
        let f = plan.activation(0);
        for chunk in plan.chunks() {
            workspace.turned.turn(
                plan.lit,
                plan.rows,
                chunk.clone(),
                plan.halves(t),
            );
            for Piece { neurons, halves } in plan.pieces(t) {
                let blocks = plan.blocks(halves);
                self.sums(simd, workspace, neurons, blocks);
                let (width, b) = (neurons.len(), &self.b[neurons.clone()]);
                let table = [&self.a, &self.delta][halves.start];
                // SAFETY: no other thread has this piece. Pieces of one half differ in their
                // neurons, and each half has a table of its own.
                let mut to =
                    unsafe { table.claim(chunk.clone(), neurons.clone()) };
                let sums = workspace.z.chunks_exact_mut(width + LINE);
                for (i, z) in (0..chunk.len()).zip(sums) {
                    let z = &mut z[..width];
                    if plan.is_wide {
                        z.iter_mut().zip(b).for_each(|(z, b)| *z += b);
                        activate(f, z);
                    }
                    to.row_mut(i).copy_from_slice(z);
                }
                let Some(second) = self.second else { continue };
                let i = shape
                    .tiles
                    .partition_point(|tile| tile.end <= neurons.start);
                let columns = chunk.start * LINE..chunk.end * LINE;
                // SAFETY: row i belongs to this tile, and no other thread has the tile.
                let partial =
                    unsafe { self.partial.claim(i..i + 1, columns) };
                let partial = partial.into_slice();
                self.partial_sums(
                    simd,
                    second,
                    &workspace.z,
                    neurons,
                    partial,
                );
            }
        }
    }
}
