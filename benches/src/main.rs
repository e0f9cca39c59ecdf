//! Trains the networks of the book with another library, and prints for each a line such as
//! `W1 1 647000`: the network, the threads, and how many pictures are learned from a second.

use std::env;
use std::process::{Command, ExitCode};

use clap::{Parser, ValueEnum};
use neurons::speed::workloads;
use neurons_benches::burn::{Burn, Way};
use neurons_benches::candle::Candle;
use neurons_benches::{Error, Floats, measure};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone, Copy, ValueEnum)]
enum Library {
    Burn,
    Candle,
}

/// Measures how fast a library trains the networks of the book on the MNIST of MNIST_DIR.
#[derive(Parser)]
struct Options {
    library: Library,
    /// Threads that the library may use.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Seconds that each network is trained for, after half a second of warm-up.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Only this network: W1, W2, W3 or W4.
    #[arg(long)]
    workload: Option<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match limited(options.threads) {
        Ok(None) => run(&options).map(|()| ExitCode::SUCCESS),
        Ok(Some(code)) => Ok(code),
        Err(error) => Err(error),
    };
    done.unwrap_or_else(|error| {
        eprintln!("{error}");
        ExitCode::FAILURE
    })
}

/// Runs the program again with the variables that are read before it begins, unless they
/// are set.
fn limited(threads: u16) -> Result<Option<ExitCode>, Error> {
    let threads = threads.to_string();
    let wanted = [
        ("RAYON_NUM_THREADS", threads.as_str()),
        ("CANDLE_NUM_THREADS", threads.as_str()),
        // Freed memory is kept: to get it from the system again costs time.
        ("MIMALLOC_PURGE_DELAY", "-1"),
    ];
    if wanted.iter().all(|(name, value)| env::var(name).is_ok_and(|it| it == *value)) {
        return Ok(None);
    }
    let mut again = Command::new(env::current_exe()?);
    let status = again.args(env::args_os().skip(1)).envs(wanted).status()?;
    Ok(Some(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }))
}

fn run(options: &Options) -> Result<(), Error> {
    let wanted = |name: &str| options.workload.as_ref().is_none_or(|it| it == name);
    if !workloads().iter().any(|(name, _)| wanted(name)) {
        return Err("the workloads are W1, W2, W3 and W4".into());
    }
    let data = neurons::digits::dataset::mnist()?;
    let floats = Floats::of(&data.train);
    for (name, recipe) in workloads().iter().filter(|(name, _)| wanted(name)) {
        let (n, s) = (floats.pictures, options.seconds);
        let burn = |way| measure(&mut Burn::new(recipe, &floats, way), recipe, n, s);
        let speed = match options.library {
            Library::Burn => {
                burn(Way::Autodiff).and_then(|a| Ok(a.max(burn(Way::ByHand)?)))
            }
            Library::Candle => measure(&mut Candle::new(recipe, &floats)?, recipe, n, s),
        };
        let speed = speed.map_err(|error| format!("{name}: {error}"))?;
        println!("{name} {} {speed:.0}", options.threads);
    }
    Ok(())
}
