//! The arithmetic that takes nearly all the time: c · row, added to sums kept in registers.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::ops::Range;
use std::time::Instant;

use pulp::{Arch, Simd, WithSimd};

use crate::sigmoid::Activation;

/// Floats in a cache line of 64 bytes.
pub const LINE: usize = 16;

/// Numbers that begin at a cache line. (A vector that lies across two lines costs two loads.)
pub type Aligned = aligned_vec::AVec<f32, aligned_vec::ConstAlign<64>>;

/// n zeros.
pub fn zeros(n: usize) -> Aligned {
    aligned_vec::avec![[64]| 0.0; n]
}

/// Cuts columns into strips of at most 4 vectors, and runs the body for each; N is its number of
/// vectors.
macro_rules! strips {
    ($S:ty, $columns:expr, |$column:ident, $N:ident| $body:expr) => {{
        let columns: std::ops::Range<usize> = $columns;
        let mut $column = columns.start;
        while $column < columns.end {
            macro_rules! strip {
                ($n:literal) => {{
                    const $N: usize = $n;
                    $body;
                    $column += $n * <$S>::F32_LANES;
                }};
            }
            let left = (columns.end - $column) / <$S>::F32_LANES;
            match left.min($crate::engine::kernel::widest::<$S>()) {
                0 => unreachable!("columns come in whole cache lines"),
                1 => strip!(1),
                2 => strip!(2),
                3 => strip!(3),
                _ => strip!(4),
            }
        }
    }};
}
pub(crate) use strips;

/// The largest number of vectors in a strip: five rows of it have to fit into the registers, of
/// which AVX2 has 16, AVX-512 and NEON 32.
#[inline(always)]
pub fn widest<S: Simd>() -> usize {
    if S::F32_LANES == 8 { 2 } else { 4 }
}

/// Loads N vectors from `at` on.
///
/// # Safety
/// They lie inside `numbers`.
#[inline(always)]
pub unsafe fn load<S: Simd, const N: usize>(
    numbers: &[f32],
    at: usize,
) -> [S::f32s; N] {
    debug_assert!(at + N * S::F32_LANES <= numbers.len());
    // SAFETY: inside, and any bits are floats.
    unsafe {
        numbers.as_ptr().add(at).cast::<[S::f32s; N]>().read_unaligned()
    }
}

/// Stores N vectors from `at` on.
///
/// # Safety
/// They lie inside `numbers`.
#[inline(always)]
pub unsafe fn store<S: Simd, const N: usize>(
    numbers: &mut [f32],
    at: usize,
    strip: [S::f32s; N],
) {
    debug_assert!(at + N * S::F32_LANES <= numbers.len());
    // SAFETY: inside, and a vector is nothing but floats.
    unsafe {
        numbers
            .as_mut_ptr()
            .add(at)
            .cast::<[S::f32s; N]>()
            .write_unaligned(strip)
    }
}

/// sum ← sum + c · row.
#[inline(always)]
pub fn add<S: Simd, const N: usize>(
    simd: S,
    sum: &mut [S::f32s; N],
    c: f32,
    row: &[S::f32s; N],
) {
    let c = simd.splat_f32s(c);
    for n in 0..N {
        sum[n] = simd.mul_add_e_f32s(c, row[n], sum[n]);
    }
}

/// A table of numbers c_ik: c_ik is `values[i * out + k * term]`.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// The numbers.
    pub values: &'a [f32],
    /// The distance from c_ik to c_(i+1)k.
    pub out: usize,
    /// The distance from c_ik to c_i(k+1).
    pub term: usize,
}

/// Rows of floats, `width` apart.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// The floats.
    pub values: &'a [f32],
    /// The distance from one row to the next.
    pub width: usize,
}

/// What to do with a strip of a finished sum.
pub trait Put {
    /// Takes the strip that begins at a column of sum i.
    fn put<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        i: usize,
        column: usize,
        sum: &[S::f32s; N],
    );
}

/// Σ_k c_ik · row_k, for k below `terms` and each i below `outs`: a matrix product.
///
/// # Panics
/// If a table or a row is too short.
#[inline(always)]
pub fn product<S: Simd>(
    simd: S,
    c: Table,
    rows: Rows,
    [outs, terms]: [usize; 2],
    columns: Range<usize>,
    to: &mut impl Put,
) {
    if outs == 0 || terms == 0 {
        return;
    }
    assert!(columns.len().is_multiple_of(LINE));
    assert!((terms - 1) * rows.width + columns.end <= rows.values.len());
    assert!((outs - 1) * c.out + (terms - 1) * c.term < c.values.len());
    strips!(S, columns.clone(), |column, N| {
        let mut i = 0;
        macro_rules! rows {
            ($r:literal) => {
                while outs - i >= $r {
                    // SAFETY: asserted above.
                    unsafe {
                        sums::<S, N, $r>(
                            simd, c, rows, terms, column, i, to,
                        )
                    }
                    i += $r;
                }
            };
        }
        // Each addition to a sum waits for the one before. Eight sums or more keep the core busy.
        if N == 1 {
            rows!(16);
        }
        rows!(4);
        rows!(2);
        rows!(1);
    });
}

/// R sums at a time, from sum i on, so that a row is loaded once for all of them.
///
/// # Safety
/// For these sums, these columns and all terms, table and rows are long enough.
#[inline(always)]
unsafe fn sums<S: Simd, const N: usize, const R: usize>(
    simd: S,
    c: Table,
    rows: Rows,
    terms: usize,
    column: usize,
    i: usize,
    to: &mut impl Put,
) {
    let mut sums = [[simd.splat_f32s(0.0); N]; R];
    for k in 0..terms {
        // SAFETY: the caller's promise for the rows.
        let row =
            unsafe { load::<S, N>(rows.values, k * rows.width + column) };
        for (r, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise for the table.
            let c = unsafe {
                *c.values.get_unchecked((i + r) * c.out + k * c.term)
            };
            add(simd, sum, c, &row);
        }
    }
    for (r, sum) in sums.iter().enumerate() {
        to.put(simd, i + r, column, sum);
    }
}

/// eˣ, without a branch or a table, so that the compiler turns a loop over it into vectors.
/// x = n ln 2 + r with |r| ≤ ½ ln 2, and eˣ = 2ⁿ eʳ: eʳ by eight terms of its series, 2ⁿ
/// by adding n to the exponent's bits. Right to 3 parts in 10⁷; below −87 and above 88 it keeps
/// the value that it has there.
///
/// ```
/// for x in [-80.0_f32, -1.5, -1e-3, 0.0, 0.3, 2.0, 87.0] {
///     approx::assert_relative_eq!(neurons::engine::kernel::exp(x), x.exp(), max_relative = 3e-7);
/// }
/// ```
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    /// 1.5 · 2²³: a number added to it is rounded to a whole one, and ends up in the last bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts. The first has few bits, so that n times it is exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    let x = x.clamp(-87.0, 88.0);
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * LN_2[0] - n * LN_2[1];
    const SERIES: [f32; 5] =
        [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5];
    let tail = SERIES.iter().fold(1.0 / 5040.0, |sum, c| sum * r + c);
    let e = 1.0 + r * (1.0 + r * tail);
    f32::from_bits(e.to_bits().wrapping_add(rounded.to_bits() << 23))
}

/// a ← f(a).
#[inline(always)]
pub fn activate(f: Activation, a: &mut [f32]) {
    let sigmoid = |z: f32| 1.0 / (1.0 + exp(-z));
    match f {
        Activation::Identity => {}
        Activation::Sigmoid => a.iter_mut().for_each(|a| *a = sigmoid(*a)),
        Activation::Tanh => {
            a.iter_mut().for_each(|a| *a = 2.0 * sigmoid(2.0 * *a) - 1.0)
        }
        // Not `f32::max`, which turns a NaN into 0: the run would go on without a word.
        Activation::Relu => {
            a.iter_mut().for_each(|a| *a = if *a < 0.0 { 0.0 } else { *a });
        }
        Activation::LeakyRelu => {
            a.iter_mut()
                .for_each(|a| *a = if *a > 0.0 { *a } else { LEAK * *a });
        }
        Activation::Softplus => {
            a.iter_mut()
                .for_each(|a| *a = a.max(0.0) + (-a.abs()).exp().ln_1p());
        }
    }
}

const LEAK: f32 = crate::sigmoid::LEAK as f32;

/// delta ← delta · f′(z), from a = f(z).
#[inline(always)]
pub fn times_slope(f: Activation, delta: &mut [f32], a: &[f32]) {
    let both = delta.iter_mut().zip(a);
    match f {
        Activation::Identity => {}
        Activation::Sigmoid => {
            both.for_each(|(delta, a)| *delta *= a * (1.0 - a))
        }
        Activation::Tanh => {
            both.for_each(|(delta, a)| *delta *= 1.0 - a * a)
        }
        Activation::Relu => {
            both.for_each(|(delta, a)| {
                *delta = if *a > 0.0 { *delta } else { 0.0 }
            });
        }
        Activation::LeakyRelu => {
            both.for_each(|(delta, a)| {
                *delta *= if *a > 0.0 { 1.0 } else { LEAK }
            });
        }
        Activation::Softplus => {
            both.for_each(|(delta, a)| *delta *= 1.0 - exp(-a))
        }
    }
}

/// Asks the processor for memory that will be read soon.
#[inline(always)]
pub fn fetch<T>(soon: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for at in (0..size_of_val(soon))
        .step_by(64)
        .chain(size_of_val(soon).checked_sub(1))
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: inside `soon`; the instruction changes nothing but what is in the cache.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(soon.as_ptr().cast::<i8>().add(at))
        };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = soon;
}

/// How many pairs of a multiplication and an addition one core does in a second, on vectors
/// that stay in registers: the best of 30 tries.
pub fn peak() -> f64 {
    const ROUNDS: usize = 1_000_000;
    /// Enough sums at once that no addition has to wait for the one before.
    const SUMS: usize = 12;

    struct Peak;
    impl WithSimd for Peak {
        type Output = (usize, f32);

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            let [c, d] =
                [0.999, 1e-3].map(|x| simd.splat_f32s(black_box(x)));
            let mut sums = [simd.splat_f32s(1.0); SUMS];
            for _ in 0..ROUNDS {
                for sum in &mut sums {
                    *sum = simd.mul_add_e_f32s(*sum, c, d);
                }
            }
            (
                S::F32_LANES,
                sums.iter().map(|&sum| simd.reduce_sum_f32s(sum)).sum(),
            )
        }
    }
    let once = || {
        let start = Instant::now();
        let (lanes, sum) = Arch::new().dispatch(Peak);
        black_box(sum);
        (ROUNDS * SUMS * lanes) as f64 / start.elapsed().as_secs_f64()
    };
    (0..30).map(|_| once()).fold(0.0, f64::max)
}
