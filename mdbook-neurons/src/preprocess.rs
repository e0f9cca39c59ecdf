//! What mdBook calls: a book comes in, the same book with rendered chapters goes out.

use std::fs;
use std::io::{Read, Write};

use anyhow::{Context, Result, bail};
use mdbook_preprocessor::book::Chapter;
use mdbook_preprocessor::parse_input;

use crate::book::{Book, slashes};
use crate::chapter::Chapters;
use crate::instruments;
use crate::pages::{Page, PageError};
use crate::search::{self, Words};
use crate::sources;

/// Reads mdBook's book from `input` and writes it, with every chapter rendered, to `output`. What
/// mdBook copies beside the pages goes into [`sources::MADE`].
///
/// # Errors
/// If mdBook speaks another language, if the code cannot be read, or if a page is wrong: then
/// with all that is wrong in the book, a line each.
pub fn preprocess(input: impl Read, output: impl Write) -> Result<()> {
    let (context, mut chapters) = parse_input(input)?;
    let root = &context.root;
    let pages = chapters.chapters().filter_map(page).collect();
    let book = Book::new(root, pages)?;
    let repository = context.config.get("output.html.git-repository-url")?;
    let mut writer = Chapters::new(&book, repository);
    let mut errors: Vec<PageError> = book.ledger.stale(root)?;
    let mut pages = book.pages.iter();
    chapters.for_each_chapter_mut(|chapter| {
        // A draft has no page.
        let Some(page) = chapter.source_path.as_ref().and_then(|_| pages.next()) else {
            return;
        };
        match writer.write(page) {
            Ok(content) => (chapter.content, chapter.name) = (content, page.heading()),
            Err(wrong) => {
                let written =
                    fs::read_to_string(root.join(&page.path)).unwrap_or_default();
                let wrong = wrong.into_iter();
                errors.extend(wrong.map(|error| as_written(error, &page.text, &written)));
            }
        }
    });
    if !errors.is_empty() {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        bail!("{}", errors.join("\n"));
    }
    let words: Option<Words> = context.config.get("preprocessor.neurons.search")?;
    let script = search::script(&book, &writer.formulas, &words.unwrap_or_default())?;
    let mut files = writer.sources.pages(root)?;
    files.push(("search.js".into(), script));
    if writer.moving {
        files.extend(instruments::files(root)?);
    }
    sources::write(&root.join("src"), &files)?;
    serde_json::to_writer(output, &chapters).context("cannot answer mdBook")
}

/// A chapter as a page; a draft has none.
fn page(chapter: &Chapter) -> Option<Page> {
    let path = format!("src/{}", slashes(chapter.source_path.as_ref()?));
    let number = chapter.number.as_ref().map(ToString::to_string);
    Some(Page::read(&path, &chapter.content).named(number, &chapter.name))
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
