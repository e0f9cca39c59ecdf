//! Squares against absolute values as the cost of 784-16-16-10 on MNIST, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example absolute`

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::backprop::cost_and_gradient;
use neurons::cost::{Cost, Quadratic, accuracy, largest};
use neurons::digits::dataset;
use neurons::gradient_descent::mini_batches;
use neurons::layer::Network;
use neurons::ndarray::Array2;
use neurons::pixels::{CLASSES, Digits, PIXELS};
use neurons::sigmoid::Activation::Sigmoid;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// Training pictures, those that choose a rate, and how often each training picture is shown.
const TRAINING: usize = 10_000;
const VALIDATION: usize = 2_000;
const EPOCHS: usize = 5;
/// Pictures a step.
const BATCH: usize = 10;
/// Among which each cost has its choice.
const RATES: [f64; 6] = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0];
/// The seeds that choose a rate.
const CHOOSES: [u64; 2] = [101, 102];

/// C = Σ |a_j − y_j|.
#[derive(Clone, Copy, Debug)]
struct Absolute;

impl Cost for Absolute {
    fn value(&self, a: &Array2<f64>, y: &Array2<f64>) -> f64 {
        (a - y).mapv(f64::abs).sum() / a.nrows() as f64
    }

    fn gradient(&self, a: &Array2<f64>, y: &Array2<f64>) -> Array2<f64> {
        (a - y).mapv(f64::signum)
    }
}

/// What a network makes of pictures.
fn answers(network: &Network, digits: &Digits) -> (Array2<f64>, Array2<f64>) {
    let rows: Vec<usize> = (0..digits.len()).collect();
    (network.answers(&digits.x(&rows)), digits.y(&rows))
}

fn learn(cost: &dyn Cost, rate: f64, seed: u64, digits: &Digits) -> Network {
    let mut network = Network::random(&[PIXELS, 16, 16, CLASSES], Sigmoid, Sigmoid, seed);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..EPOCHS {
        for rows in mini_batches(digits.len(), BATCH, &mut random) {
            let (x, y) = (digits.x(&rows), digits.y(&rows));
            let (_, slopes) = cost_and_gradient(&network, cost, &x, &y);
            for (layer, slope) in network.layers.iter_mut().zip(slopes) {
                layer.w.scaled_add(-rate, &slope.w);
                layer.b.scaled_add(-rate, &slope.b);
            }
        }
    }
    network
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, rest) = data.train.split_at(TRAINING);
    let (validation, _) = rest.split_at(VALIDATION);
    let costs: [(&str, &str, &dyn Cost); 2] = [
        ("squares", "half the sum of squares", &Quadratic),
        ("absolute", "sum of absolute values", &Absolute),
    ];
    let mut quantities = vec![];
    let mut record = |key: String, words: String, unit, places, values: Vec<f64>| {
        eprintln!("{words} {values:.3?}");
        quantities.push(Quantity::new(&key, &words, unit, Decimals(places), values));
    };
    for (key, words, cost) in costs {
        let right = |rate: f64| {
            let of_seed = CHOOSES.par_iter().map(|&seed| {
                let (a, y) = answers(&learn(cost, rate, seed, &training), &validation);
                accuracy(&a, &y)
            });
            of_seed.sum::<f64>()
        };
        let tried = RATES.map(|rate| (rate, right(rate)));
        eprintln!("{words}: {tried:.3?}");
        let (rate, _) =
            tried.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).ok_or("no rates")?;
        record(
            format!("{key}_rate"),
            format!(
                "{words}: learning rate, chosen by validation pictures with seeds 101 and 102"
            ),
            "",
            2,
            vec![rate],
        );
        let found: Vec<[f64; 4]> = (1..=5_u64)
            .into_par_iter()
            .map(|seed| {
                let (a, y) = answers(&learn(cost, rate, seed, &training), &data.test);
                let mut named = [false; CLASSES];
                for row in a.rows() {
                    named[largest(row)] |= row.iter().any(|&a| a > 0.5);
                }
                let sure = named.iter().filter(|named| **named).count();
                let sum = a.sum() / a.nrows() as f64;
                [100.0 * accuracy(&a, &y), cost.value(&a, &y), sure as f64, sum]
            })
            .collect();
        for (i, (of, what, unit, places)) in [
            ("test", "accuracy, test pictures", "%", 1),
            ("cost", "this cost on the test pictures", "", 3),
            (
                "claimed",
                "digits of which an output ever rises above one half, of ten",
                "",
                1,
            ),
            ("sum", "sum of the ten answers, mean over the test pictures", "", 2),
        ]
        .into_iter()
        .enumerate()
        {
            let values = found.iter().map(|found| found[i]).collect();
            record(
                format!("{key}_{of}"),
                format!("{words}: {what}"),
                unit,
                places,
                values,
            );
        }
    }
    let experiment = Experiment::new(
        file!(),
        "Squares or absolute values as the cost: 784-16-16-10 with sigmoids, 10,000 pictures of MNIST, five epochs",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    quantities.into_iter().fold(experiment, Experiment::quantity).record()?;
    Ok(())
}
