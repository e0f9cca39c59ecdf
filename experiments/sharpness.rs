//! How steeply the cost of the book's network curves, along the direction in which it curves most,
//! before training and after each epoch at three learning rates: the largest eigenvalue λ of the
//! matrix of second derivatives. For the ledger of numbers; chapter 7 draws `images/sharpness.csv`.
//!
//! `MNIST_DIR=… cargo run --release --example sharpness`

use std::fmt::Write;
use std::ops::ControlFlow;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::backprop::cost_and_gradient;
use neurons::cost::Quadratic;
use neurons::digits::dataset;
use neurons::engine;
use neurons::gradient::random_point;
use neurons::layer::Network;
use neurons::mnist::{Objective, Precision, Recipe, Training};
use neurons::ndarray::{Array1, Array2};
use rayon::prelude::*;

const EPOCHS: usize = 5;
/// The pictures over which the cost is taken.
const SHOWN: usize = 5_000;
/// How often the direction is turned by the matrix.
const TURNS: usize = 60;
/// η, and the second half of its key in the ledger.
const RATES: [(f64, &str); 3] = [(0.1, "0_1"), (1.0, "1"), (10.0, "10")];

/// All slopes of the cost, in a row.
fn gradient(network: &Network, x: &Array2<f64>, y: &Array2<f64>) -> Array1<f64> {
    let layers = cost_and_gradient(network, &Quadratic, x, y).1;
    Network { layers, ..network.clone() }.to_vector()
}

/// The largest eigenvalue of the second derivatives H, by turning a direction u to Hu + su again and
/// again. H u is how the slopes change along u: a central difference of two gradients. Without a
/// shift s the eigenvalue of the largest size is found; if that is negative, a second run with −s
/// finds the largest.
fn largest_curvature(network: &Network, x: &Array2<f64>, y: &Array2<f64>) -> f64 {
    const H: f64 = 1e-4;
    let v = network.to_vector();
    let found = |shift: f64| {
        let mut u: Array1<f64> = random_point(1, v.len());
        let mut curvature = 0.0;
        for _ in 0..TURNS {
            u /= u.dot(&u).sqrt();
            let slopes = |h: f64| gradient(&network.with_vector(&(&v + &(h * &u))), x, y);
            let turned = (slopes(H) - slopes(-H)) / (2.0 * H);
            curvature = u.dot(&turned);
            u = turned + shift * &u;
        }
        curvature
    };
    let first = found(0.0);
    if first < 0.0 { found(-first) } else { first }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let shown: Vec<usize> = (0..SHOWN).collect();
    let (x, y) = (training.x(&shown), training.y(&shown));
    // The networks first, then their curvatures side by side.
    let mut networks = vec![];
    for (rate, key) in RATES {
        for seed in 1..=5 {
            let mut run = Training::new(Recipe {
                objective: Objective::Quadratic,
                precision: Precision::F32,
                epochs: EPOCHS,
                rate,
                seed,
                ..Recipe::book()
            });
            networks.push((rate, key, seed, 0, run.network.clone()));
            let go_on = |run: &Training, _| {
                let epoch = networks.last().map_or(0, |last| last.3) + 1;
                networks.push((rate, key, seed, epoch, run.network.clone()));
                ControlFlow::Continue(())
            };
            let _ = engine::go_on(&mut run, &training, &validation, |_| false, go_on)?;
        }
    }
    let found: Vec<f64> = networks
        .par_iter()
        .map(|(_, _, _, _, network)| largest_curvature(network, &x, &y))
        .collect();
    let mut csv = String::from("rate,seed,epoch,curvature\n");
    for ((rate, _, seed, epoch, _), curvature) in networks.iter().zip(&found) {
        writeln!(csv, "{rate},{seed},{epoch},{curvature:.4}")?;
    }
    std::fs::write("images/sharpness.csv", csv)?;
    let mut experiment = Experiment::new(
        file!(),
        "How much the cost curves where it curves most: the book's network, quadratic cost, MNIST",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    let mut record = |key: &str, title: &str, epoch: usize, of: &str| {
        let values: Vec<f64> = networks
            .iter()
            .zip(&found)
            .filter(|(network, _)| network.1 == of && network.3 == epoch)
            .map(|(_, &curvature)| curvature)
            .collect();
        let border: Vec<f64> = values.iter().map(|curvature| 2.0 / curvature).collect();
        println!("{title}: {values:.3?}, border {border:.2?}");
        for (what, words, values) in [
            ("curvature", "largest curvature", values),
            ("border", "2 / largest curvature", border),
        ] {
            experiment = experiment.clone().quantity(Quantity::new(
                &format!("{what}_{key}"),
                &format!("{title}: {words}"),
                "",
                Decimals(2),
                values,
            ));
        }
    };
    record("start", "before training", 0, "1");
    for (rate, key) in RATES {
        record(key, &format!("after five epochs at η = {rate}"), EPOCHS, key);
    }
    experiment.record()?;
    Ok(())
}
