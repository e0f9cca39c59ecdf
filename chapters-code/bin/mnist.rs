//! The command line of chapter 17: trains a network, tests it, reads a picture.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use options::{Command, Options};
use terminal::complain;

#[path = "mnist/compare.rs"]
mod compare;
#[path = "mnist/options.rs"]
mod options;
#[path = "mnist/predict.rs"]
mod predict;
#[path = "mnist/terminal.rs"]
mod terminal;
#[path = "mnist/test.rs"]
mod test;
#[path = "mnist/train.rs"]
mod train;

type Done = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let done = match Options::parse().command() {
        Command::Train(options) => train::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Predict(options) => predict::run(&options),
        Command::Compare(options) => compare::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}
