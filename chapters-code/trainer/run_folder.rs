//! The files that a run of the trainer writes into its folder.
//!
//! | file | what |
//! |---|---|
//! | `run.json` | a [`FinishedRun`]: recipe, data, versions, result |
//! | `metrics.csv` | a line for each epoch |
//! | `model.safetensors` | the network, a [`Model`] |
//! | `report.html` | all of it as a page |
//! | `checkpoints/` | after an interrupt, [`Checkpoints`](crate::trainer::checkpoint::Checkpoints) |

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files::whole_file;
use crate::mnist::{Epoch, Recipe};
use crate::trainer::checkpoint;
use crate::trainer::model_file::{Model, ModelError};

/// A finished run: its settings and its results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FinishedRun {
    /// The version of this program.
    pub version: String,
    /// The name of the recipe, if it is a named one.
    pub name: String,
    /// The recipe, the seed included.
    pub recipe: Recipe,
    /// Where the digits come from: `mnist`, `custom`, `synthetic`.
    pub data: String,
    /// The SHA-256 of the digits, by part: `train`, `validation`, `test`.
    pub sha256: BTreeMap<String, String>,
    /// How many pictures, by part.
    pub pictures: BTreeMap<String, usize>,
    /// How many threads computed it.
    pub threads: usize,
    /// The result of each epoch.
    pub epochs: Vec<Epoch>,
    /// The epoch whose network was kept.
    pub chosen: usize,
    /// Accuracy of that network on the test pictures, from 0 to 1: measured once.
    pub test: f64,
    /// The accuracy that was published for this network, in percent, and the source.
    pub published: Option<(f64, String)>,
}

/// Why a run's folder cannot be read: one sentence with what to do next.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum RunError {
    #[error(
        "{} has no run in it: {error}; name a folder that `mnist train --out` wrote",
        folder.display()
    )]
    Read { folder: PathBuf, error: io::Error },
    #[error("{} was not written by a run, or is damaged ({flaw}): train it again", path.display())]
    Flawed { path: PathBuf, flaw: String },
}

/// The most bytes of a `run.json`: a million epochs take less.
const MOST_BYTES: usize = 1 << 28;

impl FinishedRun {
    /// Reads `run.json` from the folder of a run.
    ///
    /// # Errors
    /// [`RunError`] if there is none, or it cannot be read as one.
    pub fn load(folder: &Path) -> Result<FinishedRun, RunError> {
        let path = folder.join("run.json");
        let bytes =
            whole_file::read(&path, MOST_BYTES).map_err(|error| {
                RunError::Read { folder: folder.into(), error }
            })?;
        serde_json::from_slice(&bytes).map_err(|error| RunError::Flawed {
            path,
            flaw: error.to_string(),
        })
    }

    /// Writes `run.json` and `metrics.csv` into a folder, each whole or not at all.
    ///
    /// # Errors
    /// If the system does not take them.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        whole_file::write(&folder.join("run.json"), json.as_bytes())?;
        save_metrics(&self.epochs, folder)
    }
}

/// The name of the model in the folder of a run.
pub const MODEL: &str = "model.safetensors";
/// Where an interrupted run that was not asked for checkpoints leaves one, in its folder.
pub const CHECKPOINTS: &str = "checkpoints";

/// Whether a folder looks like that of a run, of several, or of checkpoints.
pub fn is_run(folder: &Path) -> bool {
    let has = |name| folder.join(name).exists();
    let files = [MODEL, CHECKPOINTS, "run.json", "seed-1"];
    files.into_iter().any(has) || checkpoint::paths_in(folder).is_some()
}

/// The model that a path names, and the file that it was read from: the path is a model, a
/// checkpoint, or the folder of a run or of checkpoints.
///
/// Of a checkpoint, the network that [`Training::chosen`](crate::mnist::Training::chosen) names.
///
/// ```
/// use neurons::{mnist::{Objective, Recipe}, trainer::model_file::Model, trainer::run_folder::model_at};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// let model = Model { network: Recipe::book().network(), objective: Objective::Softmax };
/// model.save(&path)?;
/// assert_eq!(model_at(folder.path())?, (model, path));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ModelError`], as [`Model::load`]; or if the folder has neither a model nor a checkpoint.
pub fn model_at(path: &Path) -> Result<(Model, PathBuf), ModelError> {
    if path.is_dir() && !path.join(MODEL).exists() {
        return match checkpoint::paths_in(path)
            .or(checkpoint::paths_in(&path.join(CHECKPOINTS)))
        {
            Some(newest_first) => model_at(&newest_first[0]),
            None => {
                let seeds = path.join("seed-1").is_dir();
                let folder = path.to_path_buf();
                let advice = match seeds {
                    true => format!(
                        "name one of its runs, as {}",
                        path.join("seed-1").display()
                    ),
                    false => {
                        "name the folder of a run, or train with `mnist train`".into()
                    }
                };
                Err(ModelError::NoModel { folder, advice })
            }
        };
    }
    let path =
        if path.is_dir() { path.join(MODEL) } else { path.to_path_buf() };
    let model = Model::load(&path);
    if let Err(ModelError::Flawed { .. }) = model
        && let Ok((training, _)) = checkpoint::load(&path)
    {
        let (network, objective) =
            (training.chosen().clone(), training.recipe.objective);
        return Ok((Model { network, objective }, path));
    }
    Ok((model?, path))
}

/// Writes `metrics.csv`: the result of each epoch, a line each.
///
/// # Errors
/// If the system does not take it.
pub fn save_metrics(epochs: &[Epoch], folder: &Path) -> io::Result<()> {
    let mut csv = String::from("epoch,rate,cost,validation,seconds\n");
    for Epoch { number, rate, cost, validation, seconds, .. } in epochs {
        let _ = writeln!(
            csv,
            "{number},{rate},{cost},{validation},{seconds:.3}"
        );
    }
    whole_file::write(&folder.join("metrics.csv"), csv.as_bytes())
}
