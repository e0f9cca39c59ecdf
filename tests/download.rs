//! Downloads from mirrors that fail in every way, on 127.0.0.1: what is said, and what stays.

use flate2::{Compression, write::GzEncoder};
use ndarray::Array2;
use neurons::digits::dataset::{Content, MNIST, Mirrors, Search, Source};
use neurons::digits::idx;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::{HashMap, HashSet};
use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

mod in_place_of_mnist;

/// What a mirror does when it is asked for a file.
#[derive(Clone)]
enum Reply {
    /// Gives it, and what of it is asked for.
    Bytes(Vec<u8>),
    /// Gives all of it, whatever is asked for.
    Whole(Vec<u8>),
    /// Gives another part than is asked for.
    OtherPart(Vec<u8>),
    /// Gives it, and says that only the transfer is gzipped, as some servers do with any `.gz`.
    Encoded(Vec<u8>),
    /// Promises all of it and closes the connection half-way.
    Cut(Vec<u8>),
    /// Gives what is asked for, but closes the connection after so many bytes.
    Crumbs(Vec<u8>, usize),
    /// Answers with a status and a page for humans.
    Status(&'static str),
    /// Answers with a status, and how long to leave it alone.
    Later(&'static str, u32),
    /// Sends the reader elsewhere.
    Redirect(String),
    /// Sends the reader to where it is.
    Circle,
    /// Closes the connection without a word.
    Close,
    /// Answers in another language.
    Babble,
    /// Says nothing, and does not go away.
    Stall,
    /// Begins well, and then says nothing.
    StallAfter(Vec<u8>),
    /// Waits for a word of the test.
    Hold(Arc<Mutex<()>>, Vec<u8>),
    /// Does one thing after another, and the last one for ever.
    InTurn(Vec<Reply>),
}

/// What a mirror was asked for: a file, and from which byte on.
type Asked = Vec<(String, Option<usize>)>;

struct Mirror {
    address: String,
    asked: Arc<Mutex<Asked>>,
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
                // A client that has heard enough hangs up, and that is no fault of this test.
                thread::spawn(move || answer(stream.unwrap(), &replies, &log).ok());
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

    /// A mirror at an address where there is none.
    fn at(address: &str) -> Mirror {
        Mirror { address: address.into(), asked: Arc::default() }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// From which bytes on the file of that index was asked for.
    fn asked_for(&self, i: usize) -> Vec<Option<usize>> {
        let name = format!("{}.gz", MNIST[i].name);
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(asked, _)| *asked == name).map(|(_, from)| *from).collect()
    }
}

fn answer(
    mut stream: TcpStream,
    replies: &HashMap<String, Reply>,
    log: &Mutex<Asked>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(request)) = lines.next() else { return Ok(()) };
    let mut from = None;
    for line in lines.by_ref().map_while(Result::ok).take_while(|line| !line.is_empty()) {
        let line = line.to_lowercase();
        assert!(!line.contains("gzip"), "nobody asks for a gzipped transfer: {line}");
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = Some(range.trim_end_matches('-').parse().unwrap());
        }
    }
    let path = request.split(' ').nth(1).unwrap();
    let name = path.rsplit('/').next().unwrap().to_string();
    let before = {
        let mut log = log.lock().unwrap();
        log.push((name.clone(), from));
        log.iter().filter(|(asked, _)| *asked == name).count() - 1
    };
    let mut reply = replies.get(&name).unwrap_or(&Reply::Status("404 Not Found"));
    while let Reply::InTurn(turns) = reply {
        reply = &turns[before.min(turns.len() - 1)];
    }
    let mut send = |status: &str, headers: &str, length: usize, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n"
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(b"\r\n")?;
        stream.write_all(body)
    };
    let range = |from: usize, length: usize| {
        format!("Content-Range: bytes {from}-{}/{length}\r\n", length - 1)
    };
    let wait = || thread::sleep(Duration::from_secs(30));
    match reply {
        Reply::Bytes(file) => match from {
            None => send("200 OK", "", file.len(), file),
            Some(from) if from >= file.len() => send(
                "416 Range Not Satisfiable",
                &format!("Content-Range: bytes */{}\r\n", file.len()),
                0,
                &[],
            ),
            Some(from) => send(
                "206 Partial Content",
                &range(from, file.len()),
                file.len() - from,
                &file[from..],
            ),
        },
        Reply::Whole(file) => send("200 OK", "", file.len(), file),
        Reply::OtherPart(file) if from.is_some() => {
            send("206 Partial Content", &range(1, file.len()), file.len() - 1, &file[1..])
        }
        Reply::OtherPart(file) => send("200 OK", "", file.len(), file),
        Reply::Encoded(file) => {
            send("200 OK", "Content-Encoding: gzip\r\n", file.len(), file)
        }
        Reply::Cut(file) => send("200 OK", "", file.len(), &file[..file.len() / 2]),
        Reply::Crumbs(file, n) => {
            let from = from.unwrap_or(0);
            let crumb = &file[from..(from + n).min(file.len())];
            let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
            send(status, &range(from, file.len()), file.len() - from, crumb)
        }
        Reply::Status(status) => send(status, "", 5, b"sorry"),
        Reply::Later(status, seconds) => {
            send(status, &format!("Retry-After: {seconds}\r\n"), 5, b"later")
        }
        Reply::Redirect(to) => send("302 Found", &format!("Location: {to}\r\n"), 0, &[]),
        Reply::Circle => send("302 Found", &format!("Location: {path}\r\n"), 0, &[]),
        Reply::Close => Ok(()),
        Reply::Babble => stream.write_all(b"220 ready for new user\r\n"),
        Reply::Stall => {
            wait();
            Ok(())
        }
        Reply::StallAfter(file) => {
            send("200 OK", "", file.len(), &file[..file.len() / 2])?;
            wait();
            Ok(())
        }
        Reply::Hold(gate, file) => {
            drop(gate.lock());
            send("200 OK", "", file.len(), file)
        }
        Reply::InTurn(_) => unreachable!(),
    }
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
    in_place_of_mnist::contents(&files())
}

fn search(mirrors: &[&Mirror], cache: &Path) -> Search {
    Search {
        folder: None,
        cache: Some(cache.into()),
        contents: contents(),
        mirrors: Some(Mirrors {
            addresses: mirrors.iter().map(|mirror| mirror.address.clone()).collect(),
            connect: Duration::from_secs(2),
            stall: Duration::from_secs(5),
            pauses: vec![Duration::from_millis(5); 2],
            whole: Duration::from_secs(10),
            other: Duration::from_secs(10),
        }),
        synthetic: (20, 10),
        seed: 1,
    }
}

/// The same search with little time for a mirror that says nothing.
fn impatient(mut search: Search) -> Search {
    search.mirrors.as_mut().unwrap().stall = Duration::from_millis(200);
    search
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

/// Where the bytes of a file are kept until they are all there.
fn partial(cache: &Path, i: usize) -> PathBuf {
    cache.join(format!(".unfinished-{}.gz", MNIST[i].name))
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
    told_with_partial(wrong, reply, false)
}

/// The same, where the beginning of the file stays for the next time, or does not.
fn told_with_partial(wrong: usize, reply: Reply, stays: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache").join("mnist");
    let stalls = matches!(reply, Reply::Stall | Reply::StallAfter(_));
    let search = |mirrors: &[&Mirror], cache: &Path| {
        let search = search(mirrors, cache);
        if stalls { impatient(search) } else { search }
    };
    let bad = Mirror::with(wrong, reply);
    let data = search(&[&bad], &cache).find().unwrap();
    assert_eq!(data.train.labels.len(), 20, "the synthetic digits");
    let Source::Synthetic { why } = data.source else { panic!("{:?}", data.source) };
    let partial = partial(&cache, wrong);
    assert_eq!(partial.exists(), stays);
    if stays {
        fs::remove_file(partial).unwrap();
    }
    assert_nothing_broken(&cache);
    assert_eq!(names(&cache).len(), wrong, "what was whole stays, for the next time");
    assert_eq!(cache.exists(), wrong > 0 || stays, "and where nothing was, no folder");
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
    let asked: HashSet<_> =
        good.asked.lock().unwrap().iter().map(|a| a.0.clone()).collect();
    assert_eq!(
        asked.len(),
        4 - wrong,
        "the good mirror is asked for what the bad one has not given, and first from then on"
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
    assert_says(&why, &["the server answers 500, after 3 attempts"]);
    let why = told(0, Reply::Later("429 Too Many Requests", 0));
    assert_says(&why, &["the server answers 429, after 3 attempts"]);
    let why = told(0, Reply::Later("503 Service Unavailable", 3600));
    assert_says(&why, &["answers 503, and wants to be left alone for 3600 s"]);
}

#[test]
fn a_file_cut_on_the_way() {
    for file in [gzip(&files()[0]), files()[0].clone()] {
        let why = told_with_partial(0, Reply::Cut(file), true);
        assert_says(&why, &["ends too early, after 3 attempts"]);
    }
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
    assert_says(&told(0, page), &["it sent an HTML page, not the file"]);
}

#[test]
fn a_file_without_end() {
    let bomb = Reply::Bytes(gzip(&vec![0; 5_000_000]));
    assert_says(&told(0, bomb), &["more than the 3936 bytes"]);
    let long = Reply::Bytes([files()[1].clone(), vec![0; 1_000_000]].concat());
    assert_says(&told(1, long), &["is longer than the real file can be"]);
    // Gzip that unpacks to nothing, over and over: the bytes that arrive are limited too.
    let why = told(1, Reply::Bytes(gzip(&[]).repeat(100_000)));
    assert_says(&why, &["is longer than the real file can be"]);
}

#[test]
fn a_closed_connection() {
    assert_says(&told(0, Reply::Close), &["ends too early"]);
}

#[test]
fn a_server_of_something_else() {
    assert_says(&told(0, Reply::Babble), &["it does not speak HTTP"]);

    let cache = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}/mnist/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"220 ready for new user\r\n").unwrap();
        // Until the other side hangs up.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let search = search(&[&Mirror::at(&address)], cache.path());
    let why = search.find().unwrap().source.to_string();
    assert_says(&why, &["no secure connection ("]);
    println!("{why}");
}

#[test]
fn a_server_that_says_nothing() {
    let start = Instant::now();
    assert_says(&told(0, Reply::Stall), &["too slow, given up"]);
    let why = told_with_partial(1, Reply::StallAfter(gzip(&files()[1])), true);
    assert_says(&why, &["too slow, given up"]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn a_server_that_never_shakes_hands() {
    let cache = tempfile::tempdir().unwrap();
    // The system takes the connection, and nobody answers on it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}/mnist/", listener.local_addr().unwrap());
    let mut search = search(&[&Mirror::at(&address)], cache.path());
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
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("a").join("b");
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = Mirror::at(&format!("http://127.0.0.1:{port}/mnist"));
    let data = search(&[&nobody, &nobody], &cache).find().unwrap();
    assert_eq!(data.source.name(), "synthetic");
    assert_says(&data.source.to_string(), &["refused", "--data FOLDER"]);
    assert!(names(home.path()).is_empty(), "a search without a network leaves no trace");
    assert!(!data.source.to_string().contains("attempts"), "there is no second attempt");
    println!("{}", data.source);
}

#[test]
fn a_mirror_that_the_user_names_may_speak_http() {
    let cache = tempfile::tempdir().unwrap();
    let mirror = Mirror::new(good());
    let address = mirror.address.replace("127.0.0.1", "localhost");
    let data = search(&[&Mirror::at(&address)], cache.path()).find().unwrap();
    assert_eq!(data.source, Source::Downloaded(cache.path().into()));
    assert_eq!(mirror.asked(), 4);
    assert_nothing_broken(cache.path());
}

/// A mirror that speaks https, with a certificate authority of its own, which is returned as PEM.
/// In its folder `mnist` are the files; its folder `away` sends the reader to `elsewhere`.
fn secure(elsewhere: &str) -> (String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let mut authority = CertificateParams::new([]).unwrap();
    authority.distinguished_name.push(DnType::CommonName, &address);
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let host = CertificateParams::new(["127.0.0.1".to_string()]).unwrap();
    let certificate = host.signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    let config = Arc::new(config);
    let elsewhere = elsewhere.to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            let mut lines = BufReader::new(&mut stream).lines();
            // A client that does not trust it goes away.
            let Some(Ok(request)) = lines.next() else { continue };
            lines.by_ref().map_while(Result::ok).find(|line| line.is_empty());
            drop(lines);
            let path = request.split(' ').nth(1).unwrap();
            let (folder, name) = path.rsplit_once('/').unwrap();
            let i =
                MNIST.iter().position(|content| name == format!("{}.gz", content.name));
            let (status, file) = match folder {
                "/mnist" => ("200 OK".to_string(), gzip(&files()[i.unwrap()])),
                _ => (format!("302 Found\r\nLocation: {elsewhere}{name}"), Vec::new()),
            };
            let length = file.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(&[head.as_bytes(), &file].concat()).unwrap();
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    (address, root)
}

#[test]
fn a_certificate_authority_that_the_system_trusts_is_trusted() {
    let plain = Mirror::new(good());
    let (address, root) = secure(&plain.address);
    let (_, other) = secure("");
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("root.pem");
    let run = |address: &str, cache: &Path| {
        let mut child = download(&Mirror::at(address), cache);
        child.env("SSL_CERT_FILE", &trusted).env_remove("SSL_CERT_DIR");
        String::from_utf8(child.output().unwrap().stdout).unwrap()
    };
    let mirror = format!("{address}/mnist");
    fs::write(&trusted, &root).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let said = run(&mirror, cache.path());
    assert!(said.contains("FOUND Downloaded"), "{said}");
    assert_nothing_broken(cache.path());

    // With another root, and with none, when those of the program serve.
    for root in [&other, ""] {
        fs::write(&trusted, root).unwrap();
        let cache = tempfile::tempdir().unwrap();
        let said = run(&mirror, cache.path());
        assert_says(&said, &["FOUND Synthetic", "no secure connection", "UnknownIssuer"]);
        assert_says(&said, &["name its file with SSL_CERT_FILE"]);
        assert!(names(cache.path()).is_empty());
    }

    // What began with https does not go on without it.
    fs::write(&trusted, &root).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let said = run(&format!("{address}/away"), cache.path());
    assert_says(&said, &["FOUND Synthetic", &plain.address, "which is not https"]);
    assert_eq!(plain.asked(), 0);
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
fn redirections_without_end() {
    let why = told(0, Reply::Circle);
    assert_says(&why, &["it redirects without end, given up"]);
    assert!(!why.contains("attempts"), "{why}");
}

#[test]
fn a_cache_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, []).unwrap();
    let mirror = Mirror::new(good());
    let data = search(&[&mirror, &mirror], &file.join("cache")).find().unwrap();
    assert_says(&data.source.to_string(), &["cannot be written"]);
    assert_eq!(mirror.asked(), 0, "no mirror mends a disk");
    println!("{}", data.source);
}

#[test]
fn what_a_killed_download_left_is_swept() {
    let cache = tempfile::tempdir().unwrap();
    let (old, new) =
        (cache.path().join(".unfinished-old"), cache.path().join(".unfinished-new"));
    let half = &gzip(&files()[3])[..20];
    fs::write(partial(cache.path(), 3), half).unwrap();
    for path in [&old, &new] {
        fs::write(path, [0; 100]).unwrap();
    }
    let hour = std::time::SystemTime::now() - Duration::from_secs(3600);
    for path in [&old, &partial(cache.path(), 3)] {
        fs::File::options().write(true).open(path).unwrap().set_modified(hour).unwrap();
    }
    let mirror = Mirror::new(good());
    search(&[&mirror], cache.path()).find().unwrap();
    assert!(!old.exists());
    assert_eq!(mirror.asked_for(3), [Some(20)], "a partial file is of use however old");
    assert!(new.exists(), "it may belong to a download that is going on");
}

#[test]
fn a_cut_connection_is_taken_up_where_it_ended() {
    let file = gzip(&files()[0]);
    let half = file.len() / 2;
    let cache = tempfile::tempdir().unwrap();
    let turns = vec![Reply::Cut(file.clone()), Reply::Bytes(file.clone())];
    let mirror = Mirror::with(0, Reply::InTurn(turns));
    let data = search(&[&mirror], cache.path()).find().unwrap();
    assert_eq!(data.source, Source::Downloaded(cache.path().into()));
    assert_eq!(mirror.asked_for(0), [None, Some(half)]);
    assert_nothing_broken(cache.path());

    // By another mirror, too.
    let cache = tempfile::tempdir().unwrap();
    let (bad, good) = (Mirror::with(0, Reply::Cut(file)), Mirror::new(good()));
    search(&[&bad, &good], cache.path()).find().unwrap();
    assert_eq!(good.asked_for(0), [Some(half)]);
    assert_nothing_broken(cache.path());
}

#[test]
fn a_connection_that_is_cut_again_and_again_arrives() {
    let file = gzip(&files()[0]);
    let step = file.len() / 6;
    let cache = tempfile::tempdir().unwrap();
    let mirror = Mirror::with(0, Reply::Crumbs(file, step));
    let data = search(&[&mirror], cache.path()).find().unwrap();
    assert_eq!(data.source, Source::Downloaded(cache.path().into()));
    assert!(mirror.asked_for(0).len() > 5, "every attempt brings something");
    assert_nothing_broken(cache.path());
}

#[test]
fn trouble_that_passes() {
    let file = gzip(&files()[1]);
    for trouble in [
        Reply::Status("503 Service Unavailable"),
        Reply::Later("429 Too Many Requests", 1),
        Reply::Close,
        Reply::Stall,
    ] {
        let cache = tempfile::tempdir().unwrap();
        let waits = matches!(trouble, Reply::Later(..));
        let turns = Reply::InTurn(vec![trouble, Reply::Bytes(file.clone())]);
        let mirror = Mirror::with(1, turns);
        let start = Instant::now();
        let data = impatient(search(&[&mirror], cache.path())).find().unwrap();
        assert_eq!(data.source, Source::Downloaded(cache.path().into()));
        assert_eq!(mirror.asked_for(1), [None, None]);
        assert!(!waits || start.elapsed() > Duration::from_secs(1), "too soon");
        assert_nothing_broken(cache.path());
    }
}

#[test]
fn no_mirror_takes_longer_than_it_may() {
    let cache = tempfile::tempdir().unwrap();
    let mirror = Mirror::with(0, Reply::Stall);
    let mut search = impatient(search(&[&mirror], cache.path()));
    let mirrors = search.mirrors.as_mut().unwrap();
    mirrors.pauses = vec![Duration::from_millis(5); 1000];
    mirrors.whole = Duration::from_secs(1);
    let start = Instant::now();
    assert_says(&search.find().unwrap().source.to_string(), &["too slow, given up"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn a_partial_file_may_hold_anything() {
    let file = gzip(&files()[0]);
    let other = [&file[..100], &[0; 20]].concat();
    let asked = |partial_file: &[u8], reply: Reply| {
        let cache = tempfile::tempdir().unwrap();
        fs::write(partial(cache.path(), 0), partial_file).unwrap();
        let mirror = Mirror::with(0, reply);
        let data = search(&[&mirror], cache.path()).find().unwrap();
        assert_eq!(data.source, Source::Downloaded(cache.path().into()));
        assert_eq!(names(cache.path()).len(), 4);
        assert_nothing_broken(cache.path());
        mirror.asked_for(0)
    };
    let bytes = Reply::Bytes(file.clone());
    assert_eq!(asked(&[], bytes.clone()), [None]);
    assert_eq!(asked(&file[..99], bytes.clone()), [Some(99)]);
    assert_eq!(asked(&[7; 100], bytes.clone()), [Some(100), None], "garbage");
    assert_eq!(asked(&other, bytes.clone()), [Some(120), None], "of another file");
    let (all, long) = (file.len(), [&file[..], &[0; 9]].concat());
    assert_eq!(asked(&file, bytes.clone()), [Some(all), None], "all of it: 416");
    assert_eq!(asked(&long, bytes.clone()), [Some(all + 9), None], "too long: 416");
    assert_eq!(asked(&[7; 100_000], bytes), [None], "longer than it can be");
    assert_eq!(asked(&file[..99], Reply::Whole(file.clone())), [Some(99)], "200");
    let part = Reply::OtherPart(file.clone());
    assert_eq!(asked(&file[..99], part), [Some(99), None], "206, but another part");
}

#[test]
fn wrong_bytes_after_a_beginning_are_asked_for_once_more_only() {
    let mut wrong = files()[0].clone();
    wrong[700] ^= 1;
    let wrong = gzip(&wrong);
    let cache = tempfile::tempdir().unwrap();
    fs::write(partial(cache.path(), 0), &wrong[..50]).unwrap();
    let mirror = Mirror::with(0, Reply::Bytes(wrong));
    let why = search(&[&mirror], cache.path()).find().unwrap().source.to_string();
    assert_says(&why, &["bytes with SHA-256"]);
    assert_eq!(mirror.asked_for(0), [Some(50), None]);
    assert!(names(cache.path()).is_empty());
}

#[test]
fn a_partial_answer_that_nobody_wanted() {
    let why = told(0, Reply::Status("206 Partial Content"));
    assert_says(&why, &["the server answers 206"]);
}

#[test]
fn a_partial_file_is_not_data() {
    let cache = tempfile::tempdir().unwrap();
    for (i, file) in files().iter().enumerate() {
        fs::write(partial(cache.path(), i), gzip(file)).unwrap();
    }
    let offline = Search { mirrors: None, ..search(&[], cache.path()) };
    assert_eq!(offline.find().unwrap().source.name(), "synthetic");
}

#[test]
fn a_partial_file_that_cannot_be_written() {
    let cache = tempfile::tempdir().unwrap();
    fs::create_dir(partial(cache.path(), 0)).unwrap();
    let mirror = Mirror::new(good());
    let why = search(&[&mirror], cache.path()).find().unwrap().source.to_string();
    assert_says(&why, &["the cache", "cannot be written"]);
}

#[test]
fn a_folder_that_may_only_be_read() {
    let cache = tempfile::tempdir().unwrap();
    let mut permissions = fs::metadata(cache.path()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(cache.path(), permissions).unwrap();
    if File::create(cache.path().join("probe")).is_ok() {
        println!("this user may write everywhere: nothing to see");
        return;
    }
    let mirror = Mirror::new(good());
    let why = search(&[&mirror], cache.path()).find().unwrap().source.to_string();
    assert_says(&why, &["the cache", "cannot be written"]);
    assert_eq!(mirror.asked(), 0);
}

/// Not a test by itself: others run it in processes of their own.
#[test]
fn child() {
    let (Ok(address), Ok(cache)) = (env::var("ADDRESS"), env::var("CACHE")) else {
        return;
    };
    let mut search = search(&[&Mirror::at(&address)], Path::new(&cache));
    search.mirrors.as_mut().unwrap().stall = Duration::from_secs(20);
    println!("FOUND {:?}", search.find().unwrap().source);
}

/// A process that downloads from the mirror to the cache.
fn process(mirror: &Mirror, cache: &Path) -> Child {
    download(mirror, cache).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn download(mirror: &Mirror, cache: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--nocapture"])
        .env("ADDRESS", &mirror.address)
        .env("CACHE", cache);
    command
}

/// Waits for what comes soon.
fn until(come: impl Fn() -> bool) {
    let start = Instant::now();
    while !come() {
        assert!(start.elapsed() < Duration::from_secs(20), "it does not come");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_killed_download_is_taken_up_by_the_next_process() {
    let file = gzip(&files()[0]);
    let half = file.len() / 2;
    let turns = vec![Reply::StallAfter(file.clone()), Reply::Bytes(file.clone())];
    let mirror = Mirror::with(0, Reply::InTurn(turns));
    let cache = tempfile::tempdir().unwrap();
    let partial = partial(cache.path(), 0);
    let mut killed = process(&mirror, cache.path());
    until(|| fs::metadata(&partial).is_ok_and(|data| data.len() == half as u64));
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(fs::read(&partial).unwrap(), file[..half]);
    assert!(!cache.path().join(MNIST[0].name).exists());

    let output = process(&mirror, cache.path()).wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("FOUND Downloaded"), "{said}");
    assert_eq!(mirror.asked_for(0), [None, Some(half)], "only the rest is sent");
    assert_eq!(names(cache.path()).len(), 4);
    assert_nothing_broken(cache.path());
}

#[test]
fn of_two_processes_one_downloads_and_one_waits() {
    let gate = Arc::new(Mutex::new(()));
    let closed = gate.lock().unwrap();
    let mirror = Mirror::with(0, Reply::Hold(gate.clone(), gzip(&files()[0])));
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let first = process(&mirror, &cache);
    until(|| mirror.asked() == 1);
    let mut second = process(&mirror, &cache);
    let mut said = BufReader::new(second.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Another process is downloading to") {
        line.clear();
        assert!(
            said.read_line(&mut line).unwrap() > 0,
            "the second one says that it waits"
        );
    }
    drop(closed);
    let first = first.wait_with_output().unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    let second = second.wait_with_output().unwrap();
    assert!(!rest.contains("Another"), "it says so once: {rest}");
    for output in [first, second] {
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("FOUND Downloaded"), "{said}");
    }
    for i in 0..4 {
        assert_eq!(mirror.asked_for(i), [None], "each file is fetched once");
    }
    assert_eq!(names(&cache).len(), 4);
    assert_nothing_broken(&cache);
}

#[test]
fn many_at_once_do_no_harm() {
    let (mirror, cache) = (Mirror::new(good()), tempfile::tempdir().unwrap());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let data = search(&[&mirror], cache.path()).find().unwrap();
                assert_eq!(data.source.name(), "mnist");
            });
        }
    });
    assert_eq!(mirror.asked(), 4, "each file is fetched once");
    assert_eq!(names(cache.path()).len(), 4);
    assert_nothing_broken(cache.path());
}

#[test]
fn a_download_that_never_ends_is_not_waited_for() {
    let cache = tempfile::tempdir().unwrap();
    let lock = File::create(cache.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let mirror = Mirror::new(good());
    let mut search = search(&[&mirror], cache.path());
    search.mirrors.as_mut().unwrap().other = Duration::from_millis(200);
    let why = search.find().unwrap().source.to_string();
    assert_says(&why, &["another process has been downloading to", "start again"]);
    assert_eq!(mirror.asked(), 0);

    drop(lock);
    let data = search.find().unwrap();
    assert_eq!(data.source, Source::Downloaded(cache.path().into()));
    assert_nothing_broken(cache.path());
}
