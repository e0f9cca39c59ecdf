//! What the size of the first weights does to a network that has learned nothing, on MNIST: for
//! the ledger of numbers; how the first layer's weighted sums are spread goes to
//! `images/starts.csv`, which chapter 4 draws.
//!
//! `MNIST_DIR=… cargo run --release --example starts`

use std::collections::BTreeSet;
use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::backprop::forward;
use neurons::cost::largest;
use neurons::digits::dataset;
use neurons::mnist::{Objective, Precision, Recipe, Start, accuracy};
use neurons::ndarray::Axis;
use neurons::sigmoid::sigmoid_prime;

mod networks;
use networks::{record_all, trained};

/// The slope below which a sigmoid counts as saturated.
const FLAT: f64 = 0.01;
/// The histogram's bins: two in a unit, up to ± 40.
const BINS: usize = 160;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let all: Vec<usize> = (0..data.test.len()).collect();
    let x = data.test.x(&all);
    let mut csv = String::from("start,sum,share\n");
    let mut experiment = Experiment::new(
        file!(),
        "The size of the first weights: the book's network on MNIST",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    let squares: f64 = x.iter().map(|x| x * x).sum::<f64>() / x.nrows() as f64;
    experiment = experiment.quantity(Quantity::new(
        "squares",
        "sum of the squared pixels of a test picture, mean",
        "",
        Decimals(1),
        vec![squares],
    ));
    for (key, title, start) in
        [("scaled", "variance 1/p", Start::Scaled), ("unit", "variance 1", Start::Unit)]
    {
        let [mut flat, mut spread, mut moves, mut differ, mut named, mut right] =
            [const { vec![] }; 6];
        let mut counts = [0_usize; BINS];
        for seed in 1..=5 {
            let recipe = Recipe {
                start,
                objective: Objective::Quadratic,
                precision: Precision::F32,
                epochs: 1,
                rate: 1.0,
                seed,
                ..Recipe::book()
            };
            let network = recipe.network();
            let z = &forward(&network, &x).z[0];
            let saturated = z.iter().filter(|&&z| sigmoid_prime(z) < FLAT).count();
            flat.push(100.0 * saturated as f64 / z.len() as f64);
            spread.push(z.std(0.0));
            for &z in z {
                let bin = (2.0 * z).floor() + (BINS / 2) as f64;
                counts[bin.clamp(0.0, (BINS - 1) as f64) as usize] += 1;
            }
            let a = network.answers(&x);
            moves.push(a.std_axis(Axis(0), 0.0).mean().ok_or("ten outputs")?);
            differ.push(a.mean_axis(Axis(0)).ok_or("pictures")?.std(0.0));
            let digits: BTreeSet<usize> = a.rows().into_iter().map(largest).collect();
            named.push(digits.len() as f64);
            let learned = trained(&recipe, seed, &training, &validation)?;
            right.push(100.0 * accuracy(&learned, &validation));
        }
        let together: usize = counts.iter().sum();
        for (bin, &count) in counts.iter().enumerate() {
            let from = bin as f64 / 2.0 - (BINS / 4) as f64;
            writeln!(csv, "{key},{from},{:.6}", count as f64 / together as f64)?;
        }
        let found = [
            ("flat", "first-layer sums with a slope under 0.01", "%", 1, flat),
            ("spread", "standard deviation of the first-layer sums", "", 2, spread),
            (
                "moves",
                "standard deviation of an output over the test pictures",
                "",
                4,
                moves,
            ),
            ("differ", "standard deviation among the ten outputs' means", "", 3, differ),
            ("named", "digits that are ever named", "", 1, named),
            (
                "right",
                "validation accuracy after one epoch at η = 1, quadratic cost",
                "%",
                1,
                right,
            ),
        ];
        let title = format!("first weights of {title}");
        experiment = record_all(experiment, (key, &title), found);
    }
    std::fs::write("images/starts.csv", csv)?;
    experiment.record()?;
    Ok(())
}
