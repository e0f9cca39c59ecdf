//! Chapter 14. Softmax: ten scores become ten probabilities.

use ndarray::{Array1, Array2, ArrayView1};

use crate::cost::Cost;
use crate::gradient::maximum;
use crate::pixels::assert_shape;

/// z − max z: the largest score becomes 0, so that no exponential overflows. It comes
/// before everything else, so that a number added to all scores changes nothing at all
/// (save where adding it rounds them).
///
/// ```
/// use neurons::{ndarray::array, softmax::shifted};
/// assert_eq!(shifted(array![1e15 + 1.0, 1e15].view()), array![0.0, -1.0]);
/// ```
pub fn shifted(z: ArrayView1<f64>) -> Array1<f64> {
    &z - maximum(z.iter().copied())
}

/// ln Σ eᶻᵏ, with the largest z taken out first so that nothing overflows.
///
/// ```
/// use neurons::{ndarray::array, softmax::log_sum_exp};
/// approx::assert_relative_eq!(log_sum_exp(array![1.0, 2.0].view()), (1.0_f64.exp() + 2.0_f64.exp()).ln());
/// assert_eq!(log_sum_exp(array![1000.0, 0.0].view()), 1000.0);
/// // ln 0 and ln ∞.
/// let infinite = f64::INFINITY;
/// assert_eq!(log_sum_exp(array![-infinite, -infinite].view()), -infinite);
/// assert_eq!(log_sum_exp(array![infinite, 0.0].view()), infinite);
/// ```
pub fn log_sum_exp(z: ArrayView1<f64>) -> f64 {
    let largest = maximum(z.iter().copied());
    // ∞ − ∞ is not a number: nothing can be taken out of an infinite score.
    if largest.is_infinite() {
        return largest;
    }
    largest + shifted(z).mapv_into(f64::exp).sum().ln()
}

/// p_i = eᶻⁱ / Σ eᶻᵏ.
///
/// ```
/// use neurons::{ndarray::array, softmax::softmax};
/// let p = softmax(&array![1.0, 2.0, 3.0]);
/// approx::assert_relative_eq!(p.sum(), 1.0, max_relative = 1e-15);
/// // Only differences count: adding the same to every score changes nothing.
/// for c in [1e3, 1e12, 1e15] {
///     assert_eq!(softmax(&array![c + 1.0, c + 2.0, c + 3.0]), p);
/// }
/// // p_i / p_j = e^(z_i − z_j).
/// approx::assert_relative_eq!(p[2] / p[0], 2.0_f64.exp(), max_relative = 1e-14);
/// ```
pub fn softmax(z: &Array1<f64>) -> Array1<f64> {
    let e = shifted(z.view()).mapv_into(f64::exp);
    &e / e.sum()
}

/// ln p_i = z_i − ln Σ eᶻᵏ, finite where p_i itself has long rounded to 0.
///
/// ```
/// use neurons::{ndarray::array, softmax::{log_softmax, softmax}};
/// assert_eq!(softmax(&array![0.0, 1000.0])[0], 0.0);
/// assert_eq!(log_softmax(&array![0.0, 1000.0])[0], -1000.0);
/// ```
pub fn log_softmax(z: &Array1<f64>) -> Array1<f64> {
    let z = shifted(z.view());
    let log_sum = log_sum_exp(z.view());
    z - log_sum
}

/// ∂p_i/∂z_j = p_i (1 − p_i) if i = j, else −p_i p_j: the Jacobian diag(p) − p pᵀ, shape
/// (n, n).
///
/// ```
/// use neurons::{gradient::{jacobian, random_point}, softmax::{softmax, softmax_jacobian}};
/// for seed in 0..5 {
///     let z = random_point(seed, 6);
///     let j = softmax_jacobian(&softmax(&z));
///     approx::assert_relative_eq!(j, jacobian(softmax, &z), epsilon = 1e-9, max_relative = 1e-7);
/// }
/// ```
pub fn softmax_jacobian(p: &Array1<f64>) -> Array2<f64> {
    Array2::from_shape_fn((p.len(), p.len()), |(i, j)| {
        if i == j { p[i] * (1.0 - p[i]) } else { -p[i] * p[j] }
    })
}

/// ∂ ln p_i/∂z_j = [i = j] − p_j: the Jacobian of [`log_softmax`], shape (n, n).
///
/// ```
/// use neurons::{gradient::{jacobian, random_point}, softmax::{log_softmax, log_softmax_jacobian, softmax}};
/// for seed in 0..5 {
///     let z = random_point(seed, 6);
///     let j = log_softmax_jacobian(&softmax(&z));
///     approx::assert_relative_eq!(j, jacobian(log_softmax, &z), epsilon = 1e-9, max_relative = 1e-7);
/// }
/// ```
pub fn log_softmax_jacobian(p: &Array1<f64>) -> Array2<f64> {
    Array2::from_shape_fn((p.len(), p.len()), |(i, j)| {
        f64::from(i == j) - p[j]
    })
}

/// C = −Σ y_i ln p_i straight from the scores z: Σ y_i (ln Σ eᶻᵏ − z_i).
///
/// ```
/// use neurons::{cross_entropy::categorical, ndarray::array, softmax::{cross_entropy, softmax}};
/// let (z, y) = (array![1.0, -2.0, 0.5], array![0.0, 1.0, 0.0]);
/// approx::assert_relative_eq!(cross_entropy(&z, &y), categorical(&softmax(&z), &y), max_relative = 1e-14);
/// // A score of −∞ costs nothing where nothing is wanted.
/// assert_eq!(cross_entropy(&array![1.0, f64::NEG_INFINITY], &array![1.0, 0.0]), 0.0);
/// ```
///
/// # Panics
/// If z and y differ in length.
pub fn cross_entropy(z: &Array1<f64>, y: &Array1<f64>) -> f64 {
    assert_shape("y", y.shape(), z.shape());
    // Not 0 · ∞, which is not a number.
    let nothing = |y: f64, ln_p: f64| y == 0.0 && ln_p == f64::NEG_INFINITY;
    let terms = log_softmax(z).into_iter().zip(y);
    terms
        .map(|(ln_p, &y)| if nothing(y, ln_p) { 0.0 } else { -y * ln_p })
        .sum()
}

/// ∂C/∂z_i = p_i Σ y_k − y_i, which is p_i − y_i whenever the wanted y add up to 1.
///
/// ```
/// use neurons::{gradient::{central_gradient, random_point}, softmax::{cross_entropy, cross_entropy_gradient, softmax}};
/// for seed in 0..5 {
///     let (z, y) = (random_point(seed, 6), random_point(seed + 100, 6).mapv(f64::abs));
///     // Any y at all …
///     let nudged = central_gradient(|z| cross_entropy(z, &y), &z);
///     approx::assert_relative_eq!(cross_entropy_gradient(&z, &y), nudged, epsilon = 1e-8, max_relative = 1e-6);
///     // … and p − y for one that adds up to 1.
///     let y = &y / y.sum();
///     approx::assert_relative_eq!(cross_entropy_gradient(&z, &y), softmax(&z) - &y, epsilon = 1e-14);
/// }
/// ```
///
/// # Panics
/// If z and y differ in length.
pub fn cross_entropy_gradient(
    z: &Array1<f64>,
    y: &Array1<f64>,
) -> Array1<f64> {
    assert_shape("y", y.shape(), z.shape());
    softmax(z) * y.sum() - y
}

/// p_i = e^(zᵢ/T) / Σ e^(zₖ/T): towards equal shares as the temperature T grows, towards
/// the largest score alone as it falls to 0.
///
/// ```
/// use neurons::{ndarray::array, softmax::with_temperature};
/// // So small that z/T would be infinite, were the largest score not taken out first.
/// assert_eq!(with_temperature(&array![1.0, 3.0, 2.0], 1e-310), array![0.0, 1.0, 0.0]);
/// ```
///
/// # Panics
/// If T is not positive.
pub fn with_temperature(z: &Array1<f64>, t: f64) -> Array1<f64> {
    assert!(t > 0.0, "a temperature is positive");
    softmax(&(shifted(z.view()) / t))
}

/// ∂p_i/∂z_j at temperature T: the Jacobian of [`softmax`] at z/T, divided by T.
///
/// ```
/// use neurons::{gradient::{jacobian, random_point}, softmax::{temperature_jacobian, with_temperature}};
/// for (seed, t) in [(1, 0.5), (2, 1.0), (3, 4.0)] {
///     let z = random_point(seed, 5);
///     let nudged = jacobian(|z| with_temperature(z, t), &z);
///     approx::assert_relative_eq!(temperature_jacobian(&z, t), nudged, epsilon = 1e-9, max_relative = 1e-7);
/// }
/// ```
pub fn temperature_jacobian(z: &Array1<f64>, t: f64) -> Array2<f64> {
    softmax_jacobian(&with_temperature(z, t)) / t
}

/// ∂p_i/∂T = p_i (Σ p_k z_k − z_i) / T²: scores above the mean lose share as T grows.
///
/// ```
/// use neurons::{gradient::{central_difference, random_point, H}, softmax::{temperature_slope, with_temperature}};
/// for (seed, t) in [(1, 0.5), (2, 1.0), (3, 4.0)] {
///     let z = random_point(seed, 5);
///     for i in 0..5 {
///         let nudged = central_difference(|t| with_temperature(&z, t)[i], t, H);
///         approx::assert_relative_eq!(temperature_slope(&z, t)[i], nudged, epsilon = 1e-9, max_relative = 1e-6);
///     }
/// }
/// ```
pub fn temperature_slope(z: &Array1<f64>, t: f64) -> Array1<f64> {
    let p = with_temperature(z, t);
    let mean = p.dot(z);
    &p * &(mean - z) / (t * t)
}

/// Softmax and cross-entropy together, from the weighted sums of the last layer
/// (`Activation::Identity`) to the cost.
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{cost::Cost, softmax::SoftmaxCrossEntropy};
/// for seed in 0..5 {
///     let (z, y) = (random_point(seed, (4, 3)), random_point(seed + 100, (4, 3)).mapv(f64::abs));
///     // Each row's own gradient: four times that of the mean.
///     let nudged = 4.0 * central_gradient(|z| SoftmaxCrossEntropy.value(z, &y), &z);
///     approx::assert_relative_eq!(SoftmaxCrossEntropy.gradient(&z, &y), nudged, epsilon = 1e-8, max_relative = 1e-6);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxCrossEntropy;

impl Cost for SoftmaxCrossEntropy {
    fn value(&self, z: &Array2<f64>, y: &Array2<f64>) -> f64 {
        assert_shape("y", y.shape(), z.shape());
        let rows = z.rows().into_iter().zip(y.rows());
        let costs =
            rows.map(|(z, y)| cross_entropy(&z.to_owned(), &y.to_owned()));
        costs.sum::<f64>() / z.nrows() as f64
    }

    fn gradient(&self, z: &Array2<f64>, y: &Array2<f64>) -> Array2<f64> {
        assert_shape("y", y.shape(), z.shape());
        let mut gradient = Array2::zeros(z.raw_dim());
        for ((mut g, z), y) in
            gradient.rows_mut().into_iter().zip(z.rows()).zip(y.rows())
        {
            g.assign(&cross_entropy_gradient(&z.to_owned(), &y.to_owned()));
        }
        gradient
    }
}
