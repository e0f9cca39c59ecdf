//! Bowls, and walks in them.

use ndarray::{Array1, Array2, array};

use super::panel::Point;
use crate::gradient_descent::{bowl_gradient, step};
use crate::layer::Layer;

/// A contour line of ½ Σ λᵢ xᵢ², once around.
pub(super) fn contour(
    lambda: &Array1<f64>,
    level: f64,
) -> impl Iterator<Item = Point> {
    let radius = [0, 1].map(|i| (2.0 * level / lambda[i]).sqrt());
    // Half a circle, ((1 − t²)/(1 + t²), 2t/(1 + t²)) for t from −1 to 1, and the other half.
    let half = |side: f64| {
        let t = (-60..=60).map(move |i| side * f64::from(i) / 60.0);
        t.map(move |t| {
            let long = 1.0 + t * t;
            (
                side * (1.0 - t * t) / long * radius[0],
                2.0 * t / long * radius[1],
            )
        })
    };
    half(1.0).chain(half(-1.0))
}

/// A long valley, and where the paths of figures in it begin.
pub(super) fn valley() -> (Array1<f64>, Array1<f64>) {
    (array![1.0, 10.0], array![-9.0, 2.2])
}

/// The path of gradient descent with momentum on a bowl: shape (steps + 1, 2).
pub(super) fn roll(
    lambda: &Array1<f64>,
    start: &Array1<f64>,
    eta: f64,
    mu: f64,
    steps: usize,
) -> Array2<f64> {
    // Two knobs as a layer's weights; its bias stays 0.
    let knobs = |v: &Array1<f64>| {
        let w = v.clone().insert_axis(ndarray::Axis(0));
        vec![Layer { w, b: array![0.0] }]
    };
    let (mut v, mut u) = (knobs(start), knobs(&(0.0 * start)));
    let mut path = Array2::zeros((steps + 1, start.len()));
    for t in 0..=steps {
        let place = v[0].w.row(0).to_owned();
        path.row_mut(t).assign(&place);
        let gradient = knobs(&bowl_gradient(lambda, &place));
        step(&mut v, &mut u, &gradient, eta, mu);
    }
    path
}
