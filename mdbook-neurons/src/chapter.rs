//! One chapter: from the page as it is written to Markdown that mdBook can render.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::derivatives::{self, Derivatives, Stated, named};
use crate::figures::{Figure, escape};
use crate::formulas::{Formulas, Piece, TexError, pieces, states_derivative};
use crate::items::{Cut, Items, paths};
use crate::ledger::{Ledger, Number, anchor};
use crate::pages::{
    Fence, PageError, fences, heading, line_of, markdown, page_name, slug,
};
use crate::sources::Sources;

/// What all chapters share.
#[derive(Default)]
pub struct Book {
    /// The root of the repository.
    pub root: PathBuf,
    /// The code that pages show.
    pub items: Items,
    /// What experiments found.
    pub ledger: Ledger,
    /// How well the derivatives agree with those who do not know them.
    pub derivatives: Derivatives,
    /// The derivatives that the pages state.
    pub stated: Vec<Stated>,
    /// All pages in reading order.
    pub pages: Vec<Leaf>,
    /// Where the code can be read.
    pub sources: Sources,
    /// The page that shows an item first, by the item's path.
    pub shown: BTreeMap<String, String>,
    /// TeX.
    pub formulas: Formulas,
    /// How often each figure has been shown, so that ids stay unique.
    pub figures: BTreeMap<String, usize>,
}

/// A page as others refer to it.
#[derive(Clone, Debug, Default)]
pub struct Leaf {
    /// Its file, from `src/`: `sigmoid.md`.
    pub file: String,
    /// Its chapter's number, if it has one: `3`.
    pub number: Option<String>,
    /// Its title in the table of contents.
    pub title: String,
    /// What stands on it.
    pub text: String,
}

impl Leaf {
    /// Where it is in the built book: `sigmoid.html`.
    fn address(&self) -> String {
        format!("{}.html", self.file.trim_end_matches(".md"))
    }

    /// `3 · Squashing`.
    pub fn heading(&self) -> String {
        match &self.number {
            Some(number) => numbered(number, &self.title),
            None => self.title.clone(),
        }
    }
}

/// A chapter's title as it stands on its page, in the table of contents and on paper.
pub fn numbered(number: &str, title: &str) -> String {
    format!("{number} · {title}")
}

/// The page that shows an item first, by the item's path.
pub fn shown(pages: &[Leaf]) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    for page in pages {
        for line in page.text.lines().map(str::trim) {
            let words = line.strip_prefix("{{#item ").and_then(|l| l.strip_suffix("}}"));
            for path in paths(words.unwrap_or_default()) {
                shown.entry(path).or_insert_with(|| page.address());
            }
        }
    }
    shown
}

/// The anchor of an item's code on the page that shows it: `c-sigmoid-sigmoid_prime`.
fn code_anchor(path: &str) -> String {
    format!("c-{}", slug(&path.replace("::", "-")))
}

/// A place in the text and what shall stand there.
type Edit = (Range<usize>, String);

impl Book {
    /// The chapter of the page `path` (such as `src/sigmoid.md`) with its items, formulas and
    /// figures in place. `number` is the chapter's number, if it has one.
    ///
    /// # Errors
    /// Everything that is wrong on the page, each with its line.
    pub fn chapter(
        &mut self,
        path: &str,
        number: Option<&str>,
        text: &str,
    ) -> Result<String, Vec<PageError>> {
        let fences = fences(path, text).map_err(|error| vec![error])?;
        let chapter = Chapter {
            book: self,
            path,
            number,
            text,
            fences: &fences,
            edits: Vec::new(),
            errors: Vec::new(),
            figures: 0,
            marked: BTreeSet::new(),
            coded: BTreeSet::new(),
        };
        chapter.rendered()
    }
}

/// A chapter while it is being read.
struct Chapter<'a> {
    book: &'a mut Book,
    path: &'a str,
    number: Option<&'a str>,
    text: &'a str,
    fences: &'a [Fence],
    edits: Vec<Edit>,
    errors: Vec<PageError>,
    figures: usize,
    /// The derivatives that have been marked on this page.
    marked: BTreeSet<String>,
    /// The items that this page has shown.
    coded: BTreeSet<String>,
}

/// An image while it is being read.
struct Image {
    range: Range<usize>,
    file: String,
    alt: String,
}

impl Chapter<'_> {
    fn rendered(mut self) -> Result<String, Vec<PageError>> {
        for fence in self.fences {
            match fence.tags.first().map(String::as_str) {
                Some("math") => self.display(fence),
                Some("output") => self.output(fence),
                _ => {}
            }
        }
        let code = self.events();
        self.items(&code);
        self.numbers(&code);
        for (start, _) in self.text.match_indices("{{#include") {
            self.error(
                start,
                "mdBook found no file to include here, and would go on without it",
            );
        }
        if !self.errors.is_empty() {
            self.errors.sort_by_key(|error| error.line);
            return Err(self.errors);
        }
        self.edits.sort_by_key(|(range, _)| range.start);
        let (mut new, mut from) = (String::new(), 0);
        for (range, replacement) in &self.edits {
            new.push_str(&self.text[from..range.start]);
            new.push_str(replacement);
            from = range.end;
        }
        new.push_str(&self.text[from..]);
        Ok(new + &self.foot())
    }

    fn error(&mut self, offset: usize, message: impl Into<String>) {
        self.errors.push(PageError::new(self.path, line_of(self.text, offset), message));
    }

    /// Inline formulas and figures. Returns where the code stands.
    fn events(&mut self) -> Vec<Range<usize>> {
        let mut code: Vec<Range<usize>> =
            self.fences.iter().map(|fence| fence.range.clone()).collect();
        let (mut paragraph, mut image, mut in_heading, mut in_fence, mut in_link) =
            (0..0, None::<Image>, false, false, false);
        for (event, range) in
            Parser::new_ext(self.text, markdown() | Options::ENABLE_MATH)
                .into_offset_iter()
        {
            match event {
                Event::Start(Tag::CodeBlock(_)) => in_fence = true,
                Event::End(TagEnd::CodeBlock) => in_fence = false,
                Event::Start(Tag::Heading { level, id, .. }) => {
                    in_heading = true;
                    if level == HeadingLevel::H1 {
                        self.title(&range, id.is_some());
                    }
                }
                Event::End(TagEnd::Heading(_)) => in_heading = false,
                Event::Start(Tag::Paragraph) => paragraph = range,
                Event::Start(Tag::Link { dest_url, .. }) => {
                    in_link = true;
                    self.link(range.start, &dest_url);
                }
                Event::End(TagEnd::Link) => in_link = false,
                Event::Start(Tag::Image { dest_url, .. }) => {
                    image = Some(Image {
                        range,
                        file: dest_url.into_string(),
                        alt: String::new(),
                    });
                }
                Event::End(TagEnd::Image) => {
                    if let Some(image) = image.take() {
                        let alone = self.text[paragraph.clone()].trim_end().len()
                            == image.range.len()
                            && paragraph.start == image.range.start;
                        self.figure(&image, alone);
                    }
                }
                Event::Code(words) => {
                    code.push(range);
                    if let Some(image) = &mut image {
                        image.alt.push_str(&words);
                    }
                }
                Event::Text(words) | Event::InlineMath(words) if image.is_some() => {
                    if let Some(image) = &mut image {
                        image.alt.push_str(&words);
                    }
                }
                Event::SoftBreak if image.is_some() => {
                    if let Some(image) = &mut image {
                        image.alt.push(' ');
                    }
                }
                Event::InlineMath(_) if in_heading => {
                    self.error(
                        range.start,
                        "a formula in a heading, where the table of contents cannot show it",
                    );
                }
                Event::InlineMath(tex) => match self.book.formulas.inline(&tex) {
                    Ok(html) => self.edits.push(self.joined(range, html)),
                    Err(TexError { line, message }) => {
                        let start = line_of(self.text, range.start);
                        self.errors.push(PageError::new(
                            self.path,
                            start + line,
                            message,
                        ));
                    }
                },
                Event::DisplayMath(_) => {
                    self.error(
                        range.start,
                        "`$$`: a formula on its own lines stands in a ```math block",
                    );
                }
                Event::Text(words) if !in_fence => {
                    let escaped = self.text[..range.start].ends_with('\\');
                    if let Some(at) = words.find('$').filter(|&at| at > 0 || !escaped) {
                        self.error(range.start + at, STRAY);
                    }
                    if !in_heading && !in_link {
                        self.mentions(range);
                    }
                }
                Event::Html(html) if html.contains('$') => self.html(range, &html),
                _ => {}
            }
        }
        code
    }

    /// A short formula and the comma after it: a browser may otherwise break the line between them.
    fn joined(&self, mut range: Range<usize>, html: String) -> Edit {
        let after = self.text[range.end..].chars().next();
        match after.filter(|&letter| range.len() < 24 && ",.;:?!)".contains(letter)) {
            Some(letter) => {
                range.end += letter.len_utf8();
                (range, format!("<span class=\"joined\">{html}{letter}</span>"))
            }
            None => (range, html),
        }
    }

    /// The page's own heading, which gets the chapter's number, and keeps the anchor it had without.
    fn title(&mut self, range: &Range<usize>, has_id: bool) {
        let Some(number) = self.number else { return };
        let line = self.text[range.clone()].trim_end();
        let title = line.trim_start_matches(['#', ' ']);
        let end = range.start + line.len();
        self.edits.push((end - title.len()..end - title.len(), numbered(number, "")));
        if !has_id {
            self.edits.push((end..end, format!(" {{#{}}}", slug(title))));
        }
    }

    /// A link to another page, or to a heading of one.
    fn link(&mut self, start: usize, target: &str) {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let own = self.path.rsplit('/').next().unwrap_or(self.path);
        let file = if file.is_empty() { own } else { file.trim_start_matches("./") };
        if target.contains(':') || !file.ends_with(".md") {
            return;
        }
        let page = self.book.pages.iter().find(|page| page.file == file);
        let wrong = match page {
            None => format!("a link to {file}, and src/SUMMARY.md names no such page"),
            Some(page) if !anchor.is_empty() && heading(&page.text, anchor).is_none() => {
                format!("a link to {target}, and {file} has no such heading")
            }
            Some(_) => return,
        };
        self.error(start, wrong);
    }

    /// `chapter 13` becomes a link to it.
    fn mentions(&mut self, range: Range<usize>) {
        let text = &self.text[range.clone()];
        for (at, word) in text.match_indices("hapter ") {
            let digits = &text[at + word.len()..];
            let length = digits.bytes().take_while(u8::is_ascii_digit).count();
            let before = text[..at].chars().next_back();
            if length == 0 || !matches!(before, Some('c' | 'C')) {
                continue;
            }
            let (start, end) =
                (range.start + at - 1, range.start + at + word.len() + length);
            let number = &digits[..length];
            let page = self
                .book
                .pages
                .iter()
                .find(|page| page.number.as_deref() == Some(number));
            match page {
                Some(page) => {
                    let words = self.text[start..end].replace(' ', "&nbsp;");
                    let link = format!("<a href=\"{}\">{words}</a>", page.address());
                    self.edits.push((start..end, link));
                }
                None => self.error(start, format!("this book has no chapter {number}")),
            }
        }
    }

    /// What stands under a page: how to run it, and the pages before and after it.
    fn foot(&mut self) -> String {
        let own = self.path.rsplit('/').next().unwrap_or(self.path);
        let name = page_name(self.path);
        let has_cells = self
            .fences
            .iter()
            .any(|fence| fence.tags.first().is_some_and(|t| t == "rust"));
        let mut ways = vec![];
        for (what, file) in [
            ("Run", format!("examples/{name}.rs")),
            ("Notebook", format!("notebooks/{name}.ipynb")),
            ("Code", format!("chapters-code/{name}.rs")),
        ] {
            // A program of this name that does not run the page's cells is something else.
            if !self.book.root.join(&file).exists() || (what == "Run" && !has_cells) {
                continue;
            }
            let words = match what {
                "Run" => format!("cargo run --example {name}"),
                _ => file.clone(),
            };
            let sources = &mut self.book.sources;
            let words = match what == "Code" || sources.repository.is_some() {
                true => {
                    let address = sources.address(&file, None);
                    format!("<a href=\"{address}\"><code>{words}</code></a>")
                }
                false => format!("<code>{words}</code>"),
            };
            ways.push(format!("<span>{what}: {words}</span>"));
        }
        let mut foot = String::new();
        if !ways.is_empty() {
            foot = format!("\n\n<p class=\"ways\">{}</p>", ways.join(" "));
        }
        let pages = &self.book.pages;
        let Some(at) = pages.iter().position(|page| page.file == own) else {
            return foot;
        };
        let turn = |page: Option<&Leaf>, rel: &str| match page {
            Some(page) => format!(
                "<a rel=\"{rel}\" href=\"{}\">{}</a>",
                page.address(),
                escape(&page.heading())
            ),
            None => "<span></span>".into(),
        };
        let (previous, next) =
            (at.checked_sub(1).and_then(|at| pages.get(at)), pages.get(at + 1));
        let (previous, next) = (turn(previous, "prev"), turn(next, "next"));
        let own = escape(&pages[at].heading());
        foot + &format!(
            "\n\n<nav class=\"turn\" aria-label=\"Before and after {own}\">{previous}{next}</nav>\n"
        )
    }

    /// Formulas between the tags of a line of HTML, such as a `<summary>`.
    fn html(&mut self, range: Range<usize>, html: &str) {
        let mut in_tag = false;
        for text in html.split_inclusive(['<', '>']) {
            let start = range.start + (text.as_ptr() as usize - html.as_ptr() as usize);
            if !in_tag {
                let words = text.trim_end_matches('<');
                match self.with_formulas(words, |words| words.replace("\\$", "$")) {
                    Ok(new) if new != words => {
                        self.edits.push((start..start + words.len(), new))
                    }
                    Ok(_) => {}
                    Err(message) => self.error(start, message),
                }
            }
            in_tag = text.ends_with('<') || (in_tag && !text.ends_with('>'));
        }
    }

    /// Text that is not Markdown, with its formulas rendered and its words as `html` makes them.
    fn with_formulas(
        &self,
        text: &str,
        html: impl Fn(&str) -> String,
    ) -> Result<String, String> {
        let mut new = String::new();
        for piece in pieces(text).map_err(|_| STRAY)? {
            match piece {
                Piece::Words(words) => new.push_str(&html(words)),
                Piece::Formula(tex) => {
                    new.push_str(
                        &self.book.formulas.inline(tex).map_err(|error| error.message)?,
                    );
                }
            }
        }
        Ok(new)
    }

    /// A ```` ```math ```` block, with the mark of its check.
    fn display(&mut self, fence: &Fence) {
        let line = fence.line;
        let definition = fence.tags.iter().any(|tag| tag == "definition");
        let paths = named(fence);
        let mut check = |result: Result<(), String>| {
            if let Err(message) = result {
                self.errors.push(PageError::new(self.path, line, message));
            }
        };
        if paths.is_empty() && !definition && states_derivative(&fence.text) {
            check(Err(
                "a derivative that names no check: ```math derivative=module::function, or \
                       ```math definition if it is no result"
                    .into(),
            ));
        }
        for path in &paths {
            check(self.book.items.find(path).map(|_| ()));
            check(self.book.derivatives.find(path).map(|_| ()));
        }
        match self.book.formulas.display(fence.text.trim_end()) {
            Ok(html) => {
                let (mut marks, mut ids) = (vec![], String::new());
                for path in &paths {
                    let row = derivatives::anchor(path);
                    let code = self
                        .code_of(path)
                        .map(|at| format!(" (<a href=\"{at}\">code</a>)"));
                    marks.push(format!(
                        "<a href=\"derivatives.html#{row}\"><code>{}</code></a>{}",
                        escape(path),
                        code.unwrap_or_default()
                    ));
                    // Where the row leads back to: the formula that the ledger shows.
                    if self.marked.insert(row.clone()) {
                        ids.push_str(&format!("<a id=\"f-{row}\"></a>"));
                    }
                }
                let mark = match marks.is_empty() {
                    true => String::new(),
                    false => format!(
                        "<p class=\"derivative-check\">✓ checked by {}</p>",
                        marks.join(", ")
                    ),
                };
                self.edits.push((
                    fence.range.clone(),
                    format!("<div class=\"formula\">{ids}{html}{mark}</div>\n"),
                ));
            }
            Err(TexError { line: below, message }) => {
                self.errors.push(PageError::new(self.path, line + 1 + below, message));
            }
        }
    }

    /// An `output` block is plain text to mdBook and to the highlighter.
    fn output(&mut self, fence: &Fence) {
        if let Some(at) = self.text[fence.range.clone()].find("output") {
            let start = fence.range.start + at;
            self.edits.push((start..start + "output".len(), "text,output".into()));
        }
    }

    /// An image as a figure of the page.
    fn figure(&mut self, image: &Image, alone: bool) {
        let start = image.range.start;
        match self.figure_html(image, alone) {
            Ok(html) => self.edits.push((image.range.clone(), html)),
            Err(message) => self.error(start, message),
        }
    }

    fn figure_html(&mut self, image: &Image, alone: bool) -> Result<String, String> {
        let file = &image.file;
        let caption = caption(&self.text[image.range.clone()]);
        if image.alt.trim().is_empty() {
            return Err(format!("the figure {file} has no alt text"));
        }
        let caption = caption.ok_or(format!(
            "the figure {file} has no caption: ![alt]({file} \"Caption\")"
        ))?;
        if !alone {
            return Err(format!("the figure {file} must be alone in its paragraph"));
        }
        let folder = self.book.root.join(self.path);
        let folder = folder.parent().unwrap_or(&self.book.root);
        let svg = fs::read_to_string(folder.join(file))
            .map_err(|error| format!("cannot read the figure {file}: {error}"))?;
        let stem = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".svg");
        let shown = self.book.figures.entry(stem.into()).or_default();
        *shown += 1;
        let id = if *shown == 1 {
            format!("fig-{stem}")
        } else {
            format!("fig-{stem}-{shown}")
        };
        self.figures += 1;
        let number = match self.number {
            Some(chapter) => format!("Figure {chapter}.{}", self.figures),
            None => format!("Figure {}", self.figures),
        };
        let caption =
            self.with_formulas(&caption, |words| escape(&words.replace("\\$", "$")))?;
        Figure { id: &id, number: &number, alt: image.alt.trim(), caption: &caption }
            .html(&svg)
    }

    /// Lines `{{#item path}}`.
    fn items(&mut self, code: &[Range<usize>]) {
        for (start, _) in self.text.match_indices("{{#item") {
            if code.iter().any(|range| range.contains(&start)) {
                continue;
            }
            let before = self.text[..start].rsplit('\n').next().unwrap_or_default();
            let line = self.text[start..].lines().next().unwrap_or_default().trim_end();
            let words =
                line.strip_prefix("{{#item ").and_then(|rest| rest.strip_suffix("}}"));
            let (Some(words), true) = (words, before.trim().is_empty()) else {
                self.error(start, "{{#item path}} must be alone on its line");
                continue;
            };
            match self.item(words) {
                Ok(block) => {
                    let block = block.replace('\n', &format!("\n{before}"));
                    self.edits.push((start..start + line.len(), block + "\n"));
                }
                Err(message) => self.error(start, message),
            }
        }
    }

    /// `{{#number key}}`, `{{#machine run}}`, and alone on their lines `{{#run name}}` and
    /// `{{#numbers}}`.
    fn numbers(&mut self, code: &[Range<usize>]) {
        for (start, _) in self.text.match_indices("{{#") {
            let words =
                self.text[start..].split_once("}}").map_or("", |(words, _)| words);
            let (name, rest) = words.split_once(' ').unwrap_or((words, ""));
            if code.iter().any(|range| range.contains(&start)) || name == "{{#item" {
                continue;
            }
            let (name, rest) = (name.to_string(), rest.to_string());
            let shown = match name.as_str() {
                "{{#number" => {
                    self.book.ledger.number(&rest).map(|number| linked(&number))
                }
                "{{#run" => self.book.ledger.run(&rest).map(|run| run.table()),
                "{{#machine" => self.book.ledger.machine(&rest).map(escape),
                "{{#numbers" => Ok(self.book.ledger.tables(&self.citing())),
                "{{#derivatives" => self.derivatives(),
                "{{#include" => continue,
                name => Err(format!("the book does not know `{name}`")),
            };
            match shown {
                Ok(shown) => {
                    self.edits.push((start..start + words.len() + "}}".len(), shown));
                }
                Err(message) => self.error(start, message),
            }
        }
    }

    /// The pages that may show numbers.
    fn citing(&self) -> Vec<crate::ledger::Citing<'_>> {
        let citing = self.book.pages.iter().map(|page| {
            let number = page.number.as_deref();
            crate::ledger::Citing::new(number, &page.title, &page.file, &page.text)
        });
        citing.collect()
    }

    /// The ledger of derivatives.
    fn derivatives(&self) -> Result<String, String> {
        let Book { derivatives: ledger, stated, formulas, .. } = &*self.book;
        let formula = |tex: &str| formulas.inline(tex).map_err(|error| error.message);
        let link = |Stated { path, page, .. }: &Stated| {
            let (row, page) = (derivatives::anchor(path), page.trim_end_matches(".md"));
            format!(
                "<a id=\"{row}\" href=\"{page}.html#f-{row}\"><code>{path}</code></a>"
            )
        };
        ledger.table(stated, formula, link)
    }

    /// The items of some paths as one block, with their places under it.
    fn item(&mut self, words: &str) -> Result<String, String> {
        let paths = paths(words);
        if paths.is_empty() {
            return Err("{{#item}} names no item".into());
        }
        let (mut cuts, mut ids) = (Vec::new(), String::new());
        for path in &paths {
            cuts.extend(self.book.items.find(path)?.to_vec());
            // Where the mark under a formula leads.
            let id = code_anchor(path);
            if self.coded.insert(id.clone()) {
                ids.push_str(&format!("<a id=\"{id}\"></a>"));
            }
        }
        let code: Vec<&str> = cuts.iter().map(|cut| cut.code.as_str()).collect();
        let (mut files, mut tests) = (BTreeSet::new(), vec![]);
        let mut places = vec![];
        let sources = &mut self.book.sources;
        for Cut { file, line, test, .. } in &cuts {
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

    /// Where the code of a function stands in the book, alone or as a part of what is shown.
    fn code_of(&self, path: &str) -> Option<String> {
        let owner = path.rsplit_once("::").map_or(path, |(owner, _)| owner);
        let whole = [path.to_string(), format!("impl {owner}"), owner.to_string()];
        let path = whole.iter().find(|path| self.book.shown.contains_key(*path))?;
        Some(format!("{}#{}", self.book.shown[path], code_anchor(path)))
    }
}

/// A number of the ledger, with a link to its row there.
fn linked(Number { key, text, about }: &Number) -> String {
    let (text, about) = (text.replace(' ', "&nbsp;"), escape(about));
    format!(
        "<a class=\"number\" href=\"numbers.html#{}\" title=\"{about}\">{text}</a>",
        anchor(key)
    )
}

const STRAY: &str = "a stray `$`: a formula stands between two of them, without blanks inside; a dollar is `\\$`";

/// The caption of an image as it is written, backslashes and all: Markdown would drop some of them.
pub(crate) fn caption(image: &str) -> Option<String> {
    let (_, target) = image.split_once("](")?;
    let (_, caption) = target.split_once(" \"")?;
    let caption = caption.strip_suffix("\")")?.replace("\\\"", "\"").replace('\n', " ");
    (!caption.trim().is_empty()).then_some(caption)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A book with one module and one figure, in a folder of its own.
    fn book() -> Book {
        static BOOKS: AtomicUsize = AtomicUsize::new(0);
        let number = BOOKS.fetch_add(1, Ordering::Relaxed);
        let name = format!("mdbook-neurons-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(name);
        for folder in ["src", "images", "chapters-code"] {
            fs::create_dir_all(root.join(folder)).expect("a folder");
        }
        let panel = "<svg class=\"panel\" width=\"1\" viewBox=\"0 0 1 1\"><path/></svg>";
        fs::write(root.join("images/s.svg"), format!("<svg >{panel}</svg>"))
            .expect("a figure");
        fs::write(
            root.join("chapters-code/a.rs"),
            "/// F.\npub fn f() {}\n\n/// G.\npub fn g() {}\n",
        )
        .expect("code");
        let items = Items::read(&root, "chapters-code").expect("items");
        Book {
            root,
            items,
            ledger: Ledger::default(),
            derivatives: toml::from_str(
                "[\"a::f\"]\nvariables = 1\npoints = 9\ncentral = 4e-11\ncomplex = 2e-16\npytorch_points = 9\npytorch = 0.0\n\
                 [\"a::g\"]\nvariables = 1\npoints = 9\ncentral = 4e-11\ncomplex = 2e-16\npytorch_points = 9\npytorch = 0.0\n",
            )
            .expect("a ledger"),
            stated: vec![],
            pages: vec![],
            sources: Sources::default(),
            shown: BTreeMap::new(),
            formulas: Formulas::default(),
            figures: BTreeMap::new(),
        }
    }

    /// The page in a book of its own, which is gone afterwards.
    fn chapter(
        mut book: Book,
        number: Option<&str>,
        text: &str,
    ) -> Result<String, Vec<PageError>> {
        let chapter = book.chapter("src/p.md", number, text);
        fs::remove_dir_all(&book.root).expect("its folder");
        chapter
    }

    fn rendered(text: &str) -> String {
        chapter(book(), Some("3"), text).expect("a good page")
    }

    fn errors(text: &str) -> Vec<String> {
        let errors = chapter(book(), None, text).expect_err("an error");
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
        let mut public = book();
        public.sources.repository = Some("https://x.org/n/".into());
        let page = chapter(public, None, "{{#item a::g}}").expect("a good page");
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
        let mut book = book();
        let path = "chapters-code/a.rs";
        fs::write(
            book.root.join(path),
            "/// F.\n///\n/// ```\n/// f();\n/// ```\npub fn f() {}\n",
        )
        .expect("code");
        book.items = Items::read(&book.root, "chapters-code").expect("items");
        let leaf = |file: &str, text: &str| Leaf {
            file: file.into(),
            text: text.into(),
            ..Leaf::default()
        };
        book.shown = shown(&[leaf("o.md", "{{#item a::f}}\n"), leaf("p.md", "")]);
        let text = "{{#item a::f}}\n\n```math derivative=a::f\nf'(x) = 1\n```\n";
        let page = chapter(book, None, text).expect("a good page");
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
        assert!(
            chapter(book(), None, "# What?\n").expect("a page").starts_with("# What?\n")
        );
    }

    #[test]
    fn only_a_page_with_cells_is_run() {
        let foot = |text: &str| {
            let book = book();
            for (folder, file) in [("examples", "p.rs"), ("notebooks", "p.ipynb")] {
                fs::create_dir_all(book.root.join(folder)).expect("a folder");
                fs::write(book.root.join(folder).join(file), "").expect("a file");
            }
            fs::write(book.root.join("chapters-code/p.rs"), "").expect("code");
            chapter(book, None, text).expect("a good page")
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
            page.contains(" &amp; &quot;y&quot;</figcaption>")
                && page.contains("aria-label=\"Figure 3.1. A curve\""),
            "{page}"
        );
        assert!(error("![](../images/s.svg \"C\")\n").contains("no alt text"));
        assert!(error("![A](../images/s.svg)\n").contains("no caption"));
        assert!(error("![A](../images/t.svg \"C\")\n").contains("cannot read"));
        assert!(error("see ![A](../images/s.svg \"C\")\n").contains("alone"));
    }

    /// A book of two pages, of which the second is the one that is read.
    fn second_page(text: &str) -> Result<String, Vec<PageError>> {
        let leaf = |file: &str, number: &str, text: &str| Leaf {
            file: file.into(),
            number: Some(number.into()),
            title: file.to_uppercase(),
            text: text.into(),
        };
        let mut book = book();
        book.pages = vec![leaf("o.md", "1", "# On & on\n"), leaf("p.md", "2", text)];
        chapter(book, Some("2"), text)
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
