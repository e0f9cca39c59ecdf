//! The committed notebooks are those of the pages as they are.
#![cfg(feature = "book")]

use std::fs;

use mdbook_neurons::notebooks::{Notebook, orphans, render};
use mdbook_neurons::pages::Page;
use serde_json::Value;

mod repository;
use repository::root;

const TO_RENEW: &str = "to renew it: cargo run -p mdbook-neurons -- notebooks";

/// The page's line of the first cell in which two notebooks differ.
fn first_difference(new: &str, old: &str) -> Option<u64> {
    let [new, old] = [new, old].map(|text| serde_json::from_str::<Value>(text).ok());
    let (new, old) = (new?, old.unwrap_or_default());
    let mut cells = new["cells"].as_array()?.iter().enumerate();
    let (_, cell) = cells.find(|(at, cell)| old["cells"].get(at) != Some(cell))?;
    cell["metadata"]["neurons"]["line"].as_u64()
}

#[test]
fn no_notebook_is_stale() {
    let notebooks = render(root()).expect("the pages make notebooks");
    assert!(notebooks.len() > 2, "the book has pages");
    let mut stale = orphans(root(), &notebooks).expect("a folder of notebooks");
    for notebook in &notebooks {
        let committed =
            fs::read_to_string(root().join(&notebook.path)).unwrap_or_default();
        if committed != notebook.text {
            let line = first_difference(&notebook.text, &committed).unwrap_or(1);
            stale.push(format!(
                "{}, from src/{}.md:{line} on",
                notebook.path, notebook.name
            ));
        }
    }
    assert!(stale.is_empty(), "stale:\n{}\n{TO_RENEW}", stale.join("\n"));
}

/// The code cells of a notebook.
fn code_cells(text: &str) -> Vec<Value> {
    let mut json: Value = serde_json::from_str(text).expect("JSON");
    let Value::Array(mut cells) = json["cells"].take() else { panic!("cells") };
    cells.retain(|cell| cell["cell_type"] == "code");
    cells
}

/// Text that a notebook holds line by line.
fn joined(lines: &Value) -> String {
    let lines = lines.as_array().expect("lines").iter();
    lines.map(|line| line.as_str().expect("a line")).collect()
}

#[test]
fn a_notebook_can_be_read_where_nothing_runs() {
    let (mut printed, mut drawn) = (0, 0);
    for notebook in render(root()).expect("the pages make notebooks") {
        let path = format!("src/{}.md", notebook.name);
        let text = fs::read_to_string(root().join(&path)).expect("a page");
        let page = Page::parse(&path, &text).expect("a good page");
        let cells = code_cells(&notebook.text);
        let bytes = notebook.text.len();
        assert!(bytes < 500_000, "{path}: the notebook takes {bytes} bytes");
        for cell in page.cells {
            let Some(output) = cell.output else { continue };
            let shown = cells
                .iter()
                .find(|shown| shown["metadata"]["neurons"]["line"] == cell.fence.line)
                .unwrap_or_else(|| panic!("{path}:{}: no cell", cell.fence.line));
            assert_eq!(joined(&shown["outputs"][0]["text"]), output.text, "{path}");
            printed += 1;
        }
        for cell in &cells {
            let Some(name) = cell["metadata"]["neurons"]["figure"].as_str() else {
                continue;
            };
            let svg = joined(&cell["outputs"][0]["data"]["image/svg+xml"]);
            let paper = "<rect width=\"100%\" height=\"100%\"";
            assert!(svg.contains(paper), "{path}: `{name}` has no paper of its own");
            drawn += 1;
        }
    }
    assert!(printed > 20 && drawn > 10, "{printed} cells print, {drawn} draw");
}

#[test]
fn a_notebook_begins_with_its_title_and_names_no_chapter_without_a_link() {
    for notebook in render(root()).expect("the pages make notebooks") {
        let json: Value = serde_json::from_str(&notebook.text).expect("JSON");
        let first = joined(&json["cells"][0]["source"]);
        assert!(first.starts_with("# "), "{}: {first}", notebook.name);
        assert_eq!(json["cells"][1]["cell_type"], "code", "{}", notebook.name);
        for cell in json["cells"].as_array().expect("cells") {
            let source = joined(&cell["source"]);
            // Every second part is a block of code.
            let source: String = source.split("```").step_by(2).collect();
            let plain = source.match_indices("chapter ").find(|(at, word)| {
                let after = &source[at + word.len()..];
                let number = after.starts_with(|c: char| c.is_ascii_digit());
                number && !source[..*at].ends_with('[')
            });
            if let (Some((at, _)), true) = (plain, cell["cell_type"] == "markdown") {
                let words: String = source[at..].chars().take(60).collect();
                panic!("{}: no link: {words}", notebook.name);
            }
        }
    }
}

#[test]
fn a_notebook_takes_the_features_that_its_cells_need() {
    for Notebook { name, text, .. } in render(root()).expect("the pages make notebooks") {
        let cells: Vec<String> =
            code_cells(&text).iter().map(|cell| joined(&cell["source"])).collect();
        let (setup, cells) = cells.split_first().expect("a cell that names the crate");
        for (module, feature) in
            [("figures", "figures"), ("engine", "engine"), ("speed", "engine")]
        {
            let named = [format!("neurons::{module}::"), format!("{{{module}::")];
            if cells.iter().any(|cell| named.iter().any(|named| cell.contains(named))) {
                assert!(setup.contains(&format!("\"{feature}\"")), "{name}: {setup}");
            }
        }
        if name == "tape" {
            let crate_alone =
                ":dep neurons = { path = \"..\", default-features = false }";
            assert_eq!(setup.lines().next(), Some(crate_alone));
        }
    }
}

#[test]
fn a_notebook_draws_only_what_the_book_can_draw() {
    let path = root().join("chapters-code/figures/book.rs");
    let drawn = fs::read_to_string(path).expect("what draws the figures");
    let mut figures = 0;
    for notebook in render(root()).expect("the pages make notebooks") {
        for cell in code_cells(&notebook.text) {
            let own = &cell["metadata"]["neurons"];
            let Some(figure) = own["figure"].as_str() else { continue };
            figures += 1;
            let (name, line) = (&notebook.name, &own["line"]);
            assert!(
                drawn.contains(&format!("(\"{figure}\", ")),
                "src/{name}.md:{line}: no function draws `{figure}`"
            );
        }
    }
    assert!(figures > 0, "the book has figures");
}
