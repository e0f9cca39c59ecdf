//! Chapter 13. Learning fast when badly wrong: cross-entropy.
//!
//! "Logits" are weighted sums z before any squashing; "probabilities" come after it.

use ndarray::{Array1, Array2, Zip};

use crate::cost::Cost;
use crate::pixels::assert_shape;
use crate::sigmoid::{sigmoid, softplus};

/// −y ln p; and 0 where y and p are both 0, since what is not wanted costs nothing.
///
/// ```
/// use neurons::cross_entropy::term;
/// assert_eq!([term(1.0, 1.0), term(0.0, 0.0), term(1.0, 0.0)], [0.0, 0.0, f64::INFINITY]);
/// assert!(term(0.0, f64::NAN).is_nan());
/// ```
pub fn term(y: f64, p: f64) -> f64 {
    if y == 0.0 && p == 0.0 { 0.0 } else { -y * p.ln() }
}

/// C = −(y ln a + (1 − y) ln(1 − a)): binary cross-entropy of a probability a from 0 to 1.
///
/// y is 0 or 1, or a probability itself; then the least C, at a = y, is the entropy of y.
///
/// ```
/// use neurons::cross_entropy::binary;
/// approx::assert_relative_eq!(binary(0.5, 1.0), 2.0_f64.ln());
/// approx::assert_relative_eq!(binary(0.9, 1.0), -(0.9_f64.ln()));
/// assert_eq!([binary(1.0, 1.0), binary(0.0, 0.0)], [0.0, 0.0]); // certain and right
/// assert_eq!([binary(0.0, 1.0), binary(1.0, 0.0)], [f64::INFINITY; 2]); // certain and wrong
/// ```
pub fn binary(a: f64, y: f64) -> f64 {
    term(y, a) + term(1.0 - y, 1.0 - a)
}

/// ∂C/∂a = (a − y) / (a (1 − a)), the slope of [`binary`].
///
/// ```
/// use neurons::{cross_entropy::{binary, binary_prime}, gradient::{central_difference, random_point, H}, sigmoid::sigmoid};
/// for z in random_point(1, 20) {
///     for y in [0.0, 0.3, 1.0] {
///         let a = sigmoid(z);
///         let nudged = central_difference(|a| binary(a, y), a, H);
///         approx::assert_relative_eq!(binary_prime(a, y), nudged, epsilon = 1e-8, max_relative = 1e-6);
///     }
/// }
/// // Where an answer is certain and right, one of the two terms is left.
/// assert_eq!([binary_prime(1.0, 1.0), binary_prime(0.0, 0.0)], [-1.0, 1.0]);
/// ```
pub fn binary_prime(a: f64, y: f64) -> f64 {
    if y == 0.0 {
        1.0 / (1.0 - a)
    } else if y == 1.0 {
        -1.0 / a
    } else {
        (a - y) / (a * (1.0 - a))
    }
}

/// The same cost from the logit: C = max(z, 0) − z y + ln(1 + e⁻|ᶻ|), which is finite for
/// every finite z.
///
/// ```
/// use neurons::{cross_entropy::{binary, binary_from_logit}, sigmoid::sigmoid};
/// approx::assert_relative_eq!(binary_from_logit(1.3, 0.2), binary(sigmoid(1.3), 0.2), max_relative = 1e-14);
/// assert_eq!(binary(sigmoid(800.0), 0.0), f64::INFINITY);
/// assert_eq!(binary_from_logit(800.0, 0.0), 800.0);
/// ```
pub fn binary_from_logit(z: f64, y: f64) -> f64 {
    softplus(z) - z * y
}

/// ∂C/∂z = σ(z) − y: the σ′ of the squashing has gone.
///
/// ```
/// use neurons::{cross_entropy::{binary_from_logit, binary_from_logit_prime}, gradient::{central_difference, random_point, H}};
/// for z in random_point(2, 20) {
///     for y in [0.0, 0.3, 1.0] {
///         let nudged = central_difference(|z| binary_from_logit(z, y), z, H);
///         approx::assert_relative_eq!(binary_from_logit_prime(z, y), nudged, epsilon = 1e-9, max_relative = 1e-7);
///     }
/// }
/// ```
pub fn binary_from_logit_prime(z: f64, y: f64) -> f64 {
    sigmoid(z) - y
}

/// C = −Σ y_i ln p_i: categorical cross-entropy of probabilities p that add up to 1.
///
/// ```
/// use neurons::{cross_entropy::categorical, ndarray::array};
/// // Ten equal guesses cost ln 10.
/// let y = array![0., 0., 1., 0., 0., 0., 0., 0., 0., 0.];
/// approx::assert_relative_eq!(categorical(&y.mapv(|_| 0.1), &y), 10.0_f64.ln(), max_relative = 1e-15);
/// // Certain and right: nothing to pay.
/// assert_eq!(categorical(&y, &y), 0.0);
/// ```
///
/// # Panics
/// If p and y differ in length.
pub fn categorical(p: &Array1<f64>, y: &Array1<f64>) -> f64 {
    assert_shape("y", y.shape(), p.shape());
    p.iter().zip(y).map(|(&p, &y)| term(y, p)).sum()
}

/// ∂C/∂p_i = −y_i / p_i, the gradient of [`categorical`] with each p_i free to move by
/// itself.
///
/// ```
/// use neurons::{cross_entropy::{categorical, categorical_gradient}, gradient::{central_gradient, random_point}};
/// for seed in 0..5 {
///     let p = random_point(seed, 5).mapv(|v| 0.1 + v.abs());
///     let y = random_point(seed + 100, 5).mapv(f64::abs);
///     let nudged = central_gradient(|p| categorical(p, &y), &p);
///     approx::assert_relative_eq!(categorical_gradient(&p, &y), nudged, epsilon = 1e-8, max_relative = 1e-6);
/// }
/// ```
///
/// # Panics
/// If p and y differ in length.
pub fn categorical_gradient(
    p: &Array1<f64>,
    y: &Array1<f64>,
) -> Array1<f64> {
    assert_shape("y", y.shape(), p.shape());
    // Where both are 0 the cost is 0 for every p: its slope is 0, not 0/0.
    Zip::from(p).and(y).map_collect(|&p, &y| {
        if y == 0.0 && p == 0.0 { 0.0 } else { -y / p }
    })
}

/// The sum over the outputs of [`binary_from_logit`], for a network whose last layer
/// hands its weighted sums on as they are
/// (`Activation::Identity`).
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{cost::Cost, cross_entropy::CrossEntropy};
/// for seed in 0..5 {
///     let (z, y) = (random_point(seed, (4, 3)), random_point(seed + 100, (4, 3)).mapv(f64::abs));
///     // Each row's own gradient: four times that of the mean.
///     let nudged = 4.0 * central_gradient(|z| CrossEntropy.value(z, &y), &z);
///     approx::assert_relative_eq!(CrossEntropy.gradient(&z, &y), nudged, epsilon = 1e-8, max_relative = 1e-6);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CrossEntropy;

impl Cost for CrossEntropy {
    fn value(&self, z: &Array2<f64>, y: &Array2<f64>) -> f64 {
        assert_shape("y", y.shape(), z.shape());
        let costs = z.iter().zip(y).map(|(&z, &y)| binary_from_logit(z, y));
        costs.sum::<f64>() / z.nrows() as f64
    }

    fn gradient(&self, z: &Array2<f64>, y: &Array2<f64>) -> Array2<f64> {
        assert_shape("y", y.shape(), z.shape());
        z.mapv(sigmoid) - y
    }
}
