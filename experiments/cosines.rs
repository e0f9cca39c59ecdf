//! How far the gradient of a mini-batch points the way of the whole gradient, on MNIST: for the
//! ledger of numbers; the cosines go to `images/cosines.csv`, which chapter 7 draws.
//!
//! `MNIST_DIR=… cargo run --release --example cosines`

use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::backprop::cost_and_gradient;
use neurons::digits::dataset;
use neurons::gradient_descent::{cosine, mini_batches};
use neurons::layer::Network;
use neurons::mnist::{Objective, Recipe, train};
use neurons::ndarray::Array1;
use neurons::pixels::Digits;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const SIZES: [usize; 7] = [1, 3, 10, 30, 100, 300, 1000];
/// Mini-batches of each size.
const DRAWN: usize = 50;

/// The gradient of the mean cost of the pictures `rows`, all knobs in a row.
fn gradient(
    network: &Network,
    objective: Objective,
    digits: &Digits,
    rows: &[usize],
) -> Array1<f64> {
    let (x, y) = (digits.x(rows), digits.y(rows));
    let layers = cost_and_gradient(network, objective.cost(), &x, &y).1;
    Network { layers, ..network.clone() }.to_vector()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let all: Vec<usize> = (0..training.len()).collect();
    let mut csv = String::from("cost,epochs,seed,pictures,cosine,predicted\n");
    let mut experiment = Experiment::new(
        file!(),
        "The gradient of a mini-batch against that of all 50,000 pictures of MNIST",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for (objective, name, rate) in
        [(Objective::Quadratic, "quadratic", 3.0), (Objective::Softmax, "softmax", 0.1)]
    {
        for epochs in [0, 5] {
            let mut at = vec![vec![]; SIZES.len()];
            let mut in_tenth = vec![];
            for seed in 1..=5 {
                let recipe = Recipe { objective, rate, seed, epochs, ..Recipe::book() };
                let network = train(&recipe, &training, &validation, |_, _| {})?;
                let whole = gradient(&network, objective, &training, &all);
                let length = whole.dot(&whole);
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                // ‖g − ∇C‖² / ‖∇C‖² of single pictures: what the cosine law is told.
                let mut errors: Vec<f64> = vec![];
                for (m, at) in SIZES.into_iter().zip(&mut at) {
                    let batches = mini_batches(training.len(), m, &mut random);
                    let drawn = if m == 1 { 40 * DRAWN } else { DRAWN };
                    let drawn = &batches[..drawn.min(batches.len())];
                    let mut mean = 0.0;
                    for rows in drawn {
                        let g = gradient(&network, objective, &training, rows);
                        mean += cosine(&g, &whole) / drawn.len() as f64;
                        if m == 1 {
                            let error = &g - &whole;
                            errors.push(error.dot(&error) / length);
                        }
                    }
                    let sum: f64 = errors.iter().sum();
                    let spread = sum / errors.len() as f64;
                    let predicted = 1.0 / (1.0 + spread / m as f64).sqrt();
                    writeln!(csv, "{name},{epochs},{seed},{m},{mean:.4},{predicted:.4}")?;
                    at.push(mean);
                }
                errors.sort_by(f64::total_cmp);
                let largest = &errors[errors.len() * 9 / 10..];
                let part = largest.iter().sum::<f64>() / errors.iter().sum::<f64>();
                in_tenth.push(100.0 * part);
                eprintln!("{name}, {epochs} epochs, seed {seed}");
            }
            for (m, cosines) in SIZES.into_iter().zip(at) {
                experiment = experiment.quantity(Quantity::new(
                    &format!("{name}_{epochs}_{m}"),
                    &format!("{name}, {epochs} epochs, {m}"),
                    "",
                    Decimals(2),
                    cosines,
                ));
            }
            experiment = experiment.quantity(Quantity::new(
                &format!("{name}_{epochs}_tenth"),
                &format!(
                    "{name}, {epochs} epochs, part of s² in a tenth of the pictures"
                ),
                "%",
                Decimals(0),
                in_tenth,
            ));
        }
    }
    std::fs::write("images/cosines.csv", csv)?;
    experiment.record()?;
    Ok(())
}
