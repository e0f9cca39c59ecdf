//! How the time of training grows with the pictures, the width, the depth, the batch and the
//! threads, for the ledger of numbers; `images/growth.csv` is what chapter 20 draws.
//!
//! `MNIST_DIR=… cargo run --release --example growth` (six million pictures need 4 GB)

use std::fmt::Write;
use std::time::Instant;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals, this_machine};
use neurons::digits::dataset;
use neurons::engine::{Engine, lit::Lit};
use neurons::gradient_descent::mini_batches;
use neurons::mnist::{Recipe, Training};
use neurons::pixels::{Digits, PIXELS, SIDE};
use neurons::sigmoid::Activation;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn recipe(sizes: Vec<usize>, batch: usize) -> Recipe {
    Recipe { sizes, activation: Activation::Relu, batch, rate: 0.01, ..Recipe::book() }
}

/// Seconds for a picture of an epoch: the median of at least four windows of a tenth of a
/// second, for no longer than it takes to be sure.
fn seconds_a_picture(recipe: &Recipe, labels: &[u8], lit: &Lit, threads: usize) -> f64 {
    let Training { network, memory, .. } = Training::new(recipe.clone());
    let mut engine = Engine::new(recipe, &network, &memory, threads);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let order = mini_batches(lit.len(), recipe.batch, &mut random);
    let start = Instant::now();
    let (mut windows, mut window, mut pictures) = (vec![], Instant::now(), 0);
    for rows in order.iter().cycle() {
        engine.step(lit, labels, rows, recipe.rate);
        pictures += rows.len();
        if window.elapsed().as_secs_f64() > 0.1 {
            windows.push(window.elapsed().as_secs_f64() / pictures as f64);
            (window, pictures) = (Instant::now(), 0);
        }
        if windows.len() >= 5 && start.elapsed().as_secs_f64() > 1.0 {
            break;
        }
    }
    // The first one also touches memory that was never used.
    windows.remove(0);
    windows.sort_by(f64::total_cmp);
    windows[windows.len() / 2]
}

/// The first `n` of the digits, over and over, each time moved by another step.
fn shifted(digits: &Digits, n: usize) -> (Lit, Vec<u8>) {
    let (mut lit, mut labels) = (Lit::new(PIXELS), Vec::with_capacity(n));
    for i in 0..n {
        let (round, row) = (i / digits.len(), i % digits.len());
        let mut picture = digits.images.row(row).to_vec();
        // Nearly all pictures have a margin of four pixels.
        picture.rotate_right((round % 7) * SIDE / 2 + round % 4);
        lit.push(&picture);
        labels.push(digits.labels[row]);
    }
    (lit, labels)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let digits = data.train;
    let mut csv = String::from("what,n,seconds\n");
    let mut note = |what: &str, n: usize, seconds: f64| -> std::fmt::Result {
        println!("{what:8} {n:8} {:10.3} µs a picture", 1e6 * seconds);
        writeln!(csv, "{what},{n},{seconds:.4e}")
    };
    let mut quantities = vec![];
    let mut growth = |key: &str, title: &str, value: f64| {
        quantities.push(Quantity::new(key, title, "", Decimals(2), vec![value]));
    };

    let usual = recipe(vec![784, 128, 10], 100);
    let mut all = vec![];
    for n in [1_000, 10_000, 60_000, 600_000, 6_000_000] {
        let (lit, labels) = shifted(&digits, n);
        all.push(seconds_a_picture(&usual, &labels, &lit, 2));
        note("pictures", n, all[all.len() - 1])?;
    }
    growth("pictures", "time of a picture: 6 million over 60,000", all[4] / all[2]);

    let (lit, labels) = shifted(&digits, 60_000);
    let mut time = |what: &str, n, recipe: &Recipe, threads| {
        let seconds = seconds_a_picture(recipe, &labels, &lit, threads);
        note(what, n, seconds).map(|()| seconds)
    };
    let mut widths = vec![];
    for n in [16, 32, 64, 128, 256, 512, 1024, 2048, 4096] {
        widths.push(time("width", n, &recipe(vec![784, n, 10], 100), 2)?);
    }
    growth("width", "time of a picture: 4,096 neurons over 1,024", widths[8] / widths[6]);
    let mut depths = vec![];
    for n in [1, 2, 4, 8, 16, 32] {
        let mut sizes = vec![784];
        sizes.extend(vec![128; n]);
        sizes.push(10);
        depths.push(time("depth", n, &recipe(sizes, 100), 2)?);
    }
    growth("depth", "time of a picture: 32 hidden layers over 8", depths[5] / depths[3]);
    let mut batches = vec![];
    for n in [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000] {
        batches.push(time("batch", n, &recipe(vec![784, 128, 10], n), 2)?);
    }
    growth(
        "batch",
        "time of a picture: batches of 10,000 over 100",
        batches[8] / batches[4],
    );
    growth(
        "batch_1",
        "time of a picture: batches of 1 over 100",
        batches[0] / batches[4],
    );
    let mut threads = vec![];
    for n in 1..=std::thread::available_parallelism()?.get() {
        threads.push(time("threads", n, &recipe(vec![784, 800, 10], 100), n)?);
    }
    growth(
        "threads",
        "time of a picture, 800 neurons: one thread over all threads",
        threads[0] / threads[threads.len() - 1],
    );
    std::fs::write("images/growth.csv", csv)?;
    let mut found =
        Experiment::new(file!(), "How the time of training grows, on one machine")
            .asks(&["MNIST_DIR"])
            .machine(this_machine());
    for quantity in quantities {
        found = found.quantity(quantity);
    }
    found.record()?;
    Ok(())
}
