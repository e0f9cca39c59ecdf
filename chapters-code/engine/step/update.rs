//! Phase 3: the gradients of the knobs, and the step of each.

use std::ops::Range;

use pulp::Simd;

use super::pass::{Backward, backward};
use super::plan::{Phase, Plan};
use crate::engine::fast_layer::{
    CHUNK, FastLayer, Piece, Shape, transpose,
};
use crate::engine::kernel::{
    LINE, Rows, Table, add, load, product, strips,
};
use crate::engine::knobs::{
    ClaimedKnobs, Gradient, PartedKnobs, Place, Rule, biases,
};
use crate::engine::lit::BLOCK;
use crate::engine::pool::{Parted, share};
use crate::engine::workspace::{Turned, Workspace};

/// Each thread updates its pieces of the first layer, and the weights of some inputs of the
/// other layers.
pub struct Update<'a> {
    plan: &'a Plan<'a>,
    rule: Rule,
    layers: Vec<LayerOfKnobs<'a>>,
}

/// A layer whose activations and δ are read, and whose knobs are shared out.
struct LayerOfKnobs<'a> {
    shape: &'a Shape,
    w: PartedKnobs<'a>,
    b: PartedKnobs<'a>,
    transposed: Parted<'a, f32>,
    a: &'a [f32],
    delta: &'a [f32],
}

impl<'a> LayerOfKnobs<'a> {
    fn new(layer: &'a mut FastLayer) -> Self {
        let FastLayer { shape, w, b, transposed, a, delta } = layer;
        LayerOfKnobs {
            shape,
            w: PartedKnobs::new(w),
            b: PartedKnobs::new(b),
            transposed: Parted::new(transposed, 1),
            a,
            delta,
        }
    }
}

impl<'a> Update<'a> {
    /// The phase for these layers.
    pub fn new(
        plan: &'a Plan<'a>,
        rule: Rule,
        layers: &'a mut [FastLayer],
    ) -> Self {
        let layers = layers.iter_mut().map(LayerOfKnobs::new).collect();
        Update { plan, rule, layers }
    }

    /// δ of a tile of the first layer, from that of the second and its weights for the tile.
    #[inline(always)]
    fn delta_of_tile<'z, S: Simd>(
        &self,
        simd: S,
        z: &'z mut [f32],
        chunk: &Range<usize>,
        tile: &Range<usize>,
        transposed: &[f32],
    ) -> Rows<'z> {
        let [first, second] = [&self.layers[0], &self.layers[1]];
        let width = tile.len() + LINE;
        let above = Rows {
            values: &second.delta[second.shape.pictures(chunk)],
            width: second.shape.stride,
        };
        let to = &mut Backward {
            f: self.plan.hidden,
            a: &first.a[first.shape.pictures(chunk)][tile.start..],
            delta: z,
            strides: [first.shape.stride, width],
        };
        let transposed = Rows { values: transposed, width: tile.len() };
        let sizes = [chunk.len(), second.shape.outputs];
        backward(simd, above, transposed, sizes, to);
        Rows { values: z, width }
    }

    /// The weights of a piece of the first layer. The gradients of a block's four rows of
    /// weights are summed over the pictures that light it, and applied at once, if there is one
    /// chunk.
    #[inline(always)]
    fn weights<S: Simd>(
        &self,
        simd: S,
        turned: &Turned,
        delta: Rows,
        piece: &Piece,
        place: Place,
        knobs: &mut ClaimedKnobs,
    ) {
        let (width, blocks) =
            (piece.neurons.len(), self.plan.blocks(&piece.halves));
        let last = (turned.pictures() - 1) * delta.width;
        assert!(last + width <= delta.values.len());
        assert_eq!(knobs.values.len(), blocks.len() * BLOCK * width);
        let idle = place.first
            && place.last
            && self.rule.leaves_without_gradient();
        strips!(S, 0..width, |column, N| for (r, q) in
            blocks.clone().enumerate()
        {
            let pictures = turned.lighting(q);
            if pictures.is_empty() && idle {
                continue;
            }
            let mut sums = [[simd.splat_f32s(0.0); N]; BLOCK];
            for entry in pictures {
                let at = entry.picture as usize * delta.width + column;
                // SAFETY: as asserted, δ has a row for each picture
                // that was turned.
                let delta = unsafe { load::<S, N>(delta.values, at) };
                for (&ink, sum) in entry.inks.iter().zip(&mut sums) {
                    add(simd, sum, ink, &delta);
                }
            }
            for (i, sum) in sums.iter().enumerate() {
                let at = (r * BLOCK + i) * width + column;
                // SAFETY: as asserted, there are four rows for each block.
                unsafe { knobs.take(simd, self.rule, at, sum, place) }
            }
        });
    }

    /// The inputs of layer l whose weights thread t updates. Different threads have different
    /// ones.
    fn inputs(&self, l: usize, t: usize) -> Range<usize> {
        let all = self.layers[l].shape.inputs;
        match l == 1 && self.plan.by_tile {
            true => {
                let neurons = self.plan.neurons(t);
                neurons.start..neurons.end.min(all)
            }
            false => share(all, t, self.plan.threads),
        }
    }

    /// The knobs of layer l, one of those above the first, that belong to thread t: the weights
    /// of some inputs, which are also kept transposed, and with thread 0 the biases.
    ///
    /// # Safety
    /// While it runs, it must not be called again with the same t.
    #[inline(always)]
    unsafe fn upper_layer<S: Simd>(&self, simd: S, t: usize, l: usize) {
        let [below, layer] = [&self.layers[l - 1], &self.layers[l]];
        let (shape, tiles) = (layer.shape, &below.shape.tiles);
        let (columns, inputs) = (shape.columns, self.inputs(l, t));
        let (rule, pictures) = (self.rule, self.plan.rows.len());
        let delta = Rows { values: layer.delta, width: shape.stride };
        let a = Table {
            values: &below.a[inputs.start..],
            out: 1,
            term: below.shape.stride,
        };
        let gradient = &mut Gradient {
            // SAFETY: different threads have different inputs.
            knobs: unsafe {
                layer.w.claim(inputs.start * columns..inputs.end * columns)
            },
            rule,
            width: columns,
            place: Place::ONLY,
        };
        let sizes = [inputs.len(), pictures];
        product(simd, a, delta, sizes, 0..columns, gradient);
        let w = &*gradient.knobs.values;
        // SAFETY: different threads have different inputs, and this one has let go of its claims
        // on the transposed weights.
        unsafe { transpose(shape, tiles, inputs, w, &layer.transposed) };
        if t == 0 {
            // SAFETY: no other thread gets here.
            let b = unsafe { layer.b.claim(0..columns) };
            biases(simd, rule, delta, pictures, b, Place::ONLY);
        }
    }
}

impl Phase for Update<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(
        &self,
        simd: S,
        t: usize,
        workspace: &mut Workspace,
    ) {
        let Update { plan, rule, layers } = self;
        let (first, pictures) = (&layers[0], plan.rows.len());
        let Workspace { turned, z } = workspace;
        for chunk in plan.chunks() {
            // A batch of one chunk has stayed as phase 1 turned it.
            if pictures > CHUNK {
                turned.turn(
                    plan.lit,
                    plan.rows,
                    chunk.clone(),
                    plan.halves(t),
                );
            }
            let place = Place {
                first: chunk.start == 0,
                last: chunk.end == pictures,
            };
            for piece in plan.pieces(t) {
                let Piece { neurons, halves } = piece;
                let delta = if plan.by_tile {
                    let second = &layers[1];
                    let table = second.shape.transposed_table(neurons);
                    // SAFETY: no other thread has this tile, and the weights of its neurons in
                    // the second layer are this thread's too: see `inputs`.
                    let transposed =
                        unsafe { second.transposed.claim_rows(table) };
                    self.delta_of_tile(simd, z, &chunk, neurons, transposed)
                } else {
                    let of_chunk = first.shape.pictures(&chunk);
                    Rows {
                        values: &first.delta[of_chunk][neurons.start..],
                        width: first.shape.stride,
                    }
                };
                let (table, blocks) =
                    (first.shape.table(neurons), plan.blocks(halves));
                let row = BLOCK * neurons.len();
                let of_piece = table.start + blocks.start * row
                    ..table.start + blocks.end * row;
                // SAFETY: no other thread has this piece.
                let mut w = unsafe { first.w.claim(of_piece) };
                self.weights(simd, turned, delta, piece, place, &mut w);
                if halves.end == 2 {
                    // SAFETY: of the pieces of these neurons, one alone has the lower half.
                    let b = unsafe { first.b.claim(neurons.clone()) };
                    biases(simd, *rule, delta, chunk.len(), b, place);
                }
            }
        }
        for l in 1..layers.len() {
            // SAFETY: as for this function.
            unsafe { self.upper_layer(simd, t, l) };
        }
    }
}
