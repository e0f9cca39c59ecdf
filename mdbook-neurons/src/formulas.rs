//! Formulas: TeX in, HTML and MathML out, with no script on the page.

use katex::macros::MacroDefinition;
use katex::types::TrustSetting;
use katex::{KatexContext, Settings, render_to_string};

use crate::colours::COLOURS;

/// The symbols that keep one colour throughout the book: macro, what it stands for, CSS class.
pub const SYMBOLS: [(&str, &str, &str); 7] = [
    ("\\W", "W", "sym-weight"),
    ("\\w", "w", "sym-weight"),
    ("\\b", "b", "sym-bias"),
    ("\\a", "a", "sym-activation"),
    ("\\z", "z", "sym-sum"),
    ("\\C", "C", "sym-cost"),
    ("\\d", "\\delta", "sym-delta"),
];

/// TeX without the book's macros, for whoever does not know them. A symbol with its colour is
/// one group that MathJax 2 and 3 and KaTeX read alike.
pub fn without_macros(tex: &str) -> String {
    let mut plain = String::with_capacity(tex.len());
    let mut rest = tex;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let name = &rest[at + 1..];
        let letters = name.find(|letter: char| !letter.is_ascii_alphabetic());
        let length = match letters.unwrap_or(name.len()) {
            0 => name.chars().next().map_or(0, char::len_utf8),
            letters => letters,
        };
        let (command, after) = rest[at..].split_at(1 + length);
        let symbol = SYMBOLS.iter().find(|(name, ..)| *name == command);
        let colour = symbol.and_then(|(_, tex, class)| {
            // A notebook does not know its paper.
            let colour = COLOURS.get(class)?.get(4)?;
            Some(format!("{{\\color{{{colour}}}{tex}}}"))
        });
        plain.push_str(colour.as_deref().unwrap_or(command));
        rest = after;
    }
    plain + rest
}

/// What TeX did not understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TexError {
    /// How many lines below the formula's first line it stands.
    pub line: usize,
    /// One sentence.
    pub message: String,
}

/// Turns TeX into HTML.
pub struct Formulas {
    context: KatexContext,
    inline: Settings,
    display: Settings,
}

impl Default for Formulas {
    fn default() -> Self {
        let settings = |display| {
            let macros = SYMBOLS.map(|(name, tex, class)| {
                let body = format!("{{\\htmlClass{{{class}}}{{{tex}}}}}");
                (name.to_string(), MacroDefinition::String(body))
            });
            let macros = macros.into_iter().collect();
            let trust = TrustSetting::Bool(true);
            Settings::builder().display_mode(display).trust(trust).macros(macros).build()
        };
        Formulas {
            context: KatexContext::default(),
            inline: settings(false),
            display: settings(true),
        }
    }
}

impl Formulas {
    /// A formula within a line, safe to stand in Markdown: no character of it is punctuation.
    ///
    /// # Errors
    /// If it is not TeX that KaTeX knows.
    pub fn inline(&self, tex: &str) -> Result<String, TexError> {
        self.render(tex, &self.inline).map(|html| entities(&html))
    }

    /// A formula on a line of its own, as one line of HTML.
    ///
    /// # Errors
    /// If it is not TeX that KaTeX knows.
    pub fn display(&self, tex: &str) -> Result<String, TexError> {
        self.render(tex, &self.display).map(|html| html.replace('\n', " "))
    }

    /// A formula as one would type it without TeX, for the search: `∂C/∂w_jk = a_k δ_j`.
    ///
    /// # Errors
    /// If it is not TeX that KaTeX knows.
    pub fn reading(&self, tex: &str) -> Result<String, TexError> {
        let html = self.render(tex, &self.inline)?;
        let from = html.find("<math").unwrap_or_default();
        let to = html.find("</math>").unwrap_or(html.len());
        let mut tags = html[from..to].split_inclusive('>').peekable();
        tags.next();
        let text = read(&mut tags, "math").concat();
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn render(&self, tex: &str, settings: &Settings) -> Result<String, TexError> {
        // katex-rs draws the root of a bare argument beside it, and says nothing.
        let bare = |(at, root): (usize, &str)| {
            let after = &tex[at + root.len()..];
            (!after.starts_with(['{', '['])).then_some(at)
        };
        if let Some(at) = tex.match_indices("\\sqrt").find_map(bare) {
            let line = tex[..at].matches('\n').count();
            let message = "`\\sqrt` wants braces: \\sqrt{2}".into();
            return Err(TexError { line, message });
        }
        render_to_string(&self.context, tex, settings).map_err(|error| {
            let before = tex.chars().take(error.position().unwrap_or(0));
            let line = before.filter(|&letter| letter == '\n').count();
            TexError { line, message: format!("the formula is not TeX: {}", error.kind) }
        })
    }
}

/// The children of an element of MathML, each as it is read.
fn read<'a>(tags: &mut impl Iterator<Item = &'a str>, element: &str) -> Vec<String> {
    let mut children = Vec::new();
    while let Some(part) = tags.next() {
        let (text, tag) = part.rsplit_once('<').unwrap_or((part, ""));
        if !text.is_empty() {
            children.push(unescape(text));
        }
        if tag.starts_with('/') || tag.is_empty() {
            break;
        }
        let name: String = tag.chars().take_while(char::is_ascii_alphabetic).collect();
        if tag.ends_with("/>") {
            children.push(if name == "mspace" { " ".into() } else { String::new() });
        } else {
            let inner = read(tags, &name);
            children.push(joined(&name, &inner));
        }
    }
    if element == "mo" {
        // What stands between two things is set apart from them.
        for operator in &mut children {
            if ["=", "≈", "≠", "<", ">", "≤", "≥", "→", "⟹", "⇒", "∼"]
                .contains(&operator.trim())
            {
                *operator = format!(" {} ", operator.trim());
            }
        }
    }
    children
}

/// The reading of an element of MathML from those of its children.
fn joined(element: &str, parts: &[String]) -> String {
    let group = |part: &str| {
        let part = part.trim();
        let closed = part.starts_with('(') && part.find(')') == Some(part.len() - 1);
        let several = part.chars().count() > 1 && part.contains([' ', '+', '−', '/']);
        if several && !closed { format!("({part})") } else { part.to_string() }
    };
    match (element, parts) {
        ("annotation", _) => String::new(),
        // The name of a function: d/dx ln x.
        ("mi", [name]) if name.chars().count() > 1 => format!(" {name}"),
        ("mfrac", [above, below]) => format!("{}/{}", group(above), group(below)),
        ("msqrt", _) => format!("√{}", group(&parts.concat())),
        ("msub" | "munder", [base, below]) => format!("{base}_{}", group(below)),
        ("msup", [base, above]) if above.starts_with('′') => format!("{base}{above}"),
        ("msup", [base, above]) => format!("{base}^{}", group(above)),
        ("msubsup" | "munderover", [base, below, above]) => {
            let mark = if above.starts_with('′') { "" } else { "^" };
            format!("{base}_{}{mark}{}", group(below), group(above))
        }
        ("mover", [base, _]) => base.clone(),
        ("mtd" | "mtr", _) => parts.concat() + " ",
        _ => parts.concat(),
    }
}

/// Text of HTML as it is read, without the letters that show nothing.
fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let seen = |c: &char| !['\u{200b}', '\u{2061}', '\u{2062}', '\u{2063}'].contains(c);
    text.chars().filter(seen).map(|c| if c == '\u{a0}' { ' ' } else { c }).collect()
}

/// HTML in which no text can be taken for Markdown and no attribute splits a table's cell.
fn entities(html: &str) -> String {
    let mut safe = String::with_capacity(html.len());
    let (mut in_tag, mut in_entity) = (false, false);
    for letter in html.chars() {
        match letter {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            '&' => in_entity = true,
            ';' if in_entity => in_entity = false,
            '\n' => {
                safe.push(' ');
                continue;
            }
            _ if letter == '|'
                || (!in_tag && !in_entity && letter.is_ascii_punctuation()) =>
            {
                safe.push_str(&format!("&#{};", u32::from(letter)));
                continue;
            }
            _ => {}
        }
        safe.push(letter);
    }
    safe
}

/// Whether a displayed formula states a derivative: ∂, ∇, a prime or d…/d… on the left side of
/// one of its lines.
pub fn states_derivative(tex: &str) -> bool {
    tex.split("\\\\").any(|line| {
        let relations = ["=", "\\approx", "\\equiv", "\\propto"];
        let Some(end) = relations.iter().filter_map(|relation| line.find(relation)).min()
        else {
            return false;
        };
        let left: String =
            line[..end].chars().filter(|letter| !letter.is_whitespace()).collect();
        let left = left.replace("\\mathrm{d}", "d").replace("\\mathrmd", "d");
        let quotient = |rest: &str| {
            rest.strip_prefix("{d")
                .and_then(|rest| rest.split_once('}'))
                .is_some_and(|(_, below)| below.starts_with("{d"))
        };
        ["∂", "\\partial", "∇", "\\nabla", "'", "′", "\\prime"]
            .iter()
            .any(|mark| left.contains(mark))
            || left.split("frac").skip(1).any(quotient)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_keep_their_colour_with_indices() {
        let formulas = Formulas::default();
        for (name, _, class) in SYMBOLS {
            let tex = format!(
                "{name}_{{jk}}^{{(l)}} {name}^{{\\mathsf T}} \\frac{{{name}}}{{2}}"
            );
            let html = formulas.display(&tex).expect("TeX");
            assert_eq!(html.matches(class).count(), 3, "{name}: {html}");
            assert!(html.contains("<math"));
        }
    }

    #[test]
    fn a_formula_is_read_once_and_without_tex() {
        let formulas = Formulas::default();
        for (tex, reading) in [
            (r"\frac{\partial \C}{\partial \w_{jk}} = \a_k \d_j", "∂C/∂w_jk = a_kδ_j"),
            (
                r"\sigma'(\z) = \sigma(\z)\bigl(1 - \sigma(\z)\bigr)",
                "σ′(z) = σ(z)(1−σ(z))",
            ),
            (r"\frac{1}{1 + e^{-\z}}", "1/(1+e^(−z))"),
            (r"\frac{d}{d\z} \ln(\z)", "d/dz ln(z)"),
            ("5{,}000", "5,000"),
            (r"\W^{\mathsf T} \lvert x \rvert < 0.5", "W^T∣x∣ < 0.5"),
            (r"\sum_{i=1}^n \sqrt{x_i + 1}", "∑_(i = 1)^n√(x_i+1)"),
        ] {
            assert_eq!(formulas.reading(tex).expect("TeX"), reading, "{tex}");
        }
    }

    #[test]
    fn a_root_has_braces() {
        let formulas = Formulas::default();
        assert!(formulas.inline(r"\sqrt{2} + \sqrt[3]{x}").is_ok());
        let error = formulas.display("x\n+ \\sqrt 2").expect_err("a bare root");
        assert_eq!((error.line, error.message.contains("braces")), (1, true));
    }

    #[test]
    fn without_its_macros_a_formula_needs_no_definitions() {
        let tex = r"\W^{(l)} \\b \\ \b\, \bigl(\d_j\bigr) \delta \| \";
        let plain = without_macros(tex);
        assert_eq!(
            plain,
            r"{\color{#1f77d6}W}^{(l)} \\b \\ {\color{#9952e0}b}\, \bigl({\color{#d04d0b}\delta}_j\bigr) \delta \| \"
        );
        for (name, ..) in SYMBOLS {
            let plain = without_macros(&format!("{name}_1"));
            assert!(!plain.contains(&format!("{name}_")), "{plain}");
        }
    }

    #[test]
    fn colours_are_readable_on_white_and_on_black() {
        let light = |hex: &str, at: usize| {
            let part = u8::from_str_radix(&hex[at..at + 2], 16).expect("a colour");
            (f64::from(part) / 255.0).powf(2.2)
        };
        for (_, _, class) in SYMBOLS {
            let hex = COLOURS[class][4];
            let luminance =
                0.2126 * light(hex, 1) + 0.7152 * light(hex, 3) + 0.0722 * light(hex, 5);
            let on_white = 1.05 / (luminance + 0.05);
            let on_black = (luminance + 0.05) / 0.05;
            assert!(on_white > 4.0 && on_black > 4.0, "{class}: {on_white}, {on_black}");
        }
    }

    #[test]
    fn nothing_in_an_inline_formula_is_markdown() {
        let html = Formulas::default().inline(r"a_b * c < |d| \_ [e] `f`").expect("TeX");
        let mut in_tag = false;
        let text: String = html
            .chars()
            .filter(|&letter| {
                in_tag = (in_tag || letter == '<') && letter != '>';
                !in_tag && letter != '>'
            })
            .collect();
        assert!(!text.contains(['_', '*', '|', '[', '`', '\\', '\n']), "{text}");
        assert!(text.contains("&#95;") && text.contains("&lt;"), "{text}");
    }

    #[test]
    fn an_error_says_on_which_line() {
        let error = Formulas::default()
            .display("x \\\\\ny \\\\\n\\nonsense")
            .expect_err("an error");
        assert!(error.message.contains("nonsense"), "{error:?}");
        assert_eq!(error.line, 2);
    }

    #[test]
    fn a_derivative_is_known_by_its_left_side() {
        for tex in [
            r"\sigma'(z) = x",
            r"\frac{\partial \C}{\partial \w} &= 1",
            "∂C = 2",
            r"\nabla C = 0",
            r"\frac{d\C}{d\w} = 1",
            r"\dfrac{\mathrm{d} y}{\mathrm{d} x} \approx 3",
            "a &= b \\\\\n f' &= c",
        ] {
            assert!(states_derivative(tex), "{tex}");
        }
        for tex in [
            r"\d = \frac{\partial \C}{\partial \z}",
            "y = f'(x)",
            r"\frac{d_1}{2} = 3",
            "f'",
        ] {
            assert!(!states_derivative(tex), "{tex}");
        }
    }
}
