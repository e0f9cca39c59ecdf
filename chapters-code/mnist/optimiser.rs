//! How a gradient becomes a step.

use ndarray::{Array, Dimension, Zip};

use crate::gradient_descent::{self, assert_same_shapes};
use crate::layer::Layer;

/// The rule that makes a step of a gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimiser {
    /// u ← μ u − η ∇C, then v ← v + u; with μ = 0, plain gradient descent.
    Momentum(f64),
    /// Steps of about η for every knob, however large its slope.
    Adam,
}

/// The memory of an optimiser from step to step.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// How many steps were taken.
    pub steps: u64,
    /// One number or two for each weight and bias: u of momentum, m and s of Adam.
    pub moments: Vec<Vec<Layer>>,
}

impl Optimiser {
    /// The memory before the first step: zeros in the shape of the layers.
    pub fn memory(self, layers: &[Layer]) -> Memory {
        let zeros = |layer: &Layer| Layer {
            w: ndarray::Array2::zeros(layer.w.dim()),
            b: ndarray::Array1::zeros(layer.b.dim()),
        };
        let moment: Vec<Layer> = layers.iter().map(zeros).collect();
        Memory { steps: 0, moments: vec![moment; self.moments()] }
    }

    /// How many numbers it remembers for each weight and bias.
    pub fn moments(self) -> usize {
        match self {
            Optimiser::Momentum(_) => 1,
            Optimiser::Adam => 2,
        }
    }

    /// One step of learning rate η for every layer.
    ///
    /// ```
    /// use neurons::{layer::Layer, mnist::optimiser::Optimiser, ndarray::array};
    /// let layer = |w: f64, b: f64| vec![Layer { w: array![[w]], b: array![b] }];
    /// let mut layers = layer(1.0, 2.0);
    /// let mut memory = Optimiser::Adam.memory(&layers);
    /// // The first step of Adam is η for each knob, whatever the size of its slope.
    /// Optimiser::Adam.step(&mut layers, &mut memory, &layer(1e-3, -50.0), 0.1);
    /// approx::assert_abs_diff_eq!(layers[0].w[(0, 0)], 0.9, epsilon = 1e-5);
    /// approx::assert_abs_diff_eq!(layers[0].b[0], 2.1, epsilon = 1e-5);
    /// ```
    ///
    /// # Panics
    /// If layers, memory and gradients differ in shape.
    pub fn step(
        self,
        layers: &mut [Layer],
        memory: &mut Memory,
        gradients: &[Layer],
        eta: f64,
    ) {
        memory.steps += 1;
        match (self, memory.moments.as_mut_slice()) {
            (Optimiser::Momentum(mu), [velocity]) => {
                gradient_descent::step(
                    layers, velocity, gradients, eta, mu,
                );
            }
            (Optimiser::Adam, [m, s]) => {
                assert_same_shapes("m", m, layers);
                assert_same_shapes("s", s, layers);
                assert_same_shapes("gradients", gradients, layers);
                let all = layers.iter_mut().zip(m).zip(s).zip(gradients);
                for (((layer, m), s), g) in all {
                    adam(
                        &mut layer.w,
                        &mut m.w,
                        &mut s.w,
                        &g.w,
                        eta,
                        memory.steps,
                    );
                    adam(
                        &mut layer.b,
                        &mut m.b,
                        &mut s.b,
                        &g.b,
                        eta,
                        memory.steps,
                    );
                }
            }
            _ => panic!("this memory belongs to another optimiser"),
        }
    }
}

/// β₁, the fraction of the mean slope m that Adam keeps from one step to the next.
pub const BETA_1: f64 = 0.9;
/// β₂, the fraction of the mean square s that it keeps.
pub const BETA_2: f64 = 0.999;
/// Keeps Adam from dividing by 0.
pub const EPSILON: f64 = 1e-8;

/// One step of Adam: m ← β₁ m + (1 − β₁) g, s ← β₂ s + (1 − β₂) g², then
/// v ← v − η m̂ / (√ŝ + ε), where m̂ = m / (1 − β₁ᵗ), ŝ = s / (1 − β₂ᵗ), and
/// t counts the steps from 1.
///
/// Source: Kingma and Ba, *Adam: a method for stochastic optimization* (2015).
fn adam<D: Dimension>(
    v: &mut Array<f64, D>,
    m: &mut Array<f64, D>,
    s: &mut Array<f64, D>,
    g: &Array<f64, D>,
    eta: f64,
    t: u64,
) {
    let seen_1 = 1.0 - BETA_1.powf(t as f64);
    let seen_2 = 1.0 - BETA_2.powf(t as f64);
    Zip::from(v).and(m).and(s).and(g).for_each(|v, m, s, &g| {
        *m = BETA_1 * *m + (1.0 - BETA_1) * g;
        *s = BETA_2 * *s + (1.0 - BETA_2) * g * g;
        *v -= eta * (*m / seen_1) / ((*s / seen_2).sqrt() + EPSILON);
    });
}

/// How the learning rate changes from epoch to epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Schedule {
    /// It does not.
    Constant,
    /// Times `factor` after every `every` epochs.
    Steps {
        /// From 0 to 1.
        factor: f64,
        /// Epochs.
        every: usize,
    },
    /// From η down to nearly 0, along half a cosine.
    Cosine,
}

impl Schedule {
    /// The learning rate of an epoch, of which 1 is the first and `epochs` the last.
    ///
    /// ```
    /// use neurons::mnist::optimiser::Schedule;
    /// let steps = Schedule::Steps { factor: 0.5, every: 10 };
    /// assert_eq!([1, 10, 11, 21].map(|e| steps.rate(0.8, e, 30)), [0.8, 0.8, 0.4, 0.2]);
    /// approx::assert_relative_eq!(Schedule::Cosine.rate(0.8, 16, 30), 0.4);
    /// ```
    pub fn rate(self, eta: f64, epoch: usize, epochs: usize) -> f64 {
        let done = epoch - 1;
        match self {
            Schedule::Constant => eta,
            Schedule::Steps { factor, every } => {
                eta * factor.powi((done / every) as i32)
            }
            Schedule::Cosine => {
                let turn =
                    std::f64::consts::PI * done as f64 / epochs as f64;
                eta * 0.5 * (1.0 + turn.cos())
            }
        }
    }
}

/// ½ λ Σ w², over all weights and no bias: what L2 adds to the cost.
pub fn penalty(layers: &[Layer], lambda: f64) -> f64 {
    layers
        .iter()
        .map(|layer| {
            0.5 * lambda * layer.w.iter().map(|w| w * w).sum::<f64>()
        })
        .sum()
}

/// Adds ∂/∂w of the [`penalty`], which is λ w, to the gradient of every weight.
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{layer::Layer, mnist::optimiser::{add_penalty_gradient, penalty}, ndarray::Array2};
/// let layers = |w: &Array2<f64>| [Layer { w: w.clone(), b: random_point(2, 3) }];
/// let w = random_point(1, (3, 4));
/// let mut gradients = [Layer { w: Array2::zeros((3, 4)), b: random_point(3, 3) }];
/// add_penalty_gradient(&layers(&w), 0.7, &mut gradients);
/// let nudged = central_gradient(|w| penalty(&layers(w), 0.7), &w);
/// approx::assert_relative_eq!(gradients[0].w, nudged, max_relative = 1e-7);
/// assert_eq!(gradients[0].b, random_point(3, 3)); // biases are left alone
/// ```
///
/// # Panics
/// If layers and gradients differ in shape.
pub fn add_penalty_gradient(
    layers: &[Layer],
    lambda: f64,
    gradients: &mut [Layer],
) {
    assert_same_shapes("gradients", gradients, layers);
    for (layer, gradient) in layers.iter().zip(gradients) {
        gradient.w.scaled_add(lambda, &layer.w);
    }
}
