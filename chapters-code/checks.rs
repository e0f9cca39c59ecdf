//! Checks every derivative that a page states: its formula against three judges that do not use
//! it.
//!
//! All functions take one list of numbers: first the variables, then the constants. The
//! derivative is a Jacobian, with one row for each result and one column for each variable.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};
use num_complex::Complex64;
use serde::Deserialize;

use crate::autograd::{Tensor, grad};
use crate::backprop;
use crate::chain_rule::{self, Chain};
use crate::cost::{self, Cost, Quadratic};
use crate::cross_entropy;
use crate::gradient::{
    self, directional_derivative, jacobian, maximum, random_point,
};
use crate::gradient_descent::{bowl, bowl_gradient};
use crate::layer::Layer;
use crate::perceptron::Perceptron;
use crate::perceptron_multi;
use crate::pixels::assert_shape;
use crate::sigmoid::{
    self, Activation::Sigmoid, LEAK, sigmoid, sigmoid_prime,
};
use crate::softmax;
use crate::wishes::{levers, wishes_of_outputs};

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

type C = Complex64;

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
            Array1::from((self.function)(
                &[x.as_slice().unwrap_or(&[]), held].concat(),
            ))
        };
        jacobian(along, &Array1::from(variables.to_vec()))
            .into_iter()
            .collect()
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
        (0..results)
            .flat_map(|i| columns.iter().map(move |column| column[i]))
            .collect()
    }
}

/// How far two derivatives are apart: the largest difference of two entries, divided by the
/// largest entry. NaN if any entry is NaN or infinite.
///
/// ```
/// use neurons::checks::error;
/// assert_eq!(error(&[1.0, 4.0], &[1.0, 3.0]), 0.25);
/// assert_eq!(error(&[0.0], &[0.0]), 0.0);
/// assert!(error(&[f64::NAN, 1.0], &[1.0, 1.0]).is_nan());
/// ```
///
/// # Panics
/// If the lengths differ.
pub fn error(a: &[f64], b: &[f64]) -> f64 {
    assert_shape("b", &[b.len()], &[a.len()]);
    let largest = |values: &mut dyn Iterator<Item = f64>| {
        maximum(values.chain([0.0]))
    };
    let difference =
        largest(&mut a.iter().zip(b).map(|(a, b)| (a - b).abs()));
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
struct Golden {
    /// Its version.
    torch: String,
    /// By path.
    checks: BTreeMap<String, Vec<Judged>>,
}

impl Golden {
    fn read() -> Self {
        let golden = include_str!("../tests/pytorch/derivatives.json");
        serde_json::from_str(golden).expect("what the script wrote")
    }
}

#[derive(Deserialize)]
struct Judged {
    at: Vec<f64>,
    jacobian: Vec<f64>,
}

/// The version of PyTorch that was asked.
pub fn pytorch_version() -> String {
    Golden::read().torch
}

/// Runs all checks.
///
/// # Panics
/// If PyTorch was not asked about one of them.
pub fn compared() -> Vec<Compared> {
    let golden = Golden::read();
    let compare = |check: &Check| {
        let judged = golden.checks.get(check.path);
        let judged = judged
            .unwrap_or_else(|| panic!("PyTorch knows no {}", check.path));
        let points: Vec<Vec<f64>> =
            (0..POINTS as u64).map(|seed| check.point(seed)).collect();
        let against = |judge: &dyn Fn(&[f64]) -> Vec<f64>| {
            maximum(
                points
                    .iter()
                    .map(|x| error(&(check.formula)(x), &judge(x))),
            )
        };
        let pytorch = |point: &Judged| {
            error(&(check.formula)(&point.at), &point.jacobian)
        };
        Compared {
            path: check.path,
            variables: check.variables,
            central: against(&|x| check.by_differences(x)),
            complex: against(&|x| check.by_complex_steps(x)),
            pytorch_points: judged.len(),
            pytorch: maximum(judged.iter().map(pytorch)),
        }
    };
    CHECKS.iter().map(compare).collect()
}

/// All checks, in the order in which the pages state the derivatives.
pub const CHECKS: &[Check] = &[
    Check {
        path: "sigmoid::sigmoid_prime",
        inputs: 1,
        variables: 1,
        place: anywhere,
        formula: |z| vec![sigmoid_prime(z[0])],
        function: |z| vec![sigmoid(z[0])],
        definition: |z| vec![s(z[0])],
    },
    Check {
        path: "sigmoid::tanh_prime",
        inputs: 1,
        variables: 1,
        place: anywhere,
        formula: |z| vec![sigmoid::tanh_prime(z[0])],
        function: |z| vec![sigmoid::tanh(z[0])],
        definition: |z| {
            vec![
                (z[0].exp() - (-z[0]).exp()) / (z[0].exp() + (-z[0]).exp()),
            ]
        },
    },
    Check {
        path: "sigmoid::relu_prime",
        inputs: 1,
        variables: 1,
        place: off_the_kink,
        formula: |z| vec![sigmoid::relu_prime(z[0])],
        function: |z| vec![sigmoid::relu(z[0])],
        definition: |z| vec![if z[0].re > 0.0 { z[0] } else { 0.0 * z[0] }],
    },
    Check {
        path: "sigmoid::leaky_relu_prime",
        inputs: 1,
        variables: 1,
        place: off_the_kink,
        formula: |z| vec![sigmoid::leaky_relu_prime(z[0])],
        function: |z| vec![sigmoid::leaky_relu(z[0])],
        definition: |z| {
            vec![if z[0].re > 0.0 { z[0] } else { LEAK * z[0] }]
        },
    },
    Check {
        path: "sigmoid::softplus_prime",
        inputs: 1,
        variables: 1,
        place: anywhere,
        formula: |z| vec![sigmoid::softplus_prime(z[0])],
        function: |z| vec![sigmoid::softplus(z[0])],
        definition: |z| vec![(1.0 + z[0].exp()).ln()],
    },
    // a (5), y (5).
    Check {
        path: "cost::sum_of_squares_gradient",
        inputs: 10,
        variables: 5,
        place: anywhere,
        formula: |v| {
            cost::sum_of_squares_gradient(&row(&v[..5]), &row(&v[5..]))
                .to_vec()
        },
        function: |v| {
            vec![cost::sum_of_squares(&row(&v[..5]), &row(&v[5..]))]
        },
        definition: |v| vec![squares(&v[..5], &v[5..])],
    },
    Check {
        path: "cost::half_sum_of_squares_gradient",
        inputs: 10,
        variables: 5,
        place: anywhere,
        formula: |v| {
            cost::half_sum_of_squares_gradient(&row(&v[..5]), &row(&v[5..]))
                .to_vec()
        },
        function: |v| {
            vec![cost::half_sum_of_squares(&row(&v[..5]), &row(&v[5..]))]
        },
        definition: |v| vec![squares(&v[..5], &v[5..]) / 2.0],
    },
    Check {
        path: "cost::mean_of_squares_gradient",
        inputs: 10,
        variables: 5,
        place: anywhere,
        formula: |v| {
            cost::mean_of_squares_gradient(&row(&v[..5]), &row(&v[5..]))
                .to_vec()
        },
        function: |v| {
            vec![cost::mean_of_squares(&row(&v[..5]), &row(&v[5..]))]
        },
        definition: |v| vec![squares(&v[..5], &v[5..]) / 5.0],
    },
    // x, n.
    Check {
        path: "gradient::power_rule",
        inputs: 2,
        variables: 1,
        place: |v| v[0] = 0.1 + v[0].abs(),
        formula: |v| vec![gradient::power_rule(v[0], v[1])],
        function: |v| vec![v[0].powf(v[1])],
        definition: |v| vec![(v[1] * v[0].ln()).exp()],
    },
    Check {
        path: "gradient::exp_rule",
        inputs: 1,
        variables: 1,
        place: anywhere,
        formula: |x| vec![gradient::exp_rule(x[0])],
        function: |x| vec![x[0].exp()],
        definition: |x| vec![x[0].exp()],
    },
    Check {
        path: "gradient::ln_rule",
        inputs: 1,
        variables: 1,
        place: |x| x[0] = 0.1 + x[0].abs(),
        formula: |x| vec![gradient::ln_rule(x[0])],
        function: |x| vec![x[0].ln()],
        definition: |x| vec![x[0].ln()],
    },
    // The last three of sin x and exp x.
    Check {
        path: "gradient::sum_rule",
        inputs: 1,
        variables: 1,
        place: anywhere,
        formula: |x| vec![gradient::sum_rule(x[0].cos(), x[0].exp())],
        function: |x| vec![x[0].sin() + x[0].exp()],
        definition: |x| vec![x[0].sin() + x[0].exp()],
    },
    Check {
        path: "gradient::product_rule",
        inputs: 1,
        variables: 1,
        place: anywhere,
        formula: |x| {
            let (u, v) =
                ((x[0].sin(), x[0].cos()), (x[0].exp(), x[0].exp()));
            vec![gradient::product_rule(u, v)]
        },
        function: |x| vec![x[0].sin() * x[0].exp()],
        definition: |x| vec![x[0].sin() * x[0].exp()],
    },
    Check {
        path: "gradient::quotient_rule",
        inputs: 1,
        variables: 1,
        place: anywhere,
        formula: |x| {
            let (u, v) =
                ((x[0].sin(), x[0].cos()), (x[0].exp(), x[0].exp()));
            vec![gradient::quotient_rule(u, v)]
        },
        function: |x| vec![x[0].sin() / x[0].exp()],
        definition: |x| vec![x[0].sin() / x[0].exp()],
    },
    // How far to go, x (3), the direction (3), for f = x₀² x₁ + sin x₂; at first not at all.
    Check {
        path: "gradient::directional_derivative",
        inputs: 7,
        variables: 1,
        place: |v| v[0] = 0.0,
        formula: |v| {
            let f = |x: &Array1<f64>| x[0] * x[0] * x[1] + x[2].sin();
            vec![directional_derivative(f, &row(&v[1..4]), &row(&v[4..]))]
        },
        // By the gradient, so that the two sides of the formula are compared, and not one of them
        // with itself.
        function: |v| {
            let (x, d) = (&v[1..4], &v[4..]);
            let gradient = [2.0 * x[0] * x[1], x[0] * x[0], x[2].cos()];
            vec![
                v[0] * gradient
                    .iter()
                    .zip(d)
                    .map(|(g, d)| g * d)
                    .sum::<f64>(),
            ]
        },
        definition: |v| {
            let x: Vec<C> =
                (0..3).map(|i| v[1 + i] + v[0] * v[4 + i]).collect();
            vec![x[0] * x[0] * x[1] + x[2].sin()]
        },
    },
    // v (4), λ (4).
    Check {
        path: "gradient_descent::bowl_gradient",
        inputs: 8,
        variables: 4,
        place: anywhere,
        formula: |v| bowl_gradient(&row(&v[4..]), &row(&v[..4])).to_vec(),
        function: |v| vec![bowl(&row(&v[4..]), &row(&v[..4]))],
        definition: |v| {
            vec![(0..4).map(|i| v[4 + i] * v[i] * v[i] / 2.0).sum()]
        },
    },
    // b (3), W (3, 4), a (4), y (3).
    Check {
        path: "wishes::levers",
        inputs: 22,
        variables: 19,
        place: anywhere,
        formula: |v| {
            let (layer, a) = (layer(&v[3..15], &v[..3]), row(&v[15..19]));
            let wishes = wishes_of_outputs(
                &layer.weighted_sum(&a).mapv(sigmoid),
                &row(&v[19..]),
            );
            let asked = levers(&layer, &a, &wishes);
            let all = asked
                .biases
                .iter()
                .chain(&asked.weights)
                .chain(&asked.previous);
            all.map(|wish| -wish).collect()
        },
        function: |v| {
            let layer = layer(&v[3..15], &v[..3]);
            vec![perceptron_multi::error(
                &layer,
                Sigmoid,
                &row(&v[15..19]),
                &row(&v[19..]),
            )]
        },
        definition: |v| {
            vec![
                squares(&outputs(&v[3..15], &v[..3], &v[15..19]), &v[19..])
                    / 2.0,
            ]
        },
    },
    // sin(exp(x²)), near 0: further out it wriggles so fast that a nudge is no longer small.
    Check {
        path: "chain_rule::along",
        inputs: 1,
        variables: 1,
        place: |x| x[0] *= 0.3,
        formula: |x| {
            let (u, v) = (x[0] * x[0], (x[0] * x[0]).exp());
            vec![chain_rule::along([v.cos(), u.exp(), 2.0 * x[0]])]
        },
        function: |x| vec![(x[0] * x[0]).exp().sin()],
        definition: |x| vec![(x[0] * x[0]).exp().sin()],
    },
    // sin x · exp x.
    Check {
        path: "chain_rule::across",
        inputs: 1,
        variables: 1,
        place: anywhere,
        formula: |x| {
            let (v1, v2) = (x[0].sin(), x[0].exp());
            vec![chain_rule::across(&[(v2, x[0].cos()), (v1, x[0].exp())])]
        },
        function: |x| vec![x[0].sin() * x[0].exp()],
        definition: |x| vec![x[0].sin() * x[0].exp()],
    },
    // x (4), W (3, 4), V (2, 3): from x by σ(W x) to σ(V …).
    Check {
        path: "chain_rule::composed",
        inputs: 22,
        variables: 4,
        place: anywhere,
        formula: |v| {
            let (first, second) =
                (layer(&v[4..16], &[0.0; 3]), layer(&v[16..], &[0.0; 2]));
            let z = first.weighted_sum(&row(&v[..4]));
            let jacobian = |layer: &Layer, z: &Array1<f64>| {
                Array2::from_diag(&z.mapv(sigmoid_prime)).dot(&layer.w)
            };
            let j_f = jacobian(&first, &z);
            let j_g =
                jacobian(&second, &second.weighted_sum(&z.mapv(sigmoid)));
            chain_rule::composed(&j_g, &j_f).into_iter().collect()
        },
        function: |v| {
            let (first, second) =
                (layer(&v[4..16], &[0.0; 3]), layer(&v[16..], &[0.0; 2]));
            let a = first.weighted_sum(&row(&v[..4])).mapv(sigmoid);
            second.weighted_sum(&a).mapv(sigmoid).to_vec()
        },
        definition: |v| {
            let zero = C::from(0.0);
            let a = outputs(&v[4..16], &[zero; 3], &v[..4]);
            outputs(&v[16..], &[zero; 2], &a)
        },
    },
    // w (3), b (3), a⁰, y.
    Check {
        path: "chain_rule::Chain::gradient",
        inputs: 8,
        variables: 6,
        place: anywhere,
        formula: |v| {
            let (w, b) = chain(v).gradient(v[6], v[7]);
            w.iter().chain(&b).copied().collect()
        },
        function: |v| vec![chain(v).cost(v[6], v[7])],
        definition: |v| {
            let a = (0..3).fold(v[6], |a, l| s(v[l] * a + v[3 + l]));
            vec![(a - v[7]) * (a - v[7]) / 2.0]
        },
    },
    // w (3), b, x (3).
    Check {
        path: "perceptron::Perceptron::weighted_sum_gradient",
        inputs: 7,
        variables: 7,
        place: anywhere,
        formula: |v| {
            let g = perceptron(v).weighted_sum_gradient(&row(&v[4..]));
            g.w.iter().chain([&g.b]).chain(&g.x).copied().collect()
        },
        function: |v| vec![perceptron(v).weighted_sum(&row(&v[4..]))],
        definition: |v| {
            vec![(0..3).map(|k| v[k] * v[4 + k]).sum::<C>() + v[3]]
        },
    },
    // w (3), b, x (3), t.
    Check {
        path: "perceptron::Perceptron::gradient",
        inputs: 8,
        variables: 7,
        place: anywhere,
        formula: |v| {
            let g = perceptron(v).gradient(&row(&v[4..7]), v[7]);
            g.w.iter().chain([&g.b]).chain(&g.x).copied().collect()
        },
        function: |v| vec![perceptron(v).error(&row(&v[4..7]), v[7])],
        definition: |v| {
            vec![
                squares(&outputs(&v[..3], &v[3..4], &v[4..7]), &v[7..])
                    / 2.0,
            ]
        },
    },
    // W (3, 4), b (3), x (4), t (3).
    Check {
        path: "perceptron_multi::weight_gradient",
        inputs: 22,
        variables: 12,
        place: anywhere,
        formula: |v| {
            let (layer, x) = (layer(&v[..12], &v[12..15]), row(&v[15..19]));
            let delta = perceptron_multi::deltas(
                &layer,
                Sigmoid,
                &x,
                &row(&v[19..]),
            );
            perceptron_multi::weight_gradient(&delta, &x)
                .into_iter()
                .collect()
        },
        function: |v| {
            let layer = layer(&v[..12], &v[12..15]);
            vec![perceptron_multi::error(
                &layer,
                Sigmoid,
                &row(&v[15..19]),
                &row(&v[19..]),
            )]
        },
        definition: |v| {
            vec![
                squares(
                    &outputs(&v[..12], &v[12..15], &v[15..19]),
                    &v[19..],
                ) / 2.0,
            ]
        },
    },
    // x (4), W (3, 4), b (3), t (3).
    Check {
        path: "perceptron_multi::input_gradient",
        inputs: 22,
        variables: 4,
        place: anywhere,
        formula: |v| {
            let (layer, x) = (layer(&v[4..16], &v[16..19]), row(&v[..4]));
            let delta = perceptron_multi::deltas(
                &layer,
                Sigmoid,
                &x,
                &row(&v[19..]),
            );
            perceptron_multi::input_gradient(&layer, &delta).to_vec()
        },
        function: |v| {
            let layer = layer(&v[4..16], &v[16..19]);
            vec![perceptron_multi::error(
                &layer,
                Sigmoid,
                &row(&v[..4]),
                &row(&v[19..]),
            )]
        },
        definition: |v| {
            vec![
                squares(&outputs(&v[4..16], &v[16..19], &v[..4]), &v[19..])
                    / 2.0,
            ]
        },
    },
    // W (3, 4), b (3), X (5, 4), T (5, 3).
    Check {
        path: "perceptron_multi::batch_weight_gradient",
        inputs: 50,
        variables: 12,
        place: anywhere,
        formula: |v| {
            let (layer, x, t) = (
                layer(&v[..12], &v[12..15]),
                matrix(5, &v[15..35]),
                matrix(5, &v[35..]),
            );
            let mut deltas = t.clone();
            for (mut delta, (x, t)) in deltas
                .rows_mut()
                .into_iter()
                .zip(x.rows().into_iter().zip(t.rows()))
            {
                delta.assign(&perceptron_multi::deltas(
                    &layer,
                    Sigmoid,
                    &x.to_owned(),
                    &t.to_owned(),
                ));
            }
            perceptron_multi::batch_weight_gradient(&deltas, &x)
                .into_iter()
                .collect()
        },
        function: |v| {
            let layer = layer(&v[..12], &v[12..15]);
            let error = |x: &[f64], t: &[f64]| {
                perceptron_multi::error(&layer, Sigmoid, &row(x), &row(t))
            };
            vec![
                v[15..35]
                    .chunks(4)
                    .zip(v[35..].chunks(3))
                    .map(|(x, t)| error(x, t))
                    .sum::<f64>()
                    / 5.0,
            ]
        },
        definition: |v| {
            vec![mean_error(&v[..12], &v[12..15], &v[15..35], &v[35..])]
        },
    },
    // Z (5, 2), Y (5, 2): a row's own cost, so m times the mean.
    Check {
        path: "backprop::output_delta",
        inputs: 20,
        variables: 10,
        place: anywhere,
        formula: |v| {
            let (z, y) = (matrix(5, &v[..10]), matrix(5, &v[10..]));
            let dc_da = Quadratic.gradient(&z.mapv(sigmoid), &y);
            backprop::output_delta(&dc_da, &z, Sigmoid)
                .into_iter()
                .collect()
        },
        function: |v| {
            let (z, y) = (matrix(5, &v[..10]), matrix(5, &v[10..]));
            vec![5.0 * Quadratic.value(&z.mapv(sigmoid), &y)]
        },
        definition: |v| {
            let a: Vec<C> = v[..10].iter().map(|&z| s(z)).collect();
            vec![squares(&a, &v[10..]) / 2.0]
        },
    },
    // Z below (5, 3), W above (2, 3), b above (2), Y (5, 2).
    Check {
        path: "backprop::delta_below",
        inputs: 33,
        variables: 15,
        place: anywhere,
        formula: |v| {
            let (z, above, y) = (
                matrix(5, &v[..15]),
                layer(&v[15..21], &v[21..23]),
                matrix(5, &v[23..]),
            );
            let sums = above.weighted_sums(&z.mapv(sigmoid));
            let dc_da = Quadratic.gradient(&sums.mapv(sigmoid), &y);
            let delta = backprop::output_delta(&dc_da, &sums, Sigmoid);
            backprop::delta_below(&above, &delta, &z, Sigmoid)
                .into_iter()
                .collect()
        },
        function: |v| {
            let (z, above, y) = (
                matrix(5, &v[..15]),
                layer(&v[15..21], &v[21..23]),
                matrix(5, &v[23..]),
            );
            let answers =
                above.weighted_sums(&z.mapv(sigmoid)).mapv(sigmoid);
            vec![5.0 * Quadratic.value(&answers, &y)]
        },
        definition: |v| {
            let a: Vec<C> = v[..15].iter().map(|&z| s(z)).collect();
            vec![5.0 * mean_error(&v[15..21], &v[21..23], &a, &v[23..])]
        },
    },
    // b (2), W (2, 3), A (5, 3), Y (5, 2).
    Check {
        path: "backprop::bias_gradient",
        inputs: 33,
        variables: 2,
        place: anywhere,
        formula: |v| {
            let (layer, a, y) = (
                layer(&v[2..8], &v[..2]),
                matrix(5, &v[8..23]),
                matrix(5, &v[23..]),
            );
            backprop::bias_gradient(&last_delta(&layer, &a, &y)).to_vec()
        },
        function: |v| {
            let layer = layer(&v[2..8], &v[..2]);
            let answers =
                layer.weighted_sums(&matrix(5, &v[8..23])).mapv(sigmoid);
            vec![Quadratic.value(&answers, &matrix(5, &v[23..]))]
        },
        definition: |v| {
            vec![mean_error(&v[2..8], &v[..2], &v[8..23], &v[23..])]
        },
    },
    // W (2, 3), b (2), A (5, 3), Y (5, 2).
    Check {
        path: "backprop::weight_gradient",
        inputs: 33,
        variables: 6,
        place: anywhere,
        formula: |v| {
            let (layer, a, y) = (
                layer(&v[..6], &v[6..8]),
                matrix(5, &v[8..23]),
                matrix(5, &v[23..]),
            );
            backprop::weight_gradient(&last_delta(&layer, &a, &y), &a)
                .into_iter()
                .collect()
        },
        function: |v| {
            let layer = layer(&v[..6], &v[6..8]);
            let answers =
                layer.weighted_sums(&matrix(5, &v[8..23])).mapv(sigmoid);
            vec![Quadratic.value(&answers, &matrix(5, &v[23..]))]
        },
        definition: |v| {
            vec![mean_error(&v[..6], &v[6..8], &v[8..23], &v[23..])]
        },
    },
    // a, y, both between 0 and 1.
    Check {
        path: "cross_entropy::binary_prime",
        inputs: 2,
        variables: 1,
        place: |v| v.iter_mut().for_each(|v| *v = sigmoid(*v)),
        formula: |v| vec![cross_entropy::binary_prime(v[0], v[1])],
        function: |v| vec![cross_entropy::binary(v[0], v[1])],
        definition: |v| {
            vec![-(v[1] * v[0].ln() + (1.0 - v[1]) * (1.0 - v[0]).ln())]
        },
    },
    // z, y.
    Check {
        path: "cross_entropy::binary_from_logit_prime",
        inputs: 2,
        variables: 1,
        place: |v| v[1] = sigmoid(v[1]),
        formula: |v| {
            vec![cross_entropy::binary_from_logit_prime(v[0], v[1])]
        },
        function: |v| vec![cross_entropy::binary_from_logit(v[0], v[1])],
        definition: |v| {
            vec![
                -(v[1] * s(v[0]).ln()
                    + (1.0 - v[1]) * (1.0 - s(v[0])).ln()),
            ]
        },
    },
    // p (5), y (5), each adding up to 1.
    Check {
        path: "cross_entropy::categorical_gradient",
        inputs: 10,
        variables: 5,
        place: |v| v.chunks_mut(5).for_each(as_shares),
        formula: |v| {
            cross_entropy::categorical_gradient(
                &row(&v[..5]),
                &row(&v[5..]),
            )
            .to_vec()
        },
        function: |v| {
            vec![cross_entropy::categorical(&row(&v[..5]), &row(&v[5..]))]
        },
        definition: |v| {
            vec![-(0..5).map(|i| v[5 + i] * v[i].ln()).sum::<C>()]
        },
    },
    // z (5).
    Check {
        path: "softmax::softmax_jacobian",
        inputs: 5,
        variables: 5,
        place: anywhere,
        formula: |z| {
            softmax::softmax_jacobian(&softmax::softmax(&row(z)))
                .into_iter()
                .collect()
        },
        function: |z| softmax::softmax(&row(z)).to_vec(),
        definition: |z| shares(z, C::from(1.0)),
    },
    // z (5), y (5), which need not add up to 1.
    Check {
        path: "softmax::cross_entropy_gradient",
        inputs: 10,
        variables: 5,
        place: |v| v[5..].iter_mut().for_each(|y| *y = y.abs()),
        formula: |v| {
            softmax::cross_entropy_gradient(&row(&v[..5]), &row(&v[5..]))
                .to_vec()
        },
        function: |v| {
            vec![softmax::cross_entropy(&row(&v[..5]), &row(&v[5..]))]
        },
        definition: |v| {
            let p = shares(&v[..5], C::from(1.0));
            vec![-(0..5).map(|i| v[5 + i] * p[i].ln()).sum::<C>()]
        },
    },
    Check {
        path: "softmax::log_softmax_jacobian",
        inputs: 5,
        variables: 5,
        place: anywhere,
        formula: |z| {
            softmax::log_softmax_jacobian(&softmax::softmax(&row(z)))
                .into_iter()
                .collect()
        },
        function: |z| softmax::log_softmax(&row(z)).to_vec(),
        definition: |z| {
            shares(z, C::from(1.0)).iter().map(|p| p.ln()).collect()
        },
    },
    // z (5), T.
    Check {
        path: "softmax::temperature_jacobian",
        inputs: 6,
        variables: 5,
        place: |v| v[5] = 0.5 + v[5].abs(),
        formula: |v| {
            softmax::temperature_jacobian(&row(&v[..5]), v[5])
                .into_iter()
                .collect()
        },
        function: |v| {
            softmax::with_temperature(&row(&v[..5]), v[5]).to_vec()
        },
        definition: |v| shares(&v[..5], v[5]),
    },
    // T, z (5).
    Check {
        path: "softmax::temperature_slope",
        inputs: 6,
        variables: 1,
        place: |v| v[0] = 0.5 + v[0].abs(),
        formula: |v| {
            softmax::temperature_slope(&row(&v[1..]), v[0]).to_vec()
        },
        function: |v| {
            softmax::with_temperature(&row(&v[1..]), v[0]).to_vec()
        },
        definition: |v| shares(&v[1..], v[0]),
    },
    // A (3, 4), B (4, 2); the cost is the sum of the squares of A B.
    Check {
        path: "autograd::operations::Tensor::matmul",
        inputs: 20,
        variables: 20,
        place: anywhere,
        formula: |v| {
            let a = Tensor::from(matrix(3, &v[..12])).requires_grad_();
            let b = Tensor::from(matrix(4, &v[12..])).requires_grad_();
            let gradients = grad(&a.matmul(&b).powi(2).sum(), &[&a, &b]);
            gradients
                .into_iter()
                .flatten()
                .flat_map(|g| g.value().into_iter())
                .collect()
        },
        function: |v| {
            vec![
                matrix(3, &v[..12])
                    .dot(&matrix(4, &v[12..]))
                    .mapv(|y| y * y)
                    .sum(),
            ]
        },
        definition: |v| {
            let entry = |i: usize, j: usize| {
                (0..4).map(|k| v[4 * i + k] * v[12 + 2 * k + j]).sum::<C>()
            };
            vec![
                (0..6).map(|at| entry(at / 2, at % 2)).map(|y| y * y).sum(),
            ]
        },
    },
];

// Where to look.

fn anywhere(_: &mut [f64]) {}

fn off_the_kink(v: &mut [f64]) {
    v.iter_mut().for_each(|v| *v += 0.01_f64.copysign(*v));
}

/// Positive numbers that add up to 1.
fn as_shares(v: &mut [f64]) {
    let shares = softmax::softmax(&row(v));
    v.iter_mut().zip(&shares).for_each(|(v, &share)| *v = share);
}

// Lists as what the chapters take.

fn row(v: &[f64]) -> Array1<f64> {
    Array1::from(v.to_vec())
}

fn matrix(rows: usize, v: &[f64]) -> Array2<f64> {
    let columns = v.len() / rows;
    Array2::from_shape_fn((rows, columns), |(i, j)| v[i * columns + j])
}

fn layer(w: &[f64], b: &[f64]) -> Layer {
    Layer { w: matrix(b.len(), w), b: row(b) }
}

fn chain(v: &[f64]) -> Chain {
    Chain { w: row(&v[..3]), b: row(&v[3..6]) }
}

fn perceptron(v: &[f64]) -> Perceptron {
    Perceptron { w: row(&v[..3]), b: v[3], activation: Sigmoid }
}

/// The errors of a last layer of sigmoids with the quadratic cost.
fn last_delta(
    layer: &Layer,
    a: &Array2<f64>,
    y: &Array2<f64>,
) -> Array2<f64> {
    let z = layer.weighted_sums(a);
    backprop::output_delta(
        &Quadratic.gradient(&z.mapv(sigmoid), y),
        &z,
        Sigmoid,
    )
}

// The plainest forms, in complex numbers.

fn s(z: C) -> C {
    1.0 / (1.0 + (-z).exp())
}

fn squares(a: &[C], y: &[C]) -> C {
    a.iter().zip(y).map(|(a, y)| (a - y) * (a - y)).sum()
}

/// σ(W x + b), the rows of W one after the other.
fn outputs(w: &[C], b: &[C], x: &[C]) -> Vec<C> {
    let sum = |(w, b): (&[C], &C)| {
        w.iter().zip(x).map(|(w, x)| w * x).sum::<C>() + b
    };
    w.chunks(x.len()).zip(b).map(|neuron| s(sum(neuron))).collect()
}

/// The mean over the examples of ½ Σ (σ(W x + b) − t)², the examples one after the other.
fn mean_error(w: &[C], b: &[C], x: &[C], t: &[C]) -> C {
    let inputs = w.len() / b.len();
    let examples = x.chunks(inputs).zip(t.chunks(b.len()));
    let errors = examples.map(|(x, t)| squares(&outputs(w, b, x), t) / 2.0);
    errors.sum::<C>() / (x.len() / inputs) as f64
}

/// exp(z_i / T) / Σ exp(z_k / T).
fn shares(z: &[C], t: C) -> Vec<C> {
    let e: Vec<C> = z.iter().map(|z| (z / t).exp()).collect();
    let sum: C = e.iter().sum();
    e.iter().map(|e| e / sum).collect()
}
