//! Chapter 10. One output: E = ½ (O − t)² with O = f(w · x + b).

use ndarray::Array1;

use crate::pixels::assert_shape;
use crate::sigmoid::Activation;

/// One neuron with p inputs and a smooth (or piecewise smooth) activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Perceptron {
    /// One weight for each input, shape (p).
    pub w: Array1<f64>,
    /// The bias.
    pub b: f64,
    /// f, applied to the weighted sum.
    pub activation: Activation,
}

/// The partial derivatives of something along the weights, the bias and the inputs of a
/// [`Perceptron`].
#[derive(Clone, Debug, PartialEq)]
pub struct PerceptronGradient {
    /// One for each weight, shape (p).
    pub w: Array1<f64>,
    /// That of the bias.
    pub b: f64,
    /// One for each input, shape (p).
    pub x: Array1<f64>,
}

impl Perceptron {
    /// z = w · x + b.
    ///
    /// # Panics
    /// If x does not have one number for each weight.
    pub fn weighted_sum(&self, x: &Array1<f64>) -> f64 {
        assert_shape("x", x.shape(), self.w.shape());
        self.w.dot(x) + self.b
    }

    /// ∂z/∂w_j = x_j, ∂z/∂b = 1, ∂z/∂x_j = w_j.
    ///
    /// ```
    /// use neurons::gradient::{central_gradient, random_point};
    /// use neurons::{perceptron::Perceptron, sigmoid::Activation};
    ///
    /// for seed in 0..5 {
    ///     let p = Perceptron { w: random_point(seed, 4), b: 0.3, activation: Activation::Sigmoid };
    ///     let x = random_point(seed + 100, 4);
    ///     let g = p.weighted_sum_gradient(&x);
    ///     let w = central_gradient(|w| Perceptron { w: w.clone(), ..p.clone() }.weighted_sum(&x), &p.w);
    ///     approx::assert_relative_eq!(g.w, w, max_relative = 1e-7);
    ///     approx::assert_relative_eq!(g.x, central_gradient(|x| p.weighted_sum(x), &x), max_relative = 1e-7);
    /// }
    /// ```
    ///
    /// # Panics
    /// If x does not have one number for each weight.
    pub fn weighted_sum_gradient(
        &self,
        x: &Array1<f64>,
    ) -> PerceptronGradient {
        assert_shape("x", x.shape(), self.w.shape());
        PerceptronGradient { w: x.clone(), b: 1.0, x: self.w.clone() }
    }

    /// O = f(z).
    ///
    /// # Panics
    /// If x does not have one number for each weight.
    pub fn output(&self, x: &Array1<f64>) -> f64 {
        self.activation.of(self.weighted_sum(x))
    }

    /// E = ½ (O − t)².
    ///
    /// # Panics
    /// If x does not have one number for each weight.
    pub fn error(&self, x: &Array1<f64>, t: f64) -> f64 {
        0.5 * (self.output(x) - t).powi(2)
    }

    /// ∂E/∂w_j = (O − t) f′(z) x_j, ∂E/∂b = (O − t) f′(z), ∂E/∂x_j = (O − t) f′(z) w_j.
    ///
    /// ```
    /// use neurons::gradient::{central_difference, central_gradient, random_point, H};
    /// use neurons::{perceptron::Perceptron, sigmoid::Activation};
    ///
    /// for activation in Activation::ALL {
    ///     for seed in 0..5 {
    ///         let p = Perceptron { w: random_point(seed, 4), b: 0.3, activation };
    ///         let (x, t) = (random_point(seed + 100, 4), 0.7);
    ///         let g = p.gradient(&x, t);
    ///         let w = central_gradient(|w| Perceptron { w: w.clone(), ..p.clone() }.error(&x, t), &p.w);
    ///         let b = central_difference(|b| Perceptron { b, ..p.clone() }.error(&x, t), p.b, H);
    ///         let x = central_gradient(|x| p.error(x, t), &x);
    ///         approx::assert_relative_eq!(g.w, w, epsilon = 1e-8, max_relative = 1e-6);
    ///         approx::assert_relative_eq!(g.b, b, epsilon = 1e-8, max_relative = 1e-6);
    ///         approx::assert_relative_eq!(g.x, x, epsilon = 1e-8, max_relative = 1e-6);
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    /// If x does not have one number for each weight.
    pub fn gradient(&self, x: &Array1<f64>, t: f64) -> PerceptronGradient {
        let z = self.weighted_sum(x);
        let delta = (self.activation.of(z) - t) * self.activation.prime(z);
        let PerceptronGradient { w, b, x } = self.weighted_sum_gradient(x);
        PerceptronGradient { w: delta * w, b: delta * b, x: delta * x }
    }
}
