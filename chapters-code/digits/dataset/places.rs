//! Where people keep MNIST's files in a folder, and what a folder holds instead.

use crate::files::file_kind::{self, FileKind};
use crate::files::one_line;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Keras's name for MNIST in one file.
pub(super) const NPZ: &str = "mnist.npz";

/// Where the files lie below a folder: in it, or as torchvision has them below its root.
const BELOW: [&str; 3] = ["", "MNIST/raw", "raw"];

/// How many names of a folder a sentence has room for.
const MOST_NAMES: usize = 4;

/// How many names of a folder are looked at.
const MOST_ENTRIES: usize = 10_000;

/// The files below `folder` that may be the one of that name, the likeliest first: plain or
/// gzipped, with a dash or a dot before `idx`, in capitals or not, and in folders that have the
/// file's own name, which Kaggle and 7-Zip make. After them comes Keras's `mnist.npz`. `folder`
/// may be such a file itself.
pub(super) fn candidates(
    folder: &Path,
    name: &str,
) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(vec![folder.into()]);
    }
    let dotted = name.replace("-idx", ".idx");
    let mut spellings = vec![name.into(), format!("{name}.gz")];
    spellings.extend([dotted.clone(), dotted + ".gz"]);
    let mut files = Vec::new();
    for (i, below) in BELOW.iter().enumerate() {
        match spelled(&folder.join(below), &spellings) {
            Ok(found) => {
                files.extend(
                    found.iter().filter(|path| path.is_file()).cloned(),
                );
                for inner in found.iter().filter(|path| path.is_dir()) {
                    let found =
                        spelled(inner, &spellings).unwrap_or_default();
                    files.extend(
                        found.into_iter().filter(|path| path.is_file()),
                    );
                }
            }
            Err(reason) if i == 0 => return Err(reason),
            Err(_) => {}
        }
    }
    for below in BELOW {
        let found =
            spelled(&folder.join(below), &[NPZ.into()]).unwrap_or_default();
        files.extend(found.into_iter().filter(|path| path.is_file()));
    }
    Ok(files)
}

/// What in a folder has one of these names, in their order; capitals count as small letters, but
/// the name itself comes first.
fn spelled(folder: &Path, names: &[String]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is = entry.file_name();
        let Some(is) = is.to_str() else { continue };
        if let Some(i) =
            names.iter().position(|name| name.eq_ignore_ascii_case(is))
        {
            found.push((i, names[i] != is, entry.path()));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, _, path)| path).collect())
}

/// A name that a sentence can quote: in one line, and not too long.
fn shown(name: &Path) -> String {
    const MOST: usize = 60;
    let name = one_line(&name.to_string_lossy());
    let cut: String = name.chars().take(MOST).collect();
    if cut.len() < name.len() { cut + "…" } else { cut }
}

/// What a folder has in the place of one of the four files: the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Nothing: the folder is empty.
    Nothing,
    /// Nothing that looks like it: some of the names, and how many others there are.
    Others(Vec<String>, usize),
    /// The file, under a name that a browser or a system gave it.
    Renamed {
        /// The name that it has.
        from: String,
        /// The name that it should have.
        to: String,
    },
    /// Its counterpart in EMNIST.
    Emnist(String),
    /// A file with such a name that holds something else, or an archive that may hold it.
    Foreign(String, FileKind),
}

impl Instead {
    /// Looks for what resembles the file of that name.
    pub(super) fn of(folder: &Path, name: &str) -> Instead {
        let mut names = Vec::new();
        for below in BELOW {
            let entries = fs::read_dir(folder.join(below))
                .into_iter()
                .flatten()
                .flatten();
            for entry in entries.take(MOST_ENTRIES) {
                // What begins with a dot is a system's, or an unfinished download.
                if !entry.file_name().to_string_lossy().starts_with('.') {
                    names.push(Path::new(below).join(entry.file_name()));
                }
            }
        }
        names.sort();
        let kind = |name: &Path| {
            let path = folder.join(name);
            let start = if path.is_file() {
                file_kind::start(&path).ok()
            } else {
                None
            };
            start.map(|start| FileKind::of(&start))
        };
        let set: &[&str] = if name.contains("train") {
            &["train"]
        } else {
            &["t10k", "test"]
        };
        let what = if name.contains("images") { "image" } else { "label" };
        let lowered = |name: &Path| name.to_string_lossy().to_lowercase();
        let mut emnist = None;
        for path in &names {
            let (is, shown) = (lowered(path), shown(path));
            if !(set.iter().any(|set| is.contains(set))
                && is.contains(what))
            {
                continue;
            }
            match kind(path) {
                Some(_) if is.contains("emnist") => {
                    emnist = emnist.or(Some(shown))
                }
                Some(FileKind::Gzip) => {
                    return Instead::Renamed {
                        from: shown,
                        to: format!("{name}.gz"),
                    };
                }
                Some(FileKind::Idx { .. }) => {
                    return Instead::Renamed {
                        from: shown,
                        to: name.into(),
                    };
                }
                Some(kind) => return Instead::Foreign(shown, kind),
                None => {}
            }
        }
        if let Some(emnist) = emnist {
            return Instead::Emnist(emnist);
        }
        use FileKind::*;
        for path in names.iter().take(100) {
            let shown = shown(path);
            match kind(path) {
                Some(Npz) => {
                    return Instead::Renamed {
                        from: shown,
                        to: NPZ.into(),
                    };
                }
                Some(
                    kind @ (Zip | SevenZip | Rar | Tar | Xz | Bzip2 | Zstd
                    | Csv),
                ) => {
                    return Instead::Foreign(shown, kind);
                }
                _ => {}
            }
        }
        let others = names.len().saturating_sub(MOST_NAMES);
        let first: Vec<_> =
            names.iter().take(MOST_NAMES).map(|name| shown(name)).collect();
        if first.is_empty() {
            Instead::Nothing
        } else {
            Instead::Others(first, others)
        }
    }
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        const PUT: &str = "put the four files of MNIST there";
        match self {
            Instead::Nothing => write!(f, "it is empty, so {PUT}"),
            Instead::Others(names, 0) => {
                write!(f, "it has {}, so {PUT}", names.join(", "))
            }
            Instead::Others(names, more) => {
                write!(
                    f,
                    "it has {} and {more} more, so {PUT}",
                    names.join(", ")
                )
            }
            Instead::Renamed { from, to } => {
                write!(f, "it has `{from}`: rename it to {to}")
            }
            Instead::Emnist(file) => write!(
                f,
                "it has `{file}`, which is EMNIST's, with rows and columns exchanged: fetch MNIST's"
            ),
            Instead::Foreign(file, kind) => match kind.advice() {
                "" => {
                    write!(f, "it has `{file}`, which is {kind}, so {PUT}")
                }
                advice => {
                    write!(f, "it has `{file}`, which is {kind}: {advice}")
                }
            },
        }
    }
}
