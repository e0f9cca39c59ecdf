//! What mdBook calls: a book comes in, the same book with rendered chapters goes out.

use std::fs;
use std::io::{Read, Write};

use anyhow::{Context, Result, bail};
use mdbook_preprocessor::book::Chapter;
use mdbook_preprocessor::parse_input;

use crate::chapter::{Book, Leaf, numbered, shown};
use crate::derivatives::{Derivatives, stated};
use crate::formulas::Formulas;
use crate::items::Items;
use crate::ledger::Ledger;
use crate::pages::PageError;
use crate::search::{self, Words};
use crate::sources::{self, Sources};

/// The code that pages show.
const CODE: &str = "chapters-code";

/// Reads mdBook's book from `input` and writes it, with every chapter rendered, to `output`. What
/// mdBook copies beside the pages goes into [`sources::MADE`].
///
/// # Errors
/// If mdBook speaks another language, if the code cannot be read, or if a page is wrong: then
/// with all that is wrong in the book, a line each.
pub fn preprocess(input: impl Read, output: impl Write) -> Result<()> {
    let (context, mut book) = parse_input(input)?;
    let src = context.config.book.src.to_string_lossy().replace('\\', "/");
    let mut shared = Book {
        items: Items::read(&context.root, CODE)?,
        ledger: Ledger::read(&context.root)?,
        derivatives: Derivatives::read(&context.root)?,
        stated: Vec::new(),
        pages: Vec::new(),
        sources: Sources {
            repository: context.config.get("output.html.git-repository-url")?,
            ..Sources::default()
        },
        shown: Default::default(),
        formulas: Formulas::default(),
        figures: Default::default(),
        root: context.root,
    };
    let mut errors: Vec<PageError> = shared.ledger.stale(&shared.root)?;
    let leaf = |chapter: &Chapter| {
        let source = chapter.source_path.as_ref()?;
        Some(Leaf {
            file: source.to_string_lossy().replace('\\', "/"),
            number: number(chapter),
            title: chapter.name.clone(),
            text: chapter.content.clone(),
        })
    };
    shared.pages = book.chapters().filter_map(leaf).collect();
    shared.shown = shown(&shared.pages);
    let pages = shared.pages.iter().map(|page| (page.file.as_str(), page.text.as_str()));
    // A page that cannot be read is reported below, with its other errors.
    shared.stated = stated(pages).unwrap_or_default();
    book.for_each_chapter_mut(|chapter| {
        let Some(source) = &chapter.source_path else { return };
        let path = format!("{src}/{}", source.to_string_lossy().replace('\\', "/"));
        match shared.chapter(&path, number(chapter).as_deref(), &chapter.content) {
            Ok(content) => {
                chapter.content = content;
                if let Some(number) = number(chapter) {
                    chapter.name = numbered(&number, &chapter.name);
                }
            }
            Err(wrong) => {
                let written =
                    fs::read_to_string(shared.root.join(&path)).unwrap_or_default();
                errors.extend(
                    wrong
                        .into_iter()
                        .map(|error| as_written(error, &chapter.content, &written)),
                );
            }
        }
    });
    if !errors.is_empty() {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        bail!("{}", errors.join("\n"));
    }
    let words: Option<Words> = context.config.get("preprocessor.neurons.search")?;
    let mut files = shared.sources.pages(&shared.root)?;
    files
        .push(("search.js".into(), search::script(&shared, &words.unwrap_or_default())?));
    sources::write(&shared.root.join(src), &files)?;
    serde_json::to_writer(output, &book).context("cannot answer mdBook")
}

/// A chapter's number as a reader says it: `3`, `3.1`.
fn number(chapter: &Chapter) -> Option<String> {
    let number = chapter.number.as_ref()?.to_string();
    Some(number.trim_end_matches('.').to_string())
}

/// An `{{#include}}` has already been expanded and moved the lines below it: the error's line is
/// looked up on the page as it is written.
fn as_written(mut error: PageError, content: &str, written: &str) -> PageError {
    let line = content.lines().nth(error.line - 1);
    let same = written.lines().enumerate().filter(|(_, words)| Some(*words) == line);
    if let Some((at, _)) = same.min_by_key(|(at, _)| at.abs_diff(error.line - 1)) {
        error.line = at + 1;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_below_an_include_keeps_its_line() {
        let error = PageError::new("p", 4, "x");
        let found =
            as_written(error.clone(), "a\n1\n2\nbad $\n", "a\n{{#include f}}\nbad $\n");
        assert_eq!(found.line, 3);
        assert_eq!(as_written(error, "a\nb\nc\nbad $\n", "").line, 4);
    }
}
