//! Runs the check of every derivative that a page states, for the ledger of derivatives.
//!
//! `cargo run --release --example derivatives`

use mdbook_neurons::derivatives::{Derivatives, FILE, Row, rounded_up};
use neurons::checks::{POINTS, compared, pytorch_version};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut ledger = Derivatives { torch: pytorch_version(), ..Derivatives::default() };
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
