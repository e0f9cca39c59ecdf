//! What the book and its notebooks do alike with the choices of a question.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

use crate::pages::Choice;

/// A choice as both write it.
pub struct Written {
    /// Its first line, as HTML.
    pub words: String,
    /// What it means, as Markdown that is not indented.
    pub meaning: String,
}

/// Writes a choice of a page. `edits` is what stands in place of some parts of it.
pub fn written(text: &str, choice: &Choice, edits: &[(Range<usize>, String)]) -> Written {
    let words = marked_up(&edited(text, &choice.words, edits));
    let meaning = edited(text, &choice.meaning, edits);
    let lines: Vec<&str> =
        meaning.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    Written { words, meaning: lines.join("\n") }
}

/// A part of a text with its edits, which are in order.
pub fn edited(
    text: &str,
    part: &Range<usize>,
    edits: &[(Range<usize>, String)],
) -> String {
    let (mut new, mut from) = (String::new(), part.start);
    for (range, replacement) in edits {
        if part.start <= range.start && range.end <= part.end {
            new.push_str(&text[from..range.start]);
            new.push_str(replacement);
            from = range.end;
        }
    }
    new + &text[from..part.end]
}

/// A line of Markdown as HTML, its formulas as they are.
fn marked_up(words: &str) -> String {
    // A letter before them keeps words such as `5.` from being a list.
    let words = format!("x{words}");
    let events = Parser::new_ext(&words, Options::ENABLE_MATH);
    let events = events.filter_map(|event| match event {
        Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => None,
        Event::InlineMath(tex) => Some(Event::Text(format!("${tex}$").into())),
        event => Some(event),
    });
    let mut html = String::new();
    html::push_html(&mut html, events);
    html.split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_choice_may_have_marks() {
        assert_eq!(marked_up("5."), "5.");
        assert_eq!(
            marked_up("`a_b` < *all* $x_1 < y_1$"),
            "<code>a_b</code> &lt; <em>all</em> $x_1 &lt; y_1$"
        );
        assert_eq!(marked_up("a <b class=\"c\">d</b>"), "a <b class=\"c\">d</b>");
    }

    #[test]
    fn an_edit_elsewhere_is_left_out() {
        let edits = [(0..1, "no".into()), (3..4, "$".into()), (6..7, "no".into())];
        assert_eq!(edited("ab cde f", &(2..5), &edits), " $d");
    }
}
