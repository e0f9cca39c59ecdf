//! `mnist data` as a user meets it. No mirror here is farther away than 127.0.0.1.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use neurons::digits::dataset::MNIST;
use neurons::digits::idx;
use neurons::ndarray::Array2;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// The trainer's `data`, with a cache folder of its own in `home` and no network.
fn data(home: &Path, arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mnist"));
    program
        .arg("data")
        .args(arguments)
        .env("XDG_CACHE_HOME", home)
        .env("NEURONS_OFFLINE", "1")
        .env_remove("NEURONS_MIRRORS")
        .env_remove("MNIST_DIR");
    program
}

/// The same, with a network of these mirrors.
fn online(home: &Path, arguments: &[&str], mirrors: &str) -> Command {
    let mut program = data(home, arguments);
    program.env_remove("NEURONS_OFFLINE").env("NEURONS_MIRRORS", mirrors);
    program
}

/// What is printed, and complained of: nothing, or one sentence with exit code 1.
fn said(output: Output) -> (String, String) {
    let printed = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    let code = output.status.code();
    assert_eq!(code, Some(if complaint.is_empty() { 0 } else { 1 }), "{complaint}");
    assert_eq!(complaint.lines().count(), if code == Some(0) { 0 } else { 1 });
    assert!(code == Some(0) || complaint.starts_with("error: "), "{complaint}");
    for line in printed.lines().filter(|line| !line.starts_with('{')) {
        // A path has no place to break it.
        let fits = line.chars().count() <= 80 || !line.trim().contains(' ');
        assert!(fits, "{line}");
    }
    assert!(!printed.contains('\u{1b}') && !complaint.contains('\u{1b}'), "no colour");
    println!("{printed}{complaint}");
    (printed, complaint)
}

fn run(mut program: Command) -> (String, String) {
    said(program.output().unwrap())
}

fn last_line(printed: &str) -> Value {
    serde_json::from_str(printed.lines().last().unwrap()).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder with a few digits in MNIST's four files.
fn digits() -> TempDir {
    let folder = tempdir().unwrap();
    for (content, m) in MNIST.iter().zip([5, 5, 2, 2]) {
        let path = folder.path().join(content.name);
        if content.name.contains("images") {
            idx::write_images(&path, &Array2::zeros((m, 784))).unwrap();
        } else {
            idx::write_labels(&path, &vec![3; m]).unwrap();
        }
    }
    folder
}

/// The folder with the real files, if this machine has one.
fn real() -> Option<PathBuf> {
    let folders = [
        std::env::var_os("MNIST_DIR").map(PathBuf::from),
        Some("../shared/mnist".into()),
    ];
    let names = MNIST.map(|content| format!("{}.gz", content.name));
    let found = folders
        .into_iter()
        .flatten()
        .find(|folder| names.iter().all(|name| folder.join(name).is_file()));
    if found.is_none() {
        println!("no MNIST_DIR, no ../shared/mnist: nothing to fetch");
    }
    found
}

/// The address of a server that answers as `reply` says, given the name of a file.
fn server(
    reply: impl Fn(&str) -> (&'static str, Vec<u8>) + Clone + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/mnist", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let reply = reply.clone();
            thread::spawn(move || answer(stream.unwrap(), reply));
        }
    });
    address
}

fn answer(mut stream: TcpStream, reply: impl Fn(&str) -> (&'static str, Vec<u8>)) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let Some(Ok(request)) = lines.next() else { return };
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let path = request.split(' ').nth(1).unwrap();
    let (status, body) = reply(path.strip_prefix("/mnist/").unwrap());
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    // A client that has heard enough hangs up.
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn other_digits_are_told_from_mnist() {
    let (home, digits) = (tempdir().unwrap(), digits());
    let folder = text(digits.path());
    let (printed, complaint) = run(data(home.path(), &["--data", folder, "--json"]));
    assert!(printed.contains("--data names it"), "{printed}");
    let rows = [
        "train-images-idx3-ubyte          3,936   5 pictures       another",
        "train-labels-idx1-ubyte             13   5 labels         another",
        "t10k-images-idx3-ubyte           1,584   2 pictures       another",
        "t10k-labels-idx1-ubyte              10   2 labels         another",
    ];
    for row in rows {
        let words: Vec<_> = row.split_whitespace().collect();
        let is_there = |line: &str| line.split_whitespace().eq(words.iter().copied());
        assert!(printed.lines().any(is_there), "{row}");
    }
    assert!(complaint.contains("are not MNIST's"), "{complaint}");
    assert!(complaint.contains("name no folder"), "{complaint}");

    let told = last_line(&printed);
    assert_eq!((&told["folder"], &told["mnist"]), (&folder.into(), &false.into()));
    let file = &told["files"][0];
    assert_eq!((&file["bytes"], &file["count"]), (&3936.into(), &5.into()));
    assert_eq!(file["mnist"], false);
    assert_eq!(file["path"], text(&digits.path().join(MNIST[0].name)));

    let mut program = data(home.path(), &[]);
    program.env("MNIST_DIR", digits.path());
    assert!(run(program).0.contains("MNIST_DIR names it"));
    assert!(names(home.path()).is_empty(), "nothing is left behind");
}

#[test]
fn a_named_folder_is_not_written_to() {
    let (home, digits) = (tempdir().unwrap(), digits());
    let asked = Arc::new(AtomicBool::new(false));
    let log = asked.clone();
    let mirror = server(move |_| {
        log.store(true, Relaxed);
        ("404 Not Found", Vec::new())
    });
    fs::remove_file(digits.path().join(MNIST[3].name)).unwrap();
    fs::write(digits.path().join(MNIST[2].name), [0, 0]).unwrap();
    let before = names(digits.path());
    let (printed, complaint) =
        run(online(home.path(), &["--data", text(digits.path()), "--json"], &mirror));
    let state = |name: &str| {
        let line = printed.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().last().unwrap().to_string()
    };
    assert_eq!(state(MNIST[1].name), "another");
    assert_eq!(state(MNIST[2].name), "broken");
    assert_eq!(state(MNIST[3].name), "missing");
    assert!(complaint.contains("t10k-images-idx3-ubyte ends inside its header"));
    let told = last_line(&printed);
    assert!(told["files"][3]["error"].as_str().unwrap().contains("has no t10k-labels"));
    assert_eq!(names(digits.path()), before);

    let nowhere = digits.path().join("nowhere");
    let (_, complaint) = run(online(home.path(), &["--data", text(&nowhere)], &mirror));
    assert!(
        complaint.contains("nowhere, which --data or MNIST_DIR names, is not a folder")
    );
    assert!(!nowhere.exists());
    assert!(!asked.load(Relaxed), "nobody is asked");
    assert!(names(home.path()).is_empty(), "the cache is not written to either");
}

#[test]
fn files_are_found_as_people_have_them() {
    let home = tempdir().unwrap();
    let [digits, folder] = [digits(), tempdir().unwrap()];
    for content in MNIST {
        let inner = folder.path().join(content.name);
        fs::create_dir(&inner).unwrap();
        let name = content.name.replace("-idx", ".idx");
        fs::copy(digits.path().join(content.name), inner.join(name)).unwrap();
    }
    let (printed, complaint) = run(data(home.path(), &["--data", text(folder.path())]));
    assert!(printed.contains("train-images.idx3-ubyte          3,936"), "{printed}");
    assert!(complaint.contains("are not MNIST's"), "{complaint}");

    // A file that is cut short beside a whole one.
    fs::write(folder.path().join(MNIST[1].name.to_uppercase()), []).unwrap();
    let arguments = ["--data", text(folder.path()), "--json"];
    let (printed, complaint) = run(data(home.path(), &arguments));
    assert!(printed.contains("Skipped a broken file: "), "{printed}");
    assert!(complaint.contains("are not MNIST's"), "{complaint}");
    let skipped = &last_line(&printed)["files"][1]["skipped"];
    assert!(skipped[0].as_str().unwrap().contains("ends inside its header"), "{skipped}");

    // Nothing but a renamed file.
    let renamed = tempdir().unwrap();
    let from = digits.path().join(MNIST[0].name);
    fs::copy(from, renamed.path().join("train-images-idx3-ubyte (1)")).unwrap();
    let (_, complaint) = run(data(home.path(), &["--data", text(renamed.path())]));
    let words =
        "it has `train-images-idx3-ubyte (1)`: rename it to train-images-idx3-ubyte";
    assert!(complaint.contains(words), "{complaint}");

    // A file instead of a folder.
    let file = digits.path().join(MNIST[1].name);
    let (printed, complaint) = run(data(home.path(), &["--data", text(&file)]));
    assert_eq!(printed.matches("missing").count(), 4, "{printed}");
    let words = "is not a folder but an IDX file of u8 in 1 dimension: name the folder";
    assert!(complaint.contains(words), "{complaint}");
    fs::write(&file, "<html>").unwrap();
    let (printed, complaint) = run(data(home.path(), &["--data", text(digits.path())]));
    assert_eq!(printed.matches("broken").count(), 1, "{printed}");
    assert!(complaint.contains("is an HTML page, not an IDX file of labels"));
}

#[test]
fn nothing_is_fetched_where_that_is_forbidden() {
    let home = tempdir().unwrap();
    let (printed, complaint) = run(data(home.path(), &["--json"]));
    assert!(printed.contains("it is the cache, and neither"), "{printed}");
    assert_eq!(printed.matches("missing").count(), 4, "{printed}");
    assert!(
        complaint
            .contains("does not hold MNIST yet, and NEURONS_OFFLINE forbids a download")
    );
    assert_eq!(last_line(&printed)["mnist"], false);
    assert!(names(home.path()).is_empty(), "nothing is left behind");
}

#[test]
fn mirrors_that_do_not_help() {
    let home = tempdir().unwrap();
    let forbidden = server(|_| ("403 Forbidden", b"no".into()));
    let wrong = server(|_| ("200 OK", vec![7; 5000]));
    let page = server(|_| ("200 OK", b"<!DOCTYPE html>Sign in".into()));
    let mirrors = format!("{forbidden}, {wrong},{page},");
    let (_, complaint) = run(online(home.path(), &[], &mirrors));
    for words in [
        "no mirror gave train-images-idx3-ubyte.gz".into(),
        format!("{forbidden}: the server answers 403;"),
        format!("{wrong}: 5000 bytes with SHA-256"),
        format!("{page}: it sent an HTML page, not the file"),
        "name it with --data".into(),
    ] {
        assert!(complaint.contains(&words), "{words}: {complaint}");
    }
    assert!(names(home.path()).is_empty(), "nothing is left behind");
}

/// A limit on the length of files does what a full disk does, without filling one.
#[cfg(unix)]
#[test]
fn a_full_disk() {
    use flate2::{Compression, write::GzEncoder};
    let mut zeros = GzEncoder::new(Vec::new(), Compression::default());
    zeros.write_all(&[0; 1_000_000]).unwrap();
    // One is too long as it comes, and the other when it is unpacked.
    for file in [vec![7; 1_000_000], zeros.finish().unwrap()] {
        let home = tempdir().unwrap();
        let mirror = server(move |_| ("200 OK", file.clone()));
        let mnist = env!("CARGO_BIN_EXE_mnist");
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" data", mnist])
            .env("XDG_CACHE_HOME", home.path())
            .env("NEURONS_MIRRORS", format!("{mirror},{mirror}"))
            .env_remove("NEURONS_OFFLINE")
            .env_remove("MNIST_DIR")
            .output()
            .unwrap();
        let (_, complaint) = said(output);
        assert!(complaint.contains("neurons/mnist cannot be written: "), "{complaint}");
        let cache = home.path().join("neurons").join("mnist");
        assert_eq!(names(&cache), [".unfinished-train-images-idx3-ubyte.gz"]);
    }
}

#[test]
fn mnist_is_fetched_from_the_mirror_that_has_it() {
    let Some(folder) = real() else { return };
    let home = tempdir().unwrap();
    let bad = server(|_| ("404 Not Found", Vec::new()));
    let good = server(move |name| ("200 OK", fs::read(folder.join(name)).unwrap()));
    let mirrors = format!("{bad},{good}");
    let (printed, _) = run(online(home.path(), &["--json"], &mirrors));
    assert!(printed.contains("where it stays"), "{printed}");
    assert!(printed.contains("MNIST is there, and whole."), "{printed}");
    assert_eq!(printed.matches("MNIST's").count(), 4, "{printed}");
    for words in ["47,040,016   60,000 pictures", "60,008   60,000 labels"] {
        assert!(printed.contains(words), "{printed}");
    }
    assert_eq!(last_line(&printed)["mnist"], true);

    let cache = home.path().join("neurons").join("mnist");
    assert_eq!(names(&cache).len(), 4);
    // The second time, there is nothing to ask for.
    let (printed, _) = run(data(home.path(), &[]));
    assert!(printed.contains("from the cache"), "{printed}");

    // A byte of one file changes, and only that file is asked for.
    let path = cache.join(MNIST[3].name);
    let mut labels = fs::read(&path).unwrap();
    labels[100] ^= 1;
    fs::write(&path, &labels).unwrap();
    let (printed, complaint) = run(data(home.path(), &[]));
    assert_eq!(
        printed.matches("another").count(),
        2,
        "the row, and the reason: {printed}"
    );
    assert!(complaint.contains("is not MNIST, and NEURONS_OFFLINE"), "{complaint}");
    run(online(home.path(), &[], &mirrors));
    assert_ne!(fs::read(&path).unwrap(), labels);
}

#[test]
fn the_real_mnist_is_known_where_it_is() {
    let Some(folder) = real() else { return };
    let home = tempdir().unwrap();
    let (printed, _) = run(data(home.path(), &["--data", text(&folder)]));
    assert!(printed.contains("t10k-labels-idx1-ubyte.gz"), "{printed}");
    assert!(printed.contains("MNIST is there, and whole."), "{printed}");
    assert!(names(home.path()).is_empty(), "nothing is left behind");
}

#[test]
fn help_teaches() {
    let home = tempdir().unwrap();
    let (printed, _) = run(data(home.path(), &["--help"]));
    for word in ["MNIST_DIR", "NEURONS_OFFLINE", "NEURONS_MIRRORS", "SHA-256", "--json"] {
        assert!(printed.contains(word), "{printed}");
    }
}
