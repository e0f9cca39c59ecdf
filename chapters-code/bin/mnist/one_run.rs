//! One run of `mnist train`: it is trained, kept in its folder, and told on the terminal.

use std::error::Error;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use neurons::engine;
use neurons::mnist::{
    Diverged, Pause, Recipe, Training, binomial_error, confusions,
};
use neurons::ndarray::Array2;
use neurons::trainer::checkpoint::Checkpoints;
use neurons::trainer::model_file::Model;
use neurons::trainer::number_text::grouped;
use neurons::trainer::published_recipes::{Published, published_of};
use neurons::trainer::recipe_text::in_words;
use neurons::trainer::report::report;
use neurons::trainer::run_digits::RunDigits;
use neurons::trainer::run_folder::{
    CHECKPOINTS, FinishedRun, MODEL, save_metrics,
};
use neurons::trainer::test_result::test_sentence;
use serde_json::json;

use crate::interrupts::{Interrupted, asked_to_end};
use crate::options::Train;
use crate::progress::Progress;
use crate::terminal::{say, tell, wrapped};
use crate::test::say_mistakes;

/// Takes the steps of a run to its end, or until the last argument breaks it off. That looks on
/// after every step for which the last but one returns true, and after every epoch.
pub type TakeSteps<'a> = dyn Fn(
        &mut Training,
        &RunDigits,
        &mut dyn FnMut(&Training) -> bool,
        &mut dyn FnMut(&Training, Pause) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Diverged>
    + 'a;

/// [`TakeSteps`] of this process alone.
pub fn by_engine(
    training: &mut Training,
    RunDigits { train, validation, .. }: &RunDigits,
    wanted: &mut dyn FnMut(&Training) -> bool,
    watch: &mut dyn FnMut(&Training, Pause) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Diverged> {
    engine::go_on(training, train, validation, wanted, watch)
}

/// Why training ends early: one sentence with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    #[error(
        "nothing can be written to {}: {error}; name another folder with --out",
        folder.display()
    )]
    Unwritable { folder: PathBuf, error: io::Error },
    #[error(
        "the cost is no longer a finite number in epoch {epoch}: the steps are too long; try the \
         rate of the recipe, {own:?}, in place of {rate:?}"
    )]
    RateAboveRecipe { epoch: usize, rate: f64, own: f64 },
    #[cfg(feature = "mpi")]
    #[error("--repeat does not work with mpirun: leave out one of them")]
    RepeatWithMpi,
    #[cfg(feature = "mpi")]
    #[error(
        "the processes have different digits: give --data a folder that all of them can read"
    )]
    DifferentDigits,
}

impl TrainError {
    pub fn unwritable(folder: &Path) -> impl Fn(io::Error) -> Self {
        |error| TrainError::Unwritable { folder: folder.into(), error }
    }
}

/// What is needed for a run.
pub struct OneRun<'a> {
    pub options: &'a Train,
    pub digits: &'a RunDigits,
    /// The folder that it is kept in.
    pub out: &'a Path,
    pub take_steps: &'a TakeSteps<'a>,
}

/// A finished run and what is in its folder.
struct KeptRun {
    run: FinishedRun,
    model: Model,
    model_path: PathBuf,
    report_path: PathBuf,
    /// How often each test digit was read as which.
    counts: Array2<usize>,
    published: Option<Published>,
    /// How many steps it took.
    steps: u64,
}

impl OneRun<'_> {
    /// Makes the run from its present state to its end.
    pub fn make(
        &self,
        training: Training,
        checkpoints: Option<Checkpoints>,
    ) -> Result<FinishedRun, Box<dyn Error>> {
        let kept = self.keep(self.train(training, checkpoints)?)?;
        self.tell(&kept);
        Ok(kept.run)
    }

    /// Trains to the end, or returns [`Interrupted`] after it saved a checkpoint.
    fn train(
        &self,
        mut training: Training,
        checkpoints: Option<Checkpoints>,
    ) -> Result<Training, Box<dyn Error>> {
        let RunDigits { train, validation, test, .. } = self.digits;
        let recipe = format!(
            "Recipe: {}; {} pictures to train on, {} to validate, {} to test.",
            in_words(&training.recipe),
            grouped(train.len()),
            grouped(validation.len()),
            grouped(test.len()),
        );
        say!("{}\n", wrapped(&recipe));
        let fingerprint = self.digits.fingerprint();
        // Better to know before training than after it that nothing can be saved.
        if let Some(checkpoints) = &checkpoints
            && training.memory.steps == 0
        {
            checkpoints.save(&training, &fingerprint)?;
        }
        match self.take_steps(&mut training, checkpoints.as_ref())? {
            ControlFlow::Continue(()) => Ok(training),
            ControlFlow::Break(()) => {
                let checkpoints = match checkpoints {
                    Some(checkpoints) => checkpoints,
                    None => {
                        Checkpoints::replace(&self.out.join(CHECKPOINTS))?
                    }
                };
                checkpoints.save(&training, &fingerprint)?;
                let folder = checkpoints.folder();
                Err(Interrupted::new(
                    self.options,
                    &training,
                    folder,
                    self.out,
                )
                .into())
            }
        }
    }

    /// Takes the steps. After each epoch, or a step that is due, writes a checkpoint, and shows
    /// how far the run is.
    fn take_steps(
        &self,
        training: &mut Training,
        checkpoints: Option<&Checkpoints>,
    ) -> Result<ControlFlow<()>, Box<dyn Error>> {
        let pictures = self.digits.train.len();
        let mut progress =
            Progress::new(training, pictures, self.options.quiet)?;
        let bar = progress.bar();
        let fingerprint = self.digits.fingerprint();
        let mut wanted = |training: &Training| {
            let done = training.steps * training.recipe.batch;
            bar.set_position(done.min(pictures) as u64);
            let steps = training.memory.steps;
            let due = self
                .options
                .checkpoint_steps
                .is_some_and(|every| steps.is_multiple_of(every));
            due || asked_to_end()
        };
        let mut watch = |training: &Training, pause| {
            if pause == Pause::Epoch {
                let epoch = training.epochs.last();
                progress.end_epoch(epoch.expect("an epoch is done"));
                if let Err(error) = save_metrics(&training.epochs, self.out)
                {
                    let error = TrainError::unwritable(self.out)(error);
                    progress.warn(&error);
                }
            }
            if let Some(checkpoints) = checkpoints
                && let Err(error) = checkpoints.save(training, &fingerprint)
            {
                progress.warn(&format_args!(
                    "{error}; training goes on, and the earlier ones are still there"
                ));
            }
            match asked_to_end() {
                false => ControlFlow::Continue(()),
                true => ControlFlow::Break(()),
            }
        };
        let done = (self.take_steps)(
            training,
            self.digits,
            &mut wanted,
            &mut watch,
        );
        progress.end();
        done.map_err(|diverged| self.advice(diverged))
    }

    /// What to do after a run that diverged: if its rate was chosen, and is larger than that of
    /// its recipe, take the recipe's.
    fn advice(&self, diverged: Diverged) -> Box<dyn Error> {
        let choices = &self.options.choices;
        let own = choices
            .published()
            .map_or_else(Recipe::book, |known| known.recipe)
            .rate;
        let Diverged { epoch, rate } = diverged;
        match choices.rate {
            Some(_) if rate > own => {
                TrainError::RateAboveRecipe { epoch, rate, own }.into()
            }
            _ => diverged.into(),
        }
    }

    /// Writes the model, `run.json`, `metrics.csv` and `report.html`.
    fn keep(&self, training: Training) -> Result<KeptRun, Box<dyn Error>> {
        let RunDigits { test, source, sha256, .. } = self.digits;
        let recipe = training.recipe.clone();
        let network = training.chosen().clone();
        let model = Model { network, objective: recipe.objective };
        let model_path = self.out.join(MODEL);
        model.save(&model_path)?;
        let counts = confusions(&model.network, test);
        let name = self.options.choices.recipe.as_deref();
        let published = published_of(&recipe, name);
        let run = FinishedRun {
            version: env!("CARGO_PKG_VERSION").into(),
            name: published.as_ref().map_or("", |known| known.name).into(),
            recipe,
            data: source.name().into(),
            sha256: sha256.clone(),
            pictures: self.digits.pictures(),
            threads: rayon::current_num_threads(),
            chosen: training
                .best
                .as_ref()
                .map_or(training.epochs.len(), |(epoch, _)| *epoch),
            epochs: training.epochs,
            test: counts.diag().sum() as f64 / counts.sum() as f64,
            published: published
                .as_ref()
                .map(|known| (known.accuracy, known.source.to_string())),
        };
        let report_path = self.out.join("report.html");
        let html = report(&run, &model, test)?;
        run.save(self.out)
            .and_then(|()| fs::write(&report_path, html))
            .map_err(TrainError::unwritable(self.out))?;
        let steps = training.memory.steps;
        Ok(KeptRun {
            run,
            model,
            model_path,
            report_path,
            counts,
            published,
            steps,
        })
    }

    /// Prints the result, and the published one beside it; with --json as JSON too.
    fn tell(&self, kept: &KeptRun) {
        let KeptRun { run, model, counts, .. } = kept;
        let test = &self.digits.test;
        if run.chosen < run.epochs.len() {
            say!(
                "\nThe network of epoch {} is kept: it was the best at the validation pictures.",
                run.chosen
            );
        }
        let result = test_sentence(model, test, counts, Some(kept.steps));
        tell!("\n{}", wrapped(&result));
        if let Some(known) = &kept.published {
            let published = format!(
                "Published: {} % by {} {}",
                known.accuracy, known.source, known.differs
            );
            tell!("{}", wrapped(&published));
        }
        say!("");
        say_mistakes(model, test, counts);
        say!("The model:  {}", kept.model_path.display());
        say!("The report: {}", kept.report_path.display());
        if self.options.common.json {
            tell!("{}", self.json(kept));
        }
    }

    fn json(&self, kept: &KeptRun) -> serde_json::Value {
        let run = &kept.run;
        let last = run.epochs.last();
        json!({
            "data": run.data,
            "seed": run.recipe.seed,
            "recipe": run.recipe,
            "epochs": run.epochs.len(),
            "chosen_epoch": run.chosen,
            "training_cost": last.map(|epoch| epoch.cost),
            "validation_accuracy": run.epochs[run.chosen - 1].validation,
            "test_accuracy": run.test,
            "binomial_error": binomial_error(run.test, self.digits.test.len()),
            "published": run.published,
            "seconds": last.map(|epoch| epoch.seconds),
            "model": kept.model_path,
            "report": kept.report_path,
            "version": run.version,
        })
    }
}
