//! The sentences that digits get which are broken, missing, or not MNIST's.

use super::Instead;
#[cfg(feature = "trainer")]
use super::NpzError;
use crate::digits::idx::IdxError;
use crate::files::file_kind::FileKind;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// What is wrong with a folder that the user named, in one sentence with what to do next.
///
/// ```
/// let empty = tempfile::tempdir()?;
/// let error = neurons::digits::dataset::find(Some(empty.path())).unwrap_err().to_string();
/// assert!(error.ends_with(
///     "has no train-images-idx3-ubyte; it is empty, so put the four files of MNIST there"
/// ));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum DataError {
    /// There is no such folder.
    #[error(
        "{folder}, which --data or MNIST_DIR names, is not a folder: \
         name one that holds the four files of MNIST, or name none"
    )]
    NoFolder { folder: PathBuf },
    /// A file was named, and not one that holds all four.
    #[error(
        "{path}, which --data or MNIST_DIR names, is not a folder but {kind}: \
         name the folder that holds the four files of MNIST, unpacked or as .gz, or Keras's mnist.npz"
    )]
    NoFolderButFile { path: PathBuf, kind: FileKind },
    /// The operating system does not say what the folder has.
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: PathBuf, reason: io::Error },
    /// One of the four files is not there.
    #[error("{folder} has no {name}; {instead}")]
    Missing { folder: PathBuf, name: &'static str, instead: Instead },
    /// One of the four files is broken.
    #[error(transparent)]
    Idx(#[from] IdxError),
    /// Keras's `mnist.npz` is broken.
    #[cfg(feature = "trainer")]
    #[error(transparent)]
    Npz(#[from] NpzError),
    /// Keras's `mnist.npz` is there, and nothing to read it with.
    #[cfg(not(feature = "trainer"))]
    #[error(
        "{path} is a NumPy archive, which only a program with the feature `trainer` reads"
    )]
    NoReader { path: PathBuf },
}

/// Why there is no MNIST to work with, in one sentence with what to do next.
///
/// ```
/// use neurons::digits::dataset::MnistError;
/// let error = MnistError::OtherDigits { folder: "digits".into() }.to_string();
/// assert!(error.starts_with("the digits in digits are not MNIST's: "));
/// ```
#[derive(thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum MnistError {
    /// The folder that the user named is broken.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The folder that the user named holds other digits.
    #[error(
        "the digits in {folder} are not MNIST's: if MNIST is meant, fetch the files again, or name \
         no folder"
    )]
    OtherDigits { folder: PathBuf },
    /// No folder was named, and the cache has no MNIST.
    #[error(
        "MNIST is not there, because {0}; mend that and try again, or put the four files into a \
         folder and name it with --data, or by MNIST_DIR"
    )]
    Cache(#[from] CacheError),
}

/// The sentence, because that is what a program shows whose `main` returns the error.
impl fmt::Debug for MnistError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why the cache has no MNIST: the end of a sentence that begins with "because".
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum CacheError {
    /// The system does not say where the user's files are.
    #[error("there is no home folder for a cache of MNIST")]
    NoHome,
    /// Nothing was downloaded yet, or not all.
    #[error("{folder} does not hold MNIST yet")]
    Empty { folder: PathBuf },
    /// Somebody else filled it.
    #[error("what {folder} holds is not MNIST")]
    OtherDigits { folder: PathBuf },
    /// One of its files is broken.
    #[error(transparent)]
    Broken(#[from] DataError),
    /// A download did not fill it.
    #[error("{cache}, and {download}")]
    NoDownload { cache: Box<CacheError>, download: DownloadError },
}

/// Why a download failed: the end of a sentence.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum DownloadError {
    /// The user wants none.
    #[error("NEURONS_OFFLINE forbids a download")]
    Offline,
    /// The program cannot.
    #[error(
        "downloads are left out of a program without the feature `trainer`"
    )]
    NoFeature,
    /// Every mirror failed.
    #[error("no mirror gave {name}.gz ({})", failures.join("; "))]
    Mirrors { name: &'static str, failures: Vec<String> },
    /// The operating system does not take what comes.
    #[error("the cache {path} cannot be written: {reason}")]
    Cache { path: PathBuf, reason: io::Error },
    /// Another process has the cache.
    #[error(
        "another process has been downloading to {cache} for more than {} s: \
         wait until it is done, or end it, and start again",
        wait.as_secs()
    )]
    Busy { cache: PathBuf, wait: Duration },
}
