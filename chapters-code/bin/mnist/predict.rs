//! `mnist predict`: reads the digit on each of several pictures.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use neurons::digits::picture;
use neurons::files::file_kind::FileKind;
use neurons::pixels::SIDE;
use neurons::trainer::answer::Answer;
use neurons::trainer::model_file::Model;
use neurons::trainer::run_folder::{is_run, model_at};

use crate::options::{LATEST, Predict, refuse};
use crate::terminal::{self, complain, note, say, wrapped};

/// Why nothing can be read: one sentence with what to do next.
#[derive(Debug, thiserror::Error)]
enum PredictError {
    #[error(
        "there is no last run in {LATEST}: train a network with `mnist train`, or name a model \
         before the pictures"
    )]
    NoLastRun,
    #[error("{} is a model, not a picture: name one model, before the pictures", path.display())]
    SecondModel { path: PathBuf },
    #[error("the folder {} cannot be read: {error}", folder.display())]
    Folder { folder: PathBuf, error: io::Error },
    #[error(
        "{} has no picture in it that can be read: name a PNG or JPEG, or another folder",
        folder.display()
    )]
    NoPicture { folder: PathBuf },
}

/// The exit code if an answer is not sure.
const UNSURE: u8 = 3;

pub fn run(options: &Predict) -> Result<ExitCode, Box<dyn Error>> {
    let Paths { model, pictures } = Paths::of(&options.paths)?;
    let (model, model_path) = match model {
        Some(path) => model_at(path)?,
        None => model_of_last_run(options.json)?,
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
            Err(error) => complain(error.into()),
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
            show(&answer);
        } else if options.show {
            say!("{}\n", path.display());
            show(&answer);
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

fn model_of_last_run(
    quietly: bool,
) -> Result<(Model, PathBuf), Box<dyn Error>> {
    let latest = Path::new(LATEST);
    if !is_run(latest) {
        return Err(PredictError::NoLastRun.into());
    }
    let (model, path) = model_at(latest)?;
    if !quietly {
        let path = path.display();
        note(&format_args!("by the network of the last run, {path}"));
    }
    Ok((model, path))
}

/// What the command line names.
struct Paths<'a> {
    /// The first path, if it is that of a model.
    model: Option<&'a Path>,
    /// The others.
    pictures: &'a [PathBuf],
}

impl<'a> Paths<'a> {
    fn of(paths: &'a [PathBuf]) -> Result<Self, PredictError> {
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
            return Err(PredictError::SecondModel { path: second.clone() });
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
fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, PredictError> {
    let list = || -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
    };
    let mut paths = list().map_err(|error| PredictError::Folder {
        folder: folder.into(),
        error,
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
        return Err(PredictError::NoPicture { folder: folder.into() });
    }
    Ok(paths)
}

/// Prints the picture as the network sees it, the ten bars, and a sentence.
fn show(answer: &Answer) {
    say!("As the network sees it, and the probability of each digit:\n");
    let seen = terminal::picture(answer.picture.pixels.view(), SIDE, SIDE);
    let bars =
        [vec![String::new(); 2], terminal::bars(&answer.probabilities)]
            .concat();
    say!("{}\n", terminal::side_by_side(&[seen, bars], 32).trim_end());
    say!("{}", wrapped(&answer.sentence()));
}
