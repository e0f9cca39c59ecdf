//! The program as a user meets it: what it trains, what it prints, and what it says when something
//! is wrong.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use neurons::dataset::MNIST;
use neurons::idx;
use neurons::mnist::Recipe;
use neurons::model::Model;
use neurons::ndarray::Array2;
use neurons::pixels::Digits;
use proptest::test_runner::{Config, TestRunner};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A folder with a few drawn digits in MNIST's four files.
fn digits() -> TempDir {
    let folder = tempdir().unwrap();
    let (train, test) = Digits::handwriting(900, 1).split_at(720);
    for (digits, names) in [(train, &MNIST[..2]), (test, &MNIST[2..])] {
        idx::write_images(&folder.path().join(names[0].name), &digits.images).unwrap();
        idx::write_labels(&folder.path().join(names[1].name), &digits.labels).unwrap();
    }
    folder
}

fn mnist(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mnist"));
    program.args(arguments).env("NEURONS_OFFLINE", "1").env_remove("MNIST_DIR");
    program.output().unwrap()
}

/// What a run that must succeed prints.
fn output(arguments: &[&str]) -> String {
    let output = mnist(arguments);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    assert_eq!(complaint, "", "no bar where there is no terminal");
    String::from_utf8(output.stdout).unwrap()
}

fn last_line(output: &str) -> Value {
    serde_json::from_str(output.lines().last().unwrap()).unwrap()
}

/// What a run that must fail complains of: one sentence.
fn complaint(arguments: &[&str]) -> String {
    let output = mnist(arguments);
    let complaint = String::from_utf8(output.stderr).unwrap();
    let usage = match output.status.code() {
        Some(1) => false,
        Some(2) => true,
        code => panic!("{arguments:?} ends with {code:?}: {complaint}"),
    };
    assert!(complaint.starts_with("error: "), "{arguments:?}: {complaint}");
    assert!(!complaint.contains("panicked"), "{arguments:?}: {complaint}");
    assert!(usage || complaint.lines().count() == 1, "{arguments:?}: {complaint}");
    println!("{} {complaint}", arguments.join(" "));
    complaint
}

/// A folder with a model that was trained for a moment, and what the program printed.
fn trained(data: &Path, more: &[&str]) -> (TempDir, PathBuf, String) {
    let out = tempdir().unwrap();
    let folders = ["--data", text(data), "--out", text(out.path()), "--json"];
    let output = output(&[&folders, more].concat());
    let model = out.path().join("model.safetensors");
    (out, model, output)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_run_says_what_it_did_and_leaves_what_it_says() {
    let data = digits();
    let (out, model, output) = trained(data.path(), &["--epochs", "3", "--seed", "7"]);
    assert!(output.contains("They are not MNIST's"), "{output}");
    assert!(
        output.lines().all(|line| line.starts_with('{') || line.chars().count() <= 80),
        "{output}"
    );
    assert!(!output.contains('\u{1b}'), "no colour where there is no terminal");
    let table = output.lines().skip_while(|line| !line.starts_with("epoch")).skip(1);
    assert_eq!(table.take_while(|line| !line.is_empty()).count(), 3, "{output}");

    let told = last_line(&output);
    assert_eq!(told["data"], "custom");
    assert_eq!(told["seed"], 7);
    assert_eq!(told["layers"], serde_json::json!([784, 16, 16, 10]));
    assert_eq!(told["epochs"], 3);
    assert_eq!(told["model"], text(&model));
    assert!(told["seconds"].as_f64().unwrap() > 0.0);
    let accuracy = told["test_accuracy"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&accuracy));
    for name in ["learning.svg", "confusions.svg", "weights.svg"] {
        assert!(fs::read_to_string(out.path().join(name)).unwrap().ends_with("</svg>\n"));
    }
    let report = fs::read_to_string(out.path().join("report.html")).unwrap();
    assert_eq!(report.matches("<svg ").count(), 3);
    assert!(
        !report.contains("src=") && !report.contains("href="),
        "the page needs nothing else"
    );

    let tested = last_line(&self::output(&[
        "test",
        text(&model),
        "--data",
        text(data.path()),
        "--json",
    ]));
    assert_eq!(tested["test_accuracy"], told["test_accuracy"]);
}

#[test]
fn digits_are_drawn_where_there_are_none() {
    let out = tempdir().unwrap();
    let short =
        ["--pictures", "300", "--epochs", "1", "--json", "--out", text(out.path())];
    let output = output(&[&["train", "--data", "synthetic"], &short[..]].concat());
    assert!(output.starts_with("Synthetic handwriting"), "{output}");
    assert_eq!(last_line(&output)["data"], "synthetic");
}

#[test]
fn the_same_seed_gives_the_same_file_on_any_number_of_threads() {
    let data = digits();
    let model = |more: &[&str]| {
        let (_out, model, _) =
            trained(data.path(), &[&["--epochs", "2", "--batch", "150"], more].concat());
        fs::read(model).unwrap()
    };
    let first = model(&[]);
    assert_eq!(model(&["--threads", "1"]), first);
    assert_eq!(model(&["--threads", "3"]), first);
    assert_ne!(model(&["--seed", "2"]), first);
}

#[test]
fn every_option_reaches_the_recipe() {
    let data = digits();
    let options = "--layers 784,12,10 --activation tanh --cost cross-entropy --epochs 1 --batch 20 \
                   --rate 0.05 --momentum 0.5 --seed 3 --pictures 100";
    let options: Vec<_> = options.split_whitespace().collect();
    let (_out, model, output) = trained(data.path(), &options);
    let told = last_line(&output);
    for (key, value) in [("activation", "tanh"), ("cost", "cross-entropy")] {
        assert_eq!(told[key], value);
    }
    for (key, value) in
        [("batch", 20.0), ("rate", 0.05), ("momentum", 0.5), ("seed", 3.0)]
    {
        assert_eq!(told[key].as_f64(), Some(value));
    }
    let output = output.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        output.contains("100 pictures to train on, 120 to validate, 180 to test"),
        "{output}"
    );
    assert_eq!(Model::load(&model).unwrap().network.sizes(), [784, 12, 10]);
}

#[test]
fn wrong_options_are_refused() {
    for (option, values) in [
        (
            "--layers",
            &["783,10", "784,9", "784", "784,0,10", "784,x,10", "784,99999999,10", ""][..],
        ),
        ("--rate", &["0", "-1", "NaN", "inf", "fast"]),
        ("--momentum", &["1", "-0.1", "NaN"]),
        ("--batch", &["0", "-3", "1.5"]),
        ("--epochs", &["0"]),
        ("--pictures", &["0"]),
        ("--threads", &["0", "100000"]),
        ("--activation", &["identity", "Sigmoid"]),
        ("--cost", &["mse"]),
        ("--seed", &["-1"]),
    ] {
        for value in values {
            let complaint = complaint(&[&format!("{option}={value}")]);
            assert!(complaint.contains(option), "{complaint}");
        }
    }
    complaint(&["--epochs", "1", "test", "model.safetensors"]);
    complaint(&["forget"]);
}

#[test]
fn broken_digits_are_refused() {
    let data = digits();
    let run = || complaint(&["--data", text(data.path()), "--out", text(data.path())]);
    let images = data.path().join(MNIST[0].name);
    let whole = fs::read(&images).unwrap();
    fs::write(&images, &whole[..whole.len() - 1]).unwrap();
    assert!(run().contains(text(&images)));
    fs::write(&images, [&[0, 0, 8, 1], &whole[4..]].concat()).unwrap();
    assert!(run().contains(text(&images)));
    fs::write(&images, []).unwrap();
    assert!(run().contains(text(&images)));
    fs::remove_file(&images).unwrap();
    run();
    complaint(&["--data", "/no/such/folder", "--out", text(data.path())]);
}

#[test]
fn too_few_pictures_are_refused() {
    let data = tempdir().unwrap();
    for (content, is_images) in MNIST.iter().zip([true, false, true, false]) {
        let path = data.path().join(content.name);
        match is_images {
            true => idx::write_images(&path, &Array2::from_elem((1, 784), 9)).unwrap(),
            false => idx::write_labels(&path, &[4]).unwrap(),
        }
    }
    complaint(&["--data", text(data.path()), "--out", text(data.path())]);
    let data = digits();
    let pictures = ["--pictures", "601", "--out", text(data.path())];
    assert!(
        complaint(&[&["--data", text(data.path())], &pictures[..]].concat())
            .contains("600")
    );
}

#[test]
fn steps_that_are_too_long_end_in_a_sentence_or_an_honest_result() {
    let data = digits();
    let out = text(data.path());
    let base = ["--data", out, "--out", out, "--epochs", "2"];
    let diverged =
        complaint(&[&base[..], &["--rate", "1e200", "--activation", "relu"]].concat());
    assert!(diverged.contains("learning rate"), "{diverged}");
    // A softmax cannot overflow: this one learns nothing, and is told so.
    let output = output(&[&base[..], &["--rate", "1e9"]].concat());
    assert!(output.contains("it has learned nothing"), "{output}");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_training() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let out = file.join("runs");
    assert!(complaint(&["--out", text(&out)]).contains(text(&out)));
}

#[test]
fn a_broken_model_is_refused() {
    let data = digits();
    let (out, path, _) = trained(data.path(), &["--epochs", "1", "--layers", "784,10"]);
    let whole = fs::read(&path).unwrap();
    let model = Model::load(&path).unwrap();
    let broken = out.path().join("broken.safetensors");
    for length in [0, 4, 8, 100, 500, whole.len() / 2, whole.len() - 1] {
        fs::write(&broken, &whole[..length]).unwrap();
        let complaint = complaint(&["test", text(&broken), "--data", text(data.path())]);
        assert!(complaint.contains(text(&broken)), "{complaint}");
    }
    complaint(&["test", "/no/such/model"]);
    complaint(&["test", text(out.path())]);
    complaint(&["test", text(&data.path().join(MNIST[0].name))]);

    // One flipped bit, anywhere: refused, or harmless. The first bytes are the header.
    let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
    let check = |bit: usize| {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&broken, &flipped).unwrap();
        match Model::load(&broken) {
            Ok(loaded) => assert_eq!(loaded, model, "bit {bit}"),
            Err(error) => assert!(error.to_string().contains(text(&broken)), "{error}"),
        }
    };
    (0..8 * header).for_each(check);
    let mut runner = TestRunner::new(Config::with_cases(100));
    runner
        .run(&(8 * header..8 * whole.len()), |bit| {
            check(bit);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_model_from_elsewhere_is_used_if_all_of_it_fits() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let recipe = Recipe { sizes: vec![784, 5, 10], ..Recipe::book() };
    let model = Model { network: recipe.network(), objective: recipe.objective };
    model.save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let whole = SafeTensors::deserialize(&bytes).unwrap();
    let said: HashMap<String, String> = {
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let mut said = header.metadata().clone().unwrap();
        said.remove("sha256").expect("a sum of all of it");
        said
    };
    type Tensors<'a> = BTreeMap<String, TensorView<'a>>;
    let load = |change: &dyn Fn(&mut Tensors, &mut HashMap<String, String>)| {
        let mut tensors = whole.tensors().into_iter().collect();
        let mut said = said.clone();
        change(&mut tensors, &mut said);
        fs::write(&path, safetensors::serialize(tensors, Some(said)).unwrap()).unwrap();
        Model::load(&path)
    };
    assert_eq!(
        load(&|_, _| {}).unwrap(),
        model,
        "as Python's safetensors would write it"
    );

    static ZEROS: [u8; 400] = [0; 400];
    static NANS: [u8; 80] = [0xff; 80];
    let zeros = |shape: &[usize]| {
        let bytes = &ZEROS[..8 * shape.iter().product::<usize>()];
        TensorView::new(Dtype::F64, shape.to_vec(), bytes).unwrap()
    };
    let narrow = TensorView::new(Dtype::F32, vec![10], &ZEROS[..40]).unwrap();
    let nans = TensorView::new(Dtype::F64, vec![10], &NANS).unwrap();
    let refuse = |change: &dyn Fn(&mut Tensors, &mut HashMap<String, String>)| {
        let complaint = load(change).unwrap_err().to_string();
        assert!(complaint.starts_with(text(&path)), "{complaint}");
        println!("{complaint}");
    };
    refuse(&|tensors, _| drop(tensors.remove("layers.1.bias")));
    for (name, tensor) in [
        ("layers.1.bias", zeros(&[9])),
        ("layers.1.bias", narrow),
        ("layers.1.bias", nans),
        ("layers.1.weight", zeros(&[5, 10])),
        ("layers.2.bias", zeros(&[1])),
    ] {
        refuse(&|tensors, _| drop(tensors.insert(name.into(), tensor.clone())));
    }
    for key in ["format", "sizes", "activations", "objective"] {
        refuse(&|_, said| drop(said.remove(key)));
    }
    for (key, value) in [
        ("format", "neurons-2"),
        ("sizes", "784,6,10"),
        ("sizes", "784,5,5,10"),
        ("sizes", "784,99999999999,10"),
        ("sizes", "784,18446744073709551615,18446744073709551615,10"),
        ("sizes", "784,five,10"),
        ("sizes", "5,10"),
        ("activations", "sigmoid"),
        ("activations", "sigmoid,sigmoid"),
        ("activations", "step,identity"),
        ("objective", "quadratic"),
        ("objective", "mse"),
        ("sha256", "0"),
    ] {
        refuse(&|_, said| drop(said.insert(key.into(), value.into())));
    }
    fs::write(&path, [&bytes[..], &[0]].concat()).unwrap();
    println!("{}", Model::load(&path).unwrap_err());
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    println!("{}", Model::load(&path).unwrap_err());
}
