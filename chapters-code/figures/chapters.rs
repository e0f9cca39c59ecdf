//! The figures of the chapters, in reading order.

use std::error::Error;
use std::ops::ControlFlow;

use ndarray::{Array1, array};
use plotters::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::speed;
use super::{
    BLUE, Canvas, Chart, Drawn, GRID, INK, MUTED, ORANGE, PAPER, PURPLE, RED, TEXT, svg,
};
use crate::cost::Cost;
use crate::cross_entropy::CrossEntropy;
use crate::gradient::{
    H, central_difference, directional_derivative, forward_difference,
};
use crate::gradient_descent::{bowl, bowl_gradient, descend};
use crate::handwriting;
use crate::mnist::distortion::Distortion;
use crate::mnist::{Epoch, Recipe, Training};
use crate::neuron::{StepNeuron, step, stroke_template};
use crate::pixels::{Digits, SIDE, ink};
use crate::sigmoid::{Activation, sigmoid, sigmoid_prime};
use crate::softmax::with_temperature;

/// The names of all figures.
pub const DRAWN: [&str; 19] = [
    "digits",
    "two",
    "half_planes",
    "staircase",
    "activations",
    "slopes",
    "secants",
    "steepest",
    "v_curve",
    "nudges",
    "learning_rates",
    "saturation",
    "temperature",
    "by_heart",
    "bent",
    "five_seeds",
    "roofline",
    "peers",
    "growth",
];

/// Draws one of [`DRAWN`] as SVG.
///
/// # Errors
/// If there is no figure of that name, or drawing fails.
pub fn draw(name: &str) -> Result<String, Box<dyn Error>> {
    match name {
        "digits" => svg(1310, digits).map(crisp),
        "two" => svg(1480, two).map(crisp),
        "half_planes" => svg(1100, half_planes),
        "staircase" => svg(1500, staircase),
        "activations" => svg(1800, activations),
        "slopes" => svg(1500, slopes),
        "secants" => svg(1400, secants),
        "steepest" => svg(1600, steepest),
        "v_curve" => svg(1900, v_curve),
        "nudges" => svg(1700, nudges),
        "learning_rates" => svg(1700, learning_rates),
        "saturation" => svg(1600, saturation),
        "temperature" => svg(1300, temperature),
        "by_heart" => svg(1500, by_heart),
        "bent" => svg(800, bent).map(crisp),
        "five_seeds" => svg(1700, five_seeds),
        "roofline" => svg(2000, speed::roofline),
        "peers" => svg(2300, speed::peers),
        "growth" => svg(2200, speed::growth),
        other => Err(format!("there is no figure named {other}").into()),
    }
}

pub(super) fn text(size: i32, color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&color)
}

/// Text around its middle.
fn centred(size: i32, color: RGBColor) -> TextStyle<'static> {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    text(size, color).pos(Pos::new(HPos::Center, VPos::Center))
}

/// Pixels meet without a seam between them.
fn crisp(svg: String) -> String {
    svg.replacen("<svg ", "<svg shape-rendering=\"crispEdges\" ", 1)
}

/// A share of ink in tenths, drawn over the page.
fn shade(tenths: u8) -> ShapeStyle {
    INK.mix(f64::from(tenths) / 10.0).filled()
}

fn tenths(p: u8) -> u8 {
    (10.0 * ink(p)).round() as u8
}

/// A picture, one rectangle for each run of equal pixels.
fn picture(canvas: &Canvas, image: &[u8], (left, top): (i32, i32), pixel: i32) -> Drawn {
    for (row, pixels) in image.chunks(SIDE).enumerate() {
        let (mut x, y) = (left, top + row as i32 * pixel);
        for run in pixels.chunk_by(|&a, &b| tenths(a) == tenths(b)) {
            let right = x + run.len() as i32 * pixel;
            if tenths(run[0]) > 0 {
                canvas.draw(&Rectangle::new(
                    [(x, y), (right, y + pixel)],
                    shade(tenths(run[0])),
                ))?;
            }
            x = right;
        }
    }
    Ok(())
}

fn digits(canvas: &Canvas) -> Drawn {
    const PIXEL: i32 = 11;
    let cell = SIDE as i32 * PIXEL + 12;
    for row in 0..4 {
        for digit in 0..10_u8 {
            let image = handwriting::digit(digit, 1, row as u64);
            picture(
                canvas,
                &image,
                (6 + i32::from(digit) * cell, 6 + row * cell),
                PIXEL,
            )?;
        }
    }
    Ok(())
}

/// The book's 2, and a part of it as the numbers that the machine sees.
fn two(canvas: &Canvas) -> Drawn {
    const PIXEL: i32 = 50;
    const FROM: (usize, usize) = (4, 13); // row, column
    const SIZE: usize = 8;
    const CELL: i32 = 175;
    let image = handwriting::the_two();
    let (left, top) = (20, 40);
    let side = SIDE as i32 * PIXEL;
    picture(canvas, &image, (left, top), PIXEL)?;
    let frame = |x: i32, y: i32, w: i32, color: RGBColor, width: u32| {
        let corners =
            [(x, y), (x + w, y), (x + w, y + w), (x, y + w), (x, y), (x + w, y)];
        PathElement::new(corners, color.stroke_width(width))
    };
    canvas.draw(&frame(left, top, side, GRID, 4))?;
    let part = (left + FROM.1 as i32 * PIXEL, top + FROM.0 as i32 * PIXEL);
    canvas.draw(&frame(part.0, part.1, SIZE as i32 * PIXEL, BLUE, 10))?;

    let (left, top) = (1740, 40);
    for row in 0..SIZE {
        for column in 0..SIZE {
            let p = image[(FROM.0 + row) * SIDE + FROM.1 + column];
            let (x, y) = (left + column as i32 * CELL, top + row as i32 * CELL);
            canvas.draw(&Rectangle::new(
                [(x, y), (x + CELL, y + CELL)],
                shade(tenths(p)),
            ))?;
            canvas.draw(&frame(x, y, CELL, GRID, 4))?;
            let color = if ink(p) > 0.5 { PAPER } else { INK };
            let at = (x + CELL / 2, y + CELL / 2);
            canvas.draw(&Text::new(format!("{:.2}", ink(p)), at, centred(60, color)))?;
        }
    }
    canvas.draw(&frame(left, top, SIZE as i32 * CELL, BLUE, 10))?;
    Ok(())
}

/// What a single neuron can and cannot separate.
fn half_planes(canvas: &Canvas) -> Drawn {
    let panels = canvas.split_evenly((1, 3));
    let nand = StepNeuron::nand();
    let or = StepNeuron { w: array![2.0, 2.0], b: -1.0 };
    let tables: [(&str, [f64; 4], Option<&StepNeuron>); 3] = [
        ("OR", [0.0, 1.0, 1.0, 1.0], Some(&or)),
        ("NAND", [1.0, 1.0, 1.0, 0.0], Some(&nand)),
        ("XOR", [0.0, 1.0, 1.0, 0.0], None),
    ];
    for (panel, (name, wanted, neuron)) in panels.iter().zip(tables) {
        let mut chart = ChartBuilder::on(panel)
            .margin(40)
            .caption(name, text(80, INK))
            .x_label_area_size(110)
            .y_label_area_size(110)
            .build_cartesian_2d(-0.5..1.5, -0.5..1.5)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(3)
            .y_labels(3)
            .x_desc("x₁")
            .y_desc("x₂")
            .axis_style(GRID)
            .label_style(text(TEXT, INK))
            .draw()?;
        if let Some(neuron) = neuron {
            // w · x + b = 0, as x₂ over x₁; the side that fires is tinted.
            let line = |x: f64| -(neuron.b + neuron.w[0] * x) / neuron.w[1];
            let edge = if neuron.w[1] > 0.0 { 1.5 } else { -0.5 };
            let border: Vec<(f64, f64)> = grid(-0.5, 1.5).map(|x| (x, line(x))).collect();
            let inside = border.iter().map(|&(x, y)| (x, y.clamp(-0.5, 1.5)));
            let side: Vec<(f64, f64)> =
                inside.chain([(1.5, edge), (-0.5, edge)]).collect();
            chart.draw_series([Polygon::new(side, BLUE.mix(0.12))])?;
            let visible = border.into_iter().filter(|(_, y)| (-0.5..=1.5).contains(y));
            chart.draw_series(LineSeries::new(visible, BLUE.stroke_width(8)))?;
        }
        let points = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
        for (point, wanted) in points.into_iter().zip(wanted) {
            let (fill, edge) = if wanted == 1.0 { (BLUE, BLUE) } else { (PAPER, ORANGE) };
            chart.draw_series([Circle::new(point, 44, fill.filled())])?;
            chart.draw_series([Circle::new(point, 44, edge.stroke_width(10))])?;
            let color = if wanted == 1.0 { PAPER } else { ORANGE };
            chart.draw_series([Text::new(
                format!("{wanted}"),
                point,
                centred(60, color),
            )])?;
        }
    }
    Ok(())
}

/// The lines of a chart: where z runs, in steps that no eye can see.
fn grid(from: f64, to: f64) -> impl Iterator<Item = f64> + Clone {
    (0..=400).map(move |i| from + (to - from) * f64::from(i) / 400.0)
}

fn panel<'a, 'b>(
    canvas: &'a Canvas<'b>,
    title: &str,
    x: std::ops::Range<f64>,
    y: std::ops::Range<f64>,
    labels: (&str, &str),
) -> Result<Chart<'a, 'b>, Box<dyn Error>> {
    let mut chart = ChartBuilder::on(canvas)
        .margin(30)
        .margin_right(90)
        .caption(title, text(TEXT + 4, INK))
        .x_label_area_size(150)
        .y_label_area_size(210)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(2))
        .axis_style(MUTED.stroke_width(3))
        .x_labels((canvas.dim_in_pixel().0 / 190).min(11) as usize)
        .y_labels((canvas.dim_in_pixel().1 / 180) as usize)
        .x_label_formatter(&short)
        .y_label_formatter(&short)
        .x_desc(labels.0)
        .y_desc(labels.1)
        .label_style(text(TEXT - 6, INK))
        .axis_desc_style(text(TEXT, INK))
        .draw()?;
    Ok(chart)
}

/// A number on an axis, without the digits that say nothing.
fn short(v: &f64) -> String {
    let text = format!("{v:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.').replace('-', "−");
    if text == "−0" { "0".into() } else { text }
}

/// How wrong a neuron is that looks for the foot of a 2, as its bias moves: counted in
/// mistakes, and as a sum of squares behind a sigmoid.
fn staircase(canvas: &Canvas) -> Drawn {
    const BIASES: (f64, f64) = (-4.0, 2.0);
    let digits = Digits::handwriting(200, 1);
    let shown: Vec<usize> =
        (0..digits.len()).filter(|&i| [2, 7].contains(&digits.labels[i])).collect();
    let sums = digits.x(&shown).dot(&stroke_template(20, 6..20));
    let wanted = shown.iter().map(|&i| if digits.labels[i] == 2 { 1.0 } else { 0.0 });
    let wanted: Array1<f64> = wanted.collect();
    let wrong = |f: fn(f64) -> f64, b: f64| {
        (sums.mapv(|z| f(z + b)) - &wanted).mapv(|error| error * error).sum()
    };
    let mut chart = panel(
        canvas,
        "",
        BIASES.0..BIASES.1,
        0.0..28.0,
        ("bias b", "how wrong, over 40 pictures"),
    )?;
    // Enough points that a stair is upright.
    let biases =
        (0..=3000).map(|i| BIASES.0 + (BIASES.1 - BIASES.0) * f64::from(i) / 3000.0);
    let stairs = biases.clone().map(|b| (b, wrong(step, b)));
    chart.draw_series(LineSeries::new(stairs, ORANGE.stroke_width(8)))?;
    let smooth = biases.map(|b| (b, wrong(sigmoid, b)));
    chart.draw_series(LineSeries::new(smooth, BLUE.stroke_width(10)))?;
    chart.draw_series([
        Text::new("step: mistakes", (-3.6, 17.3), text(TEXT, ORANGE)),
        Text::new("sigmoid: sum of squares", (-3.6, 8.6), text(TEXT, BLUE)),
    ])?;
    Ok(())
}

fn activations(canvas: &Canvas) -> Drawn {
    let panels = canvas.split_evenly((2, 3));
    let drawn = [
        ("step", None),
        ("sigmoid σ", Some(Activation::Sigmoid)),
        ("tanh", Some(Activation::Tanh)),
        ("ReLU", Some(Activation::Relu)),
        ("leaky ReLU", Some(Activation::LeakyRelu)),
        ("softplus", Some(Activation::Softplus)),
    ];
    for (area, (name, f)) in panels.iter().zip(drawn) {
        let top = match f {
            None | Some(Activation::Sigmoid | Activation::Tanh) => -1.2..1.2,
            _ => -1.0..4.0,
        };
        let mut chart = panel(area, name, -4.0..4.0, top.clone(), ("z", ""))?;
        let shown = |line: Vec<(f64, f64)>| {
            line.into_iter().filter(|(_, y)| top.contains(y)).collect::<Vec<_>>()
        };
        let dashed = |line: Vec<(f64, f64)>| {
            DashedLineSeries::new(line, 30, 18, ORANGE.stroke_width(8))
        };
        match f {
            None => {
                let line = |from, to, y| {
                    LineSeries::new([(from, y), (to, y)], BLUE.stroke_width(10))
                };
                chart.draw_series(line(-4.0, 0.0, 0.0))?;
                chart.draw_series(line(0.0, 4.0, 1.0))?;
                for (from, to) in [(-4.0, -1e-9), (1e-9, 4.0)] {
                    chart.draw_series(dashed(vec![(from, 0.0), (to, 0.0)]))?;
                }
            }
            Some(f) => {
                let value = shown(grid(-4.0, 4.0).map(|z| (z, f.of(z))).collect());
                // A jump of the slope is no part of its graph: left and right of 0 apart.
                let slope =
                    |from, to| shown(grid(from, to).map(|z| (z, f.prime(z))).collect());
                for (from, to) in [(-4.0, -1e-9), (1e-9, 4.0)] {
                    chart.draw_series(dashed(slope(from, to)))?;
                }
                chart.draw_series(LineSeries::new(value, BLUE.stroke_width(10)))?;
            }
        }
    }
    Ok(())
}

/// σ′ and where it all but vanishes.
fn slopes(canvas: &Canvas) -> Drawn {
    let mut chart = panel(canvas, "", -10.0..10.0, 0.0..1.05, ("z", ""))?;
    let band = |from: f64, to: f64| {
        Rectangle::new([(from, 0.0), (to, 1.05)], MUTED.mix(0.14).filled())
    };
    // σ′ < 0.01 beyond this z: a(1 − a) = 0.01 has the roots a = ½ ± √0.24.
    let a: f64 = 0.5 + 0.24_f64.sqrt();
    let edge = (a / (1.0 - a)).ln();
    chart.draw_series([band(-10.0, -edge), band(edge, 10.0)])?;
    let value = grid(-10.0, 10.0).map(|z| (z, sigmoid(z)));
    let slope = grid(-10.0, 10.0).map(|z| (z, sigmoid_prime(z)));
    chart.draw_series(LineSeries::new(value, BLUE.stroke_width(10)))?;
    chart.draw_series(DashedLineSeries::new(slope, 30, 18, ORANGE.stroke_width(10)))?;
    chart.draw_series([
        Text::new("σ(z)", (2.3, 0.86), text(TEXT + 10, BLUE)),
        Text::new("σ′(z), at most ¼", (0.9, 0.33), text(TEXT + 10, ORANGE)),
        Text::new("slope under 0.01", (-7.3, 0.62), centred(TEXT - 6, INK)),
        Text::new("slope under 0.01", (7.3, 0.62), centred(TEXT - 6, INK)),
    ])?;
    Ok(())
}

/// A curve, its tangent, and the two lines that a computer can draw instead.
fn secants(canvas: &Canvas) -> Drawn {
    const AT: f64 = 1.0;
    let f = |x: f64| (0.9 * x).exp() / 3.0;
    let slope = 0.9 * f(AT);
    for (area, h) in canvas.split_evenly((1, 2)).iter().zip([0.8, 0.4]) {
        let mut chart =
            panel(area, &format!("h = {h}"), 0.0..2.2, 0.0..2.2, ("x", "f(x)"))?;
        let line = |slope: f64, through: (f64, f64)| {
            let y = move |x: f64| through.1 + slope * (x - through.0);
            grid(0.02, 2.18)
                .map(move |x| (x, y(x)))
                .filter(|(_, y)| (0.02..2.18).contains(y))
        };
        let curve = grid(0.0, 2.2).map(|x| (x, f(x))).filter(|(_, y)| *y < 2.18);
        chart.draw_series(LineSeries::new(curve, INK.stroke_width(10)))?;
        let at = (AT, f(AT));
        chart.draw_series(LineSeries::new(line(slope, at), MUTED.stroke_width(6)))?;
        let lines = [
            (forward_difference(f, AT, h), at, ORANGE),
            (central_difference(f, AT, h), (AT - h, f(AT - h)), BLUE),
        ];
        for (slope, through, color) in lines {
            let dashed = DashedLineSeries::new(
                line(slope, through),
                34,
                18,
                color.stroke_width(9),
            );
            chart.draw_series(dashed)?;
        }
        let points = [(AT - h, BLUE), (AT, ORANGE), (AT + h, ORANGE)];
        for (x, color) in points {
            chart.draw_series([Circle::new((x, f(x)), 22, color.filled())])?;
        }
        chart.draw_series([Circle::new(
            (AT + h, f(AT + h)),
            34,
            BLUE.stroke_width(8),
        )])?;
        let names = [
            (format!("forward {:.3}", lines[0].0), ORANGE),
            (format!("central {:.3}", lines[1].0), BLUE),
            (format!("tangent {slope:.3}"), MUTED),
        ];
        for ((name, color), row) in names.into_iter().zip([2.1, 1.94, 1.78]) {
            chart.draw_series([Text::new(name, (0.08, row), text(TEXT - 6, color))])?;
        }
    }
    Ok(())
}

/// The same point of a bowl from above, with steps of one length in every direction, and
/// what each of them gains.
fn steepest(canvas: &Canvas) -> Drawn {
    const TURN: f64 = std::f64::consts::TAU;
    let lambda = array![1.0, 3.0];
    let at = array![2.0, 0.8];
    let gradient = bowl_gradient(&lambda, &at);
    let length = gradient.dot(&gradient).sqrt();
    let uphill = gradient[1].atan2(gradient[0]);
    let (left, right) = canvas.split_horizontally(1500);

    let mut chart = panel(&left, "from above", 0.4..3.6, -1.0..2.6, ("x₁", "x₂"))?;
    for level in (1..=12).map(f64::from) {
        let radius = |curvature: f64| (2.0 * level / curvature).sqrt();
        let around = (0..=240).map(|i| TURN * f64::from(i) / 240.0);
        let ellipse =
            around.map(|t| (radius(lambda[0]) * t.cos(), radius(lambda[1]) * t.sin()));
        let inside: Vec<_> = ellipse
            .filter(|(x, y)| (0.4..3.6).contains(x) && (-1.0..2.6).contains(y))
            .collect();
        for piece in inside.chunk_by(|a, b| (a.0 - b.0).hypot(a.1 - b.1) < 0.5) {
            chart.draw_series(LineSeries::new(piece.to_vec(), GRID.stroke_width(6)))?;
        }
    }
    let centre = (at[0], at[1]);
    for i in 0..16 {
        let t = uphill + TURN * f64::from(i) / 16.0;
        let end = (at[0] + t.cos(), at[1] + t.sin());
        let (color, width) = match i {
            0 => (BLUE, 16),
            8 => (ORANGE, 16),
            _ => (MUTED, 5),
        };
        chart.draw_series(LineSeries::new([centre, end], color.stroke_width(width)))?;
        chart.draw_series([Circle::new(end, width as i32 + 8, color.filled())])?;
    }
    chart.draw_series([Text::new(
        "∇f",
        (at[0] + 1.08 * uphill.cos(), at[1] + 1.16 * uphill.sin()),
        text(TEXT + 6, BLUE),
    )])?;

    let degrees = |t: f64| 360.0 * t / TURN;
    let mut chart = panel(
        &right,
        "slope of f in that direction",
        -180.0..180.0,
        -4.0..4.0,
        ("angle θ to the gradient, in degrees", ""),
    )?;
    let along = |t: f64| {
        let v = array![(uphill + t).cos(), (uphill + t).sin()];
        directional_derivative(|x| bowl(&lambda, x), &at, &v)
    };
    let curve = grid(-TURN / 2.0, TURN / 2.0).map(|t| (degrees(t), length * t.cos()));
    chart.draw_series(LineSeries::new(curve, GRID.stroke_width(14)))?;
    for i in -8..=8 {
        let t = TURN * f64::from(i) / 16.0;
        let color = match i {
            0 => BLUE,
            -8 | 8 => ORANGE,
            _ => MUTED,
        };
        chart.draw_series([Circle::new((degrees(t), along(t)), 22, color.filled())])?;
    }
    Ok(())
}

/// A difference quotient: of a function, at a place, with a nudge.
type Quotient<F> = fn(fn(F) -> F, F, F) -> F;

/// The error of four difference quotients of 1/x at 1.3, against the nudge h.
fn v_curve(canvas: &Canvas) -> Drawn {
    let exact = -1.0 / (1.3_f64 * 1.3);
    let exponents =
        |to: i32| (0..=4 * to).map(|quarter| 10_f64.powf(-f64::from(quarter) / 4.0));
    let error = |slope: f64| ((slope - exact) / exact).abs().max(1e-17);
    let f64_lines = |rule: Quotient<f64>| -> Vec<(f64, f64)> {
        exponents(16).map(|h| (h, error(rule(|x| 1.0 / x, 1.3, h)))).collect()
    };
    // Relative to the derivative at 1.3 and not at the f32 next to it, which differs in the 8th digit.
    let f32_lines = |rule: Quotient<f32>| -> Vec<(f64, f64)> {
        let slope = |h: f64| f64::from(rule(|x| 1.0 / x, 1.3, h as f32));
        exponents(8).map(|h| (h, error(slope(h)))).collect()
    };
    let lines = [
        ("forward, f32", f32_lines(forward_difference), RED, (3.0e-7, 3.0)),
        ("central, f32", f32_lines(central_difference), ORANGE, (3.0e-3, 5.0e-7)),
        ("forward, f64", f64_lines(forward_difference), PURPLE, (3.0e-11, 3.0e-9)),
        ("central, f64", f64_lines(central_difference), BLUE, (1.0e-5, 2.0e-12)),
    ];
    let labels = ("nudge h", "relative error of the slope");
    let mut chart = logarithmic(canvas, "", 1e-16..1.0, 1e-13..10.0, labels)?;
    for (name, line, color, at) in lines {
        let inside = line.into_iter().filter(|(_, y)| (1e-13..10.0).contains(y));
        let inside: Vec<_> = inside.collect();
        chart.draw_series(LineSeries::new(
            inside.iter().copied(),
            color.stroke_width(8),
        ))?;
        chart.draw_series(inside.iter().map(|&p| Circle::new(p, 12, color.filled())))?;
        chart.draw_series([Text::new(name, at, text(TEXT, color))])?;
    }
    Ok(())
}

/// The median error of the difference quotients of a whole network. The numbers come from
/// `images/nudges.csv`, which `cargo run --release --example nudges` writes.
fn nudges(canvas: &Canvas) -> Drawn {
    let rows = table(include_str!("../../images/nudges.csv"))?;
    let labels = ("nudge h", "relative error of the slope");
    let mut chart = logarithmic(canvas, "", 1e-12..1.0, 1e-10..10.0, labels)?;
    let lines =
        [("f32", 1, ORANGE, (4.0e-3, 2.0e-1)), ("f64", 2, BLUE, (4.0e-7, 4.0e-9))];
    for (name, column, color, at) in lines {
        let line: Vec<_> = rows.iter().map(|row| (row[0], row[column])).collect();
        chart.draw_series(LineSeries::new(line.clone(), color.stroke_width(8)))?;
        chart.draw_series(line.iter().map(|&p| Circle::new(p, 12, color.filled())))?;
        chart.draw_series([Text::new(name, at, text(TEXT, color))])?;
    }
    let at_h = [(H, 1e-10), (H, 10.0)];
    let dashed = DashedLineSeries::new(at_h, 20, 16, MUTED.stroke_width(5));
    chart.draw_series(dashed)?;
    chart.draw_series([Text::new(
        "h = 6 · 10⁻⁶",
        (1.5e-8, 5.0e-2),
        text(TEXT - 6, INK),
    )])?;
    Ok(())
}

/// The rows of numbers of a CSV file with one line of headings.
fn table(csv: &str) -> Result<Vec<Vec<f64>>, std::num::ParseFloatError> {
    csv.lines().skip(1).map(|line| line.split(',').map(str::parse).collect()).collect()
}

/// Axes that are both in powers of ten.
pub(super) fn logarithmic<'a, 'b>(
    canvas: &'a Canvas<'b>,
    title: &str,
    h: std::ops::Range<f64>,
    error: std::ops::Range<f64>,
    labels: (&str, &str),
) -> Result<LogChart<'a, 'b>, Box<dyn Error>> {
    let mut builder = ChartBuilder::on(canvas);
    if !title.is_empty() {
        builder.caption(title, text(TEXT + 4, INK));
    }
    let mut chart = builder
        .margin(30)
        .margin_right(90)
        .x_label_area_size(150)
        .y_label_area_size(240)
        .build_cartesian_2d(h.log_scale(), error.log_scale())?;
    let power = |v: &f64| format!("10{}", superscript(v.log10().round() as i32));
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(2))
        .axis_style(MUTED.stroke_width(3))
        .x_labels(9)
        .y_labels(8)
        .x_label_formatter(&power)
        .y_label_formatter(&power)
        .x_desc(labels.0)
        .y_desc(labels.1)
        .label_style(text(TEXT - 6, INK))
        .axis_desc_style(text(TEXT, INK))
        .draw()?;
    Ok(chart)
}

pub(super) type LogChart<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<
        plotters::coord::combinators::LogCoord<f64>,
        plotters::coord::combinators::LogCoord<f64>,
    >,
>;

fn superscript(exponent: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => char::from_u32('⁰' as u32 + c as u32 - '0' as u32).unwrap_or(c),
    };
    exponent.to_string().chars().map(digit).collect()
}

/// The same bowl, three learning rates: a crawl, a good walk, and one that bounces.
fn learning_rates(canvas: &Canvas) -> Drawn {
    let lambda = array![1.0, 10.0];
    let start = array![-9.0, 2.2];
    let panels = canvas.split_evenly((1, 3));
    let walks = [
        (0.02, "η = 0.02: slow"),
        (0.15, "η = 0.15: good"),
        (0.205, "η = 0.205: diverges"),
    ];
    for (area, (eta, name)) in panels.iter().zip(walks) {
        let mut chart = panel(area, name, -10.0..3.0, -4.8..4.0, ("v₁", "v₂"))?;
        for level in [0.5, 4.0, 12.0, 25.0, 45.0] {
            let around = (0..=120).map(|i| std::f64::consts::TAU * f64::from(i) / 120.0);
            let radius = |curvature: f64| (2.0 * level / curvature).sqrt();
            let ellipse = around
                .map(|t| (radius(lambda[0]) * t.cos(), radius(lambda[1]) * t.sin()));
            let inside: Vec<_> =
                ellipse.filter(|(x, _)| (-10.0..=3.0).contains(x)).collect();
            for piece in inside.chunk_by(|a, b| (a.0 - b.0).hypot(a.1 - b.1) < 1.0) {
                chart
                    .draw_series(LineSeries::new(piece.to_vec(), GRID.stroke_width(5)))?;
            }
        }
        let path = descend(|v| bowl_gradient(&lambda, v), &start, eta, 25);
        let points: Vec<(f64, f64)> =
            path.rows().into_iter().map(|v| (v[0], v[1])).collect();
        let points: Vec<_> = points.into_iter().take_while(|p| p.1.abs() < 3.9).collect();
        chart.draw_series(LineSeries::new(points.clone(), BLUE.stroke_width(7)))?;
        chart.draw_series(points.iter().map(|&p| Circle::new(p, 16, BLUE.filled())))?;
        let last: Array1<f64> = path.row(25).to_owned();
        let cost = format!("cost after 25 steps: {:.3}", bowl(&lambda, &last));
        chart.draw_series([Text::new(cost, (-9.5, -4.35), text(TEXT - 6, INK))])?;
    }
    Ok(())
}

/// One neuron with one input, x = 1, that should answer 0: the answer while it learns.
fn saturation(canvas: &Canvas) -> Drawn {
    const ETA: f64 = 0.15;
    const STEPS: usize = 300;
    let mut chart =
        panel(canvas, "", 0.0..STEPS as f64, 0.0..1.05, ("step", "answer a, wanted 0"))?;
    for (start, dashed) in [(1.5, false), (4.0, true)] {
        for (quadratic, color) in [(true, ORANGE), (false, BLUE)] {
            let mut z: f64 = start;
            let mut line = vec![];
            for step in 0..=STEPS {
                let a = sigmoid(z);
                line.push((step as f64, a));
                let logit = array![[z]];
                let slope = if quadratic {
                    a * sigmoid_prime(z)
                } else {
                    CrossEntropy.gradient(&logit, &array![[0.0]])[(0, 0)]
                };
                // The weight's input is 1, so weight and bias move alike: z by twice as much.
                z -= 2.0 * ETA * slope;
            }
            if dashed {
                chart.draw_series(DashedLineSeries::new(
                    line,
                    30,
                    20,
                    color.stroke_width(9),
                ))?;
            } else {
                chart.draw_series(LineSeries::new(line, color.stroke_width(9)))?;
            }
        }
    }
    chart.draw_series([
        Text::new("quadratic cost", (222.0, 0.80), text(TEXT, ORANGE)),
        Text::new("cross-entropy", (70.0, 0.12), text(TEXT, BLUE)),
        Text::new(
            "dashed: starts at a = 0.98; solid: at a = 0.82",
            (150.0, 1.03),
            text(TEXT - 8, INK),
        ),
    ])?;
    Ok(())
}

/// The same ten scores as shares, at three temperatures.
fn temperature(canvas: &Canvas) -> Drawn {
    let scores = array![1.0, 0.2, 4.0, 2.5, -1.0, 0.0, -0.5, 3.0, 1.5, 0.5];
    let panels = canvas.split_evenly((1, 3));
    for (area, t) in panels.iter().zip([0.5, 1.0, 4.0]) {
        let mut chart = panel(
            area,
            &format!("temperature T = {t}"),
            -0.5..9.5,
            0.0..1.0,
            ("digit", ""),
        )?;
        let p = with_temperature(&scores, t);
        chart.draw_series(p.iter().enumerate().map(|(i, &p)| {
            let i = i as f64;
            Rectangle::new([(i - 0.38, 0.0), (i + 0.38, p)], BLUE.filled())
        }))?;
        let top = format!("{:.2}", p[2]);
        chart.draw_series([Text::new(
            top,
            (2.0, p[2] + 0.04),
            centred(TEXT - 6, INK),
        )])?;
    }
    Ok(())
}

/// A network that learns 500 pictures by heart.
fn by_heart(canvas: &Canvas) -> Drawn {
    let (training, validation) = Digits::handwriting(1500, 1).split_at(500);
    let recipe = Recipe { epochs: 60, rate: 0.3, patience: Some(60), ..Recipe::book() };
    let mut run = Training::new(recipe);
    let _ = run.go_on(&training, &validation, |_, _| ControlFlow::Continue(()))?;
    let (left, right) = canvas.split_horizontally(1600);
    let of = |value: fn(&Epoch) -> f64| {
        run.epochs.iter().map(move |e| (e.number as f64, value(e)))
    };
    let mut chart =
        panel(&left, "cost, 500 pictures", 0.0..60.0, 0.0..2.4, ("epoch", ""))?;
    chart.draw_series(LineSeries::new(of(|e| e.cost), BLUE.stroke_width(10)))?;
    let mut chart =
        panel(&right, "accuracy, 1,000 others", 0.0..60.0, 0.0..0.8, ("epoch", ""))?;
    chart.draw_series(LineSeries::new(of(|e| e.validation), ORANGE.stroke_width(10)))?;
    let best = run.best.iter().map(|(epoch, _)| &run.epochs[epoch - 1]);
    let ring =
        |e: &Epoch| Circle::new((e.number as f64, e.validation), 36, INK.stroke_width(8));
    chart.draw_series(best.map(ring))?;
    Ok(())
}

/// Two digits: as drawn, moved by a pixel, bent.
fn bent(canvas: &Canvas) -> Drawn {
    const PIXEL: i32 = 13;
    let cell = SIDE as i32 * PIXEL + 32;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for (row, digit) in [2, 5].into_iter().enumerate() {
        let image = handwriting::digit(digit, 1, 0);
        let x: Array1<f64> = image.iter().copied().map(ink).collect();
        for column in 0..8 {
            let how = match column {
                0 => Distortion::None,
                1 => Distortion::Shift,
                _ => Distortion::Elastic,
            };
            let shown = how.of(x.view(), &mut random);
            let shown: Vec<u8> =
                shown.iter().map(|p| (255.0 * p).round() as u8).collect();
            let corner = (10 + column * cell, 10 + row as i32 * cell);
            picture(canvas, &shown, corner, PIXEL)?;
        }
    }
    Ok(())
}

/// Accuracy on the test pictures of MNIST, epoch by epoch, over five seeds. The numbers
/// come from `images/five_seeds.csv`, which `cargo run --release --example five_seeds`
/// writes.
fn five_seeds(canvas: &Canvas) -> Drawn {
    let rows = table(include_str!("../../images/five_seeds.csv"))?;
    let last = rows.iter().map(|row| row[1]).fold(0.0, f64::max);
    let mut chart =
        panel(canvas, "", 0.5..last + 0.5, 0.90..0.97, ("epoch", "accuracy"))?;
    for seed in 1..=5 {
        let of_seed: Vec<_> =
            rows.iter().filter(|row| row[0] == f64::from(seed)).collect();
        let line = |column: usize| of_seed.iter().map(move |row| (row[1], row[column]));
        let inside = |p: &(f64, f64)| (0.90..0.97).contains(&p.1);
        chart
            .draw_series(LineSeries::new(line(4).filter(inside), BLUE.stroke_width(6)))?;
    }
    Ok(())
}
