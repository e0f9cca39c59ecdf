//! Recipes as text: the names of their choices, on the command line and in files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::mnist::distortion::Distortion;
use crate::mnist::optimiser::{Optimiser, Schedule};
use crate::mnist::{Epoch, Objective, Precision, Recipe, Start};
use crate::sigmoid::Activation;
use crate::trainer::number_text::dashed;

/// Why a text is no setting of a recipe.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the sentence of a variant says what its fields are"
)]
pub enum RecipeTextError {
    #[error("unknown {what} `{text}`; one of: {names}")]
    Unknown { what: &'static str, text: String, names: String },
    #[error("momentum must be at least 0 and below 1")]
    Momentum,
}

/// Names for the values of a type: `Display` writes them, `FromStr` and serde read them.
macro_rules! names {
    ($kind:ident, $what:literal, $($value:ident = $name:literal),+ $(,)?) => {
        impl $kind {
            const NAMES: &[(&str, $kind)] = &[$(($name, $kind::$value)),+];
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                let named = Self::NAMES.iter().find(|(_, value)| value == self);
                f.pad(named.map_or("", |(name, _)| name))
            }
        }

        impl FromStr for $kind {
            type Err = RecipeTextError;

            fn from_str(text: &str) -> Result<Self, RecipeTextError> {
                let named = Self::NAMES.iter().find(|(name, _)| *name == text);
                named.map(|(_, value)| *value).ok_or_else(|| {
                    let names: Vec<_> = Self::NAMES.iter().map(|(name, _)| *name).collect();
                    RecipeTextError::Unknown {
                        what: $what,
                        text: text.into(),
                        names: names.join(", "),
                    }
                })
            }
        }

        as_text!($kind);
    };
}

/// serde for a type with `Display` and `FromStr`.
macro_rules! as_text {
    ($kind:ident) => {
        impl Serialize for $kind {
            fn serialize<S: Serializer>(
                &self,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(
                from: D,
            ) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

names!(
    Activation,
    "activation",
    Identity = "identity",
    Sigmoid = "sigmoid",
    Tanh = "tanh",
    Relu = "relu",
    LeakyRelu = "leaky-relu",
    Softplus = "softplus",
);

names!(
    Objective,
    "cost",
    Quadratic = "quadratic",
    CrossEntropy = "cross-entropy",
    Softmax = "softmax",
);

names!(Precision, "precision", F64 = "f64", F32 = "f32");

names!(Start, "start", Scaled = "scaled", Unit = "unit");

names!(
    Distortion,
    "distortion",
    None = "none",
    Shift = "shift",
    Elastic = "elastic"
);

/// `adam`, or `momentum:0.9`; `sgd` is momentum 0.
impl fmt::Display for Optimiser {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Optimiser::Adam => f.write_str("adam"),
            Optimiser::Momentum(mu) if *mu == 0.0 => f.write_str("sgd"),
            Optimiser::Momentum(mu) => write!(f, "momentum:{mu:?}"),
        }
    }
}

impl FromStr for Optimiser {
    type Err = RecipeTextError;

    fn from_str(text: &str) -> Result<Self, RecipeTextError> {
        match text.split_once(':') {
            None if text == "adam" => Ok(Optimiser::Adam),
            None if text == "sgd" => Ok(Optimiser::Momentum(0.0)),
            Some(("momentum", mu)) => match mu.parse() {
                Ok(mu) if (0.0..1.0).contains(&mu) => {
                    Ok(Optimiser::Momentum(mu))
                }
                _ => Err(RecipeTextError::Momentum),
            },
            _ => Err(RecipeTextError::Unknown {
                what: "optimiser",
                text: text.into(),
                names: "sgd, momentum:0.9, adam".into(),
            }),
        }
    }
}

as_text!(Optimiser);

/// `constant`, `cosine`, or `0.3/100` for a factor of 0.3 after every 100 epochs.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Schedule::Constant => f.write_str("constant"),
            Schedule::Cosine => f.write_str("cosine"),
            Schedule::Steps { factor, every } => {
                write!(f, "{factor:?}/{every}")
            }
        }
    }
}

impl FromStr for Schedule {
    type Err = RecipeTextError;

    fn from_str(text: &str) -> Result<Self, RecipeTextError> {
        let steps = || {
            let (factor, every) = text.split_once('/')?;
            let (factor, every) =
                (factor.parse().ok()?, every.parse().ok()?);
            let possible = factor > 0.0 && factor <= 1.0 && every > 0;
            possible.then_some(Schedule::Steps { factor, every })
        };
        match text {
            "constant" => Ok(Schedule::Constant),
            "cosine" => Ok(Schedule::Cosine),
            _ => steps().ok_or_else(|| RecipeTextError::Unknown {
                what: "schedule",
                text: text.into(),
                names: "constant, cosine, FACTOR/EPOCHS as in 0.3/100"
                    .into(),
            }),
        }
    }
}

as_text!(Schedule);

/// A recipe in a line: its network, its training, and what differs from the book's recipe.
///
/// ```
/// use neurons::{mnist::{Precision, Recipe}, trainer::recipe_text::in_words};
/// let recipe = Recipe { precision: Precision::F32, l2: 0.001, ..Recipe::book() };
/// assert_eq!(
///     in_words(&recipe),
///     "784-16-16-10, sigmoid, softmax, 20 epochs in mini-batches of 10, sgd, learning rate 0.1, \
///      L2 0.001, seed 1"
/// );
/// ```
pub fn in_words(recipe: &Recipe) -> String {
    let Recipe {
        sizes,
        start,
        activation,
        objective,
        epochs,
        batch,
        rate,
        schedule,
        optimiser,
        l2,
        patience,
        distortion,
        precision,
        seed,
    } = recipe;
    let book = Recipe::book();
    let mut words = format!(
        "{}, {activation}, {objective}, {epochs} epoch{} in mini-batches of {batch}, {optimiser}, \
         learning rate {rate:?}",
        dashed(sizes),
        if *epochs == 1 { "" } else { "s" },
    );
    if *schedule != book.schedule {
        words += &format!(", schedule {schedule}");
    }
    // Not as in the book's recipe: the command line has f32 as its default.
    if *precision != Precision::F32 {
        words += &format!(", {precision}");
    }
    if *l2 != book.l2 {
        words += &format!(", L2 {l2:?}");
    }
    if *start != book.start {
        words += &format!(", start {start}");
    }
    if *distortion != book.distortion {
        words += &format!(", distortion {distortion}");
    }
    if let Some(patience) = patience {
        words += &format!(", patience {patience}");
    }
    format!("{words}, seed {seed}")
}

/// serde for a struct of chapter 17, by the text struct that repeats its fields.
macro_rules! by_fields {
    ($kind:ident, $fields:ident) => {
        impl Serialize for $kind {
            fn serialize<S: Serializer>(
                &self,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                $fields::serialize(self, to)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(
                from: D,
            ) -> Result<Self, D::Error> {
                $fields::deserialize(from)
            }
        }
    };
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Recipe")]
struct RecipeFields {
    sizes: Vec<usize>,
    start: Start,
    activation: Activation,
    objective: Objective,
    epochs: usize,
    batch: usize,
    rate: f64,
    schedule: Schedule,
    optimiser: Optimiser,
    l2: f64,
    patience: Option<usize>,
    distortion: Distortion,
    // Runs from before the engine have none.
    #[serde(default)]
    precision: Precision,
    seed: u64,
}

by_fields!(Recipe, RecipeFields);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Epoch")]
struct EpochFields {
    number: usize,
    rate: f64,
    cost: f64,
    validation: f64,
    constant: Option<u8>,
    seconds: f64,
}

by_fields!(Epoch, EpochFields);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for activation in Activation::ALL {
            assert_eq!(activation.to_string().parse(), Ok(activation));
        }
        for (_, objective) in Objective::NAMES {
            assert_eq!(objective.to_string().parse(), Ok(*objective));
        }
        let steps = Schedule::Steps { factor: 0.1, every: 7 };
        for schedule in [Schedule::Constant, Schedule::Cosine, steps] {
            assert_eq!(schedule.to_string().parse(), Ok(schedule));
        }
        for optimiser in [
            Optimiser::Adam,
            Optimiser::Momentum(0.0),
            Optimiser::Momentum(0.1 + 0.2),
        ] {
            assert_eq!(optimiser.to_string().parse(), Ok(optimiser));
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        for text in [
            "",
            "Adam",
            "momentum:1",
            "momentum:NaN",
            "momentum",
            "sgd:0.1",
        ] {
            assert!(text.parse::<Optimiser>().is_err(), "{text}");
        }
        for text in ["", "0/3", "2/3", "0.5/0", "NaN/3", "0.5", "0.5/x"] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
        let error = "mse".parse::<Objective>().expect_err("no name");
        assert_eq!(
            error.to_string(),
            "unknown cost `mse`; one of: quadratic, cross-entropy, softmax"
        );
    }
}
