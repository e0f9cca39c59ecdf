//! What a notebook shows figures with.

use crate::figures::draw;

/// How wide a notebook shows a figure, in pixels.
const WIDTH: f64 = 800.0;

/// Draws a figure of the book under the cell of a notebook.
///
/// ```
/// neurons::notebook::figure("slopes");
/// ```
///
/// # Panics
/// When there is no figure of this name, or when it cannot be drawn.
pub fn figure(name: &str) {
    let svg = draw(name).unwrap_or_else(|error| panic!("cannot draw `{name}`: {error}"));
    // evcxr takes what is between these lines for a picture.
    println!("EVCXR_BEGIN_CONTENT image/svg+xml\n{}\nEVCXR_END_CONTENT", on_paper(&svg));
}

/// A drawing on paper of its own, so that it can be read on a dark page, and at most 800 pixels
/// wide. Text without a width and a height stays as it is.
///
/// ```
/// let svg = neurons::notebook::on_paper("<svg width=\"1600\" height=\"1000\"></svg>");
/// assert!(svg.starts_with("<svg width=\"800\" height=\"500\">\n<rect "), "{svg}");
/// ```
pub fn on_paper(svg: &str) -> String {
    let size = |name: &str| {
        let (_, value) = svg.split_once(&format!(" {name}=\""))?;
        let (value, _) = value.split_once('"')?;
        Some((format!(" {name}=\"{value}\""), value.parse::<f64>().ok()?))
    };
    let (Some((width, of_width)), Some((height, of_height))) =
        (size("width"), size("height"))
    else {
        return svg.into();
    };
    let scale = (WIDTH / of_width).min(1.0);
    svg.replacen(&width, &format!(" width=\"{:.0}\"", scale * of_width), 1)
        .replacen(&height, &format!(" height=\"{:.0}\"", scale * of_height), 1)
        .replacen('>', ">\n<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFE\"/>", 1)
}
