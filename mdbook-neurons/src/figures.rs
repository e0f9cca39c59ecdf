//! Figures: an SVG file becomes part of the page and takes on its theme.

use mdbook_core::utils::escape_html_attribute;

use crate::colours::variable;

/// A figure as a block of HTML without blank lines: each panel of the drawing `svg`,
/// `<svg class="panel" width="…" height="…" viewBox="…">`, as a drawing of its own, so that
/// a narrow page sets them under each other. What else stands in the file, its paper and
/// its style, is for those who look at the file.
///
/// The `id` (`fig-sigmoid`) is unique in the book; who listens is told the `number`
/// (`Figure 3.1`) and, by `alt`, what it shows; the `caption` is HTML.
///
/// # Errors
/// If the text is not an SVG drawing with panels that have a size.
pub fn drawing(
    id: &str,
    number: &str,
    alt: &str,
    caption: &str,
    svg: &str,
) -> Result<String, String> {
    let panels: Vec<String> = svg
        .split("<svg ")
        .skip(1)
        .filter_map(|svg| panel(svg).transpose())
        .collect::<Result<_, _>>()?;
    if panels.is_empty() {
        let message =
            "the figure is not an SVG drawing with panels, <svg class=\"panel\" …>";
        return Err(message.into());
    }
    let (alt, panels) = (escape_html_attribute(alt), panels.join("\n"));
    Ok(themed(&format!(
        "<figure id=\"{id}\">\n\
         <div class=\"drawing\" role=\"img\" aria-label=\"{number}. {alt}\">\n{panels}\n</div>\n\
         <figcaption><strong>{number}.</strong> {caption}</figcaption>\n</figure>"
    )))
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

/// The colours of figures as variables of the page, however they are capitalised.
fn themed(svg: &str) -> String {
    let mut parts = svg.split('#');
    let mut themed = parts.next().unwrap_or_default().to_string();
    for part in parts {
        match part.get(..6).and_then(|digits| variable(&format!("#{digits}"))) {
            Some(variable) => themed.extend([&variable, &part[6..]]),
            None => themed.extend(["#", part]),
        }
    }
    themed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colours::COLOURS;

    fn drawn_from(svg: &str) -> Result<String, String> {
        drawing("fig-s", "Figure 3.1", "A \"curve\"", "<em>S</em>", svg)
    }

    #[test]
    fn each_panel_becomes_a_drawing_of_the_page() {
        let svg = "<?xml version=\"1.0\"?>\n<svg width=\"40\" height=\"30\" xmlns=\"x\">\n\
                   <style>svg { color: red }</style><rect width=\"9\" fill=\"#fffffe\"/>\n\
                   <svg class=\"panel\" x=\"3\" y=\"4\" width=\"12.5\" height=\"8\" viewBox=\"0 0 12.5 8\">\n\n\
                   <path fill=\"#0969DA\" stroke=\"#123456\" stroke-width=\"2\"></path>\n</svg>\n\
                   <svg class=\"panel\" x=\"9\" y=\"4\" width=\"7\" height=\"8\" viewBox=\"0 0 7 8\"></svg>\n</svg>\n";
        let html = drawn_from(svg).expect("a figure");
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
            assert!(drawn_from(svg).is_err(), "{svg}");
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

    #[test]
    fn every_colour_of_every_figure_can_be_seen_in_every_theme() {
        // The page of mdBook's light theme and a box in it; navy, ayu, and a box in them.
        let papers = [&["#ffffff", "#f6f8fa"][..], &["#161923", "#0f141a", "#1d222c"]];
        let mut seen = 0;
        for (what, enough, much) in
            [("text ", 4.5, 7.0), ("path ", 3.0, 4.5), ("circle ", 3.0, 4.5)]
        {
            for colour in drawn(what) {
                let variable = variable(&colour).unwrap_or_else(|| {
                    panic!("{colour} is in a figure and not in theme/colours.toml")
                });
                // The paper is not to be seen, and lines of the grid only guide the eye.
                if ["var(--fig-paper)", "var(--fig-grid)"].contains(&&*variable) {
                    continue;
                }
                seen += 1;
                let row = COLOURS.values().find(|row| row[0] == colour).expect("its row");
                for (shown, papers) in row.iter().zip(papers) {
                    for paper in papers {
                        let found = contrast(shown, paper);
                        assert!(
                            found >= enough,
                            "{what}{variable} on {paper}: {found:.2}"
                        );
                    }
                }
                assert!(row.len() >= 4, "{variable} has no high contrast");
                for (shown, paper) in row[2..].iter().zip(["#ffffff", "#000000"]) {
                    let found = contrast(shown, paper);
                    assert!(found >= much, "{what}{variable} on {paper}: {found:.2}");
                }
            }
        }
        assert!(seen > 10, "the figures have colours");
    }
}
