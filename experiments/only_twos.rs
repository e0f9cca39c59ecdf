//! What becomes of a network that hears the 2s alone, on MNIST, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example only_twos`

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::mnist::{Objective, Recipe, predictions, train};
use neurons::ndarray::Axis;
use neurons::pixels::{Digits, fraction_correct};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (all, validation) = data.train.split_at(50_000);
    let twos: Vec<usize> = (0..all.len()).filter(|&i| all.labels[i] == 2).collect();
    let only_twos =
        Digits { images: all.images.select(Axis(0), &twos), labels: vec![2; twos.len()] };
    let mut experiment = Experiment::new(
        file!(),
        "A network that hears the 2s alone: quadratic cost, 3 epochs of MNIST",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for (key, name, training) in
        [("all", "all digits", &all), ("twos", "the 2s alone", &only_twos)]
    {
        let (mut right, mut called_two) = (vec![], vec![]);
        for seed in 1..=5 {
            let objective = Objective::Quadratic;
            let recipe =
                Recipe { objective, rate: 3.0, epochs: 3, seed, ..Recipe::book() };
            let network = train(&recipe, training, &validation, |_, _| {})?;
            let named = predictions(&network, &data.test);
            right.push(100.0 * fraction_correct(&named, &data.test.labels));
            let twos = named.iter().filter(|&&digit| digit == 2).count();
            called_two.push(100.0 * twos as f64 / named.len() as f64);
        }
        for (what, title, percent) in
            [("right", "right", right), ("called_two", "called a 2", called_two)]
        {
            experiment = experiment.quantity(Quantity::new(
                &format!("{key}_{what}"),
                &format!("{name}: {title}"),
                "%",
                Decimals(1),
                percent,
            ));
        }
    }
    experiment.record()?;
    Ok(())
}
