//! Part III: the chain rule, perceptrons, backpropagation, cross-entropy and softmax.

use neurons::backprop;
use neurons::chain_rule::{self, Chain};
use neurons::cost::{Cost, Quadratic};
use neurons::cross_entropy;
use neurons::layer::Layer;
use neurons::ndarray::{Array1, Array2};
use neurons::perceptron::Perceptron;
use neurons::perceptron_multi;
use neurons::sigmoid::{Activation::Sigmoid, sigmoid, sigmoid_prime};
use neurons::softmax;

use super::{C, Check, anywhere, layer, matrix, outputs, row, s, squares};

/// In the order in which the pages state the derivatives.
pub const CHECKS: &[Check] = &[
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
            let j_g = jacobian(&second, &second.weighted_sum(&z.mapv(sigmoid)));
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
        definition: |v| vec![(0..3).map(|k| v[k] * v[4 + k]).sum::<C>() + v[3]],
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
            vec![squares(&outputs(&v[..3], &v[3..4], &v[4..7]), &v[7..]) / 2.0]
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
            let delta = perceptron_multi::deltas(&layer, Sigmoid, &x, &row(&v[19..]));
            perceptron_multi::weight_gradient(&delta, &x).into_iter().collect()
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
            vec![squares(&outputs(&v[..12], &v[12..15], &v[15..19]), &v[19..]) / 2.0]
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
            let delta = perceptron_multi::deltas(&layer, Sigmoid, &x, &row(&v[19..]));
            perceptron_multi::input_gradient(&layer, &delta).to_vec()
        },
        function: |v| {
            let layer = layer(&v[4..16], &v[16..19]);
            vec![perceptron_multi::error(&layer, Sigmoid, &row(&v[..4]), &row(&v[19..]))]
        },
        definition: |v| {
            vec![squares(&outputs(&v[4..16], &v[16..19], &v[..4]), &v[19..]) / 2.0]
        },
    },
    // W (3, 4), b (3), X (5, 4), T (5, 3).
    Check {
        path: "perceptron_multi::batch_weight_gradient",
        inputs: 50,
        variables: 12,
        place: anywhere,
        formula: |v| {
            let (layer, x, t) =
                (layer(&v[..12], &v[12..15]), matrix(5, &v[15..35]), matrix(5, &v[35..]));
            let mut deltas = t.clone();
            for (mut delta, (x, t)) in
                deltas.rows_mut().into_iter().zip(x.rows().into_iter().zip(t.rows()))
            {
                delta.assign(&perceptron_multi::deltas(
                    &layer,
                    Sigmoid,
                    &x.to_owned(),
                    &t.to_owned(),
                ));
            }
            perceptron_multi::batch_weight_gradient(&deltas, &x).into_iter().collect()
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
        definition: |v| vec![mean_error(&v[..12], &v[12..15], &v[15..35], &v[35..])],
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
            backprop::output_delta(&dc_da, &z, Sigmoid).into_iter().collect()
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
            let (z, above, y) =
                (matrix(5, &v[..15]), layer(&v[15..21], &v[21..23]), matrix(5, &v[23..]));
            let sums = above.weighted_sums(&z.mapv(sigmoid));
            let dc_da = Quadratic.gradient(&sums.mapv(sigmoid), &y);
            let delta = backprop::output_delta(&dc_da, &sums, Sigmoid);
            backprop::delta_below(&above, &delta, &z, Sigmoid).into_iter().collect()
        },
        function: |v| {
            let (z, above, y) =
                (matrix(5, &v[..15]), layer(&v[15..21], &v[21..23]), matrix(5, &v[23..]));
            let answers = above.weighted_sums(&z.mapv(sigmoid)).mapv(sigmoid);
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
            let (layer, a, y) =
                (layer(&v[2..8], &v[..2]), matrix(5, &v[8..23]), matrix(5, &v[23..]));
            backprop::bias_gradient(&last_delta(&layer, &a, &y)).to_vec()
        },
        function: |v| {
            let layer = layer(&v[2..8], &v[..2]);
            let answers = layer.weighted_sums(&matrix(5, &v[8..23])).mapv(sigmoid);
            vec![Quadratic.value(&answers, &matrix(5, &v[23..]))]
        },
        definition: |v| vec![mean_error(&v[2..8], &v[..2], &v[8..23], &v[23..])],
    },
    // W (2, 3), b (2), A (5, 3), Y (5, 2).
    Check {
        path: "backprop::weight_gradient",
        inputs: 33,
        variables: 6,
        place: anywhere,
        formula: |v| {
            let (layer, a, y) =
                (layer(&v[..6], &v[6..8]), matrix(5, &v[8..23]), matrix(5, &v[23..]));
            backprop::weight_gradient(&last_delta(&layer, &a, &y), &a)
                .into_iter()
                .collect()
        },
        function: |v| {
            let layer = layer(&v[..6], &v[6..8]);
            let answers = layer.weighted_sums(&matrix(5, &v[8..23])).mapv(sigmoid);
            vec![Quadratic.value(&answers, &matrix(5, &v[23..]))]
        },
        definition: |v| vec![mean_error(&v[..6], &v[6..8], &v[8..23], &v[23..])],
    },
    // a, y, both between 0 and 1.
    Check {
        path: "cross_entropy::binary_prime",
        inputs: 2,
        variables: 1,
        place: |v| v.iter_mut().for_each(|v| *v = sigmoid(*v)),
        formula: |v| vec![cross_entropy::binary_prime(v[0], v[1])],
        function: |v| vec![cross_entropy::binary(v[0], v[1])],
        definition: |v| vec![-(v[1] * v[0].ln() + (1.0 - v[1]) * (1.0 - v[0]).ln())],
    },
    // z, y.
    Check {
        path: "cross_entropy::binary_from_logit_prime",
        inputs: 2,
        variables: 1,
        place: |v| v[1] = sigmoid(v[1]),
        formula: |v| vec![cross_entropy::binary_from_logit_prime(v[0], v[1])],
        function: |v| vec![cross_entropy::binary_from_logit(v[0], v[1])],
        definition: |v| {
            vec![-(v[1] * s(v[0]).ln() + (1.0 - v[1]) * (1.0 - s(v[0])).ln())]
        },
    },
    // p (5), y (5), each adding up to 1.
    Check {
        path: "cross_entropy::categorical_gradient",
        inputs: 10,
        variables: 5,
        place: |v| v.chunks_mut(5).for_each(as_shares),
        formula: |v| {
            cross_entropy::categorical_gradient(&row(&v[..5]), &row(&v[5..])).to_vec()
        },
        function: |v| vec![cross_entropy::categorical(&row(&v[..5]), &row(&v[5..]))],
        definition: |v| vec![-(0..5).map(|i| v[5 + i] * v[i].ln()).sum::<C>()],
    },
    // z (5).
    Check {
        path: "softmax::softmax_jacobian",
        inputs: 5,
        variables: 5,
        place: anywhere,
        formula: |z| {
            softmax::softmax_jacobian(&softmax::softmax(&row(z))).into_iter().collect()
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
            softmax::cross_entropy_gradient(&row(&v[..5]), &row(&v[5..])).to_vec()
        },
        function: |v| vec![softmax::cross_entropy(&row(&v[..5]), &row(&v[5..]))],
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
        definition: |z| shares(z, C::from(1.0)).iter().map(|p| p.ln()).collect(),
    },
    // z (5), T.
    Check {
        path: "softmax::temperature_jacobian",
        inputs: 6,
        variables: 5,
        place: |v| v[5] = 0.5 + v[5].abs(),
        formula: |v| {
            softmax::temperature_jacobian(&row(&v[..5]), v[5]).into_iter().collect()
        },
        function: |v| softmax::with_temperature(&row(&v[..5]), v[5]).to_vec(),
        definition: |v| shares(&v[..5], v[5]),
    },
    // T, z (5).
    Check {
        path: "softmax::temperature_slope",
        inputs: 6,
        variables: 1,
        place: |v| v[0] = 0.5 + v[0].abs(),
        formula: |v| softmax::temperature_slope(&row(&v[1..]), v[0]).to_vec(),
        function: |v| softmax::with_temperature(&row(&v[1..]), v[0]).to_vec(),
        definition: |v| shares(&v[1..], v[0]),
    },
];

/// Positive numbers that add up to 1.
fn as_shares(v: &mut [f64]) {
    let shares = softmax::softmax(&row(v));
    v.iter_mut().zip(&shares).for_each(|(v, &share)| *v = share);
}

fn chain(v: &[f64]) -> Chain {
    Chain { w: row(&v[..3]), b: row(&v[3..6]) }
}

fn perceptron(v: &[f64]) -> Perceptron {
    Perceptron { w: row(&v[..3]), b: v[3], activation: Sigmoid }
}

/// The errors of a last layer of sigmoids with the quadratic cost.
fn last_delta(layer: &Layer, a: &Array2<f64>, y: &Array2<f64>) -> Array2<f64> {
    let z = layer.weighted_sums(a);
    backprop::output_delta(&Quadratic.gradient(&z.mapv(sigmoid), y), &z, Sigmoid)
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
