//! Part I: a network is just a function.

use ndarray::{Array1, array};

use super::chart::{Axis, Chart, grid, number};
use super::palette::{BLUE, GRID, INK, MUTED, ORANGE, RED};
use super::panel::{
    Anchor, FULL, HALF, Panel, Point, THIRD, dashed, pictures, solid,
};
use super::table::Panels;
use crate::digits::handwriting;
use crate::neuron::{StepNeuron, step, stroke_template};
use crate::pixels::{Digits, SIDE, ink};
use crate::sigmoid::{Activation, sigmoid, sigmoid_prime};

/// Hands that write all ten digits so that they can be read at once.
const LEGIBLE: [u64; 4] = [7, 3, 27, 14];

pub(super) fn digits() -> Panels {
    const CELL: usize = SIDE + 2;
    let mut all = vec![];
    for (row, hand) in LEGIBLE.into_iter().enumerate() {
        for digit in 0..10_u8 {
            let image = handwriting::digit(digit, 1, hand);
            all.push((image, (usize::from(digit) * CELL, row * CELL)));
        }
    }
    let mut panel =
        Panel::new((2 * 10 * CELL) as f64, (2 * 4 * CELL) as f64);
    pictures(&mut panel, &all, SIDE, 2.0);
    Ok(vec![panel])
}

/// The book's 2, and a part of it as the numbers that the machine sees.
pub(super) fn two() -> Panels {
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
    pictures(&mut whole, &[(image, (0, 0))], SIDE, PIXEL);
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
    Ok(vec![whole, near])
}

/// What a single neuron can and cannot separate.
pub(super) fn half_planes() -> Panels {
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
    Ok(tables.into_iter().map(draw).collect())
}

/// How wrong a neuron is that looks for the foot of a 2, as its bias moves: counted in
/// mistakes, and as a sum of squares behind a sigmoid.
pub(super) fn staircase() -> Panels {
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
    Ok(vec![chart.panel])
}

pub(super) fn activations() -> Panels {
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
            let frame = [(-4.0, 2.1), (0.2, 2.1), (0.2, 4.0), (-4.0, 4.0)];
            chart
                .line([0, 1, 2, 3, 0].map(|i| frame[i]), solid(MUTED, 1.0));
            chart.text((-3.8, 3.5), "25 times", Anchor::Start, MUTED);
            chart.line([(-4.0, 2.4), (0.0, 2.4)], solid(MUTED, 1.0));
            chart.line([-4.0, 0.0].map(inset), solid(BLUE, 2.5));
        }
        chart.panel
    };
    Ok(drawn.into_iter().map(draw).collect())
}

/// σ′ and where it all but vanishes.
pub(super) fn slopes() -> Panels {
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

    let x = Axis::linear("z", -10.0..10.0, 5.0);
    let y = Axis::powers("", 1e-5..1.0, 1);
    let mut fine = Chart::new(FULL, 150.0, "", x, y);
    for side in [-1.0, 1.0] {
        let line = [0.0, 10.0].map(|z: f64| (side * z, (-z).exp()));
        fine.line(line, dashed(MUTED, 1.5));
    }
    let slopes = grid(-10.0, 10.0).map(|z| (z, sigmoid_prime(z)));
    fine.line(slopes, solid(ORANGE, 2.5));
    fine.text((0.0, 0.04), "σ′(z)", Anchor::Middle, ORANGE);
    Ok(vec![chart.panel, fine.panel])
}

/// σ(wx + b): what the weight does to it, and what the bias does.
pub(super) fn steeper() -> Panels {
    let draw = |title: &str, curves: [(f64, f64, &str, Point); 3]| {
        let x = Axis::linear("x", -2.0..4.0, 1.0);
        let y = Axis::linear("", 0.0..1.1, 0.5);
        let mut chart = Chart::new(HALF, 170.0, title, x, y);
        let colors = [ORANGE, BLUE, RED];
        for ((w, b, words, at), color) in curves.into_iter().zip(colors) {
            let points = (0..=600).map(|i| -2.0 + f64::from(i) / 100.0);
            let curve = points.map(|x| (x, sigmoid(w * x + b)));
            chart.line(curve, solid(color, 2.4));
            chart.text(at, words, Anchor::Start, color);
        }
        chart.panel
    };
    Ok(vec![
        draw(
            "b = 0",
            [
                (1.0, 0.0, "w = 1", (1.6, 0.72)),
                (4.0, 0.0, "w = 4", (0.75, 0.87)),
                (16.0, 0.0, "w = 16", (0.25, 0.3)),
            ],
        ),
        draw(
            "w = 4",
            [
                (4.0, 0.0, "b = 0", (-1.1, 0.6)),
                (4.0, -4.0, "−4", (0.42, 0.75)),
                (4.0, -8.0, "−8", (2.2, 0.4)),
            ],
        ),
    ])
}
