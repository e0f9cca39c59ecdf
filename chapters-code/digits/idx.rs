//! The IDX files of MNIST, read as if a stranger had written them.
//!
//! An IDX file is a header of big-endian numbers, then one byte a pixel or one byte a
//! label:
//!
//! | bytes | a file of images | a file of labels |
//! |---|---|---|
//! | 0–3 | 2051, the magic number | 2049 |
//! | 4–7 | m, the number of images | m, the number of labels |
//! | 8–15 | 28 rows, 28 columns | |
//! | the rest | m·784 pixels, row by row | m labels, 0 to 9 |
//!
//! It may be gzipped: its first two bytes say so, not its name. What the header promises is
//! compared with what the file can hold before any memory is taken for it.

use crate::files::file_kind::{self, FileKind};
use crate::files::whole_file;
use crate::pixels::{CLASSES, Digits, PIXELS, SIDE, assert_shape};
use flate2::bufread::GzDecoder;
use ndarray::Array2;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

mod error;
pub use error::IdxError;

/// The most images or labels that a file may hold: a header can promise four billion, and
/// a gzip file of zeros can keep such a promise. QMNIST, a large set of digits, has
/// 402,953.
pub const MOST: u32 = 1_000_000;

/// Deflate writes at most 258 bytes for every two bits.
pub(crate) const EXPANSION: u64 = 258 * 8 / 2;

/// What an IDX file holds: images, or the labels that belong to them.
///
/// ```
/// use neurons::digits::idx::IdxKind;
/// assert_eq!((IdxKind::Images.magic(), IdxKind::Labels.magic()), (2051, 2049));
/// assert_eq!(IdxKind::Labels.to_string(), "labels");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdxKind {
    /// Pictures of 28×28 bytes.
    Images,
    /// Digits from 0 to 9, a byte each.
    Labels,
}

impl IdxKind {
    /// The lengths of the dimensions after the first: 28 rows and 28 columns, or none.
    pub fn shape(self) -> &'static [u32] {
        match self {
            IdxKind::Images => &[SIDE as u32, SIDE as u32],
            IdxKind::Labels => &[],
        }
    }

    /// The first number of the file: 0x08 for bytes, then how many dimensions they have.
    pub fn magic(self) -> u32 {
        0x0800 + 1 + self.shape().len() as u32
    }

    /// How many bytes an image or a label has.
    fn bytes(self) -> u64 {
        self.shape().iter().map(|&length| u64::from(length)).product()
    }

    fn other(self) -> IdxKind {
        match self {
            IdxKind::Images => IdxKind::Labels,
            IdxKind::Labels => IdxKind::Images,
        }
    }
}

impl fmt::Display for IdxKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(if *self == IdxKind::Images {
            "images"
        } else {
            "labels"
        })
    }
}

/// Reads the images of a file: one row of 784 pixels for each, 0 for background, 255 for
/// ink.
///
/// ```
/// use neurons::{digits::idx, ndarray::Array2};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("images");
/// idx::write_images(&path, &Array2::from_elem((3, 784), 255))?;
/// assert_eq!(idx::read_images(&path)?.dim(), (3, 784));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns any [`IdxError`] except those about labels and counts.
pub fn read_images(path: &Path) -> Result<Array2<u8>, IdxError> {
    let (file, length) = open(path)?;
    images(path, file, length)
}

/// Reads the labels of a file: m digits from 0 to 9.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("labels");
/// neurons::digits::idx::write_labels(&path, &[5, 0, 4])?;
/// assert_eq!(neurons::digits::idx::read_labels(&path)?, [5, 0, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns any [`IdxError`] except those about images and counts.
pub fn read_labels(path: &Path) -> Result<Vec<u8>, IdxError> {
    let (file, length) = open(path)?;
    labels(path, file, length)
}

/// Reads a file of images, (m, 784), and the file of their m labels.
///
/// ```
/// use neurons::{digits::idx, ndarray::Array2};
/// let folder = tempfile::tempdir()?;
/// let (images, labels) = (folder.path().join("images"), folder.path().join("labels"));
/// idx::write_images(&images, &Array2::zeros((2, 784)))?;
/// idx::write_labels(&labels, &[7, 1])?;
/// assert_eq!(idx::read_digits(&images, &labels)?.labels, [7, 1]);
///
/// idx::write_labels(&labels, &[7])?;
/// let error = idx::read_digits(&images, &labels).unwrap_err().to_string();
/// assert!(error.ends_with("every image needs one label, and there are 2 images, 1 labels"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns those of [`read_images`] and [`read_labels`], and [`IdxError::Counts`] when there
/// are more of one than of the other.
pub fn read_digits(
    images: &Path,
    labels: &Path,
) -> Result<Digits, IdxError> {
    pair((images, read_images(images)?), (labels, read_labels(labels)?))
}

/// The images of one file with the labels of another.
pub(crate) fn pair(
    images: (&Path, Array2<u8>),
    labels: (&Path, Vec<u8>),
) -> Result<Digits, IdxError> {
    let (m, n) = (images.1.nrows(), labels.1.len());
    if m != n {
        let (images, labels) = (images.0.into(), labels.0.into());
        return Err(IdxError::Counts { images, m, labels, n });
    }
    Ok(Digits { images: images.1, labels: labels.1 })
}

/// [`read_images`] for a file that is in memory already, here called `<bytes>`.
///
/// ```
/// use neurons::digits::idx::{encode_images, parse_images};
/// let pixels = neurons::ndarray::Array2::from_elem((3, 784), 255);
/// assert_eq!(parse_images(&encode_images(&pixels))?, pixels);
/// # Ok::<(), neurons::digits::idx::IdxError>(())
/// ```
///
/// # Errors
/// Returns those of [`read_images`].
pub fn parse_images(bytes: &[u8]) -> Result<Array2<u8>, IdxError> {
    images(Path::new("<bytes>"), bytes, bytes.len() as u64)
}

/// [`read_labels`] for a file that is in memory already, here called `<bytes>`.
///
/// ```
/// use neurons::digits::idx::parse_labels;
/// assert_eq!(parse_labels(&[0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4])?, [5, 0, 4]);
/// # Ok::<(), neurons::digits::idx::IdxError>(())
/// ```
///
/// # Errors
/// Returns those of [`read_labels`].
pub fn parse_labels(bytes: &[u8]) -> Result<Vec<u8>, IdxError> {
    labels(Path::new("<bytes>"), bytes, bytes.len() as u64)
}

fn images(
    path: &Path,
    file: impl Read,
    length: u64,
) -> Result<Array2<u8>, IdxError> {
    Ok(rows(read(path, IdxKind::Images, file, length)?))
}

/// The pixels of m images, as many as they need: one row for each image.
pub(crate) fn rows(pixels: Vec<u8>) -> Array2<u8> {
    Array2::from_shape_vec((pixels.len() / PIXELS, PIXELS), pixels)
        .expect("kept() counts the bytes")
}

fn labels(
    path: &Path,
    file: impl Read,
    length: u64,
) -> Result<Vec<u8>, IdxError> {
    digits(path, read(path, IdxKind::Labels, file, length)?)
}

/// The labels, if each of them is a digit.
pub(crate) fn digits(
    path: &Path,
    labels: Vec<u8>,
) -> Result<Vec<u8>, IdxError> {
    let is_digit = |label: u8| usize::from(label) < CLASSES;
    match labels.iter().position(|&label| !is_digit(label)) {
        None => Ok(labels),
        Some(position) => Err(IdxError::Label {
            path: path.into(),
            position,
            label: labels[position],
        }),
    }
}

fn open(path: &Path) -> Result<(File, u64), IdxError> {
    let unreadable = |reason| IdxError::Read { path: path.into(), reason };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    Ok((File::open(path).map_err(unreadable)?, metadata.len()))
}

/// The bytes after the header, as many as it promises. `length` is that of the file as it
/// lies on the disk, so gzipped if it is gzipped.
fn read(
    path: &Path,
    kind: IdxKind,
    file: impl Read,
    length: u64,
) -> Result<Vec<u8>, IdxError> {
    let path = path.to_path_buf();
    let (gzip, mut content) = match unpack(file) {
        Ok(unpacked) => unpacked,
        Err(reason) => return Err(IdxError::Read { path, reason }),
    };
    let mut take = |bytes: u64| -> Result<Vec<u8>, IdxError> {
        // The Vec grows with what comes, so a false promise costs nothing.
        let mut taken = Vec::new();
        match content.by_ref().take(bytes).read_to_end(&mut taken) {
            Ok(_) => Ok(taken),
            Err(reason) if gzip => {
                Err(IdxError::Gzip { path: path.clone(), reason })
            }
            Err(reason) => {
                Err(IdxError::Read { path: path.clone(), reason })
            }
        }
    };

    let wanted = 8 + 4 * kind.shape().len() as u64;
    let header = take(wanted)?;
    let words: Vec<u32> = header
        .as_chunks()
        .0
        .iter()
        .map(|&bytes| u32::from_be_bytes(bytes))
        .collect();
    let count = match words[..] {
        [magic, ..] if magic == kind.other().magic() => {
            return Err(IdxError::Swapped { path, kind });
        }
        [found, ..] if found != kind.magic() => {
            let more = take(file_kind::ENOUGH as u64).unwrap_or_default();
            return Err(match FileKind::of(&[header, more].concat()) {
                FileKind::Unknown => IdxError::Magic { path, kind, found },
                is => IdxError::Other { path, kind, is, gzip },
            });
        }
        [_, count, ref shape @ ..] if shape == kind.shape() => {
            u64::from(count)
        }
        [_, _, rows, columns] => {
            return Err(IdxError::Shape { path, rows, columns });
        }
        _ => {
            return Err(IdxError::Header {
                path,
                kind,
                wanted,
                found: header.len(),
            });
        }
    };

    let held = if gzip {
        length.saturating_mul(EXPANSION)
    } else {
        length.saturating_sub(wanted)
    };
    let promised = promised(&path, kind, count, held)?;
    // One byte more than promised: it finds what follows, and makes gzip verify its checksum.
    kept(&path, kind, count, take(promised + 1)?)
}

/// How many bytes `count` images or labels have, if the file can hold as many: at most
/// `held`.
pub(crate) fn promised(
    path: &Path,
    kind: IdxKind,
    count: u64,
    held: u64,
) -> Result<u64, IdxError> {
    let path = path.into();
    let promised = count.saturating_mul(kind.bytes());
    if promised > held {
        Err(IdxError::Short { path, kind, count, promised, held })
    } else if count == 0 || count > MOST.into() {
        Err(IdxError::Count { path, kind, count })
    } else {
        Ok(promised)
    }
}

/// The bytes of `count` images or labels, if there are neither fewer nor more.
pub(crate) fn kept(
    path: &Path,
    kind: IdxKind,
    count: u64,
    bytes: Vec<u8>,
) -> Result<Vec<u8>, IdxError> {
    let promised = count * kind.bytes();
    match bytes.len() as u64 {
        held if held < promised => Err(IdxError::Short {
            path: path.into(),
            kind,
            count,
            promised,
            held,
        }),
        held if held > promised => {
            Err(IdxError::Long { path: path.into(), kind, count })
        }
        _ => Ok(bytes),
    }
}

/// Whether `file` begins with gzip's two bytes, and its content, unpacked if it does.
pub(crate) fn unpack<'a>(
    mut file: impl Read + 'a,
) -> io::Result<(bool, Box<dyn Read + 'a>)> {
    let mut start = Vec::new();
    file.by_ref().take(2).read_to_end(&mut start)?;
    let gzip = start == GZIP;
    let file = Cursor::new(start).chain(file);
    Ok((
        gzip,
        if gzip { Box::new(Members::new(file)) } else { Box::new(file) },
    ))
}

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What a gzip file unpacks to: one member, or several in a row. Zeros after a member, which
/// some disks and tapes add, are ignored, as `gzip` and Python ignore them. Anything else is
/// an error: a file with a foreign part may have lost one of its own.
struct Members<R> {
    member: Option<GzDecoder<BufReader<R>>>,
}

impl<R: Read> Members<R> {
    fn new(file: R) -> Self {
        Members { member: Some(GzDecoder::new(BufReader::new(file))) }
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let n = member.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            let mut file =
                self.member.take().expect("it was just read").into_inner();
            match after_zeros(&mut file)? {
                None => {}
                Some(0x1f) => self.member = Some(GzDecoder::new(file)),
                Some(_) => {
                    let reason = "bytes that are neither gzip nor zeros follow its end";
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        reason,
                    ));
                }
            }
        }
        Ok(0)
    }
}

/// Skips zeros, and returns the byte after them without reading it.
fn after_zeros(file: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let bytes = file.fill_buf()?;
        let (length, next) =
            (bytes.len(), bytes.iter().position(|&byte| byte != 0));
        let byte = next.map(|i| bytes[i]);
        file.consume(next.unwrap_or(length));
        if length == 0 || byte.is_some() {
            return Ok(byte);
        }
    }
}

/// The IDX file of `images`, (m, 784), as bytes.
///
/// ```
/// let file = neurons::digits::idx::encode_images(&neurons::ndarray::Array2::zeros((2, 784)));
/// assert_eq!(file[..16], [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28]);
/// assert_eq!(file.len(), 16 + 2 * 784);
/// ```
///
/// # Panics
/// Panics if the images do not have 784 pixels, or there are more than `u32::MAX`.
pub fn encode_images(images: &Array2<u8>) -> Vec<u8> {
    let m = images.nrows();
    assert_shape("images", images.shape(), &[m, PIXELS]);
    encode(
        IdxKind::Images,
        m,
        images.as_standard_layout().as_slice().expect("row by row"),
    )
}

/// The IDX file of `labels` as bytes.
///
/// ```
/// assert_eq!(neurons::digits::idx::encode_labels(&[5, 0]), [0, 0, 8, 1, 0, 0, 0, 2, 5, 0]);
/// ```
///
/// # Panics
/// Panics if there are more than `u32::MAX`.
pub fn encode_labels(labels: &[u8]) -> Vec<u8> {
    encode(IdxKind::Labels, labels.len(), labels)
}

fn encode(kind: IdxKind, m: usize, bytes: &[u8]) -> Vec<u8> {
    [&header(kind, m), bytes].concat()
}

/// The header of a file of m images or labels.
pub(crate) fn header(kind: IdxKind, m: usize) -> Vec<u8> {
    let count = u32::try_from(m)
        .expect("the header of an IDX file counts up to 4294967295");
    let words = [kind.magic(), count]
        .into_iter()
        .chain(kind.shape().iter().copied());
    words.flat_map(u32::to_be_bytes).collect()
}

/// Writes `images`, (m, 784), as a plain IDX file, whole or not at all.
///
/// ```
/// use neurons::{digits::idx, ndarray::Array2};
/// let path = tempfile::tempdir()?.path().join("images");
/// let error = idx::write_images(&path, &Array2::zeros((1, 784))).unwrap_err();
/// assert!(error.to_string().contains("images cannot be written: "));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Returns [`IdxError::Write`] when the system cannot write the file.
///
/// # Panics
/// Panics as [`encode_images`] does.
pub fn write_images(
    path: &Path,
    images: &Array2<u8>,
) -> Result<(), IdxError> {
    write(path, &encode_images(images))
}

/// Writes `labels` as a plain IDX file, whole or not at all.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("labels");
/// neurons::digits::idx::write_labels(&path, &[5, 0, 4])?;
/// assert_eq!(std::fs::read(&path)?, [0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Returns [`IdxError::Write`] when the system cannot write the file.
///
/// # Panics
/// Panics as [`encode_labels`] does.
pub fn write_labels(path: &Path, labels: &[u8]) -> Result<(), IdxError> {
    write(path, &encode_labels(labels))
}

fn write(path: &Path, file: &[u8]) -> Result<(), IdxError> {
    whole_file::write(path, file)
        .map_err(|reason| IdxError::Write { path: path.into(), reason })
}
