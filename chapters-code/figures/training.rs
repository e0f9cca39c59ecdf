//! The page of pictures that a training run leaves: how it learned, what it confuses, and what
//! its first layer looks for.

use std::error::Error;
use std::ops::Range;

use ndarray::{Array2, ArrayView1};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{BLUE, Canvas, Drawn, GRID, INK, MUTED, ORANGE, PAPER, WIDTH, svg};
use crate::layer::Layer;
use crate::mnist::Epoch;
use crate::pixels::{CLASSES, SIDE};

/// The canvas is this many times as large as the page shows it; the sizes below are the page's.
const SCALE: i32 = 4;
/// 800: how wide the page shows a figure.
const SHOWN: i32 = WIDTH as i32 / SCALE;

/// A point, or a size, of the page on the canvas.
fn to(x: i32, y: i32) -> (i32, i32) {
    (x * SCALE, y * SCALE)
}

fn line(color: RGBColor, width: i32) -> ShapeStyle {
    color.stroke_width((width * SCALE) as u32)
}

fn font(size: i32, color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size * SCALE).into_font().color(&color)
}

/// Text that stands beside, or around, its point.
fn write(
    canvas: &Canvas,
    text: &str,
    (x, y): (i32, i32),
    side: HPos,
    style: TextStyle,
) -> Drawn {
    let style = style.pos(Pos::new(side, VPos::Center));
    Ok(canvas.draw(&Text::new(text, to(x, y), style))?)
}

/// Two panels over the epochs: the training cost, and the accuracy on the validation and on the
/// test pictures. `test` has one accuracy for each epoch.
///
/// ```
/// use neurons::{figures::training::learning_curve, mnist::Epoch};
/// let epoch = |number| Epoch { number, cost: 1.0 / number as f64, validation: 0.9, seconds: 1.0 };
/// let svg = learning_curve(&[epoch(1), epoch(2)], &[0.88, 0.89])?;
/// assert!(svg.starts_with("<svg "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If drawing fails.
///
/// # Panics
/// If there is no epoch.
pub fn learning_curve(epochs: &[Epoch], test: &[f64]) -> Result<String, Box<dyn Error>> {
    let over_epochs = |value: &dyn Fn(usize) -> f64| -> Vec<(f64, f64)> {
        (0..epochs.len()).map(|i| (epochs[i].number as f64, value(i))).collect()
    };
    let cost = over_epochs(&|i| epochs[i].cost);
    let validation = over_epochs(&|i| 100.0 * epochs[i].validation);
    let test = over_epochs(&|i| 100.0 * test[i]);
    let least =
        |points: &[(f64, f64)]| points.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let most = |points: &[(f64, f64)]| points.iter().map(|p| p.1).fold(0.0, f64::max);

    svg(320 * SCALE as u32, |canvas| {
        canvas.fill(&PAPER)?;
        let (left, right) = canvas.split_horizontally(SHOWN / 2 * SCALE);
        let cost =
            Series { name: "● training", points: &cost, color: BLUE, filled: true };
        panel(&left, "cost", 0.0..1.05 * most(cost.points).max(1e-9), &[cost])?;

        let (low, high) =
            (least(&validation).min(least(&test)), most(&validation).max(most(&test)));
        let room = (0.1 * (high - low)).max(0.5);
        let series = [
            Series {
                name: "● validation",
                points: &validation,
                color: BLUE,
                filled: true,
            },
            Series { name: "○ test", points: &test, color: ORANGE, filled: false },
        ];
        panel(
            &right,
            "accuracy, %",
            (low - room).max(0.0)..(high + room).min(100.0),
            &series,
        )
    })
}

struct Series<'a> {
    name: &'static str,
    points: &'a [(f64, f64)],
    color: RGBColor,
    filled: bool,
}

fn panel(canvas: &Canvas, title: &str, y: Range<f64>, series: &[Series]) -> Drawn {
    let last = series[0].points.last().expect("there is an epoch").0;
    let radius = if last > 40.0 { 2 } else { 3 } * SCALE;
    write(canvas, title, (16, 18), HPos::Left, font(15, INK))?;
    let mut chart = ChartBuilder::on(canvas)
        .margin(12 * SCALE)
        .margin_top(32 * SCALE)
        .x_label_area_size(40 * SCALE)
        .y_label_area_size(48 * SCALE)
        .build_cartesian_2d(0.0..1.03 * last, y)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(line(GRID, 1))
        .axis_style(line(MUTED, 1))
        .x_labels(last.min(8.0) as usize + 1)
        .x_label_formatter(&|x| if x.fract() == 0.0 { short(*x) } else { String::new() })
        .y_label_formatter(&|y| short(*y))
        .y_labels(6)
        .x_desc("epoch")
        .label_style(font(14, MUTED))
        .axis_desc_style(font(14, INK))
        .draw()?;
    for (i, &Series { name, points, color, filled }) in series.iter().rev().enumerate() {
        chart.draw_series(LineSeries::new(points.iter().copied(), line(color, 2)))?;
        let inside = if filled { color } else { PAPER };
        chart.draw_series(
            points.iter().map(|&p| Circle::new(p, radius, inside.filled())),
        )?;
        chart.draw_series(
            points.iter().map(|&p| Circle::new(p, radius, line(color, 2))),
        )?;
        let key = (SHOWN / 2 - 16 - 70 * i as i32, 18);
        write(canvas, name, key, HPos::Right, font(15, color))?;
    }
    Ok(())
}

fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// How often the digit of each row was read as the digit of each column; `counts` has shape
/// (10, 10). The more often, the darker: what is right in blue, what is wrong in orange.
///
/// ```
/// use neurons::{figures::training::confusion_matrix, ndarray::Array2};
/// let svg = confusion_matrix(&(Array2::eye(10) * 937))?;
/// assert_eq!(svg.matches("937").count(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If drawing fails.
pub fn confusion_matrix(counts: &Array2<usize>) -> Result<String, Box<dyn Error>> {
    const CELL: i32 = 44;
    const TOP: i32 = 56;
    const LEFT: i32 = (SHOWN - CELL * CLASSES as i32) / 2;
    let most = |wanted: fn(&(usize, usize)) -> bool| {
        counts
            .indexed_iter()
            .filter(|(at, _)| wanted(at))
            .map(|(_, &n)| n)
            .max()
            .unwrap_or(0)
            .max(1)
    };
    let (most_right, most_wrong) = (most(|(i, j)| i == j), most(|(i, j)| i != j));

    svg(((TOP + CELL * CLASSES as i32 + 12) * SCALE) as u32, |canvas| {
        canvas.fill(&PAPER)?;
        let middle = |i: usize| CELL * i as i32 + CELL / 2;
        let around = HPos::Center;
        write(canvas, "read as", (SHOWN / 2, 14), around, font(15, MUTED))?;
        write(
            canvas,
            "the digit is",
            (LEFT - 34, TOP + middle(0)),
            HPos::Right,
            font(15, MUTED),
        )?;
        for i in 0..CLASSES {
            write(
                canvas,
                &i.to_string(),
                (LEFT + middle(i), TOP - 16),
                around,
                font(14, INK),
            )?;
            write(
                canvas,
                &i.to_string(),
                (LEFT - 16, TOP + middle(i)),
                around,
                font(14, INK),
            )?;
        }
        for ((i, j), &n) in counts.indexed_iter() {
            let (x, y) = (LEFT + middle(j), TOP + middle(i));
            let cell = [to(x - CELL / 2, y - CELL / 2), to(x + CELL / 2, y + CELL / 2)];
            let (color, most) =
                if i == j { (BLUE, most_right) } else { (ORANGE, most_wrong) };
            // Never so dark that the number cannot be read.
            canvas.draw(&Rectangle::new(
                cell,
                color.mix(0.5 * n as f64 / most as f64).filled(),
            ))?;
            canvas.draw(&Rectangle::new(cell, line(GRID, 1)))?;
            let ink = if n == 0 { MUTED } else { INK };
            write(canvas, &n.to_string(), (x, y), around, font(15, ink))?;
        }
        Ok(())
    })
}

/// The most neurons that [`weight_images`] shows.
pub const MOST_IMAGES: usize = 40;

/// The 784 weights of each neuron of a first layer as a picture of 28 × 28, for the first
/// [`MOST_IMAGES`] neurons: blue and full where ink speaks for the neuron (+), orange and striped
/// where it speaks against it (−). Each is as strong in colour as it is beside the neuron's
/// strongest.
///
/// ```
/// use neurons::{figures::training::weight_images, mnist::Recipe};
/// let svg = weight_images(&Recipe::book().network().layers[0])?;
/// assert!(svg.starts_with("<svg "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If drawing fails.
///
/// # Panics
/// If the layer does not have 784 inputs.
pub fn weight_images(layer: &Layer) -> Result<String, Box<dyn Error>> {
    const PIXEL: i32 = 3;
    const PICTURE: i32 = PIXEL * SIDE as i32;
    const ACROSS: i32 = 8;
    const PITCH: (i32, i32) = (98, 108);
    let neurons = layer.w.nrows().min(MOST_IMAGES);
    let down = neurons.div_ceil(ACROSS as usize) as i32;

    svg(((36 + down * PITCH.1) * SCALE) as u32, |canvas| {
        canvas.fill(&PAPER)?;
        write(
            canvas,
            "■ + ink here speaks for the neuron",
            (14, 16),
            HPos::Left,
            font(15, BLUE),
        )?;
        write(
            canvas,
            "≡ − ink here speaks against it",
            (290, 16),
            HPos::Left,
            font(15, ORANGE),
        )?;
        for (j, weights) in layer.w.rows().into_iter().take(neurons).enumerate() {
            let (row, column) = (j as i32 / ACROSS, j as i32 % ACROSS);
            let (left, top) = (14 + column * PITCH.0, 54 + row * PITCH.1);
            write(
                canvas,
                &(j + 1).to_string(),
                (left, top - 9),
                HPos::Left,
                font(13, MUTED),
            )?;
            for (x, y, length, level) in runs(weights) {
                let (color, gap) =
                    if level > 0 { (BLUE, 0) } else { (ORANGE, SCALE - 1) };
                let (x, y) = (left + x * PIXEL, top + y * PIXEL);
                let (right, bottom) = to(x + length * PIXEL, y + PIXEL);
                let bar = [to(x, y), (right, bottom - gap)];
                let strength = f64::from(level.abs()) / f64::from(LEVELS);
                canvas.draw(&Rectangle::new(bar, color.mix(strength).filled()))?;
            }
            let frame = [to(left, top), to(left + PICTURE, top + PICTURE)];
            canvas.draw(&Rectangle::new(frame, line(GRID, 1)))?;
        }
        Ok(())
    })
}

/// Shades of each colour: enough for the eye, and few enough that neighbours are often alike.
const LEVELS: i32 = 8;

/// (x, y, length, level) of the horizontal runs of pixels that have the same level, but for 0.
fn runs(weights: ArrayView1<f64>) -> Vec<(i32, i32, i32, i32)> {
    let strongest = weights.iter().fold(f64::MIN_POSITIVE, |most, w| most.max(w.abs()));
    let levels: Vec<i32> = weights
        .iter()
        .map(|w| (w / strongest * f64::from(LEVELS)).round() as i32)
        .collect();
    let mut runs = Vec::new();
    for (y, row) in levels.chunks(SIDE).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] != 0 {
                runs.push((x, y as i32, run.len() as i32, run[0]));
            }
            x += run.len() as i32;
        }
    }
    runs
}

/// A page that needs nothing but itself: a title, what was done, and figures (SVG, and a caption
/// that says how to read it), light or dark as the reader's system is.
///
/// ```
/// use neurons::figures::training::page;
/// let page = page("A <title>", "What was done.", &[("<svg></svg>".into(), "How to read it.")]);
/// assert!(page.contains("<h1>A &lt;title&gt;</h1>"));
/// ```
pub fn page(title: &str, summary: &str, figures: &[(String, &str)]) -> String {
    let (title, summary) = (escaped(title), escaped(summary));
    let light: String = COLORS
        .iter()
        .map(|(name, color, _)| format!("--{name}:{};", hex(color)))
        .collect();
    let dark: String =
        COLORS.iter().map(|(name, _, dark)| format!("--{name}:{dark};")).collect();
    let themed = |svg: &str| {
        COLORS.iter().fold(svg.to_string(), |svg, (name, color, _)| {
            svg.replace(&hex(color), &format!("var(--{name})"))
        })
    };
    let figures: String = figures
        .iter()
        .map(|(svg, caption)| {
            let caption = escaped(caption);
            let svg = themed(svg).replacen(
                "<svg ",
                &format!("<svg role=\"img\" aria-label=\"{caption}\" "),
                1,
            );
            format!("<figure>\n{svg}<figcaption>{caption}</figcaption>\n</figure>\n")
        })
        .collect();
    format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; {light} }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif;
  color: var(--ink); background: var(--paper); }}
figure {{ margin: 2rem 0; }}
figcaption {{ color: var(--muted); }}
svg {{ width: 100%; height: auto; }}
</style>
<h1>{title}</h1>
<p>{summary}</p>
{figures}</html>
"#
    )
}

/// A name for each colour of a figure, and what becomes of it on a dark page.
const COLORS: [(&str, RGBColor, &str); 6] = [
    ("ink", INK, "#e6edf3"),
    ("muted", MUTED, "#9198a1"),
    ("grid", GRID, "#30363d"),
    ("paper", PAPER, "#0d1117"),
    ("blue", BLUE, "#58a6ff"),
    ("orange", ORANGE, "#f0883e"),
];

/// As the SVG backend writes a colour.
fn hex(&RGBColor(r, g, b): &RGBColor) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
