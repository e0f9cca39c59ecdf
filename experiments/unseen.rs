//! Training and test beside each other: the book's network with the quadratic cost of Part II, on
//! 1,000, 10,000 and 50,000 pictures of MNIST, a million pictures shown in each case. For the
//! ledger of numbers; the curves, which chapter 5 draws, go to `images/unseen.csv`.
//!
//! `MNIST_DIR=… cargo run --release --example unseen`

use std::fmt::Write;
use std::ops::ControlFlow;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::cost::{Cost, Quadratic, accuracy};
use neurons::digits::dataset;
use neurons::engine;
use neurons::layer::Network;
use neurons::mnist::{Objective, Pause, Precision, Recipe, Training};
use neurons::pixels::Digits;

/// Key, words, and so many training pictures.
const SETS: [(&str, &str, usize); 3] =
    [("few", "1,000", 1_000), ("some", "10,000", 10_000), ("all", "50,000", 50_000)];
/// So many are shown in each run.
const SHOWN: usize = 1_000_000;
/// Between two powers of ten, it is looked at after so many times the lower one.
const LOOKS: [usize; 5] = [1, 2, 3, 5, 7];

/// What is measured, in the order of the columns.
const MEASURED: [(&str, &str, &str, usize); 4] = [
    ("train_cost", "cost, training pictures", "", 3),
    ("train", "accuracy, training pictures", "%", 2),
    ("test_cost", "cost, test pictures", "", 3),
    ("test", "accuracy, test pictures", "%", 2),
];

/// Cost and accuracy, in per cent.
fn measured(network: &Network, digits: &Digits) -> [f64; 2] {
    let rows: Vec<usize> = (0..digits.len()).collect();
    let (a, y) = (network.answers(&digits.x(&rows)), digits.y(&rows));
    [Quadratic.value(&a, &y), 100.0 * accuracy(&a, &y)]
}

/// Whether an epoch is looked at.
fn is_looked_at(epoch: usize, last: usize) -> bool {
    let power = 10_usize.pow(epoch.ilog10());
    epoch == last || epoch.is_multiple_of(power) && LOOKS.contains(&(epoch / power))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (all, validation) = data.train.split_at(50_000);
    // Nothing is chosen by them here.
    let (validation, _) = validation.split_at(10);
    let mut csv = String::from("pictures,seed,shown,train_cost,train,test_cost,test\n");
    let mut experiment = Experiment::new(
        file!(),
        "Cost and accuracy on training and on test pictures of MNIST: 784-16-16-10, squared error, a million pictures shown",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for (key, words, pictures) in SETS {
        let (training, _) = all.split_at(pictures);
        let epochs = SHOWN / pictures;
        // Of each seed, what is measured after the last epoch; and the lowest test cost.
        let (mut last, mut lowest) = ([const { vec![] }; 4], vec![]);
        for seed in 1..=5 {
            let recipe = Recipe {
                objective: Objective::Quadratic,
                precision: Precision::F32,
                rate: 3.0,
                epochs,
                seed,
                ..Recipe::book()
            };
            let mut run = Training::new(recipe);
            let mut points: Vec<[f64; 4]> = vec![];
            let watch = |at: &Training, pause| {
                let epoch = at.epochs.len();
                if pause == Pause::Epoch && is_looked_at(epoch, epochs) {
                    let [train_cost, train] = measured(&at.network, &training);
                    let [test_cost, test] = measured(&at.network, &data.test);
                    let shown = epoch * pictures;
                    writeln!(
                        csv,
                        "{pictures},{seed},{shown},{train_cost:.5},{train:.2},{test_cost:.5},{test:.2}"
                    )
                    .expect("a string");
                    points.push([train_cost, train, test_cost, test]);
                }
                ControlFlow::Continue(())
            };
            let _ = engine::go_on(&mut run, &training, &validation, |_| false, watch)?;
            let end = points.last().ok_or("a run without an epoch")?;
            eprintln!("{words} pictures, seed {seed}: {end:.3?}");
            for (values, &v) in last.iter_mut().zip(end) {
                values.push(v);
            }
            lowest
                .push(points.iter().map(|point| point[2]).fold(f64::INFINITY, f64::min));
        }
        for ((of, what, unit, places), values) in MEASURED.into_iter().zip(last) {
            experiment = experiment.quantity(Quantity::new(
                &format!("{key}_{of}"),
                &format!("{words} training pictures: {what}"),
                unit,
                Decimals(places),
                values,
            ));
        }
        experiment = experiment.quantity(Quantity::new(
            &format!("{key}_lowest"),
            &format!(
                "{words} training pictures: lowest cost of test pictures on the way"
            ),
            "",
            Decimals(3),
            lowest,
        ));
    }
    std::fs::write("images/unseen.csv", csv)?;
    experiment.record()?;
    Ok(())
}
