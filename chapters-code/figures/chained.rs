//! Chapter 9: nudges that are handed on, paths that add up, and what is left after many layers.

use ndarray::array;

use super::asked::sign;
use super::chart::{Axis, Chart, number, with_sign};
use super::palette::{
    BLUE, CONTOUR, GRID, INK, MUTED, ORANGE, PURPLE, Rgb, TEAL,
};
use super::panel::{
    Anchor, FULL, HALF, LINE, Panel, Point, QUARTER, dashed, part, solid,
};
use super::table::{Panels, rows};
use crate::chain_rule::{Chain, multiplications};
use crate::layer::{Layer, Network};
use crate::sigmoid::Activation::Sigmoid;
use crate::sigmoid::{sigmoid, sigmoid_prime};

/// x, u, v and C, each a function of the one before.
fn links(x: f64) -> [f64; 4] {
    let u = x * x + 1.0;
    let v = 6.0 / u;
    [x, u, v, 0.5 * (v - 1.0).powi(2)]
}

/// One nudge, handed on from number line to number line, to scale; and the same ten times closer.
pub(super) fn handed_on() -> Panels {
    const START: f64 = 190.0;
    const TOP: f64 = 46.0;
    const ROW: f64 = 72.0;
    const NAMES: [&str; 4] =
        ["x", "u = x² + 1", "v = 6/u", "C = ½(v − 1)²"];
    const SLOPES: [f64; 3] = [2.0, -1.5, 2.0];
    let draw = |title: &str, dx: f64, unit: f64, places: [usize; 4]| {
        let mut panel = Panel::new(HALF, TOP + 3.0 * ROW + 26.0);
        panel.title(title);
        let (before, after) = (links(1.0), links(1.0 + dx));
        let line = |i: usize| TOP + i as f64 * ROW;
        let at = |i: usize, moved: f64| (START + unit * moved, line(i));
        let moved: Vec<f64> =
            after.iter().zip(&before).map(|(b, a)| b - a).collect();
        for i in 0..3 {
            let corners = [
                at(i, 0.0),
                at(i, moved[i]),
                at(i + 1, moved[i + 1]),
                at(i + 1, 0.0),
            ];
            panel.area(&corners, BLUE, 0.1);
            panel.line(&[corners[1], corners[2]], solid(BLUE, 1.2));
            panel.line(&[corners[0], corners[3]], dashed(MUTED, 1.0));
        }
        let mut by_slopes = dx;
        for i in 0..4 {
            let y = line(i);
            panel.line(&[(0.0, y), (HALF, y)], solid(CONTOUR, 1.2));
            panel.line(&[at(i, 0.0), at(i, moved[i])], solid(BLUE, 5.0));
            panel.dot(at(i, 0.0), 4.5, INK);
            let right = moved[i] > 0.0;
            let (away, side, back) = match right {
                true => (8.0, Anchor::Start, Anchor::End),
                false => (-8.0, Anchor::End, Anchor::Start),
            };
            let value = number(before[i]);
            panel.text((START - away, y - 14.0), &value, back, INK);
            let words = with_sign(moved[i], places[i]);
            panel.text((START + away, y - 14.0), &words, side, BLUE);
            if i > 0 {
                by_slopes *= SLOPES[i - 1];
                let ring = at(i, by_slopes);
                panel.line(
                    &[(ring.0, y - 9.0), (ring.0, y + 9.0)],
                    solid(ORANGE, 2.5),
                );
                let words =
                    with_sign(by_slopes, if dx < 0.05 { 2 } else { 1 });
                // Not cut off at the left edge.
                let x = ring.0.max(20.0);
                panel.text((x, y + 18.0), &words, Anchor::Middle, ORANGE);
                let words = format!("slope {}", number(SLOPES[i - 1]));
                let between = (HALF, y - ROW / 2.0 + 2.0);
                panel.text(between, &words, Anchor::End, INK);
            }
            // At the end that the bar leaves free.
            let (end, anchor) = if right {
                (0.0, Anchor::Start)
            } else {
                (HALF, Anchor::End)
            };
            panel.text((end, y - 14.0), NAMES[i], anchor, MUTED);
        }
        panel
    };
    Ok(vec![
        draw("nudge 0.1", 0.1, 300.0, [1, 2, 3, 3]),
        draw("nudge 0.01, ten times closer", 0.01, 3000.0, [2, 4, 5, 5]),
    ])
}

/// Two paths with their slopes; and all the paths between one input and one output of two layers.
pub(super) fn two_ways() -> Panels {
    Ok(vec![two_with_numbers(), one_through_each()])
}

/// Words beside the middle of a slanting link, above it or below.
fn beside_link(
    panel: &mut Panel,
    from: Point,
    to: Point,
    out: f64,
    words: &str,
    color: Rgb,
) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let away = 17.0 * out / dx.hypot(dy);
    let at = (
        (from.0 + to.0) / 2.0 - away * dy,
        (from.1 + to.1) / 2.0 + away * dx,
    );
    panel.text(at, words, Anchor::Middle, color);
}

fn two_with_numbers() -> Panel {
    const RADIUS: f64 = 17.0;
    let mut panel = Panel::new(HALF, 236.0);
    panel.title("x = 2, two paths to C");
    let (x, c) = ((22.0, 122.0), (HALF - 22.0, 122.0));
    let paths = [
        ((152.0, 66.0), "1", 4.0, 4.0, 2.0, -1.0, BLUE),
        ((152.0, 178.0), "2", 2.0, -1.0, 4.0, 1.0, ORANGE),
    ];
    for (v, name, value, dv_dx, dc_dv, out, color) in paths {
        panel.line(&[x, v, c], solid(color, 3.0));
        for (from, to, slope) in [(x, v, dv_dx), (v, c, dc_dv)] {
            beside_link(&mut panel, from, to, out, &number(slope), color);
        }
        panel.ring(v, RADIUS, INK);
        panel.plain(v, &number(value), Anchor::Middle, INK);
        let beside = (v.0, v.1 + 30.0 * out);
        let product = format!(
            "{} · {} = {}",
            number(dc_dv),
            if dv_dx < 0.0 {
                format!("({})", number(dv_dx))
            } else {
                number(dv_dx)
            },
            number(dc_dv * dv_dx)
        );
        let letters = [part("v", name, INK)];
        panel.formula((beside.0 - 34.0, v.1), &letters, Anchor::End);
        panel.text((152.0, beside.1), &product, Anchor::Middle, color);
    }
    for (at, letter, value) in [(x, "x", 2.0), (c, "C", 8.0)] {
        panel.ring(at, RADIUS, INK);
        panel.plain(at, &number(value), Anchor::Middle, INK);
        panel.symbol((at.0, at.1 - 30.0), letter, "", Anchor::Middle, INK);
    }
    panel.text((152.0, 122.0), "8 − 4 = 4", Anchor::Middle, INK);
    panel
}

fn one_through_each() -> Panel {
    let mut panel = Panel::new(HALF, 236.0);
    panel.title("one path through each u");
    let column = |x: f64, n: usize, step: f64| -> Vec<Point> {
        let first = 122.0 - (n as f64 - 1.0) / 2.0 * step;
        (0..n).map(|i| (x, first + i as f64 * step)).collect()
    };
    let (x, u, v) = (
        column(40.0, 5, 36.0),
        column(152.0, 4, 46.0),
        column(HALF - 40.0, 3, 52.0),
    );
    for (from, to) in [(&x, &u), (&u, &v)] {
        for &a in from {
            for &b in to {
                panel.line(&[a, b], solid(GRID, 1.0));
            }
        }
    }
    let (j, i) = (1, 2);
    for &k in &u {
        panel.line(&[x[j], k, v[i]], solid(BLUE, 2.2));
    }
    for (places, lit) in [(&x, Some(j)), (&u, None), (&v, Some(i))] {
        for (number, &at) in places.iter().enumerate() {
            let lit = lit.is_none_or(|lit| lit == number);
            let color = if lit { INK } else { CONTOUR };
            panel.ring(at, if lit { 8.0 } else { 6.0 }, color);
        }
    }
    panel.symbol((x[j].0 - 14.0, x[j].1), "x", "j", Anchor::End, INK);
    panel.symbol((u[0].0, u[0].1 - 21.0), "u", "k", Anchor::Middle, INK);
    panel.symbol((v[i].0 + 14.0, v[i].1), "v", "i", Anchor::Start, INK);
    for (at, below) in [(x[0].0, "0"), (u[0].0, "1"), (v[0].0, "2")] {
        panel.symbol((at, 224.0), "n", below, Anchor::Middle, MUTED);
    }
    panel
}

/// The chain that is worked out by hand: forward above, and below what has been multiplied so far.
pub(super) fn handed_back() -> Panels {
    const RADIUS: f64 = 21.0;
    const X: [f64; 5] = [26.0, 106.0, 186.0, 266.0, 327.0];
    let chain = Chain::by_hand();
    let a = chain.activations(0.5);
    let (dw, _) = chain.gradient(0.5, 1.0);
    let mut panel = Panel::new(FULL, 276.0);
    let (forth, back, knobs) = (50.0, 160.0, 246.0);
    // From the cost back: ∂C/∂a of each neuron.
    let mut dc_da = vec![a[3] - 1.0];
    let mut factors = vec![];
    for l in (0..3).rev() {
        let slope = sigmoid_prime(chain.w[l] * a[l] + chain.b[l]);
        factors.push(slope * chain.w[l]);
        dc_da.push(dc_da[2 - l] * slope * chain.w[l]);
    }
    dc_da.reverse();
    factors.reverse();
    for l in 0..3 {
        let (from, to) = (X[l] + RADIUS, X[l + 1] - RADIUS);
        let color = sign(chain.w[l]).1;
        panel.arrow((from, forth), (to, forth), solid(color, 1.8));
        let words = number(chain.w[l]);
        let middle = (from + to) / 2.0;
        panel.text((middle, forth - 14.0), &words, Anchor::Middle, color);
        let words = format!("b {}", number(chain.b[l]));
        let above = (X[l + 1], forth - 33.0);
        panel.text(above, &words, Anchor::Middle, PURPLE);
        let slope = sigmoid_prime(chain.w[l] * a[l] + chain.b[l]);
        let words = format!("σ′ {slope:.3}");
        let below = (X[l + 1], forth + 33.0);
        panel.text(below, &words, Anchor::Middle, MUTED);
        panel.arrow(
            (X[l + 1] - 8.0, back - 15.0),
            (X[l] + 8.0, back - 15.0),
            solid(INK, 1.8),
        );
        let words =
            format!("· {factor:.3}", factor = factors[l]).replace('-', "−");
        panel.text((middle, back - 28.0), &words, Anchor::Middle, INK);
        // From what has been multiplied to the weight.
        panel.arrow(
            (X[l + 1], back + 13.0),
            (middle + 2.0, knobs - 11.0),
            solid(MUTED, 1.4),
        );
        let words = format!("{:.4}", dw[l]).replace('-', "−");
        let color = sign(dw[l]).1;
        panel.text((middle, knobs), &words, Anchor::Middle, color);
        let words = format!("layer {}", l + 1);
        let below = (middle, knobs + LINE);
        panel.text(below, &words, Anchor::Middle, MUTED);
    }
    let cost = chain.cost(0.5, 1.0);
    panel.arrow(
        (X[3] + RADIUS, forth),
        (X[4] - RADIUS, forth),
        solid(MUTED, 1.8),
    );
    panel.arrow(
        (X[4] - 6.0, forth + RADIUS + 4.0),
        (X[3] + 12.0, back - 12.0),
        solid(INK, 1.8),
    );
    for l in 0..4 {
        panel.ring((X[l], forth), RADIUS, TEAL);
        let words = match l {
            0 => number(a[0]),
            _ => format!("{:.3}", a[l]),
        };
        panel.plain((X[l], forth), &words, Anchor::Middle, INK);
        let words = format!("{:.4}", dc_da[l]).replace('-', "−");
        let color = sign(dc_da[l]).1;
        panel.words(
            (X[l], back),
            &words,
            Anchor::Middle,
            color,
            0.0,
            Some("600"),
        );
    }
    panel.ring((X[4], forth), RADIUS, INK);
    let words = format!("{cost:.3}");
    panel.plain((X[4], forth), &words, Anchor::Middle, INK);
    panel.symbol((X[4], forth - 33.0), "C", "", Anchor::Middle, INK);
    panel.symbol((X[0], forth - 33.0), "x", "", Anchor::Middle, INK);
    let beside = (FULL, (forth + back) / 2.0 + 14.0);
    panel.text(beside, "a − y", Anchor::End, INK);
    panel.text((0.0, back - 50.0), "back: ∂C/∂a", Anchor::Start, MUTED);
    panel.text((0.0, knobs - 30.0), "∂C/∂w", Anchor::Start, MUTED);
    Ok(vec![panel])
}

/// The chain with a second neuron in its second layer.
fn forked() -> Network {
    Network {
        layers: vec![
            Layer { w: array![[0.6]], b: array![0.1] },
            Layer { w: array![[-1.2], [1.5]], b: array![0.3, -0.5] },
            Layer { w: array![[0.8, 0.9]], b: array![-0.2] },
        ],
        activations: vec![Sigmoid; 3],
    }
}

/// The network with two paths, with every number.
pub(super) fn forked_by_hand() -> Panels {
    const RADIUS: f64 = 21.0;
    let mut panel = Panel::new(FULL, 290.0);
    let network = forked();
    let mut a = vec![array![0.5]];
    let mut slopes = vec![];
    for layer in &network.layers {
        let z = layer.weighted_sum(&a[a.len() - 1]);
        a.push(z.mapv(sigmoid));
        slopes.push(z.mapv(sigmoid_prime));
    }
    let middle = 150.0;
    let places: [Vec<Point>; 4] = [
        vec![(24.0, middle)],
        vec![(112.0, middle)],
        vec![(216.0, 76.0), (216.0, 224.0)],
        vec![(FULL - 30.0, middle)],
    ];
    let w = |l: usize, j: usize, k: usize| network.layers[l].w[(j, k)];
    let mut together = 0.0;
    for j in 0..2 {
        let path = w(2, 0, j) * slopes[1][j] * w(1, j, 0);
        together += path;
        let color = sign(path).1;
        let route = [places[1][0], places[2][j], places[3][0]];
        panel.line(&route, solid(color, 3.0));
        for (from, to, weight) in [
            (route[0], route[1], w(1, j, 0)),
            (route[1], route[2], w(2, 0, j)),
        ] {
            let out = if j == 0 { -1.0 } else { 1.0 };
            beside_link(&mut panel, from, to, out, &number(weight), color);
        }
        let last = w(1, j, 0);
        let last = match last < 0.0 {
            true => format!("({})", number(last)),
            false => number(last),
        };
        let words = format!(
            "{} · {:.3} · {last} = {}",
            number(w(2, 0, j)),
            slopes[1][j],
            with_sign(path, 3)
        );
        let y = if j == 0 { 14.0 } else { 278.0 };
        panel.text((216.0, y), &words, Anchor::Middle, color);
    }
    let (from, to) = (places[0][0], places[1][0]);
    panel.line(&[from, to], solid(INK, 3.0));
    beside_link(&mut panel, from, to, -1.0, &number(w(0, 0, 0)), INK);
    for (l, places) in places.iter().enumerate() {
        for (j, &at) in places.iter().enumerate() {
            panel.ring(at, RADIUS, TEAL);
            let words = match l {
                0 => number(a[0][0]),
                _ => format!("{:.3}", a[l][j]),
            };
            panel.plain(at, &words, Anchor::Middle, INK);
            if l > 0 {
                let words = format!("σ′ {:.3}", slopes[l - 1][j]);
                let out = if (l, j) == (2, 0) { -34.0 } else { 34.0 };
                let below = (at.0, at.1 + out);
                panel.text(below, &words, Anchor::Middle, MUTED);
            }
        }
    }
    let words = with_sign(together, 3);
    let at = (216.0, middle);
    panel.text((at.0, at.1 - LINE / 2.0), "together", Anchor::Middle, INK);
    panel.words(
        (at.0, at.1 + LINE / 2.0),
        &words,
        Anchor::Middle,
        sign(together).1,
        0.0,
        Some("600"),
    );
    Ok(vec![panel])
}

/// What each of the two orders multiplies, as bars to scale.
pub(super) fn two_orders() -> Panels {
    const SIZES: [usize; 5] = [784, 16, 16, 10, 1];
    const ROW: f64 = 40.0;
    const GROUP: f64 = 3.0 * ROW + 34.0;
    let matrices: Vec<(usize, usize)> =
        SIZES.windows(2).map(|pair| (pair[1], pair[0])).collect();
    // The factors of each multiplication, in the order in which they are written.
    let mut from_input = vec![];
    for &(rows, columns) in &matrices[1..] {
        from_input.push(((rows, columns), (columns, SIZES[0])));
    }
    let mut from_output = vec![];
    for &(rows, columns) in matrices[..3].iter().rev() {
        from_output.push(((SIZES[4], rows), (rows, columns)));
    }
    let count =
        |((n, m), (_, p)): &((usize, usize), (usize, usize))| n * m * p;
    let (all_from_input, all_from_output) = multiplications(&SIZES);
    let mut panel = Panel::new(FULL, 2.0 * GROUP);
    let longest = from_input.iter().map(count).max().unwrap_or(1);
    let scale = (FULL - 76.0) / longest as f64;
    for (group, (title, steps, all, color)) in [
        ("from the input", from_input, all_from_input, ORANGE),
        ("from the output", from_output, all_from_output, BLUE),
    ]
    .into_iter()
    .enumerate()
    {
        let top = group as f64 * GROUP;
        let title = format!("{title}: {}", thousands(all));
        panel.words(
            (0.0, top + 8.0),
            &title,
            Anchor::Start,
            INK,
            0.0,
            Some("600"),
        );
        for (row, step) in steps.iter().enumerate() {
            let y = top + 34.0 + row as f64 * ROW;
            let ((a, b), (c, d)) = step;
            let words = format!("({a}, {b}) times ({c}, {d})");
            panel.text((0.0, y), &words, Anchor::Start, MUTED);
            // None so short that it could not be seen.
            let long = (scale * count(step) as f64).max(1.0);
            panel.area(
                &super::panel::rectangle((0.0, y + 9.0), long, 12.0),
                color,
                1.0,
            );
            let words = thousands(count(step));
            let beside = (long + 6.0, y + 15.0);
            panel.text(beside, &words, Anchor::Start, color);
        }
    }
    Ok(vec![panel])
}

/// A whole number with a comma before its thousands.
fn thousands(n: usize) -> String {
    match n / 1000 {
        0 => n.to_string(),
        thousands => format!("{thousands},{:03}", n % 1000),
    }
}

/// What is left of the gradient, layer by layer back from the output. The numbers come from
/// `images/depths.csv`, which `cargo run --release --example depths` writes.
pub(super) fn depths() -> Panels {
    let table: Vec<Vec<&str>> =
        rows(include_str!("../../images/depths.csv")).skip(1).collect();
    let draw = |(key, title): (&str, &str)| {
        let x = Axis::linear("layers back from the output", 0.0..10.0, 2.0);
        let y = Axis::powers("part of the gradient", 1e-12..100.0, 2);
        let mut chart = Chart::new(QUARTER, 230.0, title, x, y);
        for (width, color) in [("1", ORANGE), ("16", PURPLE), ("128", BLUE)]
        {
            for seed in ["1", "2", "3", "4", "5"] {
                let mut line = vec![];
                for row in &table {
                    if row[..3] == [key, width, seed] {
                        line.push((row[3].parse()?, row[4].parse()?));
                    }
                }
                chart.line(line, solid(color, 1.3));
            }
        }
        let places = match key {
            "scaled" => [
                ((7.0, 3e-2), "16 and 128", BLUE),
                ((4.6, 3e-8), "1", ORANGE),
            ]
            .to_vec(),
            _ => [
                ((6.0, 15.0), "128", BLUE),
                ((8.6, 0.18), "16", PURPLE),
                ((5.4, 3e-9), "1", ORANGE),
            ]
            .to_vec(),
        };
        for (at, words, color) in places {
            chart.text(at, words, Anchor::Middle, color);
        }
        Ok(chart.panel)
    };
    [
        ("scaled", "weights of variance 1/p"),
        ("unit", "weights of variance 1"),
    ]
    .into_iter()
    .map(draw)
    .collect()
}
