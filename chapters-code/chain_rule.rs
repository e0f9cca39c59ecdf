//! Chapter 9. The chain rule: multiply along a path, add across paths.

use ndarray::{Array1, Array2, array};

use crate::pixels::assert_shape;
use crate::sigmoid::{sigmoid, sigmoid_prime_from_output};

/// Multiply along: d/dx h(g(f(x))) = h′(g(f(x))) · g′(f(x)) · f′(x), given the three
/// slopes.
///
/// ```
/// use neurons::{chain_rule::along, gradient::{central_difference, random_point, H}};
/// for x in random_point(1, 10) {
///     // sin(e^(x²)) for x near 0: f = x², g = exp, h = sin.
///     let x: f64 = 0.3 * x;
///     let (f, g) = (x * x, (x * x).exp());
///     let nudged = central_difference(|x: f64| (x * x).exp().sin(), x, H);
///     approx::assert_relative_eq!(along([g.cos(), f.exp(), 2.0 * x]), nudged, epsilon = 1e-9, max_relative = 1e-7);
/// }
/// ```
pub fn along(slopes: [f64; 3]) -> f64 {
    slopes.iter().product()
}

/// Add across: when x reaches the result by several paths, du/dx = Σ_p
/// (∂u/∂v_p)(dv_p/dx). Each pair is one path: (∂u/∂v, dv/dx).
///
/// ```
/// use neurons::{chain_rule::across, gradient::{central_difference, random_point, H}};
/// for x in random_point(2, 10) {
///     // u = v₁ v₂ with v₁ = sin x and v₂ = x²: ∂u/∂v₁ = v₂ and ∂u/∂v₂ = v₁.
///     let nudged = central_difference(|x: f64| x.sin() * x.powi(2), x, H);
///     let summed = across(&[(x.powi(2), x.cos()), (x.sin(), 2.0 * x)]);
///     approx::assert_relative_eq!(summed, nudged, epsilon = 1e-9, max_relative = 1e-7);
/// }
/// ```
pub fn across(paths: &[(f64, f64)]) -> f64 {
    paths.iter().map(|(du_dv, dv_dx)| du_dv * dv_dx).sum()
}

/// Both at once, for vectors: the Jacobian of g(f(x)) is J_g J_f, shapes (n₂, n₁)(n₁, n₀)
/// = (n₂, n₀). Entry (i, j) multiplies along each path from x_j to output i, and adds
/// across the n₁ paths.
///
/// ```
/// use neurons::{chain_rule::composed, gradient::{jacobian, random_point}, ndarray::{array, Array1}};
/// let f = |x: &Array1<f64>| array![x[0] * x[1], x[0].sin(), x[1].exp()];
/// let g = |v: &Array1<f64>| array![v[0] + v[1] * v[2], v[2].cos()];
/// for seed in 0..5 {
///     let x = random_point(seed, 2);
///     let product = composed(&jacobian(g, &f(&x)), &jacobian(f, &x));
///     approx::assert_relative_eq!(product, jacobian(|x| g(&f(x)), &x), epsilon = 1e-8, max_relative = 1e-6);
/// }
/// ```
///
/// # Panics
/// If J_g does not have one column for each row of J_f.
pub fn composed(j_g: &Array2<f64>, j_f: &Array2<f64>) -> Array2<f64> {
    assert_shape("J_f", j_f.shape(), &[j_g.ncols(), j_f.ncols()]);
    j_g.dot(j_f)
}

/// Multiplications to get the Jacobian of a chain of functions by multiplying matrices,
/// in the order (from the input, from the output). `sizes` are the lengths of the
/// vectors, input first.
///
/// ```
/// // The book's network, whose cost is one number: from the output it is 26 times cheaper.
/// let (from_input, from_output) = neurons::chain_rule::multiplications(&[784, 16, 16, 10, 1]);
/// assert_eq!((from_input, from_output), (784 * (16 * 16 + 10 * 16 + 10), 10 * 16 + 16 * 16 + 16 * 784));
/// // Five outputs: five times the work from the output.
/// assert_eq!(neurons::chain_rule::multiplications(&[2, 3, 4, 5]), (2 * (3 * 4 + 4 * 5), 5 * (2 * 3 + 3 * 4)));
/// ```
pub fn multiplications(sizes: &[usize]) -> (usize, usize) {
    let (input, output) = (sizes[0], sizes[sizes.len() - 1]);
    let matrices: Vec<usize> =
        sizes.windows(2).map(|pair| pair[0] * pair[1]).collect();
    let from_input =
        matrices[1..].iter().map(|entries| entries * input).sum();
    let from_output = matrices[..matrices.len() - 1]
        .iter()
        .map(|entries| entries * output)
        .sum();
    (from_input, from_output)
}

/// One sigmoid neuron a layer, three layers: the smallest network with something to hand
/// back.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// One weight a layer.
    pub w: Array1<f64>,
    /// One bias a layer.
    pub b: Array1<f64>,
}

impl Chain {
    /// The chain that the chapter works out by hand.
    pub fn by_hand() -> Self {
        Chain { w: array![0.6, -1.2, 0.8], b: array![0.1, 0.3, -0.2] }
    }

    /// The activations a⁰, a¹, a², a³: each is σ(w a + b) of the one before.
    ///
    /// # Panics
    /// If w and b differ in length.
    pub fn activations(&self, a0: f64) -> Vec<f64> {
        assert_shape("b", self.b.shape(), self.w.shape());
        let mut a = vec![a0];
        for (w, b) in self.w.iter().zip(&self.b) {
            a.push(sigmoid(w * a[a.len() - 1] + b));
        }
        a
    }

    /// C = ½ (a³ − y)².
    ///
    /// # Panics
    /// If w and b differ in length.
    pub fn cost(&self, a0: f64, y: f64) -> f64 {
        0.5 * (self.activations(a0)[self.w.len()] - y).powi(2)
    }

    /// (∂C/∂w, ∂C/∂b), from the cost back to the first layer.
    ///
    /// ```
    /// use neurons::{chain_rule::Chain, gradient::{central_gradient, random_point}};
    /// for seed in 0..5 {
    ///     let chain = Chain { w: random_point(seed, 3), b: random_point(seed + 100, 3) };
    ///     let (dw, db) = chain.gradient(0.5, 1.0);
    ///     let w = central_gradient(|w| Chain { w: w.clone(), b: chain.b.clone() }.cost(0.5, 1.0), &chain.w);
    ///     let b = central_gradient(|b| Chain { w: chain.w.clone(), b: b.clone() }.cost(0.5, 1.0), &chain.b);
    ///     approx::assert_relative_eq!(dw, w, epsilon = 1e-9, max_relative = 1e-7);
    ///     approx::assert_relative_eq!(db, b, epsilon = 1e-9, max_relative = 1e-7);
    /// }
    /// ```
    ///
    /// # Panics
    /// If w and b differ in length.
    pub fn gradient(&self, a0: f64, y: f64) -> (Array1<f64>, Array1<f64>) {
        let a = self.activations(a0);
        let layers = self.w.len();
        let (mut dw, mut db) =
            (Array1::zeros(layers), Array1::zeros(layers));
        let mut dc_da = a[layers] - y;
        for l in (0..layers).rev() {
            let dc_dz = dc_da * sigmoid_prime_from_output(a[l + 1]);
            dw[l] = dc_dz * a[l];
            db[l] = dc_dz;
            dc_da = dc_dz * self.w[l];
        }
        (dw, db)
    }
}
