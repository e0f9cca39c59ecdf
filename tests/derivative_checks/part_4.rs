//! Part IV: what the graph of arrays differentiates.

use neurons::autograd::{Tensor, grad};

use super::{C, Check, anywhere, matrix};

/// In the order in which the pages state the derivatives.
pub const CHECKS: &[Check] = &[
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
            gradients.into_iter().flatten().flat_map(|g| g.value().into_iter()).collect()
        },
        function: |v| {
            vec![matrix(3, &v[..12]).dot(&matrix(4, &v[12..])).mapv(|y| y * y).sum()]
        },
        definition: |v| {
            let entry = |i: usize, j: usize| {
                (0..4).map(|k| v[4 * i + k] * v[12 + 2 * k + j]).sum::<C>()
            };
            vec![(0..6).map(|at| entry(at / 2, at % 2)).map(|y| y * y).sum()]
        },
    },
];
