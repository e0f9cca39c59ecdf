//! Phase 2: the layers above the first, the cost, and δ on the way back.

use std::ops::Range;

use pulp::Simd;

use super::pass::{Backward, Forward, backward, output_delta};
use super::plan::{Phase, Plan};
use crate::engine::fast_layer::{FastLayer, Shape};
use crate::engine::kernel::{LINE, Rows, Table, activate, product};
use crate::engine::pool::Parted;
use crate::engine::workspace::Workspace;

/// How many pictures go through the upper layers together, while their numbers are in the cache,
/// unless those layers have more weights than the second-level cache can hold.
const GROUP: usize = 16;
/// The largest number of weights of the upper layers for which that is done. Each counts twice,
/// because it is also kept transposed.
const AT_HAND: usize = 1 << 18;

/// Each thread works on some pictures, in all layers.
pub struct UpperLayers<'a> {
    plan: &'a Plan<'a>,
    /// The labels of all pictures. `None` if the network only answers.
    labels: Option<&'a [u8]>,
    layers: Vec<LayerOfPictures<'a>>,
    /// For each tile of the first layer a row of sums, LINE for each picture.
    partial: &'a [f32],
    costs: Parted<'a, f32>,
}

/// A layer whose knobs are read, and whose activations and δ are shared out by pictures.
struct LayerOfPictures<'a> {
    shape: &'a Shape,
    w: &'a [f32],
    b: &'a [f32],
    transposed: &'a [f32],
    a: Parted<'a, f32>,
    delta: Parted<'a, f32>,
}

impl<'a> LayerOfPictures<'a> {
    fn new(layer: &'a mut FastLayer) -> Self {
        let FastLayer { shape, w, b, transposed, a, delta } = layer;
        LayerOfPictures {
            w: &w.values,
            b: &b.values,
            transposed,
            a: Parted::new(a, shape.stride),
            delta: Parted::new(delta, shape.stride),
            shape,
        }
    }
}

/// The activations, δ and costs of the pictures of one thread.
struct OwnPictures<'a> {
    /// Their places in the batch.
    pictures: Range<usize>,
    /// For each layer, activations and δ.
    layers: Vec<(&'a mut [f32], &'a mut [f32])>,
    costs: &'a mut [f32],
}

impl<'a> UpperLayers<'a> {
    /// The phase for these layers.
    pub fn new(
        plan: &'a Plan<'a>,
        labels: Option<&'a [u8]>,
        layers: &'a mut [FastLayer],
        partial: &'a [f32],
        costs: &'a mut [f32],
    ) -> Self {
        UpperLayers {
            plan,
            labels,
            layers: layers.iter_mut().map(LayerOfPictures::new).collect(),
            partial,
            costs: Parted::new(costs, 1),
        }
    }

    /// The numbers of some pictures, for one thread alone.
    ///
    /// # Safety
    /// While the claim is in use, no other claim of one of these pictures may be.
    unsafe fn claim(&self, pictures: Range<usize>) -> OwnPictures<'_> {
        // SAFETY: the caller's promise.
        unsafe {
            let layers = self.layers.iter().map(|layer| {
                let a = layer.a.claim_rows(pictures.clone());
                (a, layer.delta.claim_rows(pictures.clone()))
            });
            OwnPictures {
                layers: layers.collect(),
                costs: self.costs.claim_rows(pictures.clone()),
                pictures,
            }
        }
    }

    /// How many pictures go through the layers together.
    fn pictures_at_once(&self) -> usize {
        let weights =
            self.layers[1..].iter().map(|layer| 2 * layer.w.len());
        match weights.sum::<usize>() <= AT_HAND {
            true => GROUP,
            false => usize::MAX,
        }
    }

    /// The activations of a narrow first layer, from the sums of both halves.
    #[inline(always)]
    fn add_halves(&self, own: &mut OwnPictures, group: Range<usize>) {
        let LayerOfPictures { shape, b, .. } = &self.layers[0];
        let (a, lower) = &mut own.layers[0];
        let group = shape.pictures(&group);
        let a = a[group.clone()].chunks_exact_mut(shape.stride);
        for (a, lower) in a.zip(lower[group].chunks_exact(shape.stride)) {
            let a = &mut a[..shape.columns];
            a.iter_mut()
                .zip(lower)
                .zip(*b)
                .for_each(|((a, z), b)| *a += z + b);
            activate(self.plan.activation(0), a);
        }
    }

    /// The activations of the second layer, from what the tiles of the first add to its sums.
    #[inline(always)]
    fn add_tiles(&self, own: &mut OwnPictures, group: Range<usize>) {
        let LayerOfPictures { shape, b, .. } = &self.layers[1];
        let tiles = self.layers[0].shape.tiles.len();
        let width = self.partial.len() / tiles;
        let first = own.pictures.start;
        let rows = own.layers[1].0[shape.pictures(&group)]
            .chunks_exact_mut(shape.stride);
        for (s, a) in group.zip(rows) {
            let (a, at) = (&mut a[..LINE], (first + s) * LINE);
            a.copy_from_slice(b);
            for tile in self.partial.chunks_exact(width) {
                let z = &tile[at..at + LINE];
                a.iter_mut().zip(z).for_each(|(a, z)| *a += z);
            }
            activate(self.plan.activation(1), a);
        }
    }

    /// The activations of layer l, from those of the layer below.
    #[inline(always)]
    fn forward<S: Simd>(
        &self,
        simd: S,
        own: &mut OwnPictures,
        group: &Range<usize>,
        l: usize,
    ) {
        let LayerOfPictures { shape, w, b, .. } = &self.layers[l];
        let below = self.layers[l - 1].shape;
        let [(a_below, _), (a, _)] = &mut own.layers[l - 1..=l] else {
            unreachable!("two layers")
        };
        let a_below = Table {
            values: &a_below[below.pictures(group)],
            out: below.stride,
            term: 1,
        };
        let w = Rows { values: w, width: shape.columns };
        let forward = &mut Forward {
            f: self.plan.activation(l),
            b,
            a: &mut a[shape.pictures(group)],
            stride: shape.stride,
        };
        let sizes = [group.len(), shape.inputs];
        product(simd, a_below, w, sizes, 0..shape.columns, forward);
    }

    /// The cost of each picture, and its δ in the last layer.
    #[inline(always)]
    fn costs(
        &self,
        labels: &[u8],
        own: &mut OwnPictures,
        group: Range<usize>,
    ) {
        let last = self.layers.len() - 1;
        let shape = self.layers[last].shape;
        let (a, delta) = &mut own.layers[last];
        for i in group {
            let row = i * shape.stride;
            let label = labels[self.plan.rows[own.pictures.start + i]];
            own.costs[i] = output_delta(
                self.plan.objective,
                &a[row..row + shape.outputs],
                &mut delta[row..row + shape.columns],
                usize::from(label),
            );
        }
    }

    /// δ of the layer below layer l.
    #[inline(always)]
    fn backward<S: Simd>(
        &self,
        simd: S,
        own: &mut OwnPictures,
        group: &Range<usize>,
        l: usize,
    ) {
        let LayerOfPictures { shape, transposed, .. } = &self.layers[l];
        let below = self.layers[l - 1].shape;
        let [(a_below, delta_below), (_, delta)] =
            &mut own.layers[l - 1..=l]
        else {
            unreachable!("two layers")
        };
        let delta = Rows {
            values: &delta[shape.pictures(group)],
            width: shape.stride,
        };
        let pictures = below.pictures(group);
        for tile in &below.tiles {
            let to = &mut Backward {
                f: self.plan.hidden,
                a: &a_below[pictures.clone()][tile.start..],
                delta: &mut delta_below[pictures.clone()][tile.start..],
                strides: [below.stride; 2],
            };
            let transposed = Rows {
                values: &transposed[shape.transposed_table(tile)],
                width: tile.len(),
            };
            let sizes = [group.len(), shape.outputs];
            backward(simd, delta, transposed, sizes, to);
        }
    }
}

impl Phase for UpperLayers<'_> {
    #[inline(always)]
    unsafe fn run<S: Simd>(&self, simd: S, t: usize, _: &mut Workspace) {
        // SAFETY: no other thread has these pictures.
        let own = &mut unsafe { self.claim(self.plan.pictures(t)) };
        let (n, at_once) = (own.pictures.len(), self.pictures_at_once());
        // If the tiles have done the sums of the second layer, they also do the first layer's δ.
        let lowest = if self.plan.by_tile { 2 } else { 1 };
        for from in (0..n).step_by(at_once) {
            let group = from..n.min(from.saturating_add(at_once));
            if !self.plan.is_wide {
                self.add_halves(own, group.clone());
            }
            if self.plan.by_tile {
                self.add_tiles(own, group.clone());
            }
            for l in lowest..self.layers.len() {
                self.forward(simd, own, &group, l);
            }
            let Some(labels) = self.labels else { continue };
            self.costs(labels, own, group.clone());
            for l in (lowest..self.layers.len()).rev() {
                self.backward(simd, own, &group, l);
            }
        }
    }
}
