//! The download of MNIST: what arrives goes to a partial file of the cache, which outlives a cut
//! connection and a killed process, so that the next request asks only for the rest. A file gets
//! its name when it is unpacked and its SHA-256 is right, and not before.

use super::{Content, DownloadError, Mirrors};
use crate::digits::idx;
use crate::files::file_kind::FileKind;
use crate::files::hexadecimal;
use crate::files::whole_file::{self, Unfinished};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use sha2::{Digest, Sha256};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::{HeaderMap, Uri, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Timeout};

/// The file that a process locks while it downloads to the folder.
const LOCK: &str = ".lock";

/// How long a process that waits for another one sleeps between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// Why an attempt failed.
enum Failure {
    /// Another attempt at the same mirror may succeed, after the time that the mirror names.
    Passing(String, Duration),
    /// Another attempt at the same mirror would fail, too.
    Lasting(String),
    /// The cache cannot be written, which another mirror would not change.
    Cache(io::Error),
}

/// Puts those of `contents` that are not there yet into the folder `cache`, unpacked.
pub(super) fn download(
    contents: &[Content],
    mirrors: &Mirrors,
    cache: &Path,
) -> Result<(), DownloadError> {
    let _taken = Taken::new(cache, mirrors.other)?;
    sweep(contents, mirrors, cache);
    let mut addresses: Vec<_> = mirrors.addresses.iter().collect();
    'contents: for content in contents {
        if content.look(cache).is_ok_and(|found| found.genuine) {
            continue;
        }
        let mut failures = Vec::new();
        for i in 0..addresses.len() {
            match fetch(content, addresses[i], mirrors, cache) {
                Ok(()) => {
                    // The mirror that had this file is asked first for the next one.
                    addresses.rotate_left(i);
                    continue 'contents;
                }
                Err(
                    Failure::Passing(reason, _) | Failure::Lasting(reason),
                ) => {
                    failures.push(format!("{}: {reason}", addresses[i]));
                }
                Err(Failure::Cache(reason)) => {
                    return Err(DownloadError::Cache {
                        path: cache.into(),
                        reason,
                    });
                }
            }
        }
        return Err(DownloadError::Mirrors {
            name: content.name,
            failures,
        });
    }
    Ok(())
}

/// A cache folder that no other process downloads to at the same time.
struct Taken {
    lock: PathBuf,
    /// The folders that did not exist before, the innermost first.
    made: Vec<PathBuf>,
    /// Locked until it is closed, so a process that is killed holds nothing.
    _file: File,
}

impl Taken {
    /// Waits at most `other` for a process that downloads to the folder, and says so.
    fn new(cache: &Path, other: Duration) -> Result<Taken, DownloadError> {
        let unwritable =
            |reason| DownloadError::Cache { path: cache.into(), reason };
        let absent =
            cache.ancestors().take_while(|folder| !folder.exists());
        let made = absent.map(PathBuf::from).collect();
        let lock = cache.join(LOCK);
        let (start, mut told) = (Instant::now(), false);
        loop {
            fs::create_dir_all(cache).map_err(unwritable)?;
            let mut options = File::options();
            let file = options
                .create(true)
                .truncate(false)
                .write(true)
                .open(&lock);
            let file = file.map_err(unwritable)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock)
                    if start.elapsed() > other =>
                {
                    return Err(DownloadError::Busy {
                        cache: cache.into(),
                        wait: other,
                    });
                }
                Err(TryLockError::WouldBlock) => {
                    if !told {
                        let cache = cache.display();
                        let _ = writeln!(
                            io::stderr(),
                            "Another process is downloading to {cache}: waiting for it."
                        );
                        told = true;
                    }
                    thread::sleep(LOOK);
                }
                // The other process may have removed it since it was opened here.
                Ok(()) if !lock.exists() => {}
                // Some network file systems have no locks. There two downloads may run at once,
                // which does no harm: each compares the checksum of what it has written.
                Ok(()) | Err(TryLockError::Error(_)) => {
                    return Ok(Taken { lock, made, _file: file });
                }
            }
        }
    }
}

impl Drop for Taken {
    /// Without a network nothing is left behind.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.lock);
        for folder in &self.made {
            let _ = fs::remove_dir(folder); // Only if it is empty.
        }
    }
}

/// Asks the mirror at `address`, more than once if that may help, unpacks what came, and gives it
/// its name in `cache` if it is `content`.
fn fetch(
    content: &Content,
    address: &str,
    mirrors: &Mirrors,
    cache: &Path,
) -> Result<(), Failure> {
    let url =
        format!("{}/{}.gz", address.trim_end_matches('/'), content.name);
    let partial = partial(content, cache);
    let bar = progress(content);
    let end = Instant::now() + mirrors.whole;
    let (mut pauses, mut longest) =
        (mirrors.pauses.iter(), length(&partial));
    let (mut attempts, mut afresh) = (1, false);
    loop {
        let failure = match ask(content, &url, &partial, mirrors, end, &bar)
        {
            Ok(resumed) => match finish(content, &partial, cache) {
                // The beginning may come from another mirror's file: ask again without it.
                Err(Failure::Lasting(_)) if resumed && !afresh => {
                    afresh = true;
                    continue;
                }
                done => return done,
            },
            Err(failure) => failure,
        };
        let Failure::Passing(reason, wanted) = failure else {
            return Err(failure);
        };
        if length(&partial) > longest {
            // Slow progress is progress.
            (pauses, longest) = (mirrors.pauses.iter(), length(&partial));
        }
        let pause = pauses.next().map(|&pause| pause.max(wanted));
        match pause.filter(|&pause| Instant::now() + pause < end) {
            Some(pause) => {
                bar.set_message(format!(
                    "{}: {reason}; trying again soon",
                    content.name
                ));
                thread::sleep(pause);
            }
            None if attempts == 1 => return Err(Failure::Lasting(reason)),
            None => {
                let reason = format!("{reason}, after {attempts} attempts");
                return Err(Failure::Lasting(reason));
            }
        }
        attempts += 1;
    }
}

/// Asks for what the partial file lacks and appends it. Returns whether there was a beginning.
fn ask(
    content: &Content,
    url: &str,
    partial: &Path,
    mirrors: &Mirrors,
    end: Instant,
    bar: &ProgressBar,
) -> Result<bool, Failure> {
    // What is gzipped is hardly longer than what is not.
    let limit = content.length + 4096;
    let mut start = length(partial);
    if start > limit {
        fs::remove_file(partial).map_err(Failure::Cache)?;
        start = 0;
    }
    let mut request = agent(mirrors, url, end).get(url);
    if start > 0 {
        request = request.header(header::RANGE, format!("bytes={start}-"));
    }
    let answer = request.call().map_err(failure)?;
    let resumed = match answer.status().as_u16() {
        200 => false,
        206 if start > 0 && begins_at(answer.headers(), start) => true,
        206 | 416 if start > 0 => {
            fs::remove_file(partial).map_err(Failure::Cache)?;
            return ask(content, url, partial, mirrors, end, bar);
        }
        code => return Err(refusal(code, answer.headers())),
    };

    let start = if resumed { start } else { 0 };
    let mut options = File::options();
    let file =
        options.create(true).truncate(false).write(true).open(partial);
    let mut file = file.map_err(Failure::Cache)?;
    file.set_len(start)
        .and_then(|()| file.seek(SeekFrom::Start(start)))
        .map_err(Failure::Cache)?;
    let body = answer.into_body();
    bar.set_length(
        body.content_length().map_or(content.length, |rest| start + rest),
    );
    bar.set_position(start);
    bar.set_message(format!("downloading {}", content.name));
    let body = body.into_with_config().limit(limit - start).reader();
    let added = copy(bar.wrap_read(body), |bytes| file.write_all(bytes));
    added.map(|_| resumed).map_err(|side| match side {
        Side::From(error) => match failure(error.into()) {
            // It is longer than the file can be, so another mirror cannot complete it.
            Failure::Lasting(reason) => match fs::remove_file(partial) {
                Ok(()) => Failure::Lasting(reason),
                Err(error) => Failure::Cache(error),
            },
            failure => failure,
        },
        Side::To(error) => Failure::Cache(error),
    })
}

/// Unpacks the partial file into a temporary one, which gets its name if it is `content`, and
/// removes the partial file.
fn finish(
    content: &Content,
    partial: &Path,
    cache: &Path,
) -> Result<(), Failure> {
    let packed = File::open(partial).map_err(Failure::Cache)?;
    let is = FileKind::of_file(partial).map_err(Failure::Cache)?;
    let mut unfinished = Unfinished::new(&cache.join(content.name))
        .map_err(Failure::Cache)?;
    let (mut digest, mut length) = (Sha256::new(), 0);
    let copied = idx::unpack(packed).map_err(Side::From).and_then(
        |(_, unpacked)| {
            copy(unpacked.take(content.length + 1), |bytes| {
                digest.update(bytes);
                length += bytes.len() as u64;
                unfinished.write_all(bytes)
            })
        },
    );
    let found = hexadecimal(digest.finalize());
    let wrong = match copied {
        Err(Side::To(error)) => return Err(Failure::Cache(error)),
        Err(Side::From(error)) => Some(explain(&error.into())),
        Ok(()) if length > content.length => Some(format!(
            "more than the {} bytes of the real file",
            content.length
        )),
        Ok(())
            if matches!(
                is,
                FileKind::Html | FileKind::Xml | FileKind::GitLfs
            ) =>
        {
            Some(format!("it sent {is}, not the file"))
        }
        Ok(()) if found != content.sha256 => {
            let wanted = content.sha256;
            Some(format!(
                "{length} bytes with SHA-256 {found:.8}…, not {wanted:.8}…"
            ))
        }
        Ok(()) => None,
    };
    if wrong.is_none() {
        unfinished.finish().map_err(Failure::Cache)?;
    }
    fs::remove_file(partial).map_err(Failure::Cache)?;
    wrong.map_or(Ok(()), |reason| Err(Failure::Lasting(reason)))
}

/// On which side of a copy an error was.
enum Side {
    From(io::Error),
    To(io::Error),
}

fn copy(
    mut from: impl Read,
    mut to: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), Side> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer).map_err(Side::From)? {
            0 => return Ok(()),
            n => to(&buffer[..n]).map_err(Side::To)?,
        }
    }
}

/// Where the gzipped bytes are kept until they are all there.
fn partial(content: &Content, cache: &Path) -> PathBuf {
    whole_file::partial(&cache.join(format!("{}.gz", content.name)))
}

/// The length of a file, or 0 if there is none.
fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}

/// Whether an answer 206 has the bytes that were asked for: `Content-Range: bytes 100-199/200`.
fn begins_at(headers: &HeaderMap, start: u64) -> bool {
    let range = headers
        .get(header::CONTENT_RANGE)
        .and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {start}-")))
}

fn agent(mirrors: &Mirrors, url: &str, end: Instant) -> Agent {
    // An address with https stays with it when it is redirected. One with http was named by the
    // user, and the SHA-256 guards what comes.
    let plain = url.starts_with("http://");
    let host = url
        .parse::<Uri>()
        .ok()
        .and_then(|uri| uri.host().map(String::from));
    // A proxy does not find a mirror on this machine.
    let here =
        host.is_some_and(|host| host == "127.0.0.1" || host == "localhost");
    let mut config = Agent::config_builder()
        .https_only(!plain)
        .tls_config(TlsConfig::builder().root_certs(ROOTS.clone()).build())
        .http_status_as_error(false)
        .accept_encoding("identity")
        .timeout_resolve(Some(mirrors.connect))
        .timeout_connect(Some(mirrors.connect))
        .timeout_per_read(Some(mirrors.stall))
        .timeout_global(Some(
            end.saturating_duration_since(Instant::now()),
        ));
    if here {
        config = config.proxy(None);
    }
    config.build().into()
}

/// The certificate authorities that the system trusts, or those that SSL_CERT_FILE or SSL_CERT_DIR
/// names: a mirror inside a firm often has one of its own. If there are none, as in a small
/// container, those that come with this program.
static ROOTS: LazyLock<RootCerts> = LazyLock::new(|| {
    let system = rustls_native_certs::load_native_certs().certs;
    if system.is_empty() {
        return RootCerts::WebPki;
    }
    system
        .iter()
        .map(|root| Certificate::from_der(root).to_owned())
        .collect::<Vec<_>>()
        .into()
});

/// What an answer without the file means.
fn refusal(code: u16, headers: &HeaderMap) -> Failure {
    /// The longest time that it is worth to wait before the same mirror is asked again.
    const PATIENCE: u64 = 10;
    let reason = format!("the server answers {code}");
    let wanted = headers
        .get(header::RETRY_AFTER)
        .and_then(|after| after.to_str().ok());
    match (
        code,
        wanted.and_then(|seconds| seconds.parse().ok()).unwrap_or(0),
    ) {
        (408 | 429 | 500.., seconds) if seconds > PATIENCE => {
            Failure::Lasting(format!(
                "{reason}, and wants to be left alone for {seconds} s"
            ))
        }
        (408 | 429 | 500.., seconds) => {
            Failure::Passing(reason, Duration::from_secs(seconds))
        }
        _ => Failure::Lasting(reason),
    }
}

/// What an error of the connection means. Without a network, one attempt is enough.
fn failure(error: ureq::Error) -> Failure {
    use io::ErrorKind::*;
    let passing = [
        BrokenPipe,
        ConnectionAborted,
        ConnectionReset,
        Interrupted,
        TimedOut,
        UnexpectedEof,
    ];
    let reason = match &error {
        ureq::Error::Io(error) if error.kind() == InvalidData => {
            let error = error.to_string();
            let advice = match error.contains("UnknownIssuer") {
                true => {
                    "; if the mirror has its own certificate authority, name its file with SSL_CERT_FILE"
                }
                false => "",
            };
            format!("no secure connection ({error}){advice}")
        }
        error => explain(error),
    };
    match error {
        ureq::Error::Timeout(step)
            if !matches!(step, Timeout::Resolve | Timeout::Connect) =>
        {
            Failure::Passing(reason, Duration::ZERO)
        }
        ureq::Error::Io(error) if passing.contains(&error.kind()) => {
            Failure::Passing(reason, Duration::ZERO)
        }
        _ => Failure::Lasting(reason),
    }
}

fn explain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(step) => {
            format!("too slow, given up (time-out: {step})")
        }
        ureq::Error::HostNotFound => "no such host, or no network".into(),
        ureq::Error::TooManyRedirects => {
            "it redirects without end, given up".into()
        }
        ureq::Error::Protocol(error) => {
            format!("it does not speak HTTP ({error})")
        }
        ureq::Error::RequireHttpsOnly(url) => {
            format!("it redirects to {url}, which is not https")
        }
        ureq::Error::BodyExceedsLimit(_) => {
            "it is longer than the real file can be".into()
        }
        ureq::Error::Io(error)
            if error.kind() == io::ErrorKind::UnexpectedEof =>
        {
            "the connection or the file ends too early".into()
        }
        ureq::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}

/// A bar on stderr, if that is a terminal, which is cleared when its last owner is dropped.
fn progress(content: &Content) -> ProgressBar {
    let style = ProgressStyle::with_template(
        "{msg} {wide_bar} {bytes}/{total_bytes}",
    )
    .expect("the template is well formed");
    ProgressBar::no_length()
        .with_style(style)
        .with_message(format!("asking for {}", content.name))
        .with_finish(ProgressFinish::AndClear)
}

/// Removes what killed processes left: the temporary files that are older than any download can
/// be, but not the partial files, which the next download goes on with.
fn sweep(contents: &[Content], mirrors: &Mirrors, cache: &Path) {
    let useful: Vec<_> =
        contents.iter().map(|content| partial(content, cache)).collect();
    let is_left = |entry: &fs::DirEntry| {
        let time = entry.metadata().and_then(|data| data.modified());
        let age = time.map(|time| time.elapsed());
        !useful.contains(&entry.path())
            && matches!(age, Ok(Ok(age)) if age > mirrors.whole)
    };
    let _ = whole_file::sweep(cache, is_left); // What stays only takes room.
}
