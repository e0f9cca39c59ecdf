//! Chapter 10: the three factors of a weight's derivative, and the rules that share them.

use ndarray::{Array1, Array2, Axis as Along, array, concatenate};

use super::chart::{Axis, Chart, grid, number, short, with_sign};
use super::palette::{BLUE, CONTOUR, GREEN, GRID, INK, MUTED, ORANGE, Rgb};
use super::panel::{
    Anchor, FULL, LINE, Panel, Point, QUARTER, Stroke, dashed, rectangle,
    solid,
};
use super::table::Panels;
use crate::gradient::random_point;
use crate::neuron::StepNeuron;
use crate::perceptron::Perceptron;
use crate::sigmoid::Activation::{self, Identity, Sigmoid};
use crate::sigmoid::{sigmoid, sigmoid_prime};

/// The neuron of the chapter, with another bias where it should stand elsewhere.
fn neuron(b: f64) -> Perceptron {
    Perceptron { w: array![0.3, -0.2], b, activation: Sigmoid }
}

/// What the bias must be for that sum.
fn bias_for(p: &Perceptron, x: &Array1<f64>, z: f64) -> f64 {
    z - p.w.dot(x)
}

/// Difference, slope and input of a neuron at an example, along weight `k`.
fn factors(p: &Perceptron, x: &Array1<f64>, t: f64, k: usize) -> [f64; 3] {
    [p.output(x) - t, p.activation.prime(p.weighted_sum(x)), x[k]]
}

/// The way from each weight to the cost, and the three slopes on it, each at its own curve.
pub(super) fn links() -> Panels {
    const NODES: f64 = 84.0;
    const GRAPH: (f64, f64) = (150.0, 88.0);
    let (p, x, t) = (neuron(0.1), array![1.0, 0.5], 1.0);
    let (z, o) = (p.weighted_sum(&x), p.output(&x));
    let [difference, slope, input] = factors(&p, &x, t, 0);
    let mut panel = Panel::new(FULL, 440.0);
    let tops = [18.0, 134.0, 252.0, 370.0];
    // The wires, each with its slope.
    let ends = [20.0, NODES, 148.0];
    for (i, left) in ends.into_iter().enumerate() {
        let (from, to) = ((left, tops[0] + 18.0), (NODES, tops[1] - 18.0));
        panel.arrow(from, to, solid(BLUE, if i == 0 { 2.6 } else { 1.2 }));
        let (part, words) = [(0.3, "x₁"), (0.3, "x₂"), (0.3, "1")][i];
        let at = (
            from.0 + part * (to.0 - from.0),
            from.1 + part * (to.1 - from.1),
        );
        panel.text(at, words, Anchor::Middle, BLUE);
    }
    for (i, (value, color)) in
        [(slope, GREEN), (difference, ORANGE)].into_iter().enumerate()
    {
        let (from, to) = (tops[i + 1] + 18.0, tops[i + 2] - 18.0);
        panel.arrow((NODES, from), (NODES, to), solid(color, 2.6));
        let at = (NODES, 0.45 * from + 0.55 * to - 4.0);
        let words = if i == 0 {
            format!("{value:.3}")
        } else {
            with_sign(value, 3)
        };
        panel.text(at, &words, Anchor::Middle, color);
    }
    // What stands in the nodes, and beside them their values.
    let mut node = |at: Point, letter: &str, below: &str| {
        panel.ring(at, 16.0, INK);
        panel.symbol(at, letter, below, Anchor::Middle, INK);
    };
    node((20.0, tops[0]), "w", "1");
    node((NODES, tops[0]), "w", "2");
    node((148.0, tops[0]), "b", "");
    node((NODES, tops[1]), "z", "");
    node((NODES, tops[2]), "O", "");
    node((NODES, tops[3]), "E", "");
    let below = |row: usize, value: f64| (row, format!("{value:.3}"));
    for (row, words) in [below(1, z), below(2, o), below(3, p.error(&x, t))]
    {
        let at = (NODES - 22.0, tops[row]);
        panel.text(at, &words, Anchor::End, INK);
    }
    // The curve of each link, with its tangent where the neuron stands.
    type Curve<'a> = Box<dyn Fn(f64) -> f64 + 'a>;
    let curves: [(Curve, [f64; 4], f64, f64, &str, &str, Rgb); 3] = [
        (
            Box::new(|w| w - 0.1 + 0.1),
            [-0.8, 1.4, -0.8, 1.4],
            p.w[0],
            input,
            "w₁",
            "z",
            BLUE,
        ),
        (
            Box::new(sigmoid),
            [-5.0, 5.0, -0.05, 1.1],
            z,
            slope,
            "z",
            "O",
            GREEN,
        ),
        (
            Box::new(|o| 0.5 * (o - t).powi(2)),
            [-0.1, 1.1, -0.07, 0.62],
            o,
            difference,
            "O",
            "E",
            ORANGE,
        ),
    ];
    for (i, (f, range, at, slope, across, up, color)) in
        curves.into_iter().enumerate()
    {
        let top = (tops[i] + tops[i + 1]) / 2.0 - 38.0;
        let place = |(h, v): Point| {
            (
                GRAPH.0
                    + 12.0
                    + (h - range[0]) / (range[1] - range[0]) * GRAPH.1,
                top + 80.0 - (v - range[2]) / (range[3] - range[2]) * 80.0,
            )
        };
        let floor = range[2];
        let corner = place((range[0], floor));
        let (right, high) =
            (place((range[1], floor)), place((range[0], range[3])));
        panel.line(&[high, corner, right], solid(MUTED, 1.0));
        let curve: Vec<Point> =
            grid(range[0], range[1]).map(|v| place((v, f(v)))).collect();
        panel.line(&curve, solid(INK, 1.6));
        let reach = 0.24 * (range[1] - range[0]);
        let tangent =
            [-reach, reach].map(|d| place((at + d, f(at) + slope * d)));
        panel.line(&tangent, solid(color, 3.0));
        panel.dot(place((at, f(at))), 4.0, color);
        panel.text((high.0 + 8.0, high.1 - 4.0), up, Anchor::Start, MUTED);
        panel.text((right.0, right.1 + 9.0), across, Anchor::End, MUTED);
    }
    // The names of the factors, beside their curves.
    for (i, (name, value, color)) in [
        ("input", format!("x₁ = {}", number(input)), BLUE),
        ("slope", format!("{slope:.3}"), GREEN),
        ("difference", format!("{difference:.3}"), ORANGE),
    ]
    .into_iter()
    .enumerate()
    {
        let y = (tops[i] + tops[i + 1]) / 2.0 - 8.0;
        let left = 260.0;
        panel.words(
            (left, y),
            name,
            Anchor::Start,
            color,
            0.0,
            Some("600"),
        );
        let value = value.replace('-', "−");
        panel.text((left, y + LINE), &value, Anchor::Start, color);
    }
    let product = difference * slope * input;
    let words = format!(
        "along w₁: {difference:.3} · {slope:.3} · {} = {product:.3}",
        number(input)
    );
    let words = words.replace('-', "−");
    panel.text((FULL / 2.0, 424.0), &words, Anchor::Middle, INK);
    Ok(vec![panel])
}

/// The three factors as bars on a logarithmic axis, where a product is a sum of lengths.
pub(super) fn tens() -> Panels {
    const LEFT: f64 = 6.0;
    const TEN: f64 = 54.0;
    const TOP: f64 = 30.0;
    const ROW: f64 = 44.0;
    const TENS: i32 = 6;
    let usual = array![1.0, 0.5];
    let at = |z: f64, x: &Array1<f64>| {
        let p = neuron(0.1);
        (neuron(bias_for(&p, x, z)), x.clone())
    };
    let rows = [
        ("the example", neuron(0.1), usual.clone()),
        ("answer ⅓", at((0.5_f64).ln(), &usual).0, usual.clone()),
        ("saturated and wrong", at(-6.0, &usual).0, usual.clone()),
        ("right", at(6.0, &usual).0, usual.clone()),
        ("a faint pixel", neuron(0.1), array![1.0 / 255.0, 0.5]),
    ];
    let tall = TOP + ROW * rows.len() as f64;
    let mut panel = Panel::new(FULL, tall + LINE + 8.0);
    let mut left = 0.0;
    for (name, color) in
        [("difference", ORANGE), ("slope", GREEN), ("input", BLUE)]
    {
        panel.area(&rectangle((left, 2.0), 12.0, 12.0), color, 1.0);
        panel.text((left + 18.0, 8.0), name, Anchor::Start, INK);
        left += 28.0 + 8.3 * name.len() as f64;
    }
    for exponent in 0..=TENS {
        let x = LEFT + TEN * f64::from(exponent);
        panel.line(&[(x, TOP - 4.0), (x, tall)], solid(GRID, 1.0));
        let label = match exponent {
            0 => "1".into(),
            e => format!(
                "10⁻{}",
                ["¹", "²", "³", "⁴", "⁵", "⁶"][e as usize - 1]
            ),
        };
        let anchor = match exponent {
            0 => Anchor::Start,
            _ => Anchor::Middle,
        };
        panel.text((x, tall + 12.0), &label, anchor, INK);
    }
    for (i, (name, p, x)) in rows.into_iter().enumerate() {
        let y = TOP + ROW * i as f64;
        let all = factors(&p, &x, 1.0, 0).map(f64::abs);
        let product: f64 = all.iter().product();
        let words = format!("{name}: {}", short(product));
        panel.text((LEFT, y + 8.0), &words, Anchor::Start, INK);
        let mut at = LEFT;
        for (factor, color) in all.into_iter().zip([ORANGE, GREEN, BLUE]) {
            let long = -factor.log10() * TEN;
            if long > 0.0 {
                let bar = rectangle((at, y + 19.0), long, 14.0);
                panel.area(&bar, color, 1.0);
            }
            at += long;
        }
        panel.line(&[(at, y + 16.0), (at, y + 36.0)], solid(INK, 2.5));
    }
    Ok(vec![panel])
}

/// Difference, slope and their product against the answer, when 1 is wanted.
pub(super) fn fastest() -> Panels {
    let x = Axis::linear("answer O, wanted 1", 0.0..1.0, 0.25);
    let y = Axis::linear("", 0.0..1.0, 0.25);
    let mut chart = Chart::new(FULL, 210.0, "", x, y);
    let third = 1.0 / 3.0;
    chart.line([(third, 0.0), (third, 1.0)], dashed(MUTED, 1.2));
    chart.line(grid(0.0, 1.0).map(|o| (o, 1.0 - o)), solid(ORANGE, 2.2));
    let slope = |o: f64| o * (1.0 - o);
    chart.line(grid(0.0, 1.0).map(|o| (o, slope(o))), solid(GREEN, 2.2));
    let product = |o: f64| (1.0 - o) * slope(o);
    chart.line(grid(0.0, 1.0).map(|o| (o, product(o))), solid(INK, 2.8));
    let five = FIVE.map(|o| (o, product(o)));
    chart.dots(five, 4.0, INK);
    chart.text((0.46, 0.64), "difference", Anchor::Start, ORANGE);
    chart.text((0.62, 0.3), "slope", Anchor::Start, GREEN);
    chart.text((0.36, 0.06), "product", Anchor::Start, INK);
    chart.text((0.36, 0.96), "⅓", Anchor::Start, MUTED);
    Ok(vec![chart.panel])
}

/// The answers of the chapter's five neurons.
const FIVE: [f64; 5] = [0.01, 0.1, 1.0 / 3.0, 0.574443, 0.95];

/// The cost over the two weights from above, and the first step of the example on it: before
/// and after the bias has moved too.
pub(super) fn one_step() -> Panels {
    let (p, x) = (neuron(0.1), array![1.0, 0.5]);
    let g = p.gradient(&x, 1.0);
    let (start, end) =
        ((p.w[0], p.w[1]), (p.w[0] - g.w[0], p.w[1] - g.w[1]));
    let draw = |(b, title): (f64, &str)| {
        let across = Axis::linear("w₁", 0.1..0.6, 0.1);
        let up = Axis::linear("w₂", -0.4..0.1, 0.1);
        let mut chart = Chart::square(QUARTER, title, across, up);
        for hundredths in 4..=13 {
            let level = f64::from(hundredths) / 100.0;
            let o = 1.0 - (2.0 * level).sqrt();
            let z = (o / (1.0 - o)).ln();
            let line = |w1: f64| (w1, 2.0 * (z - b - w1));
            chart.curve([line(0.0), line(0.7)], solid(CONTOUR, 1.4));
            // Its name near the lower edge.
            let w2 = -0.355;
            let at = (z - b - w2 / 2.0, w2);
            if (0.12..0.57).contains(&at.0) && hundredths % 2 == 0 {
                let words = format!("{level:.2}");
                chart.text(at, &words, Anchor::Middle, MUTED);
            }
        }
        chart.arrow(start, end, solid(BLUE, 3.0));
        chart.dots([start], 4.5, INK);
        let moved = |w: Point| {
            Perceptron { w: array![w.0, w.1], b, ..p.clone() }
                .error(&x, 1.0)
        };
        for (w, anchor, away) in [
            (start, Anchor::End, (-0.02, 0.02)),
            (end, Anchor::Start, (0.015, 0.03)),
        ] {
            let words = format!("{:.4}", moved(w));
            let at = (w.0 + away.0, w.1 + away.1);
            chart.text(at, &words, anchor, INK);
        }
        chart.panel
    };
    let after = format!("bias {:.3}", p.b - g.b);
    Ok([(p.b, "bias 0.1"), (p.b - g.b, &after)].map(draw).into())
}

/// So many steps with η = 1 are taken.
const STEPS: usize = 300;

/// The factors along the second weight while a neuron learns one example.
pub(super) fn to_the_end() -> Panels {
    let (usual, dark) = (array![1.0, 0.5], array![1.0, 0.0]);
    let at = |z: f64| neuron(bias_for(&neuron(0.1), &usual, z));
    let mut panels = vec![];
    for (title, mut p, x) in [
        ("the example", neuron(0.1), &usual),
        ("saturated and wrong", at(-6.0), &usual),
        ("x₂ is dark", neuron(0.1), &dark),
        ("right from the start", at(6.0), &usual),
    ] {
        let across = Axis::linear("step", 0.0..STEPS as f64, 100.0);
        let up = Axis::linear("", 0.0..1.0, 0.25);
        let mut chart = Chart::new(QUARTER, 150.0, title, across, up);
        let mut lines = [vec![], vec![], vec![], vec![]];
        for step in 0..=STEPS {
            let [difference, slope, input] = factors(&p, x, 1.0, 1);
            let all = [
                difference.abs(),
                slope,
                input,
                (difference * slope * input).abs(),
            ];
            for (line, factor) in lines.iter_mut().zip(all) {
                line.push((step as f64, factor));
            }
            let g = p.gradient(x, 1.0);
            p.w = &p.w - &g.w;
            p.b -= g.b;
        }
        let looks = [
            solid(ORANGE, 2.2),
            solid(GREEN, 2.2),
            dashed(BLUE, 2.2),
            solid(INK, 2.8),
        ];
        for (line, look) in lines.into_iter().zip(looks) {
            chart.line(line, look);
        }
        if panels.is_empty() {
            for (at, name, color) in [
                (0.58, "input x₂", BLUE),
                (0.9, "difference", ORANGE),
                (0.79, "slope", GREEN),
                (0.68, "product", INK),
            ] {
                chart.text((130.0, at), name, Anchor::Start, color);
            }
        }
        panels.push(chart.panel);
    }
    Ok(panels)
}

/// Examples to tell apart: their inputs, one a row, and whether the neuron should fire.
type Examples = (Array2<f64>, Vec<bool>);

/// Twenty points around each centre on the first axis; those around the first should not fire.
fn clouds(seed: u64, spread: f64, centres: &[f64]) -> Examples {
    let mut x = Array2::zeros((0, 2));
    for (i, centre) in centres.iter().enumerate() {
        let mut cloud = spread * random_point(seed + i as u64, (20, 2));
        cloud.column_mut(0).mapv_inplace(|v| v + centre);
        x = concatenate![Along(0), x, cloud];
    }
    let fires = (0..x.nrows()).map(|row| row >= 20).collect();
    (x, fires)
}

/// What a delta rule finds in so many passes.
fn delta_rule(
    (x, fires): &Examples,
    activation: Activation,
    low: f64,
    eta: f64,
) -> (Array1<f64>, f64) {
    let mut p = Perceptron { w: array![0.0, 0.0], b: 0.0, activation };
    for _ in 0..1000 {
        for (x, &fires) in x.rows().into_iter().zip(fires) {
            let t = if fires { 1.0 } else { low };
            let g = p.gradient(&x.to_owned(), t);
            p.w.scaled_add(-eta, &g.w);
            p.b -= eta * g.b;
        }
    }
    (p.w, p.b)
}

/// What three rules do to one example, and where they draw their lines in three tasks.
pub(super) fn two_rules() -> Panels {
    let mut panels = vec![one_example()];
    for (title, examples, right) in [
        ("a line exists", clouds(1, 0.35, &[-1.0, 1.0]), 2.5),
        ("and some lie far out", clouds(1, 0.35, &[-1.0, 1.0, 8.0]), 9.5),
        ("no line", clouds(5, 0.8, &[-0.6, 0.6]), 3.0),
    ] {
        let step = if right > 5.0 { 4.0 } else { 1.0 };
        let across = Axis::linear("x₁", -2.5..right, step);
        let up = Axis::linear("x₂", -2.5..2.5, 1.0);
        let mut chart = Chart::new(QUARTER, 160.0, title, across, up);
        let mut line = |w: &Array1<f64>, b: f64, stroke: Stroke| {
            // Along the line from one edge to the other.
            let at = |x2: f64| (-(b + w[1] * x2) / w[0], x2);
            chart.curve([at(-2.5), at(2.5)], stroke);
        };
        let y = examples.1.iter().map(|&f| f64::from(u8::from(f)));
        let y: Array1<f64> = y.collect();
        let mut step_neuron = StepNeuron { w: array![0.0, 0.0], b: 0.0 };
        let last = title == "no line";
        for pass in 1..=200 {
            step_neuron.learn(&examples.0, &y);
            if pass == 200 || last && pass > 190 {
                let wide = if last { 1.0 } else { 2.4 };
                line(&step_neuron.w, step_neuron.b, solid(MUTED, wide));
            }
        }
        let (w, b) = delta_rule(&examples, Identity, -1.0, 0.005);
        line(&w, b, solid(GREEN, 2.6));
        let (w, b) = delta_rule(&examples, Sigmoid, 0.0, 0.5);
        line(&w, b, dashed(INK, 2.2));
        for (fires, color) in [(false, ORANGE), (true, BLUE)] {
            let own = examples.0.rows().into_iter().zip(&examples.1);
            let own = own.filter(|(_, f)| **f == fires);
            let own: Vec<Point> = own.map(|(x, _)| (x[0], x[1])).collect();
            chart.dots(own, 2.8, color);
        }
        panels.push(chart.panel);
    }
    Ok(panels)
}

/// By how much one correction moves the sum of an example that should fire.
fn one_example() -> Panel {
    let across = Axis::linear("sum z before", -3.0..3.0, 1.0);
    let up = Axis::linear("moves z by", -2.0..4.0, 1.0);
    let title = "one example, wanted: fire";
    let mut chart = Chart::new(QUARTER, 160.0, title, across, up);
    chart.line([(-3.0, 1.0), (0.0, 1.0)], solid(MUTED, 2.4));
    chart.line([(0.0, 0.0), (3.0, 0.0)], solid(MUTED, 2.4));
    chart.line([(-3.0, 4.0), (3.0, -2.0)], solid(GREEN, 2.6));
    let moved = |z: f64| (1.0 - sigmoid(z)) * sigmoid_prime(z);
    let curve = grid(-3.0, 3.0).map(|z| (z, moved(z)));
    chart.line(curve, dashed(INK, 2.2));
    chart.text((-2.9, 1.4), "Rosenblatt", Anchor::Start, MUTED);
    chart.text((-1.2, 2.8), "slope 1", Anchor::Start, GREEN);
    chart.text((-2.9, -0.4), "slope of σ", Anchor::Start, INK);
    chart.panel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_neurons_are_wrong_by_what_the_chapter_says() {
        let o = neuron(0.1).output(&array![1.0, 0.5]);
        assert!((o - FIVE[3]).abs() < 1e-6);
        assert_eq!(with_sign(o - 1.0, 6), "−0.425557");
    }
}
