//! `mnist train`: trains a network and says what it came to.

use std::error::Error;
use std::fs;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use neurons::dataset::Data;
use neurons::figures::training::{confusion_matrix, learning_curve, page, weight_images};
use neurons::layer::Network;
use neurons::mnist::{self, Epoch, Recipe};
use neurons::mnist::{accuracy, confusions};
use neurons::model::Model;
use neurons::pixels::Digits;
use serde_json::json;

use crate::Done;
use crate::options::Train;
use crate::terminal::{say, wrapped};
use crate::test::{digits, result, say_mistakes};

pub fn run(options: &Train) -> Done {
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

fn unwritable(folder: &Path, error: std::io::Error) -> String {
    format!(
        "nothing can be written to {}: {error}; name another folder with --out",
        folder.display()
    )
}
