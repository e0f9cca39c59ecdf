//! Part II: being wrong, precisely, and walking downhill.

use std::f64::consts::TAU;

use ndarray::{Array1, array};

use super::chart::{Axis, Chart, grid};
use super::palette::{BLUE, CONTOUR, INK, MUTED, ORANGE, PINK, PURPLE};
use super::panel::{Anchor, FULL, HALF, Point, dashed, solid};
use super::{Panels, table};
use crate::gradient::{
    H, central_difference, directional_derivative, forward_difference,
};
use crate::gradient_descent::{bowl, bowl_gradient, descend};

/// A curve, its tangent, and the two lines that a computer can draw instead.
pub(super) fn secants() -> Panels {
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
    Ok([0.8, 0.4].map(draw).into())
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
pub(super) fn steepest() -> Panels {
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
    Ok(vec![above.panel, gained.panel])
}

/// A difference quotient: of a function, at a place, with a nudge.
type Quotient<F> = fn(fn(F) -> F, F, F) -> F;

/// The error of four difference quotients of 1/x at 1.3, against the nudge h.
pub(super) fn v_curve() -> Panels {
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
    Ok(vec![chart.panel])
}

/// The median error of the difference quotients of a whole network. The numbers come from
/// `images/nudges.csv`, which `cargo run --release --example nudges` writes.
pub(super) fn nudges() -> Panels {
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

/// The same bowl, three learning rates: a crawl, a good walk, and one that bounces.
pub(super) fn learning_rates() -> Panels {
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
    Ok([(0.02, "slow"), (0.15, "good"), (0.205, "diverges")]
        .map(draw)
        .into())
}
