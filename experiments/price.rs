//! Times the two ways to the 13,002 derivatives of one picture, for the ledger of
//! numbers.
//!
//! `cargo run --release --example price`

use std::time::Instant;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals, this_machine};
use neurons::backprop::cost_and_gradient;
use neurons::cost::{Cost, Quadratic};
use neurons::gradient::central_gradient;
use neurons::{layer::Network, pixels::Digits, sigmoid::Activation::Sigmoid};

/// The median time of several calls, in seconds.
fn median(times: usize, mut f: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..times)
        .map(|_| {
            let start = Instant::now();
            f();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[times / 2]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let digits = Digits::handwriting(10, 1);
    let (x, y) = (digits.x(&[0]), digits.y(&[0]));
    let network = Network::random(&[784, 16, 16, 10], Sigmoid, Sigmoid, 1);
    let at = network.to_vector();
    let forward = median(1001, || {
        std::hint::black_box(network.answers(&x));
    });
    let back = median(1001, || {
        std::hint::black_box(cost_and_gradient(&network, &Quadratic, &x, &y));
    });
    let cost = |p: &_| Quadratic.value(&network.with_vector(p).answers(&x), &y);
    let nudged = median(3, || {
        std::hint::black_box(central_gradient(cost, &at));
    });
    let time = |key, title, unit, in_a_second: f64, decimals, seconds: f64| {
        let value = in_a_second * seconds;
        println!("{title:20} {value:10.decimals$} {unit}");
        Quantity::new(key, title, unit, Decimals(decimals), vec![value])
    };
    let ratio = |key, title, decimals, ratio| {
        Quantity::new(key, title, "", Decimals(decimals), vec![ratio])
    };
    Experiment::new(
        file!(),
        "The price of 13,002 derivatives for one picture, on one machine",
    )
    .machine(this_machine())
    .quantity(time("forward", "one forward pass", "µs", 1e6, 1, forward))
    .quantity(time("back", "backpropagation", "µs", 1e6, 1, back))
    .quantity(time("nudged", "central differences", "s", 1.0, 2, nudged))
    .quantity(ratio(
        "back_in_forward",
        "backpropagation over one forward pass",
        1,
        back / forward,
    ))
    .quantity(ratio(
        "nudged_in_back",
        "central differences over backpropagation",
        0,
        nudged / back,
    ))
    .record()?;
    Ok(())
}
