//! Pages about training runs: `report.html` of one run, and `compare.html` of several. Their
//! numbers come from [`readings`](crate::trainer::readings) and
//! [`compare_runs`](crate::trainer::compare_runs).

use std::error::Error;

use maud::{Markup, html};

use crate::mnist::{Epoch, Objective, binomial_error, confusions};
use crate::ndarray::Array2;
use crate::pixels::{CLASSES, Digits};
use crate::trainer::compare_runs::{
    Group, chosen, differences, groups, groups_side_by_side, label,
    settings, side_by_side, verdict,
};
use crate::trainer::model_file::Model;
use crate::trainer::number_text::{
    dashed, grouped, percent, points, short_cost, with_error,
};
use crate::trainer::readings::{
    Bin, ReadPicture, expected_calibration_error, mistakes, most_confused,
    read_pictures, reliability,
};
use crate::trainer::run_folder::FinishedRun;
use crate::trainer::text_table::TextTable;

mod curves;
mod page;
mod pictures;

use curves::{Curve, Look};
use page::{drawing, figure, list, numbers, page, table};

/// How many of the most confident mistakes a report shows.
pub const MISTAKES: usize = 20;

/// The page about one run: its test accuracy, its settings, how it learned, what it confuses, what
/// its first layer looks for, its most confident mistakes, and how reliable its confidence is.
/// `test` are the pictures on which `run.test` was measured.
///
/// ```
/// # use neurons::{mnist::{Objective, Recipe}, trainer::model_file::Model, pixels::Digits, trainer::run_folder::FinishedRun};
/// # let run = FinishedRun { version: "0.1.0".into(), name: String::new(), recipe: Recipe::book(),
/// #     data: "synthetic".into(), sha256: [].into(), pictures: [].into(), threads: 1,
/// #     epochs: vec![], chosen: 0, test: 0.1, published: None };
/// let model = Model { network: run.recipe.network(), objective: Objective::Softmax };
/// let page = neurons::trainer::report::report(&run, &model, &Digits::handwriting(20, 1))?;
/// assert!(page.contains("784-16-16-10"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a figure cannot be drawn, or there is no test picture.
pub fn report(
    run: &FinishedRun,
    model: &Model,
    test: &Digits,
) -> Result<String, Box<dyn Error>> {
    if test.is_empty() {
        return Err(
            "a report needs test pictures: name data that has some".into(),
        );
    }
    let readings = read_pictures(model, test);
    let counts = confusions(&model.network, test);
    let body = html! {
        (result(run, &counts))
        nav aria-label="Contents" {
            ul .key {
                @for (id, heading) in CONTENTS {
                    @if id != LEARNING.0 || !run.epochs.is_empty() {
                        li { a href={ "#" (id) } { (heading) } }
                    }
                }
            }
        }
        (asked(run))
        @if !run.epochs.is_empty() { (learning(run)?) }
        (confused(&counts)?)
        (listened(model))
        (mistaken(&readings, test))
        (calibration(&readings, model.objective)?)
    };
    let name = if run.name.is_empty() {
        "A network that reads digits"
    } else {
        &run.name
    };
    Ok(page(&format!("{name}: {}", dashed(&run.recipe.sizes)), &body))
}

/// Identifier and heading of each section of a report.
const CONTENTS: [(&str, &str); 6] =
    [DONE, LEARNING, CONFUSIONS, WEIGHTS, MISTAKEN, CALIBRATION];
const DONE: (&str, &str) = ("done", "What was done");
const LEARNING: (&str, &str) = ("learning", "How it learned");
const CONFUSIONS: (&str, &str) = ("confusions", "What it confuses");
const WEIGHTS: (&str, &str) =
    ("weights", "What its first layer listens to");
const MISTAKEN: (&str, &str) = ("mistakes", "Its most confident mistakes");
const CALIBRATION: (&str, &str) =
    ("calibration", "Whether confident answers are right");

/// The test accuracy, and the published figure beside it.
fn result(run: &FinishedRun, counts: &Array2<usize>) -> Markup {
    let n = counts.sum();
    let error = binomial_error(run.test, n);
    let right = (run.test * n as f64).round();
    let constant =
        counts.columns().into_iter().position(|column| column.sum() == n);
    html! {
        p .result { (percent(run.test)) " " small { "± " (points(error)) " %" } }
        p {
            "Test accuracy: it read " (grouped(right as usize)) " of " (grouped(n)) " pictures \
            correctly. It had never seen them, and they were used once. ± is the binomial error: \
            one standard deviation of the accuracy over other random samples of " (grouped(n))
            " pictures."
        }
        @if run.data != "mnist" {
            p { "These pictures are not MNIST’s, so this is not an accuracy on MNIST." }
        }
        @if let Some(digit) = constant {
            p {
                "It reads every digit as " (digit) ", whatever it sees: it has learned \
                nothing. Try a smaller learning rate, or more epochs."
            }
        }
        @if let Some((accuracy, source)) = &run.published {
            @let apart = 100.0 * run.test - accuracy;
            (list("Beside what was published", &[
                ("this run", with_error(run.test, Some(error))),
                ("published", format!("{accuracy:.2} %")),
                ("difference", format!("{apart:+.2} points").replace('-', "−")),
                ("source", source.clone()),
            ]))
        }
    }
}

/// The settings of the run, and where it ran.
fn asked(run: &FinishedRun) -> Markup {
    let mut recipe = settings(run);
    let seed = recipe
        .iter()
        .position(|(name, _)| *name == "seed")
        .unwrap_or(recipe.len());
    let mut facts = recipe.split_off(seed);
    facts.push(("threads", run.threads.to_string()));
    if let Some(last) = run.epochs.last() {
        facts.push(("seconds", format!("{:.1}", last.seconds)));
    }
    facts.push(("version", run.version.clone()));
    html! {
        h2 id=(DONE.0) { (DONE.1) }
        div .panels { div { (list("Recipe", &recipe)) } div { (list("Run", &facts)) } }
    }
}

fn learning(run: &FinishedRun) -> Result<Markup, Box<dyn Error>> {
    let look = Look::number(0);
    let earlier =
        chosen(run).filter(|kept| kept.number != run.epochs.len());
    let mark = earlier.map(|kept| kept.number);
    let cost = [Curve::of(&run.epochs, |epoch| epoch.cost, look)];
    let validation = [Curve::of(&run.epochs, validated, look)];
    let range = |text: &dyn Fn(&Epoch) -> String| {
        let (first, last) = (run.epochs.first(), run.epochs.last());
        format!(
            "From {} after the first epoch to {} after epoch {}.",
            first.map_or(String::new(), text),
            last.map_or(String::new(), text),
            run.epochs.len(),
        )
    };
    let body = html! {
        div .panels {
            (drawing(&curves::costs(&cost, mark)?, "cost", "The training cost over the epochs",
                &range(&|epoch| short_cost(epoch.cost))))
            (drawing(&curves::accuracies(&validation, mark)?, "validation",
                "The accuracy on the validation pictures over the epochs",
                &range(&|epoch| percent(epoch.validation))))
        }
        (numbers("Epoch by epoch", &epochs(&run.epochs)))
    };
    let stopped = match earlier {
        Some(kept) => format!(
            " The network of epoch {} was kept: it was the best at the validation pictures.",
            kept.number
        ),
        None => String::new(),
    };
    let caption = format!(
        "The cost is the mean over the training pictures, each measured just before the step that \
         used it. The accuracy is the share of the validation pictures, which it does not learn \
         from, that it reads correctly; its axis does not begin at 0. Where the accuracy stands \
         still or sinks while the cost falls on, the network begins to learn its pictures by \
         heart.{stopped}"
    );
    Ok(figure(LEARNING, &body, &caption))
}

/// The accuracy on the validation pictures, in percent, whatever a file says.
fn validated(epoch: &Epoch) -> f64 {
    (100.0 * epoch.validation).clamp(0.0, 100.0)
}

fn epochs(epochs: &[Epoch]) -> TextTable {
    let row = |epoch: &Epoch| {
        vec![
            epoch.number.to_string(),
            format!("{:.4}", epoch.rate),
            short_cost(epoch.cost),
            percent(epoch.validation),
            format!("{:.1}", epoch.seconds),
        ]
    };
    TextTable {
        titles: ["epoch", "rate", "training cost", "validation", "seconds"]
            .map(String::from)
            .into(),
        rows: epochs.iter().map(row).collect(),
    }
}

fn confused(counts: &Array2<usize>) -> Result<Markup, Box<dyn Error>> {
    let worst = most_confused(counts);
    let described = match worst.first() {
        Some((i, j, n)) => {
            format!(
                "The most frequent confusion: {i} read as {j}, {n} of {}.",
                grouped(counts.sum())
            )
        }
        None => "Nothing was confused.".into(),
    };
    let row = |&(i, j, n): &(usize, usize, usize)| {
        vec![format!("{i} read as {j}"), n.to_string()]
    };
    let most = TextTable {
        titles: vec!["confusion".into(), "times".into()],
        rows: worst.iter().take(10).map(row).collect(),
    };
    let digits = || (0..CLASSES).map(|digit| digit.to_string());
    let all = TextTable {
        titles: std::iter::once("the digit is".into())
            .chain(digits())
            .collect(),
        rows: digits()
            .zip(counts.rows())
            .map(|(digit, row)| {
                let counts = row.into_iter().map(|&n| grouped(n));
                std::iter::once(digit).chain(counts).collect()
            })
            .collect(),
    };
    let body = html! {
        div .panels {
            (drawing(&curves::confusion_matrix(counts)?, "matrix", "Confusion matrix", &described))
            div { (table("Most often confused", &most)) }
        }
        (numbers("Read as …", &all))
    };
    let caption = "Row: the true digit. Column: the answer. Blue, on the diagonal: right. Orange: \
                   wrong. Each colour is darkest where its number is largest.";
    Ok(figure(CONFUSIONS, &body, caption))
}

fn listened(model: &Model) -> Markup {
    let layer = &model.network.layers[0];
    let neurons = layer.w.nrows();
    let shown = if neurons > pictures::MOST_NEURONS {
        format!(
            " The first {} of {neurons} neurons are shown.",
            pictures::MOST_NEURONS
        )
    } else {
        String::new()
    };
    let caption = format!(
        "One picture for each neuron of the first layer, counted from 0 as in the book, and one \
         square for each weight. Ink on a blue, full square raises the neuron’s sum (+); ink on an \
         orange, striped square lowers it (−). The colours of each picture are scaled to its own \
         strongest weight, so two neurons cannot be compared by colour.{shown}"
    );
    figure(WEIGHTS, &pictures::weights(layer), &caption)
}

fn mistaken(readings: &[ReadPicture], test: &Digits) -> Markup {
    let wrong = mistakes(readings);
    let all = wrong.len();
    let shown: Vec<ReadPicture> = wrong.take(MISTAKES).collect();
    let caption = match all {
        0 => "It made no mistake.".into(),
        _ => format!(
            "The {} most confident of {} wrong answers, the most confident first: the true digit, \
             the answer, and its probability. Would you have read them?",
            shown.len(),
            grouped(all),
        ),
    };
    let body = pictures::digits(&shown, test);
    figure(MISTAKEN, &body, &caption)
}

fn calibration(
    readings: &[ReadPicture],
    objective: Objective,
) -> Result<Markup, Box<dyn Error>> {
    let bins = reliability(readings);
    let error = expected_calibration_error(&bins);
    let described = format!(
        "Expected calibration error: {}. The numbers are below.",
        percent(error)
    );
    let row = |bin: &Bin| {
        let ten = 10 * bin.number;
        vec![
            format!("{ten} – {} %", ten + 10),
            grouped(bin.pictures),
            percent(bin.confidence),
            percent(bin.accuracy),
            points(binomial_error(bin.accuracy, bin.pictures)),
        ]
    };
    let all = TextTable {
        titles: [
            "confidence",
            "pictures",
            "mean confidence",
            "right",
            "binomial error",
        ]
        .map(String::from)
        .into(),
        rows: bins.iter().map(row).collect(),
    };
    let body = html! {
        div .panels {
            (drawing(&curves::reliability_diagram(&bins)?, "reliability",
                "Accuracy over confidence", &described))
            (drawing(&curves::bin_sizes(&bins)?, "bins", "How many pictures are in each bin",
                "As a rule, most pictures are in the last bin. The numbers are below."))
        }
        (numbers("Bin by bin", &all))
    };
    let probability = match objective {
        Objective::Softmax => "",
        Objective::Quadratic | Objective::CrossEntropy => {
            " With this cost, confidence is the largest of ten outputs that do not add up to 1."
        }
    };
    let caption = format!(
        "The test pictures in ten bins by the network’s confidence in its answer. The curve is the \
         fraction of each bin that is right, with one binomial error up and down. On the dashed \
         line, the network is right as often as it claims; below the line it is too confident, \
         above it too cautious. The bars count the pictures of each bin; the point of a bin with \
         few pictures says little. The expected calibration error, the mean distance from the line \
         over all pictures, is {}.{probability}",
        percent(error),
    );
    Ok(figure(CALIBRATION, &body, &caption))
}

/// The most curves in one panel: the eye cannot tell more apart.
const MOST_CURVES: usize = 64;

/// The page about several runs, each with its name: the settings that differ, the learning curves,
/// the results, and how far apart they are.
///
/// ```
/// # use neurons::{mnist::Recipe, trainer::run_folder::FinishedRun};
/// # let run = |seed| FinishedRun { version: String::new(), name: String::new(),
/// #     recipe: Recipe { seed, ..Recipe::book() }, data: "mnist".into(), sha256: [].into(),
/// #     pictures: [("test".into(), 10_000)].into(), threads: 1, epochs: vec![], chosen: 0,
/// #     test: 0.95, published: None };
/// let page = neurons::trainer::report::compare(&[("a".into(), run(1)), ("b".into(), run(2))])?;
/// assert!(page.contains("<h1>2 runs beside each other</h1>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If a figure cannot be drawn, or there is no run.
pub fn compare(
    named: &[(String, FinishedRun)],
) -> Result<String, Box<dyn Error>> {
    let runs: Vec<FinishedRun> =
        named.iter().map(|(_, run)| run.clone()).collect();
    let Some(first) = runs.first() else {
        return Err(
            "there is no run to compare: name the folder of one".into()
        );
    };
    let differ = differences(&runs);
    let mut same = settings(first);
    same.retain(|(name, _)| differ.iter().all(|(other, _)| other != name));
    let body = html! {
        @if let Some(verdict) = verdict(&runs) { p { (verdict) } }
        @if let Some(groups) = groups_side_by_side(&runs) {
            (table("Test accuracy over the seeds", &groups))
        }
        h2 { "Run by run" }
        (table("Settings that differ, and results", &side_by_side(named)))
        p .quiet {
            "Cost and accuracies are those of the epoch whose network was kept; ± is the binomial \
            error of one test."
        }
        @if runs.iter().any(|run| !run.epochs.is_empty()) { (overlaid(named, &runs)?) }
        h2 { "What they have in common" }
        (list("Settings", &same))
    };
    let title = match runs.len() {
        1 => "1 run".into(),
        n => format!("{n} runs beside each other"),
    };
    Ok(page(&title, &body))
}

/// The learning curves on top of each other, with a look for each run, or for each group of runs if
/// there are groups.
fn overlaid(
    named: &[(String, FinishedRun)],
    runs: &[FinishedRun],
) -> Result<Markup, Box<dyn Error>> {
    let groups = groups(runs);
    let mut differ = differences(runs);
    // (name, runs) of each look.
    let looks: Vec<(String, Vec<usize>)> = if groups.len() == 1 {
        named
            .iter()
            .enumerate()
            .map(|(at, (name, _))| (name.clone(), vec![at]))
            .collect()
    } else {
        differ.retain(|(name, _)| *name != "seed");
        let look = |group: Group| match group.runs.as_slice() {
            [at] => (named[*at].0.clone(), group.runs),
            many => {
                let name = label(&differ, many[0]);
                (format!("{name} ({} runs)", many.len()), group.runs)
            }
        };
        groups.into_iter().map(look).collect()
    };
    let curves = |value: fn(&Epoch) -> f64| -> Vec<Curve> {
        let of = |(i, (_, runs_of)): (usize, &(String, Vec<usize>))| {
            let curve = |at: &usize| {
                Curve::of(&runs[*at].epochs, value, Look::number(i))
            };
            runs_of.iter().map(curve).collect::<Vec<_>>()
        };
        looks.iter().take(MOST_CURVES).enumerate().flat_map(of).collect()
    };
    let cost = curves::costs(&curves(|epoch| epoch.cost), None)?;
    let validation = curves::accuracies(&curves(validated), None)?;
    let described = "One curve for each run. The table has the results.";
    let body = html! {
        ul .key {
            @for (i, (name, _)) in looks.iter().take(MOST_CURVES).enumerate() {
                li { (Look::number(i).sample()) (name) }
            }
        }
        div .panels {
            (drawing(&cost, "cost", "The training costs over the epochs", described))
            (drawing(&validation, "validation",
                "The accuracies on the validation pictures over the epochs", described))
        }
    };
    let left_out = if looks.len() > MOST_CURVES {
        format!(" Only the first {MOST_CURVES} are drawn.")
    } else {
        String::new()
    };
    let caption = format!(
        "Cost: the mean over the training pictures in each epoch. Accuracy: the fraction of the \
         validation pictures that is read correctly; its axis does not begin at 0. Two different \
         costs cannot be compared with each other, accuracies can.{left_out}"
    );
    Ok(figure((LEARNING.0, "How they learned"), &body, &caption))
}
