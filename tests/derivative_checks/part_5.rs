//! Part V: the slopes of a picture, and of how sure a network is.

use neurons::cost::{Cost, Quadratic};
use neurons::layer::Network;
use neurons::sigmoid::Activation::Sigmoid;
use neurons::{doubt, inspect};

use super::{C, Check, anywhere, layer, matrix, outputs, squares};

/// In the order in which the pages state the derivatives.
pub const CHECKS: &[Check] = &[
    // X (2, 4), W (3, 4), b (3), W above (2, 3), b above (2), Y (2, 2).
    Check {
        path: "inspect::picture_gradient",
        inputs: 35,
        variables: 8,
        place: anywhere,
        formula: |v| {
            let (x, y) = (matrix(2, &v[..8]), matrix(2, &v[31..]));
            let slopes =
                inspect::picture_gradient(&network(&v[8..31]), &Quadratic, &x, &y);
            slopes.into_iter().collect()
        },
        function: |v| {
            let (x, y) = (matrix(2, &v[..8]), matrix(2, &v[31..]));
            vec![2.0 * Quadratic.value(&network(&v[8..31]).answers(&x), &y)]
        },
        definition: |v| {
            let of_picture = |(x, y): (&[C], &[C])| {
                let hidden = outputs(&v[8..20], &v[20..23], x);
                squares(&outputs(&v[23..29], &v[29..31], &hidden), y) / 2.0
            };
            vec![v[..8].chunks(4).zip(v[31..].chunks(2)).map(of_picture).sum()]
        },
    },
    // β, Z (2, 3); the digits are 0 and 2.
    Check {
        path: "doubt::cost_at",
        inputs: 7,
        variables: 1,
        place: |v| v[0] = 0.1 + v[0].abs(),
        formula: |v| vec![doubt::cost_at(&matrix(2, &v[1..]), &[0, 2], v[0]).1],
        function: |v| vec![doubt::cost_at(&matrix(2, &v[1..]), &[0, 2], v[0]).0],
        definition: |v| {
            let of_picture = |(z, digit): (&[C], usize)| {
                let sum: C = z.iter().map(|z| (v[0] * z).exp()).sum();
                sum.ln() - v[0] * z[digit]
            };
            vec![v[1..].chunks(3).zip([0, 2]).map(of_picture).sum::<C>() / 2.0]
        },
    },
];

/// Two layers of sigmoids: W (3, 4), b (3), W above (2, 3), b above (2).
fn network(v: &[f64]) -> Network {
    let layers = vec![layer(&v[..12], &v[12..15]), layer(&v[15..21], &v[21..])];
    Network { layers, activations: vec![Sigmoid; 2] }
}
