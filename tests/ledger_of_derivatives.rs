//! The list of checks names every derivative once. The ledger is what the checks find, PyTorch is
//! asked about the same derivatives, and no judge overlooks a NaN.

use std::collections::BTreeSet;
use std::path::Path;

use mdbook_neurons::derivatives::{COMMAND, Derivatives, FILE, rounded_up};

mod derivative_checks;
use derivative_checks::{Golden, POINTS, checks, compared, error};

/// Another processor may round some last digits differently.
const SLACK: f64 = 4.0;

#[test]
fn every_check_finds_what_the_ledger_says() {
    let ledger =
        Derivatives::read(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("a ledger");
    let found = compared();
    let mut wrong = vec![];
    if ledger.torch != Golden::read().torch {
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

/// A derivative is named in the list of checks, in the script that asks PyTorch, and in what the
/// script wrote.
#[test]
fn pytorch_is_asked_about_every_check_and_nothing_else() {
    let listed: BTreeSet<(String, usize, usize)> = checks()
        .map(|check| (check.path.into(), check.inputs, check.variables))
        .collect();
    assert_eq!(listed.len(), checks().count(), "two checks of one derivative");
    let script = include_str!("pytorch/derivatives.py");
    let (_, entries) = script.split_once("\nCHECKS = {").expect("the script's list");
    let (entries, _) = entries.split_once("\n}\n").expect("its end");
    let asked = |entry: &str| {
        let (path, rest) = entry.split_once("\": (").expect("a path");
        let mut numbers = rest.split(',').map(|n| n.trim().parse().ok());
        let mut number = || numbers.next().flatten().expect("inputs and variables");
        (path.to_string(), number(), number())
    };
    let asked: BTreeSet<_> = entries.split("\n    \"").skip(1).map(asked).collect();
    let differ: Vec<_> = listed.symmetric_difference(&asked).collect();
    assert!(
        differ.is_empty(),
        "(path, inputs, variables) that only one of tests/derivative_checks/ and \
         tests/pytorch/derivatives.py has: {differ:?}; make the script's list that of the checks, \
         and run it"
    );
    let golden = Golden::read().checks;
    let answered: BTreeSet<&String> = golden.keys().collect();
    let paths: BTreeSet<&String> = listed.iter().map(|(path, ..)| path).collect();
    assert_eq!(
        answered, paths,
        "tests/pytorch/derivatives.json is stale: run tests/pytorch/derivatives.py"
    );
    for (path, inputs, variables) in &listed {
        for point in &golden[path] {
            let fits = point.at.len() == *inputs && point.jacobian.len() % variables == 0;
            assert!(fits, "tests/pytorch/derivatives.json has other points of {path}");
        }
    }
}

#[test]
fn an_error_is_relative_to_the_largest_entry() {
    assert_eq!(error(&[1.0, 4.0], &[1.0, 3.0]), 0.25);
    assert_eq!((error(&[0.0], &[0.0]), error(&[], &[])), (0.0, 0.0));
}

#[test]
fn an_error_keeps_a_nan() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let wrong = [
        ([nan, 1.0], [1.0, 1.0]),
        ([1.0, nan], [1.0, 1.0]),
        ([nan, nan], [nan, nan]),
        ([1.0, 1.0], [nan, 1.0]),
        ([inf, 1.0], [inf, 1.0]),
        ([1.0, 2.0], [1.0, -inf]),
    ];
    for (a, b) in wrong {
        assert!(error(&a, &b).is_nan(), "{a:?} {b:?}");
    }
    assert!(error(&[nan], &[1.0]).is_nan());
}

/// In the formula, in each judge, and in what they are asked about.
#[test]
fn a_nan_at_any_place_of_any_check_is_told() {
    for check in checks() {
        let point = check.point(0);
        let formula = (check.formula)(&point);
        let judges = [check.by_differences(&point), check.by_complex_steps(&point)];
        for judge in judges {
            assert!(error(&formula, &judge) < 1e-4, "{}", check.path);
            for at in 0..formula.len() {
                for (mut one, other) in
                    [(formula.clone(), &judge), (judge.clone(), &formula)]
                {
                    one[at] = f64::NAN;
                    assert!(error(&one, other).is_nan(), "{}: entry {at}", check.path);
                    assert!(error(other, &one).is_nan(), "{}: entry {at}", check.path);
                }
            }
        }
        for at in 0..check.inputs {
            let mut point = point.clone();
            point[at] = f64::NAN;
            let errors = std::panic::catch_unwind(|| {
                let formula = (check.formula)(&point);
                [check.by_differences(&point), check.by_complex_steps(&point)]
                    .map(|judge| error(&formula, &judge))
            });
            // A temperature that is not a number is refused.
            let told = errors.map_or(true, |errors| errors.iter().any(|e| e.is_nan()));
            assert!(told, "{}: input {at}", check.path);
        }
    }
}
