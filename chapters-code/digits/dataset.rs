//! Where the digits come from: the first of four sources that has any.
//!
//! 1. The folder of `--data`, or else of the environment variable `MNIST_DIR`: MNIST's four files
//!    as Kaggle, 7-Zip or torchvision lay them out, or Keras's `mnist.npz`, which may be named
//!    itself and needs the feature `trainer`. A folder that the user named and that is broken is
//!    an error: no other source is tried.
//! 2. The user's cache folder, for instance `~/.cache/neurons/mnist`.
//! 3. A download into that folder, unless `NEURONS_OFFLINE` is set, from public mirrors or from
//!    those that `NEURONS_MIRRORS` names: addresses of folders with the four gzipped files, with
//!    commas between. An interrupted download continues where it stopped. It needs the feature
//!    `trainer`.
//! 4. Synthetic handwriting ([`Digits::handwriting`]).
//!
//! MNIST is by Yann LeCun and Corinna Cortes, under CC BY-SA 3.0.

use crate::digits::idx::{self, IdxError, IdxKind};
use crate::files::file_kind::FileKind;
use crate::files::sha256;
use crate::pixels::Digits;
use ndarray::Array2;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fmt};

#[cfg(feature = "trainer")]
mod download;
mod error;
#[cfg(feature = "trainer")]
mod npz;
#[cfg(not(feature = "trainer"))]
mod npz {
    use super::{DataError, Path};

    pub(super) fn images<T>(path: &Path, _: &str) -> Result<T, DataError> {
        Err(DataError::NoReader { path: path.into() })
    }
    pub(super) use images as labels;
}
mod places;

pub use error::{CacheError, DataError, DownloadError, MnistError};
#[cfg(feature = "trainer")]
pub use npz::NpzError;
pub use places::Instead;

/// One of the four files of a set of digits, as it is when unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its usual name. A mirror offers it with `.gz` at the end.
    pub name: &'static str,
    /// How many bytes it has.
    pub length: u64,
    /// Their SHA-256, in 64 hexadecimal digits.
    pub sha256: &'static str,
}

impl Content {
    /// Looks for it in a folder and reads what is there: a file that is plain or gzipped, or an
    /// array of `mnist.npz`.
    ///
    /// ```
    /// use neurons::{digits::dataset::MNIST, digits::idx};
    /// let folder = tempfile::tempdir()?;
    /// idx::write_labels(&folder.path().join(MNIST[1].name), &[5, 0, 4])?;
    /// let found = MNIST[1].look(folder.path())?;
    /// assert_eq!((found.length, found.count, found.genuine), (8 + 3, 3, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Returns a [`DataError`] when the folder has no such file, or the file is broken.
    pub fn look(&self, folder: &Path) -> Result<FoundFile, DataError> {
        let (path, skipped, count, genuine) = if self
            .name
            .contains("images")
        {
            let Reading { path, skipped, content } = self.images(folder)?;
            let (m, genuine) = (content.nrows(), self.has_images(&content));
            (path, skipped, m, genuine)
        } else {
            let Reading { path, skipped, content } = self.labels(folder)?;
            (path, skipped, content.len(), self.has_labels(&content))
        };
        let length = path.metadata().map_or(0, |data| data.len());
        Ok(FoundFile { path, length, count, genuine, skipped })
    }

    fn images(
        &self,
        folder: &Path,
    ) -> Result<Reading<Array2<u8>>, DataError> {
        self.first(folder, idx::read_images, npz::images)
    }

    fn labels(&self, folder: &Path) -> Result<Reading<Vec<u8>>, DataError> {
        self.first(folder, idx::read_labels, npz::labels)
    }

    /// The name of its array in `mnist.npz`.
    fn array(&self) -> &'static str {
        match (self.name.contains("images"), self.name.contains("train")) {
            (true, true) => "x_train",
            (false, true) => "y_train",
            (true, false) => "x_test",
            (false, false) => "y_test",
        }
    }

    /// Reads the first of the files in `folder` that may be this one and is not broken: an IDX file
    /// by `read_idx`, the array of that name in a NumPy archive by `read_npz`.
    fn first<T, E: Into<DataError>>(
        &self,
        folder: &Path,
        read_idx: impl Fn(&Path) -> Result<T, IdxError>,
        read_npz: impl Fn(&Path, &'static str) -> Result<T, E>,
    ) -> Result<Reading<T>, DataError> {
        if !folder.exists() {
            return Err(DataError::NoFolder { folder: folder.into() });
        }
        let unreadable =
            |reason| DataError::Unreadable { path: folder.into(), reason };
        if folder.is_file() {
            let kind = FileKind::of_file(folder).map_err(unreadable)?;
            if kind != FileKind::Npz {
                return Err(DataError::NoFolderButFile {
                    path: folder.into(),
                    kind,
                });
            }
        }
        let mut broken = Vec::new();
        for path in
            places::candidates(folder, self.name).map_err(unreadable)?
        {
            let is_npz = path == folder
                || path
                    .extension()
                    .is_some_and(|it| it.eq_ignore_ascii_case("npz"));
            let content = match is_npz {
                true => read_npz(&path, self.array()).map_err(E::into),
                false => read_idx(&path).map_err(DataError::Idx),
            };
            match content {
                Ok(content) => {
                    let skipped =
                        broken.iter().map(ToString::to_string).collect();
                    return Ok(Reading { path, skipped, content });
                }
                Err(error) => broken.push(error),
            }
        }
        Err(match broken.into_iter().next() {
            Some(error) => error,
            None => {
                let instead = Instead::of(folder, self.name);
                DataError::Missing {
                    folder: folder.into(),
                    name: self.name,
                    instead,
                }
            }
        })
    }

    /// Whether it is the file of these images.
    fn has_images(&self, images: &Array2<u8>) -> bool {
        let m = images.nrows();
        self.is(
            IdxKind::Images,
            m,
            images.as_slice().expect("read row by row"),
        )
    }

    /// Whether it is the file of these labels.
    fn has_labels(&self, labels: &[u8]) -> bool {
        self.is(IdxKind::Labels, labels.len(), labels)
    }

    /// The header of a file follows from what it holds, so nothing is read a second time. For all
    /// of MNIST it takes about a tenth of a second.
    fn is(&self, kind: IdxKind, m: usize, bytes: &[u8]) -> bool {
        let header = idx::header(kind, m);
        (header.len() + bytes.len()) as u64 == self.length
            && sha256(&[&header, bytes]) == self.sha256
    }
}

/// What was read, from where, and why other files that had the right name were not.
struct Reading<T> {
    path: PathBuf,
    skipped: Vec<String>,
    content: T,
}

/// What a folder has in the place of a [`Content`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How many bytes it has on the disk, gzipped if it is gzipped.
    pub length: u64,
    /// How many images or labels it holds.
    pub count: usize,
    /// Whether it unpacks to the content's bytes: whether the SHA-256 is the content's.
    pub genuine: bool,
    /// What is wrong with other files that have the right name: a sentence for each.
    pub skipped: Vec<String>,
}

/// The files of MNIST: images and labels for training, images and labels for testing.
///
/// ```
/// use neurons::digits::dataset::MNIST;
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
/// let mirrors = neurons::digits::dataset::Mirrors::default();
/// assert!(mirrors.addresses.iter().all(|address| address.starts_with("https://")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrors {
    /// The folders that hold the gzipped files: https, or http. The SHA-256 of a file guards what
    /// comes over either.
    pub addresses: Vec<String>,
    /// How long to wait for a name to be resolved, and as long again for a connection.
    pub connect: Duration,
    /// How long to wait for the next bytes.
    pub stall: Duration,
    /// Pauses before each retry. Progress resets the list.
    pub pauses: Vec<Duration>,
    /// The most time for one file from one mirror.
    pub whole: Duration,
    /// How long to wait for another process that downloads to the same folder.
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

/// Where the digits of a [`Data`] come from. Its `Display` says it to the user, in one sentence
/// or several.
///
/// ```
/// use neurons::digits::dataset::Source;
/// let source = Source::Cache("/home/ada/.cache/neurons/mnist".into());
/// assert_eq!(source.name(), "mnist");
/// assert_eq!(source.to_string(), "MNIST, from the cache /home/ada/.cache/neurons/mnist.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// MNIST, in the folder that the user named.
    Folder {
        /// The folder, or an archive that was named itself.
        path: PathBuf,
        /// What is wrong with files that have the right name and were skipped.
        skipped: Vec<String>,
    },
    /// Other digits, in the folder that the user named.
    Custom {
        /// The folder, or an archive that was named itself.
        path: PathBuf,
        /// What is wrong with files that have the right name and were skipped.
        skipped: Vec<String>,
    },
    /// MNIST, in the cache.
    Cache(PathBuf),
    /// MNIST, downloaded to the cache just now.
    Downloaded(PathBuf),
    /// Handwriting that this program drew.
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
    /// use neurons::digits::dataset::Source;
    /// let source = Source::Custom { path: "my-digits".into(), skipped: Vec::new() };
    /// assert_eq!(source.name(), "custom");
    /// ```
    pub fn name(&self) -> &'static str {
        match self {
            Source::Folder { .. }
            | Source::Cache(_)
            | Source::Downloaded(_) => "mnist",
            Source::Custom { .. } => "custom",
            Source::Synthetic { .. } => "synthetic",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Source::Folder { path, skipped } => {
                write!(f, "MNIST, from {}.", path.display())?;
                say_skipped(f, skipped)
            }
            Source::Custom { path, skipped } => {
                write!(
                    f,
                    "Digits from {}. They are not MNIST's (other SHA-256), so an accuracy on them \
                     is not one on MNIST.",
                    path.display()
                )?;
                say_skipped(f, skipped)
            }
            Source::Cache(path) => {
                write!(f, "MNIST, from the cache {}.", path.display())
            }
            Source::Downloaded(path) => {
                write!(
                    f,
                    "MNIST, downloaded to {}, where it stays.",
                    path.display()
                )
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

fn say_skipped(f: &mut fmt::Formatter, skipped: &[String]) -> fmt::Result {
    skipped.iter().try_for_each(|why| {
        let end = if why.ends_with('?') { "" } else { "." };
        write!(
            f,
            " Skipped a broken file: {why}{end} Read another instead."
        )
    })
}

/// Digits to train on, digits to test on, and where they come from.
#[derive(Clone, Debug)]
pub struct Data {
    /// The digits to train on: 60,000 in MNIST.
    pub train: Digits,
    /// The digits to test on: 10,000 in MNIST.
    pub test: Digits,
    /// Where they come from.
    pub source: Source,
}

/// Finds the digits: `data` is the folder of `--data`, if the user named one.
///
/// ```no_run
/// let data = neurons::digits::dataset::find(None)?;
/// println!("{}", data.source);
/// # Ok::<(), neurons::digits::dataset::DataError>(())
/// ```
///
/// # Errors
/// Returns a [`DataError`] when the folder that `data` or `MNIST_DIR` names does not hold MNIST's
/// four files, whole. When no folder is named, there is no error: synthetic handwriting can always
/// be drawn.
pub fn find(data: Option<&Path>) -> Result<Data, DataError> {
    Search::from_env(data).find()
}

/// Finds MNIST, for what makes no sense with other digits.
///
/// ```no_run
/// let data = neurons::digits::dataset::mnist()?;
/// assert_eq!((data.train.len(), data.test.len()), (60_000, 10_000));
/// # Ok::<(), neurons::digits::dataset::MnistError>(())
/// ```
///
/// # Errors
/// Returns a [`MnistError`] when the folder that `MNIST_DIR` names does not hold MNIST; or, when no
/// folder is named, if MNIST is not in the cache and cannot be downloaded.
pub fn mnist() -> Result<Data, MnistError> {
    Search::from_env(None).mnist()
}

/// Draws `n_train` digits to train on and `n_test` others to test on. The same three
/// numbers give the same digits on every machine.
///
/// ```
/// let data = neurons::digits::dataset::synthetic(30, 10, 7);
/// assert_eq!(data.train.images.dim(), (30, 784));
/// assert_eq!(data.test.labels.len(), 10);
/// assert_eq!(data.source.name(), "synthetic");
/// ```
pub fn synthetic(n_train: usize, n_test: usize, seed: u64) -> Data {
    let (train, test) =
        Digits::handwriting(n_train + n_test, seed).split_at(n_train);
    Data {
        train,
        test,
        source: Source::Synthetic { why: "it was asked for".into() },
    }
}

/// Everything that [`find`] takes from the environment, so that a test can bring its own.
///
/// ```
/// use neurons::{digits::dataset::{Search, MNIST}, digits::idx, ndarray::Array2};
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
    /// use neurons::digits::dataset::{MNIST, Search};
    /// let search = Search::from_env(Some("digits".as_ref()));
    /// assert_eq!(search.folder, Some("digits".into()));
    /// assert_eq!(search.contents, MNIST);
    /// ```
    pub fn from_env(data: Option<&Path>) -> Search {
        let variable =
            |name| env::var_os(name).filter(|value| !value.is_empty());
        let offline =
            variable("NEURONS_OFFLINE").is_some_and(|value| value != "0");
        let mut mirrors = Mirrors::default();
        let named = variable("NEURONS_MIRRORS").unwrap_or_default();
        let named = named.to_string_lossy();
        let named = named
            .split(',')
            .map(str::trim)
            .filter(|address| !address.is_empty());
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
    /// use neurons::digits::dataset::Search;
    /// let nothing = Search { folder: None, cache: None, mirrors: None, ..Search::from_env(None) };
    /// let data = Search { synthetic: (20, 10), ..nothing }.find()?;
    /// assert_eq!(data.source.name(), "synthetic");
    /// assert_eq!((data.train.labels.len(), data.test.labels.len()), (20, 10));
    /// # Ok::<(), neurons::digits::dataset::DataError>(())
    /// ```
    ///
    /// # Errors
    /// Returns those of [`find`].
    pub fn find(&self) -> Result<Data, DataError> {
        match &self.folder {
            Some(folder) => {
                let (train, test, skipped) = self.read(folder)?;
                let path = folder.clone();
                let source = match self.is_mnist(&train, &test) {
                    true => Source::Folder { path, skipped },
                    false => Source::Custom { path, skipped },
                };
                Ok(Data { train, test, source })
            }
            None => Ok(self.cached_or_downloaded().unwrap_or_else(|why| {
                let (n_train, n_test) = self.synthetic;
                let source = Source::Synthetic { why: why.to_string() };
                Data { source, ..synthetic(n_train, n_test, self.seed) }
            })),
        }
    }

    /// Finds MNIST, as [`mnist`] does.
    ///
    /// ```
    /// use neurons::digits::dataset::Search;
    /// let nowhere = Search { folder: None, cache: None, ..Search::from_env(None) };
    /// let error = nowhere.mnist().unwrap_err().to_string();
    /// assert!(error.starts_with("MNIST is not there, because there is no home folder"));
    /// ```
    ///
    /// # Errors
    /// Returns those of [`mnist`].
    pub fn mnist(&self) -> Result<Data, MnistError> {
        if self.folder.is_none() {
            return Ok(self.cached_or_downloaded()?);
        }
        match self.find()? {
            Data { source: Source::Custom { path, .. }, .. } => {
                Err(MnistError::OtherDigits { folder: path })
            }
            data => Ok(data),
        }
    }

    /// Finds MNIST in the cache, or downloads it to there.
    ///
    /// ```
    /// use neurons::digits::dataset::Search;
    /// let search = Search { cache: None, ..Search::from_env(None) };
    /// let why = search.cached_or_downloaded().unwrap_err().to_string();
    /// assert_eq!(why, "there is no home folder for a cache of MNIST");
    /// ```
    ///
    /// # Errors
    /// Returns the reason when there is none.
    pub fn cached_or_downloaded(&self) -> Result<Data, CacheError> {
        let folder = self.cache.as_ref().ok_or(CacheError::NoHome)?;
        let absent = match self.read(folder) {
            Ok((train, test, _)) if self.is_mnist(&train, &test) => {
                let source = Source::Cache(folder.clone());
                return Ok(Data { train, test, source });
            }
            Ok(_) => CacheError::OtherDigits { folder: folder.clone() },
            Err(DataError::NoFolder { .. } | DataError::Missing { .. }) => {
                CacheError::Empty { folder: folder.clone() }
            }
            Err(broken) => CacheError::Broken(broken),
        };
        self.download(folder).map_err(|download| {
            CacheError::NoDownload { cache: absent.into(), download }
        })?;
        let (train, test, _) = self.read(folder)?;
        Ok(Data { train, test, source: Source::Downloaded(folder.clone()) })
    }

    fn download(&self, cache: &Path) -> Result<(), DownloadError> {
        let mirrors =
            self.mirrors.as_ref().ok_or(DownloadError::Offline)?;
        #[cfg(feature = "trainer")]
        return download::download(&self.contents, mirrors, cache);
        #[cfg(not(feature = "trainer"))]
        {
            let _ = (mirrors, cache);
            Err(DownloadError::NoFeature)
        }
    }

    /// The digits of a folder, for training and for testing, and what is wrong with the files that
    /// were skipped.
    fn read(
        &self,
        folder: &Path,
    ) -> Result<(Digits, Digits, Vec<String>), DataError> {
        let mut skipped = Vec::new();
        let mut pair = |images: &Content, labels: &Content| {
            let (images, labels) =
                (images.images(folder)?, labels.labels(folder)?);
            skipped.extend(images.skipped);
            skipped.extend(labels.skipped);
            let images = (images.path.as_path(), images.content);
            Ok::<_, DataError>(idx::pair(
                images,
                (&labels.path, labels.content),
            )?)
        };
        let train = pair(&self.contents[0], &self.contents[1])?;
        let test = pair(&self.contents[2], &self.contents[3])?;
        Ok((train, test, skipped))
    }

    /// Whether the digits are those of the four contents.
    fn is_mnist(&self, train: &Digits, test: &Digits) -> bool {
        let contents = &self.contents;
        contents[1].has_labels(&train.labels)
            && contents[3].has_labels(&test.labels)
            && contents[2].has_images(&test.images)
            && contents[0].has_images(&train.images)
    }
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
