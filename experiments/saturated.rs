//! How many hidden neurons of the book's network are saturated, before and after it has
//! learned to read MNIST, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example saturated`

use mdbook_neurons::ledger::{Quantity, Run, Style::Decimals};
use neurons::backprop::forward;
use neurons::digits::dataset;
use neurons::layer::Network;
use neurons::mnist::{Recipe, train};
use neurons::ndarray::Array2;
use neurons::pixels::Digits;
use neurons::sigmoid::sigmoid_prime;

/// The slope below which a sigmoid counts as saturated.
const FLAT: f64 = 0.01;

/// The share of saturated neurons in each hidden layer, over all pictures, in percent.
fn saturated(network: &Network, digits: &Digits) -> [f64; 2] {
    let all: Vec<usize> = (0..digits.len()).collect();
    let sums = forward(network, &digits.x(&all)).z;
    let hidden = &sums[..sums.len() - 1];
    let share = |z: &Array2<f64>| {
        let flat = z.iter().filter(|&&z| sigmoid_prime(z) < FLAT).count();
        100.0 * flat as f64 / z.len() as f64
    };
    [share(&hidden[0]), share(&hidden[1])]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let (mut before, mut after) = (vec![], vec![]);
    for seed in 1..=5 {
        let recipe = Recipe { seed, ..Recipe::book() };
        before.push(saturated(&recipe.network(), &data.test));
        let network = train(&recipe, &training, &validation, |_, _| {})?;
        after.push(saturated(&network, &data.test));
        eprintln!(
            "seed {seed}: {:.1?} %, then {:.1?} %",
            before[0],
            after[after.len() - 1]
        );
    }
    let quantity = |key, title, shares: &[[f64; 2]], layer: usize| {
        let of_seed = shares.iter().map(|share| share[layer]).collect();
        Quantity::new(key, title, "%", Decimals(1), of_seed)
    };
    Run::new(
        "Saturated answers (slope under 0.01) in the hidden layers, over MNIST's test pictures",
        "MNIST_DIR=… cargo run --release --example saturated",
    )
    .seeds(1..=5)
    .quantity(quantity("first_before", "first layer, before training", &before, 0))
    .quantity(quantity("second_before", "second layer, before training", &before, 1))
    .quantity(quantity("first_after", "first layer, after training", &after, 0))
    .quantity(quantity("second_after", "second layer, after training", &after, 1))
    .record("saturated")?;
    Ok(())
}
