//! What a file is, by its first bytes and not by its name, so that the sentence which refuses it can
//! say what it is.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use FileKind::*;

/// A kind of file. Its `Display` is a name with an article.
///
/// ```
/// use neurons::files::file_kind::FileKind;
/// let kind = FileKind::of(b"<!DOCTYPE html><title>Sign in</title>");
/// assert_eq!(kind, FileKind::Html);
/// assert_eq!(kind.to_string(), "an HTML page");
/// assert_eq!(FileKind::of(&[0, 0, 13, 3]).to_string(), "an IDX file of f32 in 3 dimensions");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Display names each of them")]
pub enum FileKind {
    Empty,
    Html,
    Xml,
    Svg,
    GitLfs,
    Json,
    Csv,
    /// Text that an editor saved, which marked it with the bytes EF BB BF, FF FE or FE FF.
    MarkedText,
    Text,
    Gzip,
    Zip,
    SevenZip,
    Rar,
    Xz,
    Bzip2,
    Zstd,
    Tar,
    /// The numbers of an IDX file are bytes (8), and MNIST's have 1 dimension or 3.
    Idx {
        element: u8,
        dimensions: u8,
    },
    /// IDX as a machine writes it whose numbers begin with the lowest byte.
    SwappedIdx,
    Npz,
    Npy,
    PyTorch,
    Pickle,
    Hdf5,
    Safetensors,
    Gguf,
    Parquet,
    Png,
    Jpeg,
    Gif,
    Bmp,
    WebP,
    Tiff,
    Heic,
    Avif,
    Jpeg2000,
    JpegXl,
    Pdf,
    /// `._NAME`, which macOS writes beside NAME on a foreign disk.
    AppleDouble,
    Unknown,
}

/// Bytes that stand at a place of every file of a kind.
const MAGIC: &[(usize, &[u8], FileKind)] = &[
    (0, b"version https://git-lfs.github.com/spec/", GitLfs),
    (0, b"\x1f\x8b", Gzip),
    (0, b"7z\xbc\xaf\x27\x1c", SevenZip),
    (0, b"Rar!\x1a\x07", Rar),
    (0, b"\xfd7zXZ\0", Xz),
    (0, b"BZh", Bzip2),
    (0, b"\x28\xb5\x2f\xfd", Zstd),
    (257, b"ustar", Tar),
    (0, b"\x93NUMPY", Npy),
    // torch.save before version 1.6: its magic number as a pickle of protocol 2.
    (
        0,
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19",
        PyTorch,
    ),
    (0, b"\x80\x02", Pickle),
    (0, b"\x80\x03", Pickle),
    (0, b"\x80\x04\x95", Pickle),
    (0, b"\x80\x05\x95", Pickle),
    (0, b"\x89HDF\r\n\x1a\n", Hdf5),
    (0, b"GGUF", Gguf),
    (0, b"PAR1", Parquet),
    (0, b"\x89PNG\r\n\x1a\n", Png),
    (0, b"\xff\xd8\xff", Jpeg),
    (0, b"GIF87a", Gif),
    (0, b"GIF89a", Gif),
    (0, b"II*\0", Tiff),
    (0, b"MM\0*", Tiff),
    (4, b"jP  \r\n\x87\n", Jpeg2000),
    (0, b"\xff\x4f\xff\x51", Jpeg2000),
    (4, b"JXL \r\n\x87\n", JpegXl),
    (0, b"\xff\x0a", JpegXl),
    (0, b"%PDF-", Pdf),
    (0, b"\0\x05\x16\x07", AppleDouble),
];

/// The types of the numbers of an IDX file, by its third byte.
const ELEMENTS: [(u8, &str); 6] = [
    (8, "u8"),
    (9, "i8"),
    (11, "i16"),
    (12, "i32"),
    (13, "f32"),
    (14, "f64"),
];

/// How many bytes [`FileKind::of`] looks at.
pub const ENOUGH: usize = 1024;

impl FileKind {
    /// The kind of a file that begins with `start`: all of the file, or at least its first
    /// [`ENOUGH`] bytes.
    ///
    /// ```
    /// use neurons::files::file_kind::FileKind;
    /// let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:…";
    /// assert_eq!(FileKind::of(pointer.as_bytes()).advice(), "run `git lfs pull` where it lies");
    /// assert_eq!(FileKind::of(&[]), FileKind::Empty);
    /// ```
    pub fn of(start: &[u8]) -> FileKind {
        let start = &start[..start.len().min(ENOUGH)];
        let is = |&&(at, magic, _): &&(usize, &[u8], FileKind)| {
            start.get(at..).is_some_and(|rest| rest.starts_with(magic))
        };
        match *start {
            [] => return Empty,
            [b'P', b'K', 3 | 5 | 7, 4 | 6 | 8, ..] => return zip(start),
            [0, 0, element, dimensions @ 1..=16, ..]
                if ELEMENTS.iter().any(|&(code, _)| code == element) =>
            {
                return Idx { element, dimensions };
            }
            [1..=16, element, 0, 0, ..]
                if ELEMENTS.iter().any(|&(code, _)| code == element) =>
            {
                return SwappedIdx;
            }
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
                return photograph(start);
            }
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => {
                return WebP;
            }
            // After the length of the file, four bytes that are reserved.
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => return Bmp,
            // The length of a header in JSON: less than four gigabytes.
            [_, _, _, _, 0, 0, 0, 0, b'{', ..] => return Safetensors,
            _ => {}
        }
        MAGIC
            .iter()
            .find(is)
            .map_or_else(|| text(start), |&(_, _, kind)| kind)
    }

    /// What to do with a file that is of this kind and should be of another, or nothing: the end
    /// of a sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Html | Xml => {
                "the server sent it instead, so fetch the file again"
            }
            GitLfs => "run `git lfs pull` where it lies",
            Empty => "fetch it again",
            Zip | SevenZip | Rar | Xz | Bzip2 | Zstd | Tar => {
                "unpack it first"
            }
            AppleDouble => "the file itself has the same name without `._`",
            _ => "",
        }
    }

    /// Whether a digit may be drawn in a file of this kind.
    ///
    /// ```
    /// use neurons::files::file_kind::FileKind;
    /// assert!(FileKind::of(b"GIF89a").is_picture() && !FileKind::of(b"{}").is_picture());
    /// ```
    pub fn is_picture(self) -> bool {
        let bitmap = matches!(
            self,
            Png | Jpeg | Gif | Bmp | WebP | Tiff | Heic | Avif
        );
        bitmap || matches!(self, Jpeg2000 | JpegXl | Svg | Pdf)
    }

    /// The kind of a file on the disk; of a folder, an error.
    ///
    /// ```
    /// use neurons::files::file_kind::FileKind;
    /// let file = tempfile::NamedTempFile::new()?;
    /// std::fs::write(file.path(), "%PDF-1.7")?;
    /// assert_eq!(FileKind::of_file(file.path())?, FileKind::Pdf);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the system does not give its first bytes.
    pub fn of_file(path: &Path) -> io::Result<FileKind> {
        Ok(FileKind::of(&start(path)?))
    }
}

/// The first [`ENOUGH`] bytes of a file, or all if it has fewer.
///
/// ```
/// use neurons::files::file_kind::{self, FileKind};
/// let file = tempfile::NamedTempFile::new()?;
/// std::fs::write(file.path(), "%PDF-1.7")?;
/// assert_eq!(FileKind::of(&file_kind::start(file.path())?), FileKind::Pdf);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Returns an error when the system cannot read the file.
pub fn start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    File::open(path)?.take(ENOUGH as u64).read_to_end(&mut start)?;
    Ok(start)
}

/// The kind of a ZIP archive, by its first entry.
fn zip(start: &[u8]) -> FileKind {
    let length = match *start {
        [b'P', b'K', 3, 4, .., _] if start.len() > 30 => {
            [start[26], start[27]]
        }
        _ => return Zip,
    };
    let end = 30 + usize::from(u16::from_le_bytes(length));
    match start.get(30..end) {
        Some(name) if name.ends_with(b".npy") => Npz,
        Some(name) if name.ends_with(b"/data.pkl") => PyTorch,
        _ => Zip,
    }
}

/// The kind of a file of the family of MP4, by the brands in its first box.
fn photograph(start: &[u8]) -> FileKind {
    let length = u32::from_be_bytes(
        *start.first_chunk().expect("`ftyp` comes after it"),
    );
    let brands = &start[8..(length as usize).clamp(8, start.len())];
    let has = |wanted: &[&[u8]]| {
        brands.chunks(4).any(|brand| wanted.contains(&brand))
    };
    if has(&[b"avif", b"avis"]) {
        Avif
    } else if has(&[
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1",
    ]) {
        Heic
    } else {
        Unknown
    }
}

fn text(start: &[u8]) -> FileKind {
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    let mark = marks.iter().find(|mark| start.starts_with(mark));
    let rest = &start[mark.map_or(0, |mark| mark.len())..];
    // The last character may be cut in two.
    let words = match str::from_utf8(rest) {
        Ok(words) => words,
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&rest[..error.valid_up_to()])
                .expect("valid up to there")
        }
        Err(_) => return if mark.is_some() { MarkedText } else { Unknown },
    };
    let words = words.trim_start().to_ascii_lowercase();
    let begins =
        |with: &[&str]| with.iter().any(|with| words.starts_with(with));
    if begins(&["<!doctype html", "<html", "<head", "<body"]) {
        Html
    } else if begins(&["<svg", "<?xml", "<!doctype svg", "<!--"]) {
        let has = |word| words.contains(word);
        if has("<svg") {
            Svg
        } else if has("<html") {
            Html
        } else {
            Xml
        }
    } else if mark.is_some() {
        MarkedText
    } else if words.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        Unknown
    } else if begins(&["{", "["]) {
        Json
    } else if words
        .lines()
        .next()
        .is_some_and(|line| line.matches(',').count() > 1)
    {
        Csv
    } else {
        Text
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Idx { element, dimensions } => {
                let name = ELEMENTS.iter().find(|(code, _)| code == element);
                let name = name.map_or("an unknown type", |&(_, name)| name);
                let plural = if *dimensions == 1 { "" } else { "s" };
                return write!(
                    f,
                    "an IDX file of {name} in {dimensions} dimension{plural}"
                );
            }
            Empty => "an empty file",
            Html => "an HTML page",
            Xml => "an XML page",
            Svg => "an SVG drawing",
            GitLfs => "a Git LFS pointer",
            Json => "JSON text",
            Csv => "a CSV table",
            MarkedText => "a file that a text editor saved with a byte-order mark",
            Text => "plain text",
            Gzip => "a gzip file",
            Zip => "a ZIP archive",
            SevenZip => "a 7-Zip archive",
            Rar => "a RAR archive",
            Xz => "an xz file",
            Bzip2 => "a bzip2 file",
            Zstd => "a zstd file",
            Tar => "a tar archive",
            SwappedIdx => "an IDX file with its bytes swapped (little-endian)",
            Npz => "a NumPy archive (.npz)",
            Npy => "a NumPy array (.npy)",
            PyTorch => "a PyTorch file (.pt)",
            Pickle => "a Python pickle",
            Hdf5 => "an HDF5 file",
            Safetensors => "a safetensors file",
            Gguf => "a GGUF file",
            Parquet => "a Parquet table",
            Png => "a PNG picture",
            Jpeg => "a JPEG picture",
            Gif => "a GIF picture",
            Bmp => "a BMP picture",
            WebP => "a WebP picture",
            Tiff => "a TIFF picture",
            Heic => "a HEIC photograph",
            Avif => "an AVIF picture",
            Jpeg2000 => "a JPEG 2000 picture",
            JpegXl => "a JPEG XL picture",
            Pdf => "a PDF document",
            AppleDouble => "a macOS companion file (AppleDouble)",
            Unknown => "a file of an unknown kind",
        })
    }
}
