//! What draws `images/`: one function a figure, named after its file.
//!
//! The colours are fixed here so that a page can replace each of them by one that suits
//! its theme. `cargo run --bin figures` writes the files; a test compares them with what
//! is committed.

use std::error::Error;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

mod chapters;
pub(crate) mod charts;
pub mod notebook;
#[cfg(feature = "engine")]
mod speed;

pub use chapters::{DRAWN, draw};

/// Text and axes.
pub const INK: RGBColor = RGBColor(0x1f, 0x23, 0x28);
/// Secondary text.
pub const MUTED: RGBColor = RGBColor(0x6e, 0x77, 0x81);
/// Lines that only guide the eye.
pub const GRID: RGBColor = RGBColor(0xd8, 0xde, 0xe4);
/// Contour lines, which are to be seen.
pub const CONTOUR: RGBColor = RGBColor(0x86, 0x8f, 0x99);
/// The page itself.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xfe);
/// Positive.
pub const BLUE: RGBColor = RGBColor(0x09, 0x69, 0xda);
/// Negative.
pub const ORANGE: RGBColor = RGBColor(0xbc, 0x4c, 0x00);
/// A third line.
pub const GREEN: RGBColor = RGBColor(0x1a, 0x7f, 0x37);
/// A fourth line.
pub const PURPLE: RGBColor = RGBColor(0x82, 0x50, 0xdf);
/// What is wrong.
pub const RED: RGBColor = RGBColor(0xcf, 0x22, 0x2e);
/// A fifth line.
pub const PINK: RGBColor = RGBColor(0xbf, 0x39, 0x89);
/// A sixth line.
pub const TEAL: RGBColor = RGBColor(0x1b, 0x7c, 0x83);
/// A seventh line.
pub const OCHRE: RGBColor = RGBColor(0x9a, 0x67, 0x01);

/// Each colour: its name, and what becomes of it on a dark page.
pub const PALETTE: [(&str, RGBColor, &str); 13] = [
    ("ink", INK, "#dfe5ec"),
    ("muted", MUTED, "#9198a1"),
    ("grid", GRID, "#363d47"),
    ("contour", CONTOUR, "#6b7480"),
    ("paper", PAPER, "#0d1117"),
    ("blue", BLUE, "#58a6ff"),
    ("orange", ORANGE, "#f0883e"),
    ("green", GREEN, "#3fb950"),
    ("purple", PURPLE, "#bc8cff"),
    ("red", RED, "#ff7b72"),
    ("pink", PINK, "#f778ba"),
    ("teal", TEAL, "#39c5cf"),
    ("ochre", OCHRE, "#d29922"),
];

/// A colour as SVG writes it.
pub(crate) fn hex(&RGBColor(r, g, b): &RGBColor) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// A canvas to draw on.
pub type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Axes to draw along, both of real numbers.
pub(crate) type Chart<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<RangedCoordf64, RangedCoordf64>,
>;
/// What drawing may come to.
pub type Drawn = Result<(), Box<dyn Error>>;

/// Draws an SVG of any size, (width, height).
pub(crate) fn sized(
    size: (u32, u32),
    draw: impl FnOnce(&Canvas) -> Drawn,
) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    {
        let canvas =
            SVGBackend::with_string(&mut text, size).into_drawing_area();
        draw(&canvas)?;
        canvas.present()?;
    }
    Ok(text)
}
