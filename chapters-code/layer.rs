//! Chapter 4. Layers and matrices.

use ndarray::{Array1, Array2, s};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::pixels::assert_shape;
use crate::sigmoid::Activation;

/// n neurons that all look at the same p numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Shape (n, p): row j is everything that neuron j listens to, w_jk its weight for
    /// input k.
    pub w: Array2<f64>,
    /// Shape (n): one bias a neuron.
    pub b: Array1<f64>,
}

impl Layer {
    /// z = W a + b, for one example: from shape (p) to shape (n).
    ///
    /// ```
    /// use neurons::{layer::Layer, ndarray::array};
    /// let layer = Layer { w: array![[1.0, 2.0, 3.0], [0.0, -1.0, 0.5]], b: array![0.1, 0.2] };
    /// assert_eq!(layer.weighted_sum(&array![1.0, 1.0, 2.0]), array![9.1, 0.2]);
    /// ```
    ///
    /// # Panics
    /// If the shapes are not W (n, p), b (n) and a (p).
    pub fn weighted_sum(&self, a: &Array1<f64>) -> Array1<f64> {
        assert_shape("a", a.shape(), &[self.w.ncols()]);
        assert_shape("b", self.b.shape(), &[self.w.nrows()]);
        self.w.dot(a) + &self.b
    }

    /// Z = A Wᵀ + 1 bᵀ, for a batch with one example a row: from shape (m, p) to shape
    /// (m, n).
    ///
    /// ```
    /// use neurons::{gradient::random_point, layer::Layer};
    /// let layer = Layer { w: random_point(1, (2, 3)), b: random_point(2, 2) };
    /// let batch = random_point(3, (5, 3));
    /// let z = layer.weighted_sums(&batch);
    /// for (one, row) in batch.rows().into_iter().zip(z.rows()) {
    ///     approx::assert_relative_eq!(layer.weighted_sum(&one.to_owned()), row, max_relative = 1e-14);
    /// }
    /// ```
    ///
    /// # Panics
    /// If the shapes are not W (n, p), b (n) and A (m, p).
    pub fn weighted_sums(&self, a: &Array2<f64>) -> Array2<f64> {
        assert_shape("A", a.shape(), &[a.nrows(), self.w.ncols()]);
        assert_shape("b", self.b.shape(), &[self.w.nrows()]);
        a.dot(&self.w.t()) + &self.b
    }

    /// How many numbers can be turned: n·p weights and n biases.
    pub fn parameters(&self) -> usize {
        self.w.len() + self.b.len()
    }
}

/// Layers one after the other: the whole network is one function of its input.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// From the first hidden layer to the last.
    pub layers: Vec<Layer>,
    /// What each layer applies to its weighted sums.
    pub activations: Vec<Activation>,
}

impl Network {
    /// A network with `sizes` neurons a layer, the input first; `hidden` after every
    /// layer but the last, `last` after that. Weights are drawn from the normal
    /// distribution of mean 0 and variance 1/p, where p is the number of inputs of the
    /// layer; biases are 0.
    ///
    /// ```
    /// use neurons::{layer::Network, sigmoid::Activation::Sigmoid};
    /// let network = Network::random(&[784, 16, 16, 10], Sigmoid, Sigmoid, 1);
    /// assert_eq!(network.parameters(), 13_002);
    /// ```
    ///
    /// # Panics
    /// If there are fewer than two sizes, or one of them is 0.
    pub fn random(
        sizes: &[usize],
        hidden: Activation,
        last: Activation,
        seed: u64,
    ) -> Self {
        assert!(
            sizes.len() >= 2 && !sizes.contains(&0),
            "a network needs an input and an output"
        );
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = || -> f64 { StandardNormal.sample(&mut random) };
        let mut layer = |p: usize, n: usize| Layer {
            w: Array2::from_shape_simple_fn((n, p), || {
                normal() / (p as f64).sqrt()
            }),
            b: Array1::zeros(n),
        };
        let layers: Vec<_> =
            sizes.windows(2).map(|pair| layer(pair[0], pair[1])).collect();
        let activations = activations(layers.len(), hidden, last);
        Network { layers, activations }
    }

    /// The neurons a layer, the input first.
    pub fn sizes(&self) -> Vec<usize> {
        let inputs = self.layers.first().map(|layer| layer.w.ncols());
        inputs
            .into_iter()
            .chain(self.layers.iter().map(|layer| layer.b.len()))
            .collect()
    }

    /// The answers to a batch, one a row: a⁽ˡ⁾ = f(W⁽ˡ⁾ a⁽ˡ⁻¹⁾ + b⁽ˡ⁾), layer after
    /// layer.
    ///
    /// # Panics
    /// If X does not have one column for each input, or the layers do not fit each other
    /// and their activations.
    pub fn answers(&self, x: &Array2<f64>) -> Array2<f64> {
        assert_shape(
            "activations",
            &[self.activations.len()],
            &[self.layers.len()],
        );
        let layers = self.layers.iter().zip(&self.activations);
        layers.fold(x.clone(), |a, (layer, f)| {
            layer.weighted_sums(&a).mapv_into(|z| f.of(z))
        })
    }

    /// How many weights and biases there are.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(Layer::parameters).sum()
    }

    /// All the weights and biases in one long vector: layer after layer, W row by row,
    /// then b.
    pub fn to_vector(&self) -> Array1<f64> {
        self.layers
            .iter()
            .flat_map(|layer| layer.w.iter().chain(&layer.b))
            .copied()
            .collect()
    }

    /// The same network with the weights and biases of a vector as [`Network::to_vector`]
    /// gives.
    ///
    /// ```
    /// use neurons::{layer::Network, sigmoid::Activation::Sigmoid};
    /// let network = Network::random(&[3, 4, 2], Sigmoid, Sigmoid, 1);
    /// assert_eq!(network.with_vector(&network.to_vector()), network);
    /// ```
    ///
    /// # Panics
    /// If the vector does not have one number for each parameter.
    pub fn with_vector(&self, vector: &Array1<f64>) -> Network {
        assert_shape("vector", vector.shape(), &[self.parameters()]);
        let mut network = self.clone();
        let mut from = 0;
        for layer in &mut network.layers {
            for block in [
                layer.w.view_mut().into_dyn(),
                layer.b.view_mut().into_dyn(),
            ] {
                let mut block = block;
                let to = from + block.len();
                block
                    .iter_mut()
                    .zip(vector.slice(s![from..to]))
                    .for_each(|(p, &v)| *p = v);
                from = to;
            }
        }
        network
    }
}

/// `hidden` for every one of `layers` layers but the last, `last` for that.
///
/// # Panics
/// If there is no layer.
pub fn activations(
    layers: usize,
    hidden: Activation,
    last: Activation,
) -> Vec<Activation> {
    let mut activations = vec![hidden; layers];
    activations[layers - 1] = last;
    activations
}
