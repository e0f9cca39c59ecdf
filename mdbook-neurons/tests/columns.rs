//! Code on a page fits it: at the book's width a line of 76 columns is shown whole.

use mdbook_neurons::book::pages;
use mdbook_neurons::items::{Items, WIDTH};
use textwrap::core::display_width;

mod repository;
use repository::root;

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
    for page in pages(root()).expect("the pages can be read") {
        let path = &page.path;
        for cell in &page.cells {
            look(format!("{path}:{}", cell.fence.line), &cell.fence.text);
        }
        for (line, words) in page.directives("item") {
            let cuts =
                items.named(words).unwrap_or_else(|error| panic!("{path}: {error}"));
            for cut in cuts {
                look(format!("{path}:{line} shows {}:{}", cut.file, cut.line), &cut.code);
            }
        }
    }
    assert!(wide.is_empty(), "{} lines are too wide:\n{}", wide.len(), wide.join("\n"));
}
