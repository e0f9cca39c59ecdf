//! The networks that chapters 18 and 19 look into, each trained with five seeds.

use std::ops::ControlFlow;

use neurons::engine;
use neurons::layer::Network;
use neurons::mnist::{Precision, Recipe, Training};
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
#[allow(dead_code, reason = "an experiment may take some by name")]
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

/// Of one seed, after its last epoch.
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
#[allow(dead_code, reason = "an experiment may need none")]
pub fn start(recipe: &Recipe, seed: u64) -> Network {
    Recipe { seed, ..recipe.clone() }.network()
}
