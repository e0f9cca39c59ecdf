//! How far nudging can be trusted on the whole network of the book, in f32 and in f64, for
//! the ledger of numbers; the errors go to `images/nudges.csv`, which chapter 6 draws.
//!
//! `cargo run --release --example nudges`

use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style};
use neurons::backprop::cost_and_gradient;
use neurons::cost::{Cost, Quadratic};
use neurons::gradient::{H, central_difference};
use neurons::layer::Network;
use neurons::ndarray::{Array1, Array2};
use neurons::pixels::Digits;
use neurons::sigmoid::Activation::Sigmoid;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

const KNOBS: usize = 200;

/// The quadratic cost of a network of sigmoids, with every number in f32.
fn single_cost(
    layers: &[(Array2<f32>, Array1<f32>)],
    x: &Array2<f32>,
    y: &Array2<f32>,
) -> f32 {
    let sigmoid = |z: f32| 1.0 / (1.0 + (-z).exp());
    let answers =
        layers.iter().fold(x.clone(), |a, (w, b)| (a.dot(&w.t()) + b).mapv(sigmoid));
    0.5 * (answers - y).mapv(|error| error * error).sum() / x.nrows() as f32
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let digits = Digits::handwriting(10, 1);
    let all: Vec<usize> = (0..digits.len()).collect();
    let (x, y) = (digits.x(&all), digits.y(&all));
    let network = Network::random(&[784, 16, 16, 10], Sigmoid, Sigmoid, 1);
    let (cost, layers) = cost_and_gradient(&network, &Quadratic, &x, &y);
    let exact = Network { layers, ..network.clone() }.to_vector();

    // A weight on a pixel that is blank in all ten pictures has the slope 0.
    let mut knobs: Vec<usize> = (0..exact.len()).filter(|&i| exact[i] != 0.0).collect();
    knobs.shuffle(&mut ChaCha8Rng::seed_from_u64(1));
    knobs.truncate(KNOBS);

    let at = network.to_vector();
    let (x32, y32) = (x.mapv(|v| v as f32), y.mapv(|v| v as f32));
    let double = |i: usize, h: f64| {
        let cost = |v: f64| {
            let mut nudged = at.clone();
            nudged[i] = v;
            Quadratic.value(&network.with_vector(&nudged).answers(&x), &y)
        };
        central_difference(cost, at[i], h)
    };
    let single = |i: usize, h: f64| {
        let cost = |v: f32| {
            let mut nudged = at.clone();
            nudged[i] = f64::from(v);
            let nudged = network.with_vector(&nudged);
            let single = |layer: &neurons::layer::Layer| {
                (layer.w.mapv(|w| w as f32), layer.b.mapv(|b| b as f32))
            };
            let layers: Vec<_> = nudged.layers.iter().map(single).collect();
            single_cost(&layers, &x32, &y32)
        };
        f64::from(central_difference(cost, at[i] as f32, h as f32))
    };

    let median_error = |slope: &dyn Fn(usize, f64) -> f64, h: f64| {
        let error = |&i: &usize| ((slope(i, h) - exact[i]) / exact[i]).abs();
        let mut errors: Vec<f64> = knobs.iter().map(error).collect();
        errors.sort_by(f64::total_cmp);
        errors[errors.len() / 2]
    };
    let mut csv = String::from("h,f32,f64\n");
    let (mut of_single, mut of_double) = (vec![], vec![]);
    for quarter in 0..=48 {
        let h = 10_f64.powf(-f64::from(quarter) / 4.0);
        of_single.push((median_error(&single, h), h));
        of_double.push((median_error(&double, h), h));
        let last = of_single.len() - 1;
        writeln!(csv, "{h:.3e},{:.1e},{:.1e}", of_single[last].0, of_double[last].0)?;
    }
    std::fs::write("images/nudges.csv", csv)?;

    let best = |errors: &[(f64, f64)]| {
        errors.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0)).expect("49 nudges")
    };
    let (best_single, best_double) = (best(&of_single), best(&of_double));
    let mut slopes: Vec<f64> = knobs.iter().map(|&i| exact[i].abs()).collect();
    slopes.sort_by(f64::total_cmp);
    let quantity =
        |key, title, value| Quantity::new(key, title, "", Style::Digits(1), vec![value]);
    let title =
        "Central differences of the book's network along 200 of its knobs, median error";
    Experiment::new(file!(), title)
        .quantity(Quantity::new("cost", "cost", "", Style::Decimals(2), vec![cost]))
        .quantity(quantity("slope", "median size of a slope", slopes[KNOBS / 2]))
        .quantity(quantity("f64_h", "best nudge, f64", best_double.1))
        .quantity(quantity("f64_error", "error at the best nudge, f64", best_double.0))
        .quantity(quantity(
            "f64_error_at_h",
            "error at h = 6 · 10⁻⁶, f64",
            median_error(&double, H),
        ))
        .quantity(Quantity::new(
            "f32_h",
            "best nudge, f32",
            "",
            Style::Decimals(1),
            vec![best_single.1],
        ))
        .quantity(quantity("f32_error", "error at the best nudge, f32", best_single.0))
        .record()?;
    Ok(())
}
