//! The command line of chapter 17: trains a network, tests it, reads pictures, fetches MNIST.

use std::error::Error;
use std::process::ExitCode;

use options::{Command, Options};
use terminal::complain;

mod compare;
mod data;
mod digits;
mod interrupts;
mod one_run;
mod option_values;
mod options;
mod predict;
#[cfg(feature = "mpi")]
mod processes;
mod progress;
mod terminal;
mod test;
mod train;

type Done = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let success = |()| ExitCode::SUCCESS;
    let done = match Options::read().chosen() {
        Command::Train(options) => train::run(&options).map(success),
        Command::Test(options) => test::run(&options).map(success),
        Command::Predict(options) => predict::run(&options),
        Command::Data(options) => data::run(&options).map(success),
        Command::Compare(options) => compare::run(&options).map(success),
    };
    done.unwrap_or_else(|error| {
        match error.is::<interrupts::Interrupted>() {
            true => {
                terminal::note(&error);
                ExitCode::from(interrupts::EXIT_CODE as u8)
            }
            false => {
                complain(&error);
                ExitCode::FAILURE
            }
        }
    })
}
