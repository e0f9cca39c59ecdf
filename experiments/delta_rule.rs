//! Two delta rules on MNIST's 2s and 7s, beside which chapter 10 sets the perceptron rule of
//! `template`: Widrow and Hoff's, whose slope is 1, and the one with the sigmoid's slope. The
//! learning rates are chosen by pictures that no run learns from. For the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example delta_rule`

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::ndarray::{Array1, Array2, Axis};
use neurons::perceptron::Perceptron;
use neurons::pixels::{Digits, PIXELS};
use neurons::sigmoid::{Activation, sigmoid};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

const PASSES: usize = 10;
/// Below this size of δ a picture counts as one that moves nothing.
const STILL: f64 = 0.01;

/// A delta rule: the function whose slope it uses, the targets of a 7 and of a 2, and the
/// learning rates among which it chooses.
struct Rule {
    key: &'static str,
    title: &'static str,
    activation: Activation,
    targets: [f64; 2],
    rates: [f64; 6],
    /// One more thing that is counted: key, title, and which sums z with which target count.
    also: (&'static str, &'static str, fn(f64, f64) -> bool),
}

const RULES: [Rule; 2] = [
    Rule {
        key: "linear",
        title: "delta rule with slope 1 (Widrow and Hoff), 2 against 7",
        activation: Activation::Identity,
        targets: [-1.0, 1.0],
        rates: [0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01],
        also: (
            "pulled_back",
            "training pictures beyond their target and pulled back, after ten passes",
            |z, t| t * z > 1.0,
        ),
    },
    Rule {
        key: "sigmoid",
        title: "delta rule with the sigmoid's slope, 2 against 7",
        activation: Activation::Sigmoid,
        targets: [0.0, 1.0],
        rates: [0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
        also: (
            "stuck",
            "training pictures answered wrongly by more than 0.9, after ten passes",
            |z, t| (sigmoid(z) - t).abs() > 0.9,
        ),
    },
];

/// What is found in each order: key, title, unit, decimals.
const QUANTITIES: [(&str, &str, &str, usize); 4] = [
    ("right_train", "right after ten passes, training pictures", "%", 1),
    ("right", "right after ten passes, test pictures", "%", 1),
    (
        "right_lowest",
        "right after the worst of the first ten passes, test pictures",
        "%",
        1,
    ),
    ("still", "training pictures whose δ is smaller than 0.01 after ten passes", "%", 0),
];

/// The 2s and the 7s: their pixels, and whether it is a 2.
fn two_against_seven(digits: &Digits) -> (Array2<f64>, Vec<bool>) {
    let shown: Vec<usize> =
        (0..digits.len()).filter(|&i| [2, 7].contains(&digits.labels[i])).collect();
    let is_two = shown.iter().map(|&i| digits.labels[i] == 2).collect();
    (digits.x(&shown), is_two)
}

/// The share, in per cent, of the pictures for which the sum has the right sign.
fn right(p: &Perceptron, (x, is_two): &(Array2<f64>, Vec<bool>)) -> f64 {
    let z = x.dot(&p.w) + p.b;
    let right = z.iter().zip(is_two).filter(|&(&z, &two)| (z > 0.0) == two);
    100.0 * right.count() as f64 / is_two.len() as f64
}

/// Ten passes from zeros over the pictures in the order of a seed; the neuron after each.
fn learned(
    rule: &Rule,
    eta: f64,
    seed: u64,
    (x, is_two): &(Array2<f64>, Vec<bool>),
) -> Vec<Perceptron> {
    let mut order: Vec<usize> = (0..is_two.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let x = x.select(Axis(0), &order);
    let mut p =
        Perceptron { w: Array1::zeros(PIXELS), b: 0.0, activation: rule.activation };
    let mut after = vec![];
    for _ in 0..PASSES {
        for (x, &i) in x.rows().into_iter().zip(&order) {
            let t = rule.targets[usize::from(is_two[i])];
            let g = p.gradient(&x.to_owned(), t);
            p.w.scaled_add(-eta, &g.w);
            p.b -= eta * g.b;
        }
        after.push(p.clone());
    }
    after
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (train, validation) = data.train.split_at(50_000);
    let (train, validation, test) = (
        two_against_seven(&train),
        two_against_seven(&validation),
        two_against_seven(&data.test),
    );
    let mut experiment = Experiment::new(
        file!(),
        "Two delta rules on MNIST's 2s and 7s: Widrow and Hoff's, and the one with the sigmoid's \
         slope",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    let dark = train.0.iter().filter(|&&x| x == 0.0).count();
    let dark = 100.0 * dark as f64 / train.0.len() as f64;
    println!("dark: {dark:.1} %");
    experiment = experiment.quantity(Quantity::new(
        "dark",
        "pixels without ink in a picture of a 2 or a 7, mean of the training pictures",
        "%",
        Decimals(0),
        vec![dark],
    ));
    for rule in &RULES {
        let runs: Vec<(f64, Vec<Vec<Perceptron>>)> = rule
            .rates
            .par_iter()
            .map(|&eta| {
                (eta, (1..=5).map(|seed| learned(rule, eta, seed, &train)).collect())
            })
            .collect();
        // By pictures that no run has learned from.
        let mut best: Option<(f64, f64, &Vec<Vec<Perceptron>>)> = None;
        for (eta, of_seed) in &runs {
            let last = of_seed.iter().filter_map(|after| after.last());
            let score = last.map(|p| right(p, &validation)).sum::<f64>() / 5.0;
            println!("{} η {eta}: validation {score:.2} %", rule.key);
            if best.is_none_or(|(of_best, _, _)| score > of_best) {
                best = Some((score, *eta, of_seed));
            }
        }
        let (_, eta, of_seed) = best.ok_or("no learning rate")?;
        let (also, also_title, counts) = rule.also;
        let quantities = QUANTITIES.iter().copied();
        let quantities: Vec<_> = quantities.chain([(also, also_title, "%", 1)]).collect();
        let mut found: Vec<Vec<f64>> = vec![vec![]; quantities.len()];
        for after in of_seed {
            let p = &after[PASSES - 1];
            let lowest = after.iter().map(|p| right(p, &test)).fold(100.0, f64::min);
            let (mut still, mut counted) = (0, 0);
            for (x, &two) in train.0.rows().into_iter().zip(&train.1) {
                let (x, t) = (x.to_owned(), rule.targets[usize::from(two)]);
                still += usize::from(p.gradient(&x, t).b.abs() < STILL);
                counted += usize::from(counts(p.weighted_sum(&x), t));
            }
            let of_seed = [
                right(p, &train),
                right(p, &test),
                lowest,
                100.0 * still as f64 / train.1.len() as f64,
                100.0 * counted as f64 / train.1.len() as f64,
            ];
            println!("{}: {of_seed:.2?}", rule.key);
            found.iter_mut().zip(of_seed).for_each(|(all, one)| all.push(one));
        }
        let title = format!("{}: learning rate, chosen by validation", rule.title);
        let places = (-eta.log10()).ceil().max(0.0) as usize;
        experiment = experiment.quantity(Quantity::new(
            &format!("{}_eta", rule.key),
            &title,
            "",
            Decimals(places),
            vec![eta],
        ));
        for ((key, title, unit, decimals), of_seed) in quantities.into_iter().zip(found) {
            experiment = experiment.quantity(Quantity::new(
                &format!("{}_{key}", rule.key),
                &format!("{}: {title}", rule.title),
                unit,
                Decimals(decimals),
                of_seed,
            ));
        }
    }
    experiment.record()?;
    Ok(())
}
