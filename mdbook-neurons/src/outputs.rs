//! Puts what the cells print into the pages, so that nobody types it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::book;
use crate::pages::{Fate, Page};
use crate::programs::MARK;

/// Runs the examples of the named pages, or of all pages when none is named, and rewrites their
/// `output` blocks. Returns the pages that changed.
///
/// # Errors
/// Returns an error when a page cannot be read or written, when a named page does not exist, or
/// when an example fails.
pub fn update(root: &Path, names: &[String]) -> Result<Vec<String>> {
    let mut pages = book::pages(root)?;
    if let Some(error) = pages.iter().find_map(|page| page.errors.first()) {
        bail!("{error}");
    }
    if let Some(name) =
        names.iter().find(|name| !pages.iter().any(|page| page.name == **name))
    {
        bail!("src/SUMMARY.md names no page `{name}`");
    }
    pages.retain(|page| names.is_empty() || names.contains(&page.name));
    pages.retain(|page| page.cells.iter().any(|cell| cell.fate == Fate::Runs));

    // All programs run before the first page is written: cargo would rebuild the next program
    // after a change to a page.
    let mut changed = Vec::new();
    for page in &pages {
        let new = rewritten(page, &run(root, &page.name)?);
        if new != page.text {
            changed.push((page.path.clone(), new));
        }
    }
    for (path, text) in &changed {
        fs::write(root.join(path), text)
            .with_context(|| format!("cannot write {path}"))?;
    }
    Ok(changed.into_iter().map(|(path, _)| path).collect())
}

/// What each cell of a page prints, by the cell's line.
fn run(root: &Path, name: &str) -> Result<BTreeMap<usize, String>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--example", name, "--", "--cells"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("the example `{name}` failed; no page was changed");
    }
    Ok(by_line(&String::from_utf8_lossy(&output.stdout)))
}

fn by_line(printed: &str) -> BTreeMap<usize, String> {
    let cells = printed.split(MARK).filter_map(|cell| cell.split_once('\n'));
    cells
        .filter_map(|(line, text)| Some((line.parse().ok()?, text.to_string())))
        .collect()
}

/// The page's text with an `output` block under each cell that prints, and under no other.
pub fn rewritten(page: &Page, printed: &BTreeMap<usize, String>) -> String {
    let text = &page.text;
    let mut new = text.clone();
    // From the bottom up, so that the ranges above remain valid.
    for cell in page.cells.iter().rev() {
        let Some(printed) = printed.get(&cell.fence.line) else { continue };
        let printed: String = printed
            .trim_end()
            .lines()
            .map(|line| line.trim_end().to_string() + "\n")
            .collect();
        let start = cell.fence.range.start;
        let indent = text[..start].rsplit('\n').next().unwrap_or_default();
        let fence = if printed.contains("```") { "````" } else { "```" };
        let block = format!("{fence}output\n{printed}{fence}")
            .replace('\n', &format!("\n{indent}"));
        match &cell.output {
            Some(output) if printed.is_empty() => {
                new.replace_range(cell.fence.range.end..output.range.end, "");
            }
            Some(output) if output.text.trim_end() == printed.trim_end() => {}
            Some(output) => new.replace_range(output.range.clone(), &block),
            None if printed.is_empty() => {}
            None => new.insert_str(cell.fence.range.end, &format!("\n\n{indent}{block}")),
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_replaced_added_and_removed() {
        let text = "```rust\na\n```\n\n```output\nold\n```\n\n```rust\nb\n```\n\nprose\n\n```rust\nc\n```\n\n```output\nold\n```\n\nend\n";
        let page = Page::parse("src/p.md", text).expect("a good page");
        let printed = by_line("\u{1e}1\nnew  \n\n1\n\u{1e}9\nno newline\u{1e}15\n");
        assert_eq!(
            rewritten(&page, &printed),
            "```rust\na\n```\n\n```output\nnew\n\n1\n```\n\n```rust\nb\n```\n\n```output\nno newline\n```\n\nprose\n\n```rust\nc\n```\n\nend\n"
        );
    }

    #[test]
    fn a_page_that_is_right_is_not_changed() {
        let text = "```rust\na\n```\n\n```output\n1\n```\n";
        let page = Page::parse("src/p.md", text).expect("a good page");
        assert_eq!(rewritten(&page, &by_line("\u{1e}1\n1\n")), text);
    }
}
