//! How much of the gradient is left after ten layers back, in networks that have learned nothing, on
//! MNIST: for the ledger of numbers; layer by layer it goes to `images/depths.csv`, which chapter 9
//! draws.
//!
//! `MNIST_DIR=… cargo run --release --example depths`

use std::fmt::Write;
use std::iter::{once, repeat_n};

use mdbook_neurons::ledger::Experiment;
use neurons::backprop::{delta_below, forward, output_delta};
use neurons::cost::{Cost, Quadratic};
use neurons::digits::dataset;
use neurons::mnist::{Objective, Recipe, Start};
use neurons::ndarray::{Array2, Axis};
use neurons::sigmoid::{Activation::Sigmoid, sigmoid_prime};

mod networks;
use networks::{record_all, start};

/// Hidden layers, and so the steps back from the output to the first of them.
const DEPTH: usize = 10;
const WIDTHS: [usize; 3] = [1, 16, 128];

/// The root of the mean of the squares of the rows' lengths.
fn length(delta: &Array2<f64>) -> f64 {
    (delta.iter().map(|d| d * d).sum::<f64>() / delta.nrows() as f64).sqrt()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let digits = dataset::mnist()?.test;
    let all: Vec<usize> = (0..digits.len()).collect();
    let (x, y) = (digits.x(&all), digits.y(&all));
    let mut csv = String::from("start,width,seed,back,left\n");
    let mut experiment = Experiment::new(
        file!(),
        "Ten hidden layers of sigmoids on MNIST's test pictures, before the first step",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for (key, words, from) in
        [("scaled", "variance 1/p", Start::Scaled), ("unit", "variance 1", Start::Unit)]
    {
        for n in WIDTHS {
            let [mut factor, mut law, mut link] = [const { vec![] }; 3];
            let sizes: Vec<usize> =
                once(784).chain(repeat_n(n, DEPTH)).chain(once(10)).collect();
            let recipe = Recipe {
                sizes,
                start: from,
                objective: Objective::Quadratic,
                ..Recipe::book()
            };
            for seed in 1..=5 {
                let network = start(&recipe, seed);
                let passed = forward(&network, &x);
                let answers = &passed.a[DEPTH + 1];
                let dc_da = Quadratic.gradient(answers, &y);
                let mut delta = output_delta(&dc_da, &passed.z[DEPTH], Sigmoid);
                let at_output = length(&delta);
                let (mut logs, mut links) = (0.0, 0.0);
                writeln!(csv, "{key},{n},{seed},0,1")?;
                for l in (0..DEPTH).rev() {
                    let above = &network.layers[l + 1];
                    let z = &passed.z[l];
                    delta = delta_below(above, &delta, z, Sigmoid);
                    let part = length(&delta) / at_output;
                    writeln!(csv, "{key},{n},{seed},{},{part:.4e}", DEPTH - l)?;
                    let slopes = z.mapv(sigmoid_prime);
                    let squares = slopes.mapv(|s| s * s).mean().ok_or("sums")?;
                    // The variance of a weight, times their number.
                    let wide = if from == Start::Unit { n as f64 } else { 1.0 };
                    logs += (wide * squares).sqrt().ln();
                    let sizes = above.w.mapv(f64::abs).mean_axis(Axis(0));
                    let slopes = slopes.mean_axis(Axis(0)).ok_or("pictures")?;
                    links += (sizes.ok_or("wires")? * slopes).mean().ok_or("neurons")?;
                }
                let rest = length(&delta) / at_output;
                factor.push(rest.powf(1.0 / DEPTH as f64));
                law.push((logs / DEPTH as f64).exp());
                link.push(links / DEPTH as f64);
            }
            let title = format!("hidden layers of {n}, first weights of {words}");
            experiment = record_all(
                experiment,
                (&format!("{key}_{n}"), &title),
                [
                    ("factor", "part of the gradient that a layer leaves", "", 3, factor),
                    (
                        "law",
                        "what it should leave, √(p Var w) · root mean square of σ′",
                        "",
                        3,
                        law,
                    ),
                    ("link", "mean size of w σ′ along one link", "", 3, link),
                ],
            );
        }
    }
    std::fs::write("images/depths.csv", csv)?;
    experiment.record()?;
    Ok(())
}
