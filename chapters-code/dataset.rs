//! Where the digits come from: four sources, the first that has any is taken.
//!
//! 1. The folder of `--data`, or else of the environment variable `MNIST_DIR`. Whoever names a
//!    folder means it: if it is broken, that is an error, and no other source is tried.
//! 2. The user's cache folder, for instance `~/.cache/neurons/mnist`.
//! 3. A download into that folder, unless `NEURONS_OFFLINE` is set, from public mirrors or from
//!    those that `NEURONS_MIRRORS` names: addresses of folders with the four gzipped files, with
//!    commas between. What was cut short goes on where it ended. It needs the feature `trainer`.
//! 4. Synthetic handwriting ([`Digits::handwriting`]).
//!
//! MNIST is by Yann LeCun and Corinna Cortes, under CC BY-SA 3.0.

use crate::idx::{self, IdxError};
use crate::pixels::Digits;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fmt};

#[cfg(feature = "trainer")]
mod download;

/// One of the four files of a set of digits, as it is when unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its usual name. With `.gz` it is what a mirror offers.
    pub name: &'static str,
    /// How many bytes it has.
    pub length: u64,
    /// Their SHA-256, in 64 hexadecimal digits.
    pub sha256: &'static str,
}

impl Content {
    /// Looks for it in a folder, plain or gzipped, and reads what is there.
    ///
    /// ```
    /// use neurons::{dataset::MNIST, idx};
    /// let folder = tempfile::tempdir()?;
    /// idx::write_labels(&folder.path().join(MNIST[1].name), &[5, 0, 4])?;
    /// let found = MNIST[1].look(folder.path())?;
    /// assert_eq!((found.length, found.count, found.genuine), (8 + 3, 3, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`DataError`] if there is no such file in the folder, or it is broken.
    pub fn look(&self, folder: &Path) -> Result<Found, DataError> {
        let path = locate(folder, self.name)?;
        let (count, file) = if self.name.contains("images") {
            let images = idx::read_images(&path)?;
            (images.nrows(), idx::encode_images(&images))
        } else {
            let labels = idx::read_labels(&path)?;
            (labels.len(), idx::encode_labels(&labels))
        };
        let length = path.metadata().map_or(0, |data| data.len());
        Ok(Found { path, length, count, genuine: sha256(&file) == self.sha256 })
    }
}

/// What a folder has in the place of a [`Content`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// How many bytes it has on the disk, gzipped if it is gzipped.
    pub length: u64,
    /// How many images or labels it holds.
    pub count: usize,
    /// Whether it unpacks to the content's bytes: whether the SHA-256 is the content's.
    pub genuine: bool,
}

/// The files of MNIST: images and labels for training, images and labels for testing.
///
/// ```
/// use neurons::dataset::MNIST;
/// assert_eq!(MNIST[0].length, 16 + 60_000 * 784);
/// ```
pub const MNIST: [Content; 4] = [
    Content {
        name: "train-images-idx3-ubyte",
        length: 47_040_016,
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    Content {
        name: "train-labels-idx1-ubyte",
        length: 60_008,
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    Content {
        name: "t10k-images-idx3-ubyte",
        length: 7_840_016,
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    Content {
        name: "t10k-labels-idx1-ubyte",
        length: 10_008,
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

/// Where a download looks, and how long it waits.
///
/// ```
/// let mirrors = neurons::dataset::Mirrors::default();
/// assert!(mirrors.addresses.iter().all(|address| address.starts_with("https://")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrors {
    /// The folders that hold the gzipped files: https, or http on 127.0.0.1.
    pub addresses: Vec<String>,
    /// For a name to be resolved, and as long again for a connection.
    pub connect: Duration,
    /// For the next bytes to come.
    pub stall: Duration,
    /// Before a mirror that failed is asked once again, and again. An attempt that brought
    /// more of the file than any before begins the list anew.
    pub pauses: Vec<Duration>,
    /// For one file from one mirror, all in all.
    pub whole: Duration,
    /// For another process that downloads to the same folder.
    pub other: Duration,
}

impl Default for Mirrors {
    /// The mirrors that PyTorch's torchvision and TensorFlow's tutorials use. The first
    /// home of MNIST, yann.lecun.com, answers 403.
    fn default() -> Mirrors {
        let addresses = [
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ];
        Mirrors {
            addresses: addresses.map(String::from).into(),
            connect: Duration::from_secs(4),
            stall: Duration::from_secs(15),
            pauses: [1, 4].map(Duration::from_secs).into(),
            whole: Duration::from_secs(300),
            other: Duration::from_secs(600),
        }
    }
}

/// Where the digits of a [`Data`] come from. Its `Display` tells the user, in a sentence
/// or a few.
///
/// ```
/// use neurons::dataset::Source;
/// let source = Source::Cache("/home/ada/.cache/neurons/mnist".into());
/// assert_eq!(source.name(), "mnist");
/// assert_eq!(source.to_string(), "MNIST, from the cache /home/ada/.cache/neurons/mnist.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// MNIST, in the folder that the user named.
    Folder(PathBuf),
    /// Other digits, in the folder that the user named.
    Custom(PathBuf),
    /// MNIST, in the cache.
    Cache(PathBuf),
    /// MNIST, just downloaded to the cache.
    Downloaded(PathBuf),
    /// Handwriting that the program drew itself.
    Synthetic {
        /// Why: the end of a sentence that begins with "because".
        why: String,
    },
}

impl Source {
    /// `"mnist"` if the SHA-256 of all four files are MNIST's, `"custom"` for other
    /// digits of the user's, `"synthetic"` for drawn ones.
    ///
    /// ```
    /// use neurons::dataset::Source;
    /// assert_eq!(Source::Custom("my-digits".into()).name(), "custom");
    /// ```
    pub fn name(&self) -> &'static str {
        match self {
            Source::Folder(_) | Source::Cache(_) | Source::Downloaded(_) => "mnist",
            Source::Custom(_) => "custom",
            Source::Synthetic { .. } => "synthetic",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Source::Folder(path) => {
                write!(f, "MNIST, from the folder {}.", path.display())
            }
            Source::Custom(path) => write!(
                f,
                "Digits from the folder {}. They are not MNIST's (other SHA-256), so an accuracy \
                 on them is not one on MNIST.",
                path.display()
            ),
            Source::Cache(path) => write!(f, "MNIST, from the cache {}.", path.display()),
            Source::Downloaded(path) => {
                write!(f, "MNIST, downloaded to {}, where it stays.", path.display())
            }
            Source::Synthetic { why } => write!(
                f,
                "Synthetic handwriting, drawn by this program, because {why}. An accuracy on it is \
                 not one on MNIST. For the real digits, run the trainer once with a network and without \
                 NEURONS_OFFLINE, or put the four files train-images-idx3-ubyte.gz, \
                 train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, \
                 t10k-labels-idx1-ubyte.gz into a folder and name it: --data FOLDER or \
                 MNIST_DIR=FOLDER."
            ),
        }
    }
}

/// Digits to train on, digits to test on, and where they come from.
#[derive(Clone, Debug)]
pub struct Data {
    /// For MNIST, 60,000 digits.
    pub train: Digits,
    /// For MNIST, 10,000 digits.
    pub test: Digits,
    /// Where they come from.
    pub source: Source,
}

/// What is wrong with a folder that the user named, in one sentence with what to do next.
///
/// ```
/// let empty = tempfile::tempdir()?;
/// let error = neurons::dataset::find(Some(empty.path())).unwrap_err().to_string();
/// assert!(error.ends_with(
///     "has no train-images-idx3-ubyte and no train-images-idx3-ubyte.gz: \
///      the four files of MNIST are wanted there"
/// ));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the sentence of a variant tells what its fields are")]
pub enum DataError {
    /// There is no such folder.
    #[error(
        "{folder}, which --data or MNIST_DIR names, is not a folder: \
         name one that holds the four files of MNIST, or name none"
    )]
    NoFolder { folder: PathBuf },
    /// One of the four files is not there.
    #[error(
        "{folder} has no {name} and no {name}.gz: the four files of MNIST are wanted there"
    )]
    Missing { folder: PathBuf, name: &'static str },
    /// One of the four files is broken.
    #[error(transparent)]
    Idx(#[from] IdxError),
}

/// Finds the digits: `data` is the folder of `--data`, if the user named one.
///
/// ```no_run
/// let data = neurons::dataset::find(None)?;
/// println!("{}", data.source);
/// # Ok::<(), neurons::dataset::DataError>(())
/// ```
///
/// # Errors
/// [`DataError`] if the folder that `data` or `MNIST_DIR` names does not hold four sound
/// files. With no such folder there is no error: synthetic handwriting can always be
/// drawn.
pub fn find(data: Option<&Path>) -> Result<Data, DataError> {
    Search::from_env(data).find()
}

/// Draws `n_train` digits to train on and `n_test` others to test on. The same three
/// numbers give the same digits on every machine.
///
/// ```
/// let data = neurons::dataset::synthetic(30, 10, 7);
/// assert_eq!(data.train.images.dim(), (30, 784));
/// assert_eq!(data.test.labels.len(), 10);
/// assert_eq!(data.source.name(), "synthetic");
/// ```
pub fn synthetic(n_train: usize, n_test: usize, seed: u64) -> Data {
    let (train, test) = Digits::handwriting(n_train + n_test, seed).split_at(n_train);
    Data { train, test, source: Source::Synthetic { why: "it was asked for".into() } }
}

/// Everything that [`find`] takes from the world outside, so that a test can bring its
/// own.
///
/// ```
/// use neurons::{dataset::{Search, MNIST}, idx, ndarray::Array2};
/// let folder = tempfile::tempdir()?;
/// for (content, n) in MNIST.iter().zip([3, 3, 1, 1]) {
///     let path = folder.path().join(content.name);
///     match content.name.contains("images") {
///         true => idx::write_images(&path, &Array2::zeros((n, 784)))?,
///         false => idx::write_labels(&path, &vec![0; n])?,
///     }
/// }
/// let data = Search { folder: Some(folder.path().into()), ..Search::from_env(None) }.find()?;
/// assert_eq!(data.train.labels, [0, 0, 0]);
/// assert_eq!(data.source.name(), "custom");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Search {
    /// The folder that the user named.
    pub folder: Option<PathBuf>,
    /// The folder that keeps what was downloaded, if the user has a home.
    pub cache: Option<PathBuf>,
    /// The files that are MNIST.
    pub contents: [Content; 4],
    /// Where to download them, or `None` if the network is not to be used.
    pub mirrors: Option<Mirrors>,
    /// How many synthetic digits to draw if there are no others: to train on, and to test
    /// on.
    pub synthetic: (usize, usize),
    /// Their seed.
    pub seed: u64,
}

impl Search {
    /// The search that `MNIST_DIR`, `NEURONS_OFFLINE` and `NEURONS_MIRRORS` ask for; `data`
    /// goes before `MNIST_DIR`. A variable that is empty counts as not set, and so does
    /// `NEURONS_OFFLINE=0`.
    ///
    /// ```
    /// use neurons::dataset::{MNIST, Search};
    /// let search = Search::from_env(Some("digits".as_ref()));
    /// assert_eq!(search.folder, Some("digits".into()));
    /// assert_eq!(search.contents, MNIST);
    /// ```
    pub fn from_env(data: Option<&Path>) -> Search {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        let offline = variable("NEURONS_OFFLINE").is_some_and(|value| value != "0");
        let mut mirrors = Mirrors::default();
        let named = variable("NEURONS_MIRRORS").unwrap_or_default();
        let named = named.to_string_lossy();
        let named = named.split(',').map(str::trim).filter(|address| !address.is_empty());
        let named: Vec<_> = named.map(String::from).collect();
        if !named.is_empty() {
            mirrors.addresses = named;
        }
        Search {
            folder: data
                .map(PathBuf::from)
                .or_else(|| variable("MNIST_DIR").map(PathBuf::from)),
            cache: cache_folder(),
            contents: MNIST,
            mirrors: (!offline).then_some(mirrors),
            synthetic: (60_000, 10_000),
            seed: 0,
        }
    }

    /// Finds the digits, as [`find`] does.
    ///
    /// ```
    /// use neurons::dataset::Search;
    /// let nothing = Search { folder: None, cache: None, mirrors: None, ..Search::from_env(None) };
    /// let data = Search { synthetic: (20, 10), ..nothing }.find()?;
    /// assert_eq!(data.source.name(), "synthetic");
    /// assert_eq!((data.train.labels.len(), data.test.labels.len()), (20, 10));
    /// # Ok::<(), neurons::dataset::DataError>(())
    /// ```
    ///
    /// # Errors
    /// As [`find`].
    pub fn find(&self) -> Result<Data, DataError> {
        match &self.folder {
            Some(folder) => {
                let (train, test) = self.read(folder)?;
                let mnist = self.is_mnist(&train, &test);
                let source = if mnist { Source::Folder } else { Source::Custom };
                Ok(Data { train, test, source: source(folder.clone()) })
            }
            None => Ok(self.cached_or_downloaded().unwrap_or_else(|why| {
                let (n_train, n_test) = self.synthetic;
                let source = Source::Synthetic { why };
                Data { source, ..synthetic(n_train, n_test, self.seed) }
            })),
        }
    }

    /// Finds MNIST in the cache, or downloads it to there.
    ///
    /// ```
    /// use neurons::dataset::Search;
    /// let search = Search { cache: None, ..Search::from_env(None) };
    /// let why = search.cached_or_downloaded().unwrap_err();
    /// assert_eq!(why, "there is no home folder for a cache of MNIST");
    /// ```
    ///
    /// # Errors
    /// Why there is none: the end of a sentence that begins with "because".
    pub fn cached_or_downloaded(&self) -> Result<Data, String> {
        let cache =
            self.cache.as_ref().ok_or("there is no home folder for a cache of MNIST")?;
        let absent = match self.read(cache) {
            Ok((train, test)) if self.is_mnist(&train, &test) => {
                return Ok(Data { train, test, source: Source::Cache(cache.clone()) });
            }
            Ok(_) => format!("what {} holds is not MNIST", cache.display()),
            Err(DataError::Idx(broken)) => broken.to_string(),
            Err(_) => format!("{} does not hold MNIST yet", cache.display()),
        };
        self.download(cache).map_err(|why| format!("{absent}, and {why}"))?;
        let (train, test) = self.read(cache).map_err(|broken| broken.to_string())?;
        Ok(Data { train, test, source: Source::Downloaded(cache.clone()) })
    }

    #[cfg(feature = "trainer")]
    fn download(&self, cache: &Path) -> Result<(), String> {
        let mirrors =
            self.mirrors.as_ref().ok_or("NEURONS_OFFLINE forbids a download")?;
        download::download(&self.contents, mirrors, cache)
            .map_err(|error| error.to_string())
    }

    #[cfg(not(feature = "trainer"))]
    fn download(&self, _: &Path) -> Result<(), String> {
        Err("downloads are left out of a program without the feature `trainer`".into())
    }

    /// The digits of a folder, for training and for testing.
    fn read(&self, folder: &Path) -> Result<(Digits, Digits), DataError> {
        if !folder.is_dir() {
            return Err(DataError::NoFolder { folder: folder.into() });
        }
        let mut paths = Vec::new();
        for content in &self.contents {
            paths.push(locate(folder, content.name)?);
        }
        let train = idx::read_digits(&paths[0], &paths[1])?;
        Ok((train, idx::read_digits(&paths[2], &paths[3])?))
    }

    /// Whether the digits are those of the four contents. The header of a file follows
    /// from what it holds, so nothing needs to be read a second time. Costs about a tenth
    /// of a second.
    fn is_mnist(&self, train: &Digits, test: &Digits) -> bool {
        let images = |i: usize, digits: &Digits| {
            sha256(&idx::encode_images(&digits.images)) == self.contents[i].sha256
        };
        let labels = |i: usize, digits: &Digits| {
            sha256(&idx::encode_labels(&digits.labels)) == self.contents[i].sha256
        };
        labels(1, train) && labels(3, test) && images(2, test) && images(0, train)
    }
}

/// The file of that name, plain or gzipped, with a dash or with a dot before `idx`.
fn locate(folder: &Path, name: &'static str) -> Result<PathBuf, DataError> {
    let dotted = name.replace("-idx", ".idx");
    let names = [name.into(), format!("{name}.gz"), dotted.clone(), dotted + ".gz"];
    let found = names.iter().map(|name| folder.join(name)).find(|path| path.exists());
    found.ok_or_else(|| DataError::Missing { folder: folder.into(), name })
}

fn sha256(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes))
}

fn hexadecimal(digest: impl AsRef<[u8]>) -> String {
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `neurons/mnist` in the user's cache folder: `~/.cache`, or `XDG_CACHE_HOME`, or what
/// Windows has for it.
fn cache_folder() -> Option<PathBuf> {
    #[cfg(feature = "trainer")]
    let base = {
        use etcetera::BaseStrategy;
        etcetera::choose_base_strategy().ok()?.cache_dir()
    };
    #[cfg(not(feature = "trainer"))]
    let base = match env::var_os("XDG_CACHE_HOME").map(PathBuf::from) {
        Some(path) if path.is_absolute() => path,
        _ => env::home_dir()?.join(".cache"),
    };
    Some(base.join("neurons").join("mnist"))
}
