//! The sentences that a broken file of digits gets.

use super::{IdxKind, MOST};
use crate::files::file_kind::FileKind;
use crate::pixels::SIDE;
use std::io;
use std::path::PathBuf;

/// What is wrong with a file of digits, in one sentence that names it.
///
/// ```
/// let error = neurons::digits::idx::parse_labels(&[0, 0, 8, 3]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "<bytes> is a file of images (magic 2051), not of labels (magic 2049): \
///      were the two names swapped?"
/// );
/// ```
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum IdxError {
    /// The operating system cannot read the file.
    #[error("{path} cannot be read: {reason}")]
    Read { path: PathBuf, reason: io::Error },
    /// The operating system cannot write the file.
    #[error("{path} cannot be written: {reason}")]
    Write { path: PathBuf, reason: io::Error },
    /// The gzip data ends too early, or breaks deflate's rules, or fails its checksum.
    #[error(
        "{path} cannot be unpacked, so fetch it again: its gzip data is damaged or cut short ({reason})"
    )]
    Gzip { path: PathBuf, reason: io::Error },
    /// The file is empty, or nearly.
    #[error(
        "{path} ends inside its header: {kind} need {wanted} bytes there, and it has {found}, so fetch it again"
    )]
    Header { path: PathBuf, kind: IdxKind, wanted: u64, found: usize },
    /// Labels were given for images, or images for labels.
    #[error(
        "{path} is a file of {} (magic {}), not of {kind} (magic {}): were the two names swapped?",
        kind.other(), kind.other().magic(), kind.magic()
    )]
    Swapped { path: PathBuf, kind: IdxKind },
    /// The file, or what it unpacks to, is of a kind that is known by its first bytes.
    #[error(
        "{path} {} {is}, not an IDX file of {kind}{}",
        if *gzip { "unpacks to" } else { "is" }, advice(*kind, *is, *gzip)
    )]
    Other { path: PathBuf, kind: IdxKind, is: FileKind, gzip: bool },
    /// The file is of no kind that is known.
    #[error("{path} is not an IDX file of {kind}: it begins with {found}, not with {}", kind.magic())]
    Magic { path: PathBuf, kind: IdxKind, found: u32 },
    /// The images have another size than MNIST's.
    #[error(
        "{path} holds images of {rows}×{columns} pixels: they must have {SIDE}×{SIDE}"
    )]
    Shape { path: PathBuf, rows: u32, columns: u32 },
    /// The header promises none, or more than [`MOST`].
    #[error(
        "{path} promises {count} {kind}: a file must hold at least 1, and at most {MOST}"
    )]
    Count { path: PathBuf, kind: IdxKind, count: u64 },
    /// The header promises more than the file holds.
    #[error(
        "{path} promises {count} {kind}, so {promised} bytes, but no more than {held} follow: \
         was it cut short?"
    )]
    Short {
        path: PathBuf,
        kind: IdxKind,
        count: u64,
        promised: u64,
        held: u64,
    },
    /// Something follows the last pixel or label.
    #[error(
        "{path} goes on after the {count} {kind} that its header promises: fetch it again"
    )]
    Long { path: PathBuf, kind: IdxKind, count: u64 },
    /// A label is not a digit.
    #[error(
        "{path} gives image {position}, counted from 0, the label {label}: labels are digits, 0 to 9"
    )]
    Label { path: PathBuf, position: usize, label: u8 },
    /// Some image has no label, or some label no image.
    #[error(
        "{images} and {labels} do not belong together: every image needs one label, and there \
         are {m} images, {n} labels"
    )]
    Counts { images: PathBuf, m: usize, labels: PathBuf, n: usize },
}

/// What to do with such a file: the end of a sentence.
fn advice(kind: IdxKind, is: FileKind, gzip: bool) -> String {
    match (is, is.advice()) {
        (FileKind::Gzip, _) if gzip => {
            ": it was gzipped twice, so unpack it once with gunzip".into()
        }
        (FileKind::Idx { .. }, _) => {
            format!(": MNIST's has u8, in {}", dimensions(kind))
        }
        (FileKind::SwappedIdx, _) => {
            ": write the highest byte of each number first".into()
        }
        (FileKind::MarkedText, _) => {
            ": the editor changed it, so fetch it again".into()
        }
        (_, "") => String::new(),
        (_, advice) => format!(": {advice}"),
    }
}

fn dimensions(kind: IdxKind) -> &'static str {
    if kind == IdxKind::Images { "3 dimensions" } else { "1 dimension" }
}
