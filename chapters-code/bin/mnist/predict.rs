//! `mnist predict`: reads the digit on each of some pictures.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use neurons::cost::largest;
use neurons::mnist::probabilities;
use neurons::model::Model;
use neurons::ndarray::{Array1, Axis};
use neurons::picture::{self, Picture};
use neurons::pixels::{Digits, SIDE};
use serde_json::json;

use crate::options::Predict;
use crate::terminal::{self, complain, say, wrapped};

/// What [`Predict`]'s help says about the exit code.
const UNSURE: u8 = 3;

pub fn run(options: &Predict) -> Result<ExitCode, Box<dyn Error>> {
    let model = Model::load(&options.model)?;
    let mut broken = false;
    let mut note = |error: Box<dyn Error>| {
        complain(&error);
        broken = true;
    };
    let mut paths = Vec::new();
    for path in &options.pictures {
        match if path.is_dir() { pictures_in(path) } else { Ok(vec![path.clone()]) } {
            Ok(found) => paths.extend(found),
            Err(error) => note(error),
        }
    }

    let mut unsure = 0;
    for path in &paths {
        let answer = match picture::open(path) {
            Ok(picture) => Answer::new(&model, picture, options.unsure),
            Err(error) => {
                note(error.into());
                continue;
            }
        };
        unsure += usize::from(answer.is_unsure());
        if options.json {
            say!("{}", answer.json(path, &options.model));
        } else if paths.len() == 1 {
            answer.show();
        } else if options.show {
            say!("{}\n", path.display());
            answer.show();
            say!("");
        } else {
            say!("{}", answer.line(path));
        }
    }
    if unsure > 0 && paths.len() > 1 && !options.show && !options.json {
        let (of, are) = (paths.len(), if unsure == 1 { "is" } else { "are" });
        say!("\n{unsure} of {of} {are} not sure: look at them with --show.");
    }
    Ok(match (broken, unsure) {
        (true, _) => ExitCode::FAILURE,
        (false, 0) => ExitCode::SUCCESS,
        _ => ExitCode::from(UNSURE),
    })
}

/// The PNG and JPEG pictures of a folder, sorted by name.
fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = list().map_err(|error| {
        format!("the folder {} cannot be read: {error}", folder.display())
    })?;
    paths.retain(|path| {
        let end = path.extension().unwrap_or_default().to_ascii_lowercase();
        ["png", "jpg", "jpeg"].iter().any(|known| end == *known)
    });
    if paths.is_empty() {
        return Err(format!(
            "{} has no PNG or JPEG picture in it: name a picture, or another folder",
            folder.display()
        )
        .into());
    }
    paths.sort();
    Ok(paths)
}

/// What the network answers to a picture, and how far to trust it.
struct Answer {
    picture: Picture,
    probabilities: Array1<f64>,
    digit: usize,
    second: usize,
    /// The network itself does not take its answer for likely enough.
    unlikely: bool,
}

impl Answer {
    fn new(model: &Model, picture: Picture, least: f64) -> Self {
        let digits = Digits {
            images: picture.pixels.clone().insert_axis(Axis(0)),
            labels: vec![0],
        };
        let probabilities = probabilities(&model.network, model.objective, &digits);
        let probabilities = probabilities.row(0).to_owned();
        let digit = largest(probabilities.view());
        let mut others = probabilities.clone();
        others[digit] = f64::NEG_INFINITY;
        let second = largest(others.view());
        // Not `<`: weights beyond measure make probabilities that are no numbers.
        let unlikely = !(least..=1.0).contains(&probabilities[digit]);
        Answer { picture, probabilities, digit, second, unlikely }
    }

    fn is_unsure(&self) -> bool {
        self.unlikely || !self.picture.doubts.is_empty()
    }

    fn percent(&self, digit: usize) -> String {
        format!("{:.0} %", 100.0 * self.probabilities[digit])
    }

    /// The picture as the network sees it, the ten bars, and what they come to.
    fn show(&self) {
        say!("As the network sees it, and how much it takes it for each digit:\n");
        let seen = terminal::picture(self.picture.pixels.view(), SIDE, SIDE);
        let bars = [vec![String::new(); 2], terminal::bars(&self.probabilities)].concat();
        say!("{}\n", terminal::side_by_side(&[seen, bars], 32).trim_end());
        say!("{}", wrapped(&self.sentence()));
    }

    fn sentence(&self) -> String {
        let mut sentence = format!("It reads {}", article(self.digit));
        if self.is_unsure() {
            let (second, percent) = (article(self.second), self.percent(self.second));
            sentence += &format!(", but is not sure: it may be {second} ({percent})");
        }
        let doubts: Vec<_> =
            self.picture.doubts.iter().map(ToString::to_string).collect();
        if !doubts.is_empty() {
            sentence += &format!(". The picture is doubtful: {}", doubts.join("; "));
        }
        sentence + "."
    }

    /// All that in a line of a terminal.
    fn line(&self, path: &Path) -> String {
        const NAME: usize = 26;
        let mut name = path.display().to_string();
        let length = name.chars().count();
        if length > NAME {
            let end: String = name.chars().skip(length - NAME + 1).collect();
            name = format!("…{end}");
        }
        let (digit, percent) = (self.digit, self.percent(self.digit));
        let mut line = format!("{name:NAME$}  {digit}  {percent:>5}");
        if self.is_unsure() {
            let (second, percent) = (article(self.second), self.percent(self.second));
            line += &format!("  not sure: or {second} ({percent})");
        }
        for doubt in &self.picture.doubts {
            line += &format!(", {}", doubt.name());
        }
        line
    }

    fn json(&self, path: &Path, model: &Path) -> serde_json::Value {
        let doubts = self.picture.doubts.iter().map(|doubt| doubt.name());
        let why: Vec<_> =
            self.unlikely.then_some("probability").into_iter().chain(doubts).collect();
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
}

fn article(digit: usize) -> String {
    format!("{} {digit}", if digit == 8 { "an" } else { "a" })
}
