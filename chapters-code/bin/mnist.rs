//! The command line of chapter 17: trains a network, tests it, reads a picture, fetches MNIST.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use options::{Command, Options};
use terminal::complain;

#[path = "mnist/data.rs"]
mod data;
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
        Command::Data(options) => data::run(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<train::Interrupted>() => {
            terminal::note(&error);
            ExitCode::from(train::INTERRUPTED as u8)
        }
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

mod compare {
    pub fn tell(
        _: &[(String, neurons::run::Run)],
        _: &std::path::Path,
        _: bool,
    ) -> crate::Done {
        Ok(())
    }
} // INTERIM
