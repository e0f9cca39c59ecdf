//! `mnist compare`: settings and results of several runs.

use std::fs;
use std::path::Path;

use neurons::trainer::compare_runs::{
    Group, chosen, groups, groups_side_by_side, runs_in, side_by_side,
    test_error, verdict,
};
use neurons::trainer::report;
use neurons::trainer::run_folder::Run;
use serde_json::{Value, json};

use crate::Done;
use crate::options::Compare;
use crate::terminal::{WIDTH, tell, wrapped};

pub fn run(options: &Compare) -> Done {
    let mut named = Vec::new();
    for folder in &options.dirs {
        named.extend(runs_in(folder)?);
    }
    tell(&named, &options.out, options.json)
}

/// Prints how the runs differ, and writes a page about it.
pub fn tell(named: &[(String, Run)], page: &Path, json: bool) -> Done {
    let runs: Vec<Run> = named.iter().map(|(_, run)| run.clone()).collect();
    tell!("{}", side_by_side(named).text(WIDTH));
    if let Some(groups) = groups_side_by_side(&runs) {
        tell!("Test accuracy over the seeds:\n\n{}", groups.text(WIDTH));
    }
    let verdict = verdict(&runs);
    if let Some(verdict) = &verdict {
        tell!("{}\n", wrapped(verdict));
    }
    let html = report::compare(named)?;
    let folder = page.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).and_then(|()| fs::write(page, html)).map_err(|error| {
        format!(
            "{} cannot be written: {error}; name another file with --out",
            page.display()
        )
    })?;
    tell!("The page: {}", page.display());
    if json {
        let runs_json: Vec<_> =
            named.iter().map(|(name, run)| summary(name, run)).collect();
        let groups: Vec<_> = groups(&runs)
            .iter()
            .map(|group| spread(group, named))
            .collect();
        tell!(
            "{}",
            json!({
                "runs": runs_json,
                "groups": groups,
                "verdict": verdict,
                "page": page,
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
    }
    Ok(())
}

fn summary(name: &str, run: &Run) -> Value {
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
}

fn spread(group: &Group, named: &[(String, Run)]) -> Value {
    let names: Vec<_> = group.runs.iter().map(|&at| &named[at].0).collect();
    json!({
        "runs": names,
        "mean": group.test.mean,
        "sd": group.test.sd,
        "least": group.test.least,
        "most": group.test.most,
        "binomial_error": group.error,
    })
}
