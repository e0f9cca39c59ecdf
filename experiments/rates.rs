//! The learning rate swept on the book's network, with the quadratic cost, on MNIST: for the
//! ledger of numbers; every run goes to `images/rates.csv`, which chapter 7 draws.
//!
//! `MNIST_DIR=… cargo run --release --example rates`

use std::fmt::Write;
use std::ops::ControlFlow;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::engine;
use neurons::mnist::{Objective, Precision, Recipe, Training, accuracy};

/// η, and the second half of its key in the ledger.
const RATES: [(f64, &str); 10] = [
    (0.003, "0_003"),
    (0.01, "0_01"),
    (0.03, "0_03"),
    (0.1, "0_1"),
    (0.3, "0_3"),
    (1.0, "1"),
    (3.0, "3"),
    (10.0, "10"),
    (30.0, "30"),
    (100.0, "100"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let mut csv = String::from("rate,seed,validation\n");
    let mut experiment = Experiment::new(
        file!(),
        "The learning rate swept: the book's network, quadratic cost, 5 epochs of MNIST",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for (rate, key) in RATES {
        let mut percent = vec![];
        for seed in 1..=5 {
            let mut run = Training::new(Recipe {
                objective: Objective::Quadratic,
                precision: Precision::F32,
                epochs: 5,
                rate,
                seed,
                ..Recipe::book()
            });
            let go_on = |_: &_, _| ControlFlow::Continue(());
            let _ = engine::go_on(&mut run, &training, &validation, |_| false, go_on)?;
            let right = accuracy(&run.network, &validation);
            writeln!(csv, "{rate},{seed},{right:.4}")?;
            percent.push(100.0 * right);
        }
        eprintln!("η = {rate}: {percent:.1?} %");
        let title = format!("validation accuracy, η = {rate}");
        experiment = experiment.quantity(Quantity::new(
            &format!("eta_{key}"),
            &title,
            "%",
            Decimals(1),
            percent,
        ));
    }
    std::fs::write("images/rates.csv", csv)?;
    experiment.record()?;
    Ok(())
}
