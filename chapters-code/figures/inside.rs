//! Chapters 18 and 19: what a network holds, and what its answers are worth.

use super::chart::{Axis, Chart};
use super::palette::{BLUE, CONTOUR, GRID, INK, MUTED, ORANGE, Rgb, TEAL};
use super::panel::{
    Anchor, FULL, HALF, LINE, Panel, Point, THIRD, dashed, solid, tinted,
};
use super::table::{Panels, means, rows};
use crate::pixels::SIDE;

/// Weights as whole numbers from −9 to 9, in a list with blanks.
fn weights(list: &str) -> Result<Vec<i32>, std::num::ParseIntError> {
    list.split(' ').map(str::parse).collect()
}

/// Pictures of weights at places counted in pixels: blue above 0, orange below.
fn signed(
    panel: &mut Panel,
    all: &[(Vec<i32>, (usize, usize))],
    size: f64,
) {
    for (color, sign) in [(BLUE, 1), (ORANGE, -1)] {
        let part = |w: &Vec<i32>| -> Vec<u8> {
            w.iter().map(|w| (255 * (sign * w).max(0) / 9) as u8).collect()
        };
        let of_sign: Vec<_> =
            all.iter().map(|(w, at)| (part(w), *at)).collect();
        tinted(panel, &of_sign, SIDE, size, color);
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
            let w = weights(row[6])?;
            let side = SIZE * SIDE as f64;
            panel.at(place, |panel| {
                signed(panel, &[(w, (0, 0))], SIZE);
                panel.line(
                    &[
                        (0.0, 0.0),
                        (side, 0.0),
                        (side, side),
                        (0.0, side),
                        (0.0, 0.0),
                    ],
                    solid(GRID, 1.0),
                );
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
    const SIZE: f64 = 4.0;
    let csv = include_str!("../../images/share_of_stroke.csv");
    let all: Vec<Vec<&str>> = rows(csv).collect();
    let share: f64 = all[0][1].parse()?;
    let titles = [
        "one neuron".to_string(),
        format!("= its stroke, {share:.0} %"),
        format!("+ the rest, {:.0} %", 100.0 - share),
    ];
    let side = SIZE * SIDE as f64;
    let draw = |(row, title): (&Vec<&str>, String)| {
        let mut panel = Panel::new(THIRD, side + 24.0);
        let w = weights(row[0])?;
        panel.at(((THIRD - side) / 2.0, 22.0), |panel| {
            signed(panel, &[(w, (0, 0))], SIZE);
            panel.line(
                &[
                    (0.0, 0.0),
                    (side, 0.0),
                    (side, side),
                    (0.0, side),
                    (0.0, 0.0),
                ],
                solid(GRID, 1.0),
            );
        });
        panel.text((THIRD / 2.0, 8.0), &title, Anchor::Middle, INK);
        Ok(panel)
    };
    all[1..].iter().zip(titles).map(draw).collect()
}

/// How much of each neuron is a stroke. From `images/edges.csv`, which `--example edges` writes.
pub(super) fn stroke_shares() -> Panels {
    const ROW: f64 = 26.0;
    const NAMES: f64 = 128.0;
    const FOOT: f64 = 40.0;
    let kinds = [
        ("random", "random weights"),
        ("nielsen", "Nielsen's"),
        ("linear", "784-10"),
        ("3b1b", "3Blue1Brown's"),
        ("book", "the book's"),
        ("book_l2", "… with L2"),
        ("wide", "784-128-10"),
        ("wide_l2", "… with L2"),
        ("whole", "whole digits"),
        ("hand", "made by hand"),
    ];
    let csv = include_str!("../../images/edges.csv");
    let all: Vec<Vec<&str>> = rows(csv).skip(1).collect();
    let (left, right) = (NAMES + 8.0, FULL - 16.0);
    let at = |share: f64| left + share / 100.0 * (right - left);
    let mut panel = Panel::new(FULL, kinds.len() as f64 * ROW + FOOT);
    let bottom = kinds.len() as f64 * ROW + 4.0;
    for tick in [0, 25, 50, 75, 100] {
        let x = at(f64::from(tick));
        panel.line(&[(x, 4.0), (x, bottom)], solid(GRID, 1.0));
        panel.text(
            (x, bottom + 12.0),
            &tick.to_string(),
            Anchor::Middle,
            INK,
        );
    }
    let middle = (left + right) / 2.0;
    panel.text(
        (middle, bottom + 29.0),
        "% of ‖w‖² in one stroke",
        Anchor::Middle,
        MUTED,
    );
    for (k, (kind, name)) in kinds.into_iter().enumerate() {
        let y = 4.0 + (k as f64 + 0.5) * ROW;
        let shares = all.iter().filter(|row| row[0] == kind);
        let shares: Vec<f64> =
            shares.map(|row| row[2].parse()).collect::<Result<_, _>>()?;
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        // Dots of equal shares stand beside each other, up to nine.
        let dots: Vec<Point> = shares
            .iter()
            .enumerate()
            .map(|(i, &share)| {
                (at(share), y + (i * 7 % 9) as f64 * 1.6 - 6.4)
            })
            .collect();
        let color = match kind {
            "random" | "hand" | "whole" => ORANGE,
            _ => BLUE,
        };
        panel.dots(&dots, 1.4, color);
        panel.line(
            &[(at(mean), y - 10.0), (at(mean), y + 10.0)],
            solid(INK, 2.5),
        );
        panel.text((NAMES, y), name, Anchor::End, INK);
    }
    Ok(vec![panel])
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
        let picture: Vec<u8> = weights(row[1])?
            .into_iter()
            .map(|level| (255 * level / 9) as u8)
            .collect();
        let at = ((digit % 5) as f64 * CELL, (digit / 5) as f64 * down);
        panel.at(at, |panel| {
            tinted(panel, &[(picture, (0, 0))], SIDE, SIZE, INK);
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
    const NAMES: f64 = 128.0;
    const ROW: f64 = 24.0;
    const FOOT: f64 = 40.0;
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
        let (left, right) = (NAMES + 8.0, HALF - 14.0);
        let at = |share: f64| left + share / 100.0 * (right - left);
        let top = 22.0;
        let bottom = top + kinds.len() as f64 * ROW;
        let mut panel = Panel::new(HALF, bottom + FOOT);
        panel.title(title);
        for tick in [0, 50, 100] {
            let x = at(f64::from(tick));
            panel.line(&[(x, top), (x, bottom)], solid(GRID, 1.0));
            panel.text(
                (x, bottom + 12.0),
                &tick.to_string(),
                Anchor::Middle,
                INK,
            );
        }
        let middle = (left + right) / 2.0;
        panel.text(
            (middle, bottom + 29.0),
            "% of the answers above 0.9",
            Anchor::Middle,
            MUTED,
        );
        for (k, (kind, name)) in kinds.into_iter().enumerate() {
            let y = top + (k as f64 + 0.5) * ROW;
            let of = all
                .iter()
                .filter(|row| row[0] == network && row[1] == kind);
            let shares: Vec<f64> =
                of.map(|row| row[3].parse()).collect::<Result<_, _>>()?;
            let mean = shares.iter().sum::<f64>() / shares.len() as f64;
            let color: Rgb = if kind == "digits" { BLUE } else { ORANGE };
            panel.line(&[(at(0.0), y), (at(mean), y)], solid(color, 7.0));
            let dots: Vec<Point> =
                shares.iter().map(|&share| (at(share), y)).collect();
            panel.dots(&dots, 2.6, INK);
            panel.text((NAMES, y), name, Anchor::End, INK);
        }
        Ok(panel)
    };
    networks.into_iter().map(draw).collect()
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
            let points: Vec<Point> = of
                .map(|row| Ok((row[2].parse()?, row[4].parse()?)))
                .collect::<Result<_, std::num::ParseFloatError>>()?;
            let line = means(points);
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
    let draw = |(network, way, title): (&str, &str, &str)| {
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
                row[0] == network && row[1] == way && row[2] == seed
                    // Fewer say little.
                    && row[3].parse::<f64>().is_ok_and(|pictures| pictures >= 20.0)
            });
            let points: Vec<Point> = of
                .map(|row| Ok((row[4].parse()?, row[5].parse()?)))
                .collect::<Result<_, std::num::ParseFloatError>>()?;
            chart.line(points.clone(), solid(BLUE, 1.4));
            chart.dots(points, 2.6, BLUE);
        }
        Ok(chart.panel)
    };
    [
        ("book", "plain", "the book's 784-16-16-10"),
        ("wide_l2", "plain", "784-128-10 with L2"),
    ]
    .into_iter()
    .map(draw)
    .collect()
}
