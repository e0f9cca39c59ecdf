//! A training run in a file. After an interruption the run goes on from it, to the same weights
//! to the bit.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::files::safetensors_file::Tensors;
use crate::files::{hexadecimal, one_line, whole_file};
use crate::layer::{Network, activations};
use crate::mnist::optimiser::Memory;
use crate::mnist::{Epoch, Recipe, Training};
use crate::pixels::Digits;
use crate::trainer::model_file::{MOST_PARAMETERS, ModelFlaw, check_sizes};

/// Number of checkpoints of a run that are kept.
pub const KEPT: usize = 3;

/// Value of the metadata key `format`.
const FORMAT: &str = "neurons-checkpoint-1";
/// The most bytes of a file: the network, the best one, two moments of Adam, and a header.
const MOST_BYTES: usize = 4 * 8 * MOST_PARAMETERS + (1 << 20);

/// Why a checkpoint cannot be written or used: one sentence with what to do next.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum CheckpointError {
    #[error(
        "another run{owner} writes its checkpoints to {}: wait for it, or name another folder",
        folder.display()
    )]
    InUse { folder: PathBuf, owner: String },
    #[error(
        "{} has checkpoints of an earlier run in it: continue that run with --resume, or name another \
         folder",
        folder.display()
    )]
    Taken { folder: PathBuf },
    #[error("{} has no checkpoint in it: {ADVICE}", folder.display())]
    Empty { folder: PathBuf },
    #[error("there is no folder {}: {ADVICE}", folder.display())]
    NoFolder { folder: PathBuf },
    #[error("{} is a file, not a folder of checkpoints: {ADVICE}", path.display())]
    NotAFolder { path: PathBuf },
    #[error("{} is {what}: --resume takes the folder of its checkpoints, {}", path.display(), folder.display())]
    Near { path: PathBuf, what: &'static str, folder: PathBuf },
    #[error(
        "none of the checkpoints in {} can be used (the newest: {flaw}): train again from the start",
        folder.display()
    )]
    Ruined { folder: PathBuf, flaw: String },
    #[error("the checkpoint {} cannot be read: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    #[error(
        "no checkpoint can be written to {}: {error}; make room there, or name another folder",
        folder.display()
    )]
    Write { folder: PathBuf, error: io::Error },
    #[error(
        "the checkpoint {} was made with other digits: give --data and --pictures as when the run \
         began",
        path.display()
    )]
    OtherDigits { path: PathBuf },
}

/// What is wrong with the contents of a checkpoint: the end of a sentence about the file.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum CheckpointFlaw {
    #[error("{0}")]
    Contents(String),
    #[error("its metadata are not those of a run ({0})")]
    NotOfARun(String),
    #[error("{0}")]
    Sizes(#[from] ModelFlaw),
    #[error("its metadata contradict each other")]
    Contradiction,
    #[error("it has more tensors than its run")]
    MoreTensors,
    #[error("the state of its random generator is not a number")]
    Random,
}

impl CheckpointFlaw {
    /// A flaw that another reader found: the system, or that of safetensors files.
    fn contents(flaw: impl fmt::Display) -> Self {
        CheckpointFlaw::Contents(one_line(&flaw.to_string()))
    }
}

/// What to do if there are no checkpoints.
const ADVICE: &str = "name the folder that --checkpoint named";

/// A folder of checkpoints, which belongs to one process at a time.
#[derive(Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    /// The system unlocks it when the process ends, however it ends.
    _lock: File,
}

/// The newest whole checkpoint.
#[derive(Debug)]
pub struct NewestCheckpoint {
    /// The run as it was when the checkpoint was written.
    pub training: Training,
    /// Its file.
    pub path: PathBuf,
    /// A sentence for each newer one, which says why it cannot be used.
    pub damaged: Vec<String>,
    /// The [`fingerprint`] of the digits.
    pub digits: String,
}

impl Checkpoints {
    /// Locks a folder for this process, and makes it if it does not exist. Half-written files of a
    /// run that was killed are removed.
    ///
    /// # Errors
    /// [`CheckpointError::InUse`] if another process has it, [`CheckpointError::Write`] if
    /// nothing can be written there.
    pub fn open(folder: &Path) -> Result<Self, CheckpointError> {
        let unwritable =
            |error| CheckpointError::Write { folder: folder.into(), error };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let path = folder.join("lock");
        let mut lock = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(unwritable)?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let _ = lock.take(40).read_to_string(&mut owner);
                let owner = match owner.trim().parse::<u32>() {
                    Ok(process) => format!(" (process {process})"),
                    Err(_) => String::new(),
                };
                return Err(CheckpointError::InUse {
                    folder: folder.into(),
                    owner,
                });
            }
            // A file system without locks: the user must take care.
            Err(TryLockError::Error(_)) => {}
            Ok(()) => {
                let owner = format!("{}\n", std::process::id());
                lock.set_len(0)
                    .and_then(|()| lock.write_all(owner.as_bytes()))
                    .map_err(unwritable)?;
            }
        }
        let folder = Checkpoints { folder: folder.into(), _lock: lock };
        whole_file::sweep(&folder.folder, |_| true).map_err(unwritable)?;
        Ok(folder)
    }

    /// Their folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// [`Checkpoints::open`] for a run that goes on: the folder must have checkpoints in it. If it
    /// does not, nothing is made or changed.
    ///
    /// # Errors
    /// Also if the folder does not exist or has no checkpoint in it; the sentence says which folder
    /// has.
    pub fn resume(folder: &Path) -> Result<Self, CheckpointError> {
        let path = folder.to_path_buf();
        if folder.is_file() {
            let name =
                folder.file_name().unwrap_or_default().to_string_lossy();
            let parent = folder
                .parent()
                .filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new(".")).to_path_buf();
            return Err(match is_checkpoint(&name) {
                true => CheckpointError::Near {
                    path,
                    what: "a checkpoint",
                    folder: parent,
                },
                false => CheckpointError::NotAFolder { path },
            });
        }
        if !folder.exists() {
            return Err(CheckpointError::NoFolder { folder: path });
        }
        if paths_in(folder).is_some() {
            return Checkpoints::open(folder);
        }
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut below: Vec<_> = entries.map(|entry| entry.path()).collect();
        below.sort();
        Err(match below.into_iter().find(|path| paths_in(path).is_some()) {
            Some(folder) => CheckpointError::Near {
                path,
                what: "the folder of a run",
                folder,
            },
            None => CheckpointError::Empty { folder: path },
        })
    }

    /// [`Checkpoints::open`] for a new run: the folder must not have checkpoints in it.
    ///
    /// # Errors
    /// Also [`CheckpointError::Taken`].
    pub fn begin(folder: &Path) -> Result<Self, CheckpointError> {
        let checkpoints = Checkpoints::open(folder)?;
        match checkpoints.newest_first()?.is_empty() {
            true => Ok(checkpoints),
            false => Err(CheckpointError::Taken { folder: folder.into() }),
        }
    }

    /// [`Checkpoints::open`] for a folder whose checkpoints are removed.
    ///
    /// # Errors
    /// Also if one cannot be removed.
    pub fn replace(folder: &Path) -> Result<Self, CheckpointError> {
        let checkpoints = Checkpoints::open(folder)?;
        for path in checkpoints.newest_first()? {
            let unwritable = |error| CheckpointError::Write {
                folder: folder.into(),
                error,
            };
            fs::remove_file(path).map_err(unwritable)?;
        }
        Ok(checkpoints)
    }

    /// Writes a checkpoint, whole or not at all, and removes all but the last [`KEPT`]. `digits` is
    /// the [`fingerprint`] of the digits of the run.
    ///
    /// ```
    /// use neurons::trainer::checkpoint::Checkpoints;
    /// use neurons::mnist::{Recipe, Training};
    /// let folder = tempfile::tempdir()?;
    /// let checkpoints = Checkpoints::begin(folder.path())?;
    /// checkpoints.save(&Training::new(Recipe::book()), "these digits")?;
    /// let found = checkpoints.newest()?;
    /// assert_eq!(found.training.network, Recipe::book().network());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CheckpointError::Write`]; then the earlier checkpoints are still there.
    pub fn save(
        &self,
        training: &Training,
        digits: &str,
    ) -> Result<PathBuf, CheckpointError> {
        let name = file_name(training.memory.steps);
        let path = self.folder.join(&name);
        whole_file::write(&path, &encode(training, digits)).map_err(
            |error| CheckpointError::Write {
                folder: self.folder.clone(),
                error,
            },
        )?;
        let older = self.newest_first()?;
        let older = older.iter().filter(|other| **other <= path);
        for path in older.skip(KEPT) {
            let _ = fs::remove_file(path); // If it stays, it only takes room.
        }
        Ok(path)
    }

    /// The newest checkpoint that is whole.
    ///
    /// # Errors
    /// [`CheckpointError::Empty`] if there is none, [`CheckpointError::Ruined`] if none is
    /// whole, [`CheckpointError::Read`] if the folder cannot be read.
    pub fn newest(&self) -> Result<NewestCheckpoint, CheckpointError> {
        let mut damaged = Vec::new();
        for path in self.newest_first()? {
            match load(&path) {
                Ok((training, digits)) => {
                    return Ok(NewestCheckpoint {
                        training,
                        path,
                        damaged,
                        digits,
                    });
                }
                Err(flaw) => damaged.push(format!(
                    "the checkpoint {} cannot be used: {flaw}",
                    path.display()
                )),
            }
        }
        let folder = self.folder.clone();
        Err(match damaged.into_iter().next() {
            None => CheckpointError::Empty { folder },
            Some(flaw) => CheckpointError::Ruined { folder, flaw },
        })
    }

    fn newest_first(&self) -> Result<Vec<PathBuf>, CheckpointError> {
        let unreadable = |error| CheckpointError::Read {
            path: self.folder.clone(),
            error,
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if is_checkpoint(
                &path.file_name().unwrap_or_default().to_string_lossy(),
            ) {
                paths.push(path);
            }
        }
        paths.sort_unstable_by(|a, b| b.cmp(a));
        Ok(paths)
    }
}

/// The checkpoints in a folder, the newest first, if there is at least one.
pub(crate) fn paths_in(folder: &Path) -> Option<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let named = |entry: &fs::DirEntry| {
        is_checkpoint(&entry.file_name().to_string_lossy())
    };
    let mut paths: Vec<_> =
        entries.filter(named).map(|entry| entry.path()).collect();
    paths.sort_unstable_by(|a, b| b.cmp(a));
    (!paths.is_empty()).then_some(paths)
}

/// [`parse`] for a file on the disk.
pub(crate) fn load(
    path: &Path,
) -> Result<(Training, String), CheckpointFlaw> {
    let bytes = whole_file::read(path, MOST_BYTES)
        .map_err(CheckpointFlaw::contents)?;
    parse(&bytes)
}

/// The order of the names is the order of the steps.
fn file_name(steps: u64) -> String {
    format!("step-{steps:012}.safetensors")
}

fn is_checkpoint(name: &str) -> bool {
    name.starts_with("step-") && name.ends_with(".safetensors")
}

/// The SHA-256 of pictures and labels, by which a run knows the digits that it began with.
///
/// ```
/// use neurons::{trainer::checkpoint::fingerprint, pixels::Digits};
/// let (a, b) = (Digits::handwriting(10, 1), Digits::handwriting(10, 2));
/// assert_ne!(fingerprint(&[&a, &b]), fingerprint(&[&b, &a]));
/// ```
pub fn fingerprint(sets: &[&Digits]) -> String {
    let mut sum = Sha256::new();
    for digits in sets {
        sum.update((digits.len() as u64).to_le_bytes());
        for image in digits.images.rows() {
            sum.update(image.to_vec());
        }
        sum.update(&digits.labels);
    }
    hexadecimal(sum.finalize())
}

/// All of a [`Training`] except its arrays.
#[derive(Serialize, Deserialize)]
struct State {
    recipe: Recipe,
    /// The position of the random generator in its stream.
    random: String,
    steps: usize,
    cost: f64,
    all_steps: u64,
    epochs: Vec<Epoch>,
    best: Option<usize>,
    seconds: f64,
}

/// The bytes of a checkpoint.
pub fn encode(training: &Training, digits: &str) -> Vec<u8> {
    let Training {
        recipe,
        network,
        memory,
        random,
        steps,
        cost,
        epochs,
        best,
        seconds,
    } = training;
    let state = State {
        recipe: recipe.clone(),
        random: random.get_word_pos().to_string(),
        steps: *steps,
        cost: *cost,
        all_steps: memory.steps,
        epochs: epochs.clone(),
        best: best.as_ref().map(|(epoch, _)| *epoch),
        seconds: *seconds,
    };
    let state =
        serde_json::to_string(&state).expect("numbers and names are JSON");
    let mut tensors = Tensors::new([
        ("format", FORMAT.into()),
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("digits", digits.into()),
        ("training", state),
    ]);
    tensors.add_layers("layers.", &network.layers);
    for (i, moment) in memory.moments.iter().enumerate() {
        tensors.add_layers(&format!("moments.{i}."), moment);
    }
    if let Some((_, best)) = best {
        tensors.add_layers("best.", &best.layers);
    }
    tensors.encode()
}

/// The run in the bytes of a checkpoint, and the [`fingerprint`] of its digits.
///
/// ```
/// use neurons::{trainer::checkpoint::{encode, parse}, mnist::{Recipe, Training}};
/// let bytes = encode(&Training::new(Recipe::book()), "these digits");
/// assert_eq!(parse(&bytes)?.1, "these digits");
/// assert!(parse(&bytes[..bytes.len() - 1]).is_err());
/// # Ok::<(), neurons::trainer::checkpoint::CheckpointFlaw>(())
/// ```
///
/// # Errors
/// Returns an error when the bytes are not those of a whole checkpoint.
pub fn parse(bytes: &[u8]) -> Result<(Training, String), CheckpointFlaw> {
    let mut tensors = Tensors::of_format(bytes, FORMAT, MOST_BYTES)
        .map_err(CheckpointFlaw::contents)?;
    let said = |key| tensors.said(key).map_err(CheckpointFlaw::contents);
    said("sha256")?;
    let digits = said("digits")?.to_string();
    let state: State =
        serde_json::from_str(said("training")?).map_err(|error| {
            CheckpointFlaw::NotOfARun(one_line(&error.to_string()))
        })?;
    let recipe = state.recipe;
    check_sizes(&recipe.sizes)?;
    let numbered =
        state.epochs.iter().zip(1..).all(|(epoch, n)| epoch.number == n);
    let has_best = state
        .best
        .is_none_or(|best| (1..=state.epochs.len()).contains(&best));
    if recipe.batch == 0
        || recipe.patience == Some(0)
        || !numbered
        || !has_best
    {
        return Err(CheckpointFlaw::Contradiction);
    }

    let network = |layers| Network {
        layers,
        activations: activations(
            recipe.sizes.len() - 1,
            recipe.activation,
            recipe.objective.last_activation(),
        ),
    };
    let mut take = |prefix: &str| {
        tensors
            .take_layers(prefix, &recipe.sizes)
            .map_err(CheckpointFlaw::contents)
    };
    let layers = take("layers.")?;
    let moments = (0..recipe.optimiser.moments())
        .map(|i| take(&format!("moments.{i}.")));
    let moments = moments.collect::<Result<_, _>>()?;
    let best = match state.best {
        Some(epoch) => Some((epoch, network(take("best.")?))),
        None => None,
    };
    if !tensors.is_empty() {
        return Err(CheckpointFlaw::MoreTensors);
    }
    let mut random = ChaCha8Rng::seed_from_u64(recipe.seed);
    let place: u128 =
        state.random.parse().map_err(|_| CheckpointFlaw::Random)?;
    random.set_word_pos(place);
    let training = Training {
        network: network(layers),
        memory: Memory { steps: state.all_steps, moments },
        random,
        steps: state.steps,
        cost: state.cost,
        epochs: state.epochs,
        best,
        seconds: state.seconds,
        recipe,
    };
    Ok((training, digits))
}
