//! What draws `images/`: one function a figure, named after its file.
//!
//! `cargo run --bin figures` writes the files; a test compares them with what is committed.

use std::error::Error;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

mod chapters;
pub(crate) mod charts;
pub mod notebook;
pub mod palette;
#[cfg(feature = "engine")]
mod speed;

pub use chapters::{DRAWN, draw};

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
