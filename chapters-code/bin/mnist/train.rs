//! `mnist train`: trains a network and reports the result.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use neurons::digits::dataset::{Data, Source};
use neurons::engine;
use neurons::mnist::{
    Diverged, Epoch, Pause, Precision, Recipe, Training, accuracy,
    binomial_error, confusions,
};
use neurons::pixels::Digits;
use neurons::trainer::checkpoint::{
    CheckpointError, Checkpoints, Found, fingerprint,
};
use neurons::trainer::compare_runs::grouped;
use neurons::trainer::model_file::Model;
use neurons::trainer::published_recipes::published;
use neurons::trainer::report::report;
use neurons::trainer::run_folder::{Run, save_metrics};
use serde_json::json;

use crate::Done;
use crate::options::Train;
use crate::terminal::{self, say, tell, warn, wrapped};
use crate::test::{digits, result, say_mistakes};

/// The digits of a run, by their use.
struct Sets {
    train: Digits,
    validation: Digits,
    test: Digits,
    source: Source,
    /// The SHA-256 of each part.
    sha256: BTreeMap<String, String>,
    /// Those of the training and the validation digits.
    fingerprint: String,
}

pub fn run(options: &Train) -> Done {
    if options.quiet {
        terminal::be_quiet();
    }
    #[cfg(feature = "mpi")]
    {
        let ranks = neurons::engine::mpi::Ranks::join();
        if ranks.size() > 1 {
            return shared::run(options, &ranks);
        }
    }
    writable(&options.out)?;
    listen_for_interrupts()?;
    if let Some(folder) = &options.resume {
        let (checkpoints, found) = newest(folder)?;
        let sets = sets(options)?;
        let training = resumed(found, &sets)?;
        let checkpoints = Some(checkpoints);
        return one(
            options,
            training,
            &sets,
            &options.out,
            checkpoints,
            Way::Alone,
        )
        .map(drop);
    }

    let recipe = options.choices.recipe();
    let checkpoints = match &options.checkpoint {
        Some(folder) => Some(Checkpoints::begin(folder)?),
        None => None,
    };
    let sets = sets(options)?;
    match options.repeat {
        None => {
            let training = Training::new(recipe);
            one(
                options,
                training,
                &sets,
                &options.out,
                checkpoints,
                Way::Alone,
            )
            .map(drop)
        }
        Some(times) => repeat(options, &recipe, &sets, times),
    }
}

/// A folder of checkpoints, and the newest whole one; warns of damaged ones.
fn newest(folder: &Path) -> Result<(Checkpoints, Found), CheckpointError> {
    let checkpoints = Checkpoints::resume(folder)?;
    let found = checkpoints.newest()?;
    found.damaged.iter().for_each(|sentence| warn(sentence));
    Ok((checkpoints, found))
}

/// The run that goes on, if it began with these digits.
fn resumed(found: Found, sets: &Sets) -> Result<Training, CheckpointError> {
    let Found { training, path, digits, .. } = found;
    if digits != sets.fingerprint {
        return Err(CheckpointError::OtherDigits { path });
    }
    let (epochs, steps) = (training.epochs.len(), training.memory.steps);
    let path = path.display();
    say!(
        "Going on from {path}: {epochs} epochs and {steps} steps are done.\n"
    );
    Ok(training)
}

/// Who takes the steps.
#[derive(Clone, Copy)]
enum Way<'a> {
    Alone,
    #[cfg(feature = "mpi")]
    Shared(&'a neurons::engine::mpi::Ranks),
    #[cfg(not(feature = "mpi"))]
    #[expect(dead_code, reason = "without MPI there are no others")]
    Shared(&'a std::convert::Infallible),
}

/// Trains with several seeds in a row, and reports the spread.
fn repeat(
    options: &Train,
    recipe: &Recipe,
    sets: &Sets,
    times: usize,
) -> Done {
    let mut runs = vec![];
    for seed in (recipe.seed..).take(times) {
        let name = format!("seed-{seed}");
        let out = options.out.join(&name);
        writable(&out)?;
        say!("Seed {seed}, run {} of {times}.\n", runs.len() + 1);
        let training = Training::new(Recipe { seed, ..recipe.clone() });
        runs.push((
            name,
            one(options, training, sets, &out, None, Way::Alone)?,
        ));
    }
    crate::compare::tell(
        &runs,
        &options.out.join("report.html"),
        options.common.json,
    )
}

/// Takes one run from its present state to its end.
fn one(
    options: &Train,
    mut training: Training,
    sets: &Sets,
    out: &Path,
    checkpoints: Option<Checkpoints>,
    way: Way,
) -> Result<Run, Box<dyn Error>> {
    let recipe = training.recipe.clone();
    say!("{}\n", wrapped(&format!("Recipe: {}", summary(&recipe, sets))));
    // Better to know before training than after it that nothing can be saved.
    if let Some(checkpoints) = &checkpoints
        && training.memory.steps == 0
    {
        checkpoints.save(&training, &sets.fingerprint)?;
    }

    match go_on(
        &mut training,
        sets,
        checkpoints.as_ref(),
        options,
        out,
        way,
    )? {
        ControlFlow::Continue(()) => {}
        ControlFlow::Break(()) => {
            let checkpoints = match checkpoints {
                Some(checkpoints) => checkpoints,
                None => Checkpoints::replace(&out.join("checkpoints"))?,
            };
            checkpoints.save(&training, &sets.fingerprint)?;
            return Err(interrupted(
                options,
                &training,
                checkpoints.folder(),
                out,
            )
            .into());
        }
    }

    let network = training.chosen().clone();
    let model = Model { network, objective: recipe.objective };
    let path = out.join("model.safetensors");
    model.save(&path)?;
    let counts = confusions(&model.network, &sets.test);
    let known = published().into_iter().find(|known| {
        let Recipe { seed, precision, .. } = recipe;
        Recipe { seed, precision, ..known.recipe.clone() } == recipe
            && options
                .choices
                .recipe
                .as_deref()
                .is_none_or(|name| name == known.name)
    });
    let run = Run {
        version: env!("CARGO_PKG_VERSION").into(),
        name: known.as_ref().map_or("", |known| known.name).into(),
        recipe,
        data: sets.source.name().into(),
        sha256: sets.sha256.clone(),
        pictures: [
            ("train", &sets.train),
            ("validation", &sets.validation),
            ("test", &sets.test),
        ]
        .map(|(part, digits)| (part.to_string(), digits.len()))
        .into(),
        threads: rayon::current_num_threads(),
        chosen: training
            .best
            .as_ref()
            .map_or(training.epochs.len(), |(epoch, _)| *epoch),
        epochs: training.epochs,
        test: accuracy(&model.network, &sets.test),
        published: known
            .as_ref()
            .map(|known| (known.accuracy, known.source.to_string())),
    };
    let page = out.join("report.html");
    let html = report(&run, &model, &sets.test)?;
    run.save(out)
        .and_then(|()| fs::write(&page, html))
        .map_err(|error| unwritable(out, error))?;

    if run.chosen < run.epochs.len() {
        say!(
            "\nThe network of epoch {} is kept: it was the best at the validation pictures.",
            run.chosen
        );
    }
    let steps = Some(training.memory.steps);
    tell!("\n{}", wrapped(&result(&model, &sets.test, &counts, steps)));
    if let Some(known) = known {
        let published = format!(
            "Published: {} % by {} {}",
            known.accuracy, known.source, known.differs
        );
        tell!("{}", wrapped(&published));
    }
    say!("");
    say_mistakes(&model, &sets.test, &counts);
    say!("The model:  {}", path.display());
    say!("The report: {}", page.display());
    if options.common.json {
        let last = run.epochs.last();
        tell!(
            "{}",
            json!({
                "data": run.data,
                "seed": run.recipe.seed,
                "recipe": run.recipe,
                "epochs": run.epochs.len(),
                "chosen_epoch": run.chosen,
                "training_cost": last.map(|epoch| epoch.cost),
                "validation_accuracy": run.epochs[run.chosen - 1].validation,
                "test_accuracy": run.test,
                "binomial_error": binomial_error(run.test, sets.test.len()),
                "published": run.published,
                "seconds": last.map(|epoch| epoch.seconds),
                "model": path,
                "report": page,
                "version": run.version,
            })
        );
    }
    Ok(run)
}

/// Trains, with a bar for each epoch on stderr and a line of the table on stdout.
fn go_on(
    training: &mut Training,
    sets: &Sets,
    checkpoints: Option<&Checkpoints>,
    options: &Train,
    out: &Path,
    way: Way,
) -> Result<ControlFlow<()>, Box<dyn Error>> {
    let bar = ProgressBar::new(sets.train.len() as u64);
    if options.quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = "epoch {msg}  {bar:40}  {pos}/{len} pictures  {eta}";
    bar.set_style(ProgressStyle::with_template(style)?);
    bar.set_message((training.epochs.len() + 1).to_string());
    let tell_warning = |sentence: String| bar.suspend(|| warn(&sentence));
    let save = |training: &Training| {
        if let Some(checkpoints) = checkpoints
            && let Err(error) =
                checkpoints.save(training, &sets.fingerprint)
        {
            tell_warning(format!(
                "{error}; training goes on, and the earlier ones are still there"
            ));
        }
    };
    let mut constant = None;
    say!("epoch       rate   training cost   validation   seconds");
    training.epochs.iter().for_each(|epoch| say!("{}", row(epoch)));
    let wanted = |training: &Training| {
        let done = training.steps * training.recipe.batch;
        bar.set_position(done.min(sets.train.len()) as u64);
        let steps = training.memory.steps;
        let due = options
            .checkpoint_steps
            .is_some_and(|every| steps.is_multiple_of(every));
        due || INTERRUPTS.load(SeqCst) > 0
    };
    let (train, validation) = (&sets.train, &sets.validation);
    let watch = |training: &Training, pause| {
        match pause {
            Pause::Step => save(training),
            Pause::Epoch => {
                let epoch =
                    training.epochs.last().expect("an epoch is done");
                bar.suspend(|| say!("{}", row(epoch)));
                bar.reset();
                bar.set_message((epoch.number + 1).to_string());
                save(training);
                if let Err(error) = save_metrics(&training.epochs, out) {
                    tell_warning(unwritable(out, error));
                }
                if epoch.constant != constant {
                    constant = epoch.constant;
                    if let Some(digit) = constant {
                        tell_warning(format!(
                            "so far it reads every validation picture as {digit}, whatever it sees"
                        ));
                    }
                }
            }
        }
        match INTERRUPTS.load(SeqCst) {
            0 => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    };
    let done = match way {
        Way::Alone => {
            engine::go_on(training, train, validation, wanted, watch)
        }
        #[cfg(not(feature = "mpi"))]
        Way::Shared(nobody) => match *nobody {},
        #[cfg(feature = "mpi")]
        Way::Shared(ranks) => {
            ranks.go_on(training, train, validation, wanted, watch)
        }
    };
    bar.finish_and_clear();
    done.map_err(|diverged| advice(options, diverged))
}

/// A run that diverged. If its rate was chosen, and is larger than that of its recipe, the sentence
/// names the recipe's.
fn advice(options: &Train, diverged: Diverged) -> Box<dyn Error> {
    let own = options
        .choices
        .published()
        .map_or_else(Recipe::book, |known| known.recipe)
        .rate;
    let Diverged { epoch, rate } = diverged;
    match options.choices.rate {
        Some(_) if rate > own => format!(
            "the cost is no longer a finite number in epoch {epoch}: the steps are too long; try \
             the rate of the recipe, {own:?}, in place of {rate:?}"
        )
        .into(),
        _ => diverged.into(),
    }
}

/// One line of the table.
fn row(
    &Epoch { number, rate, cost, validation, seconds, .. }: &Epoch,
) -> String {
    let short = |number: f64, digits| match number {
        number if number < 1e9 => format!("{number:.digits$}"),
        number => format!("{number:.1e}"),
    };
    let (rate, cost, validation) =
        (short(rate, 5), short(cost, 4), 100.0 * validation);
    format!(
        "{number:5} {rate:>10} {cost:>15} {validation:10.2} % {seconds:9.1}"
    )
}

fn summary(recipe: &Recipe, sets: &Sets) -> String {
    let Recipe {
        sizes,
        activation,
        objective,
        epochs,
        batch,
        rate,
        seed,
        ..
    } = recipe;
    let sizes: Vec<_> = sizes.iter().map(usize::to_string).collect();
    let mut summary = format!(
        "{}, {activation}, {objective}, {epochs} epoch{} in mini-batches of {batch}, {}, learning \
         rate {rate:?}",
        sizes.join("-"),
        if *epochs == 1 { "" } else { "s" },
        recipe.optimiser,
    );
    let book = Recipe::book();
    let mut add = |differs: bool, words: String| {
        if differs {
            summary.push_str(&format!(", {words}"));
        }
    };
    add(
        recipe.schedule != book.schedule,
        format!("schedule {}", recipe.schedule),
    );
    add(recipe.precision != Precision::F32, recipe.precision.to_string());
    add(recipe.l2 != book.l2, format!("L2 {:?}", recipe.l2));
    add(recipe.start != book.start, format!("start {}", recipe.start));
    add(
        recipe.distortion != book.distortion,
        format!("distortion {}", recipe.distortion),
    );
    add(
        recipe.patience.is_some(),
        format!("patience {}", recipe.patience.unwrap_or_default()),
    );
    format!(
        "{summary}, seed {seed}; {} pictures to train on, {} to validate, {} to test.",
        grouped(sets.train.len()),
        grouped(sets.validation.len()),
        grouped(sets.test.len()),
    )
}

/// The digits: the last sixth of the training files for validation, the rest, or as many as
/// --pictures says, to train on.
fn sets(options: &Train) -> Result<Sets, Box<dyn Error>> {
    let Data { train: digits, test, source } = digits(&options.common)?;
    let first = digits.len() - digits.len().div_ceil(6);
    if first == 0 {
        return Err(
            "there must be at least two pictures to train on: name other data".into()
        );
    }
    let pictures = options.pictures.unwrap_or(first);
    if pictures > first {
        return Err(format!(
            "--pictures must be at most {first}, the number of pictures to train on, not {pictures}"
        )
        .into());
    }
    let (mut train, validation) = digits.split_at(first);
    drop(digits);
    if pictures < first {
        train = train.split_at(pictures).0;
    }
    let parts =
        [("train", &train), ("validation", &validation), ("test", &test)];
    let sha256 = parts
        .map(|(part, digits)| (part.to_string(), fingerprint(&[digits])));
    let fingerprint = format!("{} {}", sha256[0].1, sha256[1].1);
    Ok(Sets {
        sha256: sha256.into(),
        fingerprint,
        train,
        validation,
        test,
        source,
    })
}

/// How often the user or the system asked the program to end.
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);

/// The first Ctrl-C (or SIGTERM) ends the program after the current step, the second at once.
fn listen_for_interrupts() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| match INTERRUPTS.fetch_add(1, SeqCst) {
        0 => warn(
            &"stopping after this step, with a checkpoint; press Ctrl-C again to stop at once",
        ),
        _ => std::process::exit(INTERRUPTED),
    })
}

/// The exit code of a program that Ctrl-C ended.
pub const INTERRUPTED: i32 = 130;

/// A run that the user interrupted.
#[derive(Debug, thiserror::Error)]
#[error(
    "stopped in epoch {epoch} after step {step}; go on with: {command}"
)]
pub struct Interrupted {
    epoch: usize,
    step: u64,
    command: String,
}

fn interrupted(
    options: &Train,
    training: &Training,
    folder: &Path,
    out: &Path,
) -> Interrupted {
    let program = std::env::args_os().next().unwrap_or("mnist".into());
    let mut command = format!(
        "{} train --resume {}",
        quoted(Path::new(&program)),
        quoted(folder)
    );
    command += &format!(" --out {}", quoted(out));
    if let Some(data) = &options.common.data {
        command += &format!(" --data {}", quoted(data));
    }
    if let Some(pictures) = options.pictures {
        command += &format!(" --pictures {pictures}");
    }
    if let Some(steps) = options.checkpoint_steps {
        command += &format!(" --checkpoint-steps {steps}");
    }
    Interrupted {
        epoch: training.epochs.len() + 1,
        step: training.memory.steps,
        command,
    }
}

/// A path quoted for a shell.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+:\\".contains(c);
    match path.chars().all(plain) {
        true => path,
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

/// Makes a folder if it does not exist, and checks that something can be written to it: better to
/// know before an hour of training.
fn writable(folder: &PathBuf) -> Result<(), String> {
    fs::create_dir_all(folder)
        .and_then(|()| tempfile::tempfile_in(folder).map(drop))
        .map_err(|error| unwritable(folder, error))
}

fn unwritable(folder: &Path, error: io::Error) -> String {
    format!(
        "nothing can be written to {}: {error}; name another folder with --out",
        folder.display()
    )
}

/// `mpirun -n 4 mnist train`: the first process talks and writes, the others learn with it.
#[cfg(feature = "mpi")]
mod shared {
    use neurons::engine::mpi::Ranks;
    use neurons::mnist::Precision;
    use neurons::trainer::checkpoint::{encode, parse};

    use super::*;

    pub fn run(options: &Train, ranks: &Ranks) -> Done {
        if ranks.rank() > 0 {
            terminal::be_quiet();
        }
        learn(options, ranks).or_else(|error| {
            crate::complain(&error);
            ranks.abort(1)
        })
    }

    fn learn(options: &Train, ranks: &Ranks) -> Done {
        if options.repeat.is_some() {
            return Err(
                "--repeat does not work with mpirun: leave out one of them"
                    .into(),
            );
        }
        let sets = sets(options)?;
        let mut checkpoints = None;
        let mut bytes = vec![];
        if ranks.rank() == 0 {
            writable(&options.out)?;
            let training = match (&options.resume, &options.checkpoint) {
                (Some(folder), _) => {
                    let (opened, found) = newest(folder)?;
                    checkpoints = Some(opened);
                    resumed(found, &sets)?
                }
                (None, folder) => {
                    if let Some(folder) = folder {
                        checkpoints = Some(Checkpoints::begin(folder)?);
                    }
                    Training::new(options.choices.recipe())
                }
            };
            // The parts of a gradient are added in f64.
            let recipe = Recipe {
                precision: Precision::F64,
                ..training.recipe.clone()
            };
            bytes =
                encode(&Training { recipe, ..training }, &sets.fingerprint);
            say!("{} processes share every mini-batch.\n", ranks.size());
        }
        ranks.share(&mut bytes);
        let (mut training, digits) = parse(&bytes)?;
        if digits != sets.fingerprint {
            return Err(
                "the processes have different digits: give --data a folder that all of them can read"
                    .into(),
            );
        }
        // When one process dies, mpirun ends the others.
        let folder = checkpoints
            .as_ref()
            .map(|checkpoints| checkpoints.folder().to_owned());
        let talks = ranks.rank() == 0;
        ctrlc::set_handler(move || {
            if talks {
                let rest = match &folder {
                    Some(folder) => format!(
                        "the last checkpoint is whole, go on from it with --resume {}",
                        quoted(folder)
                    ),
                    None => {
                        "there is no checkpoint, so it has to begin again"
                            .into()
                    }
                };
                crate::complain(&format!(
                    "the run was ended, or one of its processes was; {rest}"
                ));
            }
            // mpirun needs a moment to print the sentence.
            std::thread::sleep(std::time::Duration::from_millis(500));
            std::process::exit(INTERRUPTED);
        })?;
        if talks {
            return one(
                options,
                training,
                &sets,
                &options.out,
                checkpoints,
                Way::Shared(ranks),
            )
            .map(drop);
        }
        let (train, validation) = (&sets.train, &sets.validation);
        let watch = |_: &Training, _| ControlFlow::Continue(());
        let _ = ranks.go_on(
            &mut training,
            train,
            validation,
            |_| false,
            watch,
        )?;
        Ok(())
    }
}
