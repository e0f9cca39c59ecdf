//! Trains four networks on MNIST with this book's engine and with the libraries of `benches/`,
//! for the ledger of numbers: pictures per second, by one thread and by two. Every run goes to
//! `images/peers.csv`, which chapter 20 draws.
//!
//! `MNIST_DIR=… PYTHON=… cargo run --release --example peers` (`benches/README.md` says what
//! PYTHON needs; it takes half an hour)

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals, this_machine};
use neurons::digits::dataset;
use neurons::engine::kernel::peak;
use neurons::engine::{Engine, lit::Lit};
use neurons::gradient_descent::mini_batches;
use neurons::mnist::{Recipe, Training};
use neurons::pixels::{Digits, PIXELS};
use neurons::speed::workloads;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// How often everything is measured, and for how many seconds.
const RUNS: usize = 5;
const SECONDS: f64 = 1.0;

/// Pictures per second: the kindest tenth of windows of 50 ms, after half a second.
fn engine(recipe: &Recipe, digits: &Digits, lit: &Lit, threads: usize) -> f64 {
    let Training { network, memory, .. } = Training::new(recipe.clone());
    let mut engine = Engine::new(recipe, &network, &memory, threads);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let start = Instant::now();
    let (mut windows, mut window, mut pictures) = (vec![], Instant::now(), 0);
    while start.elapsed().as_secs_f64() < SECONDS + 0.5 {
        for rows in mini_batches(digits.len(), recipe.batch, &mut random) {
            black_box(engine.step(lit, &digits.labels, &rows, recipe.rate));
            pictures += rows.len();
            let seconds = window.elapsed().as_secs_f64();
            if seconds >= 0.05 {
                if start.elapsed().as_secs_f64() > 0.5 {
                    windows.push(pictures as f64 / seconds);
                }
                (window, pictures) = (Instant::now(), 0);
            }
        }
    }
    windows.sort_by(f64::total_cmp);
    windows[windows.len() * 9 / 10]
}

/// Multiplications of a picture, forward and back, if a part of the pixels is looked at. No
/// δ is needed of the pixels, so the first layer has two products in place of three.
fn multiplications(recipe: &Recipe, part: f64) -> f64 {
    let weights = |pair: &[usize]| (pair[0] * pair[1]) as f64;
    let mut layers = recipe.sizes.windows(2).map(weights);
    2.0 * part * layers.next().unwrap_or(0.0) + 3.0 * layers.sum::<f64>()
}

/// The lines `W1 1 647000` of another program.
fn lines(
    command: &mut Command,
) -> Result<Vec<(String, f64)>, Box<dyn std::error::Error>> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {error}").into());
    }
    let lines = String::from_utf8(output.stdout)?;
    let measured = lines.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [workload @ ("W1" | "W2" | "W3" | "W4"), _, speed] = words[..] else {
            return None;
        };
        Some((workload.to_string(), speed.parse().ok()?))
    });
    Ok(measured.collect())
}

/// `NumPy 2.4.1, …`: the libraries as they are installed, or locked in `benches/`.
fn versions(python: &str) -> Result<String, Box<dyn std::error::Error>> {
    let ask = "from importlib.metadata import version as v\n\
               print(f'NumPy {v(\"numpy\")}, PyTorch {v(\"torch\")}, JAX {v(\"jax\")}')";
    let output = Command::new(python).args(["-c", ask]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let mut versions = String::from_utf8(output.stdout)?.trim().to_string();
    let lock = std::fs::read_to_string("benches/Cargo.lock")?;
    for (crate_name, name) in [("burn", "burn"), ("candle-core", "candle")] {
        let (_, after) = lock
            .split_once(&format!("name = \"{crate_name}\"\nversion = \""))
            .ok_or_else(|| format!("benches/Cargo.lock has no {crate_name}"))?;
        let version = after.split('"').next().unwrap_or_default();
        write!(versions, ", {name} {version}")?;
    }
    Ok(versions)
}

/// How chapter 20 names what was measured.
fn shown(who: &str) -> &str {
    match who {
        "engine" => "this book",
        "dense" => "this book, no zeros",
        "lit_limit" => "limit, lit pixels",
        "numpy" => "NumPy",
        "pytorch" => "PyTorch",
        "jax" => "JAX",
        who => who,
    }
}

/// `W1, 2 threads`.
fn with_threads(name: &str, threads: usize) -> String {
    format!("{name}, {threads} thread{}", if threads == 1 { "" } else { "s" })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let folder = std::env::var("MNIST_DIR").map_err(|_| "MNIST_DIR names no folder")?;
    let python = std::env::var("PYTHON").unwrap_or("python3".into());
    let machine = format!("{}, {}", this_machine(), versions(&python)?);
    let digits = data.train;
    let lit = Lit::from(&digits);
    // Nothing is 0: the same pictures with ink and paper exchanged.
    let negative = digits.images.mapv(|p| (255 - p).max(1));
    let dense = Lit::of(negative.as_slice().ok_or("they lie in one piece")?, PIXELS);
    let part = digits.images.iter().filter(|&&p| p > 0).count() as f64
        / digits.images.len() as f64;

    let peers = |library: &str, threads: usize| {
        let (threads, seconds) = (threads.to_string(), SECONDS.to_string());
        let mut command;
        if let "burn" | "candle" = library {
            command = Command::new(env!("CARGO"));
            command.args([
                "run",
                "--release",
                "--quiet",
                "--manifest-path",
                "benches/Cargo.toml",
            ]);
            command.args(["--", library, "--threads", &threads, "--seconds", &seconds]);
        } else {
            command = Command::new(&python);
            command.arg(format!("benches/peers/{library}_peer.py"));
            command.args([&folder, &threads, &seconds]);
        }
        lines(&mut command)
    };

    // (workload, threads, who): pictures per second, one for each run.
    let mut speeds: BTreeMap<(String, usize, &str), Vec<f64>> = BTreeMap::new();
    let mut peaks = vec![];
    for run in 1..=RUNS {
        peaks.push(peak());
        for threads in [1, 2] {
            let mut measured = vec![];
            for (name, recipe) in workloads() {
                for (who, lit) in [("engine", &lit), ("dense", &dense)] {
                    // At the usual rates, pictures full of ink drive the sigmoids to where
                    // slopes are denormal numbers, with which every processor is slow.
                    let rate =
                        if who == "dense" { 0.01 * recipe.rate } else { recipe.rate };
                    let recipe = Recipe { rate, ..recipe.clone() };
                    let speed = engine(&recipe, &digits, lit, threads);
                    measured.push((name.to_string(), who, speed));
                }
            }
            for library in ["numpy", "pytorch", "jax", "burn", "candle"] {
                let lines = peers(library, threads)?;
                measured.extend(
                    lines.into_iter().map(|(name, speed)| (name, library, speed)),
                );
            }
            for (name, who, speed) in measured {
                println!(
                    "run {run}: {name}, threads {threads}, {who:8} {:8.0} k/s",
                    speed / 1e3
                );
                speeds.entry((name, threads, who)).or_default().push(speed);
            }
        }
    }

    let median = |numbers: &[f64]| {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    };
    let peak = median(&peaks);
    for (name, recipe) in workloads() {
        for threads in [1, 2] {
            for (who, part) in [("limit", 1.0), ("lit_limit", part)] {
                let speed = threads as f64 * peak / multiplications(&recipe, part);
                speeds.insert((name.to_string(), threads, who), vec![speed]);
            }
        }
    }

    let mut csv = String::from("workload,threads,who,median,lowest,highest\n");
    let mut found = Experiment::new(
        file!(),
        "Training on MNIST, in thousands of pictures per second: the median of five runs on one \
         machine",
    )
    .asks(&["MNIST_DIR", "PYTHON"])
    .machine(machine)
    .reads(["benches/Cargo.lock", "benches/Cargo.toml", "benches/peers", "benches/src"]);
    let of =
        |name: &str, threads, who| median(&speeds[&(name.to_string(), threads, who)]);
    for ((name, threads, who), all) in &speeds {
        let [low, high] = [f64::min, f64::max]
            .map(|of| all.iter().copied().reduce(of).unwrap_or_default());
        writeln!(csv, "{name},{threads},{who},{:.0},{low:.0},{high:.0}", median(all))?;
        let key = format!("{}_{threads}_{who}", name.to_lowercase());
        let title = format!("{}: {}", with_threads(name, *threads), shown(who));
        let thousands = all.iter().map(|speed| speed / 1e3).collect();
        found =
            found.quantity(Quantity::median(&key, &title, "", Decimals(0), thousands));
    }
    for (name, _) in workloads() {
        for threads in [1, 2] {
            let libraries = ["numpy", "pytorch", "jax", "burn", "candle"];
            let best = libraries
                .map(|who| of(name, threads, who))
                .into_iter()
                .fold(0.0, f64::max);
            for who in ["engine", "dense"] {
                let ratio = of(name, threads, who) / best;
                println!(
                    "{name}, threads {threads}: {who} is {ratio:.2} times the best library"
                );
                let key = format!("{}_{threads}_{who}_ratio", name.to_lowercase());
                let title = format!(
                    "{}: {} over the best library",
                    with_threads(name, threads),
                    shown(who)
                );
                found = found.quantity(Quantity::new(
                    &key,
                    &title,
                    "",
                    Decimals(2),
                    vec![ratio],
                ));
            }
        }
        let scaling = of(name, 2, "engine") / of(name, 1, "engine");
        let key = format!("{}_scaling", name.to_lowercase());
        let title = format!("{name}: this book, two threads over one");
        found =
            found.quantity(Quantity::new(&key, &title, "", Decimals(2), vec![scaling]));
    }
    let peak = Quantity::median(
        "peak",
        "the most that one core can do",
        "GFLOP/s",
        Decimals(0),
        peaks.iter().map(|peak| 2.0 * peak / 1e9).collect(),
    );
    std::fs::write("images/peers.csv", csv)?;
    found.quantity(peak).record()?;
    Ok(())
}
