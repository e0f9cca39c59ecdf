//! One neuron on MNIST: the template of chapter 2 and what it answers to each digit, and the
//! perceptron rule on the 2s and the 7s, for the ledger of numbers. What chapter 2 draws goes to
//! `images/template_*.csv`.
//!
//! `MNIST_DIR=… cargo run --release --example template`

use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::ndarray::{Array1, Array2, Axis};
use neurons::neuron::{StepNeuron, stroke_template};
use neurons::pixels::{Digits, PIXELS};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

const PASSES: usize = 10;
/// After so many passes the program gives up hope that the corrections stop.
const LONG: usize = 3000;
/// So many pictures of each digit are drawn as dots.
const DRAWN: usize = 100;

/// What is found in each order: key, title, unit, decimals.
const QUANTITIES: [(&str, &str, &str, usize); 12] = [
    ("first", "corrections in the first pass", "", 0),
    ("tenth", "corrections in the tenth pass", "", 0),
    ("right_train", "right after ten passes, training pictures", "%", 1),
    ("right", "right after ten passes, test pictures", "%", 1),
    (
        "right_lowest",
        "right after the worst of the first ten passes, test pictures",
        "%",
        1,
    ),
    (
        "right_mean",
        "right with the mean of the ten passes' weights, test pictures",
        "%",
        1,
    ),
    (
        "right_without_bias",
        "right after ten passes with the bias dropped, test pictures",
        "%",
        1,
    ),
    ("passes", "passes until one needs no correction", "", 0),
    ("corrections", "corrections until then", "", 0),
    ("right_end", "right after the last pass, test pictures", "%", 1),
    ("margin", "margin of the last weights on the training pictures", "", 4),
    ("bound", "Novikoff's bound with that margin, in millions of corrections", "", 0),
];

/// The 2s and the 7s: their pixels, and 1 for a 2 and 0 for a 7.
fn two_against_seven(digits: &Digits) -> (Array2<f64>, Array1<f64>) {
    let shown: Vec<usize> =
        (0..digits.len()).filter(|&i| [2, 7].contains(&digits.labels[i])).collect();
    let y = shown.iter().map(|&i| f64::from(digits.labels[i] == 2));
    (digits.x(&shown), y.collect())
}

/// The share, in per cent, of the pictures that the neuron answers rightly.
fn right(neuron: &StepNeuron, x: &Array2<f64>, y: &Array1<f64>) -> f64 {
    let z = x.dot(&neuron.w) + neuron.b;
    let right = z.iter().zip(y).filter(|&(&z, &y)| (z > 0.0) == (y == 1.0));
    100.0 * right.count() as f64 / y.len() as f64
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let mut experiment = Experiment::new(
        file!(),
        "One neuron on MNIST: a template for the foot of a 2, and the perceptron rule on the 2s \
         and the 7s",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    let single = |key: &str, title: &str, unit: &str, decimals: usize, value: f64| {
        println!("{title}: {value:.decimals$} {unit}");
        Quantity::new(key, title, unit, Decimals(decimals), vec![value])
    };

    // The template, on all test pictures.
    let w = stroke_template(20, 9..19);
    let mut csv = String::from("digit,z,mean\n");
    for digit in 0..10_u8 {
        let of_digit: Vec<usize> =
            (0..data.test.len()).filter(|&i| data.test.labels[i] == digit).collect();
        let z = data.test.x(&of_digit).dot(&w);
        let mean = z.mean().unwrap_or(f64::NAN);
        for z in z.iter().take(DRAWN) {
            writeln!(csv, "{digit},{z:.2},{mean:.2}")?;
        }
        let above = z.iter().filter(|&&z| z > 5.0).count();
        let above = 100.0 * above as f64 / z.len() as f64;
        let title = |what: &str| format!("template, test pictures of a {digit}: {what}");
        for quantity in [
            single(
                &format!("mean_{digit}"),
                &title("mean of the weighted sum"),
                "",
                2,
                mean,
            ),
            single(
                &format!("spread_{digit}"),
                &title("standard deviation of the weighted sum"),
                "",
                2,
                z.std(1.0),
            ),
            single(&format!("above_{digit}"), &title("share above 5"), "%", 0, above),
        ] {
            experiment = experiment.quantity(quantity);
        }
    }
    std::fs::write("images/template_responses.csv", csv)?;

    // The template as a reader of 2s against 7s: its bias chosen on the training pictures.
    let (train, _) = data.train.split_at(50_000);
    let ((x, y), (test_x, test_y)) =
        (two_against_seven(&train), two_against_seven(&data.test));
    let with_bias = |b: f64| StepNeuron { w: w.clone(), b };
    let best = (-200..=200)
        .map(|tenths| f64::from(tenths) / 10.0)
        .max_by(|&a, &b| {
            right(&with_bias(a), &x, &y).total_cmp(&right(&with_bias(b), &x, &y))
        })
        .unwrap_or(0.0);
    experiment = experiment
        .quantity(single("pictures", "2s and 7s to learn from", "", 0, y.len() as f64))
        .quantity(single(
            "test_pictures",
            "2s and 7s to test on",
            "",
            0,
            test_y.len() as f64,
        ))
        .quantity(single(
            "template_5",
            "template with the bias −5, 2 against 7: right, test pictures",
            "%",
            1,
            right(&with_bias(-5.0), &test_x, &test_y),
        ))
        .quantity(single(
            "template_bias",
            "template, 2 against 7: the bias that does best on the training pictures",
            "",
            1,
            best,
        ))
        .quantity(single(
            "template_best",
            "template with that bias, 2 against 7: right, test pictures",
            "%",
            1,
            right(&with_bias(best), &test_x, &test_y),
        ));

    // The perceptron rule from zero weights, in five orders, each kept for all passes.
    let mut curve = String::from("seed,pass,corrections,test\n");
    let mut weights = Array1::<f64>::zeros(PIXELS);
    let mut found: Vec<Vec<f64>> = vec![vec![]; QUANTITIES.len()];
    // The inputs with the 1 that belongs to the bias: the longest of them, squared.
    let longest = x.rows().into_iter().map(|x| x.dot(&x) + 1.0).fold(0.0, f64::max);
    for seed in 1..=5 {
        let mut order: Vec<usize> = (0..y.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let (x, y) = (x.select(Axis(0), &order), y.select(Axis(0), &order));
        let mut neuron = StepNeuron { w: Array1::zeros(PIXELS), b: 0.0 };
        let mut mean = StepNeuron { w: Array1::zeros(PIXELS), b: 0.0 };
        let (mut first, mut after_ten) = (0, [0.0; 5]);
        let (mut total, mut tested) = (0, vec![]);
        let mut end = None;
        for pass in 1..=LONG {
            let corrections = neuron.learn(&x, &y);
            total += corrections;
            if pass == 1 {
                first = corrections;
            }
            if pass <= PASSES {
                mean.w += &neuron.w;
                mean.b += neuron.b;
                tested.push(right(&neuron, &test_x, &test_y));
            }
            if pass == PASSES {
                weights += &(&neuron.w / 5.0);
                let without = StepNeuron { b: 0.0, ..neuron.clone() };
                after_ten = [
                    corrections as f64,
                    right(&neuron, &x, &y),
                    right(&neuron, &test_x, &test_y),
                    right(&mean, &test_x, &test_y),
                    right(&without, &test_x, &test_y),
                ];
            }
            // Evenly along a logarithmic axis.
            let notch = |pass: usize| (20.0 * (pass as f64).log10()).floor();
            if pass <= PASSES || notch(pass) != notch(pass - 1) || corrections == 0 {
                let test = right(&neuron, &test_x, &test_y);
                writeln!(curve, "{seed},{pass},{corrections},{test:.2}")?;
            }
            if corrections == 0 {
                end = Some(pass);
                break;
            }
        }
        let end = end.ok_or("the corrections did not stop: no line is known")?;
        let length = neuron.w.dot(&neuron.w) + neuron.b * neuron.b;
        let margin = x
            .rows()
            .into_iter()
            .zip(&y)
            .map(|(x, &y)| (x.dot(&neuron.w) + neuron.b) * (2.0 * y - 1.0))
            .fold(f64::INFINITY, f64::min)
            / length.sqrt();
        let low = tested.iter().copied().fold(f64::INFINITY, f64::min);
        let of_seed = [
            first as f64,
            after_ten[0],
            after_ten[1],
            after_ten[2],
            low,
            after_ten[3],
            after_ten[4],
            end as f64,
            total as f64,
            right(&neuron, &test_x, &test_y),
            margin,
            longest / (margin * margin) / 1e6,
        ];
        println!("seed {seed}: {of_seed:.5?}");
        found.iter_mut().zip(of_seed).for_each(|(all, one)| all.push(one));
    }
    for ((key, title, unit, decimals), of_seed) in QUANTITIES.into_iter().zip(found) {
        let title = format!("perceptron rule, 2 against 7: {title}");
        let style = Decimals(decimals);
        experiment =
            experiment.quantity(Quantity::new(key, &title, unit, style, of_seed));
    }
    std::fs::write("images/template_passes.csv", curve)?;
    let mut csv = String::from("weight\n");
    for w in &weights {
        writeln!(csv, "{w:.3}")?;
    }
    std::fs::write("images/template_weights.csv", csv)?;
    experiment.record()?;
    Ok(())
}
