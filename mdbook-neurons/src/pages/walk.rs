//! The one walk of a page: from Markdown to the pieces that every writer of the book goes through.

use std::cmp::Reverse;
use std::mem::take;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::choices::{Choice, Choices, Item, choices};
use super::{Fence, PageError, check_tags};

/// A part of a page that is written otherwise in the book or in a notebook, or that can be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A heading.
    Heading {
        /// Whether it is of the first level, the page's own.
        is_title: bool,
        /// The id that it gives itself, `{#id}`.
        id: Option<String>,
        /// Whether it has attributes, `{…}`.
        has_attributes: bool,
        /// Its words, without marks.
        words: String,
    },
    /// A fenced block.
    Fence(Fence),
    /// Words of a paragraph, of a table, or between tags of HTML.
    Words(String),
    /// `chapter 13` in words that are not a link yet: its number.
    Mention(String),
    /// TeX between two dollars.
    Formula(String),
    /// `\$` in HTML, where Markdown leaves the backslash.
    Dollar,
    /// What keeps the words before it from those after it.
    Gap,
    /// A link, and where it leads.
    Link(String),
    /// An image.
    Figure(Figure),
    /// `<details>` and its `<summary>`.
    Box {
        /// The words of the summary, as they are written.
        summary: String,
        /// Whether it is of the class `predict` or `quiz`; one that is not is the solution of an exercise.
        asks: bool,
    },
    /// The choices of the question that a box asks.
    Choices(Choices),
    /// `</details>`.
    BoxEnd,
    /// `{{#name words}}`.
    Directive(Directive),
}

/// An image of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    /// Its file, from the page's folder: `../images/sigmoid.svg`.
    pub file: String,
    /// What it shows, in words.
    pub alt: String,
    /// Its caption as it is written, backslashes and all: Markdown would drop some of them.
    pub caption: Option<String>,
    /// Whether nothing else stands in its paragraph.
    pub alone: bool,
}

/// What stands on a page in place of something that is kept elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directive {
    /// `item` of `{{#item sigmoid::sigmoid}}`.
    pub name: String,
    /// `sigmoid::sigmoid`.
    pub words: String,
    /// Whether nothing else stands on its line.
    pub alone: bool,
    /// The blanks before it, if nothing else stands there.
    pub indent: String,
    /// Whether it stands in code, where only `include` is one.
    pub in_code: bool,
}

/// The 1-based line of a byte offset.
pub fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count()
}

/// A part of a text that is cut at its dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span<'a> {
    /// Words between formulas.
    Words(&'a str),
    /// A formula, without its dollars.
    Formula(&'a str),
}

/// Cuts text that is not Markdown (a caption, a line of HTML) at its dollars. `\$` is a dollar.
///
/// # Errors
/// The byte offset of a dollar without a partner.
pub fn spans(text: &str) -> Result<Vec<Span<'_>>, usize> {
    let mut dollars = text
        .match_indices('$')
        .map(|(at, _)| at)
        .filter(|&at| !text[..at].ends_with('\\'));
    let (mut spans, mut from) = (Vec::new(), 0);
    while let Some(open) = dollars.next() {
        let close = dollars.next().filter(|&close| close > open + 1).ok_or(open)?;
        spans.extend([
            Span::Words(&text[from..open]),
            Span::Formula(&text[open + 1..close]),
        ]);
        from = close + 1;
    }
    spans.push(Span::Words(&text[from..]));
    Ok(spans)
}

/// Where a text says `chapter 13` or `Chapter 13`, and the number.
pub fn mentions(text: &str) -> Vec<(Range<usize>, &str)> {
    let mention = |(at, word): (usize, &str)| {
        let from = at + word.len();
        let digits = text[from..].bytes().take_while(u8::is_ascii_digit).count();
        let named = digits > 0 && text[..at].ends_with(['c', 'C']);
        named.then(|| (at - 1..from + digits, &text[from..from + digits]))
    };
    text.match_indices("hapter ").filter_map(mention).collect()
}

/// What is said of a dollar that opens or closes nothing.
pub const STRAY: &str = "a stray `$`: a formula stands between two of them, without blanks inside; a dollar is `\\$`";

/// The pieces of a page from top to bottom, each with its place in the text; of two that begin at
/// one place, the longer one first. And what is wrong on the page.
pub fn walk(path: &str, text: &str) -> (Vec<(Range<usize>, Piece)>, Vec<PageError>) {
    // Markdown as mdBook reads it, without smart punctuation, so that text keeps its offsets.
    let markdown = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH;
    let mut walk = Walk { path, text, ..Walk::default() };
    for (event, range) in Parser::new_ext(text, markdown).into_offset_iter() {
        walk.event(event, range);
    }
    walk.directives();
    walk.pieces.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
    (walk.pieces, walk.errors)
}

#[derive(Default)]
struct Walk<'a> {
    path: &'a str,
    text: &'a str,
    pieces: Vec<(Range<usize>, Piece)>,
    errors: Vec<PageError>,
    /// Where code stands, in blocks and in lines.
    code: Vec<Range<usize>>,
    paragraph: Range<usize>,
    in_link: bool,
    /// What is being read, if it is one of these.
    fence: Option<Fence>,
    image: Option<Figure>,
    /// The heading that is being read: whether it is a title, its id, whether it has attributes.
    heading: Option<(bool, Option<String>, bool)>,
    /// The words of this heading or of the last one.
    words: String,
    /// The boxes that are open, by their piece, and their choices.
    boxes: Vec<(usize, Vec<Choice>)>,
    /// The items of the lists that are open.
    lists: Vec<Vec<Item>>,
}

impl Walk<'_> {
    fn push(&mut self, range: Range<usize>, piece: Piece) {
        self.pieces.push((range, piece));
    }

    fn error(&mut self, offset: usize, message: impl Into<String>) {
        self.errors.push(PageError::new(self.path, line_of(self.text, offset), message));
    }

    fn event(&mut self, event: Event, range: Range<usize>) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info,
                    CodeBlockKind::Indented => "",
                };
                let tags = info.split([',', ' ']).filter(|tag| !tag.is_empty());
                let line = line_of(self.text, range.start);
                let (tags, heading) =
                    (tags.map(String::from).collect(), self.words.clone());
                let text = String::new();
                self.fence = Some(Fence { tags, text, line, heading, range });
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(fence) = self.fence.take() {
                    self.code.push(range.clone());
                    match check_tags(&fence.tags) {
                        Ok(()) => self.push(range, Piece::Fence(fence)),
                        Err(message) => self.error(range.start, message),
                    }
                }
            }
            Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                let has = id.is_some() || !classes.is_empty() || !attrs.is_empty();
                let id = id.map(|id| id.to_string());
                self.heading = Some((level == HeadingLevel::H1, id, has));
                self.words.clear();
            }
            Event::End(TagEnd::Heading(_)) => {
                self.words = self.words.trim().into();
                if let Some((is_title, id, has_attributes)) = self.heading.take() {
                    let words = self.words.clone();
                    self.push(
                        range,
                        Piece::Heading { is_title, id, has_attributes, words },
                    );
                }
            }
            Event::Start(Tag::List(_)) => self.lists.push(vec![]),
            Event::Start(Tag::Item) => {
                if let Some(list) = self.lists.last_mut() {
                    list.push(Item { range, ..Item::default() });
                }
            }
            Event::TaskListMarker(is_right) => {
                if let Some(item) = self.item() {
                    item.mark = Some((range.end, is_right));
                }
            }
            Event::End(TagEnd::List(_)) => self.list(range),
            Event::Start(Tag::Paragraph) => {
                if let Some(item) = self.item() {
                    item.paragraph.get_or_insert(range.clone());
                }
                self.paragraph = range;
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.in_link = true;
                self.push(range, Piece::Link(dest_url.into_string()));
            }
            Event::End(TagEnd::Link) => self.in_link = false,
            Event::Start(Tag::Image { dest_url, .. }) => {
                let caption = caption(&self.text[range.clone()]);
                let alone = self.text[self.paragraph.clone()].trim_end().len()
                    == range.len()
                    && self.paragraph.start == range.start;
                let (file, alt) = (dest_url.into_string(), String::new());
                self.image = Some(Figure { file, alt, caption, alone });
            }
            Event::End(TagEnd::Image) => {
                if let Some(mut figure) = self.image.take() {
                    figure.alt = figure.alt.trim().into();
                    self.push(range, Piece::Figure(figure));
                }
            }
            Event::Text(words) if self.fence.is_some() => {
                if let Some(fence) = &mut self.fence {
                    fence.text.push_str(&words.replace('\r', ""));
                }
            }
            Event::Code(words) => {
                self.code.push(range.clone());
                self.plain(range, &words, Piece::Words);
            }
            Event::Text(words) => {
                let escaped = self.text[..range.start].ends_with('\\');
                let stray = words.find('$').filter(|&at| at > 0 || !escaped);
                if let (Some(at), None) = (stray, &self.image) {
                    self.error(range.start + at, STRAY);
                }
                if self.image.is_none() && self.heading.is_none() && !self.in_link {
                    for (at, number) in mentions(&self.text[range.clone()]) {
                        let at = range.start + at.start..range.start + at.end;
                        self.push(at, Piece::Mention(number.into()));
                    }
                }
                self.plain(range, &words, Piece::Words);
            }
            Event::InlineMath(_) if self.heading.is_some() => self.error(
                range.start,
                "a formula in a heading, where the table of contents cannot show it",
            ),
            Event::InlineMath(tex) => self.plain(range, &tex, Piece::Formula),
            Event::DisplayMath(_) => self.error(
                range.start,
                "`$$`: a formula on its own lines stands in a ```math block",
            ),
            Event::Html(html) => self.html(range, &html),
            Event::SoftBreak
            | Event::HardBreak
            | Event::InlineHtml(_)
            | Event::End(
                TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::TableHead,
            ) => match &mut self.image {
                Some(image) => image.alt.push(' '),
                None => self.push(range.end - 1..range.end, Piece::Gap),
            },
            _ => {}
        }
    }

    /// Words or a formula within a line: an image or a heading takes its own.
    fn plain(&mut self, range: Range<usize>, words: &str, piece: fn(String) -> Piece) {
        if let Some(image) = &mut self.image {
            image.alt.push_str(words);
        } else if self.heading.is_some() {
            self.words.push_str(words);
        } else {
            self.push(range, piece(words.into()));
        }
    }

    /// A line of HTML: its boxes, and the words and formulas between its tags.
    fn html(&mut self, range: Range<usize>, html: &str) {
        if let Some(at) = html.find("<details") {
            let tag = html[at..].split('>').next().unwrap_or_default();
            let class = tag.split_once("class=\"").and_then(|(_, c)| c.split('"').next());
            let asks = matches!(class, Some("predict" | "quiz"));
            let open = Piece::Box { summary: String::new(), asks };
            self.boxes.push((self.pieces.len(), vec![]));
            self.push(range.start + at..range.end, open);
        }
        let summary =
            html.split_once("<summary>").and_then(|(_, s)| s.split_once("</summary>"));
        if let (Some((words, rest)), Some(&(at, _))) = (summary, self.boxes.last())
            && let (place, Piece::Box { summary, .. }) = &mut self.pieces[at]
        {
            *summary = words.into();
            place.end = range.end - rest.len();
        }
        if let Some(at) = html.find("</details>") {
            let start = range.start + at;
            let tail = start..start + "</details>".len();
            self.close(&tail);
            self.push(tail, Piece::BoxEnd);
        }
        let (mut in_tag, mut at) = (false, range.start);
        for part in html.split_inclusive(['<', '>']) {
            if !in_tag {
                self.between_tags(at, part.trim_end_matches('<'));
            }
            at += part.len();
            in_tag = part.ends_with('<') || (in_tag && !part.ends_with('>'));
            if !in_tag {
                self.push(at - 1..at, Piece::Gap);
            }
        }
    }

    /// The item that is being read.
    fn item(&mut self) -> Option<&mut Item> {
        self.lists.last_mut()?.last_mut()
    }

    /// A list ends. If it is a task list, its items are the choices of a box.
    fn list(&mut self, range: Range<usize>) {
        let items = self.lists.pop().unwrap_or_default();
        if items.iter().all(|item| item.mark.is_none()) {
            return;
        }
        let open = self.boxes.last_mut().filter(|(at, _)| {
            let (place, piece) = &self.pieces[*at];
            let asks = matches!(piece, Piece::Box { asks: true, .. });
            let above = &self.text[place.end..range.start];
            asks && self.lists.is_empty() && above.trim().is_empty()
        });
        match (open, choices(self.text, &items)) {
            (None, _) => {
                self.error(range.start, "choices stand first in a predict or quiz box");
            }
            (Some((_, own)), Ok(choices)) => *own = choices,
            (_, Err((at, message))) => self.error(at, message),
        }
    }

    /// A box ends at its `</details>`.
    fn close(&mut self, tail: &Range<usize>) {
        let Some((at, choices)) = self.boxes.pop() else { return };
        let (Some(first), Some(last)) = (choices.first(), choices.last()) else { return };
        let place = first.place.start..last.place.end;
        let head = self.pieces[at].0.clone();
        if self.text[place.end..tail.start].trim().is_empty() {
            self.error(place.start, "the answer is missing under the choices");
        }
        let drawn = |piece: &Piece| match piece {
            Piece::Fence(fence) => ["rust", "output"].contains(&fence.language()),
            piece => matches!(piece, Piece::Figure(_)),
        };
        let inside = self.pieces[at..]
            .iter()
            .find(|(inside, piece)| place.contains(&inside.start) && drawn(piece));
        if let Some((inside, _)) = inside {
            self.error(
                inside.start,
                "a cell or a figure among the choices: it belongs under them",
            );
        }
        for choice in &choices {
            if let Some(link) = self.link_in(&choice.words) {
                self.error(
                    link,
                    "a link in the first line of a choice, which is itself what the reader clicks: \
                     it belongs into the paragraph under it",
                );
            }
        }
        self.push(place, Piece::Choices(Choices { head, choices, tail: tail.clone() }));
    }

    /// Where a link stands in a part of the text, if one does. A chapter that is named becomes one,
    /// and so does a number of the ledger.
    fn link_in(&self, part: &Range<usize>) -> Option<usize> {
        let pieces = self.pieces.iter().filter_map(|(place, piece)| {
            matches!(piece, Piece::Link(_) | Piece::Mention(_)).then_some(place.start)
        });
        let is_code = |at: &usize| self.code.iter().any(|code| code.contains(at));
        let tags = ["<a ", "{{#"].into_iter().flat_map(|tag| {
            let found = self.text[part.clone()].match_indices(tag);
            found.map(|(at, _)| part.start + at)
        });
        let tags = tags.filter(|at| !is_code(at));
        pieces.chain(tags).filter(|at| part.contains(at)).min()
    }

    fn between_tags(&mut self, start: usize, text: &str) {
        let Ok(spans) = spans(text) else { return self.error(start, STRAY) };
        for span in spans {
            let (Span::Words(words) | Span::Formula(words)) = span;
            let at = start + (words.as_ptr() as usize - text.as_ptr() as usize);
            if let Span::Formula(tex) = span {
                self.push(at - 1..at + tex.len() + 1, Piece::Formula(tex.into()));
                continue;
            }
            for (dollar, _) in words.match_indices("\\$") {
                self.push(at + dollar..at + dollar + 2, Piece::Dollar);
            }
            if !words.trim().is_empty() {
                let range = at..at + words.len();
                self.push(range, Piece::Words(words.replace("\\$", "$")));
            }
        }
    }

    /// `{{#name words}}`, and the words around them.
    fn directives(&mut self) {
        let text = self.text;
        for (start, _) in text.match_indices("{{#") {
            let Some((inside, _)) = text[start + 3..].split_once("}}") else {
                self.error(start, "`{{#` without `}}`");
                continue;
            };
            let range = start..start + 3 + inside.len() + 2;
            let (name, words) = inside.split_once(' ').unwrap_or((inside, ""));
            let before = text[..start].rsplit('\n').next().unwrap_or_default();
            let after = text[range.end..].lines().next().unwrap_or_default();
            let blank = before.trim().is_empty();
            let directive = Directive {
                name: name.into(),
                words: words.trim().into(),
                alone: blank && after.trim().is_empty(),
                indent: if blank { before.into() } else { String::new() },
                in_code: self.code.iter().any(|code| code.contains(&start)),
            };
            if !directive.in_code {
                self.pieces = take(&mut self.pieces)
                    .into_iter()
                    .flat_map(|piece| around(piece, &range, text))
                    .collect();
            }
            self.push(range, Piece::Directive(directive));
        }
    }
}

/// What is left of some words when a directive takes its place among them.
fn around(
    (place, piece): (Range<usize>, Piece),
    directive: &Range<usize>,
    text: &str,
) -> Vec<(Range<usize>, Piece)> {
    let apart = place.end <= directive.start || directive.end <= place.start;
    if apart || !matches!(piece, Piece::Words(_)) {
        return vec![(place, piece)];
    }
    let sides = [place.start..directive.start, directive.end..place.end];
    let left = sides.into_iter().filter(|side| !side.is_empty());
    left.map(|side| (side.clone(), Piece::Words(text[side].into()))).collect()
}

/// The caption of an image.
fn caption(image: &str) -> Option<String> {
    let (_, target) = image.split_once("](")?;
    let (_, caption) = target.split_once(" \"")?;
    let caption = caption.strip_suffix("\")")?.replace("\\\"", "\"").replace('\n', " ");
    (!caption.trim().is_empty()).then_some(caption)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of a page without an error: what each is, and the text in its place.
    fn pieces(text: &str) -> Vec<String> {
        let (pieces, errors) = walk("src/p.md", text);
        assert_eq!(errors, []);
        let pieces = pieces.into_iter().filter(|(_, piece)| *piece != Piece::Gap);
        let shown = pieces.map(|(place, piece)| {
            let kind = format!("{piece:?}");
            let kind = kind.split([' ', '(']).next().unwrap_or_default();
            format!("{kind} {}", &text[place]).trim_end().into()
        });
        shown.collect()
    }

    #[test]
    fn a_page_falls_into_pieces() {
        let text = "# On `x` {#x}\n\nSee [this](q.md), chapter 7: $x$ {{#number a_b.c}} %.\n\n`{{#item a}}`\n";
        assert_eq!(
            pieces(text),
            [
                "Heading # On `x` {#x}",
                "Words See",
                "Link [this](q.md)",
                "Words this",
                "Words , chapter 7:",
                "Mention chapter 7",
                "Formula $x$",
                "Words",
                "Directive {{#number a_b.c}}",
                "Words  %.",
                "Words `{{#item a}}`",
                "Directive {{#item a}}",
            ]
        );
    }

    #[test]
    fn a_box_has_its_summary_and_html_has_formulas_and_dollars() {
        let text = "<details class=\"quiz\">\n<summary>Is $x$ 5 \\$?</summary>\n\nNo.\n\n</details>\n";
        let summary = "<details class=\"quiz\">\n<summary>Is $x$ 5 \\$?</summary>";
        assert_eq!(
            pieces(text),
            [
                &format!("Box {summary}"),
                "Words Is",
                "Formula $x$",
                "Words  5 \\$?",
                "Dollar \\$",
                "Words No.",
                "BoxEnd </details>",
            ]
        );
        let summary = "Is $x$ 5 \\$?".into();
        let (pieces, _) = walk("src/p.md", text);
        assert_eq!(pieces[0].1, Piece::Box { summary, asks: true });
    }

    #[test]
    fn a_box_may_begin_with_choices() {
        let choices = "- [ ] No, $x$\n\n  Then *that*.\n\n- [x] Yes\n\n  It is.\n\n  So.";
        let text = format!(
            "<details class=\"quiz\">\n<summary>Is it?</summary>\n\n{choices}\n\nIt is.\n\n</details>\n"
        );
        let (pieces, errors) = walk("src/p.md", &text);
        assert_eq!(errors, []);
        let found = pieces.iter().find_map(|(place, piece)| match piece {
            Piece::Choices(choices) => Some((place, choices)),
            _ => None,
        });
        let (place, found) = found.expect("choices");
        let at = |range: &Range<usize>| &text[range.clone()];
        assert_eq!(at(place), choices);
        assert!(
            at(&found.head).ends_with("</summary>") && at(&found.tail) == "</details>"
        );
        let [no, yes] = &found.choices[..] else { panic!("{found:?}") };
        assert_eq!((at(&no.words), at(&no.meaning)), ("No, $x$", "Then *that*."));
        assert_eq!((at(&yes.words), at(&yes.meaning)), ("Yes", "It is.\n\n  So."));
        assert!(yes.is_right && !no.is_right);
    }

    #[test]
    fn what_is_wrong_with_choices_has_its_line() {
        let error = |choices: &str| {
            let text = format!(
                "<details class=\"quiz\">\n<summary>Q</summary>\n\n{choices}\n\n</details>\n"
            );
            let (_, errors) = walk("src/p.md", &text);
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let (a, b) = ("- [ ] A\n\n  a\n\n", "- [x] B\n\n  b\n\n");
        assert_eq!(error(&format!("{a}{b}So.")), "");
        assert_eq!(error("- A\n- B"), "", "a list is a list");
        let code = "- [ ] `[a](b.md) <a >`\n\n  In [a](b.md), chapter 3.\n\n";
        assert_eq!(error(&format!("{code}{b}So.")), "");
        for (choices, message) in [
            (format!("{a}{a}So."), "4: one choice is `[x]`, the right one, not 0"),
            (format!("{a}{b}{b}So."), "4: one choice is `[x]`, the right one, not 2"),
            (format!("{b}So."), "4: there are at least two choices"),
            (format!("{a}- [x] B\n\nSo."), "8: a choice needs a paragraph under it"),
            ("- [ ] A\n  a\n- [x] B\n\nSo.".into(), "4: a choice needs a paragraph"),
            (format!("{a}{b}- C\n\n  c\n\nSo."), "12: a choice without `[ ]`"),
            (format!("{a}{b}"), "4: the answer is missing under the choices"),
            (format!("{a}  ```rust\n  ```\n\n{b}So."), "8: a cell or a figure among"),
            (format!("So:\n\n{a}{b}So."), "6: choices stand first in a predict or quiz"),
            (
                format!("{a}- [x] As [B](b.md)\n\n  b\n\nSo."),
                "8: a link in the first line",
            ),
            (format!("- [ ] chapter 3\n\n  a\n\n{b}So."), "4: a link in the first line"),
            (format!("- [ ] {{{{#number a.b}}}}\n\n  a\n\n{b}So."), "4: a link in the"),
            (format!("- [ ] A <a id=\"a\">b</a>\n\n  a\n\n{b}So."), "4: a link in the"),
        ] {
            let error = error(&choices);
            assert!(error.starts_with(&format!("src/p.md:{message}")), "{error}");
        }
        for text in [
            "",
            "<details>",
            "<details class=\"note\">",
            "<details class=\"predict more\">",
        ]
        .map(|tag| format!("{tag}\n\n{a}{b}So.\n\n</details>\n"))
        {
            let (_, errors) = walk("src/p.md", &text);
            assert!(errors[0].message.starts_with("choices stand first"), "{errors:?}");
        }
    }

    #[test]
    fn a_directive_knows_its_line() {
        let (pieces, _) = walk("src/p.md", "- a\n\n  {{#item b c}}\n");
        let alone = Directive {
            name: "item".into(),
            words: "b c".into(),
            alone: true,
            indent: "  ".into(),
            in_code: false,
        };
        assert!(
            pieces.iter().any(|(_, piece)| *piece == Piece::Directive(alone.clone()))
        );
        let (_, errors) = walk("src/p.md", "a\n{{#item b\n");
        assert_eq!(errors[0].to_string(), "src/p.md:2: `{{#` without `}}`");
    }

    #[test]
    fn dollars_come_in_pairs() {
        use Span::{Formula, Words};
        assert_eq!(spans("a $x$ b"), Ok(vec![Words("a "), Formula("x"), Words(" b")]));
        assert_eq!(spans(r"5\$"), Ok(vec![Words(r"5\$")]));
        assert_eq!(spans("a $x$ $"), Err(6));
        assert_eq!(spans("$$x$$"), Err(0));
    }
}
