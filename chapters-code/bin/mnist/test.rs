//! `mnist test`: how well a network reads digits that it was not trained on.

use std::error::Error;
use std::fs;
use std::path::Path;

use neurons::dataset::{self, Data};
use neurons::inspection::{Reading, mistakes, most_confused, readings};
use neurons::mnist::{accuracy, binomial_error, confusions, predictions};
use neurons::model::Model;
use neurons::ndarray::Array2;
use neurons::pixels::Digits;
use serde_json::json;

use crate::Done;
use crate::options::{self, Test};
use crate::terminal::{self, say, wrapped};

pub fn run(options: &Test) -> Done {
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

/// The digits that the options ask for; says where they come from.
pub fn digits(options: &options::Data) -> Result<Data, Box<dyn Error>> {
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

/// How good the network is at the test digits, in a sentence or two.
pub fn result(counts: &Array2<usize>) -> String {
    let (right, n) = (counts.diag().sum(), counts.sum());
    let p = right as f64 / n as f64;
    let result = format!(
        "Test accuracy {:.2} % ± {:.2} %: {right} of {n} digits (± one standard deviation).",
        100.0 * p,
        100.0 * binomial_error(p, n),
    );
    let named: Vec<usize> =
        counts.columns().into_iter().map(|column| column.sum()).collect();
    if let Some(digit) = named.iter().position(|&times| times == n) {
        return format!(
            "{result} It reads every digit as {digit}, whatever it sees: it has learned nothing. \
             Try a smaller --rate, or more --epochs."
        );
    }
    let silent: Vec<String> =
        (0..named.len()).filter(|&d| named[d] == 0).map(|d| d.to_string()).collect();
    match silent.is_empty() {
        true => result,
        false => format!(
            "{result} It never names {}: an output that was wrong with full certainty early on may \
             never recover. Try another --seed, a smaller --rate, or --cost softmax.",
            silent.join(" or ")
        ),
    }
}

/// Which digits the network confuses most, and the ten wrong ones that it was surest of.
pub fn say_mistakes(model: &Model, test: &Digits, counts: &Array2<usize>) {
    let worst = most_confused(counts);
    if worst.is_empty() {
        return;
    }
    say!("Most often confused:");
    for (i, j, n) in worst.into_iter().take(5) {
        say!("  {i} read as {j}: {n} {}", if n == 1 { "time" } else { "times" });
    }

    let block = |wrong: Reading| {
        let caption =
            format!("{} read as {} ({:.0} %)", wrong.label, wrong.named, 100.0 * wrong.p);
        [vec![caption], terminal::picture(test.images.row(wrong.row), 19, 20)].concat()
    };
    let wrong = mistakes(&readings(model, test)).take(10);
    let blocks: Vec<_> = wrong.map(block).collect();
    say!("\nThe wrong ones that it was surest of:\n");
    say!("{}", terminal::side_by_side(&blocks, 20));
}
