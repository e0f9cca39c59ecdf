//! The book as a whole: its pages, and what they show of the code and of the ledgers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mdbook_summary::{SummaryItem, parse_summary};

use crate::derivatives::{Derivatives, Stated, stated};
use crate::items::Items;
use crate::ledger::Ledger;
use crate::pages::Page;

/// The folder of the code that pages show, from the root of the repository.
pub const CODE: &str = "chapters-code";

/// What every writer of the book needs.
#[derive(Debug, Default)]
pub struct Book {
    /// The root of the repository.
    pub root: PathBuf,
    /// All pages in reading order.
    pub pages: Vec<Page>,
    /// The code that pages show.
    pub items: Items,
    /// What experiments found.
    pub ledger: Ledger,
    /// How well the derivatives agree with those who do not know them.
    pub derivatives: Derivatives,
    /// The derivatives that the pages state.
    pub stated: Vec<Stated>,
}

/// The pages that `src/SUMMARY.md` names, in reading order.
///
/// # Errors
/// Returns an error when one of them, or the table of contents itself, cannot be read.
pub fn pages(root: &Path) -> Result<Vec<Page>> {
    fn add(items: &[SummaryItem], root: &Path, pages: &mut Vec<Page>) -> Result<()> {
        for item in items {
            let SummaryItem::Link(link) = item else { continue };
            if let Some(file) = &link.location {
                let path = format!("src/{}", slashes(file).trim_start_matches("./"));
                let number = link.number.as_ref().map(ToString::to_string);
                let text = read(root, &path)?;
                pages.push(Page::read(&path, &text).named(number, &link.name));
            }
            add(&link.nested_items, root, pages)?;
        }
        Ok(())
    }
    let summary = parse_summary(&read(root, "src/SUMMARY.md")?)?;
    let mut pages = vec![];
    for part in
        [&summary.prefix_chapters, &summary.numbered_chapters, &summary.suffix_chapters]
    {
        add(part, root, &mut pages)?;
    }
    Ok(pages)
}

/// A path as it is written in Markdown.
pub(crate) fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"))
}

impl Book {
    /// The book of the repository at `root` with these pages: its own, or what mdBook made of them.
    ///
    /// # Errors
    /// Returns an error when the code or one of the ledgers cannot be read.
    pub fn new(root: &Path, pages: Vec<Page>) -> Result<Self> {
        Ok(Book {
            root: root.into(),
            items: Items::read(root, CODE)?,
            ledger: Ledger::read(root)?,
            derivatives: Derivatives::read(root)?,
            stated: stated(&pages),
            pages,
        })
    }

    /// The chapter of this number.
    ///
    /// # Errors
    /// Returns a sentence for the reader of the page that names it.
    pub fn chapter(&self, number: &str) -> Result<&Page, String> {
        let chapter = self.pages.iter().find(|p| p.number.as_deref() == Some(number));
        chapter.ok_or_else(|| format!("this book has no chapter {number}"))
    }

    /// The page that a link on the page `from` leads to, with the words of the heading there;
    /// nothing for a link that leads out of the book.
    ///
    /// # Errors
    /// Returns an error when there is no such page or no such heading.
    pub fn target<'a>(
        &'a self,
        from: &'a Page,
        target: &str,
    ) -> Result<Option<(&'a Page, Option<&'a str>)>, String> {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let file =
            if file.is_empty() { from.file() } else { file.trim_start_matches("./") };
        if target.contains(':') || !file.ends_with(".md") {
            return Ok(None);
        }
        let page =
            self.pages.iter().find(|page| page.file() == file).ok_or_else(|| {
                format!("a link to {file}, and src/SUMMARY.md names no such page")
            })?;
        let heading = page.heading_at(anchor);
        match heading {
            None if !anchor.is_empty() => {
                Err(format!("a link to {target}, and {file} has no such heading"))
            }
            heading => Ok(Some((page, heading))),
        }
    }

    /// The text of a file that a page names from its folder.
    ///
    /// # Errors
    /// Returns an error when it cannot be read.
    pub fn beside(&self, page: &Page, file: &str) -> Result<String, String> {
        let folder = self.root.join(&page.path);
        let folder = folder.parent().unwrap_or(&self.root);
        fs::read_to_string(folder.join(file))
            .map_err(|error| format!("cannot read {file}: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chapters_are_counted_through_all_parts() {
        let summary = "# Summary\n\n[Preface](p.md)\n\n# I\n\n- [A](a.md)\n  - [B](./b.md)\n- [Draft]()\n\n# II\n\n- [C](c.md)\n";
        let empty =
            ["src/p.md", "src/a.md", "src/b.md", "src/c.md"].map(|page| (page, ""));
        let folder =
            crate::folder_of(&[&empty[..], &[("src/SUMMARY.md", summary)]].concat());
        let pages = pages(folder.path()).expect("pages");
        let pages: Vec<_> =
            pages.iter().map(|p| (p.file(), p.number.as_deref(), &*p.title)).collect();
        assert_eq!(
            pages,
            [
                ("p.md", None, "Preface"),
                ("a.md", Some("1"), "A"),
                ("b.md", Some("1.1"), "B"),
                ("c.md", Some("3"), "C")
            ]
        );
    }
}
