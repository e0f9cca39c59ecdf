//! The knobs, which are the numbers that are learned, and the rules for their steps: plain
//! gradient descent, momentum and Adam.

use std::ops::Range;

use pulp::Simd;

use super::kernel::{
    Aligned, Put, Rows, Table, add, load, product, store, zeros,
};
use super::pool::Parted;
use crate::mnist::optimiser::{BETA_1, BETA_2, EPSILON, Optimiser};

/// Weights or biases.
pub struct Knobs {
    pub values: Aligned,
    /// What the optimiser remembers of each.
    pub moments: Vec<Aligned>,
    /// The gradient so far, if a batch has several chunks; else empty.
    pub gradient: Aligned,
}

impl Knobs {
    /// n knobs that are 0.
    pub fn new(n: usize, moments: usize, gradient: bool) -> Knobs {
        Knobs {
            values: zeros(n),
            moments: (0..moments).map(|_| zeros(n)).collect(),
            gradient: zeros(if gradient { n } else { 0 }),
        }
    }
}

/// [`Knobs`] that can be handed to threads in parts.
pub struct PartedKnobs<'a> {
    values: Parted<'a, f32>,
    moments: [Parted<'a, f32>; 2],
    gradient: Parted<'a, f32>,
}

/// What the optimiser needs to know for one step.
#[derive(Clone, Copy)]
pub struct Rule {
    pub rate: f32,
    /// 1/m: the gradient is a mean.
    pub share: f32,
    pub l2: f32,
    pub optimiser: Optimiser,
    /// 1 − βᵗ for both moments of Adam: see [`seen`].
    pub seen: [f32; 2],
}

/// Knobs that one thread alone uses, and what the optimiser remembers of them.
pub struct ClaimedKnobs<'a> {
    pub values: &'a mut [f32],
    pub moments: [&'a mut [f32]; 2],
    pub gradient: &'a mut [f32],
}

/// Whether a chunk is the first of its batch, and whether it is the last.
#[derive(Clone, Copy)]
pub struct Place {
    pub first: bool,
    pub last: bool,
}

impl Place {
    /// The only chunk of its batch.
    pub const ONLY: Place = Place { first: true, last: true };
}

impl<'a> PartedKnobs<'a> {
    /// All of them.
    pub fn new(knobs: &'a mut Knobs) -> Self {
        let mut moments = knobs.moments.iter_mut();
        let mut moment =
            || Parted::new(moments.next().map_or(&mut [][..], |m| m), 1);
        PartedKnobs {
            values: Parted::new(&mut knobs.values, 1),
            moments: [moment(), moment()],
            gradient: Parted::new(&mut knobs.gradient, 1),
        }
    }

    /// Some of them, for one thread alone.
    ///
    /// # Safety
    /// As [`Parted::claim`].
    ///
    /// # Panics
    /// If there are no such knobs.
    #[inline(always)]
    pub unsafe fn claim(&self, part: Range<usize>) -> ClaimedKnobs<'_> {
        // An array that is not needed is empty, and has no parts.
        let part_of = |array: &Parted<f32>| {
            if array.is_empty() { 0..0 } else { part.clone() }
        };
        let PartedKnobs { values, moments: [first, second], gradient } =
            self;
        // SAFETY: the caller's promise, for each of the arrays.
        unsafe {
            ClaimedKnobs {
                values: values.claim_rows(part.clone()),
                moments: [
                    first.claim_rows(part_of(first)),
                    second.claim_rows(part_of(second)),
                ],
                gradient: gradient.claim_rows(part_of(gradient)),
            }
        }
    }
}

impl ClaimedKnobs<'_> {
    /// Takes the gradient of N vectors of knobs from `at` on, or what one chunk adds to it. With
    /// the last chunk, the knobs are updated.
    ///
    /// # Safety
    /// They lie inside.
    #[inline(always)]
    pub unsafe fn take<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        rule: Rule,
        at: usize,
        sum: &[S::f32s; N],
        place: Place,
    ) {
        let mut sum = *sum;
        // SAFETY: inside, and the arrays of a `Knobs` that are used are as long as its values.
        unsafe {
            if !place.first {
                add(simd, &mut sum, 1.0, &load::<S, N>(self.gradient, at));
            }
            match place.last {
                false => store::<S, N>(self.gradient, at, sum),
                true => self.update(simd, rule, at, &sum),
            }
        }
    }

    /// The step of the optimiser for N vectors of knobs from `at` on: of plain gradient descent,
    /// of momentum or of Adam.
    ///
    /// # Safety
    /// They lie inside.
    #[inline(always)]
    unsafe fn update<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        rule: Rule,
        at: usize,
        sum: &[S::f32s; N],
    ) {
        let zero = [simd.splat_f32s(0.0); N];
        // SAFETY: inside the values, and the moments that the optimiser needs are as long.
        unsafe {
            let mut w = load::<S, N>(self.values, at);
            // The mean gradient, with λ w of L2.
            let mut g = zero;
            add(simd, &mut g, rule.share, sum);
            if rule.l2 != 0.0 {
                add(simd, &mut g, rule.l2, &w);
            }
            match rule.optimiser {
                Optimiser::Momentum(0.0) => {
                    add(simd, &mut w, -rule.rate, &g)
                }
                Optimiser::Momentum(mu) => {
                    let mut u = zero;
                    add(
                        simd,
                        &mut u,
                        mu as f32,
                        &load::<S, N>(self.moments[0], at),
                    );
                    add(simd, &mut u, -rule.rate, &g);
                    store::<S, N>(self.moments[0], at, u);
                    add(simd, &mut w, 1.0, &u);
                }
                Optimiser::Adam => {
                    let [mut m, mut s] = [zero; 2];
                    add(
                        simd,
                        &mut m,
                        BETA_1 as f32,
                        &load::<S, N>(self.moments[0], at),
                    );
                    add(simd, &mut m, (1.0 - BETA_1) as f32, &g);
                    store::<S, N>(self.moments[0], at, m);
                    add(
                        simd,
                        &mut s,
                        BETA_2 as f32,
                        &load::<S, N>(self.moments[1], at),
                    );
                    let squares =
                        std::array::from_fn(|n| simd.mul_f32s(g[n], g[n]));
                    add(simd, &mut s, (1.0 - BETA_2) as f32, &squares);
                    store::<S, N>(self.moments[1], at, s);
                    let [seen_1, seen_2] =
                        rule.seen.map(|seen| simd.splat_f32s(seen));
                    let epsilon = simd.splat_f32s(EPSILON as f32);
                    let ratio = std::array::from_fn(|n| {
                        let root =
                            simd.sqrt_f32s(simd.div_f32s(s[n], seen_2));
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

/// 1 − βᵗ for both moments of Adam, by which they are divided after t steps.
pub fn seen(steps: u64) -> [f32; 2] {
    [BETA_1, BETA_2].map(|beta| (1.0 - beta.powf(steps as f64)) as f32)
}

impl Rule {
    /// Whether a knob whose gradient is 0 stays as it is.
    pub fn leaves_without_gradient(self) -> bool {
        self.optimiser == Optimiser::Momentum(0.0) && self.l2 == 0.0
    }
}

/// Each finished sum is the gradient of its knobs. Row i of the knobs begins at i · `width`.
pub struct Gradient<'a> {
    pub knobs: ClaimedKnobs<'a>,
    pub rule: Rule,
    pub width: usize,
    pub place: Place,
}

impl Put for Gradient<'_> {
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

/// Biases: the gradient of each is the sum of its δ over the pictures.
#[inline(always)]
pub fn biases<S: Simd>(
    simd: S,
    rule: Rule,
    delta: Rows,
    pictures: usize,
    knobs: ClaimedKnobs,
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
        &mut Gradient { knobs, rule, width: 0, place },
    );
}
