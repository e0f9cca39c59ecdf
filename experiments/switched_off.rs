//! What a network loses with each of its hidden neurons, and what the second hidden layer tells
//! apart: for the ledger of numbers. Each neuron goes to `images/switched_off.csv`, which chapter
//! 18 draws.
//!
//! `MNIST_DIR=… cargo run --release --example switched_off`

use std::fmt::Write;

use mdbook_neurons::ledger::Experiment;
use neurons::backprop::forward;
use neurons::digits::dataset;
use neurons::inspect::{groups_of_four, told_apart, without};
use neurons::mnist::predictions;
use neurons::ndarray::Array2;
use neurons::pixels::{CLASSES, fraction_correct};

mod networks;
use networks::{kinds, record_all, trained};

const LOOPS: [usize; 4] = [0, 6, 8, 9];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let all: Vec<usize> = (0..validation.len()).collect();
    let x = validation.x(&all);
    let of_digit: Vec<Vec<usize>> = (0..CLASSES)
        .map(|digit| {
            let shown =
                all.iter().filter(|&&i| usize::from(validation.labels[i]) == digit);
            shown.copied().collect()
        })
        .collect();
    let mut csv = String::from("kind,seed,layer,neuron,lost,digit,of_digit\n");
    let mut experiment = Experiment::new(
        file!(),
        "Hidden neurons switched off, and the loops of 0, 6, 8 and 9, on validation pictures",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for kind in kinds() {
        if !["book", "book_l2", "nielsen", "wide"].contains(&kind.key) {
            continue;
        }
        let layers = kind.recipe.sizes.len() - 2;
        let mut lost = vec![vec![]; layers];
        let (mut rank, mut loops, mut best, mut single) =
            (vec![], vec![], vec![], vec![]);
        for seed in 1..=5 {
            let network = trained(&kind.recipe, seed, &training, &validation)?;
            let right =
                |named: &[u8]| 100.0 * fraction_correct(named, &validation.labels);
            // Of the pictures of each digit.
            let by_digit = |named: &[u8]| -> Vec<f64> {
                let of = |digit: &Vec<usize>| {
                    let right =
                        digit.iter().filter(|&&i| named[i] == validation.labels[i]);
                    100.0 * right.count() as f64 / digit.len() as f64
                };
                of_digit.iter().map(of).collect()
            };
            let before = predictions(&network, &validation);
            let (right_before, digits_before) = (right(&before), by_digit(&before));
            for (l, lost) in lost.iter_mut().enumerate() {
                let mut of_seed = vec![];
                for j in 0..network.layers[l].b.len() {
                    let without = without(&network, l, j, &x);
                    let named = predictions(&without, &validation);
                    let points = right_before - right(&named);
                    let (mut fall, mut digit) = (f64::MIN, 0);
                    for (d, (before, now)) in
                        digits_before.iter().zip(by_digit(&named)).enumerate()
                    {
                        if before - now > fall {
                            (fall, digit) = (before - now, d);
                        }
                    }
                    writeln!(
                        csv,
                        "{},{seed},{l},{j},{points:.2},{digit},{fall:.1}",
                        kind.key
                    )?;
                    of_seed.push(points);
                }
                lost.push(of_seed);
            }
            if layers < 2 {
                continue;
            }
            // What each neuron of the second layer says to the pictures of each digit.
            let a = &forward(&network, &x).a[2];
            let mut of_loops = (0.0, 0);
            let mut all_groups: Vec<f64> = vec![0.0; 210];
            let mut one = 0.0;
            for column in a.columns() {
                let said =
                    |digit: &Vec<usize>| digit.iter().map(|&i| column[i]).collect();
                let by_digit: Vec<Vec<f64>> = of_digit.iter().map(said).collect();
                let pairs = Array2::from_shape_fn((CLASSES, CLASSES), |(d, e)| {
                    told_apart(&by_digit[d], &by_digit[e])
                });
                for (k, (group, p)) in groups_of_four(&pairs).into_iter().enumerate() {
                    all_groups[k] = all_groups[k].max(p);
                    if group == LOOPS {
                        of_loops = (all_groups[k], k);
                    }
                }
                for d in 0..CLASSES {
                    let p: f64 =
                        (0..CLASSES).filter(|&e| e != d).map(|e| pairs[(d, e)]).sum();
                    one = f64::max(one, (p / 9.0).max(1.0 - p / 9.0));
                }
            }
            let better = all_groups.iter().filter(|&&p| p > of_loops.0).count();
            rank.push(better as f64 + 1.0);
            loops.push(100.0 * of_loops.0);
            best.push(100.0 * all_groups.iter().copied().fold(0.0, f64::max));
            single.push(100.0 * one);
        }
        for (l, lost) in lost.iter().enumerate() {
            let of = |f: fn(&[f64]) -> f64| lost.iter().map(|v| f(v)).collect::<Vec<_>>();
            let layer = if layers == 1 {
                "the hidden layer".to_string()
            } else {
                format!("hidden layer {}", l + 1)
            };
            let key = format!("{}_{}", kind.key, l + 1);
            let title = format!("{}, {layer}", kind.title);
            let found = [
                (
                    "mean",
                    "points lost without a neuron, mean",
                    "points",
                    2,
                    of(|v| v.iter().sum::<f64>() / v.len() as f64),
                ),
                (
                    "most",
                    "points lost without a neuron, most",
                    "points",
                    1,
                    of(|v| v.iter().copied().fold(f64::MIN, f64::max)),
                ),
                (
                    "least",
                    "points lost without a neuron, least",
                    "points",
                    2,
                    of(|v| v.iter().copied().fold(f64::MAX, f64::min)),
                ),
                (
                    "spare",
                    "neurons whose loss costs less than 0.2 points",
                    "",
                    1,
                    of(|v| v.iter().filter(|&&p| p < 0.2).count() as f64),
                ),
            ];
            experiment = record_all(experiment, (&key, &title), found);
        }
        if layers < 2 {
            continue;
        }
        let found = [
            (
                "loops",
                "how well the best neuron of layer 2 tells 0, 6, 8, 9 from the other digits",
                "%",
                1,
                loops,
            ),
            (
                "best",
                "how well the best neuron of layer 2 tells its best four digits from the other six",
                "%",
                1,
                best,
            ),
            (
                "single",
                "how well the best neuron of layer 2 tells one digit from the other nine",
                "%",
                1,
                single,
            ),
            (
                "rank",
                "place of 0, 6, 8, 9 among the 210 groups of four digits",
                "",
                0,
                rank,
            ),
        ];
        experiment = record_all(experiment, (kind.key, kind.title), found);
    }
    std::fs::write("images/switched_off.csv", csv)?;
    experiment.record()?;
    Ok(())
}
