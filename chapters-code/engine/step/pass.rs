//! What becomes of a finished sum on the way up and on the way back, and the cost at the top.

use pulp::Simd;

use crate::engine::kernel::{
    Put, Rows, Table, activate, exp, load, product, store, times_slope,
};
use crate::mnist::Objective;
use crate::sigmoid::Activation;

/// z = sum + b, a = f(z).
pub struct Forward<'a> {
    pub f: Activation,
    pub b: &'a [f32],
    pub a: &'a mut [f32],
    /// The distance from one picture to the next in `a`.
    pub stride: usize,
}

impl Put for Forward<'_> {
    #[inline(always)]
    fn put<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        i: usize,
        column: usize,
        sum: &[S::f32s; N],
    ) {
        let strip = N * S::F32_LANES;
        let a = &mut self.a[i * self.stride + column..][..strip];
        let b = &self.b[column..][..strip];
        // SAFETY: both were cut to N vectors.
        unsafe {
            let b = load::<S, N>(b, 0);
            let z = std::array::from_fn(|n| simd.add_f32s(sum[n], b[n]));
            store::<S, N>(a, 0, z);
        }
        activate(self.f, a);
    }
}

/// δ = sum · f′(z).
pub struct Backward<'a> {
    pub f: Activation,
    pub a: &'a [f32],
    pub delta: &'a mut [f32],
    /// The distance from one picture to the next in `a` and in `delta`.
    pub strides: [usize; 2],
}

impl Put for Backward<'_> {
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

/// δ of some pictures in a tile, from the layer above it: its δ, a row for each picture, and
/// the table of its weights for the tile, a row for each of its neurons.
#[inline(always)]
pub fn backward<S: Simd>(
    simd: S,
    above: Rows,
    transposed: Rows,
    sizes: [usize; 2],
    to: &mut Backward,
) {
    let delta = Table { values: above.values, out: above.width, term: 1 };
    product(simd, delta, transposed, sizes, 0..transposed.width, to);
}

/// The cost of one picture, and its δ in the last layer. A row of δ is longer than the outputs;
/// what lies beyond them becomes 0.
#[inline(always)]
pub fn output_delta(
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
