//! From the start of the process to a network that reads 98 % of MNIST's test pictures, for
//! the ledger of numbers: the files are read and unpacked, a network is trained and tested.
//! With `--seed N` it is one such process; without, five of them are timed.
//!
//! `MNIST_DIR=… cargo run --release --example cold_start`

use std::process::Command;
use std::time::Instant;

use mdbook_neurons::ledger::{Quantity, Run, Style::Decimals, this_machine};
use neurons::digits::dataset;
use neurons::engine::{Engine, lit::Lit};
use neurons::gradient_descent::mini_batches;
use neurons::mnist::optimiser::{Optimiser, Schedule};
use neurons::mnist::{Recipe, Training};
use neurons::sigmoid::Activation;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn recipe(seed: u64) -> Recipe {
    Recipe {
        sizes: vec![784, 128, 10],
        activation: Activation::Relu,
        epochs: 6,
        batch: 100,
        rate: 0.1,
        schedule: Schedule::Cosine,
        optimiser: Optimiser::Momentum(0.9),
        seed,
        ..Recipe::book()
    }
}

/// The accuracy on the test pictures, after training on all 60,000 others.
fn train(seed: u64) -> Result<f64, Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let lit_pictures = Lit::from(&data.train);
    let Training { recipe, network, memory, .. } = Training::new(recipe(seed));
    let mut engine = Engine::new(&recipe, &network, &memory, 2);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for epoch in 1..=recipe.epochs {
        let rate = recipe.schedule.rate(recipe.rate, epoch, recipe.epochs);
        for rows in mini_batches(data.train.len(), recipe.batch, &mut random) {
            engine.step(&lit_pictures, &data.train.labels, &rows, rate);
        }
    }
    Ok(engine.accuracy(&Lit::from(&data.test), &data.test.labels))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    if let (Some("--seed"), Some(seed)) = (arguments.next().as_deref(), arguments.next())
    {
        println!("{}", train(seed.parse()?)?);
        return Ok(());
    }
    let (mut seconds, mut accuracies) = (vec![], vec![]);
    for seed in 1..=5 {
        let start = Instant::now();
        let child = Command::new(std::env::current_exe()?)
            .args(["--seed", &seed.to_string()])
            .output()?;
        seconds.push(start.elapsed().as_secs_f64());
        if !child.status.success() {
            return Err(String::from_utf8_lossy(&child.stderr).into());
        }
        let accuracy: f64 = String::from_utf8(child.stdout)?.trim().parse()?;
        println!("seed {seed}: {:.2} % in {:.2} s", 100.0 * accuracy, seconds[seed - 1]);
        accuracies.push(100.0 * accuracy);
    }
    Run::new(
        "From the start of the process to a tested network, 784-128-10, on one machine",
        "MNIST_DIR=… cargo run --release --example cold_start",
    )
    .machine(this_machine())
    .seeds(1..=5)
    .quantity(Quantity::new("seconds", "time", "s", Decimals(2), seconds))
    .quantity(Quantity::new(
        "test",
        "accuracy, test pictures",
        "%",
        Decimals(2),
        accuracies,
    ))
    .record("cold_start")?;
    Ok(())
}
