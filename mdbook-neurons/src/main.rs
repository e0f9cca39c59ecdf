//! The command line of the book's plug-in.

use std::io::{stdin, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use mdbook_neurons::{notebooks, outputs, preprocess};

const USAGE: &str = "\
mdbook-neurons preprocess          read a book from mdBook and write it back
mdbook-neurons outputs [PAGE]…     put what the cells print into the pages
mdbook-neurons notebooks [PAGE]…   write the pages as notebooks";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let Some((command, pages)) = arguments.split_first() else { bail!("{USAGE}") };
    let changed = match command.as_str() {
        "preprocess" if pages.is_empty() => {
            return preprocess::preprocess(stdin().lock(), stdout().lock());
        }
        "outputs" => outputs::update(Path::new("."), pages)?,
        "notebooks" => notebooks::update(Path::new("."), pages)?,
        _ => bail!("{USAGE}"),
    };
    for file in &changed {
        println!("{file}");
    }
    Ok(())
}
