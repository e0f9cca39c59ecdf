//! `mnist predict`: reads the digit on each of several pictures.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use neurons::cost::largest;
use neurons::digits::picture::{self, Picture};
use neurons::files::file_kind::FileKind;
use neurons::mnist::probabilities;
use neurons::ndarray::{Array1, Axis};
use neurons::pixels::{Digits, SIDE};
use neurons::trainer::model_file::Model;
use neurons::trainer::run_folder::{is_run, model_at};
use serde_json::json;

use crate::options::{LATEST, Predict, refuse};
use crate::terminal::{self, complain, note, say, wrapped};

/// The exit code if an answer is not sure.
const UNSURE: u8 = 3;

pub fn run(options: &Predict) -> Result<ExitCode, Box<dyn Error>> {
    let Paths { model, pictures } = Paths::of(&options.paths)?;
    let (model, model_path) = match model {
        Some(path) => model_at(path)?,
        None if is_run(Path::new(LATEST)) => {
            let (model, path) = model_at(Path::new(LATEST))?;
            if !options.json {
                note(&format_args!(
                    "by the network of the last run, {}",
                    path.display()
                ));
            }
            (model, path)
        }
        None => {
            return Err(format!(
                "there is no last run in {LATEST}: train a network with `mnist train`, or name a \
                 model before the pictures"
            )
            .into());
        }
    };
    let mut broken = false;
    let mut complain = |error: Box<dyn Error>| {
        complain(&error);
        broken = true;
    };
    let mut paths = Vec::new();
    for path in pictures {
        match if path.is_dir() {
            pictures_in(path)
        } else {
            Ok(vec![path.clone()])
        } {
            Ok(found) => paths.extend(found),
            Err(error) => complain(error),
        }
    }

    let mut unsure = 0;
    for path in &paths {
        let answer = match picture::open(path) {
            Ok(picture) => Answer::new(&model, picture, options.unsure),
            Err(error) => {
                complain(error.into());
                continue;
            }
        };
        unsure += usize::from(answer.is_unsure());
        if options.json {
            say!("{}", answer.json(path, &model_path));
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
        let (of, are) =
            (paths.len(), if unsure == 1 { "is" } else { "are" });
        say!(
            "\n{unsure} of {of} {are} not sure: look at them with --show."
        );
    }
    Ok(match (broken, unsure) {
        (true, _) => ExitCode::FAILURE,
        (false, 0) => ExitCode::SUCCESS,
        _ => ExitCode::from(UNSURE),
    })
}

/// What the command line names.
struct Paths<'a> {
    /// The first path, if it is that of a model.
    model: Option<&'a Path>,
    /// The others.
    pictures: &'a [PathBuf],
}

impl<'a> Paths<'a> {
    fn of(paths: &'a [PathBuf]) -> Result<Self, String> {
        let (model, pictures) = match paths {
            [first, rest @ ..] if is_model(first, rest.is_empty()) => {
                (Some(first.as_path()), rest)
            }
            _ => (None, paths),
        };
        let safetensors = |path: &&PathBuf| {
            FileKind::of_file(path)
                .is_ok_and(|kind| kind == FileKind::Safetensors)
        };
        if let Some(second) = pictures.iter().find(safetensors) {
            return Err(format!(
                "{} is a model, not a picture: name one model, before the pictures",
                second.display()
            ));
        }
        match model {
            Some(model) if pictures.is_empty() => refuse(&format!(
                "{} is a model: name pictures after it, or folders of pictures",
                model.display()
            )),
            _ => Ok(Paths { model, pictures }),
        }
    }
}

/// Whether the first path names a model and not a picture; `alone` if it is the only one.
fn is_model(path: &Path, alone: bool) -> bool {
    if path.is_dir() {
        return is_run(path);
    }
    match FileKind::of_file(path) {
        Ok(FileKind::Safetensors | FileKind::PyTorch | FileKind::Npz) => {
            true
        }
        Ok(kind) if kind.is_picture() => false,
        // A damaged file, or none: its name decides.
        _ => {
            !has_ending(path, PICTURES)
                && !has_ending(path, OTHERS)
                && !alone
        }
    }
}

/// The endings of pictures that can be read, and of some that cannot.
const PICTURES: &[&str] =
    &["png", "jpg", "jpeg", "jfif", "gif", "bmp", "webp"];
const OTHERS: &[&str] =
    &["heic", "heif", "avif", "tif", "tiff", "jp2", "jxl", "svg", "pdf"];

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    endings.iter().any(|known| ending == *known)
}

/// The pictures of a folder, sorted by name. Says which files it skips.
fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = list().map_err(|error| {
        format!("the folder {} cannot be read: {error}", folder.display())
    })?;
    paths.retain(|path| {
        has_ending(path, PICTURES) || has_ending(path, OTHERS)
    });
    paths.sort();
    paths.retain(|path| {
        let kind = FileKind::of_file(path).unwrap_or(FileKind::Unknown);
        let skipped =
            kind == FileKind::AppleDouble || has_ending(path, OTHERS);
        if skipped {
            note(&format_args!("skipped {}, {kind}", path.display()));
        }
        !skipped
    });
    if paths.is_empty() {
        return Err(format!(
            "{} has no picture in it that can be read: name a PNG or JPEG, or another folder",
            folder.display()
        )
        .into());
    }
    Ok(paths)
}

/// The answer of the network to a picture, and whether to trust it.
struct Answer {
    picture: Picture,
    probabilities: Array1<f64>,
    digit: usize,
    second: usize,
    /// The probability of the answer is too small.
    unlikely: bool,
}

impl Answer {
    fn new(model: &Model, picture: Picture, least: f64) -> Self {
        let digits = Digits {
            images: picture.pixels.clone().insert_axis(Axis(0)),
            labels: vec![0],
        };
        let probabilities =
            probabilities(&model.network, model.objective, &digits);
        let probabilities = probabilities.row(0).to_owned();
        let digit = largest(probabilities.view());
        let mut others = probabilities.clone();
        others[digit] = f64::NEG_INFINITY;
        let second = largest(others.view());
        // Not `<`: huge weights make probabilities that are NaN.
        let unlikely = !(least..=1.0).contains(&probabilities[digit]);
        Answer { picture, probabilities, digit, second, unlikely }
    }

    fn is_unsure(&self) -> bool {
        self.unlikely || !self.picture.doubts.is_empty()
    }

    fn percent(&self, digit: usize) -> String {
        format!("{:.0} %", 100.0 * self.probabilities[digit])
    }

    /// Prints the picture as the network sees it, the ten bars, and a sentence.
    fn show(&self) {
        say!(
            "As the network sees it, and the probability of each digit:\n"
        );
        let seen =
            terminal::picture(self.picture.pixels.view(), SIDE, SIDE);
        let bars =
            [vec![String::new(); 2], terminal::bars(&self.probabilities)]
                .concat();
        say!("{}\n", terminal::side_by_side(&[seen, bars], 32).trim_end());
        say!("{}", wrapped(&self.sentence()));
    }

    fn sentence(&self) -> String {
        let mut sentence = format!("It reads {}", article(self.digit));
        if self.is_unsure() {
            let (second, percent) =
                (article(self.second), self.percent(self.second));
            sentence += &format!(
                ", but is not sure: it may be {second} ({percent})"
            );
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

    /// The same in one line.
    fn line(&self, path: &Path) -> String {
        const NAME: usize = 26;
        let mut name = path.display().to_string();
        let length = name.chars().count();
        if length > NAME {
            let end: String =
                name.chars().skip(length - NAME + 1).collect();
            name = format!("…{end}");
        }
        let (digit, percent) = (self.digit, self.percent(self.digit));
        let mut line = format!("{name:NAME$}  {digit}  {percent:>5}");
        if self.is_unsure() {
            let (second, percent) =
                (article(self.second), self.percent(self.second));
            line += &format!("  not sure: or {second} ({percent})");
        }
        for doubt in &self.picture.doubts {
            line += &format!(", {}", doubt.name());
        }
        line
    }

    fn json(&self, path: &Path, model: &Path) -> serde_json::Value {
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
}

fn article(digit: usize) -> String {
    format!("{} {digit}", if digit == 8 { "an" } else { "a" })
}
