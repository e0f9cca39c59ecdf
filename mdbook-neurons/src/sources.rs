//! The code as pages of the book, so that a page can link to a line of it: to the repository, if it is
//! public, and otherwise to a copy that lies beside the pages.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use mdbook_core::utils::escape_html;

/// The folder, in that of the pages, which holds what the plug-in makes and mdBook copies.
pub const MADE: &str = "made";

/// Where the code can be read, and which of its files the pages have linked to.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The public repository: `https://example.org/neurons`.
    pub repository: Option<String>,
    /// The files that stand beside the pages.
    pub copied: BTreeSet<String>,
}

impl Sources {
    /// The address of a line of a file: `made/chapters-code/sigmoid.rs.html#L10`.
    pub fn address(&mut self, file: &str, line: Option<usize>) -> String {
        let line = line.map(|line| format!("#L{line}")).unwrap_or_default();
        match &self.repository {
            Some(url) => format!("{}/blob/main/{file}{line}", url.trim_end_matches('/')),
            None => {
                self.copied.insert(file.into());
                format!("{MADE}/{file}.html{line}")
            }
        }
    }

    /// The copies: each one's path in [`MADE`], and its page.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn pages(&self, root: &Path) -> Result<Vec<(String, String)>> {
        let page = |file: &String| {
            let source = fs::read_to_string(root.join(file))
                .with_context(|| format!("cannot read {file}"))?;
            Ok((format!("{file}.html"), page(file, &source)))
        };
        self.copied.iter().map(page).collect()
    }
}

/// A file with its lines numbered, each with an anchor.
fn page(file: &str, source: &str) -> String {
    let line = |(i, line): (usize, &str)| {
        format!("<li id=\"L{0}\"><code>{1}</code></li>\n", i + 1, escape_html(line))
    };
    let lines: String = source.lines().enumerate().map(line).collect();
    include_str!("source.html")
        .replace("COLOURS", include_str!("../../theme/colours.css"))
        .replace("FILE", file)
        .replace("LINES", &lines)
}

/// Puts `files` into the folder [`MADE`] and removes what else is there. A file that is right already
/// is left alone: `mdbook serve` builds again whenever one changes.
///
/// # Errors
/// If a file cannot be written.
pub fn write(src: &Path, files: &[(String, String)]) -> Result<()> {
    let made = src.join(MADE);
    let mut wanted = BTreeSet::new();
    for (name, text) in files {
        let path = made.join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            let folder = path.parent().unwrap_or(&made);
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            fs::write(&path, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        wanted.insert(path);
    }
    remove_others(&made, &wanted)
}

fn remove_others(folder: &Path, wanted: &BTreeSet<std::path::PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, wanted)?;
        } else if !wanted.contains(&path) {
            fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_code_has_an_address() {
        let mut sources = Sources::default();
        let address = sources.address("chapters-code/a.rs", Some(7));
        assert_eq!(address, "made/chapters-code/a.rs.html#L7");
        let folder = crate::folder_of(&[("chapters-code/a.rs", "a\nb < c\n")]);
        let pages = sources.pages(folder.path()).expect("its page");
        assert_eq!(pages[0].0, "chapters-code/a.rs.html");
        assert!(pages[0].1.contains("<li id=\"L2\"><code>b &lt; c</code></li>"));

        let repository = Some("https://x.org/n/".into());
        let mut public = Sources { repository, ..Sources::default() };
        let address = public.address("chapters-code/a.rs", Some(7));
        assert_eq!(address, "https://x.org/n/blob/main/chapters-code/a.rs#L7");
        assert!(public.copied.is_empty());
    }

    #[test]
    fn what_is_right_is_not_written_again_and_the_rest_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| (name.to_string(), text.to_string());
        write(folder.path(), &[file("a/b.html", "1"), file("c.js", "2")])
            .expect("written");
        let time = |name: &str| {
            let path = folder.path().join(MADE).join(name);
            fs::metadata(path).and_then(|data| data.modified()).ok()
        };
        let before = time("c.js");
        write(folder.path(), &[file("c.js", "2")]).expect("written");
        assert!(before.is_some() && time("c.js") == before);
        assert_eq!(time("a/b.html"), None);
    }
}
