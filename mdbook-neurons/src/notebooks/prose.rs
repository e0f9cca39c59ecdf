//! A page as the cells of a notebook.

use std::cmp::Reverse;
use std::ops::Range;

use super::code::top_level;
use crate::book::Book;
use crate::choices::{Written, written};
use crate::derivatives::Stated;
use crate::formulas::without_macros;
use crate::pages::{
    Cell, Choices, Directive, Fate, Fence, Figure, Page, PageError, Piece, Span, line_of,
    mentions, spans,
};

/// A cell of a notebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The page's line on which it begins.
    pub line: usize,
    /// Markdown or Rust.
    pub source: String,
    /// What runs, and how it is shown; a cell without it is Markdown.
    pub code: Option<Code>,
}

/// What is particular about a cell that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// The figure that it draws.
    pub figure: Option<String>,
    /// Whether it is the code of a solution, folded until the reader wants to see it.
    pub folded: bool,
    /// What it shows when it has run: the page says so, and a test holds the page to it.
    pub shown: Option<Shown>,
}

/// What a cell shows when it has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Text that it prints.
    Printed(String),
    /// An SVG that it draws.
    Drawn(String),
}

/// What a notebook has in place of a part of the page.
enum Change {
    /// Markdown.
    Prose(String),
    /// A new cell begins.
    Cut,
    /// A cell that runs.
    Run(String, Code),
    /// A solution begins, to be unfolded, under a title if it has none yet.
    Open(Option<String>),
    /// It ends.
    Close,
}

/// The cells of a page's notebook.
///
/// # Errors
/// Everything that is wrong on the page, each with its line.
pub fn drafts(book: &Book, page: &Page) -> Result<Vec<Draft>, Vec<PageError>> {
    let (changes, errors) = (vec![], page.errors.clone());
    let mut writer = Writer { book, page, figures: 0, boxes: vec![], changes, errors };
    for (number, cell) in page.cells.iter().enumerate() {
        writer.cell(number, cell);
    }
    for (place, piece) in &page.pieces {
        if let Err(message) = writer.piece(place.clone(), piece) {
            writer.error(line_of(&page.text, place.start), message);
        }
    }
    if !writer.errors.is_empty() {
        writer.errors.sort_by_key(|error| error.line);
        return Err(writer.errors);
    }
    Ok(writer.assembled())
}

/// A notebook while it is being written.
struct Writer<'a> {
    book: &'a Book,
    page: &'a Page,
    figures: usize,
    /// The boxes that are open: their tag and summary, its words, and what can be chosen.
    boxes: Vec<(Range<usize>, String, Option<&'a Choices>)>,
    changes: Vec<(Range<usize>, Vec<Change>)>,
    errors: Vec<PageError>,
}

impl<'a> Writer<'a> {
    fn error(&mut self, line: usize, message: impl Into<String>) {
        self.errors.push(PageError::new(&self.page.path, line, message));
    }

    fn prose(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.changes.push((range, vec![Change::Prose(text.into())]));
    }

    /// A cell, if it runs, with what the page says that it prints.
    fn cell(&mut self, number: usize, cell: &Cell) {
        let Cell { fence, fate, output, .. } = cell;
        if let Some(output) = output {
            self.prose(output.range.clone(), "");
        }
        let goes_on = self.page.cells[number + 1..]
            .iter()
            .any(|later| later.fate == Fate::Runs && later.continues.contains(&number));
        match top_level(&fence.text, goes_on) {
            _ if *fate != Fate::Runs => {}
            Ok(code) => {
                let shown =
                    output.as_ref().map(|output| Shown::Printed(output.text.clone()));
                let run = Change::Run(code, Code { shown, ..Code::default() });
                self.changes.push((fence.range.clone(), vec![run]));
            }
            Err((below, message)) => self.error(fence.line + 1 + below, message),
        }
    }

    fn piece(&mut self, place: Range<usize>, piece: &'a Piece) -> Result<(), String> {
        let text = &self.page.text;
        match piece {
            Piece::Heading { has_attributes, .. } => {
                self.changes.push((place.start..place.start, vec![Change::Cut]));
                let heading = &text[place.clone()];
                // Jupyter would show the attributes.
                if *has_attributes {
                    let from = heading.rfind('{').unwrap_or(heading.len());
                    let to = heading.rfind('}').map_or(from, |at| at + 1);
                    self.prose(place.start + from..place.start + to, "");
                }
            }
            Piece::Link(target) => self.link(place, target)?,
            Piece::Mention(number) => {
                let link = mention(self.book.chapter(number)?, &text[place.clone()]);
                self.prose(place, link);
            }
            Piece::Formula(tex) => {
                self.prose(place, format!("${}$", without_macros(tex)))
            }
            Piece::Figure(figure) => self.figure(place, figure)?,
            Piece::Fence(fence) if fence.language() == "math" => {
                self.prose(place, display(fence));
            }
            // The tags of Rust that does not run.
            Piece::Fence(fence) if fence.language() == "rust" && fence.tags.len() > 1 => {
                let block = &text[place.clone()];
                if let Some(at) = block.find("rust") {
                    let start = place.start + at;
                    let end = start + block[at..].lines().next().map_or(0, str::len);
                    self.prose(start..end, "rust");
                }
            }
            Piece::Box { summary, .. } => {
                let title = with_formulas(summary, |words| words.replace("\\$", "$"));
                self.boxes.push((place, title, None));
            }
            Piece::Choices(choices) => {
                if let Some((_, _, own)) = self.boxes.last_mut() {
                    *own = Some(choices);
                }
            }
            Piece::BoxEnd => self.close(place),
            Piece::Directive(directive) => self.directive(place, directive)?,
            Piece::Fence(_) | Piece::Words(_) | Piece::Dollar | Piece::Gap => {}
        }
        Ok(())
    }

    /// A box in which something runs is a solution to be unfolded. Without, it stays what it is,
    /// one piece of Markdown.
    fn close(&mut self, tail: Range<usize>) {
        let Some((head, title, choices)) = self.boxes.pop() else { return };
        let mut runs = false;
        for (place, changes) in &mut self.changes {
            let inside = head.end <= place.start && place.end <= tail.start;
            for change in changes {
                if let (Change::Run(_, code), true) = (change, inside) {
                    (runs, code.folded) = (true, true);
                }
            }
        }
        if let Some(choices) = choices {
            return self.ask(choices, title, runs);
        }
        if runs {
            self.changes.push((head, vec![Change::Open(Some(title))]));
            self.changes.push((tail, vec![Change::Close]));
        }
    }

    /// A question with choices: they can be seen, and the rest of the box is to be unfolded.
    fn ask(&mut self, choices: &Choices, title: String, runs: bool) {
        let Choices { head, choices, tail } = choices;
        let title = format!("### {title}");
        self.changes.push((head.clone(), vec![Change::Cut, Change::Prose(title)]));
        for choice in choices {
            let mut edits = vec![];
            self.changes.retain(|(range, changes)| {
                let is_inside = choice.place.contains(&range.start);
                if let (true, [Change::Prose(words)]) = (is_inside, &changes[..]) {
                    edits.push((range.clone(), words.clone()));
                }
                !is_inside
            });
            edits.sort_by_key(|(range, _)| range.start);
            let Written { words, meaning } = written(&self.page.text, choice, &edits);
            let sign = if choice.is_right { "✓" } else { "✗" };
            self.prose(
                choice.place.clone(),
                format!(
                    "<details>\n<summary>{words}</summary>\n\n{sign} {meaning}\n\n</details>"
                ),
            );
        }
        let at = choices.last().map_or(head.end, |choice| choice.place.end);
        if runs {
            self.changes.push((at..at, vec![Change::Open(None)]));
            self.changes.push((tail.clone(), vec![Change::Close]));
        } else {
            self.prose(at..at, "\n\n<details>\n<summary>The answer</summary>");
        }
    }

    /// A figure is drawn by the notebook; below it are its caption and what it shows in words.
    fn figure(&mut self, place: Range<usize>, figure: &Figure) -> Result<(), String> {
        let Figure { file, alt, caption, alone } = figure;
        // As the library names it: its place under `images/`.
        let name =
            file.rsplit("images/").next().and_then(|file| file.strip_suffix(".svg"));
        let (Some(name), true) = (name, alone) else { return Ok(()) };
        self.figures += 1;
        let chapter = self.page.number.as_ref().map(|number| format!("{number}."));
        let caption = caption.as_deref().unwrap_or_default();
        let words = format!(
            "**Figure {}{}.** {}\n\n<small>In words: {}</small>",
            chapter.unwrap_or_default(),
            self.figures,
            with_formulas(caption, |words| self.linked(words)),
            escaped(alt)
        );
        let drawn = Shown::Drawn(self.book.beside(self.page, file)?);
        let draw = format!("neurons::figures::notebook::figure({name:?});");
        let code =
            Code { figure: Some(name.into()), shown: Some(drawn), ..Code::default() };
        let run = Change::Run(draw, code);
        self.changes
            .push((place, vec![Change::Cut, run, Change::Prose(words), Change::Cut]));
        Ok(())
    }

    /// Plain words as Markdown, with links to the chapters that they name.
    fn linked(&self, words: &str) -> String {
        let words = escaped(words);
        let mut linked = words.clone();
        for (place, number) in mentions(&words).into_iter().rev() {
            if let Ok(chapter) = self.book.chapter(number) {
                linked.replace_range(place.clone(), &mention(chapter, &words[place]));
            }
        }
        linked
    }

    /// A link to a page leads to its notebook.
    fn link(&mut self, place: Range<usize>, target: &str) -> Result<(), String> {
        let Some((page, heading)) = self.book.target(self.page, target)? else {
            return Ok(());
        };
        let at = self.page.text[place.clone()]
            .rfind(target)
            .ok_or("a link to a page is written as [words](page.md)")?;
        let mut new = match target.starts_with('#') {
            true => String::new(),
            false => format!("{}.ipynb", page.name),
        };
        if let Some(heading) = heading {
            // This is how Jupyter names a heading.
            new.push_str(&format!("#{}", heading.replace(' ', "-")));
        }
        let start = place.start + at;
        self.prose(start..start + target.len(), new);
        Ok(())
    }

    /// What a directive shows.
    fn directive(
        &mut self,
        place: Range<usize>,
        directive: &Directive,
    ) -> Result<(), String> {
        let Directive { name, words, indent, in_code, .. } = directive;
        let Book { ledger, pages, .. } = self.book;
        let shown = match name.as_str() {
            "include" => self.book.beside(self.page, words)?,
            _ if *in_code => return Ok(()),
            "item" => self.item(words)?,
            "number" => ledger.number(words)?.text,
            "run" => ledger.experiment(words)?.table(),
            "machine" => escaped(ledger.machine(words)?),
            "numbers" => ledger.tables(pages, |page| format!("{}.ipynb", page.name)),
            "derivatives" => self.derivatives()?,
            // A notebook shows the figure above as it is.
            "instrument" => String::new(),
            _ => return Err(format!("a notebook does not know `{{{{#{name}`")),
        };
        self.prose(place, shown.trim_end().replace('\n', &format!("\n{indent}")));
        Ok(())
    }

    /// The ledger of derivatives.
    fn derivatives(&self) -> Result<String, String> {
        let formula = |tex: &str| Ok(format!("${}$", without_macros(tex)));
        let link = |Stated { path, page, .. }: &Stated| {
            format!("[`{path}`]({})", page.replace(".md", ".ipynb"))
        };
        self.book.derivatives.table(&self.book.stated, formula, link)
    }

    /// Items as a block that is only read: the notebook gets them from the book's crate.
    fn item(&self, words: &str) -> Result<String, String> {
        let (mut code, mut places) = (Vec::new(), Vec::<String>::new());
        for cut in self.book.items.named(words)? {
            code.push(cut.code.as_str());
            let place = format!("[`{0}`](../{0})", cut.file);
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Ok(format!(
            "```rust\n{}```\n\n<small>{}</small>",
            code.join("\n"),
            places.join(", ")
        ))
    }

    /// The page with its changes, cut into cells.
    fn assembled(mut self) -> Vec<Draft> {
        // Of two changes that begin at one place the longer one holds the other; a cut comes first.
        self.changes.sort_by_key(|(range, _)| {
            (range.start, range.end != range.start, Reverse(range.end))
        });
        let mut cells = Cells::default();
        let (text, mut from) = (&self.page.text, 0);
        for (range, changes) in self.changes {
            if range.start < from {
                continue;
            }
            cells.push(line_of(text, from), &text[from..range.start]);
            from = range.end;
            let line = line_of(text, range.start);
            for change in changes {
                match change {
                    Change::Prose(words) => cells.push_whole(line, &words),
                    Change::Cut => cells.cut(),
                    Change::Run(source, code) => {
                        cells.cut();
                        cells.drafts.push(Draft { line, source, code: Some(code) });
                    }
                    Change::Open(title) => cells.open(line, title),
                    Change::Close => cells.close(),
                }
            }
        }
        cells.push(line_of(text, from), &text[from..]);
        cells.cut();
        cells.drafts
    }
}

/// Cells while they are being filled.
#[derive(Default)]
struct Cells {
    drafts: Vec<Draft>,
    /// The prose of the cell that comes next, and where it begins.
    prose: String,
    line: usize,
    /// Whether it belongs to a solution.
    folded: bool,
    /// A heading for it.
    title: Option<(usize, String)>,
}

impl Cells {
    /// Prose of the page from `line` on.
    fn push(&mut self, line: usize, words: &str) {
        let blank = words.len() - words.trim_start().len();
        self.push_whole(line + words[..blank].matches('\n').count(), words);
    }

    /// Prose in place of something on `line`.
    fn push_whole(&mut self, line: usize, words: &str) {
        if self.prose.trim().is_empty() {
            self.line = line;
        }
        self.prose.push_str(words);
    }

    fn cut(&mut self) {
        let prose = std::mem::take(&mut self.prose);
        let prose = without_gaps(&prose);
        let mut source = String::new();
        let mut line = self.line;
        if let Some((above, title)) = self.title.take() {
            line = above;
            source = format!("### {title}");
        }
        if !prose.is_empty() {
            let gap = if source.is_empty() { "" } else { "\n\n" };
            source = match self.folded {
                true => format!(
                    "{source}{gap}<details>\n<summary>Show</summary>\n\n{prose}\n\n</details>"
                ),
                false => prose,
            };
        }
        if !source.is_empty() {
            self.drafts.push(Draft { line, source, code: None });
        }
    }

    fn open(&mut self, line: usize, title: Option<String>) {
        self.cut();
        (self.folded, self.title) = (true, title.map(|title| (line, title)));
    }

    fn close(&mut self) {
        self.cut();
        self.folded = false;
    }
}

/// Prose without blank lines at its ends, and with a single one where an output was taken out.
fn without_gaps(prose: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in prose.trim_end().lines() {
        let line = if line.trim().is_empty() { "" } else { line };
        if !(line.is_empty() && lines.last().is_none_or(|last| last.is_empty())) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// A ```` ```math ```` block between `$$`, with its check under it.
fn display(fence: &Fence) -> String {
    let mut tex = String::from("$$");
    for line in without_macros(&fence.text).lines() {
        let line = line.trim_end();
        // A blank line would end the formula, and Markdown might see a list or a heading.
        match line.trim_start() {
            "" => {}
            words if words.starts_with(['-', '+', '*', '#', '>', '=']) => {
                tex.push_str(&format!(" {words}"));
            }
            _ => tex.push_str(&format!("\n{line}")),
        }
    }
    let checks: Vec<String> = fence.tags[1..]
        .iter()
        .filter(|tag| *tag != "definition")
        .map(|tag| format!("`{}`", tag.trim_start_matches("derivative=")))
        .collect();
    let mark = match checks.is_empty() {
        true => String::new(),
        false => format!("\n\n<small>*checked by {}*</small>", checks.join(", ")),
    };
    format!("{tex}\n$${mark}\n")
}

/// Text with its formulas rid of macros, and its words as `words` makes them.
fn with_formulas(text: &str, words: impl Fn(&str) -> String) -> String {
    let Ok(spans) = spans(text) else { return words(text) };
    let plain = spans.iter().map(|span| match span {
        Span::Words(text) => words(text),
        Span::Formula(tex) => format!("${}$", without_macros(tex)),
    });
    plain.collect()
}

/// `chapter 13` as a link to its notebook.
fn mention(chapter: &Page, words: &str) -> String {
    format!("[{words}]({}.ipynb)", chapter.name)
}

/// Plain words as Markdown. `\$` is a dollar already.
fn escaped(words: &str) -> String {
    let mut markdown = String::new();
    for letter in words.chars() {
        if "*_`[]<>".contains(letter) {
            markdown.push('\\');
        }
        markdown.push(letter);
    }
    markdown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder_of;
    use crate::items::Items;

    /// The drafts of a page beside a page `q` in a repository with one item and one text.
    fn drafts_of(text: &str) -> Result<Vec<Draft>, Vec<PageError>> {
        let repository = folder_of(&[
            ("chapters-code/a.rs", "/// F.\n///\n/// More.\npub fn f() {}\n"),
            ("images/x.txt", "1 %\n2 %\n"),
            ("images/s.svg", "<svg>x</svg>"),
            ("src/p.md", text),
        ]);
        let root = repository.path();
        let [q, p] =
            [("src/q.md", "# Q\n\n## What it `is`\n", "2"), ("src/p.md", text, "3")]
                .map(|(path, text, n)| Page::read(path, text).named(Some(n.into()), ""));
        let items = Items::read(root, "chapters-code").expect("items");
        let pages = vec![q, p];
        let book = Book { root: root.into(), pages, items, ..Book::default() };
        drafts(&book, &book.pages[1])
    }

    /// Each cell as `line kind source`.
    fn cells(text: &str) -> Vec<String> {
        let drafts = drafts_of(text).expect("a good page");
        let shown = drafts.into_iter().map(|Draft { line, source, code }| {
            let kind = match &code {
                None => "prose",
                Some(Code { figure: Some(_), .. }) => "figure",
                Some(Code { folded: true, .. }) => "folded",
                Some(_) => "code",
            };
            format!("{line} {kind} {source}")
        });
        shown.collect()
    }

    fn error(text: &str) -> String {
        let errors = drafts_of(text).expect_err("an error");
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn prose_and_cells_take_turns_and_outputs_belong_to_cells() {
        let page = "# P\n\nLook:\n\n```rust\nlet a = 1;\n```\n\n```rust,cont\nprintln!(\"{a}\");\n```\n\n```output\n1\n```\n\nSo.\n\n## Next\n\n```text\n5\n```\n";
        assert_eq!(
            cells(page),
            [
                "1 prose # P\n\nLook:",
                "5 code let a = 1;",
                "9 code {\n    println!(\"{a}\");\n};",
                "17 prose So.",
                "19 prose ## Next\n\n```text\n5\n```",
            ]
        );
        let drafts = drafts_of(page).expect("a good page").into_iter();
        let shown: Vec<_> = drafts.filter_map(|draft| Some(draft.code?.shown)).collect();
        assert_eq!(shown, [None, Some(Shown::Printed("1\n".into()))]);
    }

    #[test]
    fn what_does_not_run_is_only_read() {
        let page =
            "a\n\n```rust,no_run\nserve();\n```\n\n```rust,should_panic\nboom();\n```\n";
        let read = "1 prose a\n\n```rust\nserve();\n```\n\n```rust\nboom();\n```";
        assert_eq!(cells(page), [read]);
    }

    #[test]
    fn formulas_need_no_definitions() {
        let page =
            "So $\\z$ and `$\\z$`.\n\n```math derivative=a::f\n\\z' = 1\n\n- 2\n```\n";
        assert_eq!(
            cells(page),
            [
                "1 prose So ${\\color{#9b6f08}z}$ and `$\\z$`.\n\n$$\n{\\color{#9b6f08}z}' = 1 - 2\n$$\n\n<small>*checked by `a::f`*</small>"
            ]
        );
        assert!(!cells("```math definition\nx\n```\n").concat().contains("checked"));
    }

    #[test]
    fn items_and_texts_are_put_in_place() {
        let page = "{{#item a::f}}\n\n```text\n{{#include ../images/x.txt}}\n```\n";
        assert_eq!(
            cells(page),
            [
                "1 prose ```rust\n/// F.\npub fn f() {}\n```\n\n<small>[`chapters-code/a.rs`](../chapters-code/a.rs)</small>\n\n```text\n1 %\n2 %\n```"
            ]
        );
        assert!(
            error("a\n\n{{#item a::g}}\n").starts_with("src/p.md:3: there is no item")
        );
        assert!(error("{{#include no.txt}}\n").starts_with("src/p.md:1: cannot read"));
        assert!(error("{{#nothing x}}\n").contains("does not know `{{#nothing`"));
        assert!(error("{{#number x}}\n").contains("has no `x`"));
    }

    #[test]
    fn a_figure_is_drawn_above_its_caption() {
        let page =
            "![A *line*](../images/s.svg \"The $\\z$ & a_b of chapter 2\")\n\nSo.\n";
        assert_eq!(
            cells(page),
            [
                "1 figure neurons::figures::notebook::figure(\"s\");",
                "1 prose **Figure 3.1.** The ${\\color{#9b6f08}z}$ & a\\_b of [chapter 2](q.ipynb)\n\n<small>In words: A line</small>",
                "3 prose So.",
            ]
        );
        let figure = drafts_of(page).expect("a good page").remove(0);
        assert_eq!(
            figure.code.and_then(|code| code.shown),
            Some(Shown::Drawn("<svg>x</svg>".into()))
        );
        assert!(
            error("![x](../images/no.svg \"c\")\n").contains("cannot read ../images/no")
        );
    }

    #[test]
    fn links_lead_to_notebooks() {
        let page = "[q](q.md), [is](./q.md#what-it-is), [own](#p-1), [r](https://r.org/r.md)\n\n# P 1\n";
        assert_eq!(
            cells(page)[0],
            "1 prose [q](q.ipynb), [is](q.ipynb#What-it-is), [own](#P-1), [r](https://r.org/r.md)"
        );
        assert!(error("[no](q.md#no)\n").contains("q.md has no such heading"));
        assert!(error("[r](r.md)\n").contains("names no such page"));
    }

    #[test]
    fn a_chapter_that_is_named_is_a_link_to_its_notebook() {
        let page = "# Chapter 2\n\nIn chapter 2, `chapter 2`, [chapter 2](q.md).\n\n> Chapter 2: $2$.\n";
        assert_eq!(
            cells(page),
            [
                "1 prose # Chapter 2\n\nIn [chapter 2](q.ipynb), `chapter 2`, [chapter 2](q.ipynb).\n\n> [Chapter 2](q.ipynb): $2$."
            ]
        );
    }

    #[test]
    fn a_chapter_that_is_missing_is_an_error() {
        assert!(error("In chapter 22.\n").ends_with("this book has no chapter 22"));
    }

    #[test]
    fn a_solution_is_folded_if_it_runs() {
        let page = "**1.** Why?\n\n<details>\n<summary>Solution</summary>\n\nSo.\n\n```rust\nassert!(true);\n```\n\n</details>\n\n**2.** What?\n\n<details>\n<summary>For $\\z$</summary>\n\nThat.\n\n</details>\n";
        assert_eq!(
            cells(page),
            [
                "1 prose **1.** Why?",
                "3 prose ### Solution\n\n<details>\n<summary>Show</summary>\n\nSo.\n\n</details>",
                "8 folded {\n    assert!(true);\n};",
                "14 prose **2.** What?\n\n<details>\n<summary>For ${\\color{#9b6f08}z}$</summary>\n\nThat.\n\n</details>",
            ]
        );
        let bare = "<details>\n<summary>Solution</summary>\n\n```rust\nf();\n```\n\n</details>\n";
        assert_eq!(cells(bare), ["1 prose ### Solution", "4 folded {\n    f();\n};"]);
    }

    #[test]
    fn choices_can_be_seen_and_the_answer_is_folded() {
        let page = |answer: &str| {
            format!(
                "A\n\n<details class=\"quiz\">\n<summary>Is it $\\z$?</summary>\n\n- [ ] No, $\\z$\n\n  \
                 In chapter 2.\n\n- [x] Yes\n\n  It is.\n\n{answer}\n\n</details>\n\nB\n"
            )
        };
        let asked = "### Is it ${\\color{#9b6f08}z}$?\n\n\
             <details>\n<summary>No, ${\\color{#9b6f08}z}$</summary>\n\n\
             ✗ In [chapter 2](q.ipynb).\n\n</details>\n\n\
             <details>\n<summary>Yes</summary>\n\n✓ It is.\n\n</details>";
        let fold =
            "<details>\n<summary>The answer</summary>\n\nSo $x$.\n\n</details>\n\nB";
        assert_eq!(
            cells(&page("So $x$.")),
            ["1 prose A".into(), format!("3 prose {asked}\n\n{fold}")]
        );
        let fold = "<details>\n<summary>Show</summary>\n\nSo.\n\n</details>";
        assert_eq!(
            cells(&page("```rust\nf();\n```\n\nSo.")),
            [
                "1 prose A",
                &format!("3 prose {asked}"),
                "14 folded {\n    f();\n};",
                &format!("18 prose {fold}"),
                "22 prose B"
            ]
        );
    }

    #[test]
    fn an_error_in_a_cell_names_its_line() {
        assert!(
            error("a\n\n```rust\nlet a = 1;\nlet = ;\n```\n").starts_with("src/p.md:5: ")
        );
    }
}
