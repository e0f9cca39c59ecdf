//! What the search knows of the book: one entry a section, each formula in one reading, and nothing
//! of what stands in folded boxes or under a page.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, bail};
use mdbook_core::utils::escape_html;
use serde::{Deserialize, Serialize};

use crate::book::Book;
use crate::formulas::Formulas;
use crate::pages::{Page, Piece, Span, slug, spans};

/// The script that makes the search's index of the sections, in the reader's browser.
const SCRIPT: &str = include_str!("search.js");

/// `[preprocessor.neurons.search]` of book.toml.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Groups of words that mean the same.
    #[serde(default)]
    pub same: Vec<Vec<String>>,
    /// By section (`gradient_descent.md#a-long-valley`): words that readers look for, and that its
    /// heading does not have.
    #[serde(default)]
    pub places: BTreeMap<String, String>,
}

/// A section as the search shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Section {
    /// `sigmoid.html#its-slope`
    pub url: String,
    /// What a result is called: `3 · Squashing » Its slope`, as HTML.
    pub breadcrumbs: String,
    /// The heading, and other words for it.
    pub title: String,
    /// The page's title, and the name of its file.
    pub page: String,
    /// The prose.
    pub body: String,
    /// The code, and what it prints.
    pub code: String,
}

/// The script of the search, with all sections of a book.
///
/// # Errors
/// If `words` names a section that is not there.
pub fn script(book: &Book, formulas: &Formulas, words: &Words) -> Result<String> {
    #[derive(Serialize)]
    struct Whole<'a> {
        same: &'a [Vec<String>],
        sections: Vec<Section>,
    }
    let mut places = words.places.clone();
    let mut whole = Whole { same: &words.same, sections: vec![] };
    for page in &book.pages {
        for mut section in sections(book, formulas, page) {
            let key = section.url.replacen(".html", ".md", 1);
            if let Some(more) = places.remove(&key) {
                section.title = format!("{} {more}", section.title);
            }
            whole.sections.push(section);
        }
    }
    if let Some(place) = places.keys().next() {
        bail!(
            "book.toml has words for the search at {place}, and there is no such section"
        );
    }
    let whole = serde_json::to_string(&whole)?;
    Ok(SCRIPT.replace("(BOOK)", &format!("({whole})")))
}

/// The sections of a page, from one heading to the next.
pub fn sections(book: &Book, formulas: &Formulas, page: &Page) -> Vec<Section> {
    let mut sections = Sections { page, formulas, ids: HashSet::new(), done: vec![] };
    // The boxes that are open: where their summary ends, and whether that can be found.
    let mut boxes: Vec<(usize, bool)> = vec![];
    for (place, piece) in &page.pieces {
        match piece {
            Piece::Box { asks, .. } => boxes.push((place.end, *asks)),
            Piece::BoxEnd => {
                boxes.pop();
            }
            _ => {}
        }
        // Of a folded box only the question can be found; a solution has none.
        let hidden = |&(summary, asks): &(usize, bool)| !asks || place.start >= summary;
        if boxes.last().is_some_and(hidden) {
            continue;
        }
        match piece {
            Piece::Heading { id, words, .. } => sections.begin(id.clone(), words),
            Piece::Words(words) => sections.words(words),
            Piece::Gap => sections.words(" "),
            Piece::Formula(tex) => sections.formula(tex),
            Piece::Figure(figure) => {
                sections.caption(figure.caption.as_deref().unwrap_or_default());
                sections.words(&figure.alt);
            }
            Piece::Fence(fence) if fence.language() == "math" => {
                sections.formula(&fence.text);
                sections.words(" ");
            }
            Piece::Fence(fence) => sections.code(&fence.text),
            Piece::Directive(directive) if !directive.in_code => {
                let words = &directive.words;
                // Tables of the ledgers are for looking up, not for being found.
                match directive.name.as_str() {
                    "number" => {
                        let number = book.ledger.number(words);
                        number.iter().for_each(|number| sections.words(&number.text));
                    }
                    "item" => {
                        let cuts = book.items.named(words).unwrap_or_default();
                        cuts.iter().for_each(|cut| sections.code(&cut.code));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    for section in &mut sections.done {
        for text in [&mut section.body, &mut section.code] {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
    sections.done
}

/// The sections of a page while they are being filled.
struct Sections<'a> {
    page: &'a Page,
    formulas: &'a Formulas,
    ids: HashSet<String>,
    done: Vec<Section>,
}

impl Sections<'_> {
    fn begin(&mut self, id: Option<String>, heading: &str) {
        let first = id.unwrap_or_else(|| slug(heading));
        let mut id = first.clone();
        for again in 1.. {
            if self.ids.insert(id.clone()) {
                break;
            }
            id = format!("{first}-{again}");
        }
        let name = self.page.file().trim_end_matches(".md").replace('_', " ");
        let (mut breadcrumbs, mut title) = (self.page.heading(), heading.to_string());
        if self.done.is_empty() {
            title = format!("{title} {name}");
        } else {
            breadcrumbs = format!("{breadcrumbs} » {heading}");
        }
        self.done.push(Section {
            url: format!("{}#{id}", self.page.address()),
            breadcrumbs: escape_html(&breadcrumbs).into(),
            title,
            page: format!("{} {name}", self.page.title),
            ..Section::default()
        });
    }

    fn words(&mut self, words: &str) {
        if let Some(section) = self.done.last_mut() {
            section.body.push_str(words);
        }
    }

    fn formula(&mut self, tex: &str) {
        if let Ok(reading) = self.formulas.reading(tex) {
            self.words(&reading);
        }
    }

    fn code(&mut self, code: &str) {
        let Some(section) = self.done.last_mut() else { return };
        // A line that is hidden on the page is hidden here.
        let shown = code.lines().filter(|line| *line != "#" && !line.starts_with("# "));
        shown.for_each(|line| section.code += &format!("{line}\n"));
        section.body.push(' ');
    }

    fn caption(&mut self, text: &str) {
        for span in spans(text).unwrap_or_default() {
            match span {
                Span::Words(words) => self.words(&words.replace("\\$", "$")),
                Span::Formula(tex) => self.formula(tex),
            }
        }
        self.words(" ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections_of(text: &str) -> Vec<Section> {
        let page = Page::read("src/a_b.md", text).named(Some("3".into()), "Down & up");
        sections(&Book::default(), &Formulas::default(), &page)
    }

    #[test]
    fn a_section_is_found_by_what_is_seen_of_it() {
        let found = sections_of(
            "# Down & up\n\nOne **bold** $\\w_{j}$.\n\n```math\n\\a = \\frac{1}{2}\n```\nEnd.\n\n\
             ## Its `slope`\n\n```rust\n# hidden();\nshown();\n```\n\n```output\n7\n```\n\n\
             <details class=\"predict\">\n<summary>Guess $x$?</summary>\n\n\
             - [ ] Four\n\n  No.\n\n- [x] Five\n\n  Yes.\n\nThe *answer*.\n\n\
             ```rust\nsecret();\n```\n\n</details>\n\nAfter.\n\n\
             <details>\n<summary>Solution</summary>\n\n4\n\n</details>\n\n## Its `slope`\n",
        );
        let [page, slope, again] = &found[..] else { panic!("{found:?}") };
        assert_eq!((&*page.url, &*page.title), ("a_b.html#down--up", "Down & up a b"));
        assert_eq!(page.body, "One bold w_j. a = 1/2 End.");
        assert_eq!(slope.breadcrumbs, "3 · Down &amp; up » Its slope");
        assert_eq!((&*slope.body, &*slope.code), ("Guess x? After.", "shown(); 7"));
        assert_eq!(again.url, "a_b.html#its-slope-1");
    }

    #[test]
    fn words_for_a_section_that_is_gone_stop_the_build() {
        let mut words = Words::default();
        words.places.insert("a.md#gone".into(), "x".into());
        let error = script(&Book::default(), &Formulas::default(), &words)
            .expect_err("an error")
            .to_string();
        assert!(error.contains("a.md#gone"), "{error}");
    }
}
