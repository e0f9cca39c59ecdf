//! Times the scalar tape of chapter 15 on one picture in the book's network, and chapter 12 on
//! the same, for the ledger of numbers.
//!
//! `cargo run --release --example tape_price`

use std::hint::black_box;
use std::time::Instant;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::backprop::cost_and_gradient;
use neurons::cost::Quadratic;
use neurons::gradient::largest_error;
use neurons::ndarray::{Array1, Array2};
use neurons::tape::{Tape, Var};
use neurons::{layer::Network, pixels::Digits, sigmoid::Activation::Sigmoid};

const TIMES: usize = 101;

/// Writes ½ Σ (a − y)² for one picture, and returns it with all weights and biases.
fn write<'t>(
    tape: &'t Tape,
    network: &Network,
    x: &Array2<f64>,
    y: &Array2<f64>,
) -> (Var<'t>, Vec<Var<'t>>) {
    let mut knobs = vec![];
    let mut a: Vec<Var> = x.iter().map(|&x| tape.var(x)).collect();
    for layer in &network.layers {
        let w: Vec<Var> = layer.w.iter().map(|&w| tape.var(w)).collect();
        let b: Vec<Var> = layer.b.iter().map(|&b| tape.var(b)).collect();
        let neuron = |(listens, &b): (&[Var<'t>], &Var<'t>)| {
            let terms = listens.iter().zip(&a).map(|(&w, &a)| w * a);
            terms.fold(b, |sum, term| sum + term).sigmoid()
        };
        let next = w.chunks(layer.w.ncols()).zip(&b).map(neuron).collect();
        a = next;
        knobs.extend(w.into_iter().chain(b));
    }
    let squares = a.iter().zip(y).map(|(&a, &y)| (a - tape.var(y)).powi(2));
    let sum = squares.reduce(|sum, square| sum + square).expect("an output");
    (sum * tape.var(0.5), knobs)
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let digits = Digits::handwriting(1, 1);
    let (x, y) = (digits.x(&[0]), digits.y(&[0]));
    let network = Network::random(&[784, 16, 16, 10], Sigmoid, Sigmoid, 1);
    let (mut writing, mut reading, mut backprop) = (vec![], vec![], vec![]);
    let mut lines = 0;
    for _ in 0..TIMES {
        let tape = Tape::new();
        let start = Instant::now();
        let (cost, knobs) = black_box(write(&tape, &network, &x, &y));
        writing.push(start.elapsed().as_secs_f64());

        let start = Instant::now();
        let gradients = black_box(cost.gradients());
        reading.push(start.elapsed().as_secs_f64());
        lines = tape.len();

        let start = Instant::now();
        let (_, layers) = black_box(cost_and_gradient(&network, &Quadratic, &x, &y));
        backprop.push(start.elapsed().as_secs_f64());

        let by_hand = Network { layers, ..network.clone() }.to_vector();
        let on_tape: Array1<f64> = knobs.iter().map(|&knob| gradients.of(knob)).collect();
        assert!(largest_error(&on_tape, &by_hand) < 1e-10, "the two must agree");
    }
    let [write, read, back] = [writing, reading, backprop].map(median);
    let micro = |key, title, seconds: f64| {
        Quantity::new(key, title, "µs", Decimals(0), vec![1e6 * seconds])
    };
    let found = Experiment::new(
        file!(),
        "The price of the scalar tape for one picture, 784-16-16-10, on one machine",
    )
    .quantity(Quantity::new(
        "lines",
        "lines on the tape",
        "",
        Decimals(0),
        vec![lines as f64],
    ))
    .quantity(micro("write", "writing the tape", write))
    .quantity(micro("read", "reading it backwards", read))
    .quantity(micro("both", "writing and reading", write + read))
    .quantity(micro("back", "backpropagation, the same derivatives", back))
    .quantity(Quantity::new(
        "read_in_write",
        "reading, as a share of writing",
        "%",
        Decimals(0),
        vec![100.0 * read / write],
    ));
    print!("{}", found.table());
    found.record()?;
    Ok(())
}
