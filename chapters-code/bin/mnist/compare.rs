//! `mnist compare`: settings and results of several runs.

use std::fs;
use std::path::Path;

use neurons::trainer::compare_runs::{
    groups_side_by_side, runs_as_json, runs_in, side_by_side, verdict,
};
use neurons::trainer::report;
use neurons::trainer::run_folder::FinishedRun;
use serde_json::json;

use crate::Done;
use crate::options::Compare;
use crate::terminal::{NotWritten, WIDTH, tell, wrapped};

pub fn run(options: &Compare) -> Done {
    let mut named = Vec::new();
    for folder in &options.dirs {
        named.extend(runs_in(folder)?);
    }
    show(&named, &options.out, options.json)
}

/// Prints how the runs differ, and writes a page about it.
pub fn show(
    named: &[(String, FinishedRun)],
    page: &Path,
    json: bool,
) -> Done {
    let runs: Vec<FinishedRun> =
        named.iter().map(|(_, run)| run.clone()).collect();
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
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(page, html))
        .map_err(NotWritten::file(page, "--out"))?;
    tell!("The page: {}", page.display());
    if json {
        let (runs, groups) = runs_as_json(named);
        tell!(
            "{}",
            json!({
                "runs": runs,
                "groups": groups,
                "verdict": verdict,
                "page": page,
                "version": env!("CARGO_PKG_VERSION"),
            })
        );
    }
    Ok(())
}
