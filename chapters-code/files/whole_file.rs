//! Files that are written whole or not at all: a file gets its name when all of it is on the disk,
//! and until then has a temporary one beside it.

use std::fs::{self, DirEntry, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// How the temporary name of a file begins until it is whole.
pub const UNFINISHED: &str = ".unfinished-";

/// Reads a file, or its first `most` + 1 bytes: so a file that is too long is noticed, and does not
/// fill the memory.
///
/// ```
/// use neurons::files::whole_file;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("digits");
/// whole_file::write(&path, b"504192")?;
/// assert_eq!(whole_file::read(&path, 100)?, b"504192");
/// assert_eq!(whole_file::read(&path, 3)?, b"5041");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the system does not give the file.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file whole or not at all.
///
/// # Errors
/// If the system does not take the file. A file that had the name before is then unchanged.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = Unfinished::new(path)?;
    file.write_all(bytes)?;
    file.finish()
}

/// A file that is not whole yet: it has a temporary name beside its own, and is removed if it is
/// dropped before [`Unfinished::finish`].
///
/// ```
/// use neurons::files::whole_file::Unfinished;
/// use std::io::Write;
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("digits");
/// let mut file = Unfinished::new(&path)?;
/// file.write_all(b"504192")?;
/// assert!(!path.exists());
/// file.finish()?;
/// assert_eq!(std::fs::read(&path)?, b"504192");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Unfinished {
    path: PathBuf,
    file: NamedTempFile,
}

impl Unfinished {
    /// Begins the file that will be at `path`.
    ///
    /// # Errors
    /// If nothing can be written to its folder.
    pub fn new(path: &Path) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(UNFINISHED);
        // Others may read it, as they may any other new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(
            0o666,
        ));
        let file = builder.tempfile_in(folder(path))?;
        Ok(Unfinished { path: path.into(), file })
    }

    /// Gives the file its name, once all of it is on the disk.
    ///
    /// # Errors
    /// If the system does not take the file or the name.
    pub fn finish(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path)?;
        // Its name is on the disk when the folder is; not every file system can say when.
        #[cfg(unix)]
        let _ = File::open(folder(&self.path))
            .and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn folder(path: &Path) -> &Path {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Where the pieces of a file are kept until the last has come, from one process to the next.
///
/// ```
/// use neurons::files::whole_file::partial;
/// use std::path::Path;
/// assert_eq!(partial(Path::new("cache/x.gz")), Path::new("cache/.unfinished-x.gz"));
/// ```
pub fn partial(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{UNFINISHED}{name}"))
}

/// Removes from a folder the unfinished files of processes that were killed: those of which
/// `is_left` says so.
///
/// # Errors
/// If the system does not list the folder. A file that cannot be removed stays: it only takes room.
pub fn sweep(
    folder: &Path,
    is_left: impl Fn(&DirEntry) -> bool,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(UNFINISHED) && is_left(&entry)
        {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
