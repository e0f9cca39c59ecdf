//! Chapter 20. The weighted sums of a layer, from three nested loops to two cores.
//!
//! All functions compute Z = X Wᵀ: m pictures of p pixels, n neurons. The first function
//! takes the weights neuron by neuron (n rows of p), the others take them turned round (p
//! rows of n).

use std::ops::{AddAssign, Mul};
use std::sync::Mutex;

use pulp::{Arch, Simd, WithSimd};

use crate::engine::kernel::Aligned;
use crate::engine::lit::{BLOCK, Lit};
use crate::engine::pool::Pool;
use crate::mnist::{Objective, Recipe};
use crate::pixels::assert_shape;
use crate::sigmoid::Activation;

/// z_sj = Σ_k w_jk x_sk, as it is written.
///
/// ```
/// use neurons::{gradient::random_point, layer::Layer, speed::three_loops};
/// let layer = Layer { w: random_point(1, (3, 5)), b: neurons::ndarray::Array1::zeros(3) };
/// let x = random_point(2, (4, 5));
/// let z = three_loops(x.as_slice().unwrap(), layer.w.as_slice().unwrap(), 5);
/// let wanted = layer.weighted_sums(&x).into_raw_vec_and_offset().0;
/// approx::assert_relative_eq!(z[..], wanted[..], max_relative = 1e-12);
/// ```
///
/// # Panics
/// If x or w is not made of whole rows of p.
pub fn three_loops(x: &[f64], w: &[f64], p: usize) -> Vec<f64> {
    assert_rows("x", x.len(), p);
    assert_rows("w", w.len(), p);
    let (m, n) = (x.len() / p, w.len() / p);
    let mut z = vec![0.0; m * n];
    for s in 0..m {
        for j in 0..n {
            for k in 0..p {
                z[s * n + j] += w[j * p + k] * x[s * p + k];
            }
        }
    }
    z
}

/// Stops with a sentence unless this many numbers make whole rows of p.
#[track_caller]
fn assert_rows(array: &str, numbers: usize, p: usize) {
    assert_shape(array, &[numbers], &[numbers / p * p]);
}

/// The rows of a matrix become its columns: p rows of n in place of n rows of p.
///
/// ```
/// assert_eq!(neurons::speed::turned(&[1, 2, 3, 4, 5, 6], 3), [1, 4, 2, 5, 3, 6]);
/// ```
///
/// # Panics
/// If w is not made of whole rows of p.
pub fn turned<T: Copy>(w: &[T], p: usize) -> Vec<T> {
    assert_rows("w", w.len(), p);
    (0..p).flat_map(|k| w.iter().skip(k).step_by(p).copied()).collect()
}

/// A number to calculate with: f64 or f32.
pub trait Number:
    Copy + Default + PartialEq + AddAssign + Mul<Output = Self>
{
}

impl Number for f64 {}
impl Number for f32 {}

/// Each pixel adds its row of weights to the sums of its picture. The innermost loop goes
/// along memory, and its sums do not wait for each other.
///
/// ```
/// use neurons::{gradient::random_point, speed::{along_memory, three_loops, turned}};
/// let (x, w) = (random_point(1, 4 * 5), random_point(2, 3 * 5));
/// let (x, w) = (x.as_slice().unwrap(), w.as_slice().unwrap());
/// let z = along_memory(x, &turned(w, 5), 5);
/// approx::assert_relative_eq!(z[..], three_loops(x, w, 5)[..], max_relative = 1e-12);
/// ```
///
/// # Panics
/// If x is not made of whole rows of p, or w not of p rows.
pub fn along_memory<T: Number>(x: &[T], w: &[T], p: usize) -> Vec<T> {
    sums::<T, false>(x, w, p)
}

/// [`along_memory`], compiled for each kind of processor; the one at hand is chosen when
/// the program runs.
///
/// ```
/// use neurons::speed::{along_memory, with_wide_vectors};
/// let (x, w) = ([1.0_f32, 2.0], [3.0, 4.0, 5.0, 6.0]);
/// assert_eq!(with_wide_vectors(&x, &w, 2), along_memory(&x, &w, 2));
/// ```
///
/// # Panics
/// As [`along_memory`].
pub fn with_wide_vectors(x: &[f32], w: &[f32], p: usize) -> Vec<f32> {
    Arch::new().dispatch(Wide::<false> { x, w, p })
}

/// [`with_wide_vectors`], but pixels that are 0 are skipped.
///
/// ```
/// use neurons::speed::{along_memory, without_zeros};
/// let (x, w) = ([0.0_f32, 2.0], [3.0, 4.0, 5.0, 6.0]);
/// assert_eq!(without_zeros(&x, &w, 2), along_memory(&x, &w, 2));
/// ```
///
/// # Panics
/// As [`along_memory`].
pub fn without_zeros(x: &[f32], w: &[f32], p: usize) -> Vec<f32> {
    Arch::new().dispatch(Wide::<true> { x, w, p })
}

struct Wide<'a, const SKIP: bool> {
    x: &'a [f32],
    w: &'a [f32],
    p: usize,
}

impl<const SKIP: bool> WithSimd for Wide<'_, SKIP> {
    type Output = Vec<f32>;

    /// Compiled once for each kind of processor: whatever is inlined here uses its vectors.
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<f32> {
        sums::<f32, SKIP>(self.x, self.w, self.p)
    }
}

#[inline(always)]
fn sums<T: Number, const SKIP: bool>(x: &[T], w: &[T], p: usize) -> Vec<T> {
    assert_rows("x", x.len(), p);
    assert_rows("w", w.len(), p);
    let n = w.len() / p;
    let mut z = vec![T::default(); x.len() / p * n];
    for (x, z) in x.chunks_exact(p).zip(z.chunks_exact_mut(n)) {
        for (&x, w) in x.iter().zip(w.chunks_exact(n)) {
            if SKIP && x == T::default() {
                continue;
            }
            for (z, &w) in z.iter_mut().zip(w) {
                *z += w * x;
            }
        }
    }
    z
}

/// For each block of four pixels, the pictures that light it, with the four pixels.
pub type ByBlock = Vec<Vec<(usize, [f32; BLOCK])>>;

/// A batch turned round.
///
/// ```
/// use neurons::{engine::lit::Lit, speed::by_block};
/// let lit = Lit::of(&[0, 0, 0, 0, 255, 0, 0, 51, 0, 0, 0, 0, 0, 0, 0, 102], 8);
/// assert_eq!(by_block(&lit, &[0, 1]), [vec![], vec![(0, [1.0, 0.0, 0.0, 0.2]), (1, [0.0, 0.0, 0.0, 0.4])]]);
/// ```
pub fn by_block(lit: &Lit, rows: &[usize]) -> ByBlock {
    let mut by_block = vec![vec![]; lit.inputs().div_ceil(BLOCK)];
    for (s, &row) in rows.iter().enumerate() {
        for lit in lit.list(row, 0..2) {
            let inks = lit.pixels.map(|p| f32::from(p) / 255.0);
            by_block[usize::from(lit.block)].push((s, inks));
        }
    }
    by_block
}

/// Four rows of weights at a time meet all the pictures that light them: each sum is
/// loaded and stored once for four products.
struct Blocks<'a> {
    batch: &'a ByBlock,
    w: &'a [f32],
    z: &'a mut [f32],
    n: usize,
}

impl WithSimd for Blocks<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Blocks { batch, w, z, n } = self;
        for (list, four) in batch.iter().zip(w.chunks_exact(BLOCK * n)) {
            let rows: [&[S::f32s]; BLOCK] = std::array::from_fn(|i| {
                S::as_simd_f32s(&four[i * n..(i + 1) * n]).0
            });
            for &(s, inks) in list {
                let inks = inks.map(|ink| simd.splat_f32s(ink));
                let z = S::as_mut_simd_f32s(&mut z[s * n..(s + 1) * n]).0;
                for (j, z) in z.iter_mut().enumerate() {
                    for (&ink, row) in inks.iter().zip(&rows) {
                        *z = simd.mul_add_e_f32s(ink, row[j], *z);
                    }
                }
            }
        }
    }
}

/// [`without_zeros`], block by block, into sums that the caller provides. The number of
/// neurons must be a multiple of 16, the number of pixels a multiple of 4.
///
/// ```
/// use neurons::{engine::lit::Lit, gradient::random_point, pixels::Digits};
/// use neurons::speed::{along_memory, block_by_block, by_block};
/// let digits = Digits::handwriting(10, 1);
/// let lit = Lit::from(&digits);
/// let x: Vec<f32> = digits.images.iter().map(|&p| f32::from(p) / 255.0).collect();
/// let w: Vec<f32> = random_point(1, 784 * 32).iter().map(|&w| w as f32).collect();
/// let mut z = vec![0.0; 10 * 32];
/// block_by_block(&by_block(&lit, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), &w, 32, &mut z);
/// approx::assert_relative_eq!(z[..], along_memory(&x, &w, 784)[..], epsilon = 1e-4);
/// ```
///
/// # Panics
/// If w does not have n numbers for each pixel of each block, or z no row for a picture.
pub fn block_by_block(batch: &ByBlock, w: &[f32], n: usize, z: &mut [f32]) {
    assert_shape("w", &[w.len()], &[batch.len() * BLOCK * n]);
    z.fill(0.0);
    Arch::new().dispatch(Blocks { batch, w, z, n });
}

/// [`block_by_block`] on several cores. Each has its own neurons, with a table of their
/// weights and space for their sums; both begin at a cache line.
///
/// ```
/// use std::sync::Mutex;
/// use neurons::{engine::{kernel::zeros, lit::Lit, pool::Pool}, pixels::Digits};
/// use neurons::speed::{block_by_block, by_block, on_all_cores};
/// let digits = Digits::handwriting(10, 1);
/// let lit = Lit::from(&digits);
/// let batch = by_block(&lit, &[4, 8]);
/// let mut w = zeros(784 * 16);
/// w.fill(0.1);
/// let mut z = zeros(2 * 16);
/// block_by_block(&batch, &w, 16, &mut z);
/// let halves = [Mutex::new(zeros(2 * 16)), Mutex::new(zeros(2 * 16))];
/// on_all_cores(&mut Pool::new(2), &batch, &[w.clone(), w], 16, &halves);
/// assert_eq!(halves[0].lock().unwrap()[..], z[..]);
/// assert_eq!(halves[1].lock().unwrap()[..], z[..]);
/// ```
///
/// # Panics
/// If there are fewer tables or spaces than threads.
pub fn on_all_cores(
    pool: &mut Pool,
    batch: &ByBlock,
    w: &[Aligned],
    n: usize,
    z: &[Mutex<Aligned>],
) {
    pool.run(|t| {
        let mut z = z[t].lock().expect("no thread panicked");
        block_by_block(batch, &w[t], n, &mut z);
    });
}

/// Four networks for comparing programs, trained by plain gradient descent.
pub fn workloads() -> [(&'static str, Recipe); 4] {
    let quadratic = |sizes: &[usize], batch| Recipe {
        sizes: sizes.to_vec(),
        objective: Objective::Quadratic,
        batch,
        rate: 3.0,
        ..Recipe::book()
    };
    let softmax = |hidden| Recipe {
        sizes: vec![784, hidden, 10],
        activation: Activation::Relu,
        batch: 100,
        ..Recipe::book()
    };
    [
        ("W1", quadratic(&[784, 16, 16, 10], 100)),
        ("W2", quadratic(&[784, 30, 10], 10)),
        ("W3", softmax(128)),
        ("W4", softmax(800)),
    ]
}
