//! Chapter 3. Squashing: activation functions and their slopes.
//!
//! Each function comes with its derivative, and each derivative with its check.

/// σ(z) = 1 / (1 + e⁻ᶻ), from any number to one between 0 and 1, in the form that cannot
/// overflow: the exponential is only ever taken of a negative number.
///
/// ```
/// use neurons::sigmoid::sigmoid;
/// assert_eq!(sigmoid(0.0), 0.5);
/// approx::assert_relative_eq!(sigmoid(2.0), 1.0 / (1.0 + (-2.0_f64).exp()), max_relative = 1e-15);
/// assert_eq!([sigmoid(-1000.0), sigmoid(1000.0)], [0.0, 1.0]);
/// // The mirror image: σ(−z) = 1 − σ(z).
/// approx::assert_relative_eq!(sigmoid(-1.3), 1.0 - sigmoid(1.3), max_relative = 1e-15);
/// ```
pub fn sigmoid(z: f64) -> f64 {
    let e = (-z.abs()).exp();
    if z >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// σ′(z) = e⁻|ᶻ| / (1 + e⁻|ᶻ|)², which is σ(z)(1 − σ(z)) without the subtraction: it
/// stays right where σ has already rounded to 1.
///
/// ```
/// use neurons::{gradient::{central_difference, complex_step, random_point, H}, sigmoid::{sigmoid, sigmoid_prime}};
/// for z in random_point(1, 20) {
///     approx::assert_relative_eq!(sigmoid_prime(z), central_difference(sigmoid, z, H), max_relative = 1e-8);
///     let exact = complex_step(|z| 1.0 / (1.0 + (-z).exp()), z);
///     approx::assert_relative_eq!(sigmoid_prime(z), exact, max_relative = 1e-14);
/// }
/// // Far out, where 1 − σ(z) is exactly 0 in f64, the slope is still there.
/// approx::assert_relative_eq!(sigmoid_prime(40.0), (-40.0_f64).exp(), max_relative = 1e-14);
/// ```
pub fn sigmoid_prime(z: f64) -> f64 {
    let e = (-z.abs()).exp();
    e / (1.0 + e).powi(2)
}

/// σ′ from the output alone: a(1 − a) where a = σ(z). Nothing needs to be computed again.
///
/// ```
/// use neurons::{gradient::{central_difference, random_point, H}, sigmoid::{sigmoid, sigmoid_prime_from_output}};
/// for z in random_point(2, 20) {
///     let from_output = sigmoid_prime_from_output(sigmoid(z));
///     approx::assert_relative_eq!(from_output, central_difference(sigmoid, z, H), max_relative = 1e-8);
/// }
/// ```
pub fn sigmoid_prime_from_output(a: f64) -> f64 {
    a * (1.0 - a)
}

/// tanh z = 2σ(2z) − 1, from any number to one between −1 and 1.
///
/// ```
/// use neurons::sigmoid::{sigmoid, tanh};
/// for z in [-3.0, -0.2, 0.0, 1.7] {
///     approx::assert_abs_diff_eq!(tanh(z), 2.0 * sigmoid(2.0 * z) - 1.0, epsilon = 1e-15);
/// }
/// ```
pub fn tanh(z: f64) -> f64 {
    z.tanh()
}

/// tanh′ z = 1 − tanh² z.
///
/// ```
/// use neurons::{gradient::{central_difference, random_point, H}, sigmoid::{tanh, tanh_prime}};
/// for z in random_point(3, 20) {
///     approx::assert_relative_eq!(tanh_prime(z), central_difference(tanh, z, H), max_relative = 1e-7);
/// }
/// ```
pub fn tanh_prime(z: f64) -> f64 {
    1.0 - z.tanh().powi(2)
}

/// ReLU(z) = max(0, z).
///
/// ```
/// use neurons::sigmoid::relu;
/// assert_eq!([relu(-2.0), relu(0.0), relu(3.0)], [0.0, 0.0, 3.0]);
/// assert!(relu(f64::NAN).is_nan()); // where `f64::max` would say 0
/// ```
pub fn relu(z: f64) -> f64 {
    if z <= 0.0 { 0.0 } else { z }
}

/// ReLU′(z) = 1 if z > 0, else 0. At 0 there is no derivative: 0 is the convention here,
/// as in the common libraries.
///
/// ```
/// use neurons::{gradient::{central_difference, random_point, H}, sigmoid::{relu, relu_prime}};
/// for z in random_point(4, 20).into_iter().filter(|z| z.abs() > 1e-3) {
///     approx::assert_relative_eq!(relu_prime(z), central_difference(relu, z, H), max_relative = 1e-8);
/// }
/// // On the kink a central difference sees half of each side: ½, and the convention says 0.
/// assert_eq!(relu_prime(0.0), 0.0);
/// assert_eq!(central_difference(relu, 0.0, H), 0.5);
/// ```
pub fn relu_prime(z: f64) -> f64 {
    if z > 0.0 { 1.0 } else { 0.0 }
}

/// The slope of leaky ReLU below 0.
pub const LEAK: f64 = 0.01;

/// Leaky ReLU: z if z > 0, else [`LEAK`] · z.
pub fn leaky_relu(z: f64) -> f64 {
    if z > 0.0 { z } else { LEAK * z }
}

/// Leaky ReLU′: 1 if z > 0, else [`LEAK`] (also at 0, by convention).
///
/// ```
/// use neurons::{gradient::{central_difference, random_point, H}, sigmoid::{leaky_relu, leaky_relu_prime}};
/// for z in random_point(5, 20).into_iter().filter(|z| z.abs() > 1e-3) {
///     let nudged = central_difference(leaky_relu, z, H);
///     approx::assert_relative_eq!(leaky_relu_prime(z), nudged, max_relative = 1e-8);
/// }
/// assert_eq!(leaky_relu_prime(0.0), neurons::sigmoid::LEAK);
/// ```
pub fn leaky_relu_prime(z: f64) -> f64 {
    if z > 0.0 { 1.0 } else { LEAK }
}

/// softplus(z) = ln(1 + eᶻ), written as max(z, 0) + ln(1 + e⁻|ᶻ|) so that it cannot
/// overflow: ReLU with its corner rounded off.
///
/// ```
/// use neurons::sigmoid::softplus;
/// approx::assert_relative_eq!(softplus(1.2), (1.0 + 1.2_f64.exp()).ln(), max_relative = 1e-15);
/// assert_eq!([softplus(-1000.0), softplus(1000.0)], [0.0, 1000.0]);
/// ```
pub fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

/// softplus′ = σ.
///
/// ```
/// use neurons::{gradient::{central_difference, random_point, H}, sigmoid::{softplus, softplus_prime}};
/// for z in random_point(6, 20) {
///     approx::assert_relative_eq!(softplus_prime(z), central_difference(softplus, z, H), max_relative = 1e-8);
/// }
/// ```
pub fn softplus_prime(z: f64) -> f64 {
    sigmoid(z)
}

/// The elementwise functions that a layer may apply to its weighted sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// f(z) = z: the layer hands its weighted sums on as they are.
    Identity,
    /// [`sigmoid`].
    Sigmoid,
    /// [`tanh`].
    Tanh,
    /// [`relu`].
    Relu,
    /// [`leaky_relu`].
    LeakyRelu,
    /// [`softplus`].
    Softplus,
}

impl Activation {
    /// All of them, for tests and tables.
    pub const ALL: [Activation; 6] = [
        Activation::Identity,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Softplus,
    ];

    /// f(z).
    pub fn of(self, z: f64) -> f64 {
        match self {
            Activation::Identity => z,
            Activation::Sigmoid => sigmoid(z),
            Activation::Tanh => tanh(z),
            Activation::Relu => relu(z),
            Activation::LeakyRelu => leaky_relu(z),
            Activation::Softplus => softplus(z),
        }
    }

    /// f′(z).
    ///
    /// ```
    /// use neurons::{gradient::{central_difference, random_point, H}, sigmoid::Activation};
    /// for f in Activation::ALL {
    ///     for z in random_point(7, 20).into_iter().filter(|z| z.abs() > 1e-3) {
    ///         let nudged = central_difference(|z| f.of(z), z, H);
    ///         approx::assert_relative_eq!(f.prime(z), nudged, max_relative = 1e-7);
    ///     }
    /// }
    /// ```
    pub fn prime(self, z: f64) -> f64 {
        match self {
            Activation::Identity => 1.0,
            Activation::Sigmoid => sigmoid_prime(z),
            Activation::Tanh => tanh_prime(z),
            Activation::Relu => relu_prime(z),
            Activation::LeakyRelu => leaky_relu_prime(z),
            Activation::Softplus => softplus_prime(z),
        }
    }
}
