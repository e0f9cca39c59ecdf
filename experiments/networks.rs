//! What several experiments share: the networks that chapters 18 and 19 look into, how one is
//! trained, and how what was found is put down.

#![allow(dead_code, reason = "an experiment takes what it needs")]

use std::ops::ControlFlow;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::cost::largest;
use neurons::engine;
use neurons::layer::Network;
use neurons::mnist::{Precision, Recipe, Training};
use neurons::ndarray::Array2;
use neurons::pixels::Digits;
use neurons::trainer::published_recipes::published;

/// A kind of network.
pub struct Kind {
    pub key: &'static str,
    pub title: &'static str,
    pub recipe: Recipe,
}

/// λ of L2 as in the third chapter of Nielsen's book: 5 for 50,000 pictures.
const L2: f64 = 0.0001;

/// All of them, the simplest first.
pub fn kinds() -> Vec<Kind> {
    let book = Recipe { precision: Precision::F32, ..Recipe::book() };
    let of = |sizes: &[usize]| Recipe { sizes: sizes.to_vec(), ..book.clone() };
    let known = |name: &str| {
        let found = published().into_iter().find(|known| known.name == name);
        let recipe = found.expect("a recipe of that name").recipe;
        Recipe { precision: Precision::F32, ..recipe }
    };
    let with_l2 = |recipe: Recipe| Recipe { l2: L2, ..recipe };
    let wide = of(&[784, 128, 10]);
    let kind = |key, title, recipe| Kind { key, title, recipe };
    vec![
        kind("linear", "784-10, no hidden layer", of(&[784, 10])),
        kind("book", "the book's 784-16-16-10", book.clone()),
        kind("book_l2", "784-16-16-10 with L2", with_l2(book.clone())),
        kind("3b1b", "3Blue1Brown's recipe, 784-16-16-10", known("3b1b")),
        kind("nielsen", "Nielsen's 784-30-10", known("nielsen-30")),
        kind("wide", "784-128-10", wide.clone()),
        kind("wide_l2", "784-128-10 with L2", with_l2(wide)),
    ]
}

/// The network of a recipe and a seed, after its last epoch.
pub fn trained(
    recipe: &Recipe,
    seed: u64,
    training: &Digits,
    validation: &Digits,
) -> Result<Network, Box<dyn std::error::Error>> {
    let mut run = Training::new(Recipe { seed, ..recipe.clone() });
    let go_on = |_: &_, _| ControlFlow::Continue(());
    let _ = engine::go_on(&mut run, training, validation, |_| false, go_on)?;
    Ok(run.network)
}

/// Of one seed, before its first step.
pub fn start(recipe: &Recipe, seed: u64) -> Network {
    Recipe { seed, ..recipe.clone() }.network()
}

/// The digit that a network names for each row of pictures X, shape (m, 784).
pub fn named(network: &Network, x: &Array2<f64>) -> Vec<u8> {
    let answers = network.answers(x);
    answers.rows().into_iter().map(|row| largest(row) as u8).collect()
}

/// Key, words, unit, decimals, and a value for each seed.
pub type Found<'a> = (&'a str, &'a str, &'a str, usize, Vec<f64>);

/// Puts down what was found about one thing, which has a key and a title of its own, and tells it.
pub fn record_all<'a>(
    experiment: Experiment,
    (of, title): (&str, &str),
    found: impl IntoIterator<Item = Found<'a>>,
) -> Experiment {
    found.into_iter().fold(
        experiment,
        |experiment, (key, words, unit, places, of_seed)| {
            let (key, title) = (format!("{of}_{key}"), format!("{title}: {words}"));
            eprintln!("{title} {of_seed:.places$?}");
            experiment.quantity(Quantity::new(
                &key,
                &title,
                unit,
                Decimals(places),
                of_seed,
            ))
        },
    )
}
