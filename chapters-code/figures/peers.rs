//! Chapter 20: this book's engine beside the libraries. Its networks are those of `speed`, which
//! needs the engine.

use std::ops::Range;

use super::chart::{Axis, Chart, around, number};
use super::palette::{BLUE, GRID, INK, MUTED, OCHRE, ORANGE};
use super::panel::{Anchor, FULL, HALF, LINE, Panel, solid};
use super::table::{Panels, rows};
use crate::speed::workloads;

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
        let range = decades(speeds.iter().flat_map(|(.., speed)| *speed));
        let start = range.start;
        let x = Axis::decades("pictures a second", range, 1, |e| match e {
            ..6 => format!("{} k", number(10_f64.powi(e - 3))),
            _ => format!("{} M", number(10_f64.powi(e - 6))),
        });
        // The names stand where the numbers of an axis would.
        let tall = LINE * who.len() as f64;
        let y = Axis {
            name: String::new(),
            range: -0.5..who.len() as f64 - 0.5,
            logarithmic: false,
            ticks: vec![],
        };
        let mut chart = Chart::with(NAMES, HALF, Some(tall), &title, x, y);
        let row = |line: usize| (who.len() - 1 - line) as f64;
        for (line, (_, name, color)) in who.iter().enumerate() {
            let (.., at) = chart.at((start, row(line)));
            let (left, right) = (chart.left, chart.right);
            chart.panel.line(&[(left, at), (right, at)], solid(GRID, 1.0));
            chart.panel.text((left - 8.0, at), name, Anchor::End, *color);
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
