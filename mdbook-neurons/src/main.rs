//! The command line of the book's plug-in.

use std::io::{stdin, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use mdbook_neurons::{notebooks, outputs, preprocess};

const USAGE: &str = "\
mdbook-neurons [preprocess]                    read a book from mdBook and write it back
mdbook-neurons [preprocess] supports RENDERER  succeed if RENDERER is html
mdbook-neurons outputs [PAGE]…                 put what the cells print into the pages
mdbook-neurons notebooks [PAGE]…               write the pages as notebooks";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["preprocess"] => preprocess::preprocess(stdin().lock(), stdout().lock())?,
        ["supports", renderer] | ["preprocess", "supports", renderer] => {
            return Ok(if *renderer == "html" {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        ["outputs", ..] => {
            let changed = outputs::update(Path::new("."), &arguments[1..])?;
            for page in &changed {
                println!("{page}");
            }
        }
        ["notebooks", ..] => {
            for notebook in notebooks::update(Path::new("."), &arguments[1..])? {
                println!("{notebook}");
            }
        }
        _ => bail!("{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}
