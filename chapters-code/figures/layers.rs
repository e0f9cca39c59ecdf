//! Chapter 4: layers, and what they make of a picture.

use ndarray::{Array1, Array2, Axis as Along, array, concatenate};

use super::asked::{Asked, sign, untaught};
use super::chart::{Axis, Chart, grid, number};
use super::palette::{
    BLUE, CONTOUR, GRID, INK, MUTED, OCHRE, ORANGE, PAPER, PURPLE, Rgb,
    TEAL,
};
use super::panel::{
    Anchor, FULL, HALF, Panel, Point, THIRD, dashed, part, pictures,
    rectangle, solid,
};
use super::table::{Panels, rows};
use crate::digits::handwriting;
use crate::layer::{Layer, Network};
use crate::pixels::{CLASSES, Digits, SIDE};
use crate::sigmoid::Activation::{Identity, Sigmoid};
use crate::sigmoid::{sigmoid, sigmoid_prime};

/// The wire that is lit: from neuron k to neuron j.
const FROM: usize = 3;
const TO: usize = 9;

/// Lines as one path.
pub(super) fn fan(
    wires: impl IntoIterator<Item = (Point, Point)>,
) -> String {
    let wire = |((a, b), (c, d)): (Point, Point)| {
        format!("M{a:.0} {b:.0}L{c:.0} {d:.0}")
    };
    wires.into_iter().map(wire).collect()
}

/// All pairs.
pub(super) fn pairs(from: &[Point], to: &[Point]) -> Vec<(Point, Point)> {
    from.iter().flat_map(|&a| to.iter().map(move |&b| (a, b))).collect()
}

/// The network with one wire lit, and the matrix with the row in which it stands.
pub(super) fn one_wire() -> Panels {
    Ok(vec![network_with_one_wire(), matrix_with_one_row()])
}

fn network_with_one_wire() -> Panel {
    const ROW: f64 = 18.0;
    const TOP: f64 = 20.0;
    let mut panel = Panel::new(HALF, 342.0);
    let column = |x: f64, n: usize| -> Vec<Point> {
        let first = TOP + (16 - n) as f64 / 2.0 * ROW;
        (0..n).map(|j| (x, first + j as f64 * ROW)).collect()
    };
    // Of the pixels the first seven and the last seven.
    let mut pixels = column(14.0, 16);
    pixels.drain(7..9);
    let layers = [
        pixels,
        column(104.0, 16),
        column(198.0, 16),
        column(276.0, CLASSES),
    ];
    for (from, to) in layers.iter().zip(&layers[1..]) {
        panel.strokes(&fan(pairs(from, to)), solid(GRID, 0.6));
    }
    let j = layers[2][TO];
    let listens = layers[1].iter().map(|&k| (k, j));
    panel.strokes(&fan(listens), solid(BLUE, 1.1));
    let k = layers[1][FROM];
    panel.line(&[k, j], solid(BLUE, 4.0));
    for &(x, y) in &layers[0] {
        panel.dot((x, y), 3.0, MUTED);
    }
    panel.text((14.0, TOP + 7.5 * ROW - 1.0), "⋮", Anchor::Middle, MUTED);
    for (l, layer) in layers.iter().enumerate().skip(1) {
        for (i, &at) in layer.iter().enumerate() {
            let lit = (l, i) == (1, FROM) || (l, i) == (2, TO);
            panel.ring(
                at,
                if lit { 8.0 } else { 5.5 },
                if lit { INK } else { CONTOUR },
            );
        }
    }
    for (digit, &(x, y)) in layers[3].iter().enumerate() {
        let name = digit.to_string();
        panel.text((x + 13.0, y), &name, Anchor::Start, INK);
    }
    let middle = ((k.0 + j.0) / 2.0, (k.1 + j.1) / 2.0);
    let behind = (middle.0 - 16.0, middle.1 - 11.0);
    panel.area(&rectangle(behind, 32.0, 24.0), PAPER, 1.0);
    panel.symbol(middle, "w", "jk", Anchor::Middle, BLUE);
    panel.symbol((k.0 - 14.0, k.1), "a", "k", Anchor::End, TEAL);
    panel.symbol((j.0 + 13.0, j.1), "z", "j", Anchor::Start, OCHRE);
    for ((x, _), words) in [
        (layers[0][0], "784"),
        (layers[1][0], "16"),
        (layers[2][0], "16"),
        (layers[3][0], "10"),
    ] {
        let at = (x.max(16.0), TOP + 16.0 * ROW);
        panel.text(at, words, Anchor::Middle, INK);
    }
    let foot = TOP + 17.0 * ROW;
    panel.text((0.0, foot), "pixels", Anchor::Start, MUTED);
    let between = (151.0, foot);
    panel.text(between, "hidden layers", Anchor::Middle, MUTED);
    panel.text((HALF, foot), "digits", Anchor::End, MUTED);
    panel
}

fn matrix_with_one_row() -> Panel {
    const N: usize = 16;
    const WIDE: f64 = 10.0;
    const TALL: f64 = 14.0;
    const TOP: f64 = 48.0;
    let mut panel = Panel::new(HALF, 342.0);
    // z = W a + b, each as a block of cells.
    let (z, w, a, b) = (20.0, 62.0, 236.0, 286.0);
    let mut block = |x: f64, columns: usize, color: Rgb, lit: &[usize]| {
        for row in 0..N {
            for column in 0..columns {
                let at =
                    (x + column as f64 * WIDE, TOP + row as f64 * TALL);
                let cell = rectangle(at, WIDE, TALL);
                if lit.contains(&row) {
                    panel.area(&cell, color, 0.3);
                }
            }
        }
        let mut lines = String::new();
        let (right, bottom) =
            (x + columns as f64 * WIDE, TOP + N as f64 * TALL);
        for row in 0..=N {
            let y = TOP + row as f64 * TALL;
            lines += &fan([((x, y), (right, y))]);
        }
        for column in 0..=columns {
            let x = x + column as f64 * WIDE;
            lines += &fan([((x, TOP), (x, bottom))]);
        }
        panel.strokes(&lines, solid(CONTOUR, 0.7));
    };
    let all: Vec<usize> = (0..N).collect();
    block(z, 1, OCHRE, &[TO]);
    block(w, N, BLUE, &[TO]);
    block(a, 1, TEAL, &all);
    block(b, 1, PURPLE, &[TO]);
    let row = TOP + TO as f64 * TALL;
    let cell = |x: f64, row: usize| {
        rectangle((x, TOP + row as f64 * TALL), WIDE, TALL)
    };
    panel.area(&cell(w + FROM as f64 * WIDE, TO), BLUE, 1.0);
    panel.area(&cell(a, FROM), TEAL, 1.0);
    panel.area(&cell(z, TO), OCHRE, 1.0);
    panel.area(&cell(b, TO), PURPLE, 1.0);
    panel.frame((w, row), N as f64 * WIDE, TALL, solid(BLUE, 2.5));
    let middle = TOP + N as f64 * TALL / 2.0;
    let above = TOP - 34.0;
    for (x, letter, color) in [
        (z + WIDE / 2.0, "z", OCHRE),
        (w + 8.0 * WIDE, "W", BLUE),
        (a + WIDE / 2.0, "a", TEAL),
        (b + WIDE / 2.0, "b", PURPLE),
    ] {
        panel.symbol((x, above), letter, "", Anchor::Middle, color);
    }
    for (x, words) in
        [((z + WIDE + w) / 2.0, "="), ((a + WIDE + b) / 2.0, "+")]
    {
        panel.text((x, middle), words, Anchor::Middle, INK);
    }
    let y = row + TALL / 2.0;
    panel.symbol((z - 6.0, y), "j", "", Anchor::End, INK);
    let over = TOP - 11.0;
    let k = (w + (FROM as f64 + 0.5) * WIDE, over);
    panel.symbol(k, "k", "", Anchor::Middle, INK);
    let beside = (a + WIDE + 6.0, TOP + (FROM as f64 + 0.5) * TALL);
    panel.symbol(beside, "k", "", Anchor::Start, INK);
    let foot = TOP + N as f64 * TALL + 22.0;
    panel.formula(
        (0.0, foot),
        &[
            part("z", "j", OCHRE),
            part(" = ", "", INK),
            part("w", "j0", BLUE),
            part("a", "0", TEAL),
            part(" + … + ", "", INK),
            part("w", "jk", BLUE),
            part("a", "k", TEAL),
            part(" + … + ", "", INK),
            part("b", "j", PURPLE),
        ],
        Anchor::Start,
    );
    panel.text(
        (0.0, foot + 24.0),
        "row j: all that neuron j listens to",
        Anchor::Start,
        MUTED,
    );
    panel
}

/// The book's 2 sent through the network that has learned nothing.
pub(super) fn sent_through() -> Panels {
    const ROW: f64 = 20.0;
    const TOP: f64 = 34.0;
    const PIXEL: f64 = 3.0;
    let a = Asked::by_the_two().a;
    let mut panel = Panel::new(FULL, TOP + 16.0 * ROW);
    let side = SIDE as f64 * PIXEL;
    let middle = TOP + 8.0 * ROW;
    let corner = (0.0, middle - side / 2.0);
    panel.at(corner, |panel| {
        pictures(panel, &[(handwriting::the_two(), (0, 0))], SIDE, PIXEL);
    });
    panel.frame(corner, side, side, solid(GRID, 1.0));
    let column = |x: f64, n: usize| -> Vec<Point> {
        let first = middle - (n as f64 - 1.0) / 2.0 * ROW;
        (0..n).map(|j| (x, first + j as f64 * ROW)).collect()
    };
    let places = [column(122.0, 16), column(214.0, 16), column(300.0, 10)];
    let to_first = places[0].iter().map(|&to| ((side, middle), to));
    panel.strokes(&fan(to_first), solid(GRID, 0.8));
    for (from, to) in places.iter().zip(&places[1..]) {
        let from: Vec<Point> =
            from.iter().map(|&(x, y)| (x + 42.0, y)).collect();
        panel.strokes(&fan(pairs(&from, to)), solid(GRID, 0.5));
    }
    let loudest = crate::cost::largest(a[3].view());
    for (l, (places, a)) in places.iter().zip(&a[1..]).enumerate() {
        for (j, (&at, &a)) in places.iter().zip(a).enumerate() {
            panel.neuron(at, 7.5, a);
            let named = l == 2 && j == loudest;
            let color = if named { BLUE } else { INK };
            let words = format!("{a:.2}");
            let beside = (at.0 + 11.0, at.1);
            let weight = named.then_some("700");
            panel.words(beside, &words, Anchor::Start, color, 0.0, weight);
            if l == 2 {
                let name = j.to_string();
                let before = (at.0 - 12.0, at.1);
                panel.words(before, &name, Anchor::End, color, 0.0, weight);
            }
        }
    }
    let at = places[2][loudest];
    let corner = (at.0 - 24.0, at.1 - 10.0);
    panel.frame(corner, 72.0, 20.0, solid(BLUE, 2.0));
    for (x, words) in
        [(42.0, "784 pixels"), (138.0, "16"), (230.0, "16"), (310.0, "10")]
    {
        panel.text((x, 10.0), words, Anchor::Middle, MUTED);
    }
    Ok(vec![panel])
}

/// The network with two inputs, two hidden neurons and one output that computes XOR.
fn xor() -> Network {
    Network {
        layers: vec![
            Layer {
                w: array![[6.0, 6.0], [-6.0, -6.0]],
                b: array![-3.0, 9.0],
            },
            Layer { w: array![[8.0, 8.0]], b: array![-12.0] },
        ],
        activations: vec![Sigmoid, Sigmoid],
    }
}

/// A network of five neurons, with every number, for two inputs.
pub(super) fn by_hand() -> Panels {
    let draw = |title: &str, x: Array1<f64>| {
        let mut panel = Panel::new(HALF, 300.0);
        panel.title(title);
        let network = xor();
        let places: [Vec<Point>; 3] = [
            vec![(24.0, 104.0), (24.0, 206.0)],
            vec![(152.0, 104.0), (152.0, 206.0)],
            vec![(270.0, 155.0)],
        ];
        let mut a = vec![x];
        let mut z = vec![];
        for layer in &network.layers {
            let sums = layer.weighted_sum(&a[a.len() - 1]);
            a.push(sums.mapv(sigmoid));
            z.push(sums);
        }
        for (l, layer) in network.layers.iter().enumerate() {
            for ((j, k), &w) in layer.w.indexed_iter() {
                let (from, to) = (places[l][k], places[l + 1][j]);
                let (_, color) = sign(w);
                panel.line(&[from, to], solid(color, 0.6 + 0.3 * w.abs()));
                let part = if j == k || l == 1 { 0.5 } else { 0.32 };
                let at = (
                    from.0 + part * (to.0 - from.0),
                    from.1 + part * (to.1 - from.1),
                );
                panel.text(at, &number(w), Anchor::Middle, color);
            }
        }
        for (l, places) in places.iter().enumerate() {
            for (j, &at) in places.iter().enumerate() {
                panel.ring(at, 22.0, INK);
                let digits = if l == 0 { 0 } else { 3 };
                let words = format!("{:.digits$}", a[l][j]);
                panel.plain(at, &words, Anchor::Middle, INK);
                // What belongs to the upper neurons stands above them, and to the lower ones below.
                let out = if j == 0 { -1.0 } else { 1.0 };
                if l == 0 {
                    let name = ["1", "2"][j];
                    let beside = (at.0, at.1 + 35.0 * out);
                    panel.symbol(beside, "x", name, Anchor::Middle, INK);
                    continue;
                }
                let z = format!(" = {:.2}", z[l - 1][j]).replace('-', "−");
                let b =
                    format!(" = {}", number(network.layers[l - 1].b[j]));
                let b_at = if l == 2 { -35.0 * out } else { 54.0 * out };
                let x = at.0.min(HALF - 40.0);
                for (y, letter, color, value) in
                    [(35.0 * out, "z", OCHRE, z), (b_at, "b", PURPLE, b)]
                {
                    let equation =
                        [part(letter, "", color), part(&value, "", INK)];
                    panel.formula((x, at.1 + y), &equation, Anchor::Middle);
                }
            }
        }
        for (y, words) in [(29.0, "one at least"), (282.0, "not both")] {
            panel.text((152.0, y), words, Anchor::Middle, MUTED);
        }
        panel
    };
    Ok(vec![
        draw("exactly one input is 1", array![1.0, 0.0]),
        draw("both inputs are 1", array![1.0, 1.0]),
    ])
}

/// What every neuron of the untaught network answers to one picture of each digit.
pub(super) fn same_answer() -> Panels {
    let network = untaught();
    let digits = Digits::handwriting(CLASSES, 1);
    let all: Vec<usize> = (0..CLASSES).collect();
    let mut a = digits.x(&all);
    let titles = ["first layer", "second layer", "outputs"];
    let mut panels = vec![];
    for (l, (layer, title)) in network.layers.iter().zip(titles).enumerate()
    {
        a = layer.weighted_sums(&a).mapv(sigmoid);
        let n = a.ncols();
        let outputs = l == 2;
        let y = |j: usize| n as f64 - 0.5 - j as f64;
        let ticks = if outputs {
            (0..n).map(|j| (y(j), j.to_string())).collect()
        } else {
            vec![]
        };
        let rows = Axis {
            name: String::new(),
            range: 0.0..n as f64,
            logarithmic: false,
            ticks,
        };
        let x = Axis::linear("activation", 0.0..1.0, 0.5);
        let mut chart = Chart::new(THIRD, 14.0 * n as f64, title, x, rows);
        for (j, answers) in a.columns().into_iter().enumerate() {
            chart.line([(0.0, y(j)), (1.0, y(j))], solid(GRID, 1.0));
            let (low, high) = answers
                .iter()
                .fold((1.0_f64, 0.0_f64), |(low, high), &a| {
                    (low.min(a), high.max(a))
                });
            chart.line([(low, y(j)), (high, y(j))], solid(BLUE, 2.0));
            chart.dots(answers.iter().map(|&a| (a, y(j))), 2.6, BLUE);
        }
        panels.push(chart.panel);
    }
    Ok(panels)
}

/// How the first layer's weighted sums are spread over MNIST's test pictures. The numbers come
/// from `images/starts.csv`, which `cargo run --release --example starts` writes.
pub(super) fn starts() -> Panels {
    const EDGE: f64 = 35.0;
    // σ′ < 0.01 beyond this z.
    let a: f64 = 0.5 + 0.24_f64.sqrt();
    let flat = (a / (1.0 - a)).ln();
    debug_assert!((sigmoid_prime(flat) - 0.01).abs() < 1e-9);
    let rows: Vec<Vec<&str>> =
        rows(include_str!("../../images/starts.csv")).skip(1).collect();
    let draw = |(key, title, top, step): (&str, &str, f64, f64)| {
        let x = Axis::linear("weighted sum z", -EDGE..EDGE, 10.0);
        let y = Axis::linear("share of the sums, %", 0.0..top, step);
        let mut chart = Chart::new(HALF, 170.0, title, x, y);
        for (from, to) in [(-EDGE, -flat), (flat, EDGE)] {
            chart.bar((from, 0.0), (to, top), MUTED, 0.14);
        }
        for row in rows.iter().filter(|row| row[0] == key) {
            let (from, share): (f64, f64) =
                (row[1].parse()?, row[2].parse()?);
            if share > 0.0 && (-EDGE..EDGE).contains(&from) {
                let bar = ((from, 0.0), (from + 0.5, 100.0 * share));
                chart.bar(bar.0, bar.1, BLUE, 1.0);
            }
        }
        for x in [-21.0, 21.0] {
            chart.text((x, 0.86 * top), "slope", Anchor::Middle, INK);
            chart.text((x, 0.76 * top), "under 0.01", Anchor::Middle, INK);
        }
        Ok(chart.panel)
    };
    [
        ("scaled", "weights of variance 1/784", 60.0, 20.0),
        ("unit", "weights of variance 1", 4.0, 1.0),
    ]
    .into_iter()
    .map(draw)
    .collect()
}

/// The function that the sums of steps are to come near to.
fn wavy(x: f64) -> f64 {
    0.5 + 0.3 * (6.0 * x).sin() + 0.12 * (17.0 * x).sin()
}

/// A network 1-n-1 whose hidden neurons are steep steps at the borders of n strips, and whose
/// output adds them up to the height of the function in the middle of each strip.
fn steps(f: fn(f64) -> f64, n: usize) -> Network {
    let strips = n as f64;
    let steep = 20.0 * strips;
    // The first step lies so far to the left that it is done.
    let edges: Array1<f64> = (0..n)
        .map(|i| if i == 0 { -1.0 } else { i as f64 / strips })
        .collect();
    let heights: Array1<f64> =
        (0..n).map(|i| f((i as f64 + 0.5) / strips)).collect();
    let before = concatenate![
        Along(0),
        array![0.0],
        heights.slice(ndarray::s![..n - 1])
    ];
    let hidden =
        Layer { w: Array2::from_elem((n, 1), steep), b: -steep * edges };
    let output = Layer {
        w: (heights - before).insert_axis(Along(0)),
        b: array![0.0],
    };
    Network {
        layers: vec![hidden, output],
        activations: vec![Sigmoid, Identity],
    }
}

/// From a step to a bump, and from bumps to a function.
pub(super) fn bumps() -> Panels {
    let chart = |title: &str| {
        let x = Axis::linear("x", 0.0..1.0, 0.5);
        Chart::new(HALF, 120.0, title, x, Axis::linear("", 0.0..1.0, 0.5))
    };
    let at = |w: f64, edge: f64| move |x: f64| sigmoid(w * (x - edge));
    let mut step = chart("one neuron: a step");
    for (w, stroke) in
        [(10.0, dashed(MUTED, 2.0)), (100.0, solid(BLUE, 2.5))]
    {
        let f = at(w, 0.4);
        step.line(grid(0.0, 1.0).map(|x| (x, f(x))), stroke);
    }
    step.text((0.46, 0.25), "w = 100", Anchor::Start, BLUE);
    step.text((0.68, 0.72), "w = 10", Anchor::Start, MUTED);
    let mut bump = chart("two neurons: a bump");
    let (up, down) = (at(100.0, 0.4), at(100.0, 0.6));
    bump.line(
        grid(0.0, 1.0).map(|x| (x, 0.7 * up(x) - 0.7 * down(x))),
        solid(BLUE, 2.5),
    );
    bump.text((0.37, 0.4), "+0.7", Anchor::End, BLUE);
    bump.text((0.63, 0.4), "−0.7", Anchor::Start, ORANGE);
    let mut panels = vec![step.panel, bump.panel];
    for n in [8, 32] {
        let mut sum = chart(&format!("{n} neurons"));
        sum.line(grid(0.0, 1.0).map(|x| (x, wavy(x))), solid(CONTOUR, 4.0));
        let x: Array2<f64> =
            Array2::from_shape_fn((1001, 1), |(i, _)| i as f64 / 1000.0);
        let answers = steps(wavy, n).answers(&x);
        let line = x.iter().copied().zip(answers.iter().copied());
        sum.line(line.collect::<Vec<_>>(), solid(BLUE, 2.0));
        panels.push(sum.panel);
    }
    Ok(panels)
}
