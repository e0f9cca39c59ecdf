//! The digits of Keras's `mnist.npz`: a ZIP archive of four arrays as NumPy writes them, `x_train`
//! and `y_train` to train on, `x_test` and `y_test` to test on. Read as an IDX file is: what a
//! header promises is compared with what the archive can hold before any memory is taken for it.

use crate::digits::idx::{self, IdxError, IdxKind};
use crate::files::file_kind::{self, FileKind};
use crate::files::one_line;
use crate::pixels::PIXELS;
use flate2::read::DeflateDecoder;
use ndarray::Array2;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The most bytes of an array's header; NumPy writes 128.
const MOST_HEADER: u32 = 4096;

/// How many names of arrays a sentence has room for.
const MOST_NAMES: usize = 6;

/// What is wrong with an archive of digits, in one sentence that names it.
#[derive(Debug, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum NpzError {
    /// The operating system cannot read the file.
    #[error("{path} cannot be read: {reason}")]
    Read { path: PathBuf, reason: io::Error },
    /// The file is something else.
    #[error("{path} is {is}, not a NumPy archive{}", advice(*is))]
    Other { path: PathBuf, is: FileKind },
    /// The archive ends too early, or breaks the rules of ZIP or deflate, or fails its checksum.
    #[error(
        "{path} cannot be unpacked, so fetch it again: it is damaged or cut short ({reason})"
    )]
    Damaged { path: PathBuf, reason: String },
    /// One of the four arrays is not there.
    #[error(
        "{path} has no array {name}: it has {}, and x_train, y_train, x_test, y_test are wanted",
        if there.is_empty() { "none".into() } else { there.join(", ") }
    )]
    Missing { path: PathBuf, name: &'static str, there: Vec<String> },
    /// An array is compressed, or encrypted, as NumPy never does it.
    #[error(
        "{path} is packed in a way that NumPy does not use ({how}): save it again with numpy.savez"
    )]
    Packed { path: PathBuf, how: String },
    /// An array does not begin as NumPy's do.
    #[error(
        "{path} does not begin as a NumPy array: save it again with numpy.savez"
    )]
    Header { path: PathBuf },
    /// The numbers of an array are not bytes.
    #[error(
        "{path} holds numbers of the type {found}: save them with .astype('uint8')"
    )]
    Type { path: PathBuf, found: String },
    /// An array lies in memory column by column.
    #[error(
        "{path} is in Fortran order: save it with numpy.ascontiguousarray"
    )]
    Order { path: PathBuf },
    /// An array has another shape than m digits have.
    #[error("{path} has the shape {found:?}: {} is wanted", shape(*kind))]
    Shape { path: PathBuf, kind: IdxKind, found: Vec<u64> },
    /// There are too few images or labels, or too many, or one is not a digit.
    #[error(transparent)]
    Digits(#[from] IdxError),
}

fn advice(is: FileKind) -> String {
    match is.advice() {
        "" => String::new(),
        advice => format!(": {advice}"),
    }
}

fn shape(kind: IdxKind) -> String {
    let lengths = kind.shape().iter().map(|length| format!(", {length}"));
    format!("[m{}]", lengths.collect::<String>())
}

/// Reads the images of the array of that name: one row of 784 pixels for each.
pub(super) fn images(
    path: &Path,
    name: &'static str,
) -> Result<Array2<u8>, NpzError> {
    let (_, pixels) = read(path, name, IdxKind::Images)?;
    Ok(idx::rows(pixels))
}

/// Reads the labels of the array of that name: m digits from 0 to 9.
pub(super) fn labels(
    path: &Path,
    name: &'static str,
) -> Result<Vec<u8>, NpzError> {
    let (path, labels) = read(path, name, IdxKind::Labels)?;
    Ok(idx::digits(&path, labels)?)
}

/// The path of an array, for a sentence, and its bytes.
fn read(
    path: &Path,
    name: &'static str,
    kind: IdxKind,
) -> Result<(PathBuf, Vec<u8>), NpzError> {
    let damaged = |reason: String| {
        let reason = one_line(&reason);
        NpzError::Damaged { path: path.into(), reason }
    };
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(open(path)?, &mut buffer)
        .map_err(|error| damaged(error.to_string()))?;
    let mut entries = archive.entries(&mut buffer);
    let (mut there, mut found) = (Vec::new(), None);
    while let Some(entry) =
        entries.next_entry().map_err(|error| damaged(error.to_string()))?
    {
        let named = String::from_utf8_lossy(entry.file_path().as_ref())
            .into_owned();
        let named = named.strip_suffix(".npy").unwrap_or(&named);
        if named == name {
            found = Some((
                entry.wayfinder(),
                entry.compression_method(),
                entry.flags(),
            ));
            break;
        } else if there.len() < MOST_NAMES {
            there.push(one_line(named));
        } else if there.len() == MOST_NAMES {
            there.push("others".into());
        }
    }
    let Some((place, method, flags)) = found else {
        return Err(NpzError::Missing { path: path.into(), name, there });
    };
    let array = path.join(name);
    if flags.is_encrypted() {
        return Err(NpzError::Packed {
            path: array,
            how: "encrypted".into(),
        });
    }
    let entry = archive
        .get_entry(place)
        .map_err(|error| damaged(format!("{name}: {error}")))?;
    let packed: Box<dyn Read> = match method {
        CompressionMethod::STORE => Box::new(entry.reader()),
        CompressionMethod::DEFLATE => {
            Box::new(DeflateDecoder::new(entry.reader()))
        }
        other => {
            return Err(NpzError::Packed {
                path: array,
                how: other.to_string(),
            });
        }
    };
    let mut content = entry.verifying_reader(packed);
    let mut take = |bytes: u64| -> Result<Vec<u8>, NpzError> {
        let mut taken = Vec::new();
        match content.by_ref().take(bytes).read_to_end(&mut taken) {
            Ok(_) => Ok(taken),
            Err(error) => Err(damaged(format!("{name}: {error}"))),
        }
    };

    let broken = || NpzError::Header { path: array.clone() };
    let start = take(8)?;
    let length = match *start {
        [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _] => take(2)?
            .first_chunk()
            .map(|&bytes| u32::from(u16::from_le_bytes(bytes))),
        [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _] => {
            take(4)?.first_chunk().map(|&bytes| u32::from_le_bytes(bytes))
        }
        _ => None,
    };
    let length = length
        .filter(|&length| length <= MOST_HEADER)
        .ok_or_else(broken)?;
    let header =
        String::from_utf8(take(length.into())?).map_err(|_| broken())?;
    let header = Header::parse(&header).ok_or_else(broken)?;
    if !matches!(header.descr, "|u1" | "u1" | "<u1" | ">u1" | "=u1") {
        return Err(NpzError::Type {
            path: array,
            found: one_line(header.descr),
        });
    }
    if header.fortran_order && header.shape.len() > 1 {
        return Err(NpzError::Order { path: array });
    }
    let digit: Vec<u64> = header
        .shape
        .iter()
        .skip(1)
        .copied()
        .filter(|&length| length != 1)
        .collect();
    let wanted = kind.shape().iter().map(|&length| u64::from(length));
    let flat = [PIXELS as u64];
    let fits = digit.iter().copied().eq(wanted)
        || (kind == IdxKind::Images && digit == flat);
    let Some(&count) = header.shape.first().filter(|_| fits) else {
        return Err(NpzError::Shape {
            path: array,
            kind,
            found: header.shape,
        });
    };
    let held = match method {
        CompressionMethod::STORE => place.compressed_size_hint(),
        _ => place.compressed_size_hint().saturating_mul(idx::EXPANSION),
    };
    let promised = idx::promised(&array, kind, count, held)?;
    // One byte more than promised: it finds what follows, and makes ZIP verify its checksum.
    let bytes = idx::kept(&array, kind, count, take(promised + 1)?)?;
    Ok((array, bytes))
}

/// Opens an archive, if it begins as one.
fn open(path: &Path) -> Result<File, NpzError> {
    let unreadable = |reason| NpzError::Read { path: path.into(), reason };
    let start = file_kind::start(path).map_err(unreadable)?;
    match FileKind::of(&start) {
        FileKind::Zip | FileKind::Npz | FileKind::PyTorch => {
            File::open(path).map_err(unreadable)
        }
        is => Err(NpzError::Other { path: path.into(), is }),
    }
}

/// What NumPy writes before an array: `{'descr': '|u1', 'fortran_order': False, 'shape': (60000,
/// 28, 28), }`, a dictionary of Python. `npyz`, which reads all that NumPy writes, multiplies a
/// shape without asking whether the product fits, and panics where it does not.
struct Header<'a> {
    descr: &'a str,
    fortran_order: bool,
    shape: Vec<u64>,
}

impl<'a> Header<'a> {
    fn parse(text: &'a str) -> Option<Header<'a>> {
        let value = |key: &str| {
            let (_, rest) = text.split_once(&format!("'{key}'"))?;
            Some(rest.trim_start().strip_prefix(':')?.trim_start())
        };
        let descr = value("descr")?;
        let descr = match descr.strip_prefix('\'') {
            Some(descr) => descr.split_once('\'')?.0,
            None => descr
                .split_once("'fortran")
                .map_or(descr, |(descr, _)| descr),
        };
        let fortran_order = match value("fortran_order")? {
            order if order.starts_with("False") => false,
            order if order.starts_with("True") => true,
            _ => return None,
        };
        let (shape, _) =
            value("shape")?.strip_prefix('(')?.split_once(')')?;
        let lengths = shape
            .split(',')
            .map(str::trim)
            .filter(|length| !length.is_empty());
        // Python 2 wrote 60000L.
        let shape =
            lengths.map(|length| length.trim_end_matches('L').parse().ok());
        Some(Header {
            descr,
            fortran_order,
            shape: shape.collect::<Option<_>>()?,
        })
    }
}
