//! The ledger of numbers tells the truth, and the pages and the README take theirs from it.

use std::fs;
use std::path::Path;

use mdbook_neurons::ledger::Ledger;
use mdbook_neurons::pages::{PageError, line_of, summary};

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn no_number_is_stale_or_changed_by_hand() {
    let ledger = Ledger::read(root()).expect("a ledger");
    let stale = ledger.stale(root()).expect("the programs can be read");
    let stale: Vec<String> = stale.iter().map(ToString::to_string).collect();
    assert!(stale.is_empty(), "\n{}\n", stale.join("\n"));
}

#[test]
fn every_number_on_a_page_is_in_the_ledger_and_every_run_is_on_a_page() {
    let ledger = Ledger::read(root()).expect("a ledger");
    let (mut wrong, mut used) = (vec![], vec![]);
    for page in summary(&read("src/SUMMARY.md")) {
        let path = format!("src/{page}");
        let text = read(&path);
        for (kind, of_run) in [("{{#number ", false), ("{{#run ", true)] {
            for (start, _) in text.match_indices(kind) {
                let words =
                    text[start + kind.len()..].split("}}").next().unwrap_or_default();
                let found = match of_run {
                    true => ledger.run(words).map(|_| ()),
                    false => ledger.number(words).map(|_| ()),
                };
                if let Err(message) = found {
                    wrong.push(
                        PageError::new(&path, line_of(&text, start), message).to_string(),
                    );
                }
                used.push(words.split('.').next().unwrap_or_default().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    let unused: Vec<&String> =
        ledger.runs.keys().filter(|run| !used.contains(run)).collect();
    assert!(unused.is_empty(), "on no page: {unused:?}");
}

#[test]
fn the_readme_shows_the_table_of_the_five_seeds() {
    let table = Ledger::read(root()).expect("a ledger").runs["five_seeds"].table();
    assert!(
        read("README.md").contains(&table),
        "README.md shows another table than {}: paste this one\n\n{table}",
        mdbook_neurons::ledger::FILE
    );
}
