//! Trains the book's network on drawn digits alone and lets it read MNIST's test
//! pictures, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example from_synthetic`

use mdbook_neurons::ledger::{Quantity, Run, Style::Decimals};
use neurons::digits::dataset;
use neurons::mnist::{Recipe, accuracy, train};
use neurons::pixels::Digits;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (mut drawn, mut real) = (vec![], vec![]);
    for seed in 1..=5 {
        let (training, unseen) = Digits::handwriting(60_000, seed).split_at(50_000);
        let recipe = Recipe { seed, ..Recipe::book() };
        let network = train(&recipe, &training, &unseen, |epoch, _| {
            eprintln!(
                "seed {seed}, epoch {:2}: {:.2} %",
                epoch.number,
                100.0 * epoch.validation
            );
        })?;
        drawn.push(100.0 * accuracy(&network, &unseen));
        real.push(100.0 * accuracy(&network, &data.test));
    }
    let quantity =
        |key, title, values| Quantity::new(key, title, "%", Decimals(2), values);
    Run::new(
        "The book's network, trained on drawn digits alone",
        "MNIST_DIR=… cargo run --release --example from_synthetic",
    )
    .seeds(1..=5)
    .quantity(quantity("drawn", "accuracy, unseen drawn digits", drawn))
    .quantity(quantity("mnist", "accuracy, MNIST's test pictures", real))
    .record("from_synthetic")?;
    Ok(())
}
