//! A page as the cells of a notebook.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::code::top_level;
use crate::chapter::caption;
use crate::derivatives::{Derivatives, Stated};
use crate::formulas::{Piece, pieces, without_macros};
use crate::items::{Items, paths};
use crate::ledger::{Citing, Ledger};
use crate::pages::{
    Fate, Fence, Page, PageError, fences, heading, line_of, markdown, page_name,
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

/// What all pages share.
pub struct Shared<'a> {
    /// The pages and the numbers of their chapters, in reading order.
    pub pages: &'a [(String, Option<String>)],
    /// The root of the repository.
    pub root: &'a Path,
    /// The code that pages show.
    pub items: &'a Items,
    /// What experiments found.
    pub ledger: &'a Ledger,
    /// How well the derivatives agree with those who do not know them.
    pub derivatives: &'a Derivatives,
    /// The derivatives that the pages state.
    pub stated: &'a [Stated],
    /// The texts of the pages by file, relative to `src/`: where links lead.
    pub texts: &'a BTreeMap<String, String>,
}

/// What a notebook has in place of a part of the page.
enum Part {
    /// Markdown.
    Prose(String),
    /// A new cell begins.
    Cut,
    /// A cell that runs.
    Run(String, Code),
    /// A solution of this title begins, to be unfolded.
    Open(String),
    /// It ends.
    Close,
}

/// A `<details>` of the page.
struct Details {
    /// From its tag to the end of its summary.
    head: Range<usize>,
    title: String,
}

/// The cells of a page's notebook. `number` is the chapter's number, if it has one.
///
/// # Errors
/// Everything on the page that has no place in a notebook, each with its line.
pub fn drafts(
    shared: &Shared,
    path: &str,
    number: Option<&str>,
    text: &str,
) -> Result<Vec<Draft>, Vec<PageError>> {
    let page = Page::parse(path, text).map_err(|error| vec![error])?;
    let fences = fences(path, text).map_err(|error| vec![error])?;
    let mut reader = Reader {
        shared,
        path,
        number,
        text,
        figures: 0,
        changes: vec![],
        errors: vec![],
    };
    reader.cells(&page);
    reader.blocks(&fences);
    let code = reader.events(&fences);
    reader.directives(&code);
    if !reader.errors.is_empty() {
        reader.errors.sort_by_key(|error| error.line);
        return Err(reader.errors);
    }
    Ok(reader.assembled())
}

struct Reader<'a> {
    shared: &'a Shared<'a>,
    path: &'a str,
    number: Option<&'a str>,
    text: &'a str,
    figures: usize,
    changes: Vec<(Range<usize>, Vec<Part>)>,
    errors: Vec<PageError>,
}

impl Reader<'_> {
    fn error(&mut self, offset: usize, message: impl Into<String>) {
        let line = line_of(self.text, offset);
        self.errors.push(PageError::new(self.path, line, message));
    }

    fn prose(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.changes.push((range, vec![Part::Prose(text.into())]));
    }

    /// The cells that run, with what the page says that they print.
    fn cells(&mut self, page: &Page) {
        for (number, cell) in page.cells.iter().enumerate() {
            if let Some(output) = &cell.output {
                self.prose(output.range.clone(), "");
            }
            if cell.fate != Fate::Runs {
                continue;
            }
            let goes_on = page.cells[number + 1..].iter().any(|later| {
                later.fate == Fate::Runs && later.continues.contains(&number)
            });
            match top_level(&cell.fence.text, goes_on) {
                Ok(code) => {
                    let output = cell.output.as_ref();
                    let shown = output.map(|output| Shown::Printed(output.text.clone()));
                    let part = Part::Run(code, Code { shown, ..Code::default() });
                    self.changes.push((cell.fence.range.clone(), vec![part]));
                }
                Err((below, message)) => {
                    let line = cell.fence.line + 1 + below;
                    self.errors.push(PageError::new(self.path, line, message));
                }
            }
        }
    }

    /// Formulas on their own lines, and the tags of Rust that does not run.
    fn blocks(&mut self, fences: &[Fence]) {
        for fence in fences {
            match fence.tags.first().map(String::as_str) {
                Some("math") => self.prose(fence.range.clone(), display(fence)),
                Some("rust") if fence.tags.len() > 1 => {
                    let block = &self.text[fence.range.clone()];
                    if let Some(at) = block.find("rust") {
                        let start = fence.range.start + at;
                        let end = start + block[at..].lines().next().map_or(0, str::len);
                        self.prose(start..end, "rust");
                    }
                }
                _ => {}
            }
        }
    }

    /// `chapter 13` becomes a link to its notebook.
    fn mentions(&mut self, range: Range<usize>) {
        let text = &self.text[range.clone()];
        for word in ["chapter ", "Chapter "] {
            for (at, _) in text.match_indices(word) {
                let digits = &text[at + word.len()..];
                let length = digits.bytes().take_while(u8::is_ascii_digit).count();
                let number = &digits[..length];
                let of_number =
                    |(_, own): &&(String, Option<String>)| own.as_deref() == Some(number);
                let Some((file, _)) = self.shared.pages.iter().find(of_number) else {
                    continue;
                };
                let words = format!("{word}{number}");
                let (start, end) = (range.start + at, range.start + at + words.len());
                self.prose(start..end, format!("[{words}]({}.ipynb)", page_name(file)));
            }
        }
    }

    /// What Markdown consists of. Returns where the code is.
    fn events(&mut self, fences: &[Fence]) -> Vec<Range<usize>> {
        let mut code: Vec<Range<usize>> =
            fences.iter().map(|fence| fence.range.clone()).collect();
        let (mut paragraph, mut image, mut details) =
            (0..0, None::<(Range<usize>, String, String)>, Vec::<Details>::new());
        // Within a heading, a link or a block of code, `chapter 5` stays as it is.
        let mut closed = 0;
        for (event, range) in
            Parser::new_ext(self.text, markdown() | Options::ENABLE_MATH)
                .into_offset_iter()
        {
            match &event {
                Event::Start(
                    Tag::Heading { .. } | Tag::Link { .. } | Tag::CodeBlock(_),
                ) => {
                    closed += 1;
                }
                Event::End(TagEnd::Heading(_) | TagEnd::Link | TagEnd::CodeBlock) => {
                    closed -= 1;
                }
                Event::Text(_) if closed == 0 && image.is_none() => {
                    self.mentions(range.clone());
                }
                _ => {}
            }
            match event {
                Event::Start(Tag::Paragraph) => paragraph = range,
                Event::Start(Tag::Heading { id, classes, attrs, .. }) => {
                    self.changes.push((range.start..range.start, vec![Part::Cut]));
                    let heading = &self.text[range.clone()];
                    // Jupyter would show the attributes.
                    if id.is_some() || !classes.is_empty() || !attrs.is_empty() {
                        let from = heading.rfind('{').unwrap_or(heading.len());
                        let to = heading.rfind('}').map_or(from, |at| at + 1);
                        self.prose(range.start + from..range.start + to, "");
                    }
                }
                Event::Start(Tag::Link { dest_url, .. }) => self.link(range, &dest_url),
                Event::Start(Tag::Image { dest_url, .. }) => {
                    image = Some((range, dest_url.into_string(), String::new()));
                }
                Event::End(TagEnd::Image) => {
                    if let Some((range, file, alt)) = image.take() {
                        let alone = self.text[paragraph.clone()].trim_end().len()
                            == range.len()
                            && paragraph.start == range.start;
                        if alone {
                            self.figure(range, &file, alt.trim());
                        }
                    }
                }
                Event::Text(words) | Event::Code(words) | Event::InlineMath(words)
                    if image.is_some() =>
                {
                    if let Some((.., alt)) = &mut image {
                        alt.push_str(&words);
                    }
                }
                Event::SoftBreak if image.is_some() => {
                    if let Some((.., alt)) = &mut image {
                        alt.push(' ');
                    }
                }
                Event::Code(_) => code.push(range),
                Event::InlineMath(_) => {
                    let plain = without_macros(&self.text[range.clone()]);
                    self.prose(range, plain);
                }
                Event::Html(html) => self.html(range, &html, &mut details),
                _ => {}
            }
        }
        code
    }

    /// A line of HTML: formulas in it, and whether a solution begins or ends.
    fn html(&mut self, range: Range<usize>, html: &str, details: &mut Vec<Details>) {
        if let Some(at) = html.find("<details") {
            let head = range.start + at..range.end;
            details.push(Details { head, title: String::new() });
        }
        let summary =
            html.split_once("<summary>").and_then(|(_, s)| s.split_once("</summary>"));
        if let (Some((title, rest)), Some(details)) = (summary, details.last_mut()) {
            details.title = formulas(title, |words| words.replace("\\$", "$"));
            details.head.end = range.end - rest.len();
        }
        if let Some(at) = html.find("</details>")
            && let Some(Details { head, title }) = details.pop()
        {
            let tail = range.start + at..range.start + at + "</details>".len();
            let mut runs = false;
            for (range, parts) in &mut self.changes {
                for part in parts {
                    if let (Part::Run(_, code), true) =
                        (part, head.end <= range.start && range.end <= tail.start)
                    {
                        (runs, code.folded) = (true, true);
                    }
                }
            }
            // Without a cell that runs it stays what it is, one piece of Markdown.
            if runs {
                self.changes.push((head, vec![Part::Open(title)]));
                self.changes.push((tail, vec![Part::Close]));
            }
        } else if html.contains('$') {
            self.prose(range, formulas(html, str::to_string));
        }
    }

    /// A figure is drawn by the notebook; below it are its caption and what it shows in words.
    fn figure(&mut self, range: Range<usize>, file: &str, alt: &str) {
        let Some(name) =
            file.rsplit('/').next().and_then(|file| file.strip_suffix(".svg"))
        else {
            return;
        };
        self.figures += 1;
        let number = self.number.map(|chapter| format!("{chapter}.")).unwrap_or_default();
        let caption = caption(&self.text[range.clone()]).unwrap_or_default();
        let caption = formulas(&caption, escaped);
        let words = format!(
            "**Figure {number}{}.** {caption}\n\n<small>In words: {}</small>",
            self.figures,
            escaped(alt)
        );
        let drawn = match self.beside(file).and_then(|svg| on_paper(&svg)) {
            Ok(svg) => Some(Shown::Drawn(svg)),
            Err(message) => return self.error(range.start, message),
        };
        let draw = format!("neurons::notebook::figure({name:?});");
        let code = Code { figure: Some(name.into()), shown: drawn, ..Code::default() };
        self.changes.push((
            range,
            vec![Part::Cut, Part::Run(draw, code), Part::Prose(words), Part::Cut],
        ));
    }

    /// The text of a file that the page names.
    fn beside(&self, file: &str) -> Result<String, String> {
        let page = self.shared.root.join(self.path);
        let folder = page.parent().unwrap_or(self.shared.root);
        fs::read_to_string(folder.join(file))
            .map_err(|error| format!("cannot read {file}: {error}"))
    }

    /// A link to a page leads to its notebook.
    fn link(&mut self, range: Range<usize>, target: &str) {
        let (file, anchor) = match target.split_once('#') {
            Some((file, anchor)) => (file, Some(anchor)),
            None => (target, None),
        };
        let own = self.path.strip_prefix("src/").unwrap_or(self.path);
        let page = match file {
            "" => own,
            file => file.trim_start_matches("./"),
        };
        let Some(text) = self.shared.texts.get(page) else { return };
        let Some(at) = self.text[range.clone()].rfind(target) else {
            return self
                .error(range.start, "a link to a page is written as [words](page.md)");
        };
        let mut new = match file {
            "" => String::new(),
            page => format!("{}.ipynb", page_name(page)),
        };
        if let Some(heading) = anchor.and_then(|anchor| heading(text, anchor)) {
            // This is how Jupyter names a heading.
            new.push_str(&format!("#{}", heading.replace(' ', "-")));
        }
        let start = range.start + at;
        self.prose(start..start + target.len(), new);
    }

    /// `{{#item …}}`, `{{#include …}}`, and what shows the ledgers.
    fn directives(&mut self, code: &[Range<usize>]) {
        for (start, _) in self.text.match_indices("{{#") {
            let words =
                self.text[start..].split_once("}}").map_or("", |(words, _)| words);
            let range = start..start + words.len() + "}}".len();
            let inside = words.trim_start_matches("{{#");
            let (name, words) = inside.split_once(' ').unwrap_or((inside, ""));
            let in_code = code.iter().any(|code| code.contains(&start));
            let shown = match name {
                "include" => {
                    self.beside(words.trim()).map(|text| text.trim_end().to_string())
                }
                _ if in_code => continue,
                "item" => self.item(words),
                "number" => self.shared.ledger.number(words).map(|number| number.text),
                "run" => {
                    self.shared.ledger.run(words).map(|run| run.table().trim_end().into())
                }
                "derivatives" => self.derivatives(),
                "machine" => self.shared.ledger.machine(words).map(escaped),
                "numbers" => {
                    Ok(self.shared.ledger.tables(&self.citing()).trim_end().into())
                }
                _ => Err(format!("a notebook does not know `{{{{#{name}`")),
            };
            match shown {
                Ok(shown) => {
                    let before =
                        self.text[..start].rsplit('\n').next().unwrap_or_default();
                    let indent = if before.trim().is_empty() { before } else { "" };
                    self.prose(range, shown.replace('\n', &format!("\n{indent}")));
                }
                Err(message) => self.error(start, message),
            }
        }
    }

    /// The pages that may show numbers, as notebooks.
    fn citing(&self) -> Vec<Citing<'_>> {
        let citing = self.shared.pages.iter().map(|(file, number)| {
            let name = page_name(file);
            let text = self.shared.texts.get(file).map_or("", String::as_str);
            Citing::new(number.as_deref(), &name, &format!("{name}.ipynb"), text)
        });
        citing.collect()
    }

    /// The ledger of derivatives.
    fn derivatives(&self) -> Result<String, String> {
        let formula = |tex: &str| Ok(format!("${}$", without_macros(tex)));
        let link = |Stated { path, page, .. }: &Stated| {
            format!("[`{path}`]({})", page.replace(".md", ".ipynb"))
        };
        let table = self.shared.derivatives.table(self.shared.stated, formula, link)?;
        Ok(table.trim_end().into())
    }

    /// Items as a block that is only read: the notebook gets them from the book's crate.
    fn item(&self, words: &str) -> Result<String, String> {
        let (mut code, mut places) = (Vec::new(), Vec::<String>::new());
        for path in paths(words) {
            for cut in self.shared.items.find(&path)? {
                code.push(cut.code.as_str());
                let place = format!("[`{0}`](../{0})", cut.file);
                if !places.contains(&place) {
                    places.push(place);
                }
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
        let mut from = 0;
        for (range, parts) in self.changes {
            if range.start < from {
                continue;
            }
            cells.push(line_of(self.text, from), &self.text[from..range.start]);
            from = range.end;
            let line = line_of(self.text, range.start);
            for part in parts {
                match part {
                    Part::Prose(words) => cells.push_whole(line, &words),
                    Part::Cut => cells.cut(),
                    Part::Run(source, code) => {
                        cells.cut();
                        cells.drafts.push(Draft { line, source, code: Some(code) });
                    }
                    Part::Open(title) => cells.open(line, title),
                    Part::Close => cells.close(),
                }
            }
        }
        cells.push(line_of(self.text, from), &self.text[from..]);
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
    /// Prose as it stands on the page from `line` on.
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

    fn open(&mut self, line: usize, title: String) {
        self.cut();
        (self.folded, self.title) = (true, Some((line, title)));
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

/// How wide a notebook shows a figure, in pixels.
const WIDTH: f64 = 800.0;

/// A drawing on paper of its own, so that it can be read on a dark page, and no wider than
/// [`WIDTH`]: what `neurons::notebook::on_paper` makes of it when the notebook runs.
///
/// # Errors
/// Returns an error when the text is not an SVG with a width and a height.
fn on_paper(svg: &str) -> Result<String, String> {
    let sized = || {
        let (tag, rest) = svg.split_once('>')?;
        let [width, height] = ["width", "height"].map(|name| {
            let (_, value) = tag.split_once(&format!(" {name}=\""))?;
            let (value, _) = value.split_once('"')?;
            Some((format!(" {name}=\"{value}\""), value.parse::<f64>().ok()?))
        });
        let ((width, of_width), (height, of_height)) = (width?, height?);
        let scale = (WIDTH / of_width).min(1.0);
        let tag = tag
            .replacen(&width, &format!(" width=\"{:.0}\"", scale * of_width), 1)
            .replacen(&height, &format!(" height=\"{:.0}\"", scale * of_height), 1);
        let paper = "<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFE\"/>";
        Some(format!("{tag}>\n{paper}{rest}"))
    };
    sized().ok_or_else(|| "the figure is not an SVG with a width and a height".into())
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
fn formulas(text: &str, words: impl Fn(&str) -> String) -> String {
    let Ok(pieces) = pieces(text) else { return words(text) };
    let plain = pieces.iter().map(|piece| match piece {
        Piece::Words(text) => words(text),
        Piece::Formula(tex) => format!("${}$", without_macros(tex)),
    });
    plain.collect()
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
    use super::super::tests::Repository;
    use super::*;

    /// The drafts of a page beside a page `q` in a repository with one item and one text.
    fn drafts_of(text: &str) -> Result<Vec<Draft>, Vec<PageError>> {
        let repository = Repository::new(&[
            ("chapters-code/a.rs", "/// F.\n///\n/// More.\npub fn f() {}\n"),
            ("images/x.txt", "1 %\n2 %\n"),
            ("images/s.svg", "<svg width=\"1600\" height=\"1000\" viewBox=\"0\">x</svg>"),
            ("src/p.md", text),
        ]);
        let root = &*repository.0;
        let items = Items::read(root, "chapters-code").expect("items");
        let texts = [("q.md", "# Q\n\n## What it `is`\n"), ("p.md", text)]
            .map(|(f, t)| (f.into(), t.into()));
        let texts = BTreeMap::from(texts);
        let (ledger, derivatives) = (Ledger::default(), Derivatives::default());
        let pages = [("q.md".into(), Some("2".into())), ("p.md".into(), None)];
        let shared = Shared {
            pages: &pages,
            root,
            items: &items,
            ledger: &ledger,
            derivatives: &derivatives,
            stated: &[],
            texts: &texts,
        };
        drafts(&shared, "src/p.md", Some("3"), text)
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
        let page = "![A *line*](../images/s.svg \"The $\\z$ & a_b\")\n\nSo.\n";
        assert_eq!(
            cells(page),
            [
                "1 figure neurons::notebook::figure(\"s\");",
                "1 prose **Figure 3.1.** The ${\\color{#9b6f08}z}$ & a\\_b\n\n<small>In words: A line</small>",
                "3 prose So.",
            ]
        );
        let figure = drafts_of(page).expect("a good page").remove(0);
        let svg = "<svg width=\"800\" height=\"500\" viewBox=\"0\">\n<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFE\"/>x</svg>";
        assert_eq!(
            figure.code.and_then(|code| code.shown),
            Some(Shown::Drawn(svg.into()))
        );
        assert!(
            error("![x](../images/no.svg \"c\")\n").contains("cannot read ../images/no")
        );
        assert!(on_paper("hello").is_err() && on_paper("<svg></svg>").is_err());
    }

    #[test]
    fn links_lead_to_notebooks() {
        let page = "[q](q.md), [is](./q.md#what-it-is), [own](#p-1), [no](q.md#no), [r](r.md)\n\n# P 1\n";
        assert_eq!(
            cells(page)[0],
            "1 prose [q](q.ipynb), [is](q.ipynb#What-it-is), [own](#P-1), [no](q.ipynb), [r](r.md)"
        );
    }

    #[test]
    fn a_chapter_that_is_named_is_a_link_to_its_notebook() {
        let page = "# Chapter 2\n\nIn chapter 2, `chapter 2`, [chapter 2](q.md), chapter 22.\n\n> Chapter 2: $2$.\n";
        assert_eq!(
            cells(page),
            [
                "1 prose # Chapter 2\n\nIn [chapter 2](q.ipynb), `chapter 2`, [chapter 2](q.ipynb), chapter 22.\n\n> [Chapter 2](q.ipynb): $2$."
            ]
        );
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
    fn an_error_in_a_cell_names_its_line() {
        assert!(
            error("a\n\n```rust\nlet a = 1;\nlet = ;\n```\n").starts_with("src/p.md:5: ")
        );
    }
}
