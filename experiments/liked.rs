//! Pictures that the outputs of the book's network like best, found by walking downhill in the
//! pixels: for the ledger of numbers; those of seed 1 go to `images/liked.csv`, and one neuron with
//! the stroke that it is most like to `images/share_of_stroke.csv`. Chapter 18 draws both.
//!
//! `MNIST_DIR=… cargo run --release --example liked`

use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::inspect::{closest_strokes, liked};
use neurons::ndarray::Array1;
use neurons::softmax::softmax;

mod networks;
use networks::{kinds, trained};

const ETA: f64 = 5.0;
const STEPS: usize = 2_000;

/// Weights as whole numbers from −9 to 9, the strongest of `most` as 9.
fn levels(w: &Array1<f64>, most: f64) -> String {
    let level = |w: &f64| ((9.0 * w / most).round() as i32).to_string();
    w.iter().map(level).collect::<Vec<_>>().join(" ")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let experiment = Experiment::new(
        file!(),
        "Pictures that walk downhill from grey until the book's network takes them for a digit",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    let kind = kinds().into_iter().find(|kind| kind.key == "book").expect("the book's");
    let (mut mean, mut least) = (vec![], vec![]);
    for seed in 1..=5 {
        let network = trained(&kind.recipe, seed, &training, &validation)?;
        let x = liked(&network, kind.recipe.objective.cost(), ETA, STEPS);
        let z = network.answers(&x);
        let p: Vec<f64> = (0..10)
            .map(|digit| 100.0 * softmax(&z.row(digit).to_owned())[digit])
            .collect();
        eprintln!("{}, seed {seed}: {p:.1?}", kind.title);
        mean.push(p.iter().sum::<f64>() / 10.0);
        least.push(p.iter().copied().fold(100.0, f64::min));
        if seed == 1 {
            let mut csv = String::new();
            for (x, p) in x.rows().into_iter().zip(&p) {
                writeln!(csv, "{p:.1},{}", levels(&x.to_owned(), 1.0))?;
            }
            std::fs::write("images/liked.csv", csv)?;
            // The neuron whose share is nearest the mean of the sixteen.
            let w = &network.layers[0].w;
            let found = closest_strokes(w);
            let usual = found.iter().map(|(_, share)| share).sum::<f64>() / 16.0;
            let off = |j: &usize| (found[*j].1 - usual).abs();
            let j = (0..16).min_by(|a, b| off(a).total_cmp(&off(b))).expect("neurons");
            let (w, t) = (w.row(j).to_owned(), found[j].0.template());
            let shadow = &t * (w.dot(&t) / t.dot(&t));
            let most = w.fold(0.0, |most, w| f64::max(most, w.abs()));
            let mut csv = format!("{j},{:.1}\n", 100.0 * found[j].1);
            for part in [&w, &shadow, &(&w - &shadow)] {
                writeln!(csv, "{}", levels(part, most))?;
            }
            std::fs::write("images/share_of_stroke.csv", csv)?;
        }
    }
    experiment
        .quantity(Quantity::new(
            "p",
            "mean probability of the wanted digit",
            "%",
            Decimals(1),
            mean,
        ))
        .quantity(Quantity::new(
            "least",
            "least probability of a wanted digit",
            "%",
            Decimals(1),
            least,
        ))
        .record()?;
    Ok(())
}
