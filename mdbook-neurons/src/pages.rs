//! The pages of the book: what each consists of, and which of it runs.

use std::fmt;
use std::ops::Range;
use std::path::Path;

pub use self::choices::{Choice, Choices};
pub use self::walk::{Directive, Figure, Piece, STRAY, Span, line_of, mentions, spans};

mod choices;
mod walk;

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

impl Fence {
    /// Its first tag: `rust`, `math`, `output` …
    pub fn language(&self) -> &str {
        self.tags.first().map_or("", String::as_str)
    }
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its file's name without `.md`, as a Rust name: `gradient_descent`.
    pub name: String,
    /// Its path, as a reader would type it: `src/gradient_descent.md`.
    pub path: String,
    /// Its chapter's number, if the table of contents gives it one: `3`, `3.1`.
    pub number: Option<String>,
    /// Its title in the table of contents.
    pub title: String,
    /// Its text.
    pub text: String,
    /// What it consists of, from top to bottom, each with its place in the text.
    pub pieces: Vec<(Range<usize>, Piece)>,
    /// Its Rust blocks, from top to bottom.
    pub cells: Vec<Cell>,
    /// What is wrong on it, from top to bottom.
    pub errors: Vec<PageError>,
}

/// The anchor that mdBook makes of a heading's words.
pub fn slug(words: &str) -> String {
    let letter = |c: char| match c {
        c if c.is_whitespace() => Some('-'),
        c => (c.is_alphanumeric() || "-_".contains(c)).then_some(c),
    };
    words.trim().to_lowercase().chars().filter_map(letter).collect()
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
    pub fn read(path: &str, text: &str) -> Self {
        let (pieces, errors) = walk::walk(path, text);
        let (name, path, text) = (page_name(path), path.into(), text.into());
        let mut page = Page { name, path, text, pieces, errors, ..Page::default() };
        page.find_cells();
        page.errors.sort_by_key(|error| error.line);
        page
    }

    /// A page on which nothing is wrong.
    ///
    /// # Errors
    /// The first thing that is: a block without a tag or with an unknown one, a cell that
    /// continues nothing, an `output` block that belongs to no cell, a stray dollar …
    pub fn parse(path: &str, text: &str) -> Result<Self, PageError> {
        let mut page = Page::read(path, text);
        if page.errors.is_empty() { Ok(page) } else { Err(page.errors.remove(0)) }
    }

    /// The page as the table of contents names it, which ends a number with a dot.
    pub fn named(mut self, number: Option<String>, title: &str) -> Self {
        self.number = number.map(|number| number.trim_end_matches('.').into());
        self.title = title.into();
        self
    }

    /// Its file, from `src/`: `gradient_descent.md`.
    pub fn file(&self) -> &str {
        self.path.strip_prefix("src/").unwrap_or(&self.path)
    }

    /// Where it is in the built book: `gradient_descent.html`.
    pub fn address(&self) -> String {
        self.file().replace(".md", ".html")
    }

    /// `3 · Squashing`.
    pub fn heading(&self) -> String {
        match &self.number {
            Some(number) => format!("{number} · {}", self.title),
            None => self.title.clone(),
        }
    }

    /// The words of the heading that mdBook gives this anchor, if there is one.
    pub fn heading_at(&self, anchor: &str) -> Option<&str> {
        self.pieces.iter().find_map(|(_, piece)| match piece {
            Piece::Heading { id, words, .. } => {
                let own = id.clone().unwrap_or_else(|| slug(words));
                (own == anchor).then_some(words.as_str())
            }
            _ => None,
        })
    }

    /// All its fenced blocks, those in `<details>`, lists and quotes too.
    pub fn fences(&self) -> impl Iterator<Item = &Fence> {
        self.pieces.iter().filter_map(|(_, piece)| match piece {
            Piece::Fence(fence) => Some(fence),
            _ => None,
        })
    }

    /// The words of its directives of this name, each with its line.
    pub fn directives(&self, name: &str) -> impl Iterator<Item = (usize, &str)> {
        self.pieces.iter().filter_map(move |(place, piece)| match piece {
            Piece::Directive(directive)
                if directive.name == name && !directive.in_code =>
            {
                Some((line_of(&self.text, place.start), directive.words.as_str()))
            }
            _ => None,
        })
    }

    /// Which of the blocks run, and what stands in the way of others.
    fn find_cells(&mut self) {
        let (mut cells, mut errors) = (Vec::<Cell>::new(), vec![]);
        let (mut scope, mut after_cell) = (Vec::<usize>::new(), false);
        for fence in self.fences() {
            let mut error = |message: &str| {
                errors.push(PageError::new(&self.path, fence.line, message));
            };
            let has = |tag: &str| fence.tags.iter().any(|t| t == tag);
            match fence.language() {
                "rust" => {
                    let main = |line: &str| line.trim_start().starts_with("fn main(");
                    if fence.text.lines().any(main) {
                        error(
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
                            error(
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
                    let fence = fence.clone();
                    cells.push(Cell { fence, fate, output: None, continues });
                    after_cell = true;
                }
                "output" => match cells.last_mut() {
                    Some(cell) if after_cell && cell.fate == Fate::Runs => {
                        cell.output = Some(fence.clone());
                        after_cell = false;
                    }
                    Some(cell) if after_cell => error(&format!(
                        "the cell above is `{}`, so it has no output",
                        cell.fate.tag()
                    )),
                    _ => error("an `output` block must follow the cell that prints it"),
                },
                _ => after_cell = false,
            }
        }
        self.cells = cells;
        self.errors.extend(errors);
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
}
