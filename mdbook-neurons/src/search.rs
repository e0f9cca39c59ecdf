//! What the search knows of the book: one entry a section, each formula in one reading, and nothing
//! of what stands in folded boxes or under a page.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Result, bail};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use crate::chapter::{Book, Leaf};
use crate::figures::escape;
use crate::formulas::{Piece, pieces};
use crate::items::paths;
use crate::pages::{markdown, slug};

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
pub fn script(book: &Book, words: &Words) -> Result<String> {
    #[derive(Serialize)]
    struct Whole<'a> {
        same: &'a [Vec<String>],
        sections: Vec<Section>,
    }
    let mut places = words.places.clone();
    let mut whole = Whole { same: &words.same, sections: vec![] };
    for page in &book.pages {
        for mut section in sections(book, page) {
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
pub fn sections(book: &Book, page: &Leaf) -> Vec<Section> {
    let text = spelt_out(book, &page.text);
    let mut reader = Reader {
        book,
        page,
        ids: HashSet::new(),
        done: vec![],
        now: Section::default(),
        folded: 0,
        in_summary: false,
        in_solution: false,
    };
    let (mut heading, mut fence) = (None::<(Option<String>, String)>, None::<String>);
    for event in Parser::new_ext(&text, markdown() | Options::ENABLE_MATH) {
        match event {
            Event::Start(Tag::Heading { id, .. }) if reader.is_open() => {
                heading = Some((id.map(|id| id.to_string()), String::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((id, words)) = heading.take() {
                    reader.begin(id, words.trim());
                }
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                fence = Some(match kind {
                    pulldown_cmark::CodeBlockKind::Fenced(info) => info.to_string(),
                    pulldown_cmark::CodeBlockKind::Indented => String::new(),
                });
            }
            Event::End(TagEnd::CodeBlock) => {
                fence = None;
                reader.words(" ");
            }
            Event::Text(words) | Event::Code(words) => match (&mut heading, &fence) {
                (Some((_, heading)), _) => heading.push_str(&words),
                (None, Some(tags)) if tags.starts_with("math") => reader.formula(&words),
                (None, Some(_)) => reader.code(&words),
                (None, None) => reader.words(&words),
            },
            Event::InlineMath(tex) => reader.formula(&tex),
            Event::Html(html) | Event::InlineHtml(html) => reader.html(&html),
            Event::Start(Tag::Image { title, .. }) => reader.mixed(&title),
            Event::SoftBreak | Event::HardBreak => reader.words(" "),
            Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::TableHead,
            ) => reader.words(" "),
            _ => {}
        }
    }
    reader.end();
    reader.done
}

/// A page whose directives are replaced by what they show: numbers and code. Tables of the ledgers
/// are for looking up, not for being found.
fn spelt_out(book: &Book, text: &str) -> String {
    let (mut new, mut rest) = (String::new(), text);
    while let Some(at) = rest.find("{{#") {
        let Some(length) = rest[at..].find("}}") else { break };
        let words = &rest[at + 3..at + length];
        new.push_str(&rest[..at]);
        let shown = match words.split_once(' ') {
            Some(("number", key)) => {
                book.ledger.number(key).ok().map(|number| number.text)
            }
            Some(("item", words)) => {
                let paths = paths(words);
                let cuts = paths.iter().filter_map(|path| book.items.find(path).ok());
                let code: String = cuts.flatten().map(|cut| cut.code.as_str()).collect();
                Some(format!("```rust\n{code}```\n"))
            }
            _ => None,
        };
        new.push_str(&shown.unwrap_or_default());
        rest = &rest[at + length + 2..];
    }
    new + rest
}

/// Collects the sections of a page.
struct Reader<'a> {
    book: &'a Book,
    page: &'a Leaf,
    ids: HashSet<String>,
    done: Vec<Section>,
    now: Section,
    /// In how many folded boxes the text stands, of which only the summary can be found.
    folded: usize,
    in_summary: bool,
    /// Whether the box has no class: then its summary is the word "Solution".
    in_solution: bool,
}

impl Reader<'_> {
    fn is_open(&self) -> bool {
        self.folded == 0 || self.in_summary
    }

    fn begin(&mut self, id: Option<String>, heading: &str) {
        self.end();
        let first = id.unwrap_or_else(|| slug(heading));
        let mut id = first.clone();
        for again in 1.. {
            if self.ids.insert(id.clone()) {
                break;
            }
            id = format!("{first}-{again}");
        }
        let Leaf { title, file, .. } = self.page;
        let stem = file.trim_end_matches(".md");
        let name = stem.replace('_', " ");
        let (mut breadcrumbs, mut words) = (self.page.heading(), heading.to_string());
        if self.done.is_empty() {
            words = format!("{words} {name}");
        } else {
            breadcrumbs = format!("{breadcrumbs} » {heading}");
        }
        self.now = Section {
            url: format!("{stem}.html#{id}"),
            breadcrumbs: escape(&breadcrumbs),
            title: words,
            page: format!("{title} {name}"),
            ..Section::default()
        };
    }

    fn end(&mut self) {
        let mut section = std::mem::take(&mut self.now);
        if section.url.is_empty() {
            return;
        }
        for text in [&mut section.body, &mut section.code] {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        self.done.push(section);
    }

    fn words(&mut self, words: &str) {
        if self.is_open() {
            self.now.body.push_str(words);
        }
    }

    fn formula(&mut self, tex: &str) {
        if let Ok(reading) = self.book.formulas.reading(tex) {
            self.words(&reading);
        }
    }

    fn code(&mut self, code: &str) {
        // A line that is hidden on the page is hidden here.
        let shown = code.lines().filter(|line| *line != "#" && !line.starts_with("# "));
        if self.is_open() {
            shown.for_each(|line| self.now.code += &format!("{line}\n"));
        }
    }

    /// Text with formulas that is not Markdown.
    fn mixed(&mut self, text: &str) {
        for piece in pieces(text).unwrap_or_default() {
            match piece {
                Piece::Words(words) => self.words(&words.replace("\\$", "$")),
                Piece::Formula(tex) => self.formula(tex),
            }
        }
        self.words(" ");
    }

    fn html(&mut self, html: &str) {
        for part in html.split_inclusive('>') {
            let (text, tag) = part.split_once('<').unwrap_or((part, ""));
            self.mixed(text);
            let name = tag.trim_end_matches('>').split(' ').next().unwrap_or_default();
            match name {
                "details" => {
                    self.folded += 1;
                    self.in_solution = !tag.contains("class=");
                }
                "/details" => self.folded = self.folded.saturating_sub(1),
                "summary" => self.in_summary = !self.in_solution,
                "/summary" => self.in_summary = false,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections_of(text: &str) -> Vec<Section> {
        let page = Leaf {
            file: "a_b.md".into(),
            number: Some("3".into()),
            title: "Down & up".into(),
            text: text.into(),
        };
        sections(&Book::default(), &page)
    }

    #[test]
    fn a_section_is_found_by_what_is_seen_of_it() {
        let found = sections_of(
            "# Down & up\n\nOne **bold** $\\w_{j}$.\n\n```math\n\\a = \\frac{1}{2}\n```\nEnd.\n\n\
             ## Its `slope`\n\n```rust\n# hidden();\nshown();\n```\n\n```output\n7\n```\n\n\
             <details class=\"predict\">\n<summary>Guess $x$?</summary>\n\nThe *answer*.\n\n\
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
        let error = script(&Book::default(), &words).expect_err("an error").to_string();
        assert!(error.contains("a.md#gone"), "{error}");
    }
}
