//! Chapter 11. Many outputs: E = ½ Σ_j (O_j − t_j)² with O = f(W x + b).

use ndarray::{Array1, Array2, Axis};

use crate::layer::Layer;
use crate::pixels::assert_shape;
use crate::sigmoid::Activation;

/// E = ½ Σ_j (O_j − t_j)² of one layer.
///
/// # Panics
/// If the shapes are not W (n, p), b (n), x (p) and t (n).
pub fn error(
    layer: &Layer,
    f: Activation,
    x: &Array1<f64>,
    t: &Array1<f64>,
) -> f64 {
    assert_shape("t", t.shape(), &[layer.w.nrows()]);
    let o = layer.weighted_sum(x).mapv(|z| f.of(z));
    0.5 * (o - t).mapv(|e| e * e).sum()
}

/// δ_j = ∂E/∂z_j = (O_j − t_j) f′(z_j): one number for each output, shape (n).
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{layer::Layer, perceptron_multi::{deltas, error}, sigmoid::Activation::Sigmoid};
/// for seed in 0..5 {
///     let layer = Layer { w: random_point(seed, (3, 4)), b: random_point(seed + 10, 3) };
///     let (x, t) = (random_point(seed + 20, 4), random_point(seed + 30, 3));
///     // z_j and b_j differ by a number that does not depend on b: nudging one nudges the other.
///     let nudged = central_gradient(|b| error(&Layer { b: b.clone(), ..layer.clone() }, Sigmoid, &x, &t), &layer.b);
///     approx::assert_relative_eq!(deltas(&layer, Sigmoid, &x, &t), nudged, epsilon = 1e-9, max_relative = 1e-7);
/// }
/// ```
///
/// # Panics
/// If the shapes are not W (n, p), b (n), x (p) and t (n).
pub fn deltas(
    layer: &Layer,
    f: Activation,
    x: &Array1<f64>,
    t: &Array1<f64>,
) -> Array1<f64> {
    assert_shape("t", t.shape(), &[layer.w.nrows()]);
    let z = layer.weighted_sum(x);
    (z.mapv(|z| f.of(z)) - t) * z.mapv(|z| f.prime(z))
}

/// ∂E/∂w_jk = δ_j x_k, the two ends of the wire: ∇_W E = δ xᵀ, shape (n, p).
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{layer::Layer, perceptron_multi::{deltas, error, weight_gradient}, sigmoid::Activation};
/// for f in Activation::ALL {
///     for seed in 0..5 {
///         let layer = Layer { w: random_point(seed, (3, 4)), b: random_point(seed + 10, 3) };
///         let (x, t) = (random_point(seed + 20, 4), random_point(seed + 30, 3));
///         let nudged = central_gradient(|w| error(&Layer { w: w.clone(), ..layer.clone() }, f, &x, &t), &layer.w);
///         let product = weight_gradient(&deltas(&layer, f, &x, &t), &x);
///         approx::assert_relative_eq!(product, nudged, epsilon = 1e-8, max_relative = 1e-6);
///     }
/// }
/// ```
pub fn weight_gradient(
    delta: &Array1<f64>,
    x: &Array1<f64>,
) -> Array2<f64> {
    delta.view().insert_axis(Axis(1)).dot(&x.view().insert_axis(Axis(0)))
}

/// ∂E/∂x_k = Σ_j w_jk δ_j, all the wires that leave input k: ∇_x E = Wᵀ δ, shape (p).
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{layer::Layer, perceptron_multi::{deltas, error, input_gradient}, sigmoid::Activation};
/// for f in Activation::ALL {
///     for seed in 0..5 {
///         let layer = Layer { w: random_point(seed, (3, 4)), b: random_point(seed + 10, 3) };
///         let (x, t) = (random_point(seed + 20, 4), random_point(seed + 30, 3));
///         let nudged = central_gradient(|x| error(&layer, f, x, &t), &x);
///         let product = input_gradient(&layer, &deltas(&layer, f, &x, &t));
///         approx::assert_relative_eq!(product, nudged, epsilon = 1e-8, max_relative = 1e-6);
///     }
/// }
/// ```
///
/// # Panics
/// If the shapes are not W (n, p) and δ (n).
pub fn input_gradient(layer: &Layer, delta: &Array1<f64>) -> Array1<f64> {
    assert_shape("δ", delta.shape(), &[layer.w.nrows()]);
    layer.w.t().dot(delta)
}

/// The mean of δ xᵀ over m examples, one a row: Δᵀ X / m, shape (n, p).
///
/// ```
/// use neurons::{gradient::random_point, ndarray::Array2, perceptron_multi::{batch_weight_gradient, weight_gradient}};
/// let (deltas, x) = (random_point(1, (6, 3)), random_point(2, (6, 4)));
/// let mut mean = Array2::zeros((3, 4));
/// for (delta, x) in deltas.rows().into_iter().zip(x.rows()) {
///     mean += &(weight_gradient(&delta.to_owned(), &x.to_owned()) / 6.0);
/// }
/// approx::assert_relative_eq!(batch_weight_gradient(&deltas, &x), mean, epsilon = 1e-14, max_relative = 1e-12);
/// ```
///
/// # Panics
/// If Δ and X differ in rows.
pub fn batch_weight_gradient(
    deltas: &Array2<f64>,
    x: &Array2<f64>,
) -> Array2<f64> {
    assert_shape("X", x.shape(), &[deltas.nrows(), x.ncols()]);
    deltas.t().dot(x) / x.nrows() as f64
}
