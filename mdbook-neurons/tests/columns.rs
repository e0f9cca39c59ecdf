//! Code on a page fits it: at the book's width a line of 76 columns is shown whole.

use mdbook_neurons::items::{Items, WIDTH, paths};
use mdbook_neurons::pages::{Page, summary};
use textwrap::core::display_width;

mod repository;
use repository::{read, root};

#[test]
fn no_line_of_code_is_cut_by_the_page() {
    let items = Items::read(root(), "chapters-code").expect("the code can be read");
    let mut wide = vec![];
    let mut look = |place: String, code: &str| {
        // What a cell hides is not shown.
        let shown = code.lines().filter(|line| *line != "#" && !line.starts_with("# "));
        for line in shown.filter(|line| display_width(line) > WIDTH) {
            wide.push(format!("{place}: {} columns: {line}", display_width(line)));
        }
    };
    for page in summary(&read("src/SUMMARY.md")) {
        let path = format!("src/{page}");
        let text = read(&path);
        let cells = Page::parse(&path, &text).expect("a good page").cells;
        for cell in cells {
            look(format!("{path}:{}", cell.fence.line), &cell.fence.text);
        }
        for (at, line) in text.lines().enumerate() {
            let words =
                line.trim().strip_prefix("{{#item ").and_then(|l| l.strip_suffix("}}"));
            for item in paths(words.unwrap_or_default()) {
                let cuts =
                    items.find(&item).unwrap_or_else(|error| panic!("{path}: {error}"));
                for cut in cuts {
                    look(
                        format!("{path}:{} shows {}:{}", at + 1, cut.file, cut.line),
                        &cut.code,
                    );
                }
            }
        }
    }
    assert!(wide.is_empty(), "{} lines are too wide:\n{}", wide.len(), wide.join("\n"));
}
