//! Trains the book's network on MNIST with five seeds, and writes what chapter 17 shows
//! of it: `images/five_seeds.csv` (every epoch) and `images/five_seeds.txt` (the table).
//!
//! `MNIST_DIR=… cargo run --release --example five_seeds`

use std::fmt::Write;

use neurons::dataset;
use neurons::mnist::{Recipe, accuracy, binomial_error, train};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::find(None)?;
    if data.source.name() != "mnist" {
        return Err(format!("these numbers are about MNIST. {}", data.source).into());
    }
    let (training, validation) = data.train.split_at(50_000);
    let mut csv = String::from("seed,epoch,cost,validation,test\n");
    let mut table = String::from("seed   cost     validation   test\n");
    let mut finals = vec![];
    for seed in 1..=5 {
        let recipe = Recipe { seed, ..Recipe::book() };
        let mut last = None;
        train(
            &recipe,
            &training,
            &validation,
            |_| {},
            |epoch, network| {
                let test = accuracy(network, &data.test);
                let (cost, validation) = (epoch.cost, epoch.validation);
                writeln!(
                    csv,
                    "{seed},{},{cost:.5},{validation:.4},{test:.4}",
                    epoch.number
                )
                .expect("a string");
                eprintln!(
                    "seed {seed}, epoch {:2}: {:.2} %, {:.1} s",
                    epoch.number,
                    100.0 * test,
                    epoch.seconds
                );
                last = Some((cost, validation, test));
            },
        )?;
        let (cost, validation, test) = last.ok_or("the recipe has no epochs")?;
        writeln!(
            table,
            "{seed:4}   {cost:.4}   {:8.2} %   {:.2} %",
            100.0 * validation,
            100.0 * test
        )?;
        finals.push(test);
    }
    let n = finals.len() as f64;
    let mean = finals.iter().sum::<f64>() / n;
    let spread =
        (finals.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let chance = binomial_error(mean, data.test.len());
    writeln!(table, "\nmean test accuracy              {:.2} %", 100.0 * mean)?;
    writeln!(table, "standard deviation over seeds    {:.2} points", 100.0 * spread)?;
    writeln!(table, "binomial error of one test       {:.2} points", 100.0 * chance)?;
    print!("{table}");
    std::fs::write("images/five_seeds.csv", csv)?;
    std::fs::write("images/five_seeds.txt", table)?;
    Ok(())
}
