//! `mnist train`: which runs are made, from where, and into which folder.

use std::fs;
use std::path::Path;

use neurons::mnist::{Recipe, Training};
use neurons::trainer::checkpoint::{
    CheckpointError, Checkpoints, NewestCheckpoint,
};
use neurons::trainer::run_digits::RunDigits;

use crate::Done;
use crate::one_run::{OneRun, TrainError, by_engine};
use crate::options::Train;
use crate::terminal::{self, say, warn};
use crate::{compare, digits, interrupts};

pub fn run(options: &Train) -> Done {
    if options.quiet {
        terminal::be_quiet();
    }
    digits::start_threads(&options.common)?;
    #[cfg(feature = "mpi")]
    {
        let ranks = neurons::engine::mpi::Ranks::join();
        if ranks.size() > 1 {
            return crate::processes::run(options, &ranks);
        }
    }
    check_writable(&options.out)?;
    interrupts::listen()?;
    // Whether the checkpoints can be used is known before minutes are spent on the digits.
    let found = match &options.resume {
        Some(folder) => Some(newest(folder)?),
        None => None,
    };
    let begun = match &options.checkpoint {
        Some(folder) => Some(Checkpoints::begin(folder)?),
        None => None,
    };
    let digits = RunDigits::divided(
        digits::load(&options.common)?,
        options.pictures,
    )?;
    let run = OneRun {
        options,
        digits: &digits,
        out: &options.out,
        take_steps: &by_engine,
    };
    let recipe = options.choices.recipe();
    match (found, options.repeat) {
        (Some((checkpoints, newest)), _) => {
            let training = go_on_from(newest, &digits)?;
            run.make(training, Some(checkpoints)).map(drop)
        }
        (None, None) => {
            let training = Training::new(recipe);
            run.make(training, begun).map(drop)
        }
        (None, Some(times)) => {
            let mut runs = vec![];
            for seed in (recipe.seed..).take(times) {
                let name = format!("seed-{seed}");
                let out = options.out.join(&name);
                check_writable(&out)?;
                say!("Seed {seed}, run {} of {times}.\n", runs.len() + 1);
                let recipe = Recipe { seed, ..recipe.clone() };
                let training = Training::new(recipe);
                let run = OneRun { out: &out, ..run };
                runs.push((name, run.make(training, None)?));
            }
            let page = options.out.join("report.html");
            compare::show(&runs, &page, options.common.json)
        }
    }
}

/// A folder of checkpoints, and the newest whole one; warns of damaged ones.
pub fn newest(
    folder: &Path,
) -> Result<(Checkpoints, NewestCheckpoint), CheckpointError> {
    let checkpoints = Checkpoints::resume(folder)?;
    let newest = checkpoints.newest()?;
    newest.damaged.iter().for_each(|sentence| warn(sentence));
    Ok((checkpoints, newest))
}

/// The run of a checkpoint, if it began with these digits.
pub fn go_on_from(
    newest: NewestCheckpoint,
    run_digits: &RunDigits,
) -> Result<Training, CheckpointError> {
    let NewestCheckpoint { training, path, digits, .. } = newest;
    if digits != run_digits.fingerprint() {
        return Err(CheckpointError::OtherDigits { path });
    }
    let (epochs, steps) = (training.epochs.len(), training.memory.steps);
    let path = path.display();
    say!(
        "Going on from {path}: {epochs} epochs and {steps} steps are done.\n"
    );
    Ok(training)
}

/// Makes a folder if it does not exist, and checks that something can be written to it: better to
/// know before an hour of training.
pub fn check_writable(folder: &Path) -> Result<(), TrainError> {
    fs::create_dir_all(folder)
        .and_then(|()| tempfile::tempfile_in(folder).map(drop))
        .map_err(TrainError::unwritable(folder))
}
