//! Where digits are looked for, and what is said when there are none. No test here uses a network.

use flate2::{Compression, write::GzEncoder};
use ndarray::Array2;
use neurons::digits::dataset::{self, Content, DataError, MNIST, Search, Source};
use neurons::digits::idx;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

mod in_place_of_mnist;

/// Four small files in the place of MNIST's, of 5 and 2 digits.
fn files() -> [Vec<u8>; 4] {
    let images = |m, first| {
        Array2::from_shape_fn((m, 784), |(row, column)| (first + row + column) as u8)
    };
    [
        idx::encode_images(&images(5, 0)),
        idx::encode_labels(&[0, 1, 2, 3, 4]),
        idx::encode_images(&images(2, 100)),
        idx::encode_labels(&[8, 9]),
    ]
}

fn contents() -> [Content; 4] {
    in_place_of_mnist::contents(&files())
}

/// A folder with the four files, under names that `rename` gives them.
fn folder(rename: impl Fn(&str) -> String) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (content, file) in MNIST.iter().zip(files()) {
        fs::write(folder.path().join(rename(content.name)), file).unwrap();
    }
    folder
}

fn search(folder: Option<&Path>, cache: Option<&Path>) -> Search {
    Search {
        folder: folder.map(PathBuf::from),
        cache: cache.map(PathBuf::from),
        contents: contents(),
        mirrors: None,
        synthetic: (20, 10),
        seed: 1,
    }
}

fn why(source: Source) -> String {
    match source {
        Source::Synthetic { why } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_named_folder_is_read_whatever_its_files_are_called() {
    let renames: [fn(&str) -> String; 4] = [
        |name| name.into(),
        |name| format!("{name}.gz"),
        |name| name.replace("-idx", ".idx"),
        |name| name.replace("-idx", ".idx") + ".gz",
    ];
    for rename in renames {
        let folder = folder(rename);
        let data = search(Some(folder.path()), None).find().unwrap();
        assert_eq!(data.train.labels, [0, 1, 2, 3, 4]);
        assert_eq!(data.test.images.dim(), (2, 784));
        assert_eq!(data.source, mnist(folder.path()));
        let said = data.source.to_string();
        assert_eq!(said, format!("MNIST, from {}.", folder.path().display()));
    }
}

/// Where MNIST comes from if it is in that folder, whole.
fn mnist(folder: &Path) -> Source {
    Source::Folder { path: folder.into(), skipped: Vec::new() }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn folders_are_read_as_kaggle_7zip_and_torchvision_lay_them_out() {
    let layouts: [fn(&str) -> String; 6] = [
        |name| format!("{name}/{name}"),
        |name| format!("{name}/{}", name.replace("-idx", ".idx")),
        |name| format!("{}/{name}.gz", name.replace("-idx", ".idx")),
        |name| format!("MNIST/raw/{name}"),
        |name| format!("raw/{name}.gz"),
        |name| name.to_uppercase(),
    ];
    for layout in layouts {
        let folder = tempfile::tempdir().unwrap();
        for (content, file) in MNIST.iter().zip(files()) {
            let path = folder.path().join(layout(content.name));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        let data = search(Some(folder.path()), None).find().unwrap();
        assert_eq!(data.source, mnist(folder.path()), "{}", layout("NAME"));
        assert_eq!(data.test.labels, [8, 9]);
        for content in contents() {
            let found = content.look(folder.path()).unwrap();
            assert!(found.genuine && found.path.starts_with(folder.path()));
        }
    }
}

#[test]
fn torchvision_keeps_other_sets_under_the_same_names() {
    let folder = tempfile::tempdir().unwrap();
    for (set, files) in [("MNIST", files()), ("FashionMNIST", Default::default())] {
        let raw = folder.path().join(set).join("raw");
        fs::create_dir_all(&raw).unwrap();
        for (content, file) in MNIST.iter().zip(files) {
            fs::write(raw.join(content.name), file).unwrap();
        }
    }
    let data = search(Some(folder.path()), None).find().unwrap();
    assert_eq!(data.source, mnist(folder.path()));
}

#[test]
fn a_folder_in_the_place_of_a_file_may_be_empty() {
    let folder = folder(str::to_string);
    let path = folder.path().join(MNIST[0].name);
    let file = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = search(Some(folder.path()), None).find().unwrap_err().to_string();
    assert!(error.contains("has no train-images-idx3-ubyte; it has"), "{error}");
    fs::write(path.with_extension("gz"), gzip(&file)).unwrap();
    let data = search(Some(folder.path()), None).find().unwrap();
    assert_eq!(data.source, mnist(folder.path()));
}

#[test]
fn a_whole_file_is_read_where_another_is_broken_and_that_is_said() {
    for broken in [&b""[..], &files()[0][..900], b"<!DOCTYPE html>"] {
        let folder = folder(str::to_string);
        let plain = folder.path().join(MNIST[0].name);
        fs::write(plain.with_extension("gz"), gzip(&files()[0])).unwrap();
        fs::write(&plain, broken).unwrap();
        let data = search(Some(folder.path()), None).find().unwrap();
        assert_eq!(data.source.name(), "mnist");
        let said = data.source.to_string();
        let words = format!("Skipped a broken file: {} ", plain.display());
        assert!(said.contains(&words), "{said}");
        assert!(said.ends_with(" Read another instead."), "{said}");
        assert!(!said.contains("?."), "{said}");
        let found = contents()[0].look(folder.path()).unwrap();
        assert_eq!(found.path, plain.with_extension("gz"));
        assert_eq!(found.skipped.len(), 1);

        // Both broken: the first is named.
        fs::write(plain.with_extension("gz"), []).unwrap();
        let error = search(Some(folder.path()), None).find().unwrap_err().to_string();
        assert!(error.starts_with(&format!("{} ", plain.display())), "{error}");
    }
}

/// What is said of a folder in which the training images are missing, and this file is there.
fn instead(name: &str, file: &[u8]) -> String {
    let folder = folder(str::to_string);
    fs::remove_file(folder.path().join(MNIST[0].name)).unwrap();
    fs::write(folder.path().join(name), file).unwrap();
    let error = search(Some(folder.path()), None).find().unwrap_err();
    assert!(matches!(error, DataError::Missing { .. }), "{error:?}");
    let said = error.to_string();
    let start =
        format!("{} has no train-images-idx3-ubyte; it has ", folder.path().display());
    assert!(!said.contains('\n') && said.len() < start.len() + 250, "{said}");
    println!("{said}");
    said.strip_prefix(&start).unwrap_or_else(|| panic!("{said}")).into()
}

#[test]
fn a_file_that_looks_like_the_missing_one_is_named() {
    let (plain, packed) = (&files()[0][..], &gzip(&files()[0])[..]);
    for (name, file, to) in [
        ("train-images-idx3-ubyte (1).gz", packed, "train-images-idx3-ubyte.gz"),
        ("train-images-idx3-ubyte.gz.txt", packed, "train-images-idx3-ubyte.gz"),
        ("Copy of Train_Images", plain, "train-images-idx3-ubyte"),
        ("train-images-idx3-ubyte.bin", plain, "train-images-idx3-ubyte"),
        ("keras (2).npz", b"PK\x03\x04", ""),
    ] {
        let said = instead(name, file);
        if to.is_empty() {
            assert!(
                said.starts_with(&format!("`{name}`, which is a ZIP archive")),
                "{said}"
            );
        } else {
            assert_eq!(said, format!("`{name}`: rename it to {to}"));
        }
    }
    let said = instead("emnist-digits-train-images-idx3-ubyte.gz", packed);
    assert!(
        said.contains("which is EMNIST's") && said.ends_with("fetch MNIST's"),
        "{said}"
    );
    let said = instead("train-images.html", b"<html>");
    assert!(said.contains("which is an HTML page: the server sent it"), "{said}");
    let said = instead("archive.zip", b"PK\x03\x04\n\0\0\0");
    assert_eq!(said, "`archive.zip`, which is a ZIP archive: unpack it first");
    let said = instead("mnist_train.csv", b"label,1x1,1x2,1x3\n5,0,0,0\n");
    assert!(said.contains("which is a CSV table, so put the four files"), "{said}");
    let said = instead("readme", b"hello");
    let rest =
        "readme, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, train-labels-idx1-ubyte";
    assert_eq!(said, format!("{rest}, so put the four files of MNIST there"));
    let said = instead(&format!("a\u{1b}\n{}", "x".repeat(200)), b"");
    assert!(said.starts_with(&format!("a  {}…, t10k-images", "x".repeat(57))), "{said}");

    let said = instead("._train-images-idx3-ubyte.gz", b"\0\x05\x16\x07");
    assert!(said.starts_with("t10k-images-idx3-ubyte, "), "{said}");

    let many = tempfile::tempdir().unwrap();
    for i in 0..30 {
        fs::write(many.path().join(format!("file-{i:02}")), []).unwrap();
    }
    let error = search(Some(many.path()), None).find().unwrap_err().to_string();
    let words = "it has file-00, file-01, file-02, file-03 and 26 more, so put the four";
    assert!(error.contains(words), "{error}");
}

#[test]
fn a_named_folder_of_other_digits_is_not_called_mnist() {
    let folder = folder(str::to_string);
    let data =
        Search { contents: MNIST, ..search(Some(folder.path()), None) }.find().unwrap();
    assert_eq!(data.source.name(), "custom");
    assert!(data.source.to_string().contains("not MNIST's"));
}

#[test]
fn a_named_folder_that_is_broken_is_an_error() {
    // The cache would do, but it was not asked for.
    let cache = folder(str::to_string);
    let find =
        |folder: &Path| search(Some(folder), Some(cache.path())).find().unwrap_err();

    let named = folder(str::to_string);
    fs::remove_file(named.path().join(MNIST[3].name)).unwrap();
    let error = find(named.path());
    assert!(matches!(error, DataError::Missing { .. }));
    assert!(
        error.to_string().contains("has no t10k-labels-idx1-ubyte; it has t10k-images"),
        "{error}"
    );

    fs::write(named.path().join(MNIST[3].name), []).unwrap();
    let error = find(named.path()).to_string();
    assert!(error.contains("t10k-labels-idx1-ubyte ends inside its header"), "{error}");

    let error = find(&named.path().join("none")).to_string();
    assert!(
        error.contains("none, which --data or MNIST_DIR names, is not a folder"),
        "{error}"
    );
    let error = find(&named.path().join(MNIST[0].name)).to_string();
    let words = "is not a folder but an IDX file of u8 in 3 dimensions: name the folder that holds";
    assert!(error.contains(words), "{error}");
}

#[test]
fn the_cache_comes_before_synthetic_digits() {
    let cache = folder(str::to_string);
    let data = search(None, Some(cache.path())).find().unwrap();
    assert_eq!(data.source, Source::Cache(cache.path().into()));
    assert_eq!(data.test.labels, [8, 9]);
}

#[test]
fn a_broken_cache_is_told_and_not_used() {
    let cache = folder(str::to_string);
    let path = cache.path().join(MNIST[0].name);
    let mut file = fs::read(&path).unwrap();
    file[500] ^= 1;
    fs::write(&path, &file).unwrap();
    let data = search(None, Some(cache.path())).find().unwrap();
    assert_eq!((data.train.labels.len(), data.test.labels.len()), (20, 10));
    assert!(why(data.source).contains("is not MNIST"));

    fs::write(&path, &file[..900]).unwrap();
    let data = search(None, Some(cache.path())).find().unwrap();
    assert!(why(data.source).contains("was it cut short?"));
}

#[test]
fn what_needs_mnist_takes_no_other_digits() {
    let digits = folder(str::to_string);
    let path = digits.path();
    let (named, cached) = (search(Some(path), None), search(None, Some(path)));
    assert_eq!(named.mnist().unwrap().source, mnist(path));
    assert_eq!(cached.mnist().unwrap().source, Source::Cache(path.into()));

    idx::write_labels(&path.join(MNIST[1].name), &[4, 3, 2, 1, 0]).unwrap();
    for (search, what_to_do) in [(named, "name no folder"), (cached, "MNIST_DIR")] {
        let error = search.mnist().unwrap_err();
        let sentence = error.to_string();
        assert!(sentence.contains("MNIST"), "{sentence}");
        assert!(sentence.ends_with(what_to_do), "{sentence}");
        assert_eq!(sentence, format!("{error:?}"), "`main` shows it as it is");
    }
}

#[test]
fn with_nothing_at_all_digits_are_drawn_and_the_user_is_told() {
    let nowhere = tempfile::tempdir().unwrap().path().join("gone");
    let data = search(None, Some(&nowhere)).find().unwrap();
    assert!(!nowhere.exists(), "a search without a network leaves no trace");
    assert_eq!(data.source.name(), "synthetic");
    let said = data.source.to_string();
    for word in [
        "does not hold MNIST yet",
        "because",
        "--data FOLDER",
        "MNIST_DIR=FOLDER",
        "-idx3-ubyte.gz",
    ] {
        assert!(said.contains(word), "{said}");
    }
    assert!(why(search(None, None).find().unwrap().source).contains("no home folder"));
}

#[test]
fn synthetic_digits_follow_from_their_seed() {
    let (one, again, other) = (
        dataset::synthetic(30, 20, 5),
        dataset::synthetic(30, 20, 5),
        dataset::synthetic(30, 20, 6),
    );
    assert_eq!(one.train.images, again.train.images);
    assert_eq!(one.test.labels, again.test.labels);
    assert_ne!(one.test.images, other.test.images);
    assert_eq!(one.train.images.dim(), (30, 784));
    assert_eq!(one.test.images.dim(), (20, 784));
}

/// Not a test by itself: the next one runs it in processes with other environments.
#[test]
fn child() {
    if std::env::var_os("CHILD").is_none() {
        return;
    }
    let data = std::env::var_os("DATA");
    let search =
        Search { synthetic: (20, 10), ..Search::from_env(data.as_ref().map(Path::new)) };
    match search.find() {
        Ok(data) => println!("FOUND {} {}", data.source.name(), data.source),
        Err(error) => println!("ERROR {error}"),
    }
}

#[test]
fn the_environment_is_heeded() {
    let run = |variables: &[(&str, &Path)]| {
        let home = tempfile::tempdir().unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env("CHILD", "1")
            .env_remove("MNIST_DIR")
            .env("XDG_CACHE_HOME", home.path())
            .env("NEURONS_OFFLINE", "1")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        assert!(
            fs::read_dir(home.path()).unwrap().next().is_none(),
            "something is left behind"
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let (digits, none, empty) =
        (folder(str::to_string), Path::new("/nowhere"), Path::new(""));

    let said = run(&[("MNIST_DIR", digits.path())]);
    assert!(said.contains("FOUND custom"), "{said}");
    let said = run(&[("MNIST_DIR", none), ("DATA", digits.path())]);
    assert!(said.contains("FOUND custom"), "{said}");
    let said = run(&[("MNIST_DIR", none)]);
    assert!(said.contains("ERROR /nowhere, which --data"), "{said}");
    let said = run(&[("MNIST_DIR", digits.path()), ("DATA", none)]);
    assert!(said.contains("ERROR /nowhere, which --data"), "{said}");
    let said = run(&[("MNIST_DIR", empty)]);
    assert!(said.contains("FOUND synthetic"), "{said}");
    let reason =
        if cfg!(feature = "trainer") { "NEURONS_OFFLINE forbids" } else { "`trainer`" };
    assert!(said.contains(reason), "{said}");

    #[cfg(unix)]
    {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("neurons").join("mnist");
        fs::create_dir_all(&folder).unwrap();
        for content in MNIST {
            fs::write(folder.join(content.name), []).unwrap();
        }
        let said = run(&[("XDG_CACHE_HOME", home.path())]);
        assert!(
            said.contains("neurons/mnist/train-images-idx3-ubyte ends inside"),
            "{said}"
        );
    }
}

#[test]
fn the_real_mnist_is_known_where_it_is() {
    let folders = [
        std::env::var_os("MNIST_DIR").map(PathBuf::from),
        Some("../shared/mnist".into()),
    ];
    let Some(folder) = folders.into_iter().flatten().find(|folder| folder.is_dir())
    else {
        println!("no MNIST_DIR, no ../shared/mnist: nothing to compare");
        return;
    };
    let data = dataset::find(Some(&folder)).unwrap();
    assert_eq!(data.source, mnist(&folder));
    let count = |labels: &[u8]| {
        let mut counts = [0; 10];
        labels.iter().for_each(|&label| counts[label as usize] += 1);
        counts
    };
    let train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
    assert_eq!(count(&data.train.labels), train);
    assert_eq!(
        count(&data.test.labels),
        [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    );
    assert_eq!(data.train.labels[..5], [5, 0, 4, 1, 9]);
}
