//! The program as a user meets it: what it trains, what it prints, and what it says when something
//! is wrong.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use neurons::digits::dataset::MNIST;
use neurons::digits::idx;
use neurons::mnist::distortion::Distortion;
use neurons::mnist::optimiser::{Optimiser, Schedule};
use neurons::mnist::{Objective, Precision, Recipe, Start};
use neurons::ndarray::{Array2, s};
use neurons::sigmoid::Activation;
use neurons::trainer::model_file::Model;
use neurons::trainer::run_folder::FinishedRun;
use proptest::test_runner::{Config, TestRunner};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

mod drawn;
use drawn::digits;

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
    let told = |line: &str| line.starts_with("warning: so far it reads every ");
    assert!(
        complaint.lines().all(told),
        "no bar where there is no terminal: {complaint}"
    );
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
    assert_eq!(told["recipe"]["sizes"], serde_json::json!([784, 16, 16, 10]));
    assert_eq!(told["epochs"], 3);
    assert_eq!(told["model"], text(&model));
    assert!(told["seconds"].as_f64().unwrap() > 0.0);
    let accuracy = told["test_accuracy"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&accuracy));
    let report = fs::read_to_string(out.path().join("report.html")).unwrap();
    assert!(
        report.contains("<svg ") && !report.contains("src="),
        "it needs nothing else"
    );
    let metrics = fs::read_to_string(out.path().join("metrics.csv")).unwrap();
    assert_eq!(metrics.lines().count(), 4);
    let run = FinishedRun::load(out.path()).unwrap();
    assert_eq!((run.epochs.len(), run.chosen, run.recipe.seed), (3, 3, 7));
    assert_eq!(run.test, accuracy);

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
        let (_out, model, _) = trained(
            data.path(),
            &[&["--epochs", "2", "--batch", "150", "--distort", "elastic"], more]
                .concat(),
        );
        fs::read(model).unwrap()
    };
    let first = model(&[]);
    assert_eq!(model(&["--threads", "1"]), first);
    assert_eq!(model(&["--threads", "3"]), first);
    assert_ne!(model(&["--seed", "2"]), first);

    // Two tiles of the fast engine, and the readable code.
    let wide = model(&["--layers", "784,100,10"]);
    assert_eq!(model(&["--layers", "784,100,10", "--threads", "1"]), wide);
    let readable = model(&["--precision", "f64"]);
    assert_ne!(readable, first);
    assert_eq!(model(&["--precision", "f64", "--threads", "1"]), readable);
}

#[test]
fn every_option_reaches_the_recipe() {
    let data = digits();
    let options = "--layers 784,12,10 --activation tanh --cost cross-entropy --epochs 4 --batch 20 \
                   --rate 0.05 --schedule 0.5/2 --optimiser momentum:0.5 --l2 0.001 --start unit \
                   --patience 3 --distort shift --precision f64 --seed 3 --pictures 100";
    let options: Vec<_> = options.split_whitespace().collect();
    let (out, model, output) = trained(data.path(), &options);
    let expected = Recipe {
        sizes: vec![784, 12, 10],
        start: Start::Unit,
        activation: Activation::Tanh,
        objective: Objective::CrossEntropy,
        epochs: 4,
        batch: 20,
        rate: 0.05,
        schedule: Schedule::Steps { factor: 0.5, every: 2 },
        optimiser: Optimiser::Momentum(0.5),
        l2: 0.001,
        patience: Some(3),
        distortion: Distortion::Shift,
        precision: Precision::F64,
        seed: 3,
    };
    assert_eq!(FinishedRun::load(out.path()).unwrap().recipe, expected);
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
        ("--optimiser", &["momentum:1", "momentum:-0.1", "rmsprop"]),
        ("--schedule", &["0.5", "2/3", "linear"]),
        ("--l2", &["-1", "NaN"]),
        ("--patience", &["0"]),
        ("--distort", &["twirl"]),
        ("--start", &["0"]),
        ("--precision", &["f16"]),
        ("--recipe", &["lenet"]),
        ("--repeat", &["0"]),
        ("--checkpoint-steps", &["0"]),
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
    let rate = Recipe::book().rate;
    let advice = format!("try the rate of the recipe, {rate:?}, in place of 1e200");
    assert!(diverged.contains(&advice), "{diverged}");
    // Without a recipe at hand: a tenth, in one digit.
    for (rate, tenth) in [(1e30, "1e29"), (0.3, "0.03"), (7.0, "0.7"), (1e-3, "0.0001")] {
        let sentence = neurons::mnist::Diverged { epoch: 1, rate }.to_string();
        let advice = format!("try a learning rate of {tenth} in place of {rate:?}");
        assert!(sentence.ends_with(&advice), "{sentence}");
    }
    // A softmax cannot overflow: this one learns nothing, and the result says so.
    let output = mnist(&[&base[..], &["--rate", "1e9"]].concat());
    let [output, warning] =
        [output.stdout, output.stderr].map(|s| String::from_utf8(s).unwrap());
    let output = output.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        output.contains("in 120 steps it has learned nothing. Try more --epochs"),
        "{output}"
    );
    assert!(warning.contains("so far it reads every validation picture as"), "{warning}");
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

#[test]
fn a_published_network_is_trained_beside_its_figure() {
    let data = digits();
    let (out, model, output) = trained(data.path(), &["--recipe", "nielsen-30"]);
    assert_eq!(Model::load(&model).unwrap().network.sizes(), [784, 30, 10]);
    assert!(output.contains("Published: 95.42 % by Nielsen"), "{output}");
    let run = FinishedRun::load(out.path()).unwrap();
    assert_eq!((run.name.as_str(), run.epochs.len()), ("nielsen-30", 30));
    assert_eq!(last_line(&output)["published"][0], 95.42);
    // With one point changed it is another network.
    let (_out, _, output) =
        trained(data.path(), &["--recipe", "nielsen-30", "--epochs", "1"]);
    assert!(!output.contains("Published"), "{output}");
}

#[test]
fn a_quiet_run_tells_its_result_only() {
    let data = digits();
    let out = tempdir().unwrap();
    let folders = ["--data", text(data.path()), "--out", text(out.path())];
    let output = output(&[&folders[..], &["--epochs", "1", "--quiet"]].concat());
    assert!(output.trim().starts_with("Test accuracy "), "{output}");
    assert!(output.trim().lines().count() <= 4, "{output}");
}

#[test]
fn pictures_to_choose_by_and_to_test_on_are_not_learned_from() {
    // Two folders that differ in the last sixth of the training files and in the test files.
    let (one, other) = (digits(), digits());
    let path = other.path().join(MNIST[0].name);
    let mut images = idx::read_images(&path).unwrap();
    images.slice_mut(s![600.., ..]).fill(7);
    idx::write_images(&path, &images).unwrap();
    let path = other.path().join(MNIST[2].name);
    let images = idx::read_images(&path).unwrap();
    idx::write_images(&path, &images.mapv(|p| 255 - p)).unwrap();
    let model = |data: &Path| {
        let (_out, model, _) = trained(data, &["--epochs", "2"]);
        fs::read(model).unwrap()
    };
    assert!(model(one.path()) == model(other.path()));
}

#[test]
fn several_seeds_and_several_runs_are_compared() {
    let data = digits();
    let out = tempdir().unwrap();
    let folder = |name: &str| out.path().join(name).to_str().unwrap().to_string();
    let (a, b) = (folder("a"), folder("b"));
    let train = |out: &str, more: &[&str]| {
        let base =
            ["--data", text(data.path()), "--epochs", "2", "--repeat", "2", "--out", out];
        output(&[&base[..], more].concat())
    };
    let told = train(&a, &["--json"]);
    assert!(told.contains("Seed 2, run 2 of 2."), "{told}");
    let spread = &last_line(&told)["groups"][0];
    let accuracy = |seed: usize| {
        FinishedRun::load(&out.path().join(format!("a/seed-{seed}"))).unwrap().test
    };
    let mean = (accuracy(1) + accuracy(2)) / 2.0;
    approx::assert_relative_eq!(
        spread["mean"].as_f64().unwrap(),
        mean,
        max_relative = 1e-9
    );
    assert!(out.path().join("a/report.html").exists());

    train(&b, &["--rate", "0.01", "--quiet"]);
    let page = folder("pages/compare.html");
    let told = output(&["compare", &a, &b, "--out", &page]);
    assert!(told.contains("binomial errors of one test"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    assert!(fs::read_to_string(page).unwrap().contains("<svg "));
    assert!(complaint(&["compare", text(data.path())]).contains("has no run in it"));
    let problem = complaint(&["compare", &a, &b, "--out", text(data.path())]);
    assert!(problem.contains("name another file with --out"), "{problem}");
}

#[test]
fn an_output_that_never_wins_gets_advice_that_fits() {
    let data = digits();
    let out = tempdir().unwrap();
    let saturated = "is saturated hardly learns by the quadratic cost";
    let other = "Try more --epochs, another --rate, or another --seed.";
    for (objective, bias, words) in [
        (Objective::Quadratic, -1e3, saturated),
        (Objective::Quadratic, -3.0, other),
        (Objective::CrossEntropy, -1e3, other),
        (Objective::Softmax, -1e3, other),
    ] {
        let recipe = Recipe { objective, ..Recipe::book() };
        let mut network = recipe.network();
        network.layers.last_mut().unwrap().b[3] = bias;
        let path = out.path().join("model");
        Model { network, objective }.save(&path).unwrap();
        let told = output(&["test", text(&path), "--data", text(data.path())]);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("It never names ") && told.contains(words), "{told}");
    }
    // After a few steps no output is lost yet.
    let few =
        ["--epochs", "1", "--pictures", "30", "--cost", "quadratic", "--rate", "0.01"];
    let (_out, _, told) = trained(data.path(), &few);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("3 steps") && !told.contains("softmax."), "{told}");

    let recipe = Recipe::book();
    let mut network = recipe.network();
    network.layers.last_mut().unwrap().b[3] = -1e3;
    let path = out.path().join("model");
    Model { network, objective: recipe.objective }.save(&path).unwrap();
    let predictions = out.path().join("predictions");
    let test = ["test", text(&path), "--data", text(data.path()), "--predictions"];
    let problem = complaint(&[&test[..], &[text(out.path())]].concat());
    assert!(problem.contains("name another file with --predictions"), "{problem}");
    let told = output(&[&test[..], &[text(&predictions)]].concat());
    assert!(told.contains(" 3 ") || told.contains(" 3:"), "{told}");
    assert!(told.replace('\n', " ").contains("It never names"), "{told}");
    let named = fs::read_to_string(predictions).unwrap();
    assert_eq!(named.lines().count(), 180);
    assert!(!named.contains('3'));
}

#[test]
fn models_of_other_kinds_are_named() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let archive = |name: &str| {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.resize(26, 0);
        bytes.extend((name.len() as u16).to_le_bytes());
        [&bytes[..], &[0, 0], name.as_bytes(), &[7; 99]].concat()
    };
    for (bytes, words) in [
        (
            archive("model/data.pkl"),
            "is a PyTorch file (.pt), not a model: name the model.saf",
        ),
        (archive("w.npy"), "is a NumPy archive (.npz), not a model"),
        (b"version https://git-lfs.github.com/spec/v1\n".to_vec(), "run `git lfs pull`"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "is a PNG picture, not a model"),
    ] {
        fs::write(&path, bytes).unwrap();
        let problem = complaint(&["test", text(&path)]);
        assert!(problem.contains(words), "{problem}");
        // In front of a picture, too.
        let problem = complaint(&["predict", text(&path), "no.png"]);
        assert!(problem.contains(words) || words.contains("PNG"), "{problem}");
    }

    // As Python's safetensors writes it again with the metadata it had, but one number changed.
    let recipe = Recipe { sizes: vec![784, 5, 10], ..Recipe::book() };
    Model { network: recipe.network(), objective: recipe.objective }.save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let problem = complaint(&["test", text(&path)]);
    assert!(
        problem.contains("it was changed or damaged since it was saved"),
        "{problem}"
    );
    assert!(problem.contains("save it without the metadata key `sha256`"), "{problem}");

    // A folder of several runs.
    let problem = complaint(&["test", text(folder.path())]);
    assert!(problem.contains("changed or damaged"), "{problem}");
    fs::remove_file(&path).unwrap();
    fs::create_dir(folder.path().join("seed-1")).unwrap();
    let problem = complaint(&["test", text(folder.path())]);
    assert!(problem.contains("name one of its runs, as "), "{problem}");
}

#[test]
fn short_help_fits_a_screen_and_shows_the_defaults() {
    let top = output(&["-h"]);
    assert!(top.lines().count() <= 30, "{top}");
    assert_eq!(top, output(&["--help"]));
    for command in ["train", "test", "predict", "data", "compare"] {
        assert!(top.contains(&format!("\n  {command} ")), "{top}");
        let (short, long) = (output(&[command, "-h"]), output(&[command, "--help"]));
        assert!(short.lines().count() <= 60, "{} lines:\n{short}", short.lines().count());
        assert!(short.lines().all(|line| line.chars().count() <= 80), "{short}");
        // What the short one leaves out, it names.
        let options = long.split_whitespace().filter(|word| word.starts_with("--"));
        for option in options {
            let option = option.trim_end_matches(|c: char| !c.is_alphanumeric());
            assert!(short.contains(option), "{option}: {short}");
        }
        println!("{short}");
    }
    assert!(!top.contains("--layers"), "{top}");

    let book = Recipe::book();
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let [short, long] = ["-h", "--help"].map(|help| words(output(&["train", help])));
    for (option, default) in [
        ("--layers", "784,16,16,10".to_string()),
        ("--cost", book.objective.to_string()),
        ("--epochs", book.epochs.to_string()),
        ("--batch", book.batch.to_string()),
        ("--rate", format!("{:?}", book.rate)),
        ("--recipe", "book".into()),
    ] {
        for help in [&short, &long] {
            let (_, after) = help.split_once(&format!(" {option} <")).expect(option);
            let (_, shown) = after.split_once("[default: ").expect(option);
            assert!(shown.starts_with(&format!("{default}]")), "{option}: {shown}");
        }
    }
}

#[test]
fn numbers_below_zero_are_refused_with_the_limit() {
    for (option, words) in [
        ("--rate", "must be a number above 0"),
        ("--l2", "must be a number, at least 0"),
        ("--epochs", "must be a whole number, at least 1"),
        ("--seed", "must be a whole number, at least 0"),
        ("--threads", "must be a whole number from 1 to 256"),
    ] {
        assert!(complaint(&[option, "-1"]).contains(words));
        assert!(complaint(&["train", option, "-1"]).contains(words));
    }
}

#[test]
fn help_names_chapters_of_the_book() {
    let summary = include_str!("../src/SUMMARY.md");
    let chapters: Vec<_> =
        summary.lines().filter_map(|line| line.strip_prefix("- [")).collect();
    let mut named = 0;
    for command in ["train", "test", "predict", "compare", "data"] {
        let help = output(&[command, "--help"]);
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for references in help.split("Chapter").skip(1) {
            // " 1, pixels" or "s 7, gradient_descent, and 17, mnist", up to the full stop.
            let (references, _) = references.split_once('.').unwrap();
            let references = references.trim_start_matches('s').replace(" and ", " ");
            let words: Vec<_> = references.split(',').map(str::trim).collect();
            for reference in words.chunks(2) {
                let number: usize = reference[0].parse().expect(reference[0]);
                let page = format!("({}.md)", reference[1]);
                let chapter = chapters.get(number - 1).expect(&references);
                assert!(chapter.ends_with(&page), "{chapter}, not {page}");
                named += 1;
            }
        }
    }
    assert!(named > 10, "{named}");
}
