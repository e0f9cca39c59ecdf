//! Where digits are looked for, and what is said when there are none. No test here uses a network.

use ndarray::Array2;
use neurons::dataset::{self, Content, DataError, MNIST, Search, Source};
use neurons::idx;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

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
        assert_eq!(data.source, Source::Folder(folder.path().into()));
        assert!(data.source.to_string().starts_with("MNIST, from the folder "));
    }
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
        error.to_string().contains("has no t10k-labels-idx1-ubyte and no t10k-labels"),
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
    assert!(error.contains("is not a folder"), "{error}");
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
    assert_eq!(data.source, Source::Folder(folder));
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
