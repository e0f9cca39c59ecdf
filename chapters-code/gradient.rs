//! Chapter 6. Derivatives you can trust: difference quotients, and the rules they
//! confirm.
//!
//! Every later chapter computes its derivatives by a formula and calls this module to
//! check them. A check here only ever *evaluates* the function, so it cannot share a
//! mistake with the formula.

use ndarray::{Array, Array1, Array2, Dimension, IntoDimension, NdFloat};
use num_complex::Complex64;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::pixels::assert_shape;

/// The nudge of a central difference in `f64`: h = ∛ε ≈ 6·10⁻⁶, where ε = 2⁻⁵² is the
/// spacing of numbers just above 1. A larger h loses to the third derivative, a smaller
/// one to rounding.
///
/// It is meant for an x of the order of 1, as weights are. At x = 10⁸ most digits of h are
/// lost in x + h, and at x = 10⁻⁶ it is larger than x:
///
/// ```
/// use neurons::gradient::{central_difference, H};
/// approx::assert_relative_eq!(H, f64::EPSILON.cbrt(), max_relative = 1e-15);
/// let error = |x: f64, h: f64| (central_difference(|x| x * x, x, h) / (2.0 * x) - 1.0).abs();
/// assert!(error(1.0, H) < 1e-10);
/// assert!(error(1e8, H) > 5e-4 && error(1e8, H * 1e8) < 1e-10);
/// assert!(central_difference(f64::ln, 1e-6, H).is_nan());
/// assert!((central_difference(f64::ln, 1e-6, H * 1e-6) / 1e6 - 1.0).abs() < 1e-10);
/// ```
pub const H: f64 = 6.055454452393343e-6;

/// The size below which [`relative_error`] compares absolutely: the rounding error of a
/// quotient, about ε|f|/H ≈ 4·10⁻¹¹ for f of size 1, then counts as at most 4·10⁻⁷.
pub const FLOOR: f64 = 1e-4;

/// (f(x+h) − f(x)) / h, whose error shrinks like h: half as far, half as wrong.
///
/// ```
/// use neurons::gradient::forward_difference;
/// let error = |h| forward_difference(|x: f64| x * x, 3.0, h) - 6.0;
/// approx::assert_relative_eq!(error(0.1), 0.1, max_relative = 1e-9);
/// approx::assert_relative_eq!(error(0.05), 0.05, max_relative = 1e-9);
/// ```
pub fn forward_difference<F: NdFloat>(
    mut f: impl FnMut(F) -> F,
    x: F,
    h: F,
) -> F {
    (f(x + h) - f(x)) / h
}

/// (f(x+h) − f(x−h)) / 2h, whose error shrinks like h²: half as far, a quarter as wrong.
///
/// ```
/// use neurons::gradient::central_difference;
/// let error = |h| central_difference(|x: f64| x.powi(3), 2.0, h) - 12.0;
/// approx::assert_relative_eq!(error(0.1), 0.01, max_relative = 1e-9);
/// approx::assert_relative_eq!(error(0.05), 0.0025, max_relative = 1e-9);
/// ```
pub fn central_difference<F: NdFloat>(
    mut f: impl FnMut(F) -> F,
    x: F,
    h: F,
) -> F {
    (f(x + h) - f(x - h)) / (h + h)
}

/// f′(x) ≈ Im f(x + ih) / h with h = 10⁻²⁰: no subtraction, so nothing is lost to
/// rounding.
///
/// `f` must be written in complex arithmetic and be smooth: no absolute value, no
/// maximum.
///
/// ```
/// use neurons::gradient::complex_step;
/// let exact = 1.5_f64.exp() * (1.5_f64.sin() + 1.5_f64.cos());
/// approx::assert_relative_eq!(complex_step(|z| z.exp() * z.sin(), 1.5), exact, max_relative = 1e-15);
/// ```
///
/// Source: Squire and Trapp, *Using complex variables to estimate derivatives of real
/// functions*, SIAM Review 40 (1998).
pub fn complex_step(f: impl Fn(Complex64) -> Complex64, x: f64) -> f64 {
    const TINY: f64 = 1e-20;
    f(Complex64::new(x, TINY)).im / TINY
}

/// ∂f/∂x_i by forward differences for every entry of x, which may be a vector or a
/// matrix. The result has the shape of x.
///
/// ```
/// use neurons::{gradient::forward_gradient, ndarray::array};
/// let g = forward_gradient(|x| x[0] * x[1], &array![2.0, 5.0]);
/// approx::assert_abs_diff_eq!(g, array![5.0, 2.0], epsilon = 1e-6);
/// ```
pub fn forward_gradient<D: Dimension>(
    f: impl Fn(&Array<f64, D>) -> f64,
    x: &Array<f64, D>,
) -> Array<f64, D> {
    let h = f64::EPSILON.sqrt();
    for_each_entry(x, f, |along, x_i| forward_difference(along, x_i, h))
}

/// ∂f/∂x_i by central differences for every entry of x, which may be a vector or a
/// matrix. The result has the shape of x. Two evaluations of f an entry.
///
/// ```
/// use neurons::{gradient::central_gradient, ndarray::array};
/// // The sum of the squares of a 2 × 2 matrix changes by 2 w for each entry w.
/// let w = array![[1.0, -2.0], [0.5, 3.0]];
/// let g = central_gradient(|w| (w * w).sum(), &w);
/// approx::assert_relative_eq!(g, 2.0 * &w, max_relative = 1e-8);
/// ```
pub fn central_gradient<D: Dimension>(
    f: impl Fn(&Array<f64, D>) -> f64,
    x: &Array<f64, D>,
) -> Array<f64, D> {
    for_each_entry(x, f, |along, x_i| central_difference(along, x_i, H))
}

/// The slope of f along each entry of x in turn, all the other entries held still.
fn for_each_entry<D: Dimension>(
    x: &Array<f64, D>,
    f: impl Fn(&Array<f64, D>) -> f64,
    slope: impl Fn(&mut dyn FnMut(f64) -> f64, f64) -> f64,
) -> Array<f64, D> {
    let mut nudged = x.clone();
    Array::from_shape_fn(x.raw_dim(), |i| {
        let i = i.into_dimension();
        let x_i = x[i.clone()];
        let mut along = |t| {
            nudged[i.clone()] = t;
            f(&nudged)
        };
        let partial = slope(&mut along, x_i);
        nudged[i] = x_i;
        partial
    })
}

/// J_ij = ∂f_i/∂x_j by central differences, for f from p numbers to n: shape (n, p).
/// Row i is the gradient of output i.
///
/// ```
/// use neurons::{gradient::jacobian, ndarray::array};
/// let polar = |p: &neurons::ndarray::Array1<f64>| array![p[0] * p[1].cos(), p[0] * p[1].sin()];
/// let (r, t) = (2.0, 0.7_f64);
/// let exact = array![[t.cos(), -r * t.sin()], [t.sin(), r * t.cos()]];
/// approx::assert_relative_eq!(jacobian(polar, &array![r, t]), exact, max_relative = 1e-8);
/// ```
pub fn jacobian(
    f: impl Fn(&Array1<f64>) -> Array1<f64>,
    x: &Array1<f64>,
) -> Array2<f64> {
    let mut j = Array2::zeros((f(x).len(), x.len()));
    for (i, mut row) in j.rows_mut().into_iter().enumerate() {
        row.assign(&central_gradient(|x| f(x)[i], x));
    }
    j
}

/// ∇f · v without the gradient: the slope of f in the direction v, by one central
/// difference.
///
/// Two evaluations of f check a gradient of any length, at the price of seeing one
/// direction only.
///
/// ```
/// use neurons::{gradient::{directional_derivative, random_point}, ndarray::Array2};
/// let (w, v) = (random_point(1, (3, 4)), random_point(2, (3, 4)));
/// let gradient: Array2<f64> = 2.0 * &w; // of the sum of squares
/// let along_v = directional_derivative(|w| (w * w).sum(), &w, &v);
/// approx::assert_relative_eq!(along_v, (&gradient * &v).sum(), max_relative = 1e-8);
/// ```
///
/// # Panics
/// If x and v differ in shape.
pub fn directional_derivative<D: Dimension>(
    f: impl Fn(&Array<f64, D>) -> f64,
    x: &Array<f64, D>,
    v: &Array<f64, D>,
) -> f64 {
    assert_shape("v", v.shape(), x.shape());
    central_difference(|t| f(&(x + &(v * t))), 0.0, H)
}

/// |a − b| / max(|a|, |b|, [`FLOOR`]): how far apart two derivatives are, relative to their size.
///
/// Two zeros are equal, and two numbers far below the floor are compared absolutely.
///
/// ```
/// use neurons::gradient::relative_error;
/// approx::assert_relative_eq!(relative_error(1000.0, 1001.0), 1.0 / 1001.0);
/// assert_eq!(relative_error(0.0, 0.0), 0.0);
/// assert_eq!(relative_error(2.0, -2.0), 2.0); // a wrong sign
/// approx::assert_relative_eq!(relative_error(1e-12, 3e-12), 2e-8);
/// ```
pub fn relative_error(a: f64, b: f64) -> f64 {
    (a - b).abs() / a.abs().max(b.abs()).max(FLOOR)
}

/// The largest of some numbers: NaN if one of them is NaN, −∞ if there are none.
///
/// `f64::max` takes the other number in place of a NaN, and so hides it.
///
/// ```
/// use neurons::gradient::maximum;
/// assert_eq!(maximum([1.0, 3.0, 2.0]), 3.0);
/// assert!(maximum([f64::NAN, 3.0]).is_nan() && maximum([3.0, f64::NAN]).is_nan());
/// assert_eq!(f64::NAN.max(3.0), 3.0);
/// ```
pub fn maximum(values: impl IntoIterator<Item = f64>) -> f64 {
    let larger =
        |most: f64, v: f64| if v > most || v.is_nan() { v } else { most };
    values.into_iter().fold(f64::NEG_INFINITY, larger)
}

/// The largest [`relative_error`] between the entries of two arrays: NaN if any entry is
/// NaN, 0 if there are no entries.
///
/// ```
/// use neurons::{gradient::largest_error, ndarray::array};
/// assert_eq!(largest_error(&array![1.0, 2.0], &array![1.0, 4.0]), 0.5);
/// assert!(largest_error(&array![f64::NAN, 1.0], &array![1.0, 2.0]).is_nan());
/// ```
///
/// # Panics
/// If the shapes differ.
pub fn largest_error<D: Dimension>(
    a: &Array<f64, D>,
    b: &Array<f64, D>,
) -> f64 {
    assert_shape("b", b.shape(), a.shape());
    let errors = a.iter().zip(b).map(|(&a, &b)| relative_error(a, b));
    maximum(errors.chain([0.0]))
}

/// An array of standard normal numbers, the same for the same seed: a place to check a
/// derivative.
///
/// ```
/// use neurons::gradient::random_point;
/// assert_eq!(random_point(7, (2, 3)).shape(), [2, 3]);
/// assert_eq!(random_point(7, 5), random_point(7, 5));
/// assert_ne!(random_point(7, 5), random_point(8, 5));
/// ```
pub fn random_point<S: IntoDimension>(
    seed: u64,
    shape: S,
) -> Array<f64, S::Dim> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    Array::from_shape_simple_fn(shape.into_dimension(), || {
        StandardNormal.sample(&mut random)
    })
}

/// d/dx xⁿ = n xⁿ⁻¹.
///
/// ```
/// use neurons::gradient::{central_difference, power_rule, H};
/// for (x, n) in [(1.3, 2.0), (0.4, 3.0), (2.5, 0.5), (1.7, -1.0)] {
///     let nudged = central_difference(|x: f64| x.powf(n), x, H);
///     approx::assert_relative_eq!(power_rule(x, n), nudged, max_relative = 1e-8);
/// }
/// assert_eq!(power_rule(0.0, 0.0), 0.0);
/// ```
pub fn power_rule(x: f64, n: f64) -> f64 {
    // x⁰ is 1 everywhere, also at 0, where x⁻¹ is infinite.
    if n == 0.0 { 0.0 } else { n * x.powf(n - 1.0) }
}

/// d/dx eˣ = eˣ.
///
/// ```
/// use neurons::gradient::{central_difference, exp_rule, H};
/// for x in [-2.0, 0.0, 0.9, 3.0] {
///     approx::assert_relative_eq!(exp_rule(x), central_difference(f64::exp, x, H), max_relative = 1e-8);
/// }
/// ```
pub fn exp_rule(x: f64) -> f64 {
    x.exp()
}

/// d/dx ln x = 1/x, for x > 0.
///
/// ```
/// use neurons::gradient::{central_difference, ln_rule, H};
/// for x in [0.1, 0.5, 1.0, 7.0] {
///     approx::assert_relative_eq!(ln_rule(x), central_difference(f64::ln, x, H), max_relative = 1e-8);
/// }
/// ```
pub fn ln_rule(x: f64) -> f64 {
    1.0 / x
}

/// (u + v)′ = u′ + v′.
///
/// ```
/// use neurons::gradient::{central_difference, sum_rule, H};
/// let x = 0.6_f64;
/// let nudged = central_difference(|x: f64| x.sin() + x.exp(), x, H);
/// approx::assert_relative_eq!(sum_rule(x.cos(), x.exp()), nudged, max_relative = 1e-8);
/// ```
pub fn sum_rule(u_prime: f64, v_prime: f64) -> f64 {
    u_prime + v_prime
}

/// (u v)′ = u′ v + u v′.
///
/// ```
/// use neurons::gradient::{central_difference, product_rule, H};
/// for x in [-1.2, 0.3, 2.0_f64] {
///     let nudged = central_difference(|x: f64| x.sin() * x.exp(), x, H);
///     let ruled = product_rule((x.sin(), x.cos()), (x.exp(), x.exp()));
///     approx::assert_relative_eq!(ruled, nudged, max_relative = 1e-7);
/// }
/// ```
pub fn product_rule(
    (u, u_prime): (f64, f64),
    (v, v_prime): (f64, f64),
) -> f64 {
    u_prime * v + u * v_prime
}

/// (u / v)′ = (u′ v − u v′) / v², for v ≠ 0.
///
/// ```
/// use neurons::gradient::{central_difference, quotient_rule, H};
/// for x in [-1.2, 0.3, 2.0_f64] {
///     let nudged = central_difference(|x: f64| x.sin() / x.exp(), x, H);
///     let ruled = quotient_rule((x.sin(), x.cos()), (x.exp(), x.exp()));
///     approx::assert_relative_eq!(ruled, nudged, max_relative = 1e-7);
/// }
/// ```
pub fn quotient_rule(
    (u, u_prime): (f64, f64),
    (v, v_prime): (f64, f64),
) -> f64 {
    (u_prime * v - u * v_prime) / (v * v)
}
