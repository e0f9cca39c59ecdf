//! Part I: the activations.

use neurons::sigmoid::{self, LEAK, sigmoid, sigmoid_prime};

use super::{Check, anywhere, s};

/// In the order in which the pages state the derivatives.
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
        definition: |z| vec![(z[0].exp() - (-z[0]).exp()) / (z[0].exp() + (-z[0]).exp())],
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
        definition: |z| vec![if z[0].re > 0.0 { z[0] } else { LEAK * z[0] }],
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
];

fn off_the_kink(v: &mut [f64]) {
    v.iter_mut().for_each(|v| *v += 0.01_f64.copysign(*v));
}
