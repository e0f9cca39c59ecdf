//! Chapter 5. How wrong is it? Squared error in its three conventions.

use ndarray::{Array1, Array2};

use crate::pixels::{assert_shape, fraction_correct};

/// Σ (a_j − y_j)²: the sum of the squared errors of one example.
///
/// ```
/// use neurons::{cost::sum_of_squares, ndarray::array};
/// assert_eq!(sum_of_squares(&array![0.5, -0.5], &array![0.0, 0.0]), 0.5);
/// ```
///
/// # Panics
/// If a and y differ in shape.
pub fn sum_of_squares(a: &Array1<f64>, y: &Array1<f64>) -> f64 {
    assert_shape("y", y.shape(), a.shape());
    (a - y).mapv(|error| error * error).sum()
}

/// ∂/∂a_j Σ (a_j − y_j)² = 2 (a_j − y_j).
///
/// ```
/// use neurons::{cost::{sum_of_squares, sum_of_squares_gradient}, gradient::{central_gradient, random_point}};
/// for seed in 0..5 {
///     let (a, y) = (random_point(seed, 10), random_point(seed + 100, 10));
///     let nudged = central_gradient(|a| sum_of_squares(a, &y), &a);
///     approx::assert_relative_eq!(sum_of_squares_gradient(&a, &y), nudged, epsilon = 1e-8, max_relative = 1e-7);
/// }
/// ```
///
/// # Panics
/// If a and y differ in shape.
pub fn sum_of_squares_gradient(
    a: &Array1<f64>,
    y: &Array1<f64>,
) -> Array1<f64> {
    assert_shape("y", y.shape(), a.shape());
    2.0 * (a - y)
}

/// ½ Σ (a_j − y_j)²: half of that, which cancels the 2 of the derivative.
///
/// ```
/// use neurons::{cost::half_sum_of_squares, ndarray::array};
/// assert_eq!(half_sum_of_squares(&array![0.5, -0.5], &array![0.0, 0.0]), 0.25);
/// ```
///
/// # Panics
/// If a and y differ in shape.
pub fn half_sum_of_squares(a: &Array1<f64>, y: &Array1<f64>) -> f64 {
    0.5 * sum_of_squares(a, y)
}

/// ∂/∂a_j ½ Σ (a_j − y_j)² = a_j − y_j.
///
/// ```
/// use neurons::{cost::{half_sum_of_squares, half_sum_of_squares_gradient}, gradient::{central_gradient, random_point}};
/// for seed in 0..5 {
///     let (a, y) = (random_point(seed, 10), random_point(seed + 100, 10));
///     let nudged = central_gradient(|a| half_sum_of_squares(a, &y), &a);
///     approx::assert_relative_eq!(half_sum_of_squares_gradient(&a, &y), nudged, epsilon = 1e-8, max_relative = 1e-7);
/// }
/// ```
///
/// # Panics
/// If a and y differ in shape.
pub fn half_sum_of_squares_gradient(
    a: &Array1<f64>,
    y: &Array1<f64>,
) -> Array1<f64> {
    assert_shape("y", y.shape(), a.shape());
    a - y
}

/// (1/n) Σ (a_j − y_j)²: the mean over the n numbers, as PyTorch's `mse_loss`.
///
/// ```
/// use neurons::{cost::mean_of_squares, ndarray::array};
/// assert_eq!(mean_of_squares(&array![0.5, -0.5], &array![0.0, 0.0]), 0.25);
/// ```
///
/// # Panics
/// If a and y differ in shape.
pub fn mean_of_squares(a: &Array1<f64>, y: &Array1<f64>) -> f64 {
    sum_of_squares(a, y) / a.len() as f64
}

/// ∂/∂a_j (1/n) Σ (a_j − y_j)² = (2/n)(a_j − y_j).
///
/// ```
/// use neurons::{cost::{mean_of_squares, mean_of_squares_gradient}, gradient::{central_gradient, random_point}};
/// for seed in 0..5 {
///     let (a, y) = (random_point(seed, 10), random_point(seed + 100, 10));
///     let nudged = central_gradient(|a| mean_of_squares(a, &y), &a);
///     approx::assert_relative_eq!(mean_of_squares_gradient(&a, &y), nudged, epsilon = 1e-8, max_relative = 1e-7);
/// }
/// ```
///
/// # Panics
/// If a and y differ in shape.
pub fn mean_of_squares_gradient(
    a: &Array1<f64>,
    y: &Array1<f64>,
) -> Array1<f64> {
    assert_shape("y", y.shape(), a.shape());
    2.0 / a.len() as f64 * (a - y)
}

/// What a network is made to minimise: the mean over a batch of one cost for each
/// example.
///
/// Answers `a` and wanted answers `y` have shape (m, n), one example a row.
pub trait Cost: std::fmt::Debug + Sync {
    /// (1/m) Σ_r C(a_r, y_r): the mean over the m rows.
    ///
    /// # Panics
    /// If a and y differ in shape.
    fn value(&self, a: &Array2<f64>, y: &Array2<f64>) -> f64;

    /// Row r is ∂C_r/∂a_r, the gradient of that row's own cost: shape (m, n), not divided
    /// by m.
    ///
    /// # Panics
    /// If a and y differ in shape.
    fn gradient(&self, a: &Array2<f64>, y: &Array2<f64>) -> Array2<f64>;
}

/// C = ½ Σ (a_j − y_j)², the squared error of this book's networks.
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{cost::Cost, cost::Quadratic};
/// for seed in 0..5 {
///     let (a, y) = (random_point(seed, (4, 3)), random_point(seed + 100, (4, 3)).mapv(f64::abs));
///     // Each row's own gradient: four times that of the mean.
///     let nudged = 4.0 * central_gradient(|a| Quadratic.value(a, &y), &a);
///     approx::assert_relative_eq!(Quadratic.gradient(&a, &y), nudged, epsilon = 1e-8, max_relative = 1e-6);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quadratic;

impl Cost for Quadratic {
    fn value(&self, a: &Array2<f64>, y: &Array2<f64>) -> f64 {
        assert_shape("y", y.shape(), a.shape());
        0.5 * (a - y).mapv(|error| error * error).sum() / a.nrows() as f64
    }

    fn gradient(&self, a: &Array2<f64>, y: &Array2<f64>) -> Array2<f64> {
        assert_shape("y", y.shape(), a.shape());
        a - y
    }
}

/// Which of the numbers is largest: the digit that the network names. In a tie, the first
/// of them.
///
/// ```
/// use neurons::{cost::largest, ndarray::array};
/// assert_eq!(largest(array![0.1, 0.7, 0.2].view()), 1);
/// assert_eq!(largest(array![0.1, 0.7, 0.7].view()), 1);
/// ```
pub fn largest(a: ndarray::ArrayView1<f64>) -> usize {
    let better =
        |best: usize, i: usize| if a[i] > a[best] { i } else { best };
    (0..a.len()).fold(0, better)
}

/// The fraction of the rows whose largest answer is in the place of the wanted 1, from 0 to 1.
///
/// ```
/// use neurons::{cost::accuracy, ndarray::array};
/// let a = array![[0.9, 0.3], [0.6, 0.5], [0.2, 0.8]];
/// let y = array![[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]];
/// assert_eq!(accuracy(&a, &y), 2.0 / 3.0);
/// ```
///
/// # Panics
/// If a and y differ in shape.
pub fn accuracy(a: &Array2<f64>, y: &Array2<f64>) -> f64 {
    assert_shape("y", y.shape(), a.shape());
    let digits = |rows: &Array2<f64>| -> Vec<usize> {
        rows.rows().into_iter().map(largest).collect()
    };
    fraction_correct(&digits(a), &digits(y))
}
