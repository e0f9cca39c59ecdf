//! A training run in a file, so that it can go on after it was broken off, to the same
//! weights to the bit.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::layer::Network;
use crate::mnist::optimiser::Memory;
use crate::mnist::{Epoch, Recipe, Training};
use crate::model::{MOST_PARAMETERS, check_sizes};
use crate::pixels::Digits;
use crate::tensors::{self, Tensors, UNFINISHED, hexadecimal, one_line};

/// How many checkpoints of a run are kept.
pub const KEPT: usize = 3;

/// What the metadata `format` says.
const FORMAT: &str = "neurons-checkpoint-1";
/// The network, the best one, two moments of Adam, and a header.
const MOST_BYTES: usize = 4 * 8 * MOST_PARAMETERS + (1 << 20);

/// Why a checkpoint cannot be written or used: one sentence with what to do next.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the sentence of a variant tells what its fields are")]
pub enum CheckpointError {
    /// Another process writes there.
    #[error(
        "another run{owner} keeps its checkpoints in {}: wait for it, or name another folder",
        folder.display()
    )]
    InUse { folder: PathBuf, owner: String },
    /// A new run would mix with an old one.
    #[error(
        "{} holds checkpoints of an earlier run: go on with it by --resume, or name another folder",
        folder.display()
    )]
    Taken { folder: PathBuf },
    /// There is nothing to go on with.
    #[error("{} holds no checkpoint: name the folder that --checkpoint named", folder.display())]
    Empty { folder: PathBuf },
    /// None of them is whole.
    #[error(
        "none of the checkpoints in {} can be used (the newest: {flaw}): train again from the start",
        folder.display()
    )]
    Ruined { folder: PathBuf, flaw: String },
    /// The system does not give it.
    #[error("the checkpoint {} cannot be read: {error}", path.display())]
    Read { path: PathBuf, error: io::Error },
    /// The system does not take it.
    #[error(
        "no checkpoint can be written to {}: {error}; make room there, or name another folder",
        folder.display()
    )]
    Write { folder: PathBuf, error: io::Error },
    /// The digits are not those that it was trained on.
    #[error(
        "the checkpoint {} was made with other digits: name the data that it was begun with, by \
         --data and --pictures",
        path.display()
    )]
    OtherDigits { path: PathBuf },
}

/// A folder of checkpoints, which belongs to one process at a time.
#[derive(Debug)]
pub struct Checkpoints {
    folder: PathBuf,
    /// Locked; the system unlocks it when the process ends, however it ends.
    _lock: File,
}

/// The newest checkpoint that can be used.
#[derive(Debug)]
pub struct Found {
    /// The run, as it was then.
    pub training: Training,
    /// Its file.
    pub path: PathBuf,
    /// What is wrong with newer ones, a sentence each.
    pub damaged: Vec<String>,
    /// The [`fingerprint`] of the digits.
    pub digits: String,
}

impl Checkpoints {
    /// Takes a folder for this process, and makes it if need be. What a run that was killed
    /// left half-written is removed.
    ///
    /// # Errors
    /// [`CheckpointError::InUse`] if another process has it, [`CheckpointError::Write`] if
    /// nothing can be written there.
    pub fn open(folder: &Path) -> Result<Self, CheckpointError> {
        let unwritable = |error| CheckpointError::Write { folder: folder.into(), error };
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
                return Err(CheckpointError::InUse { folder: folder.into(), owner });
            }
            // A file system without locks: then it is on the user.
            Err(TryLockError::Error(_)) => {}
            Ok(()) => {
                let owner = format!("{}\n", std::process::id());
                lock.set_len(0)
                    .and_then(|()| lock.write_all(owner.as_bytes()))
                    .map_err(unwritable)?;
            }
        }
        let folder = Checkpoints { folder: folder.into(), _lock: lock };
        for entry in fs::read_dir(&folder.folder).map_err(unwritable)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
                let _ = fs::remove_file(entry.path()); // If it stays, it is only in the way.
            }
        }
        Ok(folder)
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// [`Checkpoints::open`] for a run that begins: the folder must not hold another.
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

    /// [`Checkpoints::open`] for a folder whose checkpoints may be thrown away.
    ///
    /// # Errors
    /// Also if one cannot be removed.
    pub fn replace(folder: &Path) -> Result<Self, CheckpointError> {
        let checkpoints = Checkpoints::open(folder)?;
        for path in checkpoints.newest_first()? {
            let unwritable =
                |error| CheckpointError::Write { folder: folder.into(), error };
            fs::remove_file(path).map_err(unwritable)?;
        }
        Ok(checkpoints)
    }

    /// Writes a checkpoint, and removes those that are older than the last [`KEPT`]. The
    /// file is whole or not there. `digits` is the [`fingerprint`] of what is trained on.
    ///
    /// ```
    /// use neurons::checkpoint::Checkpoints;
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
    /// [`CheckpointError::Write`]; then those that were there still are.
    pub fn save(
        &self,
        training: &Training,
        digits: &str,
    ) -> Result<PathBuf, CheckpointError> {
        let name = file_name(training.memory.steps);
        let path = self.folder.join(&name);
        tensors::write(&path, &encode(training, digits)).map_err(|error| {
            CheckpointError::Write { folder: self.folder.clone(), error }
        })?;
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
    pub fn newest(&self) -> Result<Found, CheckpointError> {
        let mut damaged = Vec::new();
        for path in self.newest_first()? {
            let read =
                tensors::read(&path, MOST_BYTES).map_err(|error| error.to_string());
            match read.and_then(|bytes| parse(&bytes)) {
                Ok((training, digits)) => {
                    return Ok(Found { training, path, damaged, digits });
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
        let unreadable =
            |error| CheckpointError::Read { path: self.folder.clone(), error };
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("step-") && name.ends_with(".safetensors") {
                paths.push(path);
            }
        }
        paths.sort_unstable_by(|a, b| b.cmp(a));
        Ok(paths)
    }
}

/// In the order of names as of steps.
fn file_name(steps: u64) -> String {
    format!("step-{steps:012}.safetensors")
}

/// The SHA-256 of pictures and labels: a run goes on with the digits that it began with.
///
/// ```
/// use neurons::{checkpoint::fingerprint, pixels::Digits};
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

/// All of a [`Training`] but its arrays.
#[derive(Serialize, Deserialize)]
struct State {
    recipe: Recipe,
    /// Where in its stream the random generator stands.
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
    let Training { recipe, network, memory, random, steps, cost, epochs, best, seconds } =
        training;
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
    let state = serde_json::to_string(&state).expect("numbers and names are JSON");
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

/// The run that the bytes of a checkpoint hold, and the [`fingerprint`] of its digits.
///
/// ```
/// use neurons::{checkpoint::{encode, parse}, mnist::{Recipe, Training}};
/// let bytes = encode(&Training::new(Recipe::book()), "these digits");
/// assert_eq!(parse(&bytes)?.1, "these digits");
/// assert!(parse(&bytes[..bytes.len() - 1]).is_err());
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
/// The end of a sentence about the file.
pub fn parse(bytes: &[u8]) -> Result<(Training, String), String> {
    decode(bytes).map_err(|flaw| one_line(&flaw))
}

fn decode(bytes: &[u8]) -> Result<(Training, String), String> {
    let mut tensors = Tensors::of_format(bytes, FORMAT, MOST_BYTES)?;
    tensors.said("sha256")?;
    let digits = tensors.said("digits")?.to_string();
    let state: State = serde_json::from_str(tensors.said("training")?)
        .map_err(|error| format!("its metadata are not those of a run ({error})"))?;
    let recipe = state.recipe;
    check_sizes(&recipe.sizes)?;
    let numbered = state.epochs.iter().zip(1..).all(|(epoch, n)| epoch.number == n);
    let has_best = state.best.is_none_or(|best| (1..=state.epochs.len()).contains(&best));
    if recipe.batch == 0 || recipe.patience == Some(0) || !numbered || !has_best {
        return Err("its metadata contradict each other".into());
    }

    let network = |layers| {
        let mut activations = vec![recipe.activation; recipe.sizes.len() - 1];
        *activations.last_mut().expect("at least one layer") =
            recipe.objective.last_activation();
        Network { layers, activations }
    };
    let mut take = |prefix: &str| tensors.take_layers(prefix, &recipe.sizes);
    let layers = take("layers.")?;
    let moments = (0..recipe.optimiser.moments()).map(|i| take(&format!("moments.{i}.")));
    let moments = moments.collect::<Result<_, _>>()?;
    let best = match state.best {
        Some(epoch) => Some((epoch, network(take("best.")?))),
        None => None,
    };
    if !tensors.is_empty() {
        return Err("it has more tensors than its run has".into());
    }
    let mut random = ChaCha8Rng::seed_from_u64(recipe.seed);
    let place: u128 =
        state.random.parse().map_err(|_| "its random generator stands nowhere")?;
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
