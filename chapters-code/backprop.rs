//! Chapter 12. Backpropagation: four equations, for a batch with one example a row.

use ndarray::{Array1, Array2, Axis};

use crate::cost::Cost;
use crate::layer::{Layer, Network};
use crate::perceptron_multi::batch_weight_gradient;
use crate::pixels::assert_shape;
use crate::sigmoid::Activation;

/// What the forward pass leaves behind for the way back.
#[derive(Clone, Debug)]
pub struct Forward {
    /// Weighted sums, one array (m, n) for each layer.
    pub z: Vec<Array2<f64>>,
    /// Activations; `a[0]` is the input, so that `a[l + 1]` belongs to `z[l]`.
    pub a: Vec<Array2<f64>>,
}

/// The forward pass, which keeps everything that it computes on the way. The last `a` is
/// what the network answers.
///
/// ```
/// use neurons::{backprop::forward, gradient::random_point, layer::Network, sigmoid::Activation::Tanh};
/// let network = Network::random(&[5, 4, 3], Tanh, Tanh, 1);
/// let x = random_point(1, (2, 5));
/// assert_eq!(forward(&network, &x).a[2], network.answers(&x));
/// ```
///
/// # Panics
/// If X does not have one column for each input, or the layers do not fit each other and
/// their activations.
pub fn forward(network: &Network, x: &Array2<f64>) -> Forward {
    let Network { layers, activations } = network;
    assert_shape("activations", &[activations.len()], &[layers.len()]);
    let (mut z, mut a) = (Vec::new(), vec![x.clone()]);
    for (l, layer) in layers.iter().enumerate() {
        z.push(layer.weighted_sums(&a[l]));
        a.push(z[l].mapv(|z| activations[l].of(z)));
    }
    Forward { z, a }
}

/// (1) δ⁽ᴸ⁾ = ∂C/∂a ⊙ f′(z⁽ᴸ⁾): the error of the output layer, one row for each example.
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{backprop::output_delta, cost::{Cost, Quadratic}, sigmoid::Activation};
/// for f in Activation::ALL {
///     let (z, y) = (random_point(1, (4, 3)), random_point(2, (4, 3)));
///     // The cost is the mean of four rows, and δ is each row's own.
///     let nudged = 4.0 * central_gradient(|z| Quadratic.value(&z.mapv(|z| f.of(z)), &y), &z);
///     let delta = output_delta(&Quadratic.gradient(&z.mapv(|z| f.of(z)), &y), &z, f);
///     approx::assert_relative_eq!(delta, nudged, epsilon = 1e-8, max_relative = 1e-6);
/// }
/// ```
///
/// # Panics
/// If ∂C/∂a and z differ in shape.
pub fn output_delta(
    dc_da: &Array2<f64>,
    z: &Array2<f64>,
    f: Activation,
) -> Array2<f64> {
    assert_shape("z", z.shape(), dc_da.shape());
    dc_da * &z.mapv(|z| f.prime(z))
}

/// (2) δ⁽ˡ⁾ = (Wᵀ δ⁽ˡ⁺¹⁾) ⊙ f′(z⁽ˡ⁾): the error one layer back; for rows, Δ W ⊙ f′(Z).
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{backprop::delta_below, cost::{Cost, Quadratic}, layer::Layer, sigmoid::Activation};
/// let above = Layer { w: random_point(1, (2, 3)), b: random_point(2, 2) };
/// let (z, y) = (random_point(3, (4, 3)), random_point(4, (4, 2)));
/// for f in Activation::ALL {
///     // The layer above hands its sums on as they are, so that its own δ is a − y.
///     let answers = |z: &neurons::ndarray::Array2<f64>| above.weighted_sums(&z.mapv(|z| f.of(z)));
///     let nudged = 4.0 * central_gradient(|z| Quadratic.value(&answers(z), &y), &z);
///     let delta = delta_below(&above, &(answers(&z) - &y), &z, f);
///     approx::assert_relative_eq!(delta, nudged, epsilon = 1e-8, max_relative = 1e-6);
/// }
/// ```
///
/// # Panics
/// If the shapes are not W (n, p) of the layer above, Δ (m, n) and Z (m, p).
pub fn delta_below(
    above: &Layer,
    delta: &Array2<f64>,
    z: &Array2<f64>,
    f: Activation,
) -> Array2<f64> {
    let (n, p) = above.w.dim();
    assert_shape("Δ", delta.shape(), &[delta.nrows(), n]);
    assert_shape("Z", z.shape(), &[delta.nrows(), p]);
    delta.dot(&above.w) * z.mapv(|z| f.prime(z))
}

/// (3) ∂C/∂b = δ, averaged over the rows.
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{backprop::bias_gradient, cost::{Cost, Quadratic}, layer::Layer};
/// let layer = Layer { w: random_point(1, (2, 3)), b: random_point(2, 2) };
/// let (a, y) = (random_point(3, (4, 3)), random_point(4, (4, 2)));
/// let cost = |b: &neurons::ndarray::Array1<f64>| {
///     Quadratic.value(&Layer { b: b.clone(), ..layer.clone() }.weighted_sums(&a), &y)
/// };
/// let delta = layer.weighted_sums(&a) - &y;
/// let nudged = central_gradient(cost, &layer.b);
/// approx::assert_relative_eq!(bias_gradient(&delta), nudged, epsilon = 1e-8, max_relative = 1e-6);
/// ```
pub fn bias_gradient(delta: &Array2<f64>) -> Array1<f64> {
    delta.sum_axis(Axis(0)) / delta.nrows() as f64
}

/// (4) ∂C/∂W = δ aᵀ, averaged over the rows: Δᵀ A / m, where A is what the layer listened
/// to.
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{backprop::weight_gradient, cost::{Cost, Quadratic}, layer::Layer};
/// let layer = Layer { w: random_point(1, (2, 3)), b: random_point(2, 2) };
/// let (a, y) = (random_point(3, (4, 3)), random_point(4, (4, 2)));
/// let cost = |w: &neurons::ndarray::Array2<f64>| {
///     Quadratic.value(&Layer { w: w.clone(), ..layer.clone() }.weighted_sums(&a), &y)
/// };
/// let delta = layer.weighted_sums(&a) - &y;
/// let nudged = central_gradient(cost, &layer.w);
/// approx::assert_relative_eq!(weight_gradient(&delta, &a), nudged, epsilon = 1e-8, max_relative = 1e-6);
/// ```
///
/// # Panics
/// If Δ and A differ in rows.
pub fn weight_gradient(
    delta: &Array2<f64>,
    a: &Array2<f64>,
) -> Array2<f64> {
    batch_weight_gradient(delta, a)
}

/// The mean cost of a batch and its gradient for every weight and bias: one [`Layer`] of
/// partial derivatives for each layer of the network, of the same shape.
///
/// X has shape (m, n₀), Y (m, n_L). The way back costs about as much as two ways
/// forward.
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{backprop::cost_and_gradient, cost::{Cost, Quadratic}, layer::Network, sigmoid::Activation};
///
/// for f in [Activation::Sigmoid, Activation::Tanh, Activation::Softplus] {
///     for (seed, sizes) in [(1, vec![3, 2]), (2, vec![4, 3, 2]), (3, vec![2, 5, 3, 4])] {
///         let network = Network::random(&sizes, f, Activation::Sigmoid, seed);
///         let (x, y) = (random_point(seed, (6, sizes[0])), random_point(seed + 9, (6, sizes[sizes.len() - 1])));
///         let cost_of = |network: &Network| Quadratic.value(&network.answers(&x), &y);
///
///         let (cost, layers) = cost_and_gradient(&network, &Quadratic, &x, &y);
///         assert_eq!(cost, cost_of(&network));
///         let analytic = Network { layers, ..network.clone() }.to_vector();
///         let nudged = central_gradient(|p| cost_of(&network.with_vector(p)), &network.to_vector());
///         approx::assert_relative_eq!(analytic, nudged, epsilon = 1e-9, max_relative = 1e-6);
///     }
/// }
/// ```
///
/// # Panics
/// If X or Y do not fit the network, or differ in rows.
pub fn cost_and_gradient(
    network: &Network,
    cost: &dyn Cost,
    x: &Array2<f64>,
    y: &Array2<f64>,
) -> (f64, Vec<Layer>) {
    let Forward { z, a } = forward(network, x);
    let last = network.layers.len() - 1;
    let answers = &a[last + 1];
    assert_shape("Y", y.shape(), answers.shape());

    let f = &network.activations;
    let mut delta =
        output_delta(&cost.gradient(answers, y), &z[last], f[last]);
    let mut gradients = Vec::new();
    for l in (0..=last).rev() {
        gradients.push(Layer {
            w: weight_gradient(&delta, &a[l]),
            b: bias_gradient(&delta),
        });
        if l > 0 {
            delta = delta_below(
                &network.layers[l],
                &delta,
                &z[l - 1],
                f[l - 1],
            );
        }
    }
    gradients.reverse();
    (cost.value(answers, y), gradients)
}
