//! What the hidden layers apply to their sums, on MNIST: nothing, a sigmoid, tanh, ReLU, leaky ReLU,
//! in the book's network and in a deep one, and a network without hidden layers. For the ledger of
//! numbers.
//!
//! `MNIST_DIR=… cargo run --release --example squashers`

use std::ops::{ControlFlow, RangeInclusive};

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::engine;
use neurons::layer::{Layer, Network};
use neurons::mnist::{Precision, Recipe, Training, accuracy, predictions};
use neurons::ndarray::Axis;
use neurons::sigmoid::Activation::{self, Identity, LeakyRelu, Relu, Sigmoid, Tanh};
use rayon::ThreadPoolBuilder;

/// Key, title, sizes, what the hidden layers apply, and whether their first weights are lifted.
const NETWORKS: [(&str, &str, &[usize], Activation, bool); 11] = [
    ("sigmoid", "784-16-16-10 with sigmoids", &BOOK, Sigmoid, false),
    ("tanh", "784-16-16-10 with tanh", &BOOK, Tanh, false),
    ("relu", "784-16-16-10 with ReLU", &BOOK, Relu, false),
    ("leaky", "784-16-16-10 with leaky ReLU", &BOOK, LeakyRelu, false),
    ("linear", "784-16-16-10 without", &BOOK, Identity, false),
    ("single", "784-10", &[784, 10], Identity, false),
    ("deep_sigmoid", "six hidden layers of 16 with sigmoids", &DEEP, Sigmoid, false),
    ("deep_tanh", "six hidden layers of 16 with tanh", &DEEP, Tanh, false),
    ("deep_relu", "six hidden layers of 16 with ReLU", &DEEP, Relu, false),
    ("deep_leaky", "six hidden layers of 16 with leaky ReLU", &DEEP, LeakyRelu, false),
    (
        "deep_lifted",
        "six hidden layers of 16 with sigmoids, first weights times 4 and centred",
        &DEEP,
        Sigmoid,
        true,
    ),
];
const BOOK: [usize; 4] = [784, 16, 16, 10];
const DEEP: [usize; 8] = [784, 16, 16, 16, 16, 16, 16, 10];
/// Among which each network has its choice.
const RATES: [f64; 6] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0];
/// The seeds that choose a rate, and those that measure it.
const CHOOSES: RangeInclusive<u64> = 101..=103;
const MEASURES: RangeInclusive<u64> = 1..=5;

/// Linear layers multiplied out.
fn multiplied_out(network: &Network) -> Network {
    let one = network.layers.iter().cloned().reduce(|first, second| Layer {
        b: second.w.dot(&first.b) + &second.b,
        w: second.w.dot(&first.w),
    });
    Network { layers: one.into_iter().collect(), activations: vec![Identity] }
}

/// Weights of the hidden layers behind the first times 4, and biases that bring the sums back to 0
/// where every sigmoid before them answers ½.
fn lifted(network: &mut Network) {
    let last = network.layers.len() - 1;
    for layer in &mut network.layers[1..last] {
        layer.w *= 4.0;
        layer.b = -0.5 * layer.w.sum_axis(Axis(1));
    }
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
    let learn = |(sizes, activation, lift): (&[usize], Activation, bool), rate, seed| {
        let mut run = Training::new(Recipe {
            sizes: sizes.to_vec(),
            activation,
            precision: Precision::F32,
            epochs: 10,
            rate,
            seed,
            ..Recipe::book()
        });
        if lift {
            lifted(&mut run.network);
        }
        let go_on = |_: &_, _| ControlFlow::Continue(());
        let learn = || engine::go_on(&mut run, &training, &validation, |_| false, go_on);
        one.install(learn).ok().map(|_| run.network)
    };
    let mut found = vec![];
    let mut record = |key: &str, title: &str, unit, places, values| {
        found.push(Quantity::new(key, title, unit, Decimals(places), values));
    };
    for (key, title, sizes, activation, lift) in NETWORKS {
        let (mut best, mut chosen) = (0.0, RATES[0]);
        for rate in RATES {
            let mut right = 0.0;
            for seed in CHOOSES {
                // A run that goes out of all bounds reads nothing.
                let network = learn((sizes, activation, lift), rate, seed);
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
            let network = learn((sizes, activation, lift), chosen, seed)
                .ok_or("the chosen rate diverges")?;
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
        "What hidden layers apply: softmax and cross-entropy, 10 epochs of MNIST",
    )
    .asks(&["MNIST_DIR"])
    .seeds(MEASURES);
    found.into_iter().fold(experiment, Experiment::quantity).record()?;
    Ok(())
}
