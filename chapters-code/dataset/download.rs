//! The download of one file of MNIST: from the first mirror that gives the right bytes, into a
//! temporary file of the cache, which gets its name only when its SHA-256 is right.

use super::{Content, Mirrors, hexadecimal};
use crate::idx;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use ureq::Agent;

/// How the name of a file begins that is not whole yet.
const UNFINISHED: &str = ".unfinished-";

/// Why a file could not be downloaded: the end of a sentence.
#[derive(Debug, thiserror::Error)]
pub(super) enum DownloadError {
    #[error("no mirror gave {name}.gz ({})", failures.join("; "))]
    Mirrors { name: &'static str, failures: Vec<String> },
    #[error("{address}: {reason}")]
    Mirror { address: String, reason: String },
    #[error("the cache {path} cannot be written: {reason}")]
    Cache { path: PathBuf, reason: io::Error },
}

/// Puts `content` into the folder `cache`, unpacked, unless it is there already.
pub(super) fn download(
    content: &Content,
    mirrors: &Mirrors,
    cache: &Path,
) -> Result<(), DownloadError> {
    let path = cache.join(content.name);
    if File::open(&path).is_ok_and(|file| copy_checked(content, file, io::sink()).is_ok())
    {
        return Ok(());
    }
    sweep(cache, mirrors);
    let mut failures = Vec::new();
    for address in &mirrors.addresses {
        match fetch(content, address, mirrors, &path) {
            Err(error @ DownloadError::Mirror { .. }) => failures.push(error.to_string()),
            // Done, or the cache does not take it, which another mirror would not mend.
            done => return done,
        }
    }
    Err(DownloadError::Mirrors { name: content.name, failures })
}

/// Asks the mirror at `address`, unpacks what comes, and names it `path` if it is `content`.
fn fetch(
    content: &Content,
    address: &str,
    mirrors: &Mirrors,
    path: &Path,
) -> Result<(), DownloadError> {
    let useless = |reason| DownloadError::Mirror { address: address.into(), reason };
    let unwritable = |reason| DownloadError::Cache { path: path.into(), reason };
    let url = format!("{}/{}.gz", address.trim_end_matches('/'), content.name);
    let answer = agent(mirrors, &url).get(&url).call();
    let body = answer.map_err(|error| useless(explain(error)))?.into_body();
    // The folder is not made before: a start without a network leaves no trace.
    let cache = path.parent().unwrap_or(path);
    fs::create_dir_all(cache).map_err(unwritable)?;
    let mut unfinished = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempfile_in(cache)
        .map_err(unwritable)?;

    let bar = progress(content, body.content_length());
    let limit = content.length + 4096; // What is gzipped is hardly longer than what is not.
    let body = bar.wrap_read(body.into_with_config().limit(limit).reader());
    copy_checked(content, body, &mut unfinished).map_err(useless)?;
    unfinished.persist(path).map_err(|error| unwritable(error.error))?;
    Ok(())
}

/// Unpacks `from` into `to`, and says why not if it is not `content`.
fn copy_checked(
    content: &Content,
    from: impl Read,
    mut to: impl Write,
) -> Result<(), String> {
    let explain = |error: io::Error| explain(error.into());
    let (_, from) = idx::unpack(from).map_err(explain)?;
    let mut from = from.take(content.length + 1);
    let (mut buffer, mut digest, mut length) = (vec![0; 1 << 16], Sha256::new(), 0);
    loop {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                digest.update(&buffer[..n]);
                to.write_all(&buffer[..n]).map_err(explain)?;
                length += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(explain(error)),
        }
    }
    let found = hexadecimal(digest.finalize());
    if length > content.length {
        return Err(format!("more than the {} bytes of the real file", content.length));
    }
    if found != content.sha256 {
        let wanted = content.sha256;
        return Err(format!("{length} bytes with SHA-256 {found:.8}…, not {wanted:.8}…"));
    }
    Ok(())
}

fn agent(mirrors: &Mirrors, url: &str) -> Agent {
    // The tests' own server speaks http, and no proxy finds it.
    let here = url.starts_with("http://127.0.0.1:");
    let mut config = Agent::config_builder()
        .https_only(!here)
        .timeout_resolve(Some(mirrors.connect))
        .timeout_connect(Some(mirrors.connect))
        .timeout_per_read(Some(mirrors.stall))
        .timeout_global(Some(mirrors.whole));
    if here {
        config = config.proxy(None);
    }
    config.build().into()
}

fn explain(error: ureq::Error) -> String {
    match error {
        ureq::Error::StatusCode(code) => format!("the server answers {code}"),
        ureq::Error::Timeout(step) => format!("too slow, given up (time-out: {step})"),
        ureq::Error::HostNotFound => "no such host, or no network".into(),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the connection or the file ends too early".into()
        }
        ureq::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// A bar on stderr, if that is a terminal, which goes away with its last owner.
fn progress(content: &Content, length: Option<u64>) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes}")
        .expect("the template is well formed");
    length
        .map_or_else(ProgressBar::no_length, ProgressBar::new)
        .with_style(style)
        .with_message(format!("downloading {}", content.name))
        .with_finish(ProgressFinish::AndClear)
}

/// Removes the temporary files of downloads that were killed: those older than any download can be.
fn sweep(cache: &Path, mirrors: &Mirrors) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        let unfinished = entry.file_name().to_string_lossy().starts_with(UNFINISHED);
        let age =
            entry.metadata().and_then(|data| data.modified()).map(|time| time.elapsed());
        if unfinished && matches!(age, Ok(Ok(age)) if age > mirrors.whole) {
            let _ = fs::remove_file(entry.path()); // If it stays, it is only in the way.
        }
    }
}
