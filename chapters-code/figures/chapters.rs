//! The figures of the chapters, in reading order.

use std::error::Error;
use std::f64::consts::TAU;
use std::ops::ControlFlow;

use ndarray::{Array1, array};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::charts::{
    Anchor, Axis, Chart, FULL, HALF, Panel, Point, QUARTER, THIRD, dashed,
    file, number, pictures, solid,
};
use super::palette::{
    BLUE, CONTOUR, GRID, INK, MUTED, ORANGE, PINK, PURPLE, RED,
};
#[cfg(feature = "engine")]
use super::speed;
use crate::cost::Cost;
use crate::cross_entropy::CrossEntropy;
use crate::digits::handwriting;
use crate::gradient::{
    H, central_difference, directional_derivative, forward_difference,
};
use crate::gradient_descent::{bowl, bowl_gradient, descend};
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
/// If there is no figure of that name, or its numbers cannot be read.
///
/// # Panics
/// If a value lies outside the axes of its chart.
pub fn draw(name: &str) -> Result<String, Box<dyn Error>> {
    let panels = match name {
        "digits" => digits(),
        "two" => two(),
        "half_planes" => half_planes(),
        "staircase" => staircase(),
        "activations" => activations(),
        "slopes" => slopes(),
        "secants" => secants(),
        "steepest" => steepest(),
        "v_curve" => v_curve(),
        "nudges" => nudges()?,
        "learning_rates" => learning_rates(),
        "saturation" => saturation(),
        "temperature" => temperature(),
        "by_heart" => by_heart()?,
        "bent" => bent(),
        "five_seeds" => five_seeds()?,
        #[cfg(feature = "engine")]
        "roofline" => speed::roofline()?,
        #[cfg(feature = "engine")]
        "peers" => speed::peers()?,
        #[cfg(feature = "engine")]
        "growth" => speed::growth()?,
        other => {
            return Err(format!("there is no figure named {other}").into());
        }
    };
    Ok(file(&panels))
}

/// The ink of a picture in tenths, as dark as the eye can tell.
fn tenths(image: &[u8]) -> Vec<u8> {
    image.iter().map(|&p| (10.0 * ink(p)).round() as u8).collect()
}

/// Hands that write all ten digits so that they can be read at once.
const LEGIBLE: [u64; 4] = [7, 3, 27, 14];

fn digits() -> Vec<Panel> {
    const CELL: usize = SIDE + 2;
    let mut all = vec![];
    for (row, hand) in LEGIBLE.into_iter().enumerate() {
        for digit in 0..10_u8 {
            let image = handwriting::digit(digit, 1, hand);
            all.push((
                tenths(&image),
                (usize::from(digit) * CELL, row * CELL),
            ));
        }
    }
    let mut panel =
        Panel::new((2 * 10 * CELL) as f64, (2 * 4 * CELL) as f64);
    pictures(&mut panel, &all, SIDE, 2.0);
    vec![panel]
}

/// The book's 2, and a part of it as the numbers that the machine sees.
fn two() -> Vec<Panel> {
    const FROM: (usize, usize) = (4, 13); // row, column
    const SIZE: usize = 8;
    const PIXEL: f64 = (HALF - 2.0) / SIDE as f64;
    const CELL: f64 = (HALF - 6.0) / SIZE as f64;
    let image = handwriting::the_two();
    let square = |(left, top): Point, side: f64| {
        let (right, bottom) = (left + side, top + side);
        [
            (left, top),
            (right, top),
            (right, bottom),
            (left, bottom),
            (left, top),
            (right, top),
        ]
    };
    let mut whole = Panel::new(HALF, HALF);
    pictures(&mut whole, &[(tenths(&image), (0, 0))], SIDE, PIXEL);
    whole.line(&square((0.5, 0.5), SIDE as f64 * PIXEL), solid(GRID, 1.0));
    let part = (FROM.1 as f64 * PIXEL, FROM.0 as f64 * PIXEL);
    whole.line(&square(part, SIZE as f64 * PIXEL), solid(BLUE, 2.5));

    let mut near = Panel::new(HALF, HALF);
    for row in 0..SIZE {
        for column in 0..SIZE {
            let p = ink(image[(FROM.0 + row) * SIDE + FROM.1 + column]);
            let corner =
                (3.0 + column as f64 * CELL, 3.0 + row as f64 * CELL);
            let cell = square(corner, CELL);
            // So light that the number can be read in it.
            near.area(&cell[..4], INK, 0.35 * p);
            near.line(&cell, solid(GRID, 1.0));
            let middle = (corner.0 + CELL / 2.0, corner.1 + CELL / 2.0);
            near.plain(middle, &format!("{p:.2}"), Anchor::Middle, INK);
        }
    }
    near.line(&square((3.0, 3.0), SIZE as f64 * CELL), solid(BLUE, 2.5));
    vec![whole, near]
}

/// What a single neuron can and cannot separate.
fn half_planes() -> Vec<Panel> {
    let or = StepNeuron { w: array![2.0, 2.0], b: -1.0 };
    let nand = StepNeuron::nand();
    let tables: [(&str, [f64; 4], &[&StepNeuron]); 3] = [
        ("OR", [0.0, 1.0, 1.0, 1.0], &[&or]),
        ("NAND", [1.0, 1.0, 1.0, 0.0], &[&nand]),
        ("XOR", [0.0, 1.0, 1.0, 0.0], &[&or, &nand]),
    ];
    let draw =
        |(name, wanted, neurons): (&str, [f64; 4], &[&StepNeuron])| {
            let axis = |name| Axis::linear(name, -0.5..1.5, 1.0);
            let mut chart =
                Chart::square(THIRD, name, axis("x₁"), axis("x₂"));
            for neuron in neurons {
                // w · x + b = 0, as x₂ over x₁; the side that fires is tinted.
                let line =
                    |x: f64| -(neuron.b + neuron.w[0] * x) / neuron.w[1];
                let border: Vec<Point> =
                    grid(-0.5, 1.5).map(|x| (x, line(x))).collect();
                if let [_] = neurons {
                    let edge = if neuron.w[1] > 0.0 { 1.5 } else { -0.5 };
                    let inside = border
                        .iter()
                        .map(|&(x, y)| (x, y.clamp(-0.5, 1.5)));
                    chart.area(
                        inside.chain([(1.5, edge), (-0.5, edge)]),
                        BLUE,
                        0.12,
                    );
                    chart.curve(border, solid(BLUE, 2.5));
                } else {
                    chart.curve(border, dashed(RED, 2.0));
                }
            }
            let points = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)];
            for (point, wanted) in points.into_iter().zip(wanted) {
                let color = if wanted == 1.0 { BLUE } else { ORANGE };
                chart.rings([point], 11.0, color);
                chart.text(point, &number(wanted), Anchor::Middle, color);
            }
            chart.panel
        };
    tables.into_iter().map(draw).collect()
}

/// The lines of a chart: where z runs, in steps that no eye can see.
fn grid(from: f64, to: f64) -> impl Iterator<Item = f64> + Clone {
    (0..=200).map(move |i| from + (to - from) * f64::from(i) / 200.0)
}

/// How wrong a neuron is that looks for the foot of a 2, as its bias moves: counted in
/// mistakes, and as a sum of squares behind a sigmoid.
fn staircase() -> Vec<Panel> {
    const BIASES: (f64, f64) = (-4.0, 2.0);
    let digits = Digits::handwriting(200, 1);
    let shown: Vec<usize> = (0..digits.len())
        .filter(|&i| [2, 7].contains(&digits.labels[i]))
        .collect();
    let sums = digits.x(&shown).dot(&stroke_template(20, 6..20));
    let wanted = shown
        .iter()
        .map(|&i| if digits.labels[i] == 2 { 1.0 } else { 0.0 });
    let wanted: Array1<f64> = wanted.collect();
    let wrong = |f: fn(f64) -> f64, b: f64| {
        (sums.mapv(|z| f(z + b)) - &wanted)
            .mapv(|error| error * error)
            .sum()
    };
    let mut chart = Chart::new(
        FULL,
        210.0,
        "",
        Axis::linear("bias b", BIASES.0..BIASES.1, 1.0),
        Axis::linear("how wrong, over 40 pictures", 0.0..28.0, 5.0),
    );
    // Enough points that a stair is upright.
    let biases = (0..=3000)
        .map(|i| BIASES.0 + (BIASES.1 - BIASES.0) * f64::from(i) / 3000.0);
    chart.line(
        biases.clone().map(|b| (b, wrong(step, b))),
        solid(ORANGE, 2.0),
    );
    chart.line(
        biases.step_by(10).map(|b| (b, wrong(sigmoid, b))),
        solid(BLUE, 2.5),
    );
    chart.text((-3.7, 20.5), "step: mistakes", Anchor::Start, ORANGE);
    chart.text((-3.7, 7.2), "sigmoid: sum of squares", Anchor::Start, BLUE);
    vec![chart.panel]
}

fn activations() -> Vec<Panel> {
    let drawn = [
        ("step", None),
        ("sigmoid σ", Some(Activation::Sigmoid)),
        ("tanh", Some(Activation::Tanh)),
        ("ReLU", Some(Activation::Relu)),
        ("leaky ReLU", Some(Activation::LeakyRelu)),
        ("softplus", Some(Activation::Softplus)),
    ];
    let draw = |(name, f): (&str, Option<Activation>)| {
        let (y, step) = match f {
            None | Some(Activation::Sigmoid | Activation::Tanh) => {
                (-1.2..1.2, 1.0)
            }
            _ => (-1.0..4.0, 1.0),
        };
        let (x, y) =
            (Axis::linear("z", -4.0..4.0, 2.0), Axis::linear("", y, step));
        let mut chart = Chart::new(THIRD, 110.0, name, x, y);
        // A jump is no part of a graph: left and right of 0 apart.
        let halves = [(-4.0, -1e-9), (1e-9, 4.0)];
        let value =
            |z: f64| f.as_ref().map_or(crate::neuron::step(z), |f| f.of(z));
        let slope = |z: f64| f.as_ref().map_or(0.0, |f| f.prime(z));
        for (from, to) in halves {
            chart.curve(
                grid(from, to).map(|z| (z, value(z))),
                solid(BLUE, 2.5),
            );
        }
        for (from, to) in halves {
            chart.curve(
                grid(from, to).map(|z| (z, slope(z))),
                dashed(ORANGE, 2.0),
            );
        }
        if let Some(leaky @ Activation::LeakyRelu) = f {
            // What is left of 0 could not be told from 0.
            const HIGHER: f64 = 25.0;
            let inset = |z: f64| (z, 2.4 + HIGHER * leaky.of(z));
            chart.text((-4.0, 3.6), "25 times", Anchor::Start, MUTED);
            chart.line([(-4.0, 2.4), (0.0, 2.4)], solid(MUTED, 1.0));
            chart.line([-4.0, 0.0].map(inset), solid(BLUE, 2.5));
        }
        chart.panel
    };
    drawn.into_iter().map(draw).collect()
}

/// σ′ and where it all but vanishes.
fn slopes() -> Vec<Panel> {
    let x = Axis::linear("z", -10.0..10.0, 5.0);
    let mut chart =
        Chart::new(FULL, 190.0, "", x, Axis::linear("", 0.0..1.05, 0.25));
    // σ′ < 0.01 beyond this z: a(1 − a) = 0.01 has the roots a = ½ ± √0.24.
    let a: f64 = 0.5 + 0.24_f64.sqrt();
    let edge = (a / (1.0 - a)).ln();
    for (from, to) in [(-10.0, -edge), (edge, 10.0)] {
        chart.bar((from, 0.0), (to, 1.05), MUTED, 0.14);
        let middle = (from + to) / 2.0;
        chart.text((middle, 0.66), "slope", Anchor::Middle, INK);
        chart.text((middle, 0.56), "under 0.01", Anchor::Middle, INK);
    }
    chart
        .line(grid(-10.0, 10.0).map(|z| (z, sigmoid(z))), solid(BLUE, 2.5));
    chart.line(
        grid(-10.0, 10.0).map(|z| (z, sigmoid_prime(z))),
        dashed(ORANGE, 2.5),
    );
    chart.text((0.2, 0.84), "σ(z)", Anchor::End, BLUE);
    chart.text((0.9, 0.31), "σ′(z) ≤ ¼", Anchor::Start, ORANGE);
    vec![chart.panel]
}

/// A curve, its tangent, and the two lines that a computer can draw instead.
fn secants() -> Vec<Panel> {
    const AT: f64 = 1.0;
    let f = |x: f64| (0.9 * x).exp() / 3.0;
    let slope = 0.9 * f(AT);
    let draw = |h: f64| {
        let axis = |name| Axis::linear(name, 0.0..2.2, 1.0);
        let title = format!("h = {h}");
        let mut chart =
            Chart::square(HALF, &title, axis("x"), axis("f(x)"));
        let line = |slope: f64, through: Point| {
            grid(0.0, 2.2)
                .map(move |x| (x, through.1 + slope * (x - through.0)))
        };
        chart.curve(grid(0.0, 2.2).map(|x| (x, f(x))), solid(INK, 2.5));
        let at = (AT, f(AT));
        chart.curve(line(slope, at), solid(MUTED, 1.5));
        let lines = [
            ("forward", forward_difference(f, AT, h), at, ORANGE),
            (
                "central",
                central_difference(f, AT, h),
                (AT - h, f(AT - h)),
                BLUE,
            ),
        ];
        for (_, slope, through, color) in lines {
            chart.curve(line(slope, through), dashed(color, 2.2));
        }
        let ahead = (AT + h, f(AT + h));
        chart.rings([ahead], 7.0, BLUE);
        chart.dots([at, ahead], 4.5, ORANGE);
        chart.dots([(AT - h, f(AT - h))], 4.5, BLUE);
        chart.text((0.06, 2.1), "slopes:", Anchor::Start, INK);
        let tangent = ("tangent", slope, at, MUTED);
        for ((name, slope, _, color), row) in
            [tangent].into_iter().chain(lines).zip([1.96, 1.82, 1.68])
        {
            let words = format!("{name} {slope:.3}");
            chart.text((0.06, row), &words, Anchor::Start, color);
        }
        chart.panel
    };
    [0.8, 0.4].map(draw).into()
}

/// A contour line of ½ Σ λᵢ xᵢ², once around.
fn contour(
    lambda: &Array1<f64>,
    level: f64,
) -> impl Iterator<Item = Point> {
    let radius = [0, 1].map(|i| (2.0 * level / lambda[i]).sqrt());
    let around = (0..=240).map(|i| TAU * f64::from(i) / 240.0);
    around.map(move |t| (radius[0] * t.cos(), radius[1] * t.sin()))
}

/// The same point of a bowl from above, with steps of one length in every direction, and
/// what each of them gains.
fn steepest() -> Vec<Panel> {
    const STEPS: i32 = 16;
    let lambda = array![1.0, 3.0];
    let at = array![2.0, 0.8];
    let gradient = bowl_gradient(&lambda, &at);
    let length = gradient.dot(&gradient).sqrt();
    let uphill = gradient[1].atan2(gradient[0]);
    let (x, y) = (
        Axis::linear("x₁", 0.4..3.6, 1.0),
        Axis::linear("x₂", -0.6..2.2, 1.0),
    );
    let mut above =
        Chart::square(HALF, "from above: steps of length 1", x, y);
    for level in (1..=12).map(f64::from) {
        above.curve(contour(&lambda, level), solid(CONTOUR, 1.2));
    }
    let centre = (at[0], at[1]);
    let angle = |i: i32| TAU * f64::from(i) / f64::from(STEPS);
    let end =
        |t: f64| (at[0] + (uphill + t).cos(), at[1] + (uphill + t).sin());
    let look = |i: i32| match i {
        0 => (BLUE, 3.5),
        i if i == STEPS / 2 => (ORANGE, 3.5),
        _ => (INK, 1.2),
    };
    // From −180° to 180°, where the last is the step that goes straight down.
    let steps =
        || (1 - STEPS / 2..=STEPS / 2).filter(|&i| i != 0).chain([0]);
    for i in steps() {
        let (color, width) = look(i);
        above.arrow(centre, end(angle(i)), solid(color, width));
    }
    above.dots([centre], 4.0, INK);
    let name = (end(0.0).0 + 0.06, end(0.0).1 + 0.1);
    above.text(name, "along ∇f", Anchor::Start, BLUE);
    let name = (end(TAU / 2.0).0 - 0.03, end(TAU / 2.0).1 - 0.15);
    above.text(name, "against ∇f", Anchor::Middle, ORANGE);

    let degrees = |t: f64| 360.0 * t / TAU;
    let mut gained = Chart::new(
        HALF,
        230.0,
        "slope of f along each of them",
        Axis::linear("angle θ to ∇f, in degrees", -180.0..180.0, 90.0),
        Axis::linear("", -4.0..4.0, 1.0),
    );
    let along = |t: f64| {
        let v = array![(uphill + t).cos(), (uphill + t).sin()];
        directional_derivative(|x| bowl(&lambda, x), &at, &v)
    };
    let curve =
        grid(-TAU / 2.0, TAU / 2.0).map(|t| (degrees(t), length * t.cos()));
    gained.line(curve, solid(CONTOUR, 3.0));
    for i in steps() {
        let (color, width) = look(i);
        gained.dots(
            [(degrees(angle(i)), along(angle(i)))],
            3.5 + width / 2.0,
            color,
        );
    }
    let most = format!("‖∇f‖ = {length:.2}");
    gained.text((18.0, length + 0.35), &most, Anchor::Start, BLUE);
    vec![above.panel, gained.panel]
}

/// A difference quotient: of a function, at a place, with a nudge.
type Quotient<F> = fn(fn(F) -> F, F, F) -> F;

/// The error of four difference quotients of 1/x at 1.3, against the nudge h.
fn v_curve() -> Vec<Panel> {
    const LEAST: f64 = 1e-13;
    let exact = -1.0 / (1.3_f64 * 1.3);
    let exponents = |to: i32| {
        (0..=4 * to).map(|quarter| 10_f64.powf(-f64::from(quarter) / 4.0))
    };
    let error = |slope: f64| ((slope - exact) / exact).abs().max(LEAST);
    let f64_lines = |rule: Quotient<f64>| -> Vec<Point> {
        exponents(16)
            .map(|h| (h, error(rule(|x| 1.0 / x, 1.3, h))))
            .collect()
    };
    // Relative to the derivative at 1.3 and not at the f32 next to it, which differs in the 8th digit.
    let f32_lines = |rule: Quotient<f32>| -> Vec<Point> {
        let slope = |h: f64| f64::from(rule(|x| 1.0 / x, 1.3, h as f32));
        exponents(8).map(|h| (h, error(slope(h)))).collect()
    };
    let forward = ("forward", dashed as fn(_, _) -> _);
    let central = ("central", solid as fn(_, _) -> _);
    let lines = [
        (
            central,
            "f32",
            f32_lines(central_difference),
            ORANGE,
            (3.0e-6, 4.0e-1),
        ),
        (
            forward,
            "f32",
            f32_lines(forward_difference),
            PINK,
            (1.0e-8, 1.2e1),
        ),
        (
            central,
            "f64",
            f64_lines(central_difference),
            BLUE,
            (1.0e-5, 3.0e-12),
        ),
        (
            forward,
            "f64",
            f64_lines(forward_difference),
            PURPLE,
            (2.0e-13, 1.0e-9),
        ),
    ];
    let x = Axis::powers("nudge h", 1e-16..1.0, 4);
    let y = Axis::powers("relative error of the slope", LEAST..1e2, 2);
    let mut chart = Chart::new(FULL, 280.0, "", x, y);
    for ((rule, stroke), precision, line, color, at) in lines {
        chart.line(line, stroke(color, 2.2));
        chart.text(
            at,
            &format!("{rule}, {precision}"),
            Anchor::Start,
            color,
        );
    }
    vec![chart.panel]
}

/// The median error of the difference quotients of a whole network. The numbers come from
/// `images/nudges.csv`, which `cargo run --release --example nudges` writes.
fn nudges() -> Result<Vec<Panel>, Box<dyn Error>> {
    let rows = table(include_str!("../../images/nudges.csv"))?;
    let x = Axis::powers("nudge h", 1e-12..1.0, 2);
    let y =
        Axis::powers("median relative error of 200 slopes", 1e-10..10.0, 2);
    let mut chart = Chart::new(FULL, 240.0, "", x, y);
    chart.line([(H, 1e-10), (H, 10.0)], dashed(MUTED, 1.5));
    let lines = [
        ("f32", 1, ORANGE, (4.0e-3, 1.5e-1)),
        ("f64", 2, BLUE, (1.0e-8, 2.0e-4)),
    ];
    for (name, column, color, at) in lines {
        let line: Vec<_> =
            rows.iter().map(|row| (row[0], row[column])).collect();
        chart.line(line.clone(), solid(color, 2.0));
        chart.dots(line, 2.5, color);
        chart.text(at, name, Anchor::Start, color);
    }
    chart.text((H * 0.6, 3e-2), "h = 6 · 10⁻⁶", Anchor::End, INK);
    Ok(vec![chart.panel])
}

/// The rows of numbers of a CSV file with one line of headings.
fn table(csv: &str) -> Result<Vec<Vec<f64>>, std::num::ParseFloatError> {
    csv.lines()
        .skip(1)
        .map(|line| line.split(',').map(str::parse).collect())
        .collect()
}

/// The same bowl, three learning rates: a crawl, a good walk, and one that bounces.
fn learning_rates() -> Vec<Panel> {
    const STEPS: usize = 25;
    const TALL: f64 = 3.2;
    let lambda = array![1.0, 10.0];
    let start = array![-9.0, 2.2];
    let draw = |(eta, name): (f64, &str)| {
        let path =
            descend(|v| bowl_gradient(&lambda, v), &start, eta, STEPS);
        let last = bowl(&lambda, &path.row(STEPS).to_owned());
        let (x, y) = (
            Axis::linear("v₁", -10.0..3.0, 2.0),
            Axis::linear("v₂", -TALL..TALL, 1.0),
        );
        let title = format!("η = {eta}: {name}");
        let mut chart = Chart::square(FULL, &title, x, y);
        // That of the start as well, which the first step leaves at a right angle.
        for level in [0.5, 4.0, 12.0, 25.0, 45.0, bowl(&lambda, &start)] {
            chart.curve(contour(&lambda, level), solid(CONTOUR, 1.2));
        }
        let points: Vec<Point> =
            path.rows().into_iter().map(|v| (v[0], v[1])).collect();
        let left = points
            .iter()
            .position(|p| p.1.abs() > TALL)
            .unwrap_or(points.len());
        let seen = points[..left].to_vec();
        chart.line(seen.clone(), solid(BLUE, 2.0));
        if let (Some(from), Some(to)) = (seen.last(), points.get(left)) {
            // Out over the border, as far as it can be seen.
            let part = (TALL.copysign(to.1) - from.1) / (to.1 - from.1);
            let border =
                (from.0 + part * (to.0 - from.0), TALL.copysign(to.1));
            chart.arrow(*from, border, solid(BLUE, 2.0));
        }
        chart.dots(seen, 3.0, BLUE);
        let words = format!("cost after {STEPS} steps: {last:.3}");
        chart.panel.heading_right(&words);
        if left < points.len() {
            chart.text(
                (-1.1, 2.75),
                &format!("out in step {left}"),
                Anchor::Start,
                INK,
            );
        }
        chart.panel
    };
    [(0.02, "slow"), (0.15, "good"), (0.205, "diverges")].map(draw).into()
}

/// One neuron with one input, x = 1, that should answer 0: the answer while it learns.
fn saturation() -> Vec<Panel> {
    const ETA: f64 = 0.15;
    const STEPS: usize = 300;
    let x = Axis::linear("step", 0.0..STEPS as f64, 100.0);
    let y = Axis::linear("answer a, wanted 0", 0.0..1.05, 0.25);
    let mut chart = Chart::new(FULL, 210.0, "", x, y);
    for (start, stroke) in [(1.5, solid as fn(_, _) -> _), (4.0, dashed)] {
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
            chart.line(line, stroke(color, 2.2));
        }
    }
    chart.text((215.0, 0.84), "quadratic cost", Anchor::Start, ORANGE);
    chart.text((165.0, 0.07), "cross-entropy", Anchor::Start, BLUE);
    vec![chart.panel]
}

/// The same ten scores as shares, at three temperatures.
fn temperature() -> Vec<Panel> {
    let scores = array![1.0, 0.2, 4.0, 2.5, -1.0, 0.0, -0.5, 3.0, 1.5, 0.5];
    let bars = |title: &str,
                y: Axis,
                values: &Array1<f64>,
                digits: usize| {
        let x = Axis::linear("digit", -0.5..9.5, 1.0);
        let mut chart = Chart::new(QUARTER, 120.0, title, x, y);
        for (i, &v) in values.iter().enumerate() {
            chart.bar(
                (i as f64 - 0.38, 0.0),
                (i as f64 + 0.38, v),
                BLUE,
                1.0,
            );
        }
        let top = chart.at((2.0, values[2]));
        let words = format!("{:.digits$}", values[2]);
        chart.panel.text((top.0, top.1 - 9.0), &words, Anchor::Middle, INK);
        chart.panel
    };
    let mut panels = vec![bars(
        "scores z",
        Axis::linear("", -1.0..5.0, 1.0),
        &scores,
        0,
    )];
    panels.extend([0.5, 1.0, 4.0].map(|t| {
        let p = with_temperature(&scores, t);
        bars(
            &format!("shares at T = {t}"),
            Axis::linear("", 0.0..1.05, 0.5),
            &p,
            2,
        )
    }));
    panels
}

/// A network that learns 500 pictures by heart.
fn by_heart() -> Result<Vec<Panel>, Box<dyn Error>> {
    let (training, validation) = Digits::handwriting(1500, 1).split_at(500);
    let recipe = Recipe {
        epochs: 60,
        rate: 0.3,
        patience: Some(60),
        ..Recipe::book()
    };
    let mut run = Training::new(recipe);
    let _ = run
        .go_on(&training, &validation, |_, _| ControlFlow::Continue(()))?;
    let of = |value: fn(&Epoch) -> f64| -> Vec<Point> {
        run.epochs
            .iter()
            .map(|e| (f64::from(e.number as u32), value(e)))
            .collect()
    };
    let epochs = || Axis::linear("epoch", 0.0..60.0, 20.0);
    let y = Axis::linear("", 0.0..2.4, 0.5);
    let mut cost =
        Chart::new(HALF, 190.0, "cost of the 500 pictures", epochs(), y);
    cost.line(of(|e| e.cost), solid(BLUE, 2.5));
    let y = Axis::linear("", 0.0..0.8, 0.2);
    let mut accuracy =
        Chart::new(HALF, 190.0, "accuracy on 1,000 others", epochs(), y);
    let best = run.best.iter().map(|(epoch, _)| &run.epochs[epoch - 1]);
    accuracy.rings(best.map(|e| (e.number as f64, e.validation)), 9.0, INK);
    accuracy.line(of(|e| e.validation), solid(ORANGE, 2.5));
    Ok(vec![cost.panel, accuracy.panel])
}

/// Two digits: as drawn, moved by a pixel, bent.
fn bent() -> Vec<Panel> {
    const CELL: usize = SIDE + 2;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut all = vec![];
    for (row, digit) in [2, 5].into_iter().enumerate() {
        let image = handwriting::digit(digit, 1, LEGIBLE[0]);
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
            all.push((tenths(&shown), (column * CELL, row * CELL)));
        }
    }
    let mut panel =
        Panel::new(2.5 * (8 * CELL) as f64, 2.5 * (2 * CELL) as f64);
    pictures(&mut panel, &all, SIDE, 2.5);
    vec![panel]
}

/// Accuracy on the test pictures of MNIST, epoch by epoch, over five seeds. The numbers
/// come from `images/five_seeds.csv`, which `cargo run --release --example five_seeds`
/// writes.
fn five_seeds() -> Result<Vec<Panel>, Box<dyn Error>> {
    const TEST: usize = 4;
    let rows = table(include_str!("../../images/five_seeds.csv"))?;
    let last = rows.iter().map(|row| row[1]).fold(0.0, f64::max);
    let least = rows.iter().map(|row| row[TEST]).fold(1.0, f64::min);
    let most = rows.iter().map(|row| row[TEST]).fold(0.0, f64::max);
    let x = Axis::linear("epoch", 0.0..last, 5.0);
    let y = Axis::linear(
        "accuracy on the test pictures",
        least - 0.005..most + 0.005,
        0.01,
    );
    let mut chart = Chart::new(FULL, 210.0, "", x, y);
    for seed in 1..=5 {
        let of_seed = rows.iter().filter(|row| row[0] == f64::from(seed));
        chart.line(
            of_seed.map(|row| (row[1], row[TEST])),
            solid(CONTOUR, 1.2),
        );
    }
    let mean = (1..=last as u32).map(f64::from).map(|epoch| {
        let seeds =
            rows.iter().filter(|row| row[1] == epoch).map(|row| row[TEST]);
        (epoch, seeds.clone().sum::<f64>() / seeds.count() as f64)
    });
    let mean: Vec<Point> = mean.collect();
    chart.line(mean.clone(), solid(BLUE, 3.0));
    let (x, y) = mean[mean.len() / 2];
    chart.text((x, y - 0.01), "mean of five seeds", Anchor::Start, BLUE);
    Ok(vec![chart.panel])
}
