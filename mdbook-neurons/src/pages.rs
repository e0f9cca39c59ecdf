//! A Markdown page as a list of cells.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};

/// What is wrong on a page, and where: `src/sigmoid.md:42: an untagged fence …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    /// The page's path, as a reader would type it.
    pub page: String,
    /// The 1-based line.
    pub line: usize,
    /// One sentence.
    pub message: String,
}

impl PageError {
    /// An error on one line of a page.
    pub fn new(page: &str, line: usize, message: impl Into<String>) -> Self {
        PageError { page: page.into(), line, message: message.into() }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}: {}", self.page, self.line, self.message)
    }
}

impl std::error::Error for PageError {}

/// A fenced block of a page, whatever its language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The info string, split on commas and spaces: `rust,cont` is `["rust", "cont"]`.
    pub tags: Vec<String>,
    /// What stands between the fences.
    pub text: String,
    /// The 1-based line of the opening fence.
    pub line: usize,
    /// The heading above it.
    pub heading: String,
    /// Where it stands in the page's text, in bytes.
    pub range: Range<usize>,
}

/// How far a cell is expected to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It compiles and runs to its end.
    Runs,
    /// It compiles, but only the reader runs it: it downloads or serves.
    NoRun,
    /// It compiles and panics: the failure is the lesson.
    ShouldPanic,
    /// It does not compile: the compiler's refusal is the lesson.
    CompileFail,
}

impl Fate {
    /// The tag of a page and of rustdoc.
    pub fn tag(self) -> &'static str {
        match self {
            Fate::Runs => "",
            Fate::NoRun => "no_run",
            Fate::ShouldPanic => "should_panic",
            Fate::CompileFail => "compile_fail",
        }
    }

    /// Whether a later cell may continue this one.
    fn goes_on(self) -> bool {
        matches!(self, Fate::Runs | Fate::NoRun)
    }
}

/// A Rust block of a page, which runs as a cell of a notebook does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The block itself.
    pub fence: Fence,
    /// How far it is expected to come.
    pub fate: Fate,
    /// The `output` block under it.
    pub output: Option<Fence>,
    /// The cells, by their index on the page, whose names it sees: none unless it is `cont`.
    pub continues: Vec<usize>,
}

/// A page of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its file's name without `.md`, as a Rust name: `gradient_descent`.
    pub name: String,
    /// Its path, as a reader would type it: `src/gradient_descent.md`.
    pub path: String,
    /// Its Rust blocks, from top to bottom.
    pub cells: Vec<Cell>,
}

/// Markdown as mdBook reads it, without smart punctuation, so that text keeps its offsets.
pub fn markdown() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
}

/// The 1-based line of a byte offset.
pub fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count()
}

/// The pages that a `SUMMARY.md` links to, in order, as they are written there.
pub fn summary(text: &str) -> Vec<String> {
    Parser::new(text)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) if dest_url.ends_with(".md") => {
                Some(dest_url.trim_start_matches("./").to_string())
            }
            _ => None,
        })
        .collect()
}

/// The numbers of the chapters that a `SUMMARY.md` links to, as mdBook counts them: `3.1`, or
/// nothing for what stands outside its lists.
pub fn numbers(text: &str) -> Vec<(String, Option<String>)> {
    let (mut numbers, mut depth) = (Vec::new(), Vec::<usize>::new());
    // The parts of a book are counted through.
    let mut first = 0;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::List(_)) => {
                depth.push(if depth.is_empty() { first } else { 0 })
            }
            Event::End(TagEnd::List(_)) => {
                let last = depth.pop().unwrap_or_default();
                first = if depth.is_empty() { last } else { first };
            }
            Event::Start(Tag::Item) => {
                if let Some(last) = depth.last_mut() {
                    *last += 1;
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) if dest_url.ends_with(".md") => {
                let number: Vec<String> = depth.iter().map(usize::to_string).collect();
                let number = (!number.is_empty()).then(|| number.join("."));
                numbers.push((dest_url.trim_start_matches("./").to_string(), number));
            }
            _ => {}
        }
    }
    numbers
}

/// The heading of a page that mdBook gives this anchor, if there is one.
pub fn heading(text: &str, anchor: &str) -> Option<String> {
    let mut heading: Option<(Option<String>, String)> = None;
    for event in Parser::new_ext(text, markdown()) {
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                heading = Some((id.map(|id| id.to_string()), String::new()));
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, heading)) = &mut heading {
                    heading.push_str(&words);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let (id, words) = heading.take()?;
                let words = words.trim();
                if id.unwrap_or_else(|| slug(words)) == anchor {
                    return Some(words.to_string());
                }
            }
            _ => {}
        }
    }
    None
}

/// The anchor that mdBook makes of a heading's words.
pub fn slug(words: &str) -> String {
    let letter = |c: char| match c {
        c if c.is_whitespace() => Some('-'),
        c => (c.is_alphanumeric() || "-_".contains(c)).then_some(c),
    };
    words.trim().to_lowercase().chars().filter_map(letter).collect()
}

/// All fenced blocks of a page, those in `<details>`, lists and quotes too.
///
/// # Errors
/// If a block has no tag, or tags that the book does not know.
pub fn fences(path: &str, text: &str) -> Result<Vec<Fence>, PageError> {
    let mut fences: Vec<Fence> = Vec::new();
    let (mut heading, mut in_heading, mut in_fence) = (String::new(), false, false);
    for (event, range) in Parser::new_ext(text, markdown()).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                (in_heading, heading) = (true, String::new())
            }
            Event::End(TagEnd::Heading(_)) => in_heading = false,
            Event::Text(words) | Event::Code(words) if in_heading => {
                heading.push_str(&words)
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                in_fence = true;
                let line = line_of(text, range.start);
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => CowStr::Borrowed(""),
                };
                let tags = info
                    .split([',', ' '])
                    .filter(|tag| !tag.is_empty())
                    .map(String::from)
                    .collect();
                let fence = Fence {
                    tags,
                    text: String::new(),
                    line,
                    heading: heading.clone(),
                    range,
                };
                check_tags(&fence.tags)
                    .map_err(|message| PageError::new(path, line, message))?;
                fences.push(fence);
            }
            Event::End(TagEnd::CodeBlock) => in_fence = false,
            Event::Text(words) if in_fence => {
                if let Some(fence) = fences.last_mut() {
                    fence.text.push_str(&words.replace('\r', ""));
                }
            }
            _ => {}
        }
    }
    Ok(fences)
}

/// Whether the book knows what to do with a block of these tags.
fn check_tags(tags: &[String]) -> Result<(), String> {
    let Some((language, rest)) = tags.split_first() else {
        return Err(
            "a block without a tag: open it with ```rust, ```text, ```console …".into()
        );
    };
    let known: fn(&str) -> bool = match language.as_str() {
        "rust" => |tag| ["cont", "no_run", "should_panic", "compile_fail"].contains(&tag),
        "math" => |tag| {
            tag == "definition" || tag.starts_with("derivative=") || tag.contains("::")
        },
        "output" | "text" | "console" | "toml" | "python" | "json" | "markdown" => {
            |_| false
        }
        _ => return Err(format!("the book does not know blocks of `{language}`")),
    };
    match rest.iter().find(|tag| !known(tag)) {
        Some(tag) => {
            Err(format!("the book does not know the tag `{tag}` of a `{language}` block"))
        }
        None => Ok(()),
    }
}

impl Page {
    /// Reads a page. `path` is how errors and tests name it, such as `src/sigmoid.md`.
    ///
    /// # Errors
    /// If a block has no tag or an unknown one, if a cell continues nothing, if an `output` block
    /// belongs to no cell, or if a cell has a `main` of its own, which would never run.
    pub fn parse(path: &str, text: &str) -> Result<Self, PageError> {
        let mut cells: Vec<Cell> = Vec::new();
        let mut scope: Vec<usize> = Vec::new();
        let mut after_cell = false;
        for fence in fences(path, text)? {
            let error = |message: &str| Err(PageError::new(path, fence.line, message));
            let has = |tag: &str| fence.tags.iter().any(|t| t == tag);
            match fence.tags.first().map(String::as_str) {
                Some("rust") => {
                    if fence
                        .text
                        .lines()
                        .any(|line| line.trim_start().starts_with("fn main("))
                    {
                        return error(
                            "a cell is already the body of `main`: leave `fn main` out",
                        );
                    }
                    let mut fate = [Fate::CompileFail, Fate::ShouldPanic, Fate::NoRun]
                        .into_iter()
                        .find(|fate| has(fate.tag()))
                        .unwrap_or(Fate::Runs);
                    let mut continues = Vec::new();
                    if has("cont") {
                        if scope.is_empty() {
                            return error(
                                "a `rust,cont` block, and no cell above it to continue",
                            );
                        }
                        continues.clone_from(&scope);
                    }
                    if fate == Fate::Runs
                        && continues.iter().any(|&i| cells[i].fate == Fate::NoRun)
                    {
                        fate = Fate::NoRun;
                    }
                    if fate.goes_on() {
                        scope.clone_from(&continues);
                        scope.push(cells.len());
                    }
                    cells.push(Cell { fence, fate, output: None, continues });
                    after_cell = true;
                }
                Some("output") => match cells.last_mut() {
                    Some(cell) if after_cell && cell.fate == Fate::Runs => {
                        cell.output = Some(fence);
                        after_cell = false;
                    }
                    Some(cell) if after_cell => {
                        let tag = cell.fate.tag();
                        return error(&format!(
                            "the cell above is `{tag}`, so it has no output"
                        ));
                    }
                    _ => {
                        return error(
                            "an `output` block must follow the cell that prints it",
                        );
                    }
                },
                _ => after_cell = false,
            }
        }
        Ok(Page { name: page_name(path), path: path.into(), cells })
    }
}

/// `src/gradient-descent.md` is the page `gradient_descent`.
pub fn page_name(path: &str) -> String {
    let stem =
        Path::new(path).file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let name = stem.replace(|c: char| !c.is_alphanumeric(), "_");
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("page_{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Page::parse("src/p.md", text).expect_err("an error").to_string()
    }

    #[test]
    fn a_page_is_cut_into_cells() {
        let page = Page::parse(
            "src/gradient-descent.md",
            "# One\n\n```rust\nlet x = 1;\n```\n\nprose\n\n```rust,cont\nprintln!(\"{x}\");\n```\n\n\
             ```output\n1\n```\n\n## The `two`\n\n```rust should_panic\npanic!()\n```\n",
        )
        .expect("a good page");
        assert_eq!((page.name.as_str(), page.cells.len()), ("gradient_descent", 3));
        let [first, second, third] = &page.cells[..] else { panic!("three cells") };
        assert_eq!((first.fence.line, first.fence.heading.as_str()), (3, "One"));
        assert_eq!(
            (first.fence.text.as_str(), first.output.is_none()),
            ("let x = 1;\n", true)
        );
        assert_eq!(second.continues, [0]);
        assert_eq!(
            second.output.as_ref().map(|output| output.text.as_str()),
            Some("1\n")
        );
        assert_eq!((third.fate, third.continues.len()), (Fate::ShouldPanic, 0));
        assert_eq!(third.fence.heading, "The two");
    }

    #[test]
    fn a_solution_holds_cells_too() {
        let text = "<details>\n<summary>Solution</summary>\n\n```rust\nlet y = 2;\n```\n\n</details>\n";
        let page = Page::parse("src/p.md", text).expect("a good page");
        assert_eq!((page.cells.len(), page.cells[0].fence.line), (1, 4));
    }

    #[test]
    fn a_cell_that_fails_stands_aside_and_one_that_is_not_run_spreads() {
        let text = "```rust\n```\n```rust,compile_fail\n```\n```rust,cont,no_run\n```\n```rust,cont\n```\n";
        let cells = Page::parse("src/p.md", text).expect("a good page").cells;
        assert_eq!(cells[2].continues, [0]);
        assert_eq!(
            (cells[3].continues.as_slice(), cells[3].fate),
            (&[0, 2][..], Fate::NoRun)
        );
    }

    #[test]
    fn errors_name_page_and_line() {
        assert!(
            error("a\n\n```\nx\n```\n").starts_with("src/p.md:3: a block without a tag")
        );
        assert!(
            error("a\n\n    let indented = 1;\n")
                .starts_with("src/p.md:3: a block without")
        );
        assert!(error("```rust,ignore\n```\n").contains("`ignore`"));
        assert!(error("```ruby\n```\n").contains("`ruby`"));
        assert!(error("```rust,cont\n```\n").contains("no cell above"));
        assert!(error("```output\n```\n").contains("must follow"));
        assert!(
            error("```rust\n```\n```text\n```\n```output\n```\n")
                .starts_with("src/p.md:5:")
        );
        assert!(error("```rust,no_run\n```\n```output\n```\n").contains("`no_run`"));
        assert!(error("```rust\nfn main() {}\n```\n").contains("leave `fn main` out"));
    }

    #[test]
    fn the_summary_lists_the_pages_in_order() {
        let text = "# Summary\n\n[Preface](README.md)\n\n- [B](b.md)\n  - [A](./part/a.md)\n- [Draft]()\n";
        assert_eq!(summary(text), ["README.md", "b.md", "part/a.md"]);
    }

    #[test]
    fn the_chapters_are_counted_through_all_parts() {
        let text = "[Preface](p.md)\n\n# I\n\n- [A](a.md)\n  - [B](b.md)\n- [Draft]()\n\n# II\n\n- [C](c.md)\n";
        let numbers = numbers(text);
        let numbers: Vec<(&str, Option<&str>)> =
            numbers.iter().map(|(file, number)| (&**file, number.as_deref())).collect();
        assert_eq!(
            numbers,
            [
                ("p.md", None),
                ("a.md", Some("1")),
                ("b.md", Some("1.1")),
                ("c.md", Some("3"))
            ]
        );
    }
}
