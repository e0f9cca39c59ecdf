//! Chapter 8. Backpropagation without symbols: what one picture wants.
//!
//! A *wish* is how much, and which way, a number should change to lower the cost fastest:
//! −∂C/∂. Throughout, C = ½ Σ (a_j − y_j)², so that the wish of an output is its error y
//! − a itself; with C = Σ (a_j − y_j)² every wish on this page is twice as large.

use ndarray::{Array1, Array2, Axis};

use crate::layer::Layer;
use crate::pixels::assert_shape;
use crate::sigmoid::sigmoid_prime;

/// What each output wishes for itself: y_j − a_j, which is −∂C/∂a_j.
///
/// ```
/// use neurons::{cost::half_sum_of_squares, gradient::{central_gradient, random_point}, wishes::wishes_of_outputs};
/// for seed in 0..5 {
///     let (a, y) = (random_point(seed, 10), random_point(seed + 100, 10));
///     let nudged = -central_gradient(|a| half_sum_of_squares(a, &y), &a);
///     approx::assert_relative_eq!(wishes_of_outputs(&a, &y), nudged, epsilon = 1e-8, max_relative = 1e-7);
/// }
/// ```
///
/// # Panics
/// If a and y differ in shape.
pub fn wishes_of_outputs(a: &Array1<f64>, y: &Array1<f64>) -> Array1<f64> {
    assert_shape("y", y.shape(), a.shape());
    y - a
}

/// The three levers by which a layer's wishes can be granted, each with what is asked of
/// it.
#[derive(Clone, Debug, PartialEq)]
pub struct Levers {
    /// What each bias is asked: −∂C/∂b_j, shape (n).
    pub biases: Array1<f64>,
    /// What each weight is asked: −∂C/∂w_jk, shape (n, p), in proportion to the
    /// activation a_k that it carries.
    pub weights: Array2<f64>,
    /// What each neuron of the layer before is asked, all n wishes added: −∂C/∂a_k, shape
    /// (p), in proportion to the weights w_jk.
    pub previous: Array1<f64>,
}

/// Hands the wishes of a sigmoid layer on to its three levers.
///
/// `a` are the activations that the layer listens to, shape (p); `wishes` what its n
/// neurons wish, −∂C/∂a_j, shape (n).
///
/// ```
/// use neurons::cost::half_sum_of_squares;
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{layer::Layer, ndarray::Array1, sigmoid::sigmoid, wishes::{levers, wishes_of_outputs}};
///
/// for seed in 0..5 {
///     let layer = Layer { w: random_point(seed, (10, 16)), b: random_point(seed + 10, 10) };
///     let (a, y) = (random_point(seed + 20, 16).mapv(sigmoid), random_point(seed + 30, 10));
///     let cost = |layer: &Layer, a: &Array1<f64>| {
///         half_sum_of_squares(&layer.weighted_sum(a).mapv(sigmoid), &y)
///     };
///     let outputs = layer.weighted_sum(&a).mapv(sigmoid);
///     let asked = levers(&layer, &a, &wishes_of_outputs(&outputs, &y));
///
///     let b = central_gradient(|b| cost(&Layer { b: b.clone(), ..layer.clone() }, &a), &layer.b);
///     let w = central_gradient(|w| cost(&Layer { w: w.clone(), ..layer.clone() }, &a), &layer.w);
///     let previous = central_gradient(|a| cost(&layer, a), &a);
///     approx::assert_relative_eq!(asked.biases, -b, epsilon = 1e-9, max_relative = 1e-7);
///     approx::assert_relative_eq!(asked.weights, -w, epsilon = 1e-9, max_relative = 1e-7);
///     approx::assert_relative_eq!(asked.previous, -previous, epsilon = 1e-9, max_relative = 1e-7);
/// }
/// ```
///
/// # Panics
/// If the shapes are not W (n, p), b (n), a (p) and wishes (n).
pub fn levers(
    layer: &Layer,
    a: &Array1<f64>,
    wishes: &Array1<f64>,
) -> Levers {
    assert_shape("wishes", wishes.shape(), &[layer.w.nrows()]);
    // How far a wish gets through the squashing: not far where the neuron
    // is saturated.
    let biases = wishes * &layer.weighted_sum(a).mapv(sigmoid_prime);
    let as_column = biases.view().insert_axis(Axis(1));
    let weights = &as_column * &a.view().insert_axis(Axis(0));
    let previous = layer.w.t().dot(&biases);
    Levers { biases, weights, previous }
}
