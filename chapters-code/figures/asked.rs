//! What a picture asks of a network.

use ndarray::Array1;

use super::palette::{BLUE, ORANGE, Rgb};
use crate::digits::handwriting;
use crate::layer::Network;
use crate::pixels::{CLASSES, PIXELS, ink};
use crate::sigmoid::{Activation, sigmoid};
use crate::wishes::{Levers, levers, wishes_of_outputs};

/// The book's network before its first step.
pub(super) fn untaught() -> Network {
    Network::random(
        &[PIXELS, 16, 16, CLASSES],
        Activation::Sigmoid,
        Activation::Sigmoid,
        1,
    )
}

/// The ink of a picture: shape (784).
pub(super) fn inks(picture: &[u8]) -> Array1<f64> {
    picture.iter().map(|&p| ink(p)).collect()
}

/// What a network makes of a picture, and what the picture wishes.
pub(super) struct Asked {
    /// The activations of each layer, the picture's first.
    pub a: Vec<Array1<f64>>,
    /// Of the outputs.
    pub wishes: Array1<f64>,
    /// Of each layer.
    pub levers: Vec<Levers>,
}

impl Asked {
    /// By a picture of a digit.
    pub fn by(network: &Network, picture: &[u8], digit: usize) -> Self {
        let mut a = vec![inks(picture)];
        for (l, layer) in network.layers.iter().enumerate() {
            a.push(layer.weighted_sum(&a[l]).mapv(sigmoid));
        }
        let mut y = Array1::zeros(CLASSES);
        y[digit] = 1.0;
        let wishes = wishes_of_outputs(&a[a.len() - 1], &y);
        let (mut asked, mut wish) = (vec![], wishes.clone());
        for (l, layer) in network.layers.iter().enumerate().rev() {
            let levers = levers(layer, &a[l], &wish);
            wish = levers.previous.clone();
            asked.push(levers);
        }
        asked.reverse();
        Asked { a, wishes, levers: asked }
    }

    /// By the book's 2, of a network that has learned nothing.
    pub fn by_the_two() -> Self {
        Self::by(&untaught(), &handwriting::the_two(), 2)
    }
}

/// A plus or a minus, and its colour.
pub(super) fn sign(v: f64) -> (&'static str, Rgb) {
    if v < 0.0 { ("−", ORANGE) } else { ("+", BLUE) }
}
