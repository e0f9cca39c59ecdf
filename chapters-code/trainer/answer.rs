//! The answer of a network to one picture of the user's, and whether it is sure.

use std::path::Path;

use ndarray::Array1;
use serde_json::{Value, json};

use crate::cost::largest;
use crate::digits::picture::Picture;
use crate::trainer::model_file::Model;
use crate::trainer::number_text::whole_percent;

/// The answer of a network to a picture.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The picture as the network sees it, and what is doubtful about it.
    pub picture: Picture,
    /// The probability of each digit, according to the network.
    pub probabilities: Array1<f64>,
    /// The most probable digit.
    pub digit: usize,
    /// The next.
    pub second: usize,
    /// Whether the probability of the answer is too small to be sure.
    pub unlikely: bool,
}

impl Answer {
    /// The answer to a picture; below the probability `least` it is not sure.
    pub fn new(model: &Model, picture: Picture, least: f64) -> Self {
        let probabilities = model.probabilities(picture.pixels.view());
        let digit = largest(probabilities.view());
        let mut others = probabilities.clone();
        others[digit] = f64::NEG_INFINITY;
        let second = largest(others.view());
        // Not `<`: huge weights make probabilities that are NaN.
        let unlikely = !(least..=1.0).contains(&probabilities[digit]);
        Answer { picture, probabilities, digit, second, unlikely }
    }

    /// Whether the probability is too small, or the picture doubtful.
    pub fn is_unsure(&self) -> bool {
        self.unlikely || !self.picture.doubts.is_empty()
    }

    /// `It reads a 4.`, and if it is not sure, why.
    pub fn sentence(&self) -> String {
        let mut sentence = format!("It reads {}", article(self.digit));
        if self.is_unsure() {
            sentence +=
                &format!(", but is not sure: it may be {}", self.other());
        }
        let doubts: Vec<_> =
            self.picture.doubts.iter().map(ToString::to_string).collect();
        if !doubts.is_empty() {
            sentence += &format!(
                ". The picture is doubtful: {}",
                doubts.join("; ")
            );
        }
        sentence + "."
    }

    /// The same in one line, for the picture of that path.
    pub fn line(&self, path: &Path) -> String {
        const NAME: usize = 26;
        let mut name = path.display().to_string();
        let length = name.chars().count();
        if length > NAME {
            let end: String =
                name.chars().skip(length - NAME + 1).collect();
            name = format!("…{end}");
        }
        let digit = self.digit;
        let percent = whole_percent(self.probabilities[digit]);
        let mut line = format!("{name:NAME$}  {digit}  {percent:>5}");
        if self.is_unsure() {
            line += &format!("  not sure: or {}", self.other());
        }
        for doubt in &self.picture.doubts {
            line += &format!(", {}", doubt.name());
        }
        line
    }

    /// The same as JSON, for the picture of that path and the model's.
    pub fn json(&self, path: &Path, model: &Path) -> Value {
        let doubts = self.picture.doubts.iter().map(|doubt| doubt.name());
        let why: Vec<_> = self
            .unlikely
            .then_some("probability")
            .into_iter()
            .chain(doubts)
            .collect();
        json!({
            "digit": self.digit,
            "second": self.second,
            "probabilities": self.probabilities.to_vec(),
            "unsure": self.is_unsure(),
            "why": why,
            "image": path.display().to_string(),
            "model": model.display().to_string(),
            "version": env!("CARGO_PKG_VERSION"),
        })
    }

    /// `an 8 (31 %)`, the second answer.
    fn other(&self) -> String {
        let percent = whole_percent(self.probabilities[self.second]);
        format!("{} ({percent})", article(self.second))
    }
}

fn article(digit: usize) -> String {
    format!("{} {digit}", if digit == 8 { "an" } else { "a" })
}
