//! Comparison of several runs: their settings, and how far apart their results are.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array1;
use serde_json::{Value, json};

use crate::mnist::{Epoch, Recipe, binomial_error};
use crate::trainer::number_text::{
    dashed, grouped, percent, points, short_cost, with_error,
};
use crate::trainer::run_folder::{FinishedRun, RunError};
use crate::trainer::text_table::TextTable;

/// The runs in a folder, each with the name of its own folder: if there are folders `seed-1`,
/// `seed-2`, …, as `train --repeat` writes them, their runs in the order of the seeds; if not, the
/// run of the folder itself.
///
/// # Errors
/// [`RunError`] if there is none, or one of them cannot be read.
pub fn runs_in(
    folder: &Path,
) -> Result<Vec<(String, FinishedRun)>, RunError> {
    let seed = |path: PathBuf| -> Option<(u64, PathBuf)> {
        let number = path
            .file_name()?
            .to_str()?
            .strip_prefix("seed-")?
            .parse()
            .ok()?;
        path.is_dir().then_some((number, path))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut seeds: Vec<_> =
        entries.filter_map(|entry| seed(entry.path())).collect();
    seeds.sort();
    if seeds.is_empty() {
        seeds.push((0, folder.into()));
    }
    let run = |(_, path): (u64, PathBuf)| {
        Ok((path.display().to_string(), FinishedRun::load(&path)?))
    };
    seeds.into_iter().map(run).collect()
}

/// The settings of a run, name and value: the recipe, and the digits.
///
/// ```
/// # use neurons::{mnist::Recipe, trainer::run_folder::FinishedRun};
/// use neurons::trainer::compare_runs::settings;
/// # let run = FinishedRun { version: String::new(), name: String::new(), recipe: Recipe::book(),
/// #     data: "mnist".into(), sha256: [].into(), pictures: [].into(), threads: 1,
/// #     epochs: vec![], chosen: 0, test: 0.95, published: None };
/// assert!(settings(&run).contains(&("layers", "784-16-16-10".into())));
/// assert!(settings(&run).contains(&("rate", "0.1".into())));
/// ```
pub fn settings(run: &FinishedRun) -> Vec<(&'static str, String)> {
    // Field by field, so that the compiler finds a new field that is missing here.
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
    } = &run.recipe;
    let mut settings = vec![
        ("layers", dashed(sizes)),
        ("start", start.to_string()),
        ("activation", activation.to_string()),
        ("cost", objective.to_string()),
        ("epochs", epochs.to_string()),
        ("batch", batch.to_string()),
        ("rate", format!("{rate:?}")),
        ("schedule", schedule.to_string()),
        ("optimiser", optimiser.to_string()),
        ("l2", format!("{l2:?}")),
        (
            "patience",
            patience.map_or("none".into(), |epochs| epochs.to_string()),
        ),
        ("distortion", distortion.to_string()),
        ("precision", precision.to_string()),
        (SEED, seed.to_string()),
        ("data", run.data.clone()),
    ];
    for (name, part) in PARTS {
        if let Some(pictures) = run.pictures.get(part) {
            settings.push((name, grouped(*pictures)));
        }
    }
    settings
}

const SEED: &str = "seed";
/// Settings for the number of pictures in each part of the digits.
const PARTS: [(&str, &str); 3] = [
    ("training pictures", "train"),
    ("validation pictures", "validation"),
    ("test pictures", "test"),
];

/// The epoch of a run whose network was kept.
pub fn chosen(run: &FinishedRun) -> Option<&Epoch> {
    run.epochs.iter().find(|epoch| epoch.number == run.chosen)
}

/// The binomial error of the test accuracy, if the number of test pictures is known.
pub fn test_error(run: &FinishedRun) -> Option<f64> {
    let n = *run.pictures.get("test")?;
    (n > 0).then(|| binomial_error(run.test, n))
}

/// The settings that differ between the runs: name, and the value for each run, `–` where a run has
/// none.
pub fn differences(
    runs: &[FinishedRun],
) -> Vec<(&'static str, Vec<String>)> {
    let all: Vec<_> = runs.iter().map(settings).collect();
    let mut names: Vec<&'static str> = Vec::new();
    for (name, _) in all.iter().flatten() {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let of = |name| {
        let text = |settings: &Vec<(&str, String)>| {
            let found = settings.iter().find(|(other, _)| *other == name);
            found.map_or("–".to_string(), |(_, text)| text.clone())
        };
        (name, all.iter().map(text).collect::<Vec<_>>())
    };
    let varies = |(_, texts): &(_, Vec<String>)| {
        texts.iter().any(|t| *t != texts[0])
    };
    names.into_iter().map(of).filter(varies).collect()
}

/// Mean, standard deviation, least and most of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// How many numbers.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// √(Σ (x − mean)² / (n − 1)): their standard deviation, if there are at least two.
    pub sd: Option<f64>,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// The spread of `numbers`, if there are any.
    ///
    /// ```
    /// use neurons::trainer::compare_runs::Spread;
    /// let spread = Spread::of(&[2.0, 4.0, 9.0]).unwrap();
    /// assert_eq!((spread.mean, spread.least, spread.most), (5.0, 2.0, 9.0));
    /// approx::assert_relative_eq!(spread.sd.unwrap(), 13_f64.sqrt()); // (9 + 1 + 16) / 2
    /// assert_eq!(Spread::of(&[2.0]).unwrap().sd, None);
    /// ```
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let all = Array1::from(numbers.to_vec());
        let n = all.len();
        Some(Spread {
            n,
            mean: all.mean()?,
            sd: (n > 1).then(|| all.std(1.0)),
            least: all.fold(f64::INFINITY, |least, x| least.min(*x)),
            most: all.fold(f64::NEG_INFINITY, |most, x| most.max(*x)),
        })
    }
}

/// Runs that differ in their seed only.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Their places in the list of runs.
    pub runs: Vec<usize>,
    /// Their test accuracies, from 0 to 1.
    pub test: Spread,
    /// The binomial error of one test at their mean accuracy, if the number of test pictures is
    /// known.
    pub error: Option<f64>,
}

/// The runs in groups that differ in the seed only, in the order of their first runs.
pub fn groups(runs: &[FinishedRun]) -> Vec<Group> {
    let key = |run: &FinishedRun| {
        let but_seed =
            settings(run).into_iter().filter(|(name, _)| *name != SEED);
        (but_seed.collect::<Vec<_>>(), run.sha256.clone())
    };
    let mut groups: Vec<(_, Vec<usize>)> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let key = key(run);
        match groups.iter_mut().find(|(other, _)| *other == key) {
            Some((_, group)) => group.push(at),
            None => groups.push((key, vec![at])),
        }
    }
    let group = |(_, places): (_, Vec<usize>)| {
        let tests: Vec<f64> =
            places.iter().map(|&at| runs[at].test).collect();
        let test = Spread::of(&tests)?;
        let n = runs[places[0]]
            .pictures
            .get("test")
            .copied()
            .filter(|&n| n > 0);
        let error = n.map(|n| binomial_error(test.mean, n));
        Some(Group { runs: places, test, error })
    };
    groups.into_iter().filter_map(group).collect()
}

/// Conclusions from the test accuracies of the runs, and their limits, in a few sentences; `None` if
/// no two runs can be compared.
///
/// ```
/// # use neurons::{mnist::Recipe, trainer::run_folder::FinishedRun};
/// # let run = |seed, test| FinishedRun { version: String::new(), name: String::new(),
/// #     recipe: Recipe { seed, ..Recipe::book() }, data: "mnist".into(), sha256: [].into(),
/// #     pictures: [("test".into(), 10_000)].into(), threads: 1, epochs: vec![], chosen: 0, test,
/// #     published: None };
/// use neurons::trainer::compare_runs::verdict;
/// let verdict = verdict(&[run(1, 0.950), run(2, 0.954)]).unwrap();
/// assert!(verdict.starts_with("2 seeds: mean 95.20 %, s.d. 0.28 points"), "{verdict}");
/// ```
pub fn verdict(runs: &[FinishedRun]) -> Option<String> {
    let groups = groups(runs);
    match groups.as_slice() {
        [group] if repeats_a_seed(runs, group) => Some(
            "All settings are the same, and a seed occurs twice: such runs are the same run, and \
             say nothing about the spread. Give each run its own --seed."
                .into(),
        ),
        [group] => over_seeds(group),
        [one, other] => between(runs, one, other),
        _ => None,
    }
}

fn repeats_a_seed(runs: &[FinishedRun], group: &Group) -> bool {
    let mut seeds: Vec<u64> =
        group.runs.iter().map(|&at| runs[at].recipe.seed).collect();
    seeds.sort_unstable();
    seeds.windows(2).any(|pair| pair[0] == pair[1])
}

fn over_seeds(group: &Group) -> Option<String> {
    let Spread { n, mean, sd, least, most } = group.test;
    let sd = sd?;
    let numbers = format!(
        "{n} seeds: mean {}, s.d. {} points, range {} to {}",
        percent(mean),
        points(sd),
        percent(least),
        percent(most),
    );
    let Some(error) = group.error else {
        return Some(format!("{numbers}."));
    };
    let beside = if sd > error {
        "The spread over the seeds is larger than that: one run says less about its recipe than \
         its binomial error suggests."
    } else {
        "The spread over the seeds is not larger than that: the choice of test pictures blurs the \
         result at least as much as the seed."
    };
    Some(format!(
        "{numbers}; the binomial error of one test is {} points. {beside}",
        points(error)
    ))
}

fn between(
    runs: &[FinishedRun],
    one: &Group,
    other: &Group,
) -> Option<String> {
    let (a, b) = (&runs[one.runs[0]], &runs[other.runs[0]]);
    if a.data != b.data || a.sha256.get("test") != b.sha256.get("test") {
        return Some(
            "The runs were tested on different pictures, so their accuracies cannot be compared."
                .into(),
        );
    }
    let mut pair = vec![a.clone(), b.clone()];
    pair[1].recipe.seed = a.recipe.seed;
    let differ = differences(&pair);
    let [(name, values)] = differ.as_slice() else { return None };
    let n = *a.pictures.get("test")?;
    let (low, high) = (one.test.mean, other.test.mean);
    let apart = (low - high).abs();
    let error = binomial_error(0.5 * (low + high), n);
    let many =
        |n| if n == 1 { "1 run".into() } else { format!("{n} runs") };
    let errors = if error > 0.0 {
        format!(", {:.1} binomial errors of one test", apart / error)
    } else {
        String::new()
    };
    Some(format!(
        "{name} {} ({}) has a mean test accuracy of {}, {name} {} ({}) of {}: {} points \
         apart{errors}. This error covers the choice of test pictures only, and both read the same \
         pictures. To see whether the difference repeats, run more seeds of each.",
        values[0],
        many(one.test.n),
        percent(low),
        values[1],
        many(other.test.n),
        percent(high),
        points(apart),
    ))
}

/// The runs side by side: name, the settings that differ, epochs, training cost, validation and
/// test accuracy of the network that was kept.
pub fn side_by_side(runs: &[(String, FinishedRun)]) -> TextTable {
    let (names, runs): (Vec<_>, Vec<_>) = runs.iter().cloned().unzip();
    let differ = differences(&runs);
    let chosen_epoch =
        |run: &FinishedRun| match (run.chosen, run.epochs.len()) {
            (chosen, done) if chosen == done => done.to_string(),
            (chosen, done) => format!("{chosen} of {done}"),
        };
    let titles = ["run"]
        .into_iter()
        // The number of epochs that were done has its own column.
        .chain(differ.iter().map(|(name, _)| {
            if *name == "epochs" { "asked" } else { name }
        }))
        .chain(["epochs", "cost", "validation", "test"]);
    let row = |(at, (name, run)): (usize, (&String, &FinishedRun))| {
        let kept = chosen(run);
        let number =
            |text: &dyn Fn(&Epoch) -> String| kept.map_or("–".into(), text);
        std::iter::once(name.clone())
            .chain(differ.iter().map(|(_, texts)| texts[at].clone()))
            .chain([
                chosen_epoch(run),
                number(&|epoch| short_cost(epoch.cost)),
                number(&|epoch| percent(epoch.validation)),
                with_error(run.test, test_error(run)),
            ])
            .collect()
    };
    TextTable {
        titles: titles.map(String::from).collect(),
        rows: names.iter().zip(&runs).enumerate().map(row).collect(),
    }
}

/// The groups side by side, if one of them has at least two runs: the settings that differ, the
/// number of runs, mean, standard deviation and range of the test accuracy, and its binomial error.
pub fn groups_side_by_side(runs: &[FinishedRun]) -> Option<TextTable> {
    let groups = groups(runs);
    if groups.iter().all(|group| group.runs.len() == 1) {
        return None;
    }
    let mut differ = differences(runs);
    differ.retain(|(name, _)| *name != SEED);
    let titles = differ.iter().map(|(name, _)| *name).chain([
        "runs",
        "mean",
        "s.d.",
        "range",
        "binomial error",
    ]);
    let row = |group: &Group| {
        let Spread { n, mean, sd, least, most } = group.test;
        let or_none = |p: Option<f64>| p.map_or("–".into(), points);
        differ
            .iter()
            .map(|(_, texts)| texts[group.runs[0]].clone())
            .chain([
                n.to_string(),
                percent(mean),
                or_none(sd),
                format!("{} – {} %", points(least), points(most)),
                or_none(group.error),
            ])
            .collect()
    };
    Some(TextTable {
        titles: titles.map(String::from).collect(),
        rows: groups.iter().map(row).collect(),
    })
}

/// The settings in which a group or a run differs from the others, for a legend.
pub fn label(differ: &[(&'static str, Vec<String>)], at: usize) -> String {
    let parts: Vec<String> = differ
        .iter()
        .map(|(name, texts)| format!("{name} {}", texts[at]))
        .collect();
    parts.join(", ")
}

/// The runs as JSON: each with its recipe and its results, and the groups that differ in the seed
/// only with their spread.
pub fn runs_as_json(named: &[(String, FinishedRun)]) -> (Value, Value) {
    let (names, runs): (Vec<_>, Vec<_>) = named.iter().cloned().unzip();
    let run = |(name, run): &(String, FinishedRun)| {
        let kept = chosen(run);
        json!({
            "run": name,
            "data": run.data,
            "recipe": run.recipe,
            "epochs": run.epochs.len(),
            "chosen": run.chosen,
            "training_cost": kept.map(|epoch| epoch.cost),
            "validation_accuracy": kept.map(|epoch| epoch.validation),
            "test_accuracy": run.test,
            "binomial_error": test_error(run),
        })
    };
    let group = |Group { runs, test, error }: &Group| {
        json!({
            "runs": runs.iter().map(|&at| &names[at]).collect::<Vec<_>>(),
            "mean": test.mean,
            "sd": test.sd,
            "least": test.least,
            "most": test.most,
            "binomial_error": error,
        })
    };
    (
        named.iter().map(run).collect(),
        groups(&runs).iter().map(group).collect(),
    )
}
