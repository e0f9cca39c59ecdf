//! What a run of the trainer leaves in its folder, so that it can be looked at and compared.
//!
//! | file | what |
//! |---|---|
//! | `run.json` | a [`Run`]: recipe, data, versions, result |
//! | `metrics.csv` | a line for each epoch |
//! | `model.safetensors` | the network, a [`Model`](crate::model::Model) |
//! | `report.html` | all of it as a page |

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::mnist::{Epoch, Recipe};
use crate::tensors;

/// A run that is done: what was asked, and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The version of this program.
    pub version: String,
    /// The name of the recipe, if it is a named one.
    pub name: String,
    /// The recipe, the seed included.
    pub recipe: Recipe,
    /// Whose digits: `mnist`, `custom`, `synthetic`.
    pub data: String,
    /// The SHA-256 of the digits, by part: `train`, `validation`, `test`.
    pub sha256: BTreeMap<String, String>,
    /// How many pictures, by part.
    pub pictures: BTreeMap<String, usize>,
    /// Threads.
    pub threads: usize,
    /// What each epoch came to.
    pub epochs: Vec<Epoch>,
    /// The epoch whose network was kept.
    pub chosen: usize,
    /// Accuracy of that network on the test pictures, from 0 to 1: measured once.
    pub test: f64,
    /// The accuracy that was published for this network, in percent, and by whom.
    pub published: Option<(f64, String)>,
}

/// Why a run's folder cannot be read: one sentence with what to do next.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the sentence of a variant tells what its fields are")]
pub enum RunError {
    #[error(
        "{} holds no run: {error}; name a folder that `train --out` wrote",
        folder.display()
    )]
    Read { folder: PathBuf, error: io::Error },
    #[error("{} is not what a run writes ({flaw}): train it again", path.display())]
    Flawed { path: PathBuf, flaw: String },
}

/// The most bytes of a `run.json`: more than a million epochs would fill.
const MOST_BYTES: usize = 1 << 28;

impl Run {
    /// Reads `run.json` from the folder of a run.
    ///
    /// # Errors
    /// [`RunError`] if there is none, or it is something else.
    pub fn load(folder: &Path) -> Result<Run, RunError> {
        let path = folder.join("run.json");
        let bytes = tensors::read(&path, MOST_BYTES)
            .map_err(|error| RunError::Read { folder: folder.into(), error })?;
        serde_json::from_slice(&bytes)
            .map_err(|error| RunError::Flawed { path, flaw: error.to_string() })
    }

    /// Writes `run.json` and `metrics.csv` into a folder, each whole or not at all.
    ///
    /// # Errors
    /// If the system does not take them.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        tensors::write(&folder.join("run.json"), json.as_bytes())?;
        save_metrics(&self.epochs, folder)
    }
}

/// Writes `metrics.csv`: what each epoch came to, a line each.
///
/// # Errors
/// If the system does not take it.
pub fn save_metrics(epochs: &[Epoch], folder: &Path) -> io::Result<()> {
    let mut csv = String::from("epoch,rate,cost,validation,seconds\n");
    for Epoch { number, rate, cost, validation, seconds, .. } in epochs {
        let _ = writeln!(csv, "{number},{rate},{cost},{validation},{seconds:.3}");
    }
    tensors::write(&folder.join("metrics.csv"), csv.as_bytes())
}
