//! Pages as Jupyter notebooks, which evcxr runs.
//!
//! A notebook holds what its page holds: prose and formulas, the items to be read, the cells to
//! be run with what they print, the figures. So it can be read where nothing runs. What a cell
//! prints is the `output` block of the page, and a figure is the file in `images/`: tests hold
//! both to what the code does, and `notebooks/run` compares them with what evcxr shows. A cell's
//! metadata names the line of the page that it comes from; its id is made of its content, so that
//! rendering a page again changes nothing, and changing a paragraph changes one cell. The first cell
//! takes the book's crate with the features that the other cells need, and no more.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use self::code::dependencies;
use self::prose::{Code, Draft, Shown, drafts};
use crate::book::{self, Book};
use crate::items::Items;
use crate::pages::PageError;

mod code;
mod prose;

/// Where the notebooks are, from the root of the repository.
pub const FOLDER: &str = "notebooks";

/// A page as a notebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notebook {
    /// Its page: `sigmoid`.
    pub name: String,
    /// Its file, from the root of the repository: `notebooks/sigmoid.ipynb`.
    pub path: String,
    /// Its text, as Jupyter itself would write it.
    pub text: String,
}

/// The notebooks of all pages that `src/SUMMARY.md` names, in reading order.
///
/// # Errors
/// Returns an error when a file cannot be read, and names everything that has no place in a
/// notebook, a line each.
pub fn render(root: &Path) -> Result<Vec<Notebook>> {
    let manifest =
        fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let book = Book::new(root, book::pages(root)?)?;
    let (mut notebooks, mut errors) = (Vec::new(), Vec::<PageError>::new());
    for page in &book.pages {
        match drafts(&book, page) {
            Ok(drafts) => notebooks.push(Notebook {
                name: page.name.clone(),
                path: format!("{FOLDER}/{}.ipynb", page.name),
                text: notebook(&page.path, drafts, &manifest, &book.items)?,
            }),
            Err(wrong) => errors.extend(wrong),
        }
    }
    if !errors.is_empty() {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        bail!("{}", errors.join("\n"));
    }
    Ok(notebooks)
}

/// Writes the notebooks of the named pages. When none is named, writes all of them and removes
/// those whose page is gone. Returns the files that changed; the others are not touched.
///
/// # Errors
/// Returns an error when [`render`] does, when a named page does not exist, or when a file cannot
/// be written.
pub fn update(root: &Path, names: &[String]) -> Result<Vec<String>> {
    let notebooks = render(root)?;
    if let Some(name) =
        names.iter().find(|name| !notebooks.iter().any(|n| n.name == **name))
    {
        bail!("src/SUMMARY.md names no page `{name}`");
    }
    fs::create_dir_all(root.join(FOLDER))
        .with_context(|| format!("cannot make {FOLDER}"))?;
    let mut changed = Vec::new();
    for Notebook { name, path, text } in &notebooks {
        let file = root.join(path);
        let named = names.is_empty() || names.contains(name);
        if named && fs::read_to_string(&file).ok().as_ref() != Some(text) {
            fs::write(&file, text).with_context(|| format!("cannot write {path}"))?;
            changed.push(path.clone());
        }
    }
    if names.is_empty() {
        for path in orphans(root, &notebooks)? {
            fs::remove_file(root.join(&path))
                .with_context(|| format!("cannot remove {path}"))?;
            changed.push(path);
        }
    }
    Ok(changed)
}

/// The notebooks in the folder that belong to no page.
///
/// # Errors
/// Returns an error when the folder cannot be read.
pub fn orphans(root: &Path, notebooks: &[Notebook]) -> Result<Vec<String>> {
    let mut orphans = Vec::new();
    for entry in fs::read_dir(root.join(FOLDER))
        .with_context(|| format!("cannot read {FOLDER}"))?
    {
        let path = format!("{FOLDER}/{}", entry?.file_name().to_string_lossy());
        if path.ends_with(".ipynb")
            && !notebooks.iter().any(|notebook| notebook.path == path)
        {
            orphans.push(path);
        }
    }
    orphans.sort();
    Ok(orphans)
}

/// The file of a notebook, as Jupyter writes it.
fn notebook(
    page: &str,
    drafts: Vec<Draft>,
    manifest: &str,
    items: &Items,
) -> Result<String> {
    let code = drafts.iter().filter(|draft| draft.code.is_some());
    let sources: Vec<&str> = code.map(|draft| draft.source.as_str()).collect();
    let needed: Vec<&str> = items.features(&sources).into_iter().collect();
    let mut setup = match needed.is_empty() {
        true => ":dep neurons = { path = \"..\", default-features = false }".into(),
        false => format!(
            ":dep neurons = {{ path = \"..\", default-features = false, features = {needed:?} }}"
        ),
    };
    for line in dependencies(manifest, &sources) {
        setup.push_str(&format!("\n:dep {line}"));
    }
    // The title comes first.
    let at = usize::from(drafts.first().is_some_and(|first| first.code.is_none()));
    let mut all = drafts;
    all.insert(at, Draft { line: 1, source: setup, code: Some(Code::default()) });

    let mut seen = BTreeMap::<u64, u64>::new();
    let cells: Vec<Value> = all
        .iter()
        .map(|draft| {
            let kind = if draft.code.is_some() { "code" } else { "markdown" };
            let content = hash(&[page, kind, &draft.source]);
            let times = seen.entry(content).or_default();
            *times += 1;
            let id = match times {
                1 => content,
                times => hash(&[page, kind, &draft.source, &times.to_string()]),
            };
            cell(draft, &format!("{id:016x}"))
        })
        .collect();
    let notebook = json!({
        "cells": cells,
        "metadata": {
            "kernelspec": { "display_name": "Rust", "language": "rust", "name": "rust" },
            "language_info": {
                "codemirror_mode": "rust",
                "file_extension": ".rs",
                "mimetype": "text/rust",
                "name": "Rust",
                "pygments_lexer": "rust",
                "version": "",
            },
            "neurons": { "page": page },
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    // Jupyter indents by one. No string of a JSON text spans lines.
    let mut text = String::new();
    for line in serde_json::to_string_pretty(&notebook)?.lines() {
        let words = line.trim_start();
        let depth = (line.len() - words.len()) / 2;
        text.push_str(&format!("{}{words}\n", " ".repeat(depth)));
    }
    Ok(text)
}

/// Text as Jupyter writes it, line by line.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A cell as JSON, its keys in the order of the alphabet.
fn cell(draft: &Draft, id: &str) -> Value {
    let source = lines(&draft.source);
    let mut own = json!({ "line": draft.line });
    match &draft.code {
        None => json!({
            "cell_type": "markdown",
            "id": id,
            "metadata": { "neurons": own },
            "source": source,
        }),
        Some(Code { figure, folded, shown }) => {
            if let Some(figure) = figure {
                own = json!({ "figure": figure, "line": draft.line });
            }
            let metadata = match folded {
                true => json!({
                    "jupyter": { "outputs_hidden": true, "source_hidden": true },
                    "neurons": own,
                }),
                false => json!({ "neurons": own }),
            };
            let outputs = match shown {
                None => json!([]),
                Some(Shown::Printed(text)) => json!([{
                    "name": "stdout",
                    "output_type": "stream",
                    "text": lines(text),
                }]),
                Some(Shown::Drawn(svg)) => json!([{
                    "data": { "image/svg+xml": lines(svg) },
                    "metadata": {},
                    "output_type": "display_data",
                }]),
            };
            json!({
                "cell_type": "code",
                "execution_count": null,
                "id": id,
                "metadata": metadata,
                "outputs": outputs,
                "source": source,
            })
        }
    }
}

/// FNV-1a of 64 bits. It is written out here because an id must not change with a library.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder_of;
    use std::collections::BTreeSet;

    fn draft(line: usize, source: &str, code: Option<Code>) -> Draft {
        Draft { line, source: source.into(), code }
    }

    fn ids(drafts: Vec<Draft>) -> Vec<String> {
        let text =
            notebook("src/p.md", drafts, "", &Items::default()).expect("a notebook");
        let notebook: Value = serde_json::from_str(&text).expect("JSON");
        let cells = notebook["cells"].as_array().expect("cells").iter();
        cells.map(|cell| cell["id"].to_string()).collect()
    }

    #[test]
    fn ids_are_unique_and_stay_when_other_cells_change() {
        let before =
            ids(vec![draft(1, "a", None), draft(3, "b", None), draft(5, "b", None)]);
        let after =
            ids(vec![draft(1, "new", None), draft(4, "b", None), draft(6, "b", None)]);
        assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 4);
        assert_eq!(before[1..], after[1..]);
        assert_ne!(before[0], after[0]);
    }

    #[test]
    fn a_hash_is_the_same_for_ever() {
        assert_eq!(hash(&[]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(&["a"]), 0x089b_e207_b544_f1e4);
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }

    #[test]
    fn a_notebook_is_written_as_jupyter_writes_it() {
        let folded = Code { folded: true, ..Code::default() };
        let prints =
            Code { shown: Some(Shown::Printed("1\n2\n".into())), ..Code::default() };
        let draws = Code { shown: Some(Shown::Drawn("<svg>".into())), ..Code::default() };
        let drafts = vec![
            draft(2, "# P\n\n\"σ\"", None),
            draft(7, "approx::f();", Some(folded)),
            draft(9, "f();", Some(prints)),
            draft(11, "g();", Some(draws)),
        ];
        let manifest = "[dev-dependencies]\napprox = \"0.5\"\n";
        let text = notebook("src/p.md", drafts, manifest, &Items::default())
            .expect("a notebook");
        for part in [
            "{\n \"cells\": [\n  {\n   \"cell_type\": \"markdown\",\n",
            "  {\n   \"cell_type\": \"code\",\n   \"execution_count\": null,\n",
            "    \":dep approx = \\\"0.5\\\"\"\n   ]\n",
            "   \"source\": [\n    \"# P\\n\",\n    \"\\n\",\n    \"\\\"σ\\\"\"\n   ]\n",
            "   \"metadata\": {\n    \"jupyter\": {\n     \"outputs_hidden\": true,\n     \"source_hidden\": true\n    },\n    \"neurons\": {\n     \"line\": 7\n    }\n   },\n   \"outputs\": [],\n",
            "   \"outputs\": [\n    {\n     \"name\": \"stdout\",\n     \"output_type\": \"stream\",\n     \"text\": [\n      \"1\\n\",\n      \"2\\n\"\n     ]\n    }\n   ],\n",
            "   \"outputs\": [\n    {\n     \"data\": {\n      \"image/svg+xml\": [\n       \"<svg>\"\n      ]\n     },\n     \"metadata\": {},\n     \"output_type\": \"display_data\"\n    }\n   ],\n",
            " \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n",
        ] {
            assert!(text.contains(part), "{part}\nis missing in\n{text}");
        }
        let place = |words: &str| text.find(words).expect("a cell");
        assert!(place("# P") < place(":dep") && place(":dep") < place("approx::f();"));
    }

    #[test]
    fn only_what_changed_is_written() {
        let repository = folder_of(&[
            ("Cargo.toml", ""),
            ("chapters-code/lib.rs", ""),
            ("images/derivatives.toml", ""),
            ("images/numbers.toml", ""),
            ("src/SUMMARY.md", "[A](a.md)\n\n- [B](b.md)\n"),
            ("src/a.md", "# A\n"),
            ("src/b.md", "# B\n"),
            ("notebooks/gone.ipynb", ""),
        ]);
        let root = repository.path();
        let all = ["notebooks/a.ipynb", "notebooks/b.ipynb", "notebooks/gone.ipynb"];
        assert_eq!(update(root, &[]).expect("notebooks"), all);
        assert_eq!(update(root, &[]).expect("notebooks"), [""; 0]);
        let write =
            |file: &str, text: &str| fs::write(root.join(file), text).expect("a page");
        write("src/a.md", "# A!\n");
        write("src/b.md", "# B!\n");
        assert_eq!(update(root, &["b".into()]).expect("notebooks"), all[1..2]);
        assert!(update(root, &["c".into()]).is_err());
        write("src/a.md", "{{#item a::b}}\n");
        write("src/b.md", "\n{{#item a::b}}\n");
        let error = update(root, &[]).expect_err("two errors").to_string();
        assert!(
            error.contains("src/a.md:1:") && error.contains("\nsrc/b.md:2:"),
            "{error}"
        );
    }
}
