//! The command line of chapter 17: trains a network, tests it, reads a picture.

use std::cmp::Reverse;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use neurons::dataset::{self, Data};
use neurons::figures::training::{confusion_matrix, learning_curve, page, weight_images};
use neurons::layer::Network;
use neurons::mnist::{self, Epoch, Recipe};
use neurons::mnist::{accuracy, binomial_error, confusions, predictions, probabilities};
use neurons::model::Model;
use neurons::ndarray::{Array2, Axis};
use neurons::picture;
use neurons::pixels::Digits;
use serde_json::json;

use options::{Command, Options, Predict, Test, Train};
use terminal::{complain, say, wrapped};

#[path = "mnist/options.rs"]
mod options;
#[path = "mnist/terminal.rs"]
mod terminal;

type Done = Result<(), Box<dyn Error>>;

fn main() -> ExitCode {
    let done = match Options::parse().command() {
        Command::Train(options) => run_train(&options),
        Command::Test(options) => run_test(&options),
        Command::Predict(options) => run_predict(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run_train(options: &Train) -> Done {
    fs::create_dir_all(&options.out)
        .and_then(|()| tempfile::tempfile_in(&options.out).map(drop))
        .map_err(|error| unwritable(&options.out, error))?;
    let recipe = options.recipe();
    let Data { train, test, source } = digits(&options.data)?;
    let (train, validation) = split(train, options.pictures)?;
    let summary = format!(
        "{}, {}, {}, {} epoch{} in mini-batches of {}, learning rate {:?}, momentum {:?}, seed {}; \
         {} pictures to train on, {} to validate, {} to test.",
        options.layers.to_string().replace(',', "-"),
        recipe.activation,
        recipe.objective,
        recipe.epochs,
        if recipe.epochs == 1 { "" } else { "s" },
        recipe.batch,
        recipe.rate,
        recipe.momentum,
        recipe.seed,
        train.len(),
        validation.len(),
        test.len(),
    );
    say!("{}\n", wrapped(&format!("Recipe: {summary}")));

    let (network, epochs, accuracies) =
        train_with_table(&recipe, &train, &validation, &test)?;
    let model = Model { network, objective: recipe.objective };
    let path = options.out.join("model.safetensors");
    model.save(&path)?;
    let counts = confusions(&model.network, &test);
    let result = result(&counts);
    let figures = [
        (
            "learning.svg",
            learning_curve(&epochs, &accuracies)?,
            "How it learned: where the accuracy on the validation and test pictures stands still \
             while the training cost falls on, the network begins to learn its pictures by heart.",
        ),
        (
            "confusions.svg",
            confusion_matrix(&counts)?,
            "What it confuses: the row is the digit that was meant, the column the digit that was \
             read, so what stands beside the diagonal is wrong.",
        ),
        (
            "weights.svg",
            weight_images(&model.network.layers[0])?,
            "What the neurons of the first layer listen to: one picture a neuron, one square a \
             weight, strong in colour where a pixel counts for much.",
        ),
    ];
    let report = options.out.join("report.html");
    let shown = figures.each_ref().map(|(_, svg, caption)| (svg.clone(), *caption));
    let summary = format!("{result} {source} {summary}");
    fs::write(&report, page("A network that reads digits", &summary, &shown))
        .and_then(|()| {
            figures
                .iter()
                .try_for_each(|(name, svg, _)| fs::write(options.out.join(name), svg))
        })
        .map_err(|error| unwritable(&options.out, error))?;

    say!("\n{}\n", wrapped(&result));
    say_mistakes(&model, &test, &counts);
    say!("The model:    {}", path.display());
    say!("The pictures: {}", report.display());
    if options.data.json {
        let last = epochs.last().expect("at least one epoch");
        say!(
            "{}",
            json!({
                "data": source.name(),
                "seed": recipe.seed,
                "layers": recipe.sizes,
                "activation": recipe.activation.to_string(),
                "cost": recipe.objective.to_string(),
                "epochs": recipe.epochs,
                "batch": recipe.batch,
                "rate": recipe.rate,
                "momentum": recipe.momentum,
                "training_cost": last.cost,
                "validation_accuracy": last.validation,
                "test_accuracy": accuracies.last(),
                "seconds": last.seconds,
                "model": path,
                "report": report,
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
    }
    Ok(())
}

/// The network, what each epoch came to, and the test accuracy after it.
type Trained = (Network, Vec<Epoch>, Vec<f64>);

/// Trains, with a bar for each epoch on stderr and a line of the table on stdout.
fn train_with_table(
    recipe: &Recipe,
    train: &Digits,
    validation: &Digits,
    test: &Digits,
) -> Result<Trained, Box<dyn Error>> {
    let bar = ProgressBar::new(train.len() as u64);
    let style = "epoch {msg}  {bar:40}  {pos}/{len} pictures  {eta}";
    bar.set_style(ProgressStyle::with_template(style)?);
    bar.set_message("1");
    let (mut epochs, mut accuracies) = (Vec::new(), Vec::new());
    say!("epoch   training cost   validation       test   seconds");
    let network = mnist::train(
        recipe,
        train,
        validation,
        |done| bar.set_position(done as u64),
        |epoch, network| {
            let test = accuracy(network, test);
            bar.suspend(|| say!("{}", row(epoch, test)));
            bar.reset();
            bar.set_message((epoch.number + 1).to_string());
            epochs.push(*epoch);
            accuracies.push(test);
        },
    );
    bar.finish_and_clear();
    Ok((network?, epochs, accuracies))
}

/// One line of the table.
fn row(&Epoch { number, cost, validation, seconds }: &Epoch, test: f64) -> String {
    let cost = if cost < 1e9 { format!("{cost:.4}") } else { format!("{cost:.1e}") };
    let (validation, test) = (100.0 * validation, 100.0 * test);
    format!("{number:5} {cost:>15} {validation:10.2} % {test:8.2} % {seconds:9.1}")
}

fn run_test(options: &Test) -> Done {
    let model = Model::load(&options.model)?;
    let data = digits(&options.data)?;
    if let Some(path) = &options.predictions {
        let named = predictions(&model.network, &data.test);
        let lines: String = named.iter().map(|digit| format!("{digit}\n")).collect();
        fs::write(path, lines).map_err(|error| {
            format!(
                "{} cannot be written: {error}; name another file with --predictions",
                path.display()
            )
        })?;
    }
    let counts = confusions(&model.network, &data.test);
    say!("{}\n", wrapped(&result(&counts)));
    say_mistakes(&model, &data.test, &counts);
    if options.data.json {
        say!(
            "{}",
            json!({
                "data": data.source.name(),
                "layers": model.network.sizes(),
                "cost": model.objective.to_string(),
                "pictures": data.test.len(),
                "test_accuracy": accuracy(&model.network, &data.test),
                "model": options.model,
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
    }
    Ok(())
}

fn run_predict(options: &Predict) -> Done {
    let model = Model::load(&options.model)?;
    let image = picture::open(&options.image)?;
    let digits = Digits { images: image.clone().insert_axis(Axis(0)), labels: vec![0] };
    let digit = predictions(&model.network, &digits)[0];
    let p = probabilities(&model.network, model.objective, &digits).row(0).to_owned();

    say!("As the network sees it, and how much it takes it for each digit:\n");
    let seen = terminal::picture(image.view(), 28, 28);
    let bars = [vec![String::new(); 2], terminal::bars(&p)].concat();
    say!("{}", terminal::side_by_side(&[seen, bars], 32).trim_end());
    say!("\nIt reads a {digit}.");
    if options.json {
        say!(
            "{}",
            json!({
                "digit": digit,
                "probabilities": p.to_vec(),
                "model": options.model,
                "image": options.image,
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
    }
    Ok(())
}

/// The digits that the options ask for; says where they come from.
fn digits(options: &options::Data) -> Result<Data, Box<dyn Error>> {
    if let Some(threads) = options.threads {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    }
    let data = match options.data.as_deref() {
        Some(word) if word == Path::new("synthetic") => {
            dataset::synthetic(60_000, 10_000, 0)
        }
        folder => dataset::find(folder)?,
    };
    say!("{}\n", wrapped(&data.source.to_string()));
    Ok(data)
}

/// The first pictures for training, of which `wanted` are used, and the last sixth for validation.
fn split(digits: Digits, wanted: Option<usize>) -> Result<(Digits, Digits), String> {
    let first = digits.len() - digits.len().div_ceil(6);
    if first == 0 {
        return Err("one picture is too few to train on: at least two are wanted".into());
    }
    if let Some(wanted) = wanted.filter(|&wanted| wanted > first) {
        return Err(format!(
            "--pictures {wanted} is more than the {first} that are there to train on"
        ));
    }
    let (train, validation) = digits.split_at(first);
    Ok(match wanted {
        Some(wanted) => (train.split_at(wanted).0, validation),
        None => (train, validation),
    })
}

/// How good the network is at the test digits, in a sentence or two.
fn result(counts: &Array2<usize>) -> String {
    let (right, n) = (counts.diag().sum(), counts.sum());
    let p = right as f64 / n as f64;
    let result = format!(
        "Test accuracy {:.2} % ± {:.2} %: {right} of {n} digits (± one standard deviation).",
        100.0 * p,
        100.0 * binomial_error(p, n),
    );
    match counts.columns().into_iter().position(|column| column.sum() == n) {
        Some(digit) => format!(
            "{result} It reads every digit as {digit}, whatever it sees: it has learned nothing. \
             Try a smaller --rate, or more --epochs."
        ),
        None => result,
    }
}

/// Which digits the network confuses most, and the ten wrong ones that it was surest of.
fn say_mistakes(model: &Model, test: &Digits, counts: &Array2<usize>) {
    let mut worst: Vec<_> =
        counts.indexed_iter().filter(|((i, j), n)| i != j && **n > 0).collect();
    worst.sort_by_key(|(_, n)| Reverse(**n));
    if worst.is_empty() {
        return;
    }
    say!("Most often confused:");
    for ((i, j), n) in worst.into_iter().take(5) {
        say!("  {i} read as {j}: {n} {}", if *n == 1 { "time" } else { "times" });
    }

    let named = predictions(&model.network, test);
    let answers = probabilities(&model.network, model.objective, test);
    let sure = |row: usize| answers[(row, usize::from(named[row]))];
    let mut wrong: Vec<usize> =
        (0..test.len()).filter(|&row| named[row] != test.labels[row]).collect();
    wrong.sort_by(|&a, &b| sure(b).total_cmp(&sure(a)));
    wrong.truncate(10);
    let block = |&row: &usize| {
        let caption = format!(
            "{} read as {} ({:.0} %)",
            test.labels[row],
            named[row],
            100.0 * sure(row)
        );
        [vec![caption], terminal::picture(test.images.row(row), 19, 20)].concat()
    };
    let blocks: Vec<_> = wrong.iter().map(block).collect();
    say!("\nThe wrong ones that it was surest of:\n");
    say!("{}", terminal::side_by_side(&blocks, 20));
}

fn unwritable(folder: &Path, error: std::io::Error) -> String {
    format!(
        "nothing can be written to {}: {error}; name another folder with --out",
        folder.display()
    )
}
