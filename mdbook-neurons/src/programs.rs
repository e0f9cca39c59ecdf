//! The programs that a page's cells make: one doctest for each cell, one example for the page.

use std::fmt::Write;

use crate::pages::{Cell, Fate, Page};

/// What every doctest of a cell begins with: it collects what the cell prints.
const CAPTURE: &str = r#"mod page {
    static PRINTED: std::sync::Mutex<String> = std::sync::Mutex::new(String::new());
    pub fn printed() -> String {
        std::mem::take(&mut PRINTED.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
    pub fn print(text: &str) {
        PRINTED.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push_str(text)
    }
    pub fn compare(place: &str, expected: Option<&str>) {
        let printed = printed();
        let lines = |text: &str| text.trim_end().lines().map(|l| l.trim_end().to_owned() + "\n").collect::<String>();
        match expected {
            None if printed.is_empty() => {}
            None => panic!("\n{place}: the cell prints, so it needs an ```output block under it:\n\n{printed}\n"),
            Some(expected) if lines(expected) == lines(&printed) => {}
            Some(expected) => panic!(
                "\n{place}: the cell does not print what the page says\n\n--- the page says\n{}--- the cell prints\n{}\n\
                 To put what it prints into the page: cargo run -p mdbook-neurons -- outputs\n",
                lines(expected),
                lines(&printed),
            ),
        }
    }
}
macro_rules! print {
    ($($text:tt)*) => { page::print(&::std::format!($($text)*)) };
}
macro_rules! println {
    () => { page::print("\n") };
    ($($text:tt)*) => { page::print(&(::std::format!($($text)*) + "\n")) };
}
"#;

/// Longer than any fence of a page.
const FENCE: &str = "````````````";

/// Rust source with a module for each page and in it an item for each cell, whose doc comment
/// holds the cell as a doctest: `pages::sigmoid::line_42` is the cell on line 42 of `sigmoid.md`.
///
/// A cell sees the cells that it continues. What those print is dropped; what the cell itself
/// prints is compared with its `output` block, without blanks at the ends of lines.
pub fn doctests(pages: &[Page]) -> String {
    let mut source = String::new();
    for page in pages {
        let mut items = String::new();
        for cell in &page.cells {
            for line in doctest(page, cell).lines() {
                let _ = writeln!(items, "    /// {line}");
            }
            let _ = writeln!(items, "    pub fn line_{}() {{}}", cell.fence.line);
        }
        let _ = writeln!(source, "#[allow(warnings, clippy::all)]");
        let _ = writeln!(
            source,
            "/// The cells of {}.\npub mod {} {{\n{items}}}",
            page.path, page.name
        );
    }
    source
}

/// One cell as a fenced block for rustdoc.
fn doctest(page: &Page, cell: &Cell) -> String {
    let place = format!("{}:{}", page.path, cell.fence.line);
    let before: String =
        cell.continues.iter().map(|&i| page.cells[i].fence.text.as_str()).collect();
    let expected = cell.output.as_ref().map(|output| output.text.as_str());
    let tag = cell.fate.tag();
    let code = &cell.fence.text;
    format!(
        "{FENCE}{tag}\n{CAPTURE}\
         fn main() -> Result<(), Box<dyn std::error::Error>> {{\n\
         {before}page::printed();\n\
         // {place}\n{code}\
         page::compare({place:?}, {expected:?});\nOk(())\n}}\n{FENCE}\n"
    )
}

/// Rust source of a program that runs a page's cells from top to bottom and prints what they
/// print under the headings of the page. Cells that are not run, that panic or that do not
/// compile are left out.
///
/// With the argument `--cells` it prints, instead of the headings, a line before each cell: [`MARK`]
/// and the line of the page on which the cell begins.
pub fn example(page: &Page) -> String {
    let mut scopes: Vec<String> = Vec::new();
    let mut heading = "";
    for cell in page.cells.iter().filter(|cell| cell.fate == Fate::Runs) {
        if cell.continues.is_empty() || scopes.is_empty() {
            scopes.push(String::new());
        }
        let Some(scope) = scopes.last_mut() else { continue };
        let new_heading =
            (cell.fence.heading != heading).then_some(cell.fence.heading.as_str());
        heading = &cell.fence.heading;
        let _ = writeln!(scope, "    page::cell({}, {new_heading:?});", cell.fence.line);
        for line in cell.fence.text.lines() {
            scope.push_str(shown_to_rustc(line));
            scope.push('\n');
        }
    }
    let mut source = String::from(
        r#"mod page {
    pub fn cell(line: usize, heading: Option<&str>) {
        if std::env::args().any(|argument| argument == "--cells") {
            println!("\u{1e}{line}");
        } else if let Some(heading) = heading {
            println!("\n── {heading}");
        }
    }
}
"#,
    );
    let result = "Result<(), Box<dyn std::error::Error>>";
    let mut calls = String::new();
    for (number, scope) in scopes.iter().enumerate() {
        let _ = writeln!(calls, "    scope_{number}()?;");
        let _ = writeln!(source, "#[allow(warnings, clippy::all)]");
        let _ =
            writeln!(source, "fn scope_{number}() -> {result} {{\n{scope}    Ok(())\n}}");
    }
    let _ = writeln!(
        source,
        "#[allow(warnings, clippy::all)]\nfn main() -> {result} {{\n{calls}    Ok(())\n}}"
    );
    source
}

/// What precedes the line number of a cell in the output of `example --cells`: ASCII's record
/// separator.
pub const MARK: char = '\u{1e}';

/// rustdoc hides a line that begins with `# ` from the reader; the compiler sees it.
pub(crate) fn shown_to_rustc(line: &str) -> &str {
    let trimmed = line.trim_start();
    match trimmed.strip_prefix('#') {
        Some("") => "",
        Some(rest) if rest.starts_with("# ") || rest == "#" => rest,
        Some(rest) => rest.strip_prefix(' ').unwrap_or(line),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page::parse("src/p.md", text).expect("a good page")
    }

    #[test]
    fn a_doctest_holds_the_cells_it_continues_and_its_output() {
        let page = page(
            "```rust\nlet x = 1;\n```\n```rust,cont\nprintln!(\"{x}\");\n```\n```output\n1\n```\n",
        );
        let source = doctests(std::slice::from_ref(&page));
        assert!(source.contains("pub mod p {"));
        assert!(
            source.contains("pub fn line_1() {}")
                && source.contains("pub fn line_4() {}")
        );
        let (_, second) = source.split_once("line_1()").expect("two cells");
        assert!(
            second.contains("/// let x = 1;\n    /// page::printed();\n"),
            "{second}"
        );
        assert!(
            second.contains(r#"page::compare("src/p.md:4", Some("1\n"));"#),
            "{second}"
        );
    }

    #[test]
    fn an_example_skips_what_does_not_run() {
        let page = page(
            "# A\n```rust\n# let hidden = 1;\n```\n```rust,should_panic\nboom();\n```\n```rust,cont\nlet y = hidden;\n```\n```rust\nlet z = 1;\n```\n",
        );
        let source = example(&page);
        assert!(
            source.contains(
                "page::cell(2, Some(\"A\"));\nlet hidden = 1;\n    page::cell(8, None);\nlet y"
            ),
            "{source}"
        );
        assert!(!source.contains("boom"));
        assert!(source.contains("scope_1") && !source.contains("scope_2"));
    }
}
