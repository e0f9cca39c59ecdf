//! Times the two ways to the 13,002 derivatives of one picture, and writes `images/price.txt`.
//!
//! `cargo run --release --example price`

use std::time::Instant;

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

fn main() -> std::io::Result<()> {
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
    let table = format!(
        "one forward pass   {:10.1} µs\nbackpropagation    {:10.1} µs, {:.1} forward passes\n\
         central difference {:10.1} µs, {:.0} times backpropagation\n",
        1e6 * forward,
        1e6 * back,
        back / forward,
        1e6 * nudged,
        nudged / back,
    );
    print!("{table}");
    std::fs::write("images/price.txt", table)
}
