//! Trains networks that others published, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example published`

use mdbook_neurons::ledger::{Quantity, Run, Style::Decimals};
use neurons::dataset;
use neurons::mnist::{Recipe, confusions, train};
use neurons::published::published;

/// So many seeds fit into an evening.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;
/// The others take hours.
const NAMES: [&str; 3] = ["3b1b", "nielsen-30", "nielsen-100"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::find(None)?;
    if data.source.name() != "mnist" {
        return Err(format!("these numbers are about MNIST. {}", data.source).into());
    }
    let (training, validation) = data.train.split_at(50_000);
    let mut run = Run::new(
        "Published networks, trained on MNIST: accuracy on the test pictures",
        "MNIST_DIR=… cargo run --release --example published",
    )
    .seeds(SEEDS);
    for known in published().into_iter().filter(|known| NAMES.contains(&known.name)) {
        let (mut tests, mut lost) = (vec![], vec![]);
        for seed in SEEDS {
            let recipe = Recipe { seed, ..known.recipe.clone() };
            let network = train(&recipe, &training, &validation, |_, _| {})?;
            let counts = confusions(&network, &data.test);
            tests.push(100.0 * counts.diag().sum() as f64 / counts.sum() as f64);
            let rows = counts.rows().into_iter().enumerate();
            let read = rows.map(|(digit, row)| row[digit] as f64 / row.sum() as f64);
            lost.push(read.filter(|&part| part < 0.1).count() as f64);
        }
        let key = known.name.replace('-', "_");
        let title = format!("{}, published {} %", known.name, known.accuracy);
        run = run.quantity(Quantity::new(&key, &title, "%", Decimals(2), tests));
        let (key, title) = (format!("{key}_lost"), "lost digits");
        run = run.quantity(Quantity::new(&key, title, "", Decimals(1), lost));
    }
    run.record("published")?;
    Ok(())
}
