//! The book's chapters: each page as Markdown that mdBook can render.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use mdbook_core::utils::{escape_html, escape_html_attribute};

use crate::book::Book;
use crate::choices::{Written, edited, written};
use crate::derivatives::{self, Stated, named};
use crate::figures::drawing;
use crate::formulas::{Formulas, TexError, states_derivative};
use crate::instruments;
use crate::items::{Cut, paths};
use crate::ledger::{Number, anchor};
use crate::pages::{
    Cell, Choices, Directive, Fence, Figure, Page, PageError, Piece, STRAY, Span,
    line_of, slug, spans,
};
use crate::sources::Sources;

/// Writes the chapters, and keeps what they have in common.
pub struct Chapters<'a> {
    book: &'a Book,
    /// TeX.
    pub formulas: Formulas,
    /// Where the code can be read.
    pub sources: Sources,
    /// The page that shows an item first, by the item's path.
    shown: BTreeMap<String, String>,
    /// How often each figure has been shown, so that ids stay unique.
    figures: BTreeMap<String, usize>,
    /// Whether a page has a figure that moves.
    pub moving: bool,
}

impl<'a> Chapters<'a> {
    /// Those of a book whose code stands in `repository`, if that is public.
    pub fn new(book: &'a Book, repository: Option<String>) -> Self {
        let mut shown = BTreeMap::new();
        for page in &book.pages {
            for path in page.directives("item").flat_map(|(_, words)| paths(words)) {
                shown.entry(path).or_insert_with(|| page.address());
            }
        }
        let sources = Sources { repository, ..Sources::default() };
        let figures = BTreeMap::new();
        let (formulas, moving) = (Formulas::default(), false);
        Chapters { book, formulas, sources, shown, figures, moving }
    }

    /// The page with its items, formulas and figures in place.
    ///
    /// # Errors
    /// Everything that is wrong on it, each with its line.
    pub fn write(&mut self, page: &Page) -> Result<String, Vec<PageError>> {
        let mut chapter = Chapter {
            all: self,
            page,
            edits: Vec::new(),
            errors: page.errors.clone(),
            figures: 0,
            last: None,
            moving: false,
            questions: Vec::new(),
            marked: BTreeSet::new(),
            coded: BTreeSet::new(),
        };
        for (place, piece) in &page.pieces {
            if let Err(message) = chapter.piece(place.clone(), piece) {
                chapter.error(line_of(&page.text, place.start), message);
            }
        }
        chapter.ask();
        let Chapter { mut edits, mut errors, .. } = chapter;
        if !errors.is_empty() {
            errors.sort_by_key(|error| error.line);
            return Err(errors);
        }
        edits.sort_by_key(|(range, _)| range.start);
        let new = edited(&page.text, &(0..page.text.len()), &edits);
        Ok(new + &self.foot(page))
    }

    /// What stands under a page: how to run it, and the pages before and after it, by their names,
    /// which mdBook's own arrows do not tell.
    fn foot(&mut self, page: &Page) -> String {
        let name = &page.name;
        let mut ways = vec![];
        for (what, file) in [
            ("Run", format!("examples/{name}.rs")),
            ("Notebook", format!("notebooks/{name}.ipynb")),
            ("Code", format!("chapters-code/{name}.rs")),
        ] {
            // A program of this name that does not run the page's cells is something else.
            let is_other = what == "Run" && page.cells.is_empty();
            if is_other || !self.book.root.join(&file).exists() {
                continue;
            }
            let words = match what {
                "Run" => format!("<code>cargo run --example {name}</code>"),
                _ => format!("<code>{file}</code>"),
            };
            let words = match what == "Code" || self.sources.repository.is_some() {
                true => format!(
                    "<a href=\"{}\">{words}</a>",
                    self.sources.address(&file, None)
                ),
                false => words,
            };
            ways.push(format!("<span>{what}: {words}</span>"));
        }
        let mut foot = String::new();
        if !ways.is_empty() {
            foot = format!("\n\n<p class=\"ways\">{}</p>", ways.join(" "));
        }
        let pages = &self.book.pages;
        let Some(at) = pages.iter().position(|other| other.path == page.path) else {
            return foot;
        };
        let turn = |page: Option<&Page>, rel: &str| match page {
            Some(page) => format!(
                "<a rel=\"{rel}\" href=\"{}\">{}</a>",
                page.address(),
                escape_html(&page.heading())
            ),
            None => "<span></span>".into(),
        };
        let previous = turn(at.checked_sub(1).and_then(|at| pages.get(at)), "prev");
        let next = turn(pages.get(at + 1), "next");
        let own = page.heading();
        let own = escape_html_attribute(&own);
        foot + &format!(
            "\n\n<nav class=\"turn\" aria-label=\"Before and after {own}\">{previous}{next}</nav>\n"
        )
    }

    /// Where the code of a function stands in the book, alone or as a part of what is shown.
    fn code_of(&self, path: &str) -> Option<String> {
        let owner = path.rsplit_once("::").map_or(path, |(owner, _)| owner);
        let whole = [path.to_string(), format!("impl {owner}"), owner.to_string()];
        let path = whole.iter().find(|path| self.shown.contains_key(*path))?;
        Some(format!("{}#{}", self.shown[path], code_anchor(path)))
    }

    /// A formula within a line.
    fn inline(&self, tex: &str) -> Result<String, String> {
        self.formulas.inline(tex).map_err(|error| error.message)
    }
}

/// The anchor of an item's code on the page that shows it: `c-sigmoid-sigmoid_prime`.
fn code_anchor(path: &str) -> String {
    format!("c-{}", slug(&path.replace("::", "-")))
}

/// A chapter while it is being written.
struct Chapter<'a, 'b> {
    all: &'a mut Chapters<'b>,
    page: &'a Page,
    /// Places in the text, and what shall stand there.
    edits: Vec<(Range<usize>, String)>,
    errors: Vec<PageError>,
    figures: usize,
    /// The last figure: what its file is called, and its number.
    last: Option<(String, String)>,
    /// Whether one of its figures moves.
    moving: bool,
    /// The questions with choices.
    questions: Vec<&'a Choices>,
    /// The derivatives that have been marked on this page.
    marked: BTreeSet<String>,
    /// The items that this page has shown.
    coded: BTreeSet<String>,
}

impl<'a> Chapter<'a, '_> {
    fn error(&mut self, line: usize, message: impl Into<String>) {
        self.errors.push(PageError::new(&self.page.path, line, message));
    }

    fn piece(&mut self, place: Range<usize>, piece: &'a Piece) -> Result<(), String> {
        let text = &self.page.text;
        let (range, new) = match piece {
            Piece::Heading { is_title: true, id, .. } => {
                self.title(&place, id.is_some());
                return Ok(());
            }
            Piece::Link(target) => {
                return self.all.book.target(self.page, target).map(|_| ());
            }
            Piece::Mention(number) => {
                let page = self.all.book.chapter(number)?;
                let words = text[place.clone()].replace(' ', "&nbsp;");
                (place, format!("<a href=\"{}\">{words}</a>", page.address()))
            }
            Piece::Choices(choices) => {
                self.questions.push(choices);
                return Ok(());
            }
            Piece::Formula(tex) => match self.all.formulas.inline(tex) {
                Ok(html) => joined(text, place, html),
                Err(TexError { line, message }) => {
                    self.error(line_of(text, place.start) + line, message);
                    return Ok(());
                }
            },
            Piece::Dollar => (place, "$".into()),
            Piece::Figure(figure) => (place, self.figure(figure)?),
            Piece::Fence(fence) if fence.language() == "math" => {
                (place, self.display(fence)?)
            }
            // Plain text to mdBook and to the highlighter.
            Piece::Fence(fence) if fence.language() == "output" => {
                let tag = text[place.clone()].find("output").unwrap_or_default();
                let start = place.start + tag;
                (start..start + "output".len(), "text,output".into())
            }
            Piece::Directive(directive) => match self.directive(directive)? {
                Some(new) => (place, new),
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        self.edits.push((range, new));
        Ok(())
    }

    /// A box with choices shows its question and them, and folds the rest. What stands in a choice has
    /// been edited already.
    fn ask(&mut self) {
        let text = &self.page.text;
        self.edits.sort_by_key(|(range, _)| range.start);
        for (number, Choices { head, choices, tail }) in self.questions.iter().enumerate()
        {
            // Pages share one address when the book is printed.
            let id = format!("q-{}-{}", self.page.name, number + 1);
            let mut asked = vec![];
            for (tag, html) in [
                ("<details", format!("<div role=\"group\" aria-labelledby=\"{id}\"")),
                ("class=\"", "class=\"choices ".into()),
                ("<summary>", format!("<p class=\"question\" id=\"{id}\">")),
                ("</summary>", "</p>".into()),
            ] {
                if let Some(at) = text[head.clone()].find(tag) {
                    let at = head.start + at;
                    asked.push((at..at + tag.len(), html));
                }
            }
            for choice in choices {
                let Written { words, meaning } = written(text, choice, &self.edits);
                let class = if choice.is_right { "choice right" } else { "choice" };
                let html = format!(
                    "<details class=\"{class}\" name=\"{id}\"><summary>{words}</summary>\n\n{meaning}\n\n</details>"
                );
                asked.push((choice.place.clone(), html));
            }
            let chosen = |at| choices.iter().any(|choice| choice.place.contains(&at));
            self.edits.retain(|(range, _)| !chosen(range.start));
            if let Some(last) = choices.last() {
                let at = last.place.end;
                let inside = at..tail.start;
                let runs = |cell: &Cell| inside.contains(&cell.fence.range.start);
                let answer = match self.page.cells.iter().any(runs) {
                    true => "The run",
                    false => "The answer",
                };
                let html =
                    format!("\n\n<details class=\"answer\"><summary>{answer}</summary>");
                asked.push((at..at, html));
            }
            asked.push((tail.end..tail.end, "\n\n</div>".into()));
            self.edits.extend(asked);
        }
    }

    /// The page's own heading, which gets the chapter's number, and keeps the anchor it had without.
    fn title(&mut self, place: &Range<usize>, has_id: bool) {
        let Some(number) = &self.page.number else { return };
        let line = self.page.text[place.clone()].trim_end();
        let title = line.trim_start_matches(['#', ' ']);
        let end = place.start + line.len();
        let start = end - title.len();
        self.edits.push((start..start, format!("{number} · ")));
        if !has_id {
            self.edits.push((end..end, format!(" {{#{}}}", slug(title))));
        }
    }

    /// A ```` ```math ```` block, with the mark of its check.
    fn display(&mut self, fence: &Fence) -> Result<String, String> {
        let definition = fence.tags.iter().any(|tag| tag == "definition");
        let paths = named(fence);
        if paths.is_empty() && !definition && states_derivative(&fence.text) {
            let message = "a derivative that names no check: ```math derivative=module::function, \
                           or ```math definition if it is no result";
            self.error(fence.line, message);
        }
        for path in &paths {
            let Book { items, derivatives, .. } = self.all.book;
            for wrong in [items.find(path).err(), derivatives.find(path).err()] {
                wrong.into_iter().for_each(|wrong| self.error(fence.line, wrong));
            }
        }
        let html = match self.all.formulas.display(fence.text.trim_end()) {
            Ok(html) => html,
            Err(TexError { line, message }) => {
                self.error(fence.line + 1 + line, message);
                return Ok(String::new());
            }
        };
        let (mut marks, mut ids) = (vec![], String::new());
        for path in paths {
            let row = derivatives::anchor(path);
            let code = self.all.code_of(path);
            let code = code.map(|at| format!(" (<a href=\"{at}\">code</a>)"));
            marks.push(format!(
                "<a href=\"derivatives.html#{row}\"><code>{}</code></a>{}",
                escape_html(path),
                code.unwrap_or_default()
            ));
            // Where the row leads back to: the formula that the ledger shows.
            if self.marked.insert(row.clone()) {
                ids.push_str(&format!("<a id=\"f-{row}\"></a>"));
            }
        }
        let mark = match marks.is_empty() {
            true => String::new(),
            false => {
                format!(
                    "<p class=\"derivative-check\">✓ checked by {}</p>",
                    marks.join(", ")
                )
            }
        };
        Ok(format!("<div class=\"formula\">{ids}{html}{mark}</div>\n"))
    }

    /// An image as a figure of the page.
    fn figure(&mut self, figure: &Figure) -> Result<String, String> {
        let Figure { file, alt, caption, alone } = figure;
        if alt.is_empty() {
            return Err(format!("the figure {file} has no alt text"));
        }
        let caption = caption.as_ref().ok_or_else(|| {
            format!("the figure {file} has no caption: ![alt]({file} \"Caption\")")
        })?;
        if !alone {
            return Err(format!("the figure {file} must be alone in its paragraph"));
        }
        let svg = self.all.book.beside(self.page, file)?;
        let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".svg");
        let shown = self.all.figures.entry(stem.into()).or_default();
        *shown += 1;
        let id = match shown {
            1 => format!("fig-{stem}"),
            shown => format!("fig-{stem}-{shown}"),
        };
        self.figures += 1;
        let chapter = self.page.number.as_ref().map(|number| format!("{number}."));
        let number = format!("Figure {}{}", chapter.unwrap_or_default(), self.figures);
        self.last = (id == format!("fig-{stem}")).then(|| (stem.into(), number.clone()));
        let mut words = String::new();
        for span in spans(caption).map_err(|_| STRAY)? {
            match span {
                Span::Words(text) => words += &escape_html(&text.replace("\\$", "$")),
                Span::Formula(tex) => words += &self.all.inline(tex)?,
            }
        }
        drawing(&id, &number, alt, &words, &svg)
    }

    /// What a directive shows; nothing if it stands in code.
    fn directive(&mut self, directive: &Directive) -> Result<Option<String>, String> {
        let Directive { name, words, alone, indent, in_code } = directive;
        let Book { ledger, pages, .. } = self.all.book;
        if name == "include" {
            return Err(
                "mdBook found no file to include here, and would go on without it".into(),
            );
        }
        if *in_code {
            return Ok(None);
        }
        let shown = match name.as_str() {
            "item" if !alone => {
                return Err("{{#item path}} must be alone on its line".into());
            }
            "item" => self.item(words)?.replace('\n', &format!("\n{indent}")) + "\n",
            "number" => linked(&ledger.number(words)?),
            "run" => ledger.experiment(words)?.table(),
            "machine" => escape_html(ledger.machine(words)?).into(),
            "numbers" => ledger.tables(pages, |page| page.file().into()),
            "derivatives" => self.derivatives()?,
            "instrument" => self.instrument(words)?,
            _ => return Err(format!("the book does not know `{{{{#{name}`")),
        };
        Ok(Some(shown))
    }

    /// What the reader moves the figure above by.
    fn instrument(&mut self, name: &str) -> Result<String, String> {
        let number = match &self.last {
            Some((last, number)) if last == name => number,
            _ => {
                return Err(format!(
                    "{{{{#instrument {name}}}}} stands below its figure, ../images/{name}.svg, where \
                     the book shows it first"
                ));
            }
        };
        let first = !std::mem::replace(&mut self.moving, true);
        self.all.moving = true;
        let formula = |tex: &str| self.all.inline(tex);
        instruments::form(&self.all.book.root, name, number, first, formula)
    }

    /// The ledger of derivatives.
    fn derivatives(&self) -> Result<String, String> {
        let Book { derivatives: ledger, stated, .. } = self.all.book;
        let link = |Stated { path, page, .. }: &Stated| {
            let (row, page) = (derivatives::anchor(path), page.trim_end_matches(".md"));
            format!(
                "<a id=\"{row}\" href=\"{page}.html#f-{row}\"><code>{path}</code></a>"
            )
        };
        ledger.table(stated, |tex| self.all.inline(tex), link)
    }

    /// The items of some paths as one block, with their places under it.
    fn item(&mut self, words: &str) -> Result<String, String> {
        let cuts = self.all.book.items.named(words)?;
        let mut ids = String::new();
        for path in paths(words) {
            // Where the mark under a formula leads.
            let id = code_anchor(&path);
            if self.coded.insert(id.clone()) {
                ids.push_str(&format!("<a id=\"{id}\"></a>"));
            }
        }
        let code: Vec<&str> = cuts.iter().map(|cut| cut.code.as_str()).collect();
        let (mut files, mut places, mut tests) = (BTreeSet::new(), vec![], vec![]);
        let sources = &mut self.all.sources;
        for Cut { file, line, test, .. } in cuts {
            // Several items of one file: the first one says where.
            if files.insert(file) {
                let address = sources.address(file, Some(*line));
                places.push(format!("<a href=\"{address}\">{file}:{line}</a>"));
            }
            if let Some(line) = test {
                let address = sources.address(file, Some(*line));
                tests.push(format!("<a href=\"{address}\">{line}</a>"));
            }
        }
        let tests = match tests.len() {
            0 => String::new(),
            1 => format!(", test on line {}", tests[0]),
            _ => format!(", tests on lines {}", tests.join(", ")),
        };
        Ok(format!(
            "{ids}\n\n```rust,item\n{}```\n\n<p class=\"source\">{}{tests}</p>",
            code.join("\n"),
            places.join(", ")
        ))
    }
}

/// A short formula and the comma after it: a browser may otherwise break the line between them.
fn joined(text: &str, mut place: Range<usize>, html: String) -> (Range<usize>, String) {
    let after = text[place.end..].chars().next();
    match after.filter(|&letter| place.len() < 24 && ",.;:?!)".contains(letter)) {
        Some(letter) => {
            place.end += letter.len_utf8();
            (place, format!("<span class=\"joined\">{html}{letter}</span>"))
        }
        None => (place, html),
    }
}

/// A number of the ledger, with a link to its row there.
fn linked(Number { key, text, about }: &Number) -> String {
    let (text, about) = (text.replace(' ', "&nbsp;"), escape_html_attribute(about));
    format!(
        "<a class=\"number\" href=\"numbers.html#{}\" title=\"{about}\">{text}</a>",
        anchor(key)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder_of;
    use crate::items::Items;

    /// A repository with one module and one figure, in which `more` stands too.
    fn repository(more: &[(&str, &str)]) -> tempfile::TempDir {
        let panel = "<svg class=\"panel\" width=\"1\" viewBox=\"0 0 1 1\"><path/></svg>";
        let figure = format!("<svg >{panel}</svg>");
        let code = "/// F.\npub fn f() {}\n\n/// G.\npub fn g() {}\n";
        let own =
            [("images/s.svg", &*figure), ("chapters-code/a.rs", code), ("src/p.md", "")];
        folder_of(&[&own, more].concat())
    }

    fn read(name: &str, number: Option<&str>, text: &str) -> Page {
        let page = Page::read(&format!("src/{name}.md"), text);
        page.named(number.map(String::from), &format!("{}.MD", name.to_uppercase()))
    }

    /// The last page of a book in this repository.
    fn written(
        folder: &tempfile::TempDir,
        public: Option<&str>,
        pages: Vec<Page>,
    ) -> Result<String, Vec<PageError>> {
        let root = folder.path().to_path_buf();
        let row = "variables = 1\npoints = 9\ncentral = 4e-11\ncomplex = 2e-16\npytorch_points = 9\npytorch = 0.0\n";
        let rows = format!("[\"a::f\"]\n{row}[\"a::g\"]\n{row}");
        let book = Book {
            items: Items::read(&root, "chapters-code").expect("items"),
            derivatives: toml::from_str(&rows).expect("a ledger"),
            root,
            pages,
            ..Book::default()
        };
        let mut chapters = Chapters::new(&book, public.map(String::from));
        chapters.write(book.pages.last().expect("a page"))
    }

    /// A page that the table of contents does not name.
    fn alone(number: Option<&str>, text: &str) -> Result<String, Vec<PageError>> {
        let chapter = written(&repository(&[]), None, vec![read("p", number, text)])?;
        let (chapter, _) = chapter.split_once("\n\n<nav ").expect("a foot");
        Ok(chapter.into())
    }

    fn rendered(text: &str) -> String {
        alone(Some("3"), text).expect("a good page")
    }

    fn errors(text: &str) -> Vec<String> {
        let errors = alone(None, text).expect_err("an error");
        errors.iter().map(ToString::to_string).collect()
    }

    fn error(text: &str) -> String {
        let errors = errors(text);
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors.concat()
    }

    #[test]
    fn items_are_shown_with_their_place() {
        let page = rendered("x\n\n{{#item a::f a::g}}\n\ny\n");
        assert_eq!(
            page,
            "x\n\n<a id=\"c-a-f\"></a><a id=\"c-a-g\"></a>\n\n```rust,item\n/// F.\npub fn f() {}\n\n/// G.\npub fn g() {}\n```\n\n<p class=\"source\"><a href=\"made/chapters-code/a.rs.html#L1\">chapters-code/a.rs:1</a></p>\n\n\ny\n"
        );
        assert_eq!(
            rendered("```text\n{{#item a::f}}\n```\n\n`{{#item a::f}}`\n")
                .matches("{{#item")
                .count(),
            2
        );
        let pages = vec![read("p", None, "{{#item a::g}}")];
        let public = written(&repository(&[]), Some("https://x.org/n/"), pages);
        let page = public.expect("a good page");
        assert!(
            page.contains("<a href=\"https://x.org/n/blob/main/chapters-code/a.rs#L4\">"),
            "{page}"
        );
        let missing = error("x\n\n{{#item a::ff}}\n");
        assert!(
            missing.starts_with("src/p.md:3:") && missing.contains("`a::f`"),
            "{missing}"
        );
        assert!(error("see {{#item a::f}}").contains("alone"));
    }

    #[test]
    fn a_test_and_a_formula_lead_to_the_code() {
        let code = "/// F.\n///\n/// ```\n/// f();\n/// ```\npub fn f() {}\n";
        let folder = repository(&[("chapters-code/a.rs", code)]);
        let text = "{{#item a::f}}\n\n```math derivative=a::f\nf'(x) = 1\n```\n";
        let pages = vec![read("o", None, "{{#item a::f}}\n"), read("p", None, text)];
        let page = written(&folder, None, pages).expect("a good page");
        for link in [
            "<a href=\"made/chapters-code/a.rs.html#L1\">chapters-code/a.rs:1</a>",
            ", test on line <a href=\"made/chapters-code/a.rs.html#L3\">3</a>",
            "<a href=\"o.html#c-a-f\">code</a>",
        ] {
            assert!(page.contains(link), "{link}: {page}");
        }
    }

    #[test]
    fn a_page_bears_its_number_and_keeps_its_anchor() {
        let page = rendered("# What *is* it?\n\nx\n\n## More\n");
        assert!(
            page.starts_with("# 3 · What *is* it? {#what-is-it}\n\nx\n\n## More\n"),
            "{page}"
        );
        let page = rendered("# What? { #w }\n");
        assert!(page.starts_with("# 3 · What? { #w }\n"), "{page}");
        assert!(alone(None, "# What?\n").expect("a page").starts_with("# What?\n"));
    }

    #[test]
    fn only_a_page_with_cells_is_run() {
        let foot = |text: &str| {
            let files = ["examples/p.rs", "notebooks/p.ipynb", "chapters-code/p.rs"];
            let folder = repository(&files.map(|file| (file, "")));
            written(&folder, None, vec![read("p", None, text)]).expect("a good page")
        };
        let page = foot("```rust\n```\n");
        assert!(page.contains("Run: <code>cargo run --example p</code>"), "{page}");
        assert!(page.contains("<a href=\"made/chapters-code/p.rs.html\">"), "{page}");
        assert!(!foot("No cells.\n").contains("Run:"));
    }

    #[test]
    fn what_stands_in_a_folded_box_is_rendered_too() {
        let page = rendered(
            "<details class=\"predict\">\n<summary>How much is $x_1$?</summary>\n\n```rust\n```\n\n\
             ```output\n1\n```\n\n{{#item a::f}}\n\n![A](../images/s.svg \"C\")\n\n</details>\n",
        );
        let parts =
            ["class=\"katex\"", "```text,output\n1\n```", "```rust,item\n", "<figure"];
        for part in parts {
            assert!(page.contains(part), "{part}: {page}");
        }
    }

    #[test]
    fn a_question_with_choices_folds_its_answer() {
        let page = rendered(
            "<details class=\"quiz\">\n<summary>Is it \\$5?</summary>\n\n- [x] `a_b` \\$5\n\n  \
             It is.\n\n- [ ] No\n\n  Then *what*?\n\nSo.\n\n</details>\n\n\
             <details class=\"predict\">\n<summary>And?</summary>\n\n- [ ] $x_1$,\n\n  If $x_2$.\n\n- [x] B\n\n    \
             b\n\n    c\n\n```rust\n```\n\n</details>\n",
        );
        let (first, second) = page.split_once("\n\n<div role=\"group\" ").expect("two");
        assert_eq!(
            first,
            "<div role=\"group\" aria-labelledby=\"q-p-1\" class=\"choices quiz\">\n\
             <p class=\"question\" id=\"q-p-1\">Is it $5?</p>\n\n\
             <details class=\"choice right\" name=\"q-p-1\"><summary><code>a_b</code> $5</summary>\n\n\
             It is.\n\n</details>\n\n\
             <details class=\"choice\" name=\"q-p-1\"><summary>No</summary>\n\n\
             Then *what*?\n\n</details>\n\n\
             <details class=\"answer\"><summary>The answer</summary>\n\nSo.\n\n</details>\n\n</div>"
        );
        assert_eq!(second.matches("name=\"q-p-2\"").count(), 2);
        assert_eq!(second.matches("class=\"katex\"").count(), 2, "{second}");
        assert!(second.contains("<summary><span class=\"joined\">"), "{second}");
        assert!(second.contains("\n\nb\n\n  c\n\n</details>"), "{second}");
        assert!(second.contains("<summary>The run</summary>\n\n```rust"), "{second}");
    }

    #[test]
    fn formulas_are_found_before_markdown_but_not_in_code() {
        let page =
            rendered("$a_1 * b_2$ and $c*d_3$ for `$5` or \\$6\n\n```text\n$x\n```\n");
        assert_eq!(page.matches("class=\"katex\"").count(), 2);
        assert!(page.contains("`$5` or \\$6\n\n```text\n$x\n"), "{page}");
        let page = rendered("with $x_1$, and $x_2$\n");
        assert_eq!(page.matches("<span class=\"joined\">").count(), 1);
        assert!(page.contains(",</span> and "), "{page}");
        let page = rendered(
            "| a |\n|---|\n| $\\lvert x_1 \\rvert$ |\n\n<summary>What is $x_2$?</summary>\n",
        );
        assert_eq!(page.matches("class=\"katex\"").count(), 2, "{page}");
    }

    #[test]
    fn a_bad_formula_names_its_line() {
        assert!(error("a\nb $\\nope$\n").starts_with("src/p.md:2:"));
        assert!(error("a\n\n```math\nx\n\\nope\n```\n").starts_with("src/p.md:5:"));
        assert!(error("a\n\nit costs 5$\n").starts_with("src/p.md:3: a stray"));
        assert!(error("it costs $ 5\n").contains("a stray"));
        assert!(error("$$x$$\n").contains("```math"));
        assert!(error("# On $x$\n").contains("heading"));
        assert!(error("<p>5$</p>\n").contains("a stray"));
    }

    #[test]
    fn a_derivative_names_its_check() {
        let page = rendered(
            "```math derivative=a::f,a::g\nf'(x) = \\frac{\\partial f}{\\partial x}\n```\n",
        );
        assert!(
            page.contains("✓ checked by <a href=\"derivatives.html#d-a-f\"><code>a::f</code></a>, <a "),
            "{page}"
        );
        assert_eq!(
            page.trim().lines().count(),
            1,
            "one line of HTML is not taken for Markdown"
        );
        assert!(
            error("x\n\n```math\nf'(x) = 1\n```\n")
                .starts_with("src/p.md:3: a derivative that names no check")
        );
        assert!(!rendered("```math definition\nf'(x) = 1\n```\n").contains("checked"));
        let missing = errors("```math derivative=a::h\nf'(x) = 1\n```\n");
        assert!(missing[0].contains("no item `a::h`"), "{missing:?}");
        assert!(missing[1].contains("no check of `a::h`"), "{missing:?}");
    }

    #[test]
    fn figures_are_numbered_and_described() {
        let page = rendered(
            "![A curve](../images/s.svg \"The $x_1$ & \\\"y\\\"\")\n\n![Again](../images/s.svg \"Twice\")\n",
        );
        assert!(
            page.contains("<strong>Figure 3.1.</strong>")
                && page.contains("<strong>Figure 3.2.</strong>")
        );
        assert!(page.contains("id=\"fig-s\"") && page.contains("id=\"fig-s-2\""));
        assert!(
            page.contains(" &amp; \"y\"</figcaption>")
                && page.contains("aria-label=\"Figure 3.1. A curve\""),
            "{page}"
        );
        assert!(error("![](../images/s.svg \"C\")\n").contains("no alt text"));
        assert!(error("![A](../images/s.svg)\n").contains("no caption"));
        assert!(error("![A](../images/t.svg \"C\")\n").contains("cannot read"));
        assert!(error("see ![A](../images/s.svg \"C\")\n").contains("alone"));
    }

    #[test]
    fn a_figure_that_moves_has_its_controls_below_it() {
        let controls = "<label for=\"a\">rate $x_1$</label>\n<input id=\"a\">\n";
        let folder = repository(&[("instruments/page/s.html", controls)]);
        let figure = "![A](../images/s.svg \"C\")\n\n";
        let text = format!("{figure}{{{{#instrument s}}}}\n");
        let page = written(&folder, None, vec![read("p", Some("3"), &text)]);
        let page = page.expect("a good page");
        for part in [
            "</figure>",
            "<form class=\"instrument\" data-figure=\"s\" aria-label=\"Controls of Figure 3.1\"",
            "rate <span class=\"katex\"",
            "<script src=\"made/instruments/instruments.js\" defer></script>",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let error = error("{{#instrument s}}\n");
        assert!(error.contains("stands below its figure"), "{error}");
        assert!(
            errors(&format!("{figure}{{{{#instrument t}}}}\n"))
                .concat()
                .contains("below")
        );
    }

    /// A book of two pages, of which the second is the one that is read.
    fn second_page(text: &str) -> Result<String, Vec<PageError>> {
        let pages = vec![read("o", Some("1"), "# On & on\n"), read("p", Some("2"), text)];
        written(&repository(&[]), None, pages)
    }

    #[test]
    fn a_link_leads_somewhere() {
        let page =
            second_page("[a](o.md#on--on) [b](#p) [c](https://x.org/y.md)\n\n# P\n");
        assert!(page.is_ok(), "{page:?}");
        let wrong = |text: &str| second_page(text).expect_err("an error")[0].to_string();
        assert!(
            wrong("\n[a](q.md)\n")
                .starts_with("src/p.md:2: a link to q.md, and src/SUMMARY")
        );
        assert!(wrong("[a](o.md#off)\n").contains("o.md has no such heading"));
        assert!(wrong("See chapter 7.\n").contains("no chapter 7"));
    }

    #[test]
    fn a_chapter_is_linked_and_its_neighbours_are_named() {
        let page = second_page("As chapter 1 says, `chapter 1`.\n").expect("a good page");
        let link = "<a href=\"o.html\">chapter&nbsp;1</a>";
        assert!(page.starts_with(&format!("As {link} says, `chapter 1`.")), "{page}");
        assert!(
            page.contains("<a rel=\"prev\" href=\"o.html\">1 · O.MD</a><span></span>"),
            "{page}"
        );
    }

    #[test]
    fn a_missing_include_stops_the_build() {
        let error = error("a\n\n```text\n{{#include ../images/no.txt}}\n```\n");
        assert!(error.starts_with("src/p.md:4: mdBook found no file"), "{error}");
    }

    #[test]
    fn all_errors_of_a_page_are_told_in_order() {
        let errors = errors("5$\n\n{{#item a::x}}\n\n```math\n\\nope\n```\n");
        let lines: Vec<&str> =
            errors.iter().filter_map(|error| error.split(':').nth(1)).collect();
        assert_eq!(lines, ["1", "3", "6"]);
    }

    #[test]
    fn an_output_block_is_plain_text() {
        assert_eq!(
            rendered("```rust\n```\n\n```output\n1\n```\n"),
            "```rust\n```\n\n```text,output\n1\n```\n"
        );
    }
}
