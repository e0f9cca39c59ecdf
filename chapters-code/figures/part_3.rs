//! Part III: the derivations.

use ndarray::{Array1, array};

use super::chart::{Axis, Chart};
use super::palette::{BLUE, INK, ORANGE};
use super::panel::{Anchor, FULL, QUARTER, dashed, solid};
use super::table::Panels;
use crate::cost::Cost;
use crate::cross_entropy::CrossEntropy;
use crate::sigmoid::{sigmoid, sigmoid_prime};
use crate::softmax::with_temperature;

/// One neuron with one input, x = 1, that should answer 0: the answer while it learns.
pub(super) fn saturation() -> Panels {
    const ETA: f64 = 0.15;
    const STEPS: usize = 300;
    let x = Axis::linear("step", 0.0..STEPS as f64, 100.0);
    let y = Axis::linear("answer a, wanted 0", 0.0..1.05, 0.25);
    let mut chart = Chart::new(FULL, 210.0, "", x, y);
    for (start, stroke) in [(1.5, solid as fn(_, _) -> _), (4.0, dashed)] {
        for (quadratic, color) in [(true, ORANGE), (false, BLUE)] {
            let mut z: f64 = start;
            let mut line = vec![];
            for step in 0..=STEPS {
                let a = sigmoid(z);
                line.push((step as f64, a));
                let logit = array![[z]];
                let slope = if quadratic {
                    a * sigmoid_prime(z)
                } else {
                    CrossEntropy.gradient(&logit, &array![[0.0]])[(0, 0)]
                };
                // The weight's input is 1, so weight and bias move alike: z by twice as much.
                z -= 2.0 * ETA * slope;
            }
            chart.line(line, stroke(color, 2.2));
        }
    }
    chart.text((215.0, 0.84), "quadratic cost", Anchor::Start, ORANGE);
    chart.text((165.0, 0.07), "cross-entropy", Anchor::Start, BLUE);
    Ok(vec![chart.panel])
}

/// The same ten scores as shares, at three temperatures.
pub(super) fn temperature() -> Panels {
    let scores = array![1.0, 0.2, 4.0, 2.5, -1.0, 0.0, -0.5, 3.0, 1.5, 0.5];
    let bars = |title: &str,
                y: Axis,
                values: &Array1<f64>,
                digits: usize| {
        let x = Axis::linear("digit", -0.5..9.5, 1.0);
        let mut chart = Chart::new(QUARTER, 120.0, title, x, y);
        for (i, &v) in values.iter().enumerate() {
            chart.bar(
                (i as f64 - 0.38, 0.0),
                (i as f64 + 0.38, v),
                BLUE,
                1.0,
            );
        }
        let top = chart.at((2.0, values[2]));
        let words = format!("{:.digits$}", values[2]);
        chart.panel.text((top.0, top.1 - 9.0), &words, Anchor::Middle, INK);
        chart.panel
    };
    let mut panels = vec![bars(
        "scores z",
        Axis::linear("", -1.0..5.0, 1.0),
        &scores,
        0,
    )];
    panels.extend([0.5, 1.0, 4.0].map(|t| {
        let p = with_temperature(&scores, t);
        bars(
            &format!("shares at T = {t}"),
            Axis::linear("", 0.0..1.05, 0.5),
            &p,
            2,
        )
    }));
    Ok(panels)
}
