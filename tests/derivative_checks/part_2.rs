//! Part II: the squared errors, the rules of differentiation, and the way downhill.

use neurons::cost;
use neurons::gradient::{self, directional_derivative};
use neurons::gradient_descent::{bowl, bowl_gradient};
use neurons::ndarray::Array1;
use neurons::perceptron_multi;
use neurons::sigmoid::{Activation::Sigmoid, sigmoid};
use neurons::wishes::{levers, wishes_of_outputs};

use super::{C, Check, anywhere, layer, outputs, row, squares};

/// In the order in which the pages state the derivatives.
pub const CHECKS: &[Check] = &[
    // a (5), y (5).
    Check {
        path: "cost::sum_of_squares_gradient",
        inputs: 10,
        variables: 5,
        place: anywhere,
        formula: |v| cost::sum_of_squares_gradient(&row(&v[..5]), &row(&v[5..])).to_vec(),
        function: |v| vec![cost::sum_of_squares(&row(&v[..5]), &row(&v[5..]))],
        definition: |v| vec![squares(&v[..5], &v[5..])],
    },
    Check {
        path: "cost::half_sum_of_squares_gradient",
        inputs: 10,
        variables: 5,
        place: anywhere,
        formula: |v| {
            cost::half_sum_of_squares_gradient(&row(&v[..5]), &row(&v[5..])).to_vec()
        },
        function: |v| vec![cost::half_sum_of_squares(&row(&v[..5]), &row(&v[5..]))],
        definition: |v| vec![squares(&v[..5], &v[5..]) / 2.0],
    },
    Check {
        path: "cost::mean_of_squares_gradient",
        inputs: 10,
        variables: 5,
        place: anywhere,
        formula: |v| {
            cost::mean_of_squares_gradient(&row(&v[..5]), &row(&v[5..])).to_vec()
        },
        function: |v| vec![cost::mean_of_squares(&row(&v[..5]), &row(&v[5..]))],
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
            let (u, v) = ((x[0].sin(), x[0].cos()), (x[0].exp(), x[0].exp()));
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
            let (u, v) = ((x[0].sin(), x[0].cos()), (x[0].exp(), x[0].exp()));
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
            vec![v[0] * gradient.iter().zip(d).map(|(g, d)| g * d).sum::<f64>()]
        },
        definition: |v| {
            let x: Vec<C> = (0..3).map(|i| v[1 + i] + v[0] * v[4 + i]).collect();
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
        definition: |v| vec![(0..4).map(|i| v[4 + i] * v[i] * v[i] / 2.0).sum()],
    },
    // b (3), W (3, 4), a (4), y (3).
    Check {
        path: "wishes::levers",
        inputs: 22,
        variables: 19,
        place: anywhere,
        formula: |v| {
            let (layer, a) = (layer(&v[3..15], &v[..3]), row(&v[15..19]));
            let wishes =
                wishes_of_outputs(&layer.weighted_sum(&a).mapv(sigmoid), &row(&v[19..]));
            let asked = levers(&layer, &a, &wishes);
            let all = asked.biases.iter().chain(&asked.weights).chain(&asked.previous);
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
            vec![squares(&outputs(&v[3..15], &v[..3], &v[15..19]), &v[19..]) / 2.0]
        },
    },
];
