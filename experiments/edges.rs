//! How much of what a first-layer neuron listens to is one stroke, for trained networks, random
//! weights and templates made by hand: for the ledger of numbers. Every share goes to
//! `images/edges.csv`, and the weights of seed 1 to `images/listened.csv`; chapter 18 draws both.
//!
//! `MNIST_DIR=… cargo run --release --example edges`

use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::inspect::{Stroke, closest_strokes};
use neurons::ndarray::{Array2, Axis, concatenate, s, stack};
use neurons::neuron::stroke_template;
use neurons::pixels::{CLASSES, PIXELS, mean_pictures};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

mod networks;
use networks::{kinds, record_all, trained};

/// Of the stroke that each neuron is most like, in percent.
fn shares(w: &Array2<f64>) -> Vec<f64> {
    closest_strokes(w).into_iter().map(|(_, share)| 100.0 * share).collect()
}

fn mean(v: &[f64]) -> f64 {
    v.iter().sum::<f64>() / v.len() as f64
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let ink = training.images.mapv(u32::from).sum_axis(Axis(0));
    let dead: Vec<usize> = (0..PIXELS).filter(|&i| ink[i] == 0).collect();
    let mut csv = String::from("kind,seed,share\n");
    let mut listened = String::new();
    let mut experiment = Experiment::new(
        file!(),
        "How much of the weights of a first-layer neuron lies along one stroke",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    let quantity = |key: &str, title: &str, unit, of_seed| {
        Quantity::new(key, title, unit, Decimals(1), of_seed)
    };
    let count = vec![dead.len() as f64];
    let title = "pixels that no training picture inks";
    experiment =
        experiment.quantity(Quantity::new("dead", title, "", Decimals(0), count));

    for kind in kinds() {
        // The weights of the first layer, the five seeds under each other; and how far they are
        // from where they started.
        let (mut weights, mut changes) = (vec![], vec![]);
        let (mut kept, mut moved) = (vec![], vec![]);
        for seed in 1..=5 {
            let network = trained(&kind.recipe, seed, &training, &validation)?;
            let w = network.layers[0].w.clone();
            // What the engine starts from.
            let start = networks::start(&kind.recipe, seed).layers[0].w.clone();
            let start = start.mapv(|w| f64::from(w as f32));
            let (from, to) = (start.select(Axis(1), &dead), w.select(Axis(1), &dead));
            kept.push(
                100.0 * from.iter().zip(&to).map(|(a, b)| a * b).sum::<f64>()
                    / from.iter().map(|a| a * a).sum::<f64>(),
            );
            moved.push(from.iter().zip(&to).filter(|(a, b)| a != b).count() as f64);
            if seed == 1 && ["book", "book_l2", "wide", "wide_l2"].contains(&kind.key) {
                let some = w.slice(s![..16, ..]).to_owned();
                for (w, (stroke, share)) in
                    some.rows().into_iter().zip(closest_strokes(&some))
                {
                    let most = w.fold(0.0, |most, w| f64::max(most, w.abs()));
                    let levels =
                        w.iter().map(|w| ((9.0 * w / most).round() as i32).to_string());
                    let levels = levels.collect::<Vec<_>>().join(" ");
                    let Stroke { at: (x, y), angle, long, .. } = stroke;
                    let share = 100.0 * share;
                    writeln!(
                        listened,
                        "{},{share:.0},{x:.1},{y:.1},{angle:.2},{long:.1},{levels}",
                        kind.key
                    )?;
                }
            }
            changes.push(&w - &start);
            weights.push(w);
        }
        let per_seed = |weights: &[Array2<f64>]| -> Vec<Vec<f64>> {
            let views: Vec<_> = weights.iter().map(|w| w.view()).collect();
            let found = shares(&concatenate(Axis(0), &views).expect("equal shapes"));
            found.chunks(weights[0].nrows()).map(<[f64]>::to_vec).collect()
        };
        let (found, learned) = (per_seed(&weights), per_seed(&changes));
        for (seed, found) in (1..).zip(&found) {
            for share in found {
                writeln!(csv, "{},{seed},{share:.2}", kind.key)?;
            }
        }
        let largest = |v: &Vec<f64>| v.iter().copied().fold(0.0, f64::max);
        let mean_of =
            |found: &[Vec<f64>]| found.iter().map(|v| mean(v)).collect::<Vec<_>>();
        let found = [
            ("mean", "mean share of one stroke", "%", 1, mean_of(&found)),
            (
                "most",
                "largest share of one stroke",
                "%",
                1,
                found.iter().map(largest).collect(),
            ),
            (
                "learned",
                "mean share of one stroke in what training changed",
                "%",
                1,
                mean_of(&learned),
            ),
            (
                "kept",
                "what is left of the start of the weights from pixels that are never inked",
                "%",
                1,
                kept,
            ),
            (
                "moved",
                "weights from pixels that are never inked that training moved",
                "",
                0,
                moved,
            ),
        ];
        experiment = record_all(experiment, (kind.key, kind.title), found);
    }

    // Templates by hand: the strokes of chapter 2, at sixteen heights and places.
    let by_hand: Vec<_> =
        (0..16).map(|k| stroke_template(5 + k, 4 + k % 6..14 + k % 6)).collect();
    let by_hand = stack(Axis(0), &by_hand.iter().map(|w| w.view()).collect::<Vec<_>>())?;
    let found = shares(&by_hand);
    for share in &found {
        writeln!(csv, "hand,1,{share:.2}")?;
    }
    experiment = experiment.quantity(quantity(
        "hand",
        "templates made by hand: mean share of one stroke",
        "%",
        vec![mean(&found)],
    ));
    let (mut noisy, mut random) = (vec![], vec![]);
    for seed in 1..=5 {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let noise = Array2::from_shape_simple_fn((16, PIXELS), || -> f64 {
            StandardNormal.sample(&mut generator)
        });
        let of_random = shares(&noise);
        for share in &of_random {
            writeln!(csv, "random,{seed},{share:.2}")?;
        }
        random.push(mean(&of_random));
        let mut both = by_hand.clone();
        for (mut w, noise) in both.rows_mut().into_iter().zip(noise.rows()) {
            let scale = (w.dot(&w) / noise.dot(&noise)).sqrt();
            w.scaled_add(scale, &noise);
        }
        noisy.push(mean(&shares(&both)));
    }
    // What differs between the mean pictures of the digits: templates as large as a digit.
    let means = mean_pictures(&training);
    let whole = &means - &(means.sum_axis(Axis(0)) / CLASSES as f64);
    let of_whole = shares(&whole);
    for share in &of_whole {
        writeln!(csv, "whole,1,{share:.2}")?;
    }
    let of_means = mean(&of_whole);
    eprintln!(
        "hand {found:.1?}, noisy {noisy:.1?}, random {random:.1?}, means {of_means:.1}"
    );
    experiment = experiment
        .quantity(quantity(
            "hand_noisy",
            "templates made by hand and as much noise: mean share of one stroke",
            "%",
            noisy,
        ))
        .quantity(quantity(
            "random",
            "random weights: mean share of one stroke",
            "%",
            random,
        ))
        .quantity(quantity(
            "means",
            "mean pictures of the digits, less the mean of all: mean share of one stroke",
            "%",
            vec![of_means],
        ));
    std::fs::write("images/edges.csv", csv)?;
    std::fs::write("images/listened.csv", listened)?;
    experiment.record()?;
    Ok(())
}
