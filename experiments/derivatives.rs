//! Runs the check of every derivative that a page states, for the ledger of derivatives.
//!
//! `cargo run --release --example derivatives`

use mdbook_neurons::derivatives::{Derivatives, FILE, Row, rounded_up};

#[path = "../tests/derivative_checks/mod.rs"]
mod derivative_checks;
use derivative_checks::{Golden, POINTS, compared};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut ledger =
        Derivatives { torch: Golden::read().torch, ..Derivatives::default() };
    for found in compared() {
        let row = Row {
            variables: found.variables,
            points: POINTS,
            central: rounded_up(found.central),
            complex: rounded_up(found.complex),
            pytorch_points: found.pytorch_points,
            pytorch: rounded_up(found.pytorch),
        };
        println!(
            "{:45} {:e}  {:e}  {:e}",
            found.path, row.central, row.complex, row.pytorch
        );
        ledger.rows.insert(found.path.into(), row);
    }
    std::fs::write(FILE, ledger.text()?)?;
    Ok(())
}
