//! A run that is broken off, in every way that comes to mind, goes on to the same weights.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use neurons::engine;
use neurons::mnist::distortion::Distortion;
use neurons::mnist::optimiser::{Optimiser, Schedule};
use neurons::mnist::{Diverged, Pause, Precision, Recipe, Training};
use neurons::pixels::Digits;
use neurons::trainer::checkpoint::{Checkpoints, KEPT, encode, fingerprint, parse};
use proptest::prelude::*;
use tempfile::tempdir;

mod drawn;

/// Whether everything is tried that a minute allows: `THOROUGH=1 cargo test --test checkpoints`.
fn thorough() -> bool {
    std::env::var_os("THOROUGH").is_some()
}

/// A recipe in which everything that a run remembers matters.
fn recipe() -> Recipe {
    Recipe {
        sizes: vec![784, 5, 10],
        epochs: 3,
        batch: 7,
        rate: 0.01,
        schedule: Schedule::Cosine,
        optimiser: Optimiser::Adam,
        l2: 1e-3,
        patience: Some(2),
        distortion: Distortion::Shift,
        ..Recipe::book()
    }
}

fn digits() -> (Digits, Digits) {
    Digits::handwriting(60, 1).split_at(40)
}

fn to_the_end(training: &mut Training) {
    let (train, validation) = digits();
    go_on(training, &train, &validation, |_, _| ControlFlow::Continue(())).unwrap();
}

/// With a look at the run after every step, by the arithmetic that its recipe asks for.
fn go_on(
    training: &mut Training,
    train: &Digits,
    validation: &Digits,
    watch: impl FnMut(&Training, Pause) -> ControlFlow<()>,
) -> Result<(), Diverged> {
    engine::go_on(training, train, validation, |_| true, watch).map(drop)
}

/// A run that is broken off after so many steps and epochs, all counted alike.
fn broken_off(recipe: Recipe, after: usize) -> Training {
    let (train, validation) = digits();
    let (mut training, mut pauses) = (Training::new(recipe), 0);
    let watch = |_: &_, _| {
        pauses += 1;
        if pauses == after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    go_on(&mut training, &train, &validation, watch).unwrap();
    training
}

/// The same run, but for the time that it took.
fn assert_same(a: &Training, b: &Training) {
    let untimed = |training: &Training| {
        let mut training = training.clone();
        training.seconds = 0.0;
        training.epochs.iter_mut().for_each(|epoch| epoch.seconds = 0.0);
        encode(&training, "")
    };
    assert!(untimed(a) == untimed(b), "two runs differ");
}

#[test]
fn a_run_goes_on_from_any_step_to_the_same_weights() {
    for precision in [Precision::F32, Precision::F64] {
        let recipe = Recipe { precision, ..recipe() };
        let mut whole = Training::new(recipe.clone());
        to_the_end(&mut whole);
        // 6 steps an epoch, and a pause after each epoch.
        for after in 1..=21 {
            let bytes = encode(&broken_off(recipe.clone(), after), "these digits");
            let (mut training, digits) = parse(&bytes).unwrap();
            assert_eq!(digits, "these digits");
            to_the_end(&mut training);
            assert_same(&training, &whole);
        }
    }
}

#[test]
fn a_checkpoint_is_whole_or_refused() {
    let training = broken_off(Recipe { sizes: vec![784, 1, 10], ..recipe() }, 3);
    let whole = encode(&training, "");
    for length in 0..whole.len() {
        let flaw = parse(&whole[..length]).unwrap_err().to_string();
        assert!(!flaw.is_empty() && !flaw.contains('\n'), "{length}: {flaw}");
    }
    let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
    let refused = |bit: usize| {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let flaw = parse(&flipped).unwrap_err().to_string();
        assert!(!flaw.is_empty() && !flaw.contains('\n'), "bit {bit}: {flaw}");
    };
    (0..8 * header).for_each(refused);
    (8 * header..8 * whole.len())
        .step_by(if thorough() { 1 } else { 97 })
        .for_each(refused);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_recipe_survives(
        seed in any::<u64>(), rate in 1e-9..1e9, l2 in 0.0..1.0, mu in 0.0..1.0, every in 1_usize..9,
        after in 1_usize..9,
        precision in prop::sample::select(vec![Precision::F32, Precision::F64]),
    ) {
        let recipe = Recipe {
            seed,
            precision,
            rate,
            l2,
            optimiser: Optimiser::Momentum(mu),
            schedule: Schedule::Steps { factor: mu.max(1e-3), every },
            ..recipe()
        };
        let (train, validation) = digits();
        let mut training = Training::new(recipe);
        let mut pauses = 0;
        let done = go_on(&mut training, &train, &validation, |_, _| {
            pauses += 1;
            if pauses == after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if done.is_ok() {
            let (read, _) = parse(&encode(&training, "")).unwrap();
            prop_assert_eq!(&read.recipe, &training.recipe);
            assert_same(&read, &training);
        }
    }
}

#[test]
fn the_last_three_are_kept_and_the_newest_whole_one_is_found() {
    let folder = tempdir().unwrap();
    let checkpoints = Checkpoints::begin(folder.path()).unwrap();
    for after in [1, 2, 3, 4, 5] {
        checkpoints.save(&broken_off(recipe(), after), "").unwrap();
    }
    let mut names: Vec<PathBuf> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some())
        .collect();
    names.sort();
    assert_eq!(names.len(), KEPT);

    let found = checkpoints.newest().unwrap();
    assert_eq!((found.training.memory.steps, found.damaged.len()), (5, 0));
    let bytes = fs::read(&names[2]).unwrap();
    fs::write(&names[2], &bytes[..bytes.len() / 2]).unwrap();
    let found = checkpoints.newest().unwrap();
    assert_eq!(found.training.memory.steps, 4);
    assert!(found.damaged[0].contains(names[2].to_str().unwrap()), "{:?}", found.damaged);
    fs::write(&names[1], "").unwrap();
    fs::write(&names[0], "").unwrap();
    let ruined = checkpoints.newest().unwrap_err().to_string();
    assert!(ruined.contains("none of the checkpoints"), "{ruined}");

    // What is there is not mixed with another run, nor with another process.
    let in_use = Checkpoints::open(folder.path()).unwrap_err().to_string();
    assert!(in_use.contains(&format!("(process {})", std::process::id())), "{in_use}");
    fs::write(folder.path().join(".unfinished-left-over"), "half").unwrap();
    drop(checkpoints);
    let taken = Checkpoints::begin(folder.path()).unwrap_err().to_string();
    assert!(taken.contains("--resume"), "{taken}");
    assert!(!folder.path().join(".unfinished-left-over").exists());
    let checkpoints = Checkpoints::replace(folder.path()).unwrap();
    let empty = checkpoints.newest().unwrap_err().to_string();
    assert!(empty.contains("has no checkpoint in it"), "{empty}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Checkpoints::open(&file).unwrap_err().to_string();
    assert!(error.starts_with("no checkpoint can be written to"), "{error}");
    // A folder that goes away while a run is on.
    let gone = folder.path().join("gone");
    let checkpoints = Checkpoints::begin(&gone).unwrap();
    fs::remove_dir_all(&gone).unwrap();
    let error = checkpoints.save(&Training::new(recipe()), "").unwrap_err().to_string();
    assert!(error.starts_with("no checkpoint can be written to"), "{error}");
    let error = checkpoints.newest().unwrap_err().to_string();
    assert!(error.contains("cannot be read"), "{error}");
}

#[test]
fn nothing_but_training_pictures_is_learned_from() {
    let (train, validation) = digits();
    let (_, others) = Digits::handwriting(200, 9).split_at(60);
    for precision in [Precision::F32, Precision::F64] {
        let weights = |validation: &Digits| {
            let recipe = Recipe { patience: None, precision, ..recipe() };
            let mut training = Training::new(recipe);
            go_on(&mut training, &train, validation, |_, _| ControlFlow::Continue(()))
                .unwrap();
            training.network
        };
        assert_eq!(weights(&validation), weights(&others));
    }
}

#[test]
fn patience_keeps_the_best_network() {
    let (train, validation) = Digits::handwriting(300, 1).split_at(200);
    let recipe = Recipe { epochs: 200, rate: 1.0, patience: Some(4), ..Recipe::book() };
    let mut networks = vec![];
    let mut training = Training::new(recipe);
    let _ = training
        .go_on(&train, &validation, |training, pause| {
            if pause == Pause::Epoch {
                networks.push(training.network.clone());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    let (best, network) = training.best.clone().unwrap();
    assert_eq!(training.epochs.len(), best + 4, "it stops four epochs after the best");
    assert_eq!(network, networks[best - 1]);
    assert_eq!(training.chosen(), &network);
    let accuracies: Vec<f64> = training.epochs.iter().map(|e| e.validation).collect();
    let highest = accuracies.iter().copied().fold(0.0, f64::max);
    assert_eq!(accuracies.iter().position(|&a| a == highest), Some(best - 1));
}

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_mnist"));
    program.args(arguments);
    alone(program)
}

#[cfg(unix)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    alone(shell)
}

/// Without MNIST and a network.
fn alone(mut command: Command) -> Command {
    command.env("NEURONS_OFFLINE", "1").env_remove("MNIST_DIR");
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn complaint(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_program_that_is_killed_at_any_moment_goes_on_to_the_same_file() {
    let data = drawn::digits();
    let base = ["--data", text(data.path()), "--checkpoint-steps", "3"];
    let fresh = [
        "--layers",
        "784,12,10",
        "--epochs",
        "12",
        "--optimiser",
        "adam",
        "--rate",
        "0.01",
    ];
    let finish = |more: &[&str], out: &Path| {
        let (code, complaint) = complaint(
            program(&[&base[..], &["--out", text(out)], more].concat()).spawn().unwrap(),
        );
        assert_eq!(code, Some(0), "{complaint}");
        fs::read(out.join("model.safetensors")).unwrap()
    };
    let out = tempdir().unwrap();
    let whole = finish(&fresh, out.path());

    let (mut kept, mut killed, mut began) = (tempdir().unwrap(), 0, false);
    let mut random = 88172645463325252_u64;
    let kills = if thorough() { 200 } else { 8 };
    while killed < kills {
        let kept_at = text(kept.path()).to_string();
        let how = match began {
            false => [&fresh[..], &["--checkpoint", &kept_at]].concat(),
            true => vec!["--resume", &kept_at],
        };
        let mut child =
            program(&[&base[..], &["--out", text(out.path())], &how].concat())
                .spawn()
                .unwrap();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        sleep(Duration::from_millis(30 + random % 400));
        match child.try_wait().unwrap() {
            // It was faster: compare its result, and begin again.
            Some(status) => {
                assert!(status.success(), "{}", complaint(child).1);
                assert!(fs::read(out.path().join("model.safetensors")).unwrap() == whole);
                (kept, began) = (tempdir().unwrap(), false);
            }
            None => {
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
                let names = fs::read_dir(kept.path()).unwrap();
                began = names.flatten().any(|entry| {
                    entry.file_name().to_string_lossy().starts_with("step-")
                });
            }
        }
    }
    if began {
        assert!(finish(&["--resume", text(kept.path())], out.path()) == whole);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_with_a_checkpoint_and_says_how_to_go_on() {
    let data = drawn::digits();
    let folder = tempdir().unwrap();
    let [whole, out] = ["whole", "it's broken off"].map(|name| folder.path().join(name));
    let run = |out: &Path| {
        let folders = ["--data", text(data.path()), "--out", text(out)];
        let run = ["--epochs", "200", "--pictures", "250", "--checkpoint-steps", "40"];
        program(&[&folders[..], &run].concat()).spawn().unwrap()
    };
    let (code, problem) = complaint(run(&whole));
    assert_eq!(code, Some(0), "{problem}");
    let whole = fs::read(whole.join("model.safetensors")).unwrap();

    let child = run(&out);
    // It has trained for an epoch, so it listens.
    while !out.join("metrics.csv").exists() {
        sleep(Duration::from_millis(5));
    }
    let interrupt = |child: &Child| {
        let id = child.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().unwrap();
    };
    interrupt(&child);
    let (code, problem) = complaint(child);
    assert_eq!(code, Some(130), "{problem}");
    let (_, command) = problem.trim().rsplit_once("go on with: ").unwrap();
    let (code, problem) = complaint(shell(command).spawn().unwrap());
    assert_eq!(code, Some(0), "{command}: {problem}");
    assert!(fs::read(out.join("model.safetensors")).unwrap() == whole);
}

#[test]
fn the_wrong_folder_or_the_wrong_digits_are_refused() {
    let (data, out) = (drawn::digits(), tempdir().unwrap());
    let kept = out.path().join("kept");
    let base = ["--data", text(data.path()), "--out", text(out.path())];
    let run =
        |more: &[&str]| complaint(program(&[&base[..], more].concat()).spawn().unwrap());
    let told = |more: &[&str], words: &str| {
        let (code, problem) = run(more);
        assert_eq!(code, Some(1), "{problem}");
        assert!(
            problem.starts_with("error: ") && problem.lines().count() == 1,
            "{problem}"
        );
        assert!(problem.contains(words), "{problem}");
    };
    // Nothing is made or changed where there is nothing to go on from.
    told(&["--resume", text(&kept)], "there is no folder");
    assert!(!kept.exists());
    fs::create_dir(&kept).unwrap();
    told(&["--resume", text(&kept)], "has no checkpoint in it: name the folder");
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 0);
    let file = out.path().join("notes.txt");
    fs::write(&file, "a seven").unwrap();
    told(&["--resume", text(&file)], "is a file, not a folder of checkpoints");
    assert_eq!(run(&["--epochs", "1", "--checkpoint", text(&kept)]).0, Some(0));
    told(
        &["--epochs", "1", "--checkpoint", text(&kept)],
        "continue that run with --resume",
    );
    told(&["--resume", text(&kept), "--pictures", "100"], "other digits");
    // The folder above it, as that of a run whose checkpoints are in it, and one of its files.
    let near = format!("takes the folder of its checkpoints, {}", kept.display());
    told(&["--resume", text(out.path())], &near);
    assert!(!out.path().join("lock").exists());
    let mut checkpoint = fs::read_dir(&kept).unwrap().flatten().map(|entry| entry.path());
    let checkpoint = checkpoint.find(|path| path.extension().is_some()).unwrap();
    told(&["--resume", text(&checkpoint)], &near);
    // A run that is done is done: it says again what it came to.
    assert_eq!(run(&["--resume", text(&kept)]).0, Some(0));

    let _other = Checkpoints::open(&kept).unwrap();
    told(&["--resume", text(&kept)], "another run (process ");
    let (code, problem) = run(&["--resume", text(&kept), "--rate", "1"]);
    assert_eq!(code, Some(2), "the recipe is in the checkpoint: {problem}");

    // Of a damaged newest one there is a warning, and the one before is taken.
    drop(_other);
    let mut names: Vec<PathBuf> =
        fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some());
    names.sort();
    fs::write(names.last().unwrap(), "damaged").unwrap();
    let (code, problem) = run(&["--resume", text(&kept)]);
    assert_eq!(code, Some(0), "{problem}");
    assert!(problem.starts_with("warning: the checkpoint "), "{problem}");
}

#[test]
fn other_digits_have_another_fingerprint() {
    let (train, validation) = digits();
    let mut other = train.clone();
    other.images[(39, 783)] ^= 1;
    assert_ne!(fingerprint(&[&train, &validation]), fingerprint(&[&other, &validation]));
}
