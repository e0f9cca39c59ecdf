//! A chapter hides nothing, and builds only on what came before it.

use std::collections::BTreeSet;
use std::fs;

use mdbook_neurons::book::pages;
use mdbook_neurons::items::{Items, paths};

mod repository;
use repository::{read, root};

/// The modules of `lib.rs` in reading order: (chapters, the rest).
fn modules() -> (Vec<String>, Vec<String>) {
    let lib = read("chapters-code/lib.rs");
    let (chapters, rest) = lib
        .split_once("// What is not a chapter")
        .expect("lib.rs marks where the chapters end");
    let names = |part: &str| -> Vec<String> {
        let name = |line: &str| {
            Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_string())
        };
        part.lines().filter_map(name).collect()
    };
    (names(chapters), names(rest))
}

/// The source of a module and of those inside it, at any depth.
fn read_module(module: &str) -> String {
    let mut source = read(&format!("chapters-code/{module}.rs"));
    let folder = format!("chapters-code/{module}");
    for entry in fs::read_dir(root().join(&folder)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if let Some(child) = name.to_string_lossy().strip_suffix(".rs") {
            source += &read_module(&format!("{module}/{child}"));
        }
    }
    source
}

/// The module of an item's path: `layer` of `impl layer::Layer`.
fn module(path: &str) -> &str {
    path.trim_start_matches("impl ").split("::").next().unwrap_or_default()
}

#[test]
fn every_item_of_a_chapter_stands_on_a_page() {
    let mut shown = BTreeSet::new();
    for page in pages(root()).expect("the pages can be read") {
        shown.extend(page.directives("item").flat_map(|(_, words)| paths(words)));
    }
    let (chapters, _) = modules();
    let items = Items::read(root(), "chapters-code").expect("the code can be read");
    let is_trait = |path: &str| {
        let cuts = items.find(path).unwrap_or_default();
        cuts.iter().any(|cut| cut.code.contains("pub trait "))
    };
    // A method is on a page if its impl, its type's impl of a trait, or its trait does.
    let with_its_block = |path: &&str| {
        let Some((of, _)) = path.rsplit_once("::") else { return false };
        let (module, owner) = of.rsplit_once("::").unwrap_or_default();
        let of_trait = |path: &String| {
            path.starts_with(&format!("impl {module}::"))
                && path.ends_with(&format!(" for {owner}"))
        };
        shown.contains(&format!("impl {of}"))
            || shown.iter().any(of_trait)
            || (shown.contains(of) && is_trait(of))
    };
    let hidden: Vec<&str> = items
        .paths()
        .filter(|path| chapters.iter().any(|chapter| chapter == module(path)))
        // An impl of no trait is shown method by method.
        .filter(|path| !path.starts_with("impl ") || path.contains(" for "))
        .filter(|path| !shown.contains(*path) && !with_its_block(path))
        .collect();
    assert!(hidden.is_empty(), "on no page:\n{}", hidden.join("\n"));
}

#[test]
fn a_chapter_uses_only_what_came_before_it() {
    let (chapters, rest) = modules();
    let order: Vec<&String> = chapters.iter().collect();
    let mut wrong = vec![];
    for (at, chapter) in order.iter().enumerate() {
        let source = read_module(chapter);
        let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for later in order[at + 1..].iter().copied().chain(&rest) {
                // A chapter may draw digits, and share work among threads; it may not read or
                // save digits.
                let allowed = ["digits::handwriting", "digits::threads"]
                    .iter()
                    .any(|module| line.contains(&format!("crate::{module}")))
                    // Chapter 20 is about the engine and shows parts of it.
                    || (*chapter == "speed" && later == "engine");
                let used = ["crate", "super"]
                    .iter()
                    .any(|from| line.contains(&format!("{from}::{later}")));
                if used && !allowed {
                    wrong.push(format!("{chapter} uses {later}: {}", line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_chapter_has_its_page_and_its_example() {
    let pages = pages(root()).expect("the pages can be read");
    let (chapters, _) = modules();
    let numbered = pages.iter().filter(|page| page.number.is_some());
    let of_chapters: Vec<&str> = numbered.map(|page| page.name.as_str()).collect();
    assert_eq!(of_chapters, chapters, "pages and modules, in reading order");
    for chapter in chapters {
        assert!(
            read(&format!("examples/{chapter}.rs")).contains("include!"),
            "{chapter}"
        );
    }
}
