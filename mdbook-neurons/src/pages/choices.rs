//! What a question lets the reader choose from: a task list, the first thing in its box.

use std::ops::Range;

/// The choices of a box, each place in bytes of the page's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// `<details class="…">` and its summary.
    pub head: Range<usize>,
    /// From top to bottom.
    pub choices: Vec<Choice>,
    /// `</details>`.
    pub tail: Range<usize>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// All of it, from `- [ ]` on.
    pub place: Range<usize>,
    /// Its first line.
    pub words: Range<usize>,
    /// What it means to choose it.
    pub meaning: Range<usize>,
    /// Whether it is the right one.
    pub is_right: bool,
}

/// An item of a list while the page is walked.
#[derive(Default)]
pub(super) struct Item {
    pub range: Range<usize>,
    /// Its first paragraph; a list without blank lines has none.
    pub paragraph: Option<Range<usize>>,
    /// Where its `[ ]` ends, and whether it is `[x]`.
    pub mark: Option<(usize, bool)>,
}

/// The items of a task list as choices.
///
/// # Errors
/// What is wrong with the first of them that is, and its place.
pub(super) fn choices(
    text: &str,
    items: &[Item],
) -> Result<Vec<Choice>, (usize, String)> {
    let first = items.first().map_or(0, |item| item.range.start);
    let mut choices = Vec::new();
    for Item { range, paragraph, mark } in items {
        let wrong = |message: &str| (range.start, message.to_string());
        let (from, is_right) = mark.ok_or_else(|| wrong("a choice without `[ ]`"))?;
        let words = paragraph.as_ref().map_or(range.end, |paragraph| paragraph.end);
        let words = trimmed(text, from..words);
        let meaning = trimmed(text, words.end..range.end);
        if meaning.is_empty() {
            let message = "a choice needs a paragraph under it, indented: what it means to choose it";
            return Err(wrong(message));
        }
        let place = range.start..meaning.end;
        choices.push(Choice { place, words, meaning, is_right });
    }
    let right = choices.iter().filter(|choice| choice.is_right).count();
    match (choices.len(), right) {
        (0..2, _) => Err((first, "there are at least two choices".into())),
        (_, 1) => Ok(choices),
        (_, right) => {
            Err((first, format!("one choice is `[x]`, the right one, not {right}")))
        }
    }
}

/// The range without the blanks at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let words = &text[range.clone()];
    let end = range.start + words.trim_end().len();
    let start = range.end - words.trim_start().len();
    start.min(end)..end
}
