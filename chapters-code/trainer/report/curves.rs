//! Charts by plotters: curves over the epochs, the reliability diagram, the confusion matrix.

use std::error::Error;
use std::ops::Range;

use ndarray::Array2;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::figures::palette::{
    BLUE, GREEN, GRID, INK, MUTED, OCHRE, ORANGE, PAPER, PINK, PURPLE, Rgb,
    TEAL,
};
use crate::mnist::{Epoch, binomial_error};
use crate::pixels::CLASSES;
use crate::trainer::readings::{BINS, Bin};

/// The canvas is this many times as large as the page shows it, because the SVG backend rounds
/// to whole numbers; the sizes below are the page's.
const SCALE: i32 = 4;
/// How large a panel is: two fit beside each other.
const PANEL: (i32, i32) = (400, 300);

type Svg = Result<String, Box<dyn Error>>;
/// A canvas to draw on.
type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Axes to draw along, both of real numbers.
type Chart<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<RangedCoordf64, RangedCoordf64>,
>;
/// What drawing may come to.
type Drawn = Result<(), Box<dyn Error>>;

fn panel(draw: impl FnOnce(&Canvas) -> Drawn) -> Svg {
    of_size(PANEL, draw)
}

fn of_size(size: (i32, i32), draw: impl FnOnce(&Canvas) -> Drawn) -> Svg {
    let (width, height) = to(size.0, size.1);
    let mut svg = String::new();
    {
        let size = (width as u32, height as u32);
        let canvas =
            SVGBackend::with_string(&mut svg, size).into_drawing_area();
        canvas.fill(&PAPER)?;
        draw(&canvas)?;
        canvas.present()?;
    }
    Ok(svg)
}

/// A point, or a size, of the page on the canvas.
fn to(x: i32, y: i32) -> (i32, i32) {
    (x * SCALE, y * SCALE)
}

fn line(color: Rgb, width: i32) -> ShapeStyle {
    color.stroke_width((width * SCALE) as u32)
}

/// Of a size that plotters takes for the height of a line: letters are four fifths of it.
fn font(size: i32, color: Rgb) -> TextStyle<'static> {
    ("sans-serif", size * SCALE).into_font().color(&color)
}

fn beside(side: HPos, style: TextStyle) -> TextStyle {
    style.pos(Pos::new(side, VPos::Center))
}

/// Text beside a point, or centred on it.
fn write(
    canvas: &Canvas,
    text: &str,
    (x, y): (i32, i32),
    side: HPos,
    style: TextStyle,
) -> Drawn {
    Ok(canvas.draw(&Text::new(text, to(x, y), beside(side, style)))?)
}

/// The look of a curve: its colour, and for those who do not see it, dashes and rings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub color: Rgb,
    /// The length of a dash and of the gap behind it; no gap, no dashes.
    pub dash: (i32, i32),
    /// Whether its points are filled or rings.
    pub filled: bool,
}

impl Look {
    /// The look of curve `i`: eight colours, and eight ways to draw a line, each of them
    /// once among eight neighbours.
    pub fn number(i: usize) -> Self {
        const COLORS: [Rgb; 8] =
            [BLUE, ORANGE, GREEN, PURPLE, INK, PINK, TEAL, OCHRE];
        const DASHES: [(i32, i32); 4] = [(1, 0), (8, 4), (2, 4), (14, 5)];
        let way = i + i / COLORS.len();
        Look {
            color: COLORS[i % COLORS.len()],
            dash: DASHES[way % DASHES.len()],
            filled: (way / DASHES.len()).is_multiple_of(2),
        }
    }
}

/// (epoch, number) from the first epoch to the last, and their look.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    pub points: Vec<(usize, f64)>,
    pub look: Look,
}

impl Curve {
    /// A number, at least 0, of each epoch.
    pub fn of(
        epochs: &[Epoch],
        value: impl Fn(&Epoch) -> f64,
        look: Look,
    ) -> Self {
        let point = |epoch: &Epoch| {
            (
                epoch.number.min(MOST_EPOCH),
                value(epoch).clamp(0.0, MOST_COST),
            )
        };
        Curve { points: epochs.iter().map(point).collect(), look }
    }
}

/// Largest cost that is drawn as it is: plotters finds no ticks for the largest f64.
const MOST_COST: f64 = 1e9;
/// Largest number of an epoch that is drawn as it is.
const MOST_EPOCH: usize = 1 << 30;

/// A panel with the training cost; its axis begins at 0.
pub(super) fn costs(curves: &[Curve], mark: Option<usize>) -> Svg {
    let most = numbers(curves).fold(0.0, f64::max);
    over_epochs("training cost", 0.0..1.05 * most.max(1e-9), curves, mark)
}

/// A panel with the accuracy on the validation pictures, in percent.
pub(super) fn accuracies(curves: &[Curve], mark: Option<usize>) -> Svg {
    let low = numbers(curves).fold(100.0, f64::min);
    let high = numbers(curves).fold(0.0, f64::max);
    let room = (0.1 * (high - low)).max(0.5);
    let range = (low - room).max(0.0)..(high + room).min(100.0);
    over_epochs(
        "accuracy on the validation pictures, %",
        range,
        curves,
        mark,
    )
}

fn numbers(curves: &[Curve]) -> impl Iterator<Item = f64> {
    curves.iter().flat_map(|curve| &curve.points).map(|point| point.1)
}

/// Curves over the epochs; `mark` is the epoch whose network was kept.
fn over_epochs(
    title: &str,
    y: Range<f64>,
    curves: &[Curve],
    mark: Option<usize>,
) -> Svg {
    let last = curves
        .iter()
        .filter_map(|curve| curve.points.last())
        .map(|point| point.0);
    let last = last.fold(1, usize::max);
    let step = last.div_ceil(8);
    panel(|canvas| {
        write(canvas, title, (12, 16), HPos::Left, font(18, INK))?;
        let (bottom, top) = (y.start, y.end);
        let mut chart = ChartBuilder::on(canvas)
            .margin(10 * SCALE)
            .margin_top(40 * SCALE)
            .x_label_area_size(42 * SCALE)
            .y_label_area_size(46 * SCALE)
            .build_cartesian_2d(0..last, y)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(line(GRID, 1))
            .axis_style(line(MUTED, 1))
            .x_labels(10)
            .y_labels(6)
            .y_label_formatter(&|y| short(*y))
            .x_desc("epoch")
            .label_style(font(17, MUTED))
            .axis_desc_style(font(17, INK))
            .draw()?;
        if let Some(epoch) = mark {
            let ends = [(epoch, bottom), (epoch, top)];
            let (dash, gap) = (3 * SCALE, 3 * SCALE);
            chart.draw_series(DashedLineSeries::new(
                ends,
                dash,
                gap,
                line(MUTED, 1),
            ))?;
            let near_end = epoch > last / 2;
            let side = if near_end { HPos::Right } else { HPos::Left };
            let style = beside(side, font(16, MUTED));
            let lift = 8 * SCALE;
            let text = format!("kept: epoch {epoch}");
            chart.draw_series([EmptyElement::at((epoch, top))
                + Text::new(text, (0, -lift), style)])?;
        }
        for Curve { points, look } in curves {
            let points = points.iter().copied();
            let style = line(look.color, 2);
            if look.dash.1 == 0 {
                chart
                    .draw_series(LineSeries::new(points.clone(), style))?;
            } else {
                let (dash, gap) = to(look.dash.0, look.dash.1);
                chart.draw_series(DashedLineSeries::new(
                    points.clone(),
                    dash,
                    gap,
                    style,
                ))?;
            }
            let inside = if look.filled { look.color } else { PAPER };
            let radius = 3 * SCALE;
            for point in points
                .filter(|point| point.0 % step == 0 || point.0 == last)
            {
                chart.draw_series([Circle::new(
                    point,
                    radius,
                    inside.filled(),
                )])?;
                chart.draw_series([Circle::new(point, radius, style)])?;
            }
        }
        Ok(())
    })
}

/// At most three digits after the point, and a dozen before it.
fn short(number: f64) -> String {
    if number.abs() >= 1e5 {
        return format!("{number:.1e}");
    }
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// The reliability diagram: for each bin, accuracy over confidence, with one binomial error up
/// and down, and the diagonal where both are the same.
pub(super) fn reliability_diagram(bins: &[Bin]) -> Svg {
    panel(|canvas| {
        write(
            canvas,
            "fraction that is right, %",
            (12, 16),
            HPos::Left,
            font(18, INK),
        )?;
        let mut chart =
            percents(canvas, "confidence, %", 0.0..100.0, true)?;
        let dash = (5 * SCALE, 4 * SCALE);
        let ends = [(0.0, 0.0), (100.0, 100.0)];
        chart.draw_series(DashedLineSeries::new(
            ends,
            dash.0,
            dash.1,
            line(MUTED, 1),
        ))?;
        let points =
            bins.iter().map(|b| (100.0 * b.confidence, 100.0 * b.accuracy));
        for ((x, y), bin) in points.clone().zip(bins) {
            let error = 100.0 * binomial_error(bin.accuracy, bin.pictures);
            let bar =
                [(x, (y - error).max(0.0)), (x, (y + error).min(100.0))];
            chart.draw_series([PathElement::new(bar, line(BLUE, 1))])?;
        }
        chart
            .draw_series(LineSeries::new(points.clone(), line(BLUE, 2)))?;
        chart.draw_series(
            points.map(|p| Circle::new(p, 4 * SCALE, BLUE.filled())),
        )?;
        Ok(())
    })
}

/// How many pictures are in each bin, as bars.
pub(super) fn bin_sizes(bins: &[Bin]) -> Svg {
    let most =
        bins.iter().map(|bin| bin.pictures).max().unwrap_or(1) as f64;
    panel(|canvas| {
        write(canvas, "pictures", (12, 16), HPos::Left, font(18, INK))?;
        let mut chart =
            percents(canvas, "confidence, %", 0.0..1.12 * most, false)?;
        for bin in bins {
            let width = 100.0 / BINS as f64;
            let (left, n) =
                (width * bin.number as f64, bin.pictures as f64);
            let corners =
                [(left + 0.08 * width, 0.0), (left + 0.92 * width, n)];
            chart.draw_series([Rectangle::new(
                corners,
                BLUE.mix(0.6).filled(),
            )])?;
            let style = beside(HPos::Center, font(16, INK));
            let text =
                Text::new(bin.pictures.to_string(), (0, -9 * SCALE), style);
            chart
                .draw_series([
                    EmptyElement::at((left + 0.5 * width, n)) + text
                ])?;
        }
        Ok(())
    })
}

/// Axes, of which the one below goes from 0 to 100 %.
fn percents<'a, 'b>(
    canvas: &'a Canvas<'b>,
    below: &str,
    y: Range<f64>,
    numbers: bool,
) -> Result<Chart<'a, 'b>, Box<dyn Error>> {
    let mut chart = ChartBuilder::on(canvas)
        .margin(10 * SCALE)
        .margin_top(32 * SCALE)
        .margin_right(16 * SCALE)
        .x_label_area_size(42 * SCALE)
        .y_label_area_size(46 * SCALE)
        .build_cartesian_2d(0.0..100.0, y)?;
    let mut mesh = chart.configure_mesh();
    mesh.disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(line(GRID, 1))
        .axis_style(line(MUTED, 1))
        .x_labels(6)
        .x_label_formatter(&|x| short(*x))
        .y_labels(6)
        .y_label_formatter(&|y| short(*y))
        .x_desc(below)
        .label_style(font(17, MUTED))
        .axis_desc_style(font(17, INK));
    if !numbers {
        // The bars carry their numbers.
        mesh.disable_y_mesh().y_labels(0);
    }
    mesh.draw()?;
    Ok(chart)
}

/// How often the digit of each row was read as the digit of each column: darker is more often, blue
/// is right, orange is wrong.
pub(super) fn confusion_matrix(counts: &Array2<usize>) -> Svg {
    const CELL: i32 = 40;
    const TOP: i32 = 52;
    const LEFT: i32 = 52;
    const ALL: i32 = CELL * CLASSES as i32;
    let most = |wanted: fn(&(usize, usize)) -> bool| {
        let wanted = counts.indexed_iter().filter(|(at, _)| wanted(at));
        wanted.map(|(_, &n)| n).max().unwrap_or(0).max(1)
    };
    let (most_right, most_wrong) =
        (most(|(i, j)| i == j), most(|(i, j)| i != j));
    of_size((LEFT + ALL + 2, TOP + ALL + 2), |canvas| {
        let middle = |i: usize| CELL * i as i32 + CELL / 2;
        let quiet = || font(18, MUTED);
        write(
            canvas,
            "read as",
            (LEFT + ALL / 2, 12),
            HPos::Center,
            quiet(),
        )?;
        let upright = quiet().transform(FontTransform::Rotate270);
        write(
            canvas,
            "the digit is",
            (12, TOP + ALL / 2),
            HPos::Center,
            upright,
        )?;
        for i in 0..CLASSES {
            let (digit, ink) = (i.to_string(), || font(18, INK));
            write(
                canvas,
                &digit,
                (LEFT + middle(i), TOP - 16),
                HPos::Center,
                ink(),
            )?;
            write(
                canvas,
                &digit,
                (LEFT - 16, TOP + middle(i)),
                HPos::Center,
                ink(),
            )?;
        }
        for ((i, j), &n) in counts.indexed_iter() {
            let (x, y) = (LEFT + middle(j), TOP + middle(i));
            let cell = [
                to(x - CELL / 2, y - CELL / 2),
                to(x + CELL / 2, y + CELL / 2),
            ];
            let (color, most) = if i == j {
                (BLUE, most_right)
            } else {
                (ORANGE, most_wrong)
            };
            // Never so dark that the number cannot be read.
            let shade = color.mix(0.5 * n as f64 / most as f64);
            canvas.draw(&Rectangle::new(cell, shade.filled()))?;
            canvas.draw(&Rectangle::new(cell, line(GRID, 1)))?;
            let ink = if n == 0 { MUTED } else { INK };
            write(
                canvas,
                &n.to_string(),
                (x, y),
                HPos::Center,
                font(18, ink),
            )?;
        }
        Ok(())
    })
}

impl Look {
    /// A piece of such a curve, for the key.
    pub fn sample(self) -> maud::Markup {
        let color = super::page::named(self.color);
        let dashes = match self.dash {
            (_, 0) => String::new(),
            (dash, gap) => format!("{dash} {gap}"),
        };
        let inside = if self.filled { &color } else { "var(--paper)" };
        maud::html! {
            svg viewBox="0 0 48 12" aria-hidden="true" {
                path d="M0 6h48" stroke=(color) stroke-width="2"
                    stroke-dasharray=[(!dashes.is_empty()).then_some(dashes)] {}
                circle cx="24" cy="6" r="3.5" stroke=(color) stroke-width="2" fill=(inside) {}
            }
        }
    }
}
