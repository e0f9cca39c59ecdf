//! Chapter 2: what one neuron looks for, where its border runs, and what it learns.

use ndarray::{Array1, array};

use super::asked::inks;
use super::chart::{Axis, Chart, number, with_sign};
use super::palette::{BLUE, GRID, INK, MUTED, ORANGE, Rgb};
use super::panel::{
    Anchor, FULL, HALF, LINE, Panel, Point, QUARTER, dashed, pictures,
    rectangle, signed_pictures, solid,
};
use super::table::{Panels, table};
use crate::digits::handwriting;
use crate::neuron::{StepNeuron, stroke_template, weighted_sum};
use crate::pixels::{SIDE, ink};

/// Where the bar of the chapter's template lies: its upper row, and its columns.
const ROW: usize = 20;
const COLUMNS: std::ops::Range<usize> = 9..19;

fn template() -> Array1<f64> {
    stroke_template(ROW, COLUMNS)
}

/// The template on three pictures: where it lies, and its product with the ink pixel by pixel.
pub(super) fn template_product() -> Panels {
    let shown: [(&str, [u8; SIDE * SIDE]); 3] = [
        ("the book’s 2", handwriting::the_two()),
        ("a 6", handwriting::digit(6, 1, SIX)),
        ("another 2", least_liked_two()),
    ];
    let mut panels = vec![];
    for (name, picture) in shown {
        panels.push(laid_over(name, &picture));
        panels.push(products(&picture));
    }
    Ok(panels)
}

/// A 6 whose loop runs along the bar.
const SIX: u64 = 3;

/// Of a hundred 2s, the one to which the template answers least.
fn least_liked_two() -> [u8; SIDE * SIDE] {
    let w = template();
    let z = |picture: &[u8; SIDE * SIDE]| {
        weighted_sum(w.view(), inks(picture).view(), 0.0)
    };
    (0..100)
        .map(|hand| handwriting::digit(2, 1, hand))
        .min_by(|a, b| z(a).total_cmp(&z(b)))
        .expect("a hundred 2s")
}

/// A picture with the template's outlines on it.
fn laid_over(name: &str, picture: &[u8; SIDE * SIDE]) -> Panel {
    const TOP: f64 = LINE + 4.0;
    const PIXEL: f64 = 7.0;
    let side = SIDE as f64 * PIXEL;
    let mut panel = Panel::new(QUARTER, TOP + side + 2.0);
    panel.title(name);
    panel.at((1.0, TOP), |panel| {
        pictures(panel, &[(picture, (0, 0))], SIDE, PIXEL);
        panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
        let left = COLUMNS.start as f64 * PIXEL;
        let wide = COLUMNS.len() as f64 * PIXEL;
        for (offset, rows, sign, away, color) in [
            (-1.0, 1.0, "−", -15.0, ORANGE),
            (2.0, 1.0, "−", 15.0, ORANGE),
            (0.0, 2.0, "+", 0.0, BLUE),
        ] {
            let top = (ROW as f64 + offset) * PIXEL;
            let tall = rows * PIXEL;
            panel.area(&rectangle((left, top), wide, tall), color, 0.3);
            panel.frame((left, top), wide, tall, solid(color, 2.0));
            // Beside the picture, and further apart than the rows.
            let middle = (ROW as f64 + 1.0) * PIXEL;
            let beside = (side + 12.0, middle + away);
            panel.text(beside, sign, Anchor::Middle, color);
        }
    });
    panel
}

/// Weight times ink under the template, each pixel a cell, and what they add up to.
fn products(picture: &[u8; SIDE * SIDE]) -> Panel {
    const LEFT: f64 = 26.0;
    const TOP: f64 = LINE + 4.0;
    const CELL: f64 = 32.2;
    let w = template();
    let mut panel = Panel::new(FULL, TOP + 4.0 * CELL + 4.0 * LINE + 8.0);
    panel.title("weight times ink, rows 19 to 22");
    let mut sums = [0.0; 2];
    for row in 0..4 {
        let y = TOP + row as f64 * CELL;
        let line = ROW - 1 + row;
        let middle = y + CELL / 2.0;
        let (sign, color) = if w[line * SIDE + COLUMNS.start] > 0.0 {
            (0, BLUE)
        } else {
            (1, ORANGE)
        };
        let name = line.to_string();
        panel.text((LEFT - 7.0, middle), &name, Anchor::End, color);
        for (column, x) in COLUMNS.zip(0..) {
            let at = line * SIDE + column;
            let product = w[at] * ink(picture[at]);
            sums[sign] += product;
            let corner = (LEFT + f64::from(x) * CELL, y);
            let cell = rectangle(corner, CELL, CELL);
            panel.area(&cell, color, 0.45 * product.abs());
            panel.frame(corner, CELL, CELL, solid(GRID, 1.0));
            panel.plain(
                (corner.0 + CELL / 2.0, middle),
                &short_product(product),
                Anchor::Middle,
                INK,
            );
        }
    }
    let mut y = TOP + 4.0 * CELL + LINE;
    for (words, color) in [
        (format!("bar: {}", with_sign(sums[0], 1)), BLUE),
        (format!("surround: {}", with_sign(sums[1], 1)), ORANGE),
        (
            format!("weighted sum z = {}", with_sign(sums[0] + sums[1], 1)),
            INK,
        ),
    ] {
        panel.words(
            (LEFT, y),
            &words,
            Anchor::Start,
            color,
            0.0,
            Some("600"),
        );
        y += LINE;
    }
    panel
}

/// A product between −1 and 1 in three or four characters.
fn short_product(v: f64) -> String {
    let hundredths = (100.0 * v).round() as i64;
    let sign = if hundredths < 0 { "−" } else { "" };
    match hundredths.abs() {
        0 => "0".into(),
        100 => format!("{sign}1"),
        size => format!("{sign}.{size:02}"),
    }
}

/// What the template answers, picture by picture: drawn digits, and MNIST's, whose numbers come
/// from `images/template_responses.csv`, which `cargo run --release --example template` writes.
pub(super) fn responses() -> Panels {
    let w = template();
    let drawn = (0..10_u8)
        .flat_map(|digit| (0..100).map(move |hand| (digit, hand)));
    let drawn: Vec<Point> = drawn
        .map(|(digit, hand)| {
            let x = inks(&handwriting::digit(digit, 1, hand));
            (weighted_sum(w.view(), x.view(), 0.0), f64::from(digit))
        })
        .collect();
    let mnist = table(include_str!("../../images/template_responses.csv"))?;
    let mnist_means: Vec<f64> =
        mnist.chunk_by(|a, b| a[0] == b[0]).map(|of| of[0][2]).collect();
    let mnist: Vec<Point> =
        mnist.iter().map(|row| (row[1], row[0])).collect();
    let drawn_means: Vec<f64> = drawn
        .chunk_by(|a, b| a.1 == b.1)
        .map(|of| of.iter().map(|p| p.0).sum::<f64>() / of.len() as f64)
        .collect();
    let draw = |(title, color, points, means): (
        &str,
        Rgb,
        Vec<Point>,
        Vec<f64>,
    )| {
        let x = Axis::linear("weighted sum z", -10.0..16.0, 5.0);
        let names =
            (0..10).map(|digit| (f64::from(digit), digit.to_string()));
        let y = Axis {
            name: String::new(),
            range: 9.7..-0.7,
            logarithmic: false,
            ticks: names.collect(),
        };
        let mut chart = Chart::new(HALF, 300.0, title, x, y);
        chart.line([(5.0, 9.7), (5.0, -0.7)], dashed(INK, 1.5));
        // Each dot a little above or below its line, so that equal ones can be seen.
        let spread = points.iter().enumerate().map(|(i, &(z, digit))| {
            (
                z,
                digit
                    + 0.26
                        * (f64::from((i * 37 % 100) as u32) / 50.0 - 1.0),
            )
        });
        chart.dots_within(spread, 1.4, color);
        for (digit, mean) in (0..10).map(f64::from).zip(means) {
            chart.line(
                [(mean, digit - 0.38), (mean, digit + 0.38)],
                solid(INK, 3.0),
            );
        }
        chart.panel
    };
    Ok([
        ("drawn digits", BLUE, drawn, drawn_means),
        ("MNIST", ORANGE, mnist, mnist_means),
    ]
    .into_iter()
    .map(draw)
    .collect())
}

/// A neuron of two inputs, its border, and how far points lie from it.
pub(super) fn border() -> Panels {
    let neuron = StepNeuron { w: array![3.0, 4.0], b: -10.0 };
    let axis = |name| Axis::linear(name, -1.0..5.0, 1.0);
    let mut chart = Chart::square(FULL, "", axis("x₁"), axis("x₂"));
    let at_level = |z: f64, x: f64| {
        (x, (z - neuron.b - neuron.w[0] * x) / neuron.w[1])
    };
    let level = |z: f64| [at_level(z, -1.0), at_level(z, 5.0)];
    // The side that fires, up to the edges of the chart.
    let corner = |x2: f64| (10.0 - 4.0 * x2) / 3.0;
    chart.area(
        [
            (-1.0, 3.25),
            (corner(-1.0), -1.0),
            (5.0, -1.0),
            (5.0, 5.0),
            (-1.0, 5.0),
        ],
        BLUE,
        0.1,
    );
    for z in [-10.0, -5.0, 5.0, 10.0] {
        chart.curve(level(z), dashed(MUTED, 1.2));
    }
    chart.curve(level(0.0), solid(BLUE, 2.8));
    let names = [
        (-10.0, -0.6, "z = −10"),
        (-5.0, -0.7, "−5"),
        (0.0, -0.6, "z = 0"),
        (5.0, -0.7, "5"),
        (10.0, 0.45, "z = 10"),
    ];
    for (z, x, name) in names {
        let color = if z == 0.0 { BLUE } else { MUTED };
        chart.text(at_level(z, x), name, Anchor::Middle, color);
    }
    // The mark of a right angle.
    let foot = (2.8, 0.4);
    let corner = |at: Point, side: f64| {
        let (along, up) =
            ((-0.8 * side, 0.6 * side), (0.6 * side, 0.8 * side));
        [
            (at.0 + along.0, at.1 + along.1),
            (at.0 + along.0 + up.0, at.1 + along.1 + up.1),
            (at.0 + up.0, at.1 + up.1),
        ]
    };
    // The foot of the origin's perpendicular.
    let near = (1.2, 1.6);
    chart.line([(0.0, 0.0), near], dashed(ORANGE, 2.0));
    chart.line([foot, (4.0, 2.0)], dashed(BLUE, 2.0));
    chart.line(corner(foot, 0.22), solid(BLUE, 1.4));
    let middle = (1.9, 1.075);
    chart.line(corner(middle, 0.22), solid(INK, 1.4));
    chart.arrow(middle, (middle.0 + 1.2, middle.1 + 1.6), solid(INK, 2.5));
    chart.text((3.25, 2.9), "direction of w", Anchor::Middle, INK);
    chart.dots([(4.0, 2.0)], 5.0, BLUE);
    chart.dots([(0.0, 0.0)], 5.0, ORANGE);
    chart.text((4.1, 2.32), "(4, 2)", Anchor::Middle, BLUE);
    chart.text((3.62, 1.06), "+2", Anchor::Start, BLUE);
    chart.text((0.12, -0.3), "(0, 0)", Anchor::Middle, ORANGE);
    chart.text((0.42, 0.98), "−2", Anchor::End, ORANGE);
    Ok(vec![chart.panel])
}

/// Two points on a ray from the origin, which no border through the origin can part.
pub(super) fn no_bias() -> Panels {
    let faint = (0.35, 0.3);
    let bold = (1.05, 0.9);
    let draw = |(title, w, biases): (&str, [f64; 2], &[f64])| {
        let axis = |name| Axis::linear(name, -0.5..1.5, 0.5);
        let mut chart =
            Chart::square(QUARTER, title, axis("x₁"), axis("x₂"));
        chart.line([(0.0, 0.0), (1.4, 1.2)], dashed(MUTED, 1.2));
        match biases {
            [] => {
                for slope in [-2.2, -1.0, -0.35, 0.35, 2.2] {
                    let line = [-1.0, 2.0].map(|x| (x, slope * x));
                    chart.curve(line, dashed(ORANGE, 1.8));
                }
            }
            biases => {
                for b in biases {
                    let line =
                        [-1.0, 2.0].map(|x| (x, -(b + w[0] * x) / w[1]));
                    chart.curve(line, solid(BLUE, 2.6));
                }
                chart.area(
                    [(-0.25, 1.5), (1.5, -0.25), (1.5, 1.5)],
                    BLUE,
                    0.12,
                );
            }
        }
        for (point, name, color) in
            [(faint, "0", ORANGE), (bold, "1", BLUE)]
        {
            chart.rings([point], 10.0, color);
            chart.text(point, name, Anchor::Middle, color);
        }
        chart.dots([(0.0, 0.0)], 4.0, INK);
        chart.panel
    };
    Ok([
        ("without a bias", [1.0, 1.0], &[] as &[f64]),
        ("with b = −1.25", [1.0, 1.0], &[-1.25]),
    ]
    .into_iter()
    .map(draw)
    .collect())
}

/// The weights that the perceptron rule finds for 2 against 7, beside the template. They come from
/// `images/template_weights.csv`, which `cargo run --release --example template` writes.
pub(super) fn found_weights() -> Panels {
    const TOP: f64 = LINE + 6.0;
    const PIXEL: f64 = 8.0;
    let found = table(include_str!("../../images/template_weights.csv"))?;
    let found: Array1<f64> = found.into_iter().flatten().collect();
    let draw = |(title, w): (&str, Array1<f64>)| {
        let side = SIDE as f64 * PIXEL;
        let mut panel = Panel::new(QUARTER, TOP + side + LINE + 6.0);
        panel.title(title);
        let largest = w.fold(0.0_f64, |largest, v| largest.max(v.abs()));
        panel.at((1.0, TOP), |panel| {
            let shown = (&w / largest).to_vec();
            signed_pictures(panel, &[(shown, (0, 0))], SIDE, PIXEL);
            panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
        });
        let below = TOP + side + LINE - 4.0;
        panel.text((1.0, below), "+ for a 2", Anchor::Start, BLUE);
        panel.text((side, below), "− for a 7", Anchor::End, ORANGE);
        panel
    };
    Ok([("cut by hand", template()), ("found by the rule", found)]
        .into_iter()
        .map(draw)
        .collect())
}

/// Corrections in each pass and the share of test pictures that are right. The numbers come from
/// `images/template_passes.csv`, which `cargo run --release --example template` writes.
pub(super) fn passes() -> Panels {
    let rows = table(include_str!("../../images/template_passes.csv"))?;
    let draw =
        |(name, range, step, column, color): (&str, _, f64, usize, Rgb)| {
            let label = |exponent| {
                number(10_f64.powi(exponent)).replace("1000", "1,000")
            };
            let x = Axis::decades("pass", 1.0..1500.0, 1, label);
            let y = Axis::linear(name, range, step);
            let mut chart = Chart::new(HALF, 200.0, "", x, y);
            for seed in 1..=5 {
                let own =
                    rows.iter().filter(|row| row[0] == f64::from(seed));
                let own: Vec<Point> =
                    own.map(|row| (row[1], row[column])).collect();
                chart.line(own.clone(), solid(color, 0.9));
                chart.dots(own.last().copied(), 3.6, color);
            }
            chart
        };
    let corrections = draw(("corrections", 0.0..350.0, 50.0, 2, ORANGE));
    let right = draw((
        "test pictures right, in per cent",
        94.0..100.0,
        1.0,
        3,
        BLUE,
    ));
    Ok(vec![corrections.panel, right.panel])
}
