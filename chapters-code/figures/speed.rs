//! The figures of chapter 18, from what programs of `experiments/` measured.

use std::error::Error;
use std::ops::Range;

use plotters::style::RGBColor;

use super::charts::{
    Anchor, Axis, Chart, FULL, HALF, LINE, Panel, Point, dashed, number,
    solid,
};
use super::palette::{BLUE, INK, MUTED, OCHRE, ORANGE, TEAL};
use crate::speed::workloads;

type Panels = Result<Vec<Panel>, Box<dyn Error>>;

/// The rows of a CSV file, cut at the commas.
fn rows(csv: &str) -> impl Iterator<Item = Vec<&str>> {
    csv.lines().map(|line| line.split(',').collect())
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
    let slopes: [(f64, &str, bool, RGBColor); 2] = [
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

/// What holds all of these numbers on a logarithmic axis, and a little more.
fn around(values: impl IntoIterator<Item = f64>) -> Range<f64> {
    let (low, high) = values
        .into_iter()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), v| {
            (low.min(v), high.max(v))
        });
    0.8 * low..1.25 * high
}

/// The whole powers of ten that hold all of these numbers.
fn decades(values: impl IntoIterator<Item = f64>) -> Range<f64> {
    let Range { start, end } = around(values);
    10_f64.powf(start.log10().floor())
        ..10_f64.powf((end / 1.25).log10().ceil())
}

/// Pictures per second of every library, for four networks and two numbers of threads. The
/// numbers come from `images/peers.csv`, which `--example peers` writes.
pub(super) fn peers() -> Panels {
    let csv = include_str!("../../images/peers.csv");
    let who = [
        ("engine", "this book", ORANGE),
        ("dense", "this book, no zeros", OCHRE),
        ("numpy", "NumPy", BLUE),
        ("pytorch", "PyTorch", BLUE),
        ("jax", "JAX", BLUE),
        ("burn", "burn", BLUE),
        ("candle", "candle", BLUE),
        ("limit", "limit, all pixels", MUTED),
        ("lit_limit", "limit, lit pixels", MUTED),
    ];
    const NAMES: f64 = 134.0;
    let mut key = Panel::new(FULL, LINE);
    key.ring((8.0, 8.0), 4.0, INK);
    key.text((18.0, 8.0), "one thread", Anchor::Start, INK);
    key.dot((118.0, 8.0), 5.0, INK);
    key.text((128.0, 8.0), "two", Anchor::Start, INK);
    key.line(&[(176.0, 8.0), (196.0, 8.0)], solid(INK, 1.5));
    key.text((202.0, 8.0), "lowest to highest", Anchor::Start, INK);
    let mut panels = vec![key];
    for (workload, recipe) in workloads() {
        let mut speeds = vec![];
        for (line, (key, ..)) in who.iter().enumerate() {
            for threads in ["1", "2"] {
                let row = rows(csv)
                    .find(|row| row[..3] == [workload, threads, key]);
                let row = row.ok_or_else(|| {
                    format!("images/peers.csv has no {workload}, {threads}, {key}")
                })?;
                let number = |i: usize| row[i].parse::<f64>();
                speeds.push((
                    line,
                    threads,
                    [number(3)?, number(4)?, number(5)?],
                ));
            }
        }
        let sizes: Vec<String> =
            recipe.sizes.iter().map(usize::to_string).collect();
        let title = format!(
            "{workload}: {}, batches of {}",
            sizes.join("-"),
            recipe.batch
        );
        let x = Axis::decades(
            "pictures a second",
            decades(speeds.iter().flat_map(|(.., speed)| *speed)),
            1,
            |e| match e {
                ..6 => format!("{} k", number(10_f64.powi(e - 3))),
                _ => format!("{} M", number(10_f64.powi(e - 6))),
            },
        );
        // The names stand where the numbers of an axis would.
        let tall = LINE * who.len() as f64;
        let y = Axis::bare(-0.5..who.len() as f64 - 0.5);
        let mut chart = Chart::beside(NAMES, HALF, tall, &title, x, y);
        let row = |line: usize| (who.len() - 1 - line) as f64;
        for (line, (_, name, color)) in who.iter().enumerate() {
            chart.beside_row(row(line), name, *color);
        }
        for (line, threads, [median, lowest, highest]) in speeds {
            // A little above each other, so that neither hides the other.
            let lift = if threads == "1" { 0.17 } else { -0.17 };
            let (y, color) = (row(line) + lift, who[line].2);
            chart.line([(lowest, y), (highest, y)], solid(color, 1.5));
            match threads {
                "1" => chart.rings([(median, y)], 4.0, color),
                _ => chart.dots([(median, y)], 5.0, color),
            }
        }
        panels.push(chart.panel);
    }
    Ok(panels)
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
