//! Downloads from mirrors that fail in every way, on 127.0.0.1: what is said, and what stays.

use flate2::{Compression, write::GzEncoder};
use ndarray::Array2;
use neurons::dataset::{Content, MNIST, Mirrors, Search, Source};
use neurons::idx;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What a mirror does when it is asked for a file.
#[derive(Clone)]
enum Reply {
    /// Gives it.
    Bytes(Vec<u8>),
    /// Gives it, and says that only the transfer is gzipped, as some servers do with any `.gz`.
    Encoded(Vec<u8>),
    /// Promises all of it and closes the connection half-way.
    Cut(Vec<u8>),
    /// Answers with a status and a page for humans.
    Status(&'static str),
    /// Sends the reader elsewhere.
    Redirect(String),
    /// Closes the connection without a word.
    Close,
    /// Says nothing, and does not go away.
    Stall,
    /// Begins well, and then says nothing.
    StallAfter(Vec<u8>),
}

struct Mirror {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    /// A server on a port of its own, for as long as the tests run.
    fn new(replies: HashMap<String, Reply>) -> Mirror {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/mnist/", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (replies, log) = (replies.clone(), log.clone());
                thread::spawn(move || answer(stream.unwrap(), &replies, &log));
            }
        });
        Mirror { address, asked }
    }

    /// A mirror that gives the right files, save the one of index `wrong`.
    fn with(wrong: usize, reply: Reply) -> Mirror {
        let mut replies = good();
        replies.insert(format!("{}.gz", MNIST[wrong].name), reply);
        Mirror::new(replies)
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn answer(
    mut stream: TcpStream,
    replies: &HashMap<String, Reply>,
    log: &Mutex<Vec<String>>,
) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(request)) = lines.next() else { return };
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let name = request.split(' ').nth(1).unwrap().rsplit('/').next().unwrap().to_string();
    log.lock().unwrap().push(name.clone());
    let head = |length: usize| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
    };
    // A client that has heard enough hangs up, and that is no fault of this test.
    let _ = match replies.get(&name).unwrap_or(&Reply::Status("404 Not Found")) {
        Reply::Bytes(file) => stream
            .write_all(head(file.len()).as_bytes())
            .and_then(|()| stream.write_all(file)),
        Reply::Encoded(file) => stream
            .write_all(
                head(file.len())
                    .replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n")
                    .as_bytes(),
            )
            .and_then(|()| stream.write_all(file)),
        Reply::Cut(file) => stream
            .write_all(head(file.len()).as_bytes())
            .and_then(|()| stream.write_all(&file[..file.len() / 2])),
        Reply::Status(status) => stream.write_all(
            format!(
                "HTTP/1.1 {status}\r\nContent-Length: 5\r\nConnection: close\r\n\r\nsorry"
            )
            .as_bytes(),
        ),
        Reply::Redirect(to) => stream.write_all(
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
                .as_bytes(),
        ),
        Reply::Close => Ok(()),
        Reply::Stall => {
            thread::sleep(Duration::from_secs(30));
            Ok(())
        }
        Reply::StallAfter(file) => {
            let begun = stream
                .write_all(head(file.len()).as_bytes())
                .and_then(|()| stream.write_all(&file[..file.len() / 2]));
            thread::sleep(Duration::from_secs(30));
            begun
        }
    };
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Four small files in the place of MNIST's, of 5 and 2 digits.
fn files() -> [Vec<u8>; 4] {
    // Pixels that gzip cannot shorten much.
    let noise = |i: usize| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
    let images = |m, first| {
        Array2::from_shape_fn((m, 784), |(row, p)| noise(first + row * 784 + p))
    };
    [
        idx::encode_images(&images(5, 0)),
        idx::encode_labels(&[0, 1, 2, 3, 4]),
        idx::encode_images(&images(2, 9999)),
        idx::encode_labels(&[8, 9]),
    ]
}

fn good() -> HashMap<String, Reply> {
    let replies = files().map(|file| Reply::Bytes(gzip(&file)));
    MNIST.iter().map(|content| format!("{}.gz", content.name)).zip(replies).collect()
}

fn contents() -> [Content; 4] {
    let files = files();
    std::array::from_fn(|i| Content {
        name: MNIST[i].name,
        length: files[i].len() as u64,
        sha256: Sha256::digest(&files[i])
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            .leak(),
    })
}

fn search(mirrors: &[&Mirror], cache: &Path) -> Search {
    Search {
        folder: None,
        cache: Some(cache.into()),
        contents: contents(),
        mirrors: Some(Mirrors {
            addresses: mirrors.iter().map(|mirror| mirror.address.clone()).collect(),
            connect: Duration::from_secs(2),
            stall: Duration::from_millis(300),
            whole: Duration::from_secs(10),
        }),
        synthetic: (20, 10),
        seed: 1,
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Every file of the cache is one of the four, and is whole.
fn assert_nothing_broken(cache: &Path) {
    for name in names(cache) {
        let i = MNIST.iter().position(|content| content.name == name);
        let i = i.unwrap_or_else(|| panic!("{name} is left behind"));
        assert_eq!(fs::read(cache.join(&name)).unwrap(), files()[i], "{name}");
    }
}

/// What the user is told when this mirror is the only one; and that a good mirror after it helps.
fn told(wrong: usize, reply: Reply) -> String {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache").join("mnist");
    let bad = Mirror::with(wrong, reply);
    let data = search(&[&bad], &cache).find().unwrap();
    assert_eq!(data.train.labels.len(), 20, "the synthetic digits");
    let Source::Synthetic { why } = data.source else { panic!("{:?}", data.source) };
    assert_nothing_broken(&cache);
    assert_eq!(names(&cache).len(), wrong, "what was whole stays, for the next time");
    for word in
        ["does not hold MNIST yet, and no mirror gave", MNIST[wrong].name, &bad.address]
    {
        assert!(why.contains(word), "{why}");
    }
    println!("{why}");

    let other = tempfile::tempdir().unwrap();
    let good = Mirror::new(good());
    let data = search(&[&bad, &good], other.path()).find().unwrap();
    assert_eq!(data.source, Source::Downloaded(other.path().into()));
    assert_eq!(data.test.labels, [8, 9]);
    assert_eq!(
        good.asked(),
        1,
        "the good mirror is asked only for what the bad one has not given"
    );
    assert_nothing_broken(other.path());
    assert_eq!(names(other.path()).len(), 4);
    why
}

#[track_caller]
fn assert_says(sentence: &str, words: &[&str]) {
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
    }
}

#[test]
fn good_files_are_kept_and_found_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("a").join("b");
    let mirror = Mirror::new(good());
    let first = search(&[&mirror], &cache).find().unwrap();
    assert_eq!(first.source, Source::Downloaded(cache.clone()));
    assert_eq!(first.source.name(), "mnist");
    assert_eq!(first.train.images, idx::parse_images(&files()[0]).unwrap());
    assert_eq!(mirror.asked(), 4);
    assert_eq!(names(&cache).len(), 4);
    assert_nothing_broken(&cache);

    let second = search(&[&mirror], &cache).find().unwrap();
    assert_eq!(second.source, Source::Cache(cache.clone()));
    assert_eq!(mirror.asked(), 4, "the second search asks nobody");
}

#[test]
fn a_mirror_may_unpack_the_file_or_have_it_unpacked() {
    let file = files()[0].clone();
    for reply in [Reply::Encoded(gzip(&file)), Reply::Bytes(file)] {
        let cache = tempfile::tempdir().unwrap();
        let data = search(&[&Mirror::with(0, reply)], cache.path()).find().unwrap();
        assert_eq!(data.source, Source::Downloaded(cache.path().into()));
        assert_nothing_broken(cache.path());
    }
}

#[test]
fn a_broken_cache_is_mended() {
    let cache = tempfile::tempdir().unwrap();
    let mirror = Mirror::new(good());
    search(&[&mirror], cache.path()).find().unwrap();
    let path = cache.path().join(MNIST[2].name);
    let mut file = fs::read(&path).unwrap();
    file[100] ^= 4;
    fs::write(&path, file).unwrap();
    let data = search(&[&mirror], cache.path()).find().unwrap();
    assert_eq!(data.source, Source::Downloaded(cache.path().into()));
    assert_eq!(mirror.asked(), 5, "only the broken file is asked for");
    assert_nothing_broken(cache.path());
}

#[test]
fn a_missing_file() {
    assert_says(&told(0, Reply::Status("404 Not Found")), &["the server answers 404"]);
    assert_says(&told(3, Reply::Status("404 Not Found")), &["the server answers 404"]);
}

#[test]
fn a_forbidden_file() {
    assert_says(&told(1, Reply::Status("403 Forbidden")), &["the server answers 403"]);
}

#[test]
fn a_server_in_trouble() {
    let why = told(0, Reply::Status("500 Internal Server Error"));
    assert_says(&why, &["the server answers 500"]);
}

#[test]
fn a_file_cut_on_the_way() {
    assert_says(&told(0, Reply::Cut(gzip(&files()[0]))), &["ends too early"]);
    assert_says(&told(0, Reply::Cut(files()[0].clone())), &["ends too early"]);
}

#[test]
fn a_file_cut_on_the_mirror() {
    let file = gzip(&files()[0]);
    assert_says(
        &told(0, Reply::Bytes(file[..file.len() / 2].into())),
        &["ends too early"],
    );
    let why = told(0, Reply::Bytes(gzip(&files()[0][..1000])));
    assert_says(&why, &["1000 bytes with SHA-256", "not"]);
    assert_says(&told(0, Reply::Bytes(Vec::new())), &["0 bytes with SHA-256 e3b0c442…"]);
}

#[test]
fn wrong_bytes() {
    let mut file = files()[2].clone();
    file[700] ^= 1;
    assert_says(
        &told(2, Reply::Bytes(gzip(&file))),
        &["1584 bytes with SHA-256", "…, not "],
    );
    let mut file = gzip(&files()[2]);
    let middle = file.len() / 2;
    file[middle] ^= 1;
    told(2, Reply::Bytes(file));
    let page =
        Reply::Bytes(b"<!DOCTYPE html>please log in to this hotel's network".to_vec());
    assert_says(&told(0, page), &["52 bytes with SHA-256"]);
}

#[test]
fn a_file_without_end() {
    let bomb = Reply::Bytes(gzip(&vec![0; 50_000_000]));
    assert_says(&told(0, bomb), &["more than the 3936 bytes"]);
    let long = Reply::Bytes([files()[1].clone(), vec![0; 1_000_000]].concat());
    assert_says(&told(1, long), &["more than the 13 bytes"]);
    // Gzip that unpacks to nothing, over and over: the bytes that arrive are limited too.
    assert_says(&told(1, Reply::Bytes(gzip(&[]).repeat(100_000))), &["limit"]);
}

#[test]
fn a_closed_connection() {
    assert_says(&told(0, Reply::Close), &["ends too early"]);
}

#[test]
fn a_server_that_says_nothing() {
    let start = Instant::now();
    assert_says(&told(0, Reply::Stall), &["too slow, given up"]);
    assert_says(&told(1, Reply::StallAfter(gzip(&files()[1]))), &["too slow, given up"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_server_that_never_shakes_hands() {
    let cache = tempfile::tempdir().unwrap();
    // The system takes the connection, and nobody answers on it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}/mnist/", listener.local_addr().unwrap());
    let mut search = search(&[&Mirror { address, asked: Arc::default() }], cache.path());
    let mirrors = search.mirrors.as_mut().unwrap();
    (mirrors.connect, mirrors.stall) =
        (Duration::from_millis(300), Duration::from_secs(5));
    let start = Instant::now();
    assert_says(&search.find().unwrap().source.to_string(), &["too slow, given up"]);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(names(cache.path()).is_empty());
}

#[test]
fn nobody_at_all() {
    let cache = tempfile::tempdir().unwrap().path().join("cache");
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = Mirror {
        address: format!("http://127.0.0.1:{port}/mnist"),
        asked: Arc::default(),
    };
    let data = search(&[&nobody, &nobody], &cache).find().unwrap();
    assert_eq!(data.source.name(), "synthetic");
    assert_says(&data.source.to_string(), &["refused", "--data FOLDER"]);
    assert!(!cache.exists(), "a search without a network leaves no trace");
    println!("{}", data.source);
}

#[test]
fn no_mirror_without_https_but_on_this_machine() {
    let cache = tempfile::tempdir().unwrap();
    for address in ["http://localhost:1/", "http://127.0.0.1.example.org/"] {
        let plain = Mirror { address: address.into(), asked: Arc::default() };
        let why = search(&[&plain], cache.path()).find().unwrap().source.to_string();
        assert_says(&why, &["https only"]);
    }
    assert!(names(cache.path()).is_empty());
}

#[test]
fn a_redirection_is_followed() {
    let cache = tempfile::tempdir().unwrap();
    let good = Mirror::new(good());
    let to = format!("{}{}.gz", good.address, MNIST[0].name);
    let data =
        search(&[&Mirror::with(0, Reply::Redirect(to))], cache.path()).find().unwrap();
    assert_eq!(data.source, Source::Downloaded(cache.path().into()));
    assert_eq!(good.asked(), 1);
}

#[test]
fn a_cache_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, []).unwrap();
    let mirror = Mirror::new(good());
    let data = search(&[&mirror, &mirror], &file.join("cache")).find().unwrap();
    assert_says(&data.source.to_string(), &["cannot be written"]);
    assert_eq!(mirror.asked(), 1, "another mirror does not mend a disk");
    println!("{}", data.source);
}

#[test]
fn what_a_killed_download_left_is_swept() {
    let cache = tempfile::tempdir().unwrap();
    let (old, new) =
        (cache.path().join(".unfinished-old"), cache.path().join(".unfinished-new"));
    for path in [&old, &new] {
        fs::write(path, [0; 100]).unwrap();
    }
    let hour = std::time::SystemTime::now() - Duration::from_secs(3600);
    fs::File::options().write(true).open(&old).unwrap().set_modified(hour).unwrap();
    search(&[&Mirror::new(good())], cache.path()).find().unwrap();
    assert!(!old.exists());
    assert!(new.exists(), "it may belong to a download that is going on");
}
