//! What figures are drawn from, and what drawing comes to.

use std::error::Error;
use std::num::ParseFloatError;

use super::panel::Panel;

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
