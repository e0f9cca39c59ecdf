//! The time of an epoch in batches of 1 to 50,000 pictures, on one thread, for the ledger of
//! numbers.
//!
//! `MNIST_DIR=… cargo run --release --example batch_time`

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals, this_machine};
use neurons::digits::dataset;
use neurons::engine;
use neurons::mnist::{Diverged, Objective, Pause, Precision, Recipe, Training};
use neurons::pixels::Digits;
use rayon::ThreadPoolBuilder;

const SIZES: [usize; 5] = [1, 10, 100, 1000, 50_000];
/// Epochs that count; one before them warms up.
const EPOCHS: usize = 9;

/// The milliseconds of each epoch: the order of the pictures and the steps, without the validation.
fn milliseconds(batch: usize, data: &[Digits; 2]) -> Result<Vec<f64>, Diverged> {
    let mut run = Training::new(Recipe {
        objective: Objective::Quadratic,
        precision: Precision::F32,
        epochs: 1 + EPOCHS,
        batch,
        rate: 1.0,
        ..Recipe::book()
    });
    let [training, validation] = data;
    let last = training.len().div_ceil(batch);
    let mut times = vec![];
    let mut begin = Instant::now();
    let watch = |_: &Training, pause| {
        match pause {
            Pause::Step => times.push(1e3 * begin.elapsed().as_secs_f64()),
            Pause::Epoch => begin = Instant::now(),
        }
        ControlFlow::Continue(())
    };
    let wanted = |run: &Training| run.steps == last;
    let _ = engine::go_on(&mut run, training, validation, wanted, watch)?;
    Ok(times.split_off(1))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (training, validation) = dataset::mnist()?.train.split_at(50_000);
    let data = [training, validation];
    let one = ThreadPoolBuilder::new().num_threads(1).build()?;
    let mut found = Experiment::new(
        file!(),
        "The time in which the book's network learns once from 50,000 pictures of MNIST, by the \
         engine on one thread, on one machine",
    )
    .asks(&["MNIST_DIR"])
    .machine(this_machine());
    let mut median = BTreeMap::new();
    for m in SIZES {
        let measured = one.install(|| milliseconds(m, &data))?;
        eprintln!("m = {m}: {measured:.1?} ms");
        let size = Decimals(0).write(m as f64);
        let title = format!("50,000 pictures in batches of {size}, one thread");
        let key = format!("m_{m}");
        let time = Quantity::median(&key, &title, "ms", Decimals(0), measured);
        median.insert(m, time.mean());
        found = found.quantity(time);
    }
    for m in [1, 10] {
        let title =
            format!("batches of {m}: times as long as batches of 100, one thread");
        found = found.quantity(Quantity::new(
            &format!("m_{m}_over_100"),
            &title,
            "",
            Decimals(1),
            vec![median[&m] / median[&100]],
        ));
    }
    found.record()?;
    Ok(())
}
