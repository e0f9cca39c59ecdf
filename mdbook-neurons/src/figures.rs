//! Figures: an SVG file becomes part of the page and takes on its theme.

/// The colours that figures are drawn in, and the CSS variables that the page shows them in.
pub const PALETTE: [(&str, &str); 9] = [
    ("#1f2328", "var(--fig-ink)"),
    ("#6e7781", "var(--fig-muted)"),
    ("#d8dee4", "var(--fig-grid)"),
    ("#fffffe", "var(--fig-paper)"),
    ("#0969da", "var(--fig-blue)"),
    ("#bc4c00", "var(--fig-orange)"),
    ("#1a7f37", "var(--fig-green)"),
    ("#8250df", "var(--fig-purple)"),
    ("#cf222e", "var(--fig-red)"),
];

/// What a reader who sees, and one who listens, is told about a figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'a> {
    /// Unique in the book: `fig-sigmoid`.
    pub id: &'a str,
    /// `Figure 3.1`.
    pub number: &'a str,
    /// What it shows, in words.
    pub alt: &'a str,
    /// The caption, as HTML.
    pub caption: &'a str,
}

impl Figure<'_> {
    /// The figure as a block of HTML without blank lines.
    ///
    /// # Errors
    /// If the text is not an SVG drawing with a size.
    pub fn html(&self, svg: &str) -> Result<String, String> {
        let Figure { id, number, alt, caption } = self;
        let open = svg.find("<svg").ok_or("the figure is not an SVG drawing")?;
        let svg = &svg[open..];
        let (tag, rest) = svg.split_once('>').ok_or("the figure's <svg> has no end")?;
        let width = attribute(tag, "width");
        let view = match (attribute(tag, "viewBox"), width, attribute(tag, "height")) {
            (Some(view), ..) => view.to_string(),
            (None, Some(width), Some(height)) => {
                format!(
                    "0 0 {} {}",
                    width.trim_end_matches("px"),
                    height.trim_end_matches("px")
                )
            }
            _ => {
                return Err(
                    "the figure has neither a viewBox nor a width and a height".into()
                );
            }
        };
        let rest = rest
            .replace(" id=\"", &format!(" id=\"{id}-"))
            .replace("url(#", &format!("url(#{id}-"))
            .replace("href=\"#", &format!("href=\"#{id}-"));
        let rest: String = rest
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        let alt = escape(alt);
        Ok(themed(&format!(
            "<figure id=\"{id}\">\n<div class=\"drawing\">\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{view}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\">\
             <title id=\"{id}-title\">{number}</title><desc id=\"{id}-desc\">{alt}</desc>{rest}\n\
             </div>\n\
             <figcaption><strong>{number}.</strong> {caption}</figcaption>\n</figure>"
        )))
    }
}

/// The value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split_once('"').map(|(value, _)| value)
}

/// The colours of [`PALETTE`] as variables of the page, however they are capitalised.
fn themed(svg: &str) -> String {
    let mut themed = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(at) = rest.find('#') {
        themed.push_str(&rest[..at]);
        rest = &rest[at..];
        let colour = rest.get(..7).unwrap_or_default();
        match PALETTE.iter().find(|(sentinel, _)| sentinel.eq_ignore_ascii_case(colour)) {
            Some((_, variable)) => {
                themed.push_str(variable);
                rest = &rest[7..];
            }
            None => {
                themed.push('#');
                rest = &rest[1..];
            }
        }
    }
    themed + rest
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURE: Figure = Figure {
        id: "fig-s",
        number: "Figure 3.1",
        alt: "A \"curve\"",
        caption: "<em>S</em>",
    };

    #[test]
    fn a_drawing_becomes_part_of_the_page() {
        let svg = "<?xml version=\"1.0\"?>\n<svg width=\"40\" height=\"30\" xmlns=\"x\">\n\n<defs><g id=\"a\"/></defs>\
                   <use href=\"#a\" fill=\"#0969DA\" stroke=\"#123456\" clip-path=\"url(#a)\"/>\n</svg>\n";
        let html = FIGURE.html(svg).expect("a figure");
        for part in [
            "<figure id=\"fig-s\">",
            "viewBox=\"0 0 40 30\"",
            "id=\"fig-s-a\"",
            "href=\"#fig-s-a\"",
            "url(#fig-s-a)",
            "fill=\"var(--fig-blue)\"",
            "stroke=\"#123456\"",
            "<desc id=\"fig-s-desc\">A &quot;curve&quot;</desc>",
            "<figcaption><strong>Figure 3.1.</strong> <em>S</em></figcaption>",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        assert!(
            !html.contains("\n\n") && !html.contains("width=") && !html.contains("<?xml"),
            "{html}"
        );
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        assert!(FIGURE.html("hello").is_err());
        assert!(FIGURE.html("<svg></svg>").is_err());
    }
}
