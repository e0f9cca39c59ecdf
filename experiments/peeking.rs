//! What it adds to choose the best of the epochs of `five_seeds`, for the ledger of numbers.
//!
//! `cargo run --example peeking`

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // seed, epoch, cost, validation, test
    let csv = std::fs::read_to_string("images/five_seeds.csv")?;
    let rows = csv.lines().skip(1).map(|row| row.split(',').map(str::parse).collect());
    let rows = rows.collect::<Result<Vec<Vec<f64>>, _>>()?;
    // How much the test accuracy gains if the epoch is chosen by a column.
    let gain = |by: usize| {
        let of_seed = |epochs: &[Vec<f64>]| {
            let last = epochs[epochs.len() - 1][4];
            let chosen = epochs.iter().rev().max_by(|a, b| a[by].total_cmp(&b[by]));
            chosen.map_or(0.0, |epoch| 100.0 * (epoch[4] - last))
        };
        rows.chunk_by(|a, b| a[0] == b[0]).map(of_seed).collect::<Vec<f64>>()
    };
    Experiment::new(file!(), "Choosing the best of twenty epochs in place of the last: what the test accuracy gains")
    .seeds(1..=5)
    .quantity(Quantity::new("test", "by the test pictures", "points", Decimals(2), gain(4)))
    .quantity(Quantity::new(
        "validation",
        "by the validation pictures",
        "points",
        Decimals(2),
        gain(3),
    ))
    .record()?;
    Ok(())
}
