//! Part II: being wrong, precisely, and walking downhill.

use std::f64::consts::TAU;
use std::num::ParseFloatError;

use super::asked::{Asked, sign, untaught};
use super::chart::{Axis, Chart, grid, number, with_sign};
use super::palette::{
    BLUE, CONTOUR, GREEN, GRID, INK, MUTED, ORANGE, PINK, PURPLE,
};
use super::panel::{
    Anchor, FULL, HALF, Panel, Point, dashed, signed_pictures, solid,
};
use super::table::{Panels, means, rows, table};
use super::valley::{contour, roll, valley};
use crate::backprop::cost_and_gradient;
use crate::cost::Quadratic;
use crate::gradient::{
    H, central_difference, directional_derivative, forward_difference,
    maximum,
};
use crate::gradient_descent::{bowl, bowl_gradient, descend};
use crate::pixels::{CLASSES, Digits, SIDE};
use ndarray::{Array1, Array2, array};
use wished::signed;
pub(super) use wished::{asked_of_pixels, eight_wishes, pencil, survives};

mod wished;

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

/// The accuracy after five epochs of MNIST against the learning rate. The numbers come from
/// `images/rates.csv`, which `cargo run --release --example rates` writes.
pub(super) fn rates() -> Panels {
    let rows = table(include_str!("../../images/rates.csv"))?;
    let label = |exponent| number(10_f64.powi(exponent));
    let x = Axis::decades("learning rate η", 0.002..200.0, 1, label);
    let y = Axis::linear("accuracy, validation pictures", 0.0..1.0, 0.2);
    let mut chart = Chart::new(FULL, 220.0, "", x, y);
    chart.line([(0.002, 0.1), (200.0, 0.1)], dashed(MUTED, 1.5));
    chart.text((0.0025, 0.05), "chance", Anchor::Start, MUTED);
    let seeds = || rows.iter().map(|row| (row[0], row[2]));
    chart.line(means(seeds()), solid(BLUE, 2.0));
    chart.dots(seeds(), 3.0, BLUE);
    Ok(vec![chart.panel])
}

/// Where 2 / λ lies, before training and after five epochs at three rates. The numbers come from
/// `images/sharpness.csv`, which `cargo run --release --example sharpness` writes.
pub(super) fn sharpness() -> Panels {
    let rows = table(include_str!("../../images/sharpness.csv"))?;
    let label = |exponent| number(10_f64.powi(exponent));
    let x = Axis::decades("learning rate η", 0.03..30.0, 1, label);
    let y = Axis::decades("2 / λ", 0.03..300.0, 1, label);
    let mut chart = Chart::new(FULL, 220.0, "", x, y);
    chart.line([(0.03, 0.03), (30.0, 30.0)], dashed(ORANGE, 2.0));
    chart.text((0.25, 0.1), "2 / λ = η", Anchor::Start, ORANGE);
    let at = |epoch: f64| {
        let of_epoch = rows.iter().filter(move |row| row[2] == epoch);
        of_epoch.map(|row| (row[0], 2.0 / row[3]))
    };
    let starts: Vec<f64> = at(0.0).map(|(_, border)| border).collect();
    let start = starts.iter().sum::<f64>() / starts.len() as f64;
    chart.line([(0.03, start), (30.0, start)], solid(MUTED, 1.5));
    chart.text((0.035, 0.55 * start), "before", Anchor::Start, MUTED);
    chart.dots(at(5.0), 3.2, BLUE);
    Ok(vec![chart.panel])
}

/// What a batch of digits asks of the first layer's weights before the first step.
pub(super) fn first_slopes() -> Panels {
    const CELL: usize = SIDE + 2;
    const SIZE: f64 = 2.6;
    let digits = Digits::handwriting(1000, 1);
    let all: Vec<usize> = (0..digits.len()).collect();
    let (x, y) = (digits.x(&all), digits.y(&all));
    let gradient = cost_and_gradient(&untaught(), &Quadratic, &x, &y).1;
    let asked = gradient[0].w.rows().into_iter().enumerate();
    let asked: Vec<_> = asked
        .map(|(j, slopes)| {
            let largest = maximum(slopes.iter().map(|slope| slope.abs()));
            let asked = (-1.0 / largest * &slopes).to_vec();
            (asked, (j % 4 * CELL, j / 4 * CELL))
        })
        .collect();
    let side = SIZE * (4 * CELL) as f64;
    let mut panel = Panel::new(side, side);
    signed_pictures(&mut panel, &asked, SIDE, SIZE);
    Ok(vec![panel])
}

/// The cosine between the gradient of a mini-batch and the whole one. The numbers come from
/// `images/cosines.csv`, which `cargo run --release --example cosines` writes.
pub(super) fn cosines() -> Panels {
    let csv = include_str!("../../images/cosines.csv");
    let rows: Vec<Vec<&str>> = rows(csv).skip(1).collect();
    let draw = |(cost, title, new): (&str, &str, Point)| {
        let label = |exponent| number(10_f64.powi(exponent));
        let x =
            Axis::decades("pictures in the batch", 1.0..1000.0, 1, label);
        let y = Axis::linear("cosine", 0.0..1.0, 0.2);
        let mut chart = Chart::new(HALF, 200.0, title, x, y);
        for (epochs, color) in [("0", BLUE), ("5", ORANGE)] {
            let of = |row: &&Vec<&str>| row[0] == cost && row[1] == epochs;
            let numbers = rows
                .iter()
                .filter(of)
                .map(|row| row[3..].iter().map(|n| n.parse()).collect());
            let numbers: Vec<Vec<f64>> =
                numbers.collect::<Result<_, ParseFloatError>>()?;
            let mean = |column: usize| {
                means(numbers.iter().map(|row| (row[0], row[column])))
            };
            chart.line(mean(2), solid(color, 2.0));
            chart.dots(mean(1), 3.5, color);
        }
        chart.text(new, "new network", Anchor::Start, BLUE);
        let later = (14.0, 0.05);
        chart.text(later, "after 5 epochs", Anchor::Start, ORANGE);
        Ok(chart.panel)
    };
    [
        ("quadratic", "quadratic cost", (14.0, 0.88)),
        ("softmax", "softmax, cross-entropy", (1.3, 0.42)),
    ]
    .into_iter()
    .map(draw)
    .collect()
}

/// The accuracy on the validation pictures against the pictures that were looked at, for five
/// sizes of a batch. The numbers come from `images/batches.csv`, which `cargo run --release
/// --example batches` writes.
pub(super) fn batches() -> Panels {
    let rows = table(include_str!("../../images/batches.csv"))?;
    let label = |exponent: i32| match exponent {
        3 => "1,000".into(),
        4 => "10,000".into(),
        _ => "100,000".into(),
    };
    let x = Axis::decades("pictures looked at", 400.0..6e5, 1, label);
    let y = Axis::linear("accuracy, validation pictures", 0.0..1.0, 0.2);
    let mut chart = Chart::new(FULL, 240.0, "", x, y);
    // The second line lies on the first.
    let looks = [
        (1.0, solid(BLUE, 4.5), BLUE),
        (10.0, dashed(ORANGE, 2.2), ORANGE),
        (100.0, solid(GREEN, 2.0), GREEN),
        (1000.0, dashed(PURPLE, 2.0), PURPLE),
        (50_000.0, solid(INK, 2.0), INK),
    ];
    for (m, stroke, color) in looks {
        let of_size = rows.iter().filter(|row| row[0] == m);
        let means = means(of_size.map(|row| (row[3], row[4])));
        chart.line(means.clone(), stroke);
        chart.dots(means, 3.2, color);
    }
    let names = [
        ((5.4e3, 0.54), "batches of 1", Anchor::End, BLUE),
        ((4.4e3, 0.465), "of 10 (dashed)", Anchor::End, ORANGE),
        ((1.2e4, 0.45), "of 100", Anchor::Start, GREEN),
        ((1.2e5, 0.45), "of 1,000", Anchor::Start, PURPLE),
        ((5.5e5, 0.055), "of all 50,000", Anchor::End, INK),
    ];
    for (at, words, anchor, color) in names {
        chart.text(at, words, anchor, color);
    }
    Ok(vec![chart.panel])
}

/// A path on the long valley, as far as it stays there, with the cost at its end.
fn walk(title: &str, right: f64, path: &Array2<f64>) -> Panel {
    const TALL: f64 = 3.2;
    let (lambda, start) = valley();
    let (x, y) = (
        Axis::linear("v₁", -10.0..right, 2.0),
        Axis::linear("v₂", -TALL..TALL, 1.0),
    );
    let mut chart = Chart::square(FULL, title, x, y);
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
        let border = (from.0 + part * (to.0 - from.0), TALL.copysign(to.1));
        chart.arrow(*from, border, solid(BLUE, 2.0));
    }
    chart.dots(seen, 3.0, BLUE);
    let steps = path.nrows() - 1;
    let last = bowl(&lambda, &path.row(steps).to_owned());
    let words = format!("cost after {steps} steps: {last:.3}");
    chart.panel.heading_right(&words);
    if left < points.len() {
        let words = format!("out in step {left}");
        chart.text((-1.1, 2.75), &words, Anchor::Start, INK);
    }
    chart.panel
}

/// The same bowl, three learning rates: a crawl, a good walk, and one that bounces.
pub(super) fn learning_rates() -> Panels {
    let (lambda, start) = valley();
    Ok([(0.02, "slow"), (0.15, "good"), (0.205, "diverges")]
        .map(|(eta, name)| {
            let slope = |v: &Array1<f64>| bowl_gradient(&lambda, v);
            let path = descend(slope, &start, eta, 25);
            walk(&format!("η = {eta}: {name}"), 3.0, &path)
        })
        .into())
}

/// The same bowl and one rate, with more and more momentum.
pub(super) fn momentum() -> Panels {
    let (lambda, start) = valley();
    Ok([(0.0, "none"), (0.5, "a little"), (0.9, "much")]
        .map(|(mu, name)| {
            let path = roll(&lambda, &start, 0.15, mu, 25);
            walk(&format!("μ = {mu}: {name}"), 7.0, &path)
        })
        .into())
}

/// Ten answers, and how far each of them is from what the 2 wants it to be.
pub(super) fn ten_wishes() -> Panels {
    const ROW: f64 = 22.0;
    let Asked { a, wishes, .. } = Asked::by_the_two();
    let mut panel = Panel::new(FULL, 11.0 * ROW + 26.0);
    let (left, right) = (54.0, FULL - 62.0);
    let at = |v: f64| left + v * (right - left);
    panel.text((4.0, 10.0), "output", Anchor::Start, MUTED);
    panel.text((FULL, 10.0), "wish", Anchor::End, MUTED);
    for digit in 0..CLASSES {
        let y = 26.0 + (digit as f64 + 0.5) * ROW;
        let (answer, wish) = (a[3][digit], wishes[digit]);
        let (_, color) = sign(wish);
        panel.line(&[(left, y), (right, y)], solid(GRID, 1.5));
        let name = digit.to_string();
        panel.text((24.0, y), &name, Anchor::Middle, INK);
        let from = at(answer + 0.03_f64.copysign(wish));
        panel.arrow((from, y), (at(answer + wish), y), solid(color, 2.0));
        panel.dot((at(answer), y), 4.5, INK);
        let words = with_sign(wish, 2);
        panel.text((FULL, y), &words, Anchor::End, color);
    }
    let below = 26.0 + 10.5 * ROW;
    for (v, anchor) in [(0.0, Anchor::Middle), (1.0, Anchor::Middle)] {
        panel.text((at(v), below), &number(v), anchor, MUTED);
    }
    panel.text((at(0.5), below), "answer", Anchor::Middle, MUTED);
    Ok(vec![panel])
}

/// The last layer as output 2 sees it: what it asks of its weights, and what it asks of the
/// neurons before it.
pub(super) fn two_levers() -> Panels {
    let Asked { a, levers, .. } = Asked::by_the_two();
    let weights = levers[2].weights.row(2).to_owned();
    let neurons = levers[2].biases[2] * &untaught().layers[2].w.row(2);
    let draw = |title: &str, requests: &Array1<f64>| {
        const ROW: f64 = 18.5;
        let mut panel = Panel::new(HALF, 34.0 + 16.0 * ROW);
        panel.title(title);
        let y = |k: usize| 30.0 + (k as f64 + 0.5) * ROW;
        let output = (HALF - 40.0, 30.0 + 8.0 * ROW);
        let largest = maximum(requests.iter().map(|r| r.abs()));
        for (k, &request) in requests.iter().enumerate() {
            let (_, color) = sign(request);
            let width = 0.4 + 5.0 * request.abs() / largest;
            let wire = [(78.0, y(k)), (output.0 - 14.0, output.1)];
            panel.line(&wire, solid(color, width));
        }
        for (k, &request) in requests.iter().enumerate() {
            let (sign, color) = sign(request);
            panel.neuron((70.0, y(k)), 8.0, a[2][k]);
            let size = format!("{sign}{:.3}", request.abs());
            panel.text((54.0, y(k)), &size, Anchor::End, color);
        }
        panel.ring(output, 14.0, INK);
        panel.plain(output, "2", Anchor::Middle, INK);
        panel
    };
    Ok(vec![
        draw("what 2 asks of its weights", &weights),
        draw("what 2 asks of the neurons", &neurons),
    ])
}

/// What each of the ten outputs asks of each of the 16 neurons before it, and the sums.
pub(super) fn wish_grid() -> Panels {
    let levers = Asked::by_the_two().levers.remove(2);
    let passed = levers.biases.insert_axis(ndarray::Axis(1));
    let requests = &untaught().layers[2].w * &passed;
    let (left, cell) = (56.0, (FULL - 58.0) / 16.0);
    let (top, high) = (26.0, 20.0);
    let sums = top + 10.0 * high + 12.0;
    let mut panel = Panel::new(FULL, sums + high + 22.0);
    panel.text((left - 8.0, 10.0), "output", Anchor::End, MUTED);
    let largest =
        |requests: &[f64]| maximum(requests.iter().map(|r| r.abs()));
    let mut square = |k: usize, y: f64, request: f64, scale: f64| {
        let at = (left + k as f64 * cell, y);
        signed(&mut panel, at, (cell, high), request / scale);
    };
    let scale = largest(requests.as_slice().unwrap_or(&[]));
    for ((j, k), &request) in requests.indexed_iter() {
        square(k, top + j as f64 * high, request, scale);
    }
    let scale = largest(levers.previous.as_slice().unwrap_or(&[]));
    for (k, &sum) in levers.previous.iter().enumerate() {
        square(k, sums, sum, scale);
    }
    for digit in 0..CLASSES {
        let y = top + (digit as f64 + 0.5) * high;
        let name = digit.to_string();
        panel.text((left - 8.0, y), &name, Anchor::End, INK);
    }
    let y = sums + high / 2.0;
    panel.text((left - 8.0, y), "sum", Anchor::End, INK);
    let below = (left + 8.0 * cell, sums + high + 12.0);
    panel.text(below, "the 16 hidden neurons", Anchor::Middle, MUTED);
    Ok(vec![panel])
}
