//! candle, with gradients written by hand: its own backward pass takes half as long again.

use candle_core::{Device, Result, Tensor};
use candle_nn::ops::{log_softmax, sigmoid, softmax_last_dim};
use neurons::mnist::{Objective, Recipe};
use neurons::sigmoid::Activation;

use crate::{Error, Floats, Peer, start};

/// A network, and the pictures that it learns from.
pub struct Candle {
    x: Tensor,
    y: Tensor,
    /// Weights, and biases in a row.
    layers: Vec<[Tensor; 2]>,
    recipe: Recipe,
}

impl Candle {
    /// One that has not learned yet.
    ///
    /// # Errors
    /// Those of the library.
    pub fn new(recipe: &Recipe, floats: &Floats) -> Result<Candle> {
        let table = |numbers: &[f32], rows: usize| {
            let columns = numbers.len() / rows;
            Tensor::from_slice(numbers, (rows, columns), &Device::Cpu)
        };
        let layer = |(inputs, outputs, w): (usize, usize, Vec<f32>)| {
            Ok([table(&w, inputs)?, table(&vec![0.0; outputs], 1)?])
        };
        Ok(Candle {
            x: table(&floats.x, floats.pictures)?,
            y: table(&floats.y, floats.pictures)?,
            layers: start(recipe).into_iter().map(layer).collect::<Result<_>>()?,
            recipe: recipe.clone(),
        })
    }

    fn gather(&self, rows: &[u32]) -> Result<(Tensor, Tensor)> {
        let rows = Tensor::from_slice(rows, rows.len(), &Device::Cpu)?;
        Ok((self.x.index_select(&rows, 0)?, self.y.index_select(&rows, 0)?))
    }

    /// What each layer hands on, after the pictures themselves; the last one its sums.
    fn forward(&self, x: Tensor) -> Result<Vec<Tensor>> {
        let mut a = vec![x];
        for (l, [w, b]) in self.layers.iter().enumerate() {
            let z = a[l].matmul(w)?.broadcast_add(b)?;
            a.push(match self.recipe.activation {
                _ if l + 1 == self.layers.len() => z,
                Activation::Relu => z.relu()?,
                _ => sigmoid(&z)?,
            });
        }
        Ok(a)
    }

    /// The sum of the costs.
    fn total(&self, z: &Tensor, y: &Tensor) -> Result<Tensor> {
        match self.recipe.objective {
            Objective::Softmax => (log_softmax(z, 1)? * y)?.sum_all()?.neg(),
            _ => (sigmoid(z)? - y)?.sqr()?.sum_all()? * 0.5,
        }
    }

    fn learn(&mut self, rows: &[u32]) -> Result<()> {
        let (x, y) = self.gather(rows)?;
        let rate = self.recipe.rate / rows.len() as f64;
        let mut a = self.forward(x)?;
        let z = a.pop().expect("one more than layers");
        // The rate is multiplied into the few numbers of the last δ.
        let mut delta = match self.recipe.objective {
            Objective::Softmax => ((softmax_last_dim(&z)? - y)? * rate)?,
            _ => {
                let a = sigmoid(&z)?;
                let slope = (&a * a.affine(-1.0, 1.0)?)?;
                ((a - y)? * (slope * rate)?)?
            }
        };
        for (l, [w, b]) in self.layers.iter_mut().enumerate().rev() {
            let a = a.pop().expect("one for each layer");
            let (dw, db) = (a.t()?.matmul(&delta)?, delta.sum_keepdim(0)?);
            if l > 0 {
                let below = delta.matmul(&w.t()?)?;
                delta = match self.recipe.activation {
                    // No a is below 0, so that its sign is the slope.
                    Activation::Relu => (below * a.sign()?)?,
                    _ => (below * (&a * a.affine(-1.0, 1.0)?)?)?,
                };
            }
            (*w, *b) = ((&*w - dw)?, (&*b - db)?);
        }
        Ok(())
    }
}

impl Peer for Candle {
    fn step(&mut self, rows: &[u32]) -> std::result::Result<(), Error> {
        Ok(self.learn(rows)?)
    }

    fn cost(&self, rows: &[u32]) -> std::result::Result<f32, Error> {
        let (x, y) = self.gather(rows)?;
        let z = self.forward(x)?.pop().expect("one more than layers");
        Ok(self.total(&z, &y)?.to_scalar::<f32>()? / rows.len() as f32)
    }
}
