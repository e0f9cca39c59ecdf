//! Part V: MNIST.

use std::error::Error;
use std::ops::ControlFlow;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::asked::inks;
use super::chart::{Axis, Chart, around, number};
use super::palette::{BLUE, CONTOUR, INK, MUTED, ORANGE, Rgb, TEAL};
use super::panel::{
    Anchor, FULL, HALF, Panel, Point, dashed, pictures, solid,
};
use super::table::{Panels, means, rows, table};
use crate::digits::handwriting;
use crate::mnist::distortion::Distortion;
use crate::mnist::{Epoch, Recipe, Training};
use crate::pixels::{Digits, SIDE};

/// A network that learns 500 pictures by heart.
pub(super) fn by_heart() -> Panels {
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
pub(super) fn bent() -> Panels {
    const CELL: usize = SIDE + 2;
    const HAND: u64 = 7;
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut all = vec![];
    for (row, digit) in [2, 5].into_iter().enumerate() {
        let image = handwriting::digit(digit, 1, HAND);
        let x = inks(&image);
        for column in 0..8 {
            let how = match column {
                0 => Distortion::None,
                1 => Distortion::Shift,
                _ => Distortion::Elastic,
            };
            let shown = how.of(x.view(), &mut random);
            let shown: Vec<u8> =
                shown.iter().map(|p| (255.0 * p).round() as u8).collect();
            all.push((shown, (column * CELL, row * CELL)));
        }
    }
    let mut panel =
        Panel::new(2.5 * (8 * CELL) as f64, 2.5 * (2 * CELL) as f64);
    pictures(&mut panel, &all, SIDE, 2.5);
    Ok(vec![panel])
}

/// Accuracy on the test pictures of MNIST, epoch by epoch, over five seeds. The numbers
/// come from `images/five_seeds.csv`, which `cargo run --release --example five_seeds`
/// writes.
pub(super) fn five_seeds() -> Panels {
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
    let mean = means(rows.iter().map(|row| (row[1], row[TEST])));
    chart.line(mean.clone(), solid(BLUE, 3.0));
    let (x, y) = mean[mean.len() / 2];
    chart.text((x, y - 0.01), "mean of five seeds", Anchor::Start, BLUE);
    Ok(vec![chart.panel])
}

/// What the chapter's steps reach, under what the memory and the processor allow. The
/// numbers come from `images/faster.csv`, which `--example faster` writes.
pub(super) fn roofline() -> Panels {
    const FROM: f64 = 0.04;
    const TO: f64 = 2.0;
    let csv = include_str!("../../images/faster.csv");
    let parse = |text: &str| text.parse::<f64>();
    let machine = rows(csv).take(3).map(|row| parse(row[1]));
    let machine: Vec<f64> = machine.collect::<Result<_, _>>()?;
    let [peak, first, second] = machine[..] else {
        return Err(
            "images/faster.csv begins with three numbers of the machine"
                .into(),
        );
    };
    let x = Axis::decades(
        "operations for a byte loaded or stored",
        FROM..TO,
        1,
        |e| number(10_f64.powi(e)),
    );
    let y = Axis::decades(
        "billions of operations a second",
        0.5..1000.0,
        1,
        |e| number(10_f64.powi(e)),
    );
    let mut chart = Chart::new(FULL, 300.0, "", x, y);
    let slopes: [(f64, &str, bool, Rgb); 2] = [
        (first, "first-level cache", true, BLUE),
        (second, "second-level cache", false, TEAL),
    ];
    for (cores, name) in
        [(1.0, "peak of one core"), (2.0, "peak of two cores")]
    {
        let roof = cores * peak;
        chart.line([(FROM, roof), (TO, roof)], solid(MUTED, 1.5));
        chart.along(((FROM, roof), (0.4, roof)), name, true, MUTED);
    }
    for (bandwidth, name, above, color) in slopes {
        let corner = peak / bandwidth;
        chart.line(
            [(FROM, FROM * bandwidth), (corner, peak)],
            solid(color, 2.0),
        );
        let ends = if above { (0.045, 0.2) } else { (0.45, corner) };
        let ends =
            ((ends.0, ends.0 * bandwidth), (ends.1, ends.1 * bandwidth));
        chart.along(ends, name, above, color);
    }
    let mut points = vec![];
    for row in rows(csv).skip(3) {
        points.push((row[0], chart.at((parse(row[1])?, parse(row[2])?))));
    }
    points.sort_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
    // Names stand to the right of their points, each at least a line below the
    // one above; only the fastest has its name on the left.
    let mut free = 0.0;
    for (name, at) in points {
        chart.panel.dot(at, 5.0, ORANGE);
        if name == "two cores" {
            chart.panel.text((at.0 - 10.0, at.1), name, Anchor::End, INK);
            continue;
        }
        let label = (at.0 + 46.0, f64::max(at.1, free));
        free = label.1 + 16.0;
        chart
            .panel
            .line(&[at, (label.0 - 3.0, label.1)], solid(MUTED, 1.0));
        chart.panel.text(label, name, Anchor::Start, INK);
    }
    Ok(vec![chart.panel])
}

/// How the time of one picture grows, beside what the work would make of it. The numbers
/// come from `images/growth.csv`, which `--example growth` writes.
pub(super) fn growth() -> Panels {
    let csv = include_str!("../../images/growth.csv");
    let measured =
        |what: &str| -> Result<Vec<Point>, std::num::ParseFloatError> {
            let of = rows(csv).filter(|row| row[0] == what);
            of.map(|row| {
                Ok((row[1].parse()?, 1e6 * row[2].parse::<f64>()?))
            })
            .collect()
        };
    let panels = [
        ("pictures", "pictures in the set", 0),
        ("width", "neurons of the hidden layer", 1),
        ("depth", "hidden layers of 128", 1),
        ("batch", "pictures a step", 0),
    ];
    let draw = |(what, name, slope): (&str, &str, i32)| -> Result<Panel, Box<dyn Error>> {
        let points = measured(what)?;
        let &(n, time) = points.last().ok_or("nothing was measured")?;
        let range = around(points.iter().map(|p| p.0));
        let x = Axis::decades(name, range.clone(), 1, |e| match e {
            ..3 => number(10_f64.powi(e)),
            3..6 => format!("{} k", number(10_f64.powi(e - 3))),
            _ => format!("{} M", number(10_f64.powi(e - 6))),
        });
        let y = Axis::decades("µs a picture", 0.1..100.0, 1, |e| number(10_f64.powi(e)));
        let mut chart = Chart::new(HALF, 170.0, "", x, y);
        // The slope that the work has, through the last point.
        let expected = |x: f64| (x, time * (x / n).powi(slope));
        chart.curve([expected(range.start), expected(range.end)], dashed(MUTED, 1.8));
        chart.line(points.clone(), solid(BLUE, 2.2));
        chart.dots(points, 3.5, BLUE);
        Ok(chart.panel)
    };
    panels.into_iter().map(draw).collect()
}
