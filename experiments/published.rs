//! Trains networks that others published, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example published`

use std::ops::ControlFlow;

use mdbook_neurons::ledger::{Quantity, Run, Style::Decimals};
use neurons::mnist::{Precision, Recipe, Training, accuracy, confusions};
use neurons::trainer::published_recipes::published;
use neurons::{digits::dataset, engine};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let mut run = Run::new(
        "Published networks, trained on MNIST: accuracy on the test pictures",
        "MNIST_DIR=… cargo run --release --example published",
    )
    .seeds(SEEDS);
    for known in published() {
        let (mut tests, mut lost) = (vec![], vec![]);
        for seed in SEEDS {
            let precision = Precision::F32;
            let mut run =
                Training::new(Recipe { seed, precision, ..known.recipe.clone() });
            let _ = engine::go_on(
                &mut run,
                &training,
                &validation,
                |_| false,
                |run, _| {
                    let epoch = run.epochs.last().expect("an epoch is done");
                    eprintln!(
                        "{}, seed {seed}, epoch {}: validation {:.2} %, {:.0} s",
                        known.name,
                        epoch.number,
                        100.0 * epoch.validation,
                        epoch.seconds
                    );
                    ControlFlow::Continue(())
                },
            )?;
            let counts = confusions(run.chosen(), &data.test);
            tests.push(100.0 * accuracy(run.chosen(), &data.test));
            let rows = counts.rows().into_iter().enumerate();
            let read = rows.map(|(digit, row)| row[digit] as f64 / row.sum() as f64);
            lost.push(read.filter(|&part| part < 0.1).count() as f64);
        }
        let key = known.name.replace('-', "_");
        let title = format!("{}, published {} %", known.name, known.accuracy);
        run = run.quantity(Quantity::new(&key, &title, "%", Decimals(2), tests));
        let (key, title) =
            (format!("{key}_lost"), format!("{}, lost digits", known.name));
        run = run.quantity(Quantity::new(&key, &title, "", Decimals(1), lost));
    }
    run.record("published")?;
    Ok(())
}
