//! `mpirun -n 4 mnist train`: the first process talks and writes, the others learn with it.

use std::ops::ControlFlow;

use neurons::engine::mpi::Ranks;
use neurons::mnist::{Precision, Recipe, Training};
use neurons::trainer::checkpoint::{Checkpoints, encode, parse};
use neurons::trainer::run_digits::RunDigits;

use crate::interrupts::{EXIT_CODE, quoted};
use crate::one_run::{OneRun, TrainError};
use crate::options::Train;
use crate::terminal::{self, complain, say};
use crate::train::{check_writable, go_on_from, newest};
use crate::{Done, digits};

pub fn run(options: &Train, ranks: &Ranks) -> Done {
    if ranks.rank() > 0 {
        terminal::be_quiet();
    }
    learn(options, ranks).or_else(|error| {
        complain(&error);
        ranks.abort(1)
    })
}

fn learn(options: &Train, ranks: &Ranks) -> Done {
    if options.repeat.is_some() {
        return Err(TrainError::RepeatWithMpi.into());
    }
    let run_digits = RunDigits::divided(
        digits::load(&options.common)?,
        options.pictures,
    )?;
    let mut checkpoints = None;
    let mut bytes = vec![];
    if ranks.rank() == 0 {
        check_writable(&options.out)?;
        let training = match (&options.resume, &options.checkpoint) {
            (Some(folder), _) => {
                let (opened, newest) = newest(folder)?;
                checkpoints = Some(opened);
                go_on_from(newest, &run_digits)?
            }
            (None, folder) => {
                if let Some(folder) = folder {
                    checkpoints = Some(Checkpoints::begin(folder)?);
                }
                Training::new(options.choices.recipe())
            }
        };
        // The parts of a gradient are added in f64.
        let recipe =
            Recipe { precision: Precision::F64, ..training.recipe.clone() };
        let training = Training { recipe, ..training };
        bytes = encode(&training, &run_digits.fingerprint());
        say!("{} processes share every mini-batch.\n", ranks.size());
    }
    ranks.share(&mut bytes);
    let (mut training, fingerprint) = parse(&bytes)?;
    if fingerprint != run_digits.fingerprint() {
        return Err(TrainError::DifferentDigits.into());
    }
    let is_first = ranks.rank() == 0;
    complain_when_ended(is_first, checkpoints.as_ref())?;
    if is_first {
        return OneRun {
            options,
            digits: &run_digits,
            out: &options.out,
            take_steps: &|training, digits, wanted, watch| {
                let RunDigits { train, validation, .. } = digits;
                ranks.go_on(training, train, validation, wanted, watch)
            },
        }
        .make(training, checkpoints)
        .map(drop);
    }
    let RunDigits { train, validation, .. } = &run_digits;
    let watch = |_: &Training, _| ControlFlow::Continue(());
    let _ =
        ranks.go_on(&mut training, train, validation, |_| false, watch)?;
    Ok(())
}

/// When one process dies, mpirun ends the others: then the first says how to go on.
fn complain_when_ended(
    is_first: bool,
    checkpoints: Option<&Checkpoints>,
) -> Result<(), ctrlc::Error> {
    let folder = checkpoints.map(|kept| kept.folder().to_owned());
    ctrlc::set_handler(move || {
        if is_first {
            let rest = match &folder {
                Some(folder) => format!(
                    "the last checkpoint is whole, go on from it with --resume {}",
                    quoted(folder)
                ),
                None => "there is no checkpoint, so it has to begin again"
                    .into(),
            };
            complain(&format!(
                "the run was ended, or one of its processes was; {rest}"
            ));
        }
        // mpirun needs a moment to print the sentence.
        std::thread::sleep(std::time::Duration::from_millis(500));
        std::process::exit(EXIT_CODE);
    })
}
