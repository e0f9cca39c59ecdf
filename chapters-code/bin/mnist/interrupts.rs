//! Ctrl-C during training: a checkpoint is written, and the command that goes on from it is printed.

use std::path::Path;
use std::process::exit;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use neurons::mnist::Training;

use crate::options::Train;
use crate::terminal::warn;

/// The exit code of a program that Ctrl-C ended.
pub const EXIT_CODE: i32 = 130;

/// How often the user or the system asked the program to end.
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);

/// The first Ctrl-C (or SIGTERM) ends the program after the current step, the second at once.
pub fn listen() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| match INTERRUPTS.fetch_add(1, SeqCst) {
        0 => warn(
            &"stopping after this step, with a checkpoint; press Ctrl-C again to stop at once",
        ),
        _ => exit(EXIT_CODE),
    })
}

/// Whether the program was asked to end.
pub fn asked_to_end() -> bool {
    INTERRUPTS.load(SeqCst) > 0
}

/// A run that the user interrupted.
#[derive(Debug, thiserror::Error)]
#[error(
    "stopped in epoch {epoch} after step {step}; go on with: {command}"
)]
pub struct Interrupted {
    epoch: usize,
    step: u64,
    command: String,
}

impl Interrupted {
    /// A run into the folder `out` that goes on from the newest of the `checkpoints`.
    pub fn new(
        options: &Train,
        training: &Training,
        checkpoints: &Path,
        out: &Path,
    ) -> Self {
        let program = std::env::args_os().next().unwrap_or("mnist".into());
        let mut command = format!(
            "{} train --resume {} --out {}",
            quoted(Path::new(&program)),
            quoted(checkpoints),
            quoted(out)
        );
        if let Some(data) = &options.common.data {
            command += &format!(" --data {}", quoted(data));
        }
        if let Some(pictures) = options.pictures {
            command += &format!(" --pictures {pictures}");
        }
        if let Some(steps) = options.checkpoint_steps {
            command += &format!(" --checkpoint-steps {steps}");
        }
        Interrupted {
            epoch: training.epochs.len() + 1,
            step: training.memory.steps,
            command,
        }
    }
}

/// A path quoted for a shell.
pub fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:\\".contains(c);
    match path.chars().all(plain) {
        true => path,
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}
