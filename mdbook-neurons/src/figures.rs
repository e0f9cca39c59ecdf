//! Figures: an SVG file becomes part of the page and takes on its theme.

/// The colours that figures are drawn in, and the CSS variables that the page shows them in.
pub const PALETTE: [(&str, &str); 13] = [
    ("#1f2328", "var(--fig-ink)"),
    ("#636c76", "var(--fig-muted)"),
    ("#d8dee4", "var(--fig-grid)"),
    ("#868f99", "var(--fig-contour)"),
    ("#fffffe", "var(--fig-paper)"),
    ("#0969da", "var(--fig-blue)"),
    ("#bc4c00", "var(--fig-orange)"),
    ("#1a7f37", "var(--fig-green)"),
    ("#8250df", "var(--fig-purple)"),
    ("#cf222e", "var(--fig-red)"),
    ("#bf3989", "var(--fig-pink)"),
    ("#1b7c83", "var(--fig-teal)"),
    ("#9a6701", "var(--fig-ochre)"),
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
    /// The figure as a block of HTML without blank lines: each panel of the drawing,
    /// `<svg class="panel" width="…" height="…" viewBox="…">`, as a drawing of its own, so that
    /// a narrow page sets them under each other. What else stands in the file, its paper and
    /// its style, is for those who look at the file.
    ///
    /// # Errors
    /// If the text is not an SVG drawing with panels that have a size.
    pub fn html(&self, svg: &str) -> Result<String, String> {
        let Figure { id, number, alt, caption } = self;
        let panels: Vec<String> = svg
            .split("<svg ")
            .skip(1)
            .filter_map(|svg| panel(svg).transpose())
            .collect::<Result<_, _>>()?;
        if panels.is_empty() {
            return Err(
                "the figure is not an SVG drawing with panels, <svg class=\"panel\" …>"
                    .into(),
            );
        }
        let (alt, panels) = (escape(alt), panels.join("\n"));
        Ok(themed(&format!(
            "<figure id=\"{id}\">\n\
             <div class=\"drawing\" role=\"img\" aria-label=\"{number}. {alt}\">\n{panels}\n</div>\n\
             <figcaption><strong>{number}.</strong> {caption}</figcaption>\n</figure>"
        )))
    }
}

/// What follows `<svg `, if it is a panel, as a drawing of its own.
fn panel(svg: &str) -> Result<Option<String>, String> {
    let (tag, rest) = svg.split_once('>').ok_or("an <svg> of the figure has no end")?;
    if attribute(tag, "class") != Some("panel") {
        return Ok(None);
    }
    let (body, _) =
        rest.split_once("</svg>").ok_or("a panel of the figure has no end")?;
    let (Some(width), Some(view)) = (attribute(tag, "width"), attribute(tag, "viewBox"))
    else {
        return Err("a panel of the figure has no width or no viewBox".into());
    };
    if width.parse::<f64>().is_err() {
        return Err(format!("the width of a panel is a number of pixels, not {width}"));
    }
    let body: Vec<&str> = body.lines().filter(|line| !line.trim().is_empty()).collect();
    let body = body.join("\n");
    Ok(Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{view}\" style=\"--wide: {width}\" \
         aria-hidden=\"true\">{body}</svg>"
    )))
}

/// The value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (before, value) = tag.split_once(&format!("{name}=\""))?;
    // Not the end of a longer name, as `width` is that of `stroke-width`.
    if !before.is_empty() && !before.ends_with(char::is_whitespace) {
        return None;
    }
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
    fn each_panel_becomes_a_drawing_of_the_page() {
        let svg = "<?xml version=\"1.0\"?>\n<svg width=\"40\" height=\"30\" xmlns=\"x\">\n\
                   <style>svg { color: red }</style><rect width=\"9\" fill=\"#fffffe\"/>\n\
                   <svg class=\"panel\" x=\"3\" y=\"4\" width=\"12.5\" height=\"8\" viewBox=\"0 0 12.5 8\">\n\n\
                   <path fill=\"#0969DA\" stroke=\"#123456\" stroke-width=\"2\"></path>\n</svg>\n\
                   <svg class=\"panel\" x=\"9\" y=\"4\" width=\"7\" height=\"8\" viewBox=\"0 0 7 8\"></svg>\n</svg>\n";
        let html = FIGURE.html(svg).expect("a figure");
        for part in [
            "<figure id=\"fig-s\">",
            "<div class=\"drawing\" role=\"img\" aria-label=\"Figure 3.1. A &quot;curve&quot;\">",
            "viewBox=\"0 0 12.5 8\" style=\"--wide: 12.5\" aria-hidden=\"true\">",
            "viewBox=\"0 0 7 8\" style=\"--wide: 7\"",
            "fill=\"var(--fig-blue)\"",
            "stroke=\"#123456\"",
            "<figcaption><strong>Figure 3.1.</strong> <em>S</em></figcaption>",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        for part in ["\n\n", "<?xml", "<style", "<rect", " x=\"", "height="] {
            assert!(!html.contains(part), "{part} stands in {html}");
        }
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        for svg in [
            "hello",
            "<svg></svg>",
            "<svg width=\"3\" height=\"4\"></svg>",
            "<svg ><svg class=\"panel\" width=\"3\"></svg></svg>",
            "<svg ><svg class=\"panel\" width=\"3em\" viewBox=\"0 0 3 3\"></svg></svg>",
            "<svg ><svg class=\"panel\" width=\"3\" viewBox=\"0 0 3 3\">",
        ] {
            assert!(FIGURE.html(svg).is_err(), "{svg}");
        }
    }

    fn read(path: &str) -> String {
        let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The colours after each `what="`, in the panels of all figures, in small letters.
    fn drawn(what: &str) -> Vec<String> {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../images"));
        let mut colours = vec![];
        for entry in folder.expect("the figures") {
            let name =
                entry.expect("a figure").file_name().into_string().expect("a name");
            if !name.ends_with(".svg") {
                continue;
            }
            let svg = read(&format!("images/{name}"));
            let tags = svg.split('<').filter(|tag| tag.starts_with(what));
            for attribute in tags.flat_map(|tag| tag.split('"')) {
                if attribute.starts_with('#') {
                    colours.push(attribute.to_lowercase());
                }
            }
        }
        colours.sort();
        colours.dedup();
        colours
    }

    /// 0 for black, 1 for white.
    fn luminance(colour: &str) -> f64 {
        let channel = |i: usize| {
            let v = u8::from_str_radix(&colour[i..i + 2], 16).expect("a colour");
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }

    /// The variable of a colour, in a light theme and in a dark one, as a block of the style sheet
    /// sets it.
    fn in_both<'a>(block: &'a str, variable: &str) -> Option<[&'a str; 2]> {
        let name = variable.strip_prefix("var(")?.strip_suffix(')')?;
        let (_, value) = block.split_once(&format!("{name}: light-dark("))?;
        let (light, dark) = value.split_once(')')?.0.split_once(", ")?;
        Some([light, dark])
    }

    #[test]
    fn every_colour_of_every_figure_can_be_seen_in_every_theme() {
        let css = read("theme/colours.css");
        let (_, usual) = css.split_once("\n:root {").expect("the usual colours");
        let (_, high) = css.split_once("\n.contrast {").expect("those of high contrast");
        let (usual, high) =
            (usual.split_once('}').unwrap().0, high.split_once('}').unwrap().0);
        // The page of mdBook's light theme and a box in it; navy, ayu, and a box in them.
        let papers = [&["#ffffff", "#f6f8fa"][..], &["#161923", "#0f141a", "#1d222c"]];
        let mut seen = 0;
        for (what, enough, much) in
            [("text ", 4.5, 7.0), ("path ", 3.0, 4.5), ("circle ", 3.0, 4.5)]
        {
            for colour in drawn(what) {
                let variable = PALETTE.iter().find(|(sentinel, _)| *sentinel == colour);
                let (_, variable) = variable.unwrap_or_else(|| {
                    panic!("{colour} is in a figure and not in the palette")
                });
                // The paper is not to be seen, and lines of the grid only guide the eye.
                if ["var(--fig-paper)", "var(--fig-grid)"].contains(variable) {
                    continue;
                }
                seen += 1;
                let shown = in_both(usual, variable).unwrap_or_else(|| {
                    panic!("{variable} has no colours in colours.css")
                });
                for (shown, papers) in shown.into_iter().zip(papers) {
                    for paper in papers {
                        let found = contrast(shown, paper);
                        assert!(
                            found >= enough,
                            "{what}{variable} on {paper}: {found:.2}"
                        );
                    }
                }
                let Some(shown) = in_both(high, variable) else {
                    assert_eq!(*variable, "var(--fig-ink)", "has no high contrast");
                    continue;
                };
                for (shown, paper) in shown.into_iter().zip(["#ffffff", "#000000"]) {
                    let found = contrast(shown, paper);
                    assert!(found >= much, "{what}{variable} on {paper}: {found:.2}");
                }
            }
        }
        assert!(seen > 10, "the figures have colours");
    }
}
