//! Batches of 1 to 50,000 pictures, each size at a learning rate of its own, on the book's
//! network with the quadratic cost, on MNIST: for the ledger of numbers; what chapter 7 draws goes
//! to `images/batches.csv`.
//!
//! `MNIST_DIR=… cargo run --release --example batches`

use std::fmt::Write;
use std::ops::{ControlFlow, RangeInclusive};

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::engine;
use neurons::mnist::{Diverged, Objective, Pause, Precision, Recipe, Training, accuracy};
use neurons::pixels::Digits;
use rayon::ThreadPoolBuilder;

/// The sizes, and the rates among which each has its choice.
const SIZES: [(usize, [f64; 5]); 5] = [
    (1, [0.03, 0.1, 0.3, 1.0, 3.0]),
    (10, [0.1, 0.3, 1.0, 3.0, 10.0]),
    (100, [1.0, 3.0, 10.0, 30.0, 100.0]),
    (1000, [1.0, 3.0, 10.0, 30.0, 100.0]),
    (50_000, [0.1, 0.3, 1.0, 3.0, 10.0]),
];
/// The seeds that choose a rate, and those that measure it, so that no rate is measured on the
/// runs on which it happened to be the best.
const CHOOSES: RangeInclusive<u64> = 101..=103;
const MEASURES: RangeInclusive<u64> = 1..=5;
/// When the network is examined: after this many pictures, where a step ends there.
const AFTER: [usize; 7] = [500, 1_500, 5_000, 15_000, 50_000, 150_000, 500_000];

/// Pictures that the network has learned from so far.
fn looked_at(run: &Training, training: &Digits) -> usize {
    run.epochs.len() * training.len() + run.steps * run.recipe.batch
}

/// The accuracy on the validation pictures when the network has looked at so many as `AFTER` says:
/// 0 where no step ends there.
fn learn(
    (batch, rate, seed): (usize, f64, u64),
    [training, validation]: [&Digits; 2],
) -> Result<[f64; AFTER.len()], Diverged> {
    let mut run = Training::new(Recipe {
        objective: Objective::Quadratic,
        precision: Precision::F32,
        epochs: AFTER[AFTER.len() - 1] / training.len(),
        batch,
        rate,
        seed,
        ..Recipe::book()
    });
    let mut curve = [0.0; AFTER.len()];
    let at = |run: &Training| {
        let pictures = looked_at(run, training);
        AFTER.iter().position(|&after| after == pictures)
    };
    let watch = |run: &Training, pause| {
        if let (Pause::Step, Some(at)) = (pause, at(run)) {
            curve[at] = accuracy(&run.network, validation);
        }
        ControlFlow::Continue(())
    };
    let wanted = |run: &Training| at(run).is_some();
    let _ = engine::go_on(&mut run, training, validation, wanted, watch)?;
    Ok(curve)
}

/// A rate as part of a key: `0_03`.
fn key(rate: f64) -> String {
    rate.to_string().replace('.', "_")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    // The result is the same on any number of threads, and one is no slower where others compute.
    let one = ThreadPoolBuilder::new().num_threads(1).build()?;
    let learn =
        |m, rate, seed| one.install(|| learn((m, rate, seed), [&training, &validation]));
    let mut csv = String::from("batch,rate,seed,pictures,validation\n");
    let mut experiment = Experiment::new(
        file!(),
        "The size of a batch: the book's network, quadratic cost, 500,000 pictures of MNIST",
    )
    .asks(&["MNIST_DIR"])
    .seeds(MEASURES);
    let whole = |number: usize| Decimals(0).write(number as f64);
    for (m, rates) in SIZES {
        let size = whole(m);
        let mut tried = vec![];
        for rate in rates {
            let mut at_end = vec![];
            for seed in CHOOSES {
                at_end.push(100.0 * learn(m, rate, seed)?[AFTER.len() - 1]);
            }
            let mean = at_end.iter().sum::<f64>() / at_end.len() as f64;
            eprintln!("m = {m}, η = {rate}: {at_end:.1?} %");
            let title = format!(
                "batches of {size} at η = {rate}: validation accuracy after 500,000 pictures, mean \
                 of seeds {} to {}, by which the rate is chosen",
                CHOOSES.start(),
                CHOOSES.end()
            );
            let key = format!("try_{m}_{}", key(rate));
            experiment = experiment.quantity(Quantity::new(
                &key,
                &title,
                "%",
                Decimals(1),
                vec![mean],
            ));
            tried.push((mean, rate));
        }
        // From the largest on, so that of two equally good rates the smaller is taken.
        let best = tried.into_iter().rev().max_by(|a, b| a.0.total_cmp(&b.0));
        let (_, rate) = best.ok_or("no rate")?;
        let title = format!("batches of {size}: the learning rate that was chosen");
        let places = if rate < 0.1 { 2 } else { usize::from(rate < 1.0) };
        experiment = experiment.quantity(Quantity::new(
            &format!("rate_{m}"),
            &title,
            "",
            Decimals(places),
            vec![rate],
        ));
        let mut percent = [(); AFTER.len()].map(|()| vec![]);
        for seed in MEASURES {
            let curve = learn(m, rate, seed)?;
            for ((right, after), percent) in
                curve.into_iter().zip(AFTER).zip(&mut percent)
            {
                if after % m == 0 {
                    writeln!(csv, "{m},{rate},{seed},{after},{right:.4}")?;
                    percent.push(100.0 * right);
                }
            }
        }
        for (after, percent) in AFTER.into_iter().zip(percent) {
            if percent.is_empty() {
                continue;
            }
            eprintln!("m = {m}, η = {rate}, {after} pictures: {percent:.1?} %");
            experiment = experiment.quantity(Quantity::new(
                &format!("m_{m}_{after}"),
                &format!(
                    "batches of {size} at η = {rate}: validation accuracy after {} pictures",
                    whole(after)
                ),
                "%",
                Decimals(1),
                percent,
            ));
        }
    }
    std::fs::write("images/batches.csv", csv)?;
    experiment.record()?;
    Ok(())
}
