//! The list of checks: every derivative that a page states, against three judges that do not use
//! its formula.
//!
//! Whatever else names a derivative is compared with this list by a test that says what is missing:
//! the script that asks PyTorch (`tests/pytorch/derivatives.py`) and what it wrote, the ledger
//! (`images/derivatives.toml`), and through the ledger the tags `derivative=` of the pages.
//!
//! All functions take one list of numbers: first the variables, then the constants. The
//! derivative is a Jacobian, with one row for each result and one column for each variable.

use std::collections::BTreeMap;

use neurons::gradient::{jacobian, maximum, random_point};
use neurons::layer::Layer;
use neurons::ndarray::{Array1, Array2};
use neurons::pixels::assert_shape;
use num_complex::Complex64;
use serde::Deserialize;

mod part_1;
mod part_2;
mod part_3;
mod part_4;
mod part_5;

/// All checks, in the order in which the pages state the derivatives.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    let parts =
        [part_1::CHECKS, part_2::CHECKS, part_3::CHECKS, part_4::CHECKS, part_5::CHECKS];
    parts.into_iter().flatten()
}

/// A derivative of the book and what it claims to be the derivative of.
pub struct Check {
    /// The function that computes the derivative: `sigmoid::sigmoid_prime`.
    pub path: &'static str,
    /// How many numbers the functions take.
    pub inputs: usize,
    /// How many of them, from the first on, are variables.
    pub variables: usize,
    /// Moves normal random numbers to where the function is defined and smooth.
    pub place: fn(&mut [f64]),
    /// The derivative by the book's formula, row by row.
    pub formula: fn(&[f64]) -> Vec<f64>,
    /// The function itself, by the book's code.
    pub function: fn(&[f64]) -> Vec<f64>,
    /// The function again, as it is defined, in complex numbers and in the plainest form.
    pub definition: fn(&[C]) -> Vec<C>,
}

/// A number of the definitions.
pub type C = Complex64;

impl Check {
    /// A random place: the same for the same seed.
    pub fn point(&self, seed: u64) -> Vec<f64> {
        let mut point = random_point(seed, self.inputs).to_vec();
        (self.place)(&mut point);
        point
    }

    /// The derivative at `point` by central differences.
    pub fn by_differences(&self, point: &[f64]) -> Vec<f64> {
        let (variables, held) = point.split_at(self.variables);
        let along = |x: &Array1<f64>| {
            Array1::from((self.function)(&[x.as_slice().unwrap_or(&[]), held].concat()))
        };
        jacobian(along, &Array1::from(variables.to_vec())).into_iter().collect()
    }

    /// The derivative at `point` by complex steps: no subtraction, so exact to rounding.
    pub fn by_complex_steps(&self, point: &[f64]) -> Vec<f64> {
        const TINY: f64 = 1e-20;
        let mut x: Vec<C> = point.iter().map(|&x| C::from(x)).collect();
        let mut columns = vec![];
        for j in 0..self.variables {
            x[j].im = TINY;
            let column: Vec<f64> =
                (self.definition)(&x).iter().map(|y| y.im / TINY).collect();
            columns.push(column);
            x[j].im = 0.0;
        }
        let results = columns[0].len();
        (0..results).flat_map(|i| columns.iter().map(move |column| column[i])).collect()
    }
}

/// How far two derivatives are apart: the largest difference of two entries, divided by the
/// largest entry. NaN if any entry is NaN or infinite.
///
/// # Panics
/// If the lengths differ.
pub fn error(a: &[f64], b: &[f64]) -> f64 {
    assert_shape("b", &[b.len()], &[a.len()]);
    let largest = |values: &mut dyn Iterator<Item = f64>| maximum(values.chain([0.0]));
    let difference = largest(&mut a.iter().zip(b).map(|(a, b)| (a - b).abs()));
    let size = largest(&mut a.iter().chain(b).map(|v| v.abs()));
    if difference == 0.0 { 0.0 } else { difference / size }
}

/// At how many random points each derivative is compared.
pub const POINTS: usize = 100;

/// The largest errors of one derivative.
pub struct Compared {
    /// The function that computes it.
    pub path: &'static str,
    /// How many variables it was asked about.
    pub variables: usize,
    /// Against central differences.
    pub central: f64,
    /// Against complex steps.
    pub complex: f64,
    /// At how many points PyTorch was asked.
    pub pytorch_points: usize,
    /// Against PyTorch.
    pub pytorch: f64,
}

/// What PyTorch found: `tests/pytorch/derivatives.py` writes it.
#[derive(Deserialize)]
pub struct Golden {
    /// Its version.
    pub torch: String,
    /// By path.
    pub checks: BTreeMap<String, Vec<Judged>>,
}

/// A derivative at one point, by PyTorch.
#[derive(Deserialize)]
pub struct Judged {
    /// The variables, then what is held still.
    pub at: Vec<f64>,
    /// Row by row.
    pub jacobian: Vec<f64>,
}

impl Golden {
    /// Reads `tests/pytorch/derivatives.json`.
    pub fn read() -> Self {
        let golden = include_str!("../pytorch/derivatives.json");
        serde_json::from_str(golden).expect("what the script wrote")
    }
}

/// Runs all checks.
///
/// # Panics
/// If PyTorch was not asked about one of them.
pub fn compared() -> Vec<Compared> {
    let golden = Golden::read();
    let compare = |check: &Check| {
        let judged = golden.checks.get(check.path).unwrap_or_else(|| {
            panic!(
                "PyTorch was not asked about {}: add it to tests/pytorch/derivatives.py and run that",
                check.path
            )
        });
        let points: Vec<Vec<f64>> =
            (0..POINTS as u64).map(|seed| check.point(seed)).collect();
        let against = |judge: &dyn Fn(&[f64]) -> Vec<f64>| {
            maximum(points.iter().map(|x| error(&(check.formula)(x), &judge(x))))
        };
        let pytorch =
            |point: &Judged| error(&(check.formula)(&point.at), &point.jacobian);
        Compared {
            path: check.path,
            variables: check.variables,
            central: against(&|x| check.by_differences(x)),
            complex: against(&|x| check.by_complex_steps(x)),
            pytorch_points: judged.len(),
            pytorch: maximum(judged.iter().map(pytorch)),
        }
    };
    checks().map(compare).collect()
}

/// Where a function is defined and smooth everywhere.
pub fn anywhere(_: &mut [f64]) {}

// Lists as what the chapters take.

pub fn row(v: &[f64]) -> Array1<f64> {
    Array1::from(v.to_vec())
}

pub fn matrix(rows: usize, v: &[f64]) -> Array2<f64> {
    let columns = v.len() / rows;
    Array2::from_shape_fn((rows, columns), |(i, j)| v[i * columns + j])
}

pub fn layer(w: &[f64], b: &[f64]) -> Layer {
    Layer { w: matrix(b.len(), w), b: row(b) }
}

// The plainest forms, in complex numbers.

/// The sigmoid.
pub fn s(z: C) -> C {
    1.0 / (1.0 + (-z).exp())
}

/// Σ (a_j − y_j)².
pub fn squares(a: &[C], y: &[C]) -> C {
    a.iter().zip(y).map(|(a, y)| (a - y) * (a - y)).sum()
}

/// σ(W x + b), the rows of W one after the other.
pub fn outputs(w: &[C], b: &[C], x: &[C]) -> Vec<C> {
    let sum = |(w, b): (&[C], &C)| w.iter().zip(x).map(|(w, x)| w * x).sum::<C>() + b;
    w.chunks(x.len()).zip(b).map(|neuron| s(sum(neuron))).collect()
}
