//! What is cheap to compute again agrees with the ledger of numbers.

use std::path::Path;

use mdbook_neurons::ledger::Ledger;
use neurons::cost::{Cost, Quadratic};
use neurons::pixels::{Digits, mean_pictures, most_common, nearest_darkness};
use neurons::sigmoid::Activation::Sigmoid;
use neurons::{digits::dataset, layer::Network};

fn recorded(key: &str) -> f64 {
    let ledger = Ledger::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("a ledger");
    ledger.find(key).expect("a number").1.mean()
}

#[test]
fn the_cost_of_the_nudged_network() {
    let digits = Digits::handwriting(10, 1);
    let all: Vec<usize> = (0..10).collect();
    let network = Network::random(&[784, 16, 16, 10], Sigmoid, Sigmoid, 1);
    let cost = Quadratic.value(&network.answers(&digits.x(&all)), &digits.y(&all));
    approx::assert_relative_eq!(cost, recorded("nudges.cost"), max_relative = 1e-6);
}

#[test]
fn the_machines_that_do_not_learn() {
    let Some(folder) = std::env::var_os("MNIST_DIR") else {
        return println!("skipped: MNIST_DIR names no folder");
    };
    let data = dataset::find(Some(Path::new(&folder))).expect("MNIST");
    let (train, _) = data.train.split_at(50_000);
    let (same, means) = (most_common(&train), mean_pictures(&train));
    let always = 100.0 * data.test.accuracy(|_| same);
    let ink = 100.0 * data.test.accuracy(|x| nearest_darkness(&means, x));
    approx::assert_relative_eq!(always, recorded("baselines.always"), epsilon = 1e-4);
    approx::assert_relative_eq!(ink, recorded("baselines.ink"), epsilon = 1e-4);
}

#[test]
fn what_peeking_adds() {
    let csv = include_str!("../images/five_seeds.csv");
    let row =
        |line: &str| line.split(',').map(|x| x.parse().expect("a number")).collect();
    let rows: Vec<Vec<f64>> = csv.lines().skip(1).map(row).collect();
    let gain = |epochs: &[Vec<f64>]| {
        let tests = epochs.iter().map(|epoch| epoch[4]);
        100.0 * (tests.fold(0.0, f64::max) - epochs[epochs.len() - 1][4])
    };
    let gains: Vec<f64> = rows.chunk_by(|a, b| a[0] == b[0]).map(gain).collect();
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    approx::assert_relative_eq!(mean, recorded("peeking.test"), max_relative = 1e-5);
}
