//! `mnist test`: the accuracy of a network on digits that it was not trained on.

use std::fs;

use neurons::mnist::{accuracy, confusions, predictions};
use neurons::ndarray::Array2;
use neurons::pixels::Digits;
use neurons::trainer::model_file::Model;
use neurons::trainer::number_text::whole_percent;
use neurons::trainer::readings::{
    ReadPicture, mistakes, most_confused, read_pictures,
};
use neurons::trainer::run_folder::model_at;
use neurons::trainer::test_result::test_sentence;
use serde_json::json;

use crate::options::Test;
use crate::terminal::{self, NotWritten, say, wrapped};
use crate::{Done, digits};

pub fn run(options: &Test) -> Done {
    let (model, path) = model_at(&options.model)?;
    digits::start_threads(&options.common)?;
    let data = digits::load(&options.common)?;
    if let Some(path) = &options.predictions {
        let named = predictions(&model.network, &data.test);
        let lines: String =
            named.iter().map(|digit| format!("{digit}\n")).collect();
        fs::write(path, lines)
            .map_err(NotWritten::file(path, "--predictions"))?;
    }
    let counts = confusions(&model.network, &data.test);
    say!(
        "{}\n",
        wrapped(&test_sentence(&model, &data.test, &counts, None))
    );
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

    let block = |wrong: ReadPicture| {
        let caption = format!(
            "{} read as {} ({})",
            wrong.label,
            wrong.named,
            whole_percent(wrong.p)
        );
        [
            vec![caption],
            terminal::picture(test.images.row(wrong.row), 19, 20),
        ]
        .concat()
    };
    let wrong = mistakes(&read_pictures(model, test)).take(10);
    let blocks: Vec<_> = wrong.map(block).collect();
    say!("\nIts most confident mistakes:\n");
    say!("{}", terminal::side_by_side(&blocks, 20));
}
