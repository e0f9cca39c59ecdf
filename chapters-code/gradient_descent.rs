//! Chapter 7. Downhill: v ← v − η ∇C.

use ndarray::{Array1, Array2, Zip};
use rand::{Rng, RngExt};

use crate::layer::Layer;
use crate::pixels::assert_shape;

/// The path of v ← v − η ∇C(v) from `start`: shape (steps + 1, n), the start in row 0.
///
/// ```
/// use neurons::{gradient_descent::descend, ndarray::array};
/// // C = ½ v² has the gradient v: each step with η = ¼ leaves three quarters of the way.
/// let path = descend(|v| v.clone(), &array![8.0], 0.25, 2);
/// assert_eq!(path, array![[8.0], [6.0], [4.5]]);
/// ```
///
/// # Panics
/// If the gradient has another shape than the point.
pub fn descend(
    gradient: impl Fn(&Array1<f64>) -> Array1<f64>,
    start: &Array1<f64>,
    eta: f64,
    steps: usize,
) -> Array2<f64> {
    let mut path = Array2::zeros((steps + 1, start.len()));
    let mut v = start.clone();
    path.row_mut(0).assign(&v);
    for mut row in path.rows_mut().into_iter().skip(1) {
        let gradient = gradient(&v);
        assert_shape("gradient", gradient.shape(), v.shape());
        v = &v - eta * gradient;
        row.assign(&v);
    }
    path
}

/// C(v) = ½ Σ λ_i v_i²: a bowl that curves by λ_i along axis i.
///
/// # Panics
/// If λ and v differ in length.
pub fn bowl(lambda: &Array1<f64>, v: &Array1<f64>) -> f64 {
    assert_shape("v", v.shape(), lambda.shape());
    0.5 * (lambda * v * v).sum()
}

/// ∂C/∂v_i = λ_i v_i, the slope of the [`bowl`].
///
/// ```
/// use neurons::{gradient::{central_gradient, random_point}, gradient_descent::{bowl, bowl_gradient}};
/// for seed in 0..5 {
///     let lambda = random_point(seed, 3).mapv(f64::abs);
///     let v = random_point(seed + 100, 3);
///     let nudged = central_gradient(|v| bowl(&lambda, v), &v);
///     approx::assert_relative_eq!(bowl_gradient(&lambda, &v), nudged, epsilon = 1e-8, max_relative = 1e-7);
/// }
/// ```
///
/// # Panics
/// If λ and v differ in length.
pub fn bowl_gradient(lambda: &Array1<f64>, v: &Array1<f64>) -> Array1<f64> {
    assert_shape("v", v.shape(), lambda.shape());
    lambda * v
}

/// The numbers from 0 to `examples` − 1 in random order, cut into mini-batches of m (the
/// last may be shorter).
///
/// ```
/// use neurons::gradient_descent::mini_batches;
/// use rand::SeedableRng;
/// let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
/// let batches = mini_batches(10, 4, &mut random);
/// assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
/// let mut all = batches.concat();
/// all.sort();
/// assert_eq!(all, (0..10).collect::<Vec<_>>()); // each example once
/// ```
///
/// # Panics
/// If m is 0.
pub fn mini_batches(
    examples: usize,
    m: usize,
    random: &mut impl Rng,
) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..examples).collect();
    for i in (1..examples).rev() {
        order.swap(i, random.random_range(0..=i));
    }
    order.chunks(m).map(<[usize]>::to_vec).collect()
}

/// u · v / (|u| |v|): 1 if both point the same way, 0 if they are at right angles, −1 if
/// they point opposite ways.
///
/// ```
/// use neurons::{gradient_descent::cosine, ndarray::array};
/// approx::assert_relative_eq!(cosine(&array![1.0, 1.0], &array![1.0, 0.0]), 0.5_f64.sqrt());
/// ```
///
/// # Panics
/// If u and v differ in length.
pub fn cosine(u: &Array1<f64>, v: &Array1<f64>) -> f64 {
    assert_shape("v", v.shape(), u.shape());
    u.dot(v) / (u.dot(u) * v.dot(v)).sqrt()
}

/// One step for every layer, with momentum: u ← μ u − η ∇C, then v ← v + u, where v are
/// the layer's weights and biases. With μ = 0 this is plain gradient descent.
///
/// ```
/// use neurons::{gradient_descent::step, layer::Layer, ndarray::array};
/// let layer = |w: f64, b: f64| vec![Layer { w: array![[w]], b: array![b] }];
/// let (mut layers, mut velocity) = (layer(1.0, 2.0), layer(0.0, 0.0));
/// step(&mut layers, &mut velocity, &layer(10.0, -10.0), 0.1, 0.5);
/// assert_eq!(layers, layer(0.0, 3.0));
/// step(&mut layers, &mut velocity, &layer(0.0, 0.0), 0.1, 0.5);
/// assert_eq!(layers, layer(-0.5, 3.5)); // half of the last step again
/// ```
///
/// # Panics
/// If the three differ in the number of layers or in their shapes.
pub fn step(
    layers: &mut [Layer],
    velocity: &mut [Layer],
    gradients: &[Layer],
    eta: f64,
    mu: f64,
) {
    assert_same_shapes("velocity", velocity, layers);
    assert_same_shapes("gradients", gradients, layers);
    for ((layer, u), g) in layers.iter_mut().zip(velocity).zip(gradients) {
        let update = |v: &mut f64, u: &mut f64, &g: &f64| {
            *u = mu * *u - eta * g;
            *v += *u;
        };
        Zip::from(&mut layer.w).and(&mut u.w).and(&g.w).for_each(update);
        Zip::from(&mut layer.b).and(&mut u.b).and(&g.b).for_each(update);
    }
}

/// Stops with a sentence if some layers have other shapes than those they should have.
///
/// # Panics
/// If they differ in number, or two of them in shape.
#[track_caller]
pub fn assert_same_shapes(name: &str, layers: &[Layer], wanted: &[Layer]) {
    assert_shape(name, &[layers.len()], &[wanted.len()]);
    for (layer, wanted) in layers.iter().zip(wanted) {
        assert_shape(name, layer.w.shape(), wanted.w.shape());
        assert_shape(name, layer.b.shape(), wanted.b.shape());
    }
}
