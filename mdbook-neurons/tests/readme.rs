//! README.md and its like: their links lead somewhere, and their tables are those of the book.
#![cfg(feature = "book")]

use mdbook_neurons::ledger::{FILE, Ledger};
use mdbook_neurons::pages::{heading, markdown, numbers, page_name};
use pulldown_cmark::{Event, Parser, Tag};

mod repository;
use repository::{read, root};

#[test]
fn every_link_leads_to_a_file_or_a_heading() {
    let mut wrong = vec![];
    for file in
        ["README.md", "CONTRIBUTING.md", "notebooks/README.md", "benches/README.md"]
    {
        let text = read(file);
        for event in Parser::new_ext(&text, markdown()) {
            let (Event::Start(Tag::Link { dest_url, .. })
            | Event::Start(Tag::Image { dest_url, .. })) = event
            else {
                continue;
            };
            let (path, anchor) = dest_url.split_once('#').unwrap_or((&dest_url, ""));
            let folder = root().join(file);
            let there = folder.parent().expect("a folder").join(path).exists();
            let found = anchor.is_empty() || heading(&text, anchor).is_some();
            let elsewhere = dest_url.contains(':');
            if !(elsewhere || there && found) {
                wrong.push(format!("{file}: {dest_url}"));
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
        &Ledger::read(root()).expect("a ledger").runs["five_seeds"].table(),
        FILE,
    );
}

#[test]
fn it_lists_the_chapters_with_their_questions() {
    let mut table =
        String::from("| chapter | page | its question | notebook |\n|---|---|---|---|\n");
    let summary = read("src/SUMMARY.md");
    for (file, number) in numbers(&summary) {
        let Some(number) = number else { continue };
        let (before, _) = summary.split_once(&format!("]({file})")).expect("a link");
        let (_, title) = before.rsplit_once('[').expect("a link");
        let page = read(&format!("src/{file}"));
        let question = page.lines().find(|line| line.starts_with('*'));
        let question =
            question.expect("a chapter opens with a question").trim_matches('*');
        let name = page_name(&file);
        table.push_str(&format!(
            "| {number} | [{title}](src/{file}) | {question} | [{name}](notebooks/{name}.ipynb) |\n"
        ));
    }
    assert_shown(&table, "src/SUMMARY.md and the first lines of the pages");
}
