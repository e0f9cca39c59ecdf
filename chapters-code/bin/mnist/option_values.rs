//! The values of options: what is possible, in words for the help and for a wrong one.

use std::fmt;
use std::str::FromStr;

use clap::builder::{
    PossibleValue, PossibleValuesParser, TypedValueParser,
};
use neurons::mnist::distortion::Distortion;
use neurons::mnist::{Objective, Precision, Start};
use neurons::sigmoid::Activation;
use neurons::trainer::model_file::{ModelFlaw, check_sizes};
use neurons::trainer::number_text::{commas, dashed};
use neurons::trainer::published_recipes::{Published, published};

/// Why a text is not a value: what the value must be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ValueError {
    #[error("must be whole numbers with commas between them, as 784,30,10")]
    Layers,
    #[error(transparent)]
    Sizes(#[from] ModelFlaw),
    #[error("must be a whole number, at least 1")]
    Count,
    #[error("must be a whole number, at least 0")]
    Seed,
    #[error("must be a whole number from 1 to 256")]
    Threads,
    #[error("must be a number above 0")]
    Rate,
    #[error("must be a number, at least 0")]
    L2,
    #[error("must be a number from 0 to 1")]
    Probability,
}

/// The sizes of the layers, as `784,30,10`.
#[derive(Clone, Debug)]
pub struct Layers(pub Vec<usize>);

impl fmt::Display for Layers {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&commas(&self.0))
    }
}

pub fn layers(text: &str) -> Result<Layers, ValueError> {
    let sizes: Result<Vec<usize>, _> =
        text.split([',', '-']).map(|size| size.trim().parse()).collect();
    let sizes = sizes.map_err(|_| ValueError::Layers)?;
    check_sizes(&sizes)?;
    Ok(Layers(sizes))
}

pub fn activation() -> impl TypedValueParser<Value = Activation> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("sigmoid")
            .help("From 0 to 1, flat at both ends"),
        PossibleValue::new("tanh").help("From -1 to 1, flat at both ends"),
        PossibleValue::new("relu").help("max(0, z): flat below 0 only"),
    ]);
    names.try_map(|name| name.parse())
}

pub fn cost() -> impl TypedValueParser<Value = Objective> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("quadratic")
            .help("Squared error of ten sigmoids (chapter 5)"),
        PossibleValue::new("cross-entropy")
            .help("Ten sigmoids, each judged by itself (chapter 13)"),
        PossibleValue::new("softmax")
            .help("Ten probabilities that add up to 1 (chapter 14)"),
    ]);
    names.try_map(|name| name.parse())
}

pub fn names() -> PossibleValuesParser {
    let book = PossibleValue::new("book")
        .help("784-16-16-10, the network of the book");
    let others = published().into_iter().map(
        |Published { name, recipe, accuracy, .. }| {
            let sizes = dashed(&recipe.sizes);
            let help = format!("{sizes}, published {accuracy} %");
            PossibleValue::new(name).help(help)
        },
    );
    PossibleValuesParser::new([book].into_iter().chain(others))
}

pub fn start() -> impl TypedValueParser<Value = Start> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("scaled").help("Variance 1/inputs, biases 0"),
        PossibleValue::new("unit").help("Variance 1, biases too"),
    ]);
    names.try_map(|name| name.parse())
}

pub fn precision() -> impl TypedValueParser<Value = Precision> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("f32").help("7 digits each, by the fast engine"),
        PossibleValue::new("f64")
            .help("16 digits each, by the readable code"),
    ]);
    names.try_map(|name| name.parse())
}

pub fn distortion() -> impl TypedValueParser<Value = Distortion> {
    let names = PossibleValuesParser::new([
        PossibleValue::new("none").help("Nothing"),
        PossibleValue::new("shift").help("Moved by up to a pixel each way"),
        PossibleValue::new("elastic")
            .help("Bent as another hand would write it (Simard 2003)"),
    ]);
    names.try_map(|name| name.parse())
}

pub fn count<N: FromStr + PartialOrd + From<u8>>(
    text: &str,
) -> Result<N, ValueError> {
    let number = text.parse().ok();
    number.filter(|number| *number >= N::from(1)).ok_or(ValueError::Count)
}

pub fn seed(text: &str) -> Result<u64, ValueError> {
    text.parse().map_err(|_| ValueError::Seed)
}

pub fn threads(text: &str) -> Result<usize, ValueError> {
    let number = text.parse().ok();
    number.filter(|n| (1..=256).contains(n)).ok_or(ValueError::Threads)
}

pub fn rate(text: &str) -> Result<f64, ValueError> {
    let possible = |rate: &f64| rate.is_finite() && *rate > 0.0;
    text.parse().ok().filter(possible).ok_or(ValueError::Rate)
}

pub fn l2(text: &str) -> Result<f64, ValueError> {
    let possible = |l2: &f64| l2.is_finite() && *l2 >= 0.0;
    text.parse().ok().filter(possible).ok_or(ValueError::L2)
}

pub fn probability(text: &str) -> Result<f64, ValueError> {
    let p = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
    p.ok_or(ValueError::Probability)
}
