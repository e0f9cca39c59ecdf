//! The committed notebooks are those of the pages as they are.
#![cfg(feature = "book")]

use std::fs;
use std::path::Path;

use mdbook_neurons::notebooks::{orphans, render};
use serde_json::Value;

const TO_RENEW: &str = "to renew it: cargo run -p mdbook-neurons -- notebooks";

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

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

#[test]
fn a_notebook_draws_only_what_the_book_can_draw() {
    let path = root().join("chapters-code/figures/chapters.rs");
    let drawn = fs::read_to_string(path).expect("what draws the figures");
    let mut figures = 0;
    for notebook in render(root()).expect("the pages make notebooks") {
        let json: Value = serde_json::from_str(&notebook.text).expect("JSON");
        for cell in json["cells"].as_array().expect("cells") {
            let own = &cell["metadata"]["neurons"];
            let Some(figure) = own["figure"].as_str() else { continue };
            figures += 1;
            let (name, line) = (&notebook.name, &own["line"]);
            assert!(
                drawn.contains(&format!("\"{figure}\" =>")),
                "src/{name}.md:{line}: no function draws `{figure}`"
            );
        }
    }
    assert!(figures > 0, "the book has figures");
}
