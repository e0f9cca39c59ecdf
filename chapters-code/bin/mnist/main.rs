//! The command line of chapter 17: trains a network, tests it, reads pictures, fetches MNIST.

use std::error::Error;
use std::process::ExitCode;

use options::{Command, Options};
use terminal::complain;

mod compare;
mod data;
mod options;
mod predict;
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
    done.unwrap_or_else(|error| match error.is::<train::Interrupted>() {
        true => {
            terminal::note(&error);
            ExitCode::from(train::INTERRUPTED as u8)
        }
        false => {
            complain(&error);
            ExitCode::FAILURE
        }
    })
}
