//! What a network loses with each of its hidden neurons, and what the second hidden layer tells
//! apart: for the ledger of numbers. Each neuron goes to `images/switched_off.csv`, which chapter
//! 18 draws.
//!
//! `MNIST_DIR=… cargo run --release --example switched_off`

use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::backprop::forward;
use neurons::digits::dataset;
use neurons::inspect::{groups_of_four, told_apart, without};
use neurons::mnist::{accuracy, predictions};
use neurons::ndarray::Array2;
use neurons::pixels::CLASSES;

mod networks;
use networks::{kinds, trained};

const LOOPS: [usize; 4] = [0, 6, 8, 9];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let all: Vec<usize> = (0..validation.len()).collect();
    let x = validation.x(&all);
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
            let right = accuracy(&network, &validation);
            let of_digit = |named: &[u8], digit: usize| {
                let shown =
                    all.iter().filter(|&&i| usize::from(validation.labels[i]) == digit);
                let (mut n, mut right) = (0.0, 0.0);
                for &i in shown {
                    n += 1.0;
                    right += f64::from(u8::from(usize::from(named[i]) == digit));
                }
                100.0 * right / n
            };
            let before = predictions(&network, &validation);
            for (l, lost) in lost.iter_mut().enumerate() {
                let mut of_seed = vec![];
                for j in 0..network.layers[l].b.len() {
                    let without = without(&network, l, j, &x);
                    let named = predictions(&without, &validation);
                    let points = 100.0 * (right - accuracy(&without, &validation));
                    let falls = (0..CLASSES)
                        .map(|d| (of_digit(&before, d) - of_digit(&named, d), d));
                    let (fall, digit) =
                        falls.fold((f64::MIN, 0), |most, fall| match fall.0 > most.0 {
                            true => fall,
                            false => most,
                        });
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
                let by_digit: Vec<Vec<f64>> = (0..CLASSES)
                    .map(|d| {
                        let of = column.iter().zip(&validation.labels);
                        of.filter(|(_, label)| usize::from(**label) == d)
                            .map(|(a, _)| *a)
                            .collect()
                    })
                    .collect();
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
            for (key, words, unit, places, of_seed) in [
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
            ] {
                eprintln!("{} {layer}: {words} {of_seed:.2?}", kind.key);
                experiment = experiment.quantity(Quantity::new(
                    &format!("{}_{}_{key}", kind.key, l + 1),
                    &format!("{}, {layer}: {words}", kind.title),
                    unit,
                    Decimals(places),
                    of_seed,
                ));
            }
        }
        if layers < 2 {
            continue;
        }
        eprintln!(
            "{}: loops {loops:.1?}, rank {rank:?}, best {best:.1?}, single {single:.1?}",
            kind.key
        );
        for (key, words, unit, of_seed) in [
            (
                "loops",
                "how well the best neuron of layer 2 tells 0, 6, 8, 9 from the other digits",
                "%",
                loops,
            ),
            (
                "best",
                "how well the best neuron of layer 2 tells its best four digits from the other six",
                "%",
                best,
            ),
            (
                "single",
                "how well the best neuron of layer 2 tells one digit from the other nine",
                "%",
                single,
            ),
            ("rank", "place of 0, 6, 8, 9 among the 210 groups of four digits", "", rank),
        ] {
            experiment = experiment.quantity(Quantity::new(
                &format!("{}_{key}", kind.key),
                &format!("{}: {words}", kind.title),
                unit,
                Decimals(if key == "rank" { 0 } else { 1 }),
                of_seed,
            ));
        }
    }
    std::fs::write("images/switched_off.csv", csv)?;
    experiment.record()?;
    Ok(())
}
