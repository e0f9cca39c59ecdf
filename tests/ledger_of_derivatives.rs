//! The ledger of derivatives is what the checks find, and has a row for each of them.

use std::path::Path;

use mdbook_neurons::derivatives::{COMMAND, Derivatives, FILE, rounded_up};
use neurons::checks::{POINTS, compared, pytorch_version};

/// Another processor may round some last digits differently.
const SLACK: f64 = 4.0;

#[test]
fn every_check_finds_what_the_ledger_says() {
    let ledger =
        Derivatives::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("a ledger");
    let found = compared();
    let mut wrong = vec![];
    if ledger.torch != pytorch_version() {
        wrong.push(format!("another version of PyTorch than {FILE} says"));
    }
    for found in &found {
        let path = found.path;
        let row = match ledger.find(path) {
            Ok(row) => row,
            Err(message) => {
                wrong.push(message);
                continue;
            }
        };
        let asked = (found.variables, POINTS, found.pytorch_points);
        if (row.variables, row.points, row.pytorch_points) != asked {
            wrong.push(format!("{path}: other points or variables than {FILE} says"));
        }
        let errors = [
            ("central differences", found.central, row.central),
            ("complex steps", found.complex, row.complex),
            ("PyTorch", found.pytorch, row.pytorch),
        ];
        for (judge, error, recorded) in errors {
            // What is exact here may be one rounding away elsewhere.
            let recorded = recorded.max(1e-15);
            let near = rounded_up(error) <= SLACK * recorded
                && recorded <= SLACK * rounded_up(error).max(1e-15);
            if !near {
                wrong.push(format!(
                    "{path}: against {judge} {error:.1e}, recorded {recorded:.0e}"
                ));
            }
        }
    }
    // What chapter 6 says of the ledger: from 1e-4 upwards, suspect the formula.
    for (path, row) in &ledger.rows {
        if row.central >= 1e-6 {
            wrong
                .push(format!("{path}: so far from differences that chapter 6 is wrong"));
        }
    }
    let checked = |path: &String| found.iter().any(|found| found.path == path);
    let left: Vec<&String> = ledger.rows.keys().filter(|path| !checked(path)).collect();
    if !left.is_empty() {
        wrong.push(format!("checked no more: {left:?}"));
    }
    assert!(wrong.is_empty(), "\n{}\nif this is meant: {COMMAND}\n", wrong.join("\n"));
}
