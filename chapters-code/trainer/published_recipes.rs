//! Published networks for MNIST, as recipes of this program.

use crate::mnist::distortion::Distortion;
use crate::mnist::optimiser::{Optimiser, Schedule};
use crate::mnist::{Objective, Recipe, Start};
use crate::sigmoid::Activation;

/// A published network.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Its name on the command line.
    pub name: &'static str,
    /// How this program trains it.
    pub recipe: Recipe,
    /// The accuracy on the test pictures that was published, in percent.
    pub accuracy: f64,
    /// Authors, publication, and how they measured the figure.
    pub source: &'static str,
    /// Known differences from the published setup.
    pub differs: &'static str,
}

/// The networks that this program knows by name.
pub fn published() -> Vec<Published> {
    let nielsen = |hidden: usize| Recipe {
        sizes: vec![784, hidden, 10],
        start: Start::Unit,
        objective: Objective::Quadratic,
        epochs: 30,
        rate: 3.0,
        ..Recipe::book()
    };
    vec![
        Published {
            name: "3b1b",
            recipe: Recipe { sizes: vec![784, 16, 16, 10], ..nielsen(16) },
            accuracy: 96.0,
            source: "3Blue1Brown, Gradient descent, how neural networks learn (2017): \"about \
                     96 %\" of new pictures.",
            differs: "The lesson does not state its recipe in full; this is that of Nielsen's \
                      first chapter, whose code the lesson points to.",
        },
        Published {
            name: "nielsen-30",
            recipe: nielsen(30),
            accuracy: 95.42,
            source: "Nielsen, Neural Networks and Deep Learning (2015), chapter 1: the best of 30 \
                     epochs, by the test pictures, of the best of three runs.",
            differs: "This is the last epoch of one run.",
        },
        Published {
            name: "nielsen-100",
            recipe: nielsen(100),
            accuracy: 96.59,
            source: "Nielsen, Neural Networks and Deep Learning (2015), chapter 1: the best of 30 \
                     epochs, by the test pictures, of one run; the chapter warns that some runs do \
                     a good deal worse.",
            differs: "This is the last epoch of one run.",
        },
        Published {
            name: "lecun-300",
            recipe: Recipe {
                sizes: vec![784, 300, 10],
                activation: Activation::Tanh,
                objective: Objective::Quadratic,
                rate: 0.5,
                ..Recipe::book()
            },
            accuracy: 95.3,
            source: "LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document \
                     recognition (1998): an error of 4.7 %, trained on 60,000 pictures.",
            differs: "The paper takes a step after every picture, with a rate for each weight, and its \
                      outputs are tanh. This run trains on 50,000 pictures.",
        },
        Published {
            name: "simard-800",
            recipe: Recipe {
                sizes: vec![784, 800, 10],
                activation: Activation::Relu,
                objective: Objective::Softmax,
                epochs: 40,
                batch: 50,
                rate: 0.1,
                schedule: Schedule::Cosine,
                optimiser: Optimiser::Momentum(0.9),
                distortion: Distortion::Elastic,
                ..Recipe::book()
            },
            accuracy: 99.3,
            source: "Simard, Steinkraus and Platt, Best practices for convolutional neural networks \
                     (2003): an error of 0.7 % with elastic distortions.",
            differs: "The paper trains for several hundred epochs on 60,000 pictures, at a rate of \
                      0.005 that is multiplied by 0.3 every 100 epochs. ReLU, momentum and the \
                      cosine schedule replace that: 40 epochs on 50,000 pictures.",
        },
    ]
}

/// The published network of a recipe, whatever its seed and its precision: of several with the
/// same recipe the one called `name`, or the first.
pub fn published_of(
    recipe: &Recipe,
    name: Option<&str>,
) -> Option<Published> {
    let Recipe { seed, precision, .. } = *recipe;
    published().into_iter().find(|known| {
        let same = Recipe { seed, precision, ..known.recipe.clone() };
        same == *recipe && name.is_none_or(|name| name == known.name)
    })
}
