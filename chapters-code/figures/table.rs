//! What figures are drawn from, and what drawing comes to.

use std::error::Error;
use std::num::ParseFloatError;

use super::panel::{Panel, Point};

/// What drawing a figure comes to.
pub(super) type Panels = Result<Vec<Panel>, Box<dyn Error>>;

/// The rows of a CSV file, cut at the commas.
pub(super) fn rows(csv: &str) -> impl Iterator<Item = Vec<&str>> {
    csv.lines().map(|line| line.split(',').collect())
}

/// The rows of numbers of a CSV file with one line of headings.
pub(super) fn table(csv: &str) -> Result<Vec<Vec<f64>>, ParseFloatError> {
    let numbers =
        |row: Vec<&str>| row.into_iter().map(str::parse).collect();
    rows(csv).skip(1).map(numbers).collect()
}

/// The means over the seeds: one for each x, in the order of the axis.
pub(super) fn means(points: impl IntoIterator<Item = Point>) -> Vec<Point> {
    let mut points: Vec<Point> = points.into_iter().collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mean = |seeds: &[Point]| {
        let sum: f64 = seeds.iter().map(|point| point.1).sum();
        (seeds[0].0, sum / seeds.len() as f64)
    };
    points.chunk_by(|a, b| a.0 == b.0).map(mean).collect()
}
