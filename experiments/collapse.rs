//! Three networks on MNIST: the book's, the same without its sigmoids, and one without hidden
//! layers, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example collapse`

use std::ops::{ControlFlow, RangeInclusive};

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::engine;
use neurons::layer::{Layer, Network};
use neurons::mnist::{Diverged, Precision, Recipe, Training, accuracy, predictions};
use neurons::pixels::Digits;
use neurons::sigmoid::Activation::{self, Identity, Sigmoid};
use rayon::ThreadPoolBuilder;

/// Key, title, sizes, and what the hidden layers apply.
const NETWORKS: [(&str, &str, &[usize], Activation); 3] = [
    ("sigmoid", "784-16-16-10 with sigmoids", &[784, 16, 16, 10], Sigmoid),
    ("linear", "784-16-16-10 without", &[784, 16, 16, 10], Identity),
    ("single", "784-10", &[784, 10], Identity),
];
/// Among which each network has its choice.
const RATES: [f64; 5] = [0.003, 0.01, 0.03, 0.1, 0.3];
/// The seeds that choose a rate, and those that measure it.
const CHOOSES: RangeInclusive<u64> = 101..=103;
const MEASURES: RangeInclusive<u64> = 1..=5;

fn learn(
    (sizes, activation): (&[usize], Activation),
    (rate, seed): (f64, u64),
    [training, validation]: [&Digits; 2],
) -> Result<Network, Diverged> {
    let mut run = Training::new(Recipe {
        sizes: sizes.to_vec(),
        activation,
        precision: Precision::F32,
        epochs: 10,
        rate,
        seed,
        ..Recipe::book()
    });
    let go_on = |_: &_, _| ControlFlow::Continue(());
    let _ = engine::go_on(&mut run, training, validation, |_| false, go_on)?;
    Ok(run.network)
}

/// Linear layers multiplied out.
fn multiplied_out(network: &Network) -> Network {
    let one = network.layers.iter().cloned().reduce(|first, second| Layer {
        b: second.w.dot(&first.b) + &second.b,
        w: second.w.dot(&first.w),
    });
    Network { layers: one.into_iter().collect(), activations: vec![Identity] }
}

/// A rate as part of a key: `0_03`.
fn key_of(rate: f64) -> String {
    rate.to_string().replace('.', "_")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    // The result is the same on any number of threads.
    let one = ThreadPoolBuilder::new().num_threads(1).build()?;
    let learn = |network, rate, seed| {
        one.install(|| learn(network, (rate, seed), [&training, &validation]))
    };
    let mut found = vec![];
    let mut record = |key: &str, title: &str, unit, places, values| {
        found.push(Quantity::new(key, title, unit, Decimals(places), values));
    };
    for (key, title, sizes, activation) in NETWORKS {
        let (mut best, mut chosen) = (0.0, RATES[0]);
        for rate in RATES {
            let mut right = 0.0;
            for seed in CHOOSES {
                // A run that goes out of all bounds reads nothing.
                let network = learn((sizes, activation), rate, seed);
                right += network.map_or(0.0, |n| accuracy(&n, &validation));
            }
            let mean = 100.0 * right / CHOOSES.count() as f64;
            let words = format!(
                "{title}: validation accuracy at η = {rate}, mean of seeds 101 to 103, by which the rate is chosen"
            );
            record(&format!("try_{key}_{}", key_of(rate)), &words, "%", 1, vec![mean]);
            eprintln!("{title}, η = {rate}: {mean:.2} %");
            if mean > best {
                (best, chosen) = (mean, rate);
            }
        }
        record(
            &format!("{key}_rate"),
            &format!("{title}: learning rate"),
            "",
            3,
            vec![chosen],
        );
        let (mut right, mut same) = (vec![], vec![]);
        for seed in MEASURES {
            let network = learn((sizes, activation), chosen, seed)?;
            right.push(100.0 * accuracy(&network, &data.test));
            if activation == Identity && sizes.len() > 2 {
                let named = predictions(&network, &data.test);
                let by_one = predictions(&multiplied_out(&network), &data.test);
                let pairs = named.iter().zip(&by_one);
                same.push(pairs.filter(|(a, b)| a == b).count() as f64);
            }
        }
        eprintln!("{title}, η = {chosen}: {right:.2?} % of the test pictures");
        record(
            &format!("{key}_test"),
            &format!("{title}: accuracy, test pictures"),
            "%",
            2,
            right,
        );
        if !same.is_empty() {
            record(
                "same",
                "784-16-16-10 without sigmoids: test pictures read alike by its one multiplied-out layer",
                "",
                0,
                same,
            );
        }
    }
    let experiment = Experiment::new(
        file!(),
        "With and without sigmoids: softmax and cross-entropy, 10 epochs of MNIST",
    )
    .asks(&["MNIST_DIR"])
    .seeds(MEASURES);
    found.into_iter().fold(experiment, Experiment::quantity).record()?;
    Ok(())
}
