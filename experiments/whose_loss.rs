//! Which digit suffers most when a neuron is switched off, from the neurons that `switched_off`
//! tried: for the ledger of numbers.
//!
//! `cargo run --example whose_loss`

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};

/// A neuron counts if its loss is at least so many points.
const NOTICED: f64 = 0.3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // kind, seed, layer, neuron, points lost, the digit that suffers most, points that it loses
    let csv = std::fs::read_to_string("images/switched_off.csv")?;
    let rows: Vec<Vec<&str>> =
        csv.lines().map(|line| line.split(',').collect()).collect();
    let mut experiment = Experiment::new(
        file!(),
        "The digit that suffers most when a neuron of the book's network is switched off",
    )
    .seeds(1..=5);
    for (key, layer, title) in [("first", "0", "layer 1"), ("second", "1", "layer 2")] {
        let (mut falls, mut shares) = (vec![], vec![]);
        for seed in 1..=5 {
            let seed = seed.to_string();
            let of_seed = rows
                .iter()
                .filter(|row| row[0] == "book" && row[1] == seed && row[2] == layer);
            let mut fall = vec![];
            let mut share = vec![];
            for row in of_seed {
                let [lost, of_digit]: [f64; 2] = [row[4].parse()?, row[6].parse()?];
                fall.push(of_digit);
                if lost >= NOTICED {
                    // About a tenth of the pictures show that digit.
                    share.push(100.0 * (of_digit / 10.0 / lost).min(1.0));
                }
            }
            let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
            falls.push(mean(&fall));
            shares.push(mean(&share));
        }
        eprintln!("{title}: {falls:.1?} {shares:.0?}");
        experiment = experiment
            .quantity(Quantity::new(
                &format!("{key}_fall"),
                &format!("{title}: points that the digit loses, mean over neurons"),
                "points",
                Decimals(1),
                falls,
            ))
            .quantity(Quantity::new(
                &format!("{key}_share"),
                &format!(
                    "{title}: its part of the loss, neurons that cost at least 0.3 points"
                ),
                "%",
                Decimals(0),
                shares,
            ));
    }
    experiment.record()?;
    Ok(())
}
