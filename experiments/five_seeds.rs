//! Trains the book's network on MNIST with five seeds, for the ledger of numbers; every epoch
//! goes to `images/five_seeds.csv`, which chapter 17 draws.
//!
//! `MNIST_DIR=… cargo run --release --example five_seeds`

use std::fmt::Write;

use mdbook_neurons::ledger::{Quantity, Run, Style::Decimals};
use neurons::digits::dataset;
use neurons::mnist::{Recipe, accuracy, binomial_error, train};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let mut csv = String::from("seed,epoch,cost,validation,test\n");
    let (mut costs, mut validations, mut tests) = (vec![], vec![], vec![]);
    for seed in 1..=5 {
        let recipe = Recipe { seed, ..Recipe::book() };
        let mut last = None;
        train(&recipe, &training, &validation, |epoch, network| {
            let test = accuracy(network, &data.test);
            let (cost, validation) = (epoch.cost, epoch.validation);
            writeln!(csv, "{seed},{},{cost:.5},{validation:.4},{test:.4}", epoch.number)
                .expect("a string");
            eprintln!(
                "seed {seed}, epoch {:2}: {:.2} %, {:.1} s",
                epoch.number,
                100.0 * test,
                epoch.seconds
            );
            last = Some((cost, validation, test));
        })?;
        let (cost, validation, test) = last.ok_or("the recipe has no epochs")?;
        costs.push(cost);
        validations.push(100.0 * validation);
        tests.push(100.0 * test);
    }
    std::fs::write("images/five_seeds.csv", csv)?;
    let test = Quantity::new("test", "accuracy, test pictures", "%", Decimals(2), tests);
    let binomial = 100.0 * binomial_error(test.mean() / 100.0, data.test.len());
    Run::new(
        "The book's network, trained on MNIST",
        "MNIST_DIR=… cargo run --release --example five_seeds",
    )
    .seeds(1..=5)
    .quantity(Quantity::new("cost", "training cost", "", Decimals(4), costs))
    .quantity(Quantity::new(
        "validation",
        "accuracy, validation pictures",
        "%",
        Decimals(2),
        validations,
    ))
    .quantity(test)
    .quantity(Quantity::new(
        "binomial",
        "binomial error of one test on 10,000 pictures",
        "points",
        Decimals(2),
        vec![binomial],
    ))
    .record("five_seeds")?;
    Ok(())
}
