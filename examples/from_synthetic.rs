//! Trains the book's network on drawn digits alone and lets it read MNIST's test
//! pictures; writes `images/from_synthetic.txt`.
//!
//! `MNIST_DIR=… cargo run --release --example from_synthetic`

use std::fmt::Write;

use neurons::dataset;
use neurons::mnist::{Recipe, accuracy, train};
use neurons::pixels::Digits;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::find(None)?;
    if data.source.name() != "mnist" {
        return Err(format!("these numbers are about MNIST. {}", data.source).into());
    }
    let mut table = String::from("seed   drawn digits, unseen   MNIST, test set\n");
    for seed in 1..=5 {
        let (training, unseen) = Digits::handwriting(60_000, seed).split_at(50_000);
        let recipe = Recipe { seed, ..Recipe::book() };
        let network = train(
            &recipe,
            &training,
            &unseen,
            |_| {},
            |epoch, _| {
                eprintln!(
                    "seed {seed}, epoch {:2}: {:.2} %",
                    epoch.number,
                    100.0 * epoch.validation
                );
            },
        )?;
        let (drawn, real) = (accuracy(&network, &unseen), accuracy(&network, &data.test));
        writeln!(table, "{seed:4}   {:18.2} %   {:13.2} %", 100.0 * drawn, 100.0 * real)?;
    }
    print!("{table}");
    std::fs::write("images/from_synthetic.txt", table)?;
    Ok(())
}
