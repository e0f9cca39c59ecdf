//! burn, on flex: the fastest of its backends for the processor. burn-ndarray is half as
//! fast, and on its way out.

use burn::prelude::*;
use burn::tensor::activation::{log_softmax, relu, sigmoid, softmax};
use neurons::mnist::{Objective, Recipe};
use neurons::sigmoid::Activation;

use crate::{Error, Floats, Peer, start};

/// A network, and the pictures that it learns from.
pub struct Burn {
    device: Device,
    x: Tensor<2>,
    y: Tensor<2>,
    /// Weights, and biases in a row.
    layers: Vec<[Tensor<2>; 2]>,
    recipe: Recipe,
    way: Way,
}

/// How the gradient is found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By burn: the faster way for large layers of ReLU.
    Autodiff,
    /// By the four equations of backpropagation, which spares burn its bookkeeping.
    ByHand,
}

impl Burn {
    /// One that has not learned yet.
    pub fn new(recipe: &Recipe, floats: &Floats, way: Way) -> Burn {
        let device = Device::flex();
        let auto = way == Way::Autodiff;
        let table = |numbers: &[f32], rows, columns| {
            let data = TensorData::new(numbers.to_vec(), [rows, columns]);
            Tensor::<2>::from_data(data, &device)
        };
        let layers = start(recipe).into_iter().map(|(inputs, outputs, w)| {
            let layer =
                [table(&w, inputs, outputs), table(&vec![0.0; outputs], 1, outputs)];
            layer.map(|knobs| if auto { knobs.autodiff().require_grad() } else { knobs })
        });
        let (pictures, layers) = (floats.pictures, layers.collect());
        let mut x = table(&floats.x, pictures, recipe.sizes[0]);
        let mut y = table(&floats.y, pictures, floats.y.len() / pictures);
        if auto {
            (x, y) = (x.autodiff(), y.autodiff());
        }
        Burn { x, y, layers, recipe: recipe.clone(), device, way }
    }

    fn gather(&self, rows: &[u32]) -> (Tensor<2>, Tensor<2>) {
        let rows: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
        let mut rows = Tensor::<1, Int>::from_data(&rows[..], &self.device);
        if self.way == Way::Autodiff {
            rows = rows.autodiff();
        }
        (self.x.clone().select(0, rows.clone()), self.y.clone().select(0, rows))
    }

    /// What each layer hands on, after the pictures themselves; the last one its sums.
    fn forward(&self, x: Tensor<2>) -> Vec<Tensor<2>> {
        let mut a = vec![x];
        for (l, [w, b]) in self.layers.iter().enumerate() {
            let z = a[l].clone().matmul(w.clone()) + b.clone();
            a.push(match self.recipe.activation {
                _ if l + 1 == self.layers.len() => z,
                Activation::Relu => relu(z),
                _ => sigmoid(z),
            });
        }
        a
    }

    /// The sum of the costs.
    fn total(&self, z: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
        match self.recipe.objective {
            Objective::Softmax => -(log_softmax(z, 1) * y).sum(),
            _ => {
                let e = sigmoid(z) - y;
                (e.clone() * e).sum() * 0.5
            }
        }
    }
}

impl Peer for Burn {
    fn step(&mut self, rows: &[u32]) -> Result<(), Error> {
        let (x, y) = self.gather(rows);
        // The rate is multiplied into the few numbers of the last δ.
        let rate = self.recipe.rate as f32 / rows.len() as f32;
        let mut a = self.forward(x);
        let z = a.pop().expect("one more than layers");
        if self.way == Way::Autodiff {
            let mut gradients = (self.total(z, y) * rate).backward();
            for knobs in self.layers.iter_mut().flatten() {
                let gradient = knobs.grad_remove(&mut gradients).ok_or("no gradient")?;
                *knobs = (knobs.clone().inner() - gradient).autodiff().require_grad();
            }
            return Ok(());
        }
        let mut delta = match self.recipe.objective {
            Objective::Softmax => (softmax(z, 1) - y) * rate,
            _ => {
                let a = sigmoid(z);
                (a.clone() - y) * (a.clone() * (1.0 - a)) * rate
            }
        };
        // Taken out and put back, so that nothing else holds a table while it is changed.
        let mut layers = Vec::new();
        while let Some([w, b]) = self.layers.pop() {
            let a = a.pop().expect("one for each layer");
            let dw = a.clone().transpose().matmul(delta.clone());
            let db = delta.clone().sum_dim(0);
            if !self.layers.is_empty() {
                let below = delta.matmul(w.clone().transpose());
                delta = match self.recipe.activation {
                    // No a is below 0, so that its sign is the slope.
                    Activation::Relu => below * a.sign(),
                    _ => below * (a.clone() * (1.0 - a)),
                };
            } else {
                delta = a;
            }
            layers.push([w - dw, b - db]);
        }
        layers.reverse();
        self.layers = layers;
        Ok(())
    }

    fn cost(&self, rows: &[u32]) -> Result<f32, Error> {
        let (x, y) = self.gather(rows);
        let z = self.forward(x).pop().expect("one more than layers");
        Ok(self.total(z, y).into_scalar::<f32>() / rows.len() as f32)
    }
}
