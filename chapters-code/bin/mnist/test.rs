//! `mnist test`: the accuracy of a network on digits that it was not trained on.

use std::error::Error;
use std::fs;
use std::path::Path;

use neurons::digits::dataset::{self, Data};
use neurons::mnist::{
    Objective, accuracy, binomial_error, confusions, predictions,
    probabilities,
};
use neurons::ndarray::Array2;
use neurons::pixels::Digits;
use neurons::trainer::compare_runs::grouped;
use neurons::trainer::model_file::Model;
use neurons::trainer::readings::{
    Reading, mistakes, most_confused, readings,
};
use neurons::trainer::run_folder::model_at;
use serde_json::json;

use crate::Done;
use crate::options::{self, Test};
use crate::terminal::{self, say, wrapped};

pub fn run(options: &Test) -> Done {
    let (model, path) = model_at(&options.model)?;
    let data = digits(&options.common)?;
    if let Some(path) = &options.predictions {
        let named = predictions(&model.network, &data.test);
        let lines: String =
            named.iter().map(|digit| format!("{digit}\n")).collect();
        fs::write(path, lines).map_err(|error| {
            format!(
                "{} cannot be written: {error}; name another file with --predictions",
                path.display()
            )
        })?;
    }
    let counts = confusions(&model.network, &data.test);
    say!("{}\n", wrapped(&result(&model, &data.test, &counts, None)));
    say_mistakes(&model, &data.test, &counts);
    if options.common.json {
        say!(
            "{}",
            json!({
                "data": data.source.name(),
                "layers": model.network.sizes(),
                "cost": model.objective.to_string(),
                "pictures": data.test.len(),
                "test_accuracy": accuracy(&model.network, &data.test),
                "model": path,
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
    }
    Ok(())
}

/// Loads the digits that the options name, and says where they come from.
pub fn digits(options: &options::Common) -> Result<Data, Box<dyn Error>> {
    if let Some(threads) = options.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()?;
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

/// After fewer steps than this, a network has hardly learned.
const FEW_STEPS: u64 = 200;
/// Mean slope of a saturated sigmoid, at most; the slope at 0 is 0.25.
const SATURATED: f64 = 0.01;

/// The test accuracy in a sentence, and advice if there are digits that the network never names.
/// `steps` are those of its training, if they are known.
pub fn result(
    model: &Model,
    test: &Digits,
    counts: &Array2<usize>,
    steps: Option<u64>,
) -> String {
    let (right, n) = (counts.diag().sum(), counts.sum());
    let p = right as f64 / n as f64;
    let result = format!(
        "Test accuracy {:.2} % ± {:.2} %: {} of {} digits (± one standard deviation).",
        100.0 * p,
        100.0 * binomial_error(p, n),
        grouped(right),
        grouped(n),
    );
    let named: Vec<usize> =
        counts.columns().into_iter().map(|column| column.sum()).collect();
    let silent: Vec<usize> =
        (0..named.len()).filter(|&digit| named[digit] == 0).collect();
    if silent.is_empty() {
        return result;
    }
    let few = steps.filter(|&steps| steps < FEW_STEPS);
    if let Some(digit) = named.iter().position(|&times| times == n) {
        let learned = match few {
            Some(steps) => {
                format!("in {steps} steps it has learned nothing")
            }
            None => "it has learned nothing".into(),
        };
        return format!(
            "{result} It reads every digit as {digit}, whatever it sees: {learned}. Try more \
             --epochs, or a smaller --rate."
        );
    }
    let names: Vec<String> =
        silent.iter().map(ToString::to_string).collect();
    let never = format!("{result} It never names {}", names.join(" or "));
    match few {
        Some(steps) => format!(
            "{never}: after {steps} steps it has hardly learned yet. Try more --epochs."
        ),
        None if silent
            .iter()
            .any(|&digit| is_saturated(model, test, digit)) =>
        {
            format!(
                "{never}: a sigmoid output that is saturated hardly learns by the quadratic cost. Try \
             another --seed, a smaller --rate, or --cost softmax."
            )
        }
        None => format!(
            "{never}. Try more --epochs, another --rate, or another --seed."
        ),
    }
}

/// Whether the output of a digit is saturated at the pictures of that digit, so that the quadratic
/// cost, whose gradient has the slope as a factor, hardly moves it.
fn is_saturated(model: &Model, test: &Digits, digit: usize) -> bool {
    if model.objective != Objective::Quadratic {
        return false;
    }
    let outputs = probabilities(&model.network, model.objective, test);
    let its = outputs.rows().into_iter().zip(&test.labels);
    let slopes: Vec<f64> = its
        .filter(|(_, label)| usize::from(**label) == digit)
        .map(|(row, _)| row[digit] * (1.0 - row[digit]))
        .collect();
    !slopes.is_empty()
        && slopes.iter().sum::<f64>() / (slopes.len() as f64) < SATURATED
}

/// Prints the digits that the network confuses most, and its ten most confident mistakes.
pub fn say_mistakes(model: &Model, test: &Digits, counts: &Array2<usize>) {
    let worst = most_confused(counts);
    if worst.is_empty() {
        return;
    }
    say!("Most often confused:");
    for (i, j, n) in worst.into_iter().take(5) {
        say!(
            "  {i} read as {j}: {n} {}",
            if n == 1 { "time" } else { "times" }
        );
    }

    let block = |wrong: Reading| {
        let caption = format!(
            "{} read as {} ({:.0} %)",
            wrong.label,
            wrong.named,
            100.0 * wrong.p
        );
        [
            vec![caption],
            terminal::picture(test.images.row(wrong.row), 19, 20),
        ]
        .concat()
    };
    let wrong = mistakes(&readings(model, test)).take(10);
    let blocks: Vec<_> = wrong.map(block).collect();
    say!("\nIts most confident mistakes:\n");
    say!("{}", terminal::side_by_side(&blocks, 20));
}
