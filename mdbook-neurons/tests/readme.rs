//! README.md and its like: their links lead somewhere, and their tables are those of the book.
#![cfg(feature = "book")]

use mdbook_neurons::book::pages;
use mdbook_neurons::ledger::{FILE, Ledger};
use mdbook_neurons::pages::{Figure, Page, Piece};

mod repository;
use repository::{read, root};

#[test]
fn every_link_leads_to_a_file_or_a_heading() {
    let mut wrong = vec![];
    for file in
        ["README.md", "CONTRIBUTING.md", "notebooks/README.md", "benches/README.md"]
    {
        let page = Page::read(file, &read(file));
        for (_, piece) in &page.pieces {
            let (Piece::Link(target) | Piece::Figure(Figure { file: target, .. })) =
                piece
            else {
                continue;
            };
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let folder = root().join(file);
            let there = folder.parent().expect("a folder").join(path).exists();
            let found = anchor.is_empty() || page.heading_at(anchor).is_some();
            let elsewhere = target.contains(':');
            if !(elsewhere || there && found) {
                wrong.push(format!("{file}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    assert!(!read("README.md").contains("\n| | "), "a table without a head");
}

/// Panics unless README.md has this table.
fn assert_shown(table: &str, source: &str) {
    assert!(
        read("README.md").contains(table),
        "README.md shows another table than {source}: paste this one\n\n{table}"
    );
}

#[test]
fn it_shows_the_table_of_the_five_seeds() {
    assert_shown(
        &Ledger::read(root()).expect("a ledger").experiments["five_seeds"].table(),
        FILE,
    );
}

#[test]
fn it_lists_the_chapters_with_their_questions() {
    let mut table =
        String::from("| chapter | page | its question | notebook |\n|---|---|---|---|\n");
    for page in pages(root()).expect("the pages can be read") {
        let Page { number: Some(number), title, name, .. } = &page else { continue };
        let question = page.text.lines().find(|line| line.starts_with('*'));
        let question =
            question.expect("a chapter opens with a question").trim_matches('*');
        table.push_str(&format!(
            "| {number} | [{title}]({}) | {question} | [{name}](notebooks/{name}.ipynb) |\n",
            page.path
        ));
    }
    assert_shown(&table, "src/SUMMARY.md and the first lines of the pages");
}
