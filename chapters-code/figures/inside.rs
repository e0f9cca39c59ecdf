//! Chapters 18 and 19: what a network holds, and what its answers are worth.

use std::num::ParseFloatError;

use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::asked::inks;
use super::chart::{Axis, Chart};
use super::looks::of_file;
use super::opening::reader;
use super::palette::{BLUE, CONTOUR, GRID, INK, MUTED, ORANGE, TEAL};
use super::panel::{
    Anchor, FULL, HALF, LINE, Panel, Point, captioned, dashed, of_sign,
    pictures, signed_pictures, solid,
};
use super::table::{Panels, means, rows};
use crate::cost::largest;
use crate::doubt;
use crate::pixels::{CLASSES, SIDE};
use crate::softmax::{SoftmaxCrossEntropy, softmax};

/// Numbers from −1 to 1 in ninths, in a list with blanks.
fn ninths(list: &str) -> Result<Vec<f64>, ParseFloatError> {
    let ninth = |word: &str| Ok(word.parse::<f64>()? / 9.0);
    list.split(' ').map(ninth).collect()
}

/// Weights in a frame.
fn weights(panel: &mut Panel, shown: &[f64], size: f64) {
    let side = size * SIDE as f64;
    signed_pictures(panel, &[(shown, (0, 0))], SIDE, size);
    panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
}

/// Two columns of a table as points.
fn points<'a>(
    mut rows: impl Iterator<Item = &'a Vec<&'a str>>,
    x: usize,
    y: usize,
) -> Result<Vec<Point>, ParseFloatError> {
    rows.try_fold(vec![], |mut points, row| {
        points.push((row[x].parse()?, row[y].parse()?));
        Ok(points)
    })
}

fn mean(v: &[f64]) -> f64 {
    v.iter().sum::<f64>() / v.len() as f64
}

/// Rows with names on the left, over an axis of per cents.
struct Rows {
    panel: Panel,
    ends: (f64, f64),
    top: f64,
    row: f64,
}

impl Rows {
    fn new<'a>(
        (across, row): (f64, f64),
        title: &str,
        names: impl ExactSizeIterator<Item = &'a str>,
        (axis, step): (&str, usize),
    ) -> Self {
        const NAMES: f64 = 128.0;
        let top = if title.is_empty() { 4.0 } else { 22.0 };
        let bottom = top + names.len() as f64 * row;
        let panel = Panel::new(across, bottom + 40.0);
        let ends = (NAMES + 8.0, across - 16.0);
        let mut rows = Rows { panel, ends, top, row };
        if !title.is_empty() {
            rows.panel.title(title);
        }
        for percent in (0..=100).step_by(step) {
            let (x, words) = (rows.x(percent as f64), percent.to_string());
            rows.panel.line(&[(x, top), (x, bottom)], solid(GRID, 1.0));
            let below = (x, bottom + 12.0);
            rows.panel.text(below, &words, Anchor::Middle, INK);
        }
        let below = ((ends.0 + ends.1) / 2.0, bottom + 29.0);
        rows.panel.text(below, axis, Anchor::Middle, MUTED);
        for (k, name) in names.enumerate() {
            let beside = (NAMES, rows.y(k));
            rows.panel.text(beside, name, Anchor::End, INK);
        }
        rows
    }

    fn x(&self, percent: f64) -> f64 {
        self.ends.0 + percent / 100.0 * (self.ends.1 - self.ends.0)
    }

    /// The middle of row k.
    fn y(&self, k: usize) -> f64 {
        self.top + (k as f64 + 0.5) * self.row
    }
}

/// The first layer of the book's network on MNIST, without L2 and with it, and the stroke that each
/// neuron is most like. From `images/listened.csv`, which `--example edges` writes.
pub(super) fn listened() -> Panels {
    const CELL: usize = SIDE + 2;
    const SIZE: f64 = 2.4;
    const BELOW: f64 = 15.0;
    const TOP: f64 = 22.0;
    let csv = include_str!("../../images/listened.csv");
    let draw = |(kind, title): (&str, &str)| {
        let across = SIZE * CELL as f64;
        let down = across + BELOW;
        let mut panel = Panel::new(4.0 * across, TOP + 4.0 * down);
        panel.title(title);
        for (j, row) in
            rows(csv).filter(|row| row[0] == kind).take(16).enumerate()
        {
            let place =
                ((j % 4) as f64 * across, TOP + (j / 4) as f64 * down);
            let [x, y, angle, long]: [f64; 4] = [
                row[2].parse()?,
                row[3].parse()?,
                row[4].parse()?,
                row[5].parse()?,
            ];
            let w = ninths(row[6])?;
            let side = SIZE * SIDE as f64;
            panel.at(place, |panel| {
                weights(panel, &w, SIZE);
                let (dx, dy) = (long * angle.cos(), long * angle.sin());
                let inside = |(x, y): Point| {
                    (
                        (x + 0.5).clamp(0.5, 27.5) * SIZE,
                        (y + 0.5).clamp(0.5, 27.5) * SIZE,
                    )
                };
                panel.line(
                    &[inside((x - dx, y - dy)), inside((x + dx, y + dy))],
                    solid(INK, 1.6),
                );
                let below = (side / 2.0, side + 8.0);
                panel.text(
                    below,
                    &format!("{} %", row[1]),
                    Anchor::Middle,
                    INK,
                );
            });
        }
        Ok(panel)
    };
    [("book", "the book's recipe"), ("book_l2", "with L2")]
        .into_iter()
        .map(draw)
        .collect()
}

/// A neuron as a stroke and a rest. From `images/share_of_stroke.csv`, which `--example liked`
/// writes.
pub(super) fn share_of_stroke() -> Panels {
    let csv = include_str!("../../images/share_of_stroke.csv");
    let all: Vec<Vec<&str>> = rows(csv).collect();
    let share: f64 = all[0][1].parse()?;
    let titles = [
        "one neuron".to_string(),
        format!("= its stroke, {share:.0} %"),
        format!("+ the rest, {:.0} %", 100.0 - share),
    ];
    let draw = |(row, title): (&Vec<&str>, String)| {
        let w = ninths(row[0])?;
        Ok(captioned(&title, |panel, pixel| {
            signed_pictures(panel, &[(w, (0, 0))], SIDE, pixel);
        }))
    };
    all[1..].iter().zip(titles).map(draw).collect()
}

/// How much of each neuron is a stroke. From `images/edges.csv`, which `--example edges` writes.
pub(super) fn stroke_shares() -> Panels {
    let kinds = [
        ("random", "random weights", ORANGE),
        ("nielsen", "Nielsen's", BLUE),
        ("linear", "784-10", BLUE),
        ("3b1b", "3Blue1Brown's", BLUE),
        ("book", "the book's", BLUE),
        ("book_l2", "… with L2", BLUE),
        ("wide", "784-128-10", BLUE),
        ("wide_l2", "… with L2", BLUE),
        ("whole", "whole digits", ORANGE),
        ("hand", "made by hand", ORANGE),
    ];
    let csv = include_str!("../../images/edges.csv");
    let all: Vec<Vec<&str>> = rows(csv).skip(1).collect();
    let names = kinds.iter().map(|(_, name, _)| *name);
    let axis = ("% of ‖w‖² in one stroke", 25);
    let mut chart = Rows::new((FULL, 26.0), "", names, axis);
    for (k, (kind, _, color)) in kinds.into_iter().enumerate() {
        let y = chart.y(k);
        let shares = all.iter().filter(|row| row[0] == kind);
        let shares: Vec<f64> =
            shares.map(|row| row[2].parse()).collect::<Result<_, _>>()?;
        // Dots of equal shares stand beside each other, up to nine.
        let beside = |i: usize| y + (i * 7 % 9) as f64 * 1.6 - 6.4;
        let dots = shares.iter().enumerate();
        let dots: Vec<Point> =
            dots.map(|(i, &share)| (chart.x(share), beside(i))).collect();
        chart.panel.dots(&dots, 1.4, color);
        let x = chart.x(mean(&shares));
        chart.panel.line(&[(x, y - 10.0), (x, y + 10.0)], solid(INK, 2.5));
    }
    Ok(vec![chart.panel])
}

/// What the book's network loses without each of its neurons. From `images/switched_off.csv`, which
/// `--example switched_off` writes.
pub(super) fn switched_off() -> Panels {
    let csv = include_str!("../../images/switched_off.csv");
    let all: Vec<Vec<&str>> =
        rows(csv).skip(1).filter(|row| row[0] == "book").collect();
    let draw = |(layer, title): (&str, &str)| {
        let x = Axis::linear("seed", 0.0..6.0, 1.0);
        let y = Axis::linear("points lost", -1.0..10.0, 2.0);
        let mut chart = Chart::new(HALF, 200.0, title, x, y);
        for row in all.iter().filter(|row| row[2] == layer) {
            let [seed, neuron, lost]: [f64; 3] =
                [row[1].parse()?, row[3].parse()?, row[4].parse()?];
            let beside = (neuron - 7.5) / 26.0;
            chart.dots([(seed + beside, lost)], 3.0, BLUE);
        }
        Ok(chart.panel)
    };
    [("0", "first hidden layer"), ("1", "second hidden layer")]
        .into_iter()
        .map(draw)
        .collect()
}

/// Pictures that the outputs like best. From `images/liked.csv`, which `--example liked` writes.
pub(super) fn liked() -> Panels {
    const SIZE: f64 = 2.2;
    const CELL: f64 = 68.0;
    let csv = include_str!("../../images/liked.csv");
    let down = SIZE * SIDE as f64 + 26.0;
    let mut panel = Panel::new(5.0 * CELL, 2.0 * down);
    for (digit, row) in rows(csv).enumerate() {
        let p: f64 = row[0].parse()?;
        let picture = of_sign(&ninths(row[1])?, 1.0);
        let at = ((digit % 5) as f64 * CELL, (digit / 5) as f64 * down);
        panel.at(at, |panel| {
            pictures(panel, &[(picture, (0, 0))], SIDE, SIZE);
            let below =
                (SIZE * SIDE as f64 / 2.0, SIZE * SIDE as f64 + 10.0);
            let words = format!("{digit}: {p:.0} %");
            panel.text(below, &words, Anchor::Middle, INK);
        });
    }
    Ok(vec![panel])
}

/// How often each kind of network is sure of each kind of picture. From `images/sure.csv`, which
/// `--example sure` writes.
pub(super) fn sure() -> Panels {
    let networks = [
        ("linear", "784-10"),
        ("book", "the book's"),
        ("3b1b", "3Blue1Brown's"),
        ("nielsen", "Nielsen's"),
        ("wide_l2", "784-128-10, L2"),
    ];
    let kinds = [
        ("digits", "test digits"),
        ("turned_90", "turned by 90°"),
        ("moved_6", "moved by 6 pixels"),
        ("inverted", "white on black"),
        ("letters", "letters"),
        ("noise", "noise"),
        ("strewn", "strewn ink"),
        ("blank", "an empty picture"),
    ];
    let csv = include_str!("../../images/sure.csv");
    let all: Vec<Vec<&str>> = rows(csv).skip(1).collect();
    let draw = |(network, title): (&str, &str)| {
        let names = kinds.iter().map(|(_, name)| *name);
        let axis = ("% of the answers above 0.9", 50);
        let mut chart = Rows::new((HALF, 24.0), title, names, axis);
        for (k, (kind, _)) in kinds.into_iter().enumerate() {
            let y = chart.y(k);
            let of = all
                .iter()
                .filter(|row| row[0] == network && row[1] == kind);
            let shares: Vec<f64> =
                of.map(|row| row[3].parse()).collect::<Result<_, _>>()?;
            let color = if kind == "digits" { BLUE } else { ORANGE };
            let bar = [(chart.x(0.0), y), (chart.x(mean(&shares)), y)];
            chart.panel.line(&bar, solid(color, 7.0));
            let dots: Vec<Point> =
                shares.iter().map(|&share| (chart.x(share), y)).collect();
            chart.panel.dots(&dots, 2.6, INK);
        }
        Ok(chart.panel)
    };
    networks.into_iter().map(draw).collect()
}

/// A test picture, a nudge of every pixel by a tenth, and what comes of it: signs chosen against the
/// network, and by chance. The picture is the first of `images/mnist/read.idx`.
pub(super) fn nudged_digit() -> Panels {
    const EPSILON: f64 = 0.1;
    let reader = reader();
    let shown = of_file(include_bytes!("../../images/mnist/read.idx"));
    let x = inks(shown[0]).insert_axis(ndarray::Axis(0));
    let mut y = Array2::zeros((1, CLASSES));
    y[(0, 7)] = 1.0;
    let against =
        doubt::nudged(&reader, &SoftmaxCrossEntropy, &x, &y, EPSILON);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let by_chance = x.mapv(|x| {
        let sign = if random.next_u32() % 2 == 0 { 1.0 } else { -1.0 };
        (x + EPSILON * sign).clamp(0.0, 1.0)
    });
    let named = |x: &Array2<f64>| {
        let p = softmax(&reader.answers(x).row(0).to_owned());
        let named = largest(p.view());
        format!("{named}: {:.0} %", 100.0 * p[named])
    };
    let picture = |x: &Array2<f64>| {
        captioned(&named(x), |panel, pixel| {
            let bytes: Vec<u8> =
                x.iter().map(|x| (255.0 * x).round() as u8).collect();
            pictures(panel, &[(bytes, (0, 0))], SIDE, pixel);
        })
    };
    let mut panels = vec![];
    for (words, other) in
        [("+ the worst nudge", &against), ("+ one by chance", &by_chance)]
    {
        panels.push(picture(&x));
        panels.push(captioned(words, |panel, pixel| {
            // As strong as it is in the picture beside it.
            let shown = (other - &x).into_iter().collect::<Vec<_>>();
            signed_pictures(panel, &[(shown, (0, 0))], SIDE, pixel);
        }));
        panels.push(picture(other));
    }
    Ok(panels)
}

/// How many pictures are still read when all pixels change by ε. From `images/nudged.csv`, which
/// `--example nudged` writes.
pub(super) fn nudged() -> Panels {
    let csv = include_str!("../../images/nudged.csv");
    let all: Vec<Vec<&str>> = rows(csv).skip(1).collect();
    let x =
        Axis::linear("ε, the most that a pixel changes", 0.0..0.2, 0.05);
    let y = Axis::linear("% of the test pictures read", 0.0..100.0, 20.0);
    let mut chart = Chart::new(FULL, 230.0, "", x, y);
    let networks = [
        ("linear", "784-10", MUTED),
        ("book", "784-16-16-10", BLUE),
        ("wide", "784-128-10", TEAL),
    ];
    for (network, _, color) in networks {
        for (way, stroke) in
            [("against", solid(color, 2.4)), ("chance", dashed(color, 2.0))]
        {
            let of =
                all.iter().filter(|row| row[0] == network && row[1] == way);
            let line = means(points(of, 2, 4)?);
            chart.line(line.clone(), stroke);
            if way == "against" {
                chart.dots(line, 3.0, color);
            }
        }
    }
    let mut key = Panel::new(FULL, 3.0 * LINE);
    let mut x = 0.0;
    for (_, name, color) in networks {
        key.line(&[(x, LINE), (x + 22.0, LINE)], solid(color, 2.4));
        key.text((x + 27.0, LINE), name, Anchor::Start, INK);
        x += 40.0 + 8.4 * name.len() as f64;
    }
    for (x, stroke, name) in [
        (0.0, solid(INK, 2.4), "against the network"),
        (180.0, dashed(INK, 2.0), "by chance"),
    ] {
        key.line(&[(x, 2.0 * LINE), (x + 22.0, 2.0 * LINE)], stroke);
        key.text((x + 27.0, 2.0 * LINE), name, Anchor::Start, INK);
    }
    Ok(vec![chart.panel, key])
}

/// How often an answer is right that is given with some probability. From
/// `images/calibration.csv`, which `--example calibration` writes.
pub(super) fn reliability() -> Panels {
    let csv = include_str!("../../images/calibration.csv");
    let all: Vec<Vec<&str>> = rows(csv).skip(1).collect();
    let draw = |(network, title): (&str, &str)| {
        let axis = |name| Axis::linear(name, 0.0..1.0, 0.2);
        let mut chart = Chart::square(
            HALF,
            title,
            axis("how sure the network is"),
            axis("part that is right"),
        );
        chart.line([(0.0, 0.0), (1.0, 1.0)], dashed(CONTOUR, 1.5));
        for seed in 1..=5 {
            let seed = seed.to_string();
            let of = all.iter().filter(|row| {
                row[0] == network && row[1] == "plain" && row[2] == seed
                    // Fewer say little.
                    && row[3].parse::<f64>().is_ok_and(|pictures| pictures >= 20.0)
            });
            let points = points(of, 4, 5)?;
            chart.line(points.clone(), solid(BLUE, 1.4));
            chart.dots(points, 2.6, BLUE);
        }
        Ok(chart.panel)
    };
    [("book", "the book's 784-16-16-10"), ("wide_l2", "784-128-10 with L2")]
        .into_iter()
        .map(draw)
        .collect()
}
