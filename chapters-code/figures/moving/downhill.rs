//! Chapter 7: a walk down a long valley. The reader moves the rate, the valley, the momentum and the
//! start.

use ndarray::{Array1, array};

use super::Moved;
use crate::figures::chart::{Axis, Chart, number, short};
use crate::figures::palette::{BLUE, CONTOUR, INK, MUTED, ORANGE};
use crate::figures::panel::{
    Anchor, FULL, HALF, Panel, Point, dashed, solid,
};
use crate::figures::valley::{contour, roll};
use crate::gradient_descent::bowl;

/// η, κ, μ, and the start.
pub(super) const AT_REST: [f64; 5] = [0.15, 10.0, 0.0, -9.0, 2.2];
const STEPS: usize = 25;
/// The largest rate of the slider.
const FASTEST: f64 = 1.05;

pub(super) fn downhill(state: &[f64]) -> Moved {
    let &[eta, kappa, mu, x, y] = state else {
        unreachable!("five controls")
    };
    let lambda = array![1.0, kappa];
    let path = roll(&lambda, &array![x, y], eta, mu, STEPS);
    let places: Vec<Point> =
        path.rows().into_iter().map(|v| (v[0], v[1])).collect();
    let costs: Vec<f64> = path
        .rows()
        .into_iter()
        .map(|v| bowl(&lambda, &v.to_owned()))
        .collect();
    let border = 2.0 * (1.0 + mu) / kappa;

    let (first, last) = (costs[0], costs[STEPS]);
    let side = if eta < border { "below" } else { "not below" };
    let words = format!(
        "η = {} is {side} the border {}. The cost is {} at the start and {} after {STEPS} steps.",
        number(eta),
        number(border),
        short(first),
        short(last)
    );
    let panels =
        vec![map(&lambda, &places), by_step(&costs), rates(eta, kappa, mu)];
    let numbers =
        path.iter().chain(&costs).copied().chain([border]).collect();
    Moved { panels, words, numbers }
}

/// The valley from above.
fn map(lambda: &Array1<f64>, places: &[Point]) -> Panel {
    let (x, y) = (
        Axis::linear("v₁", -10.0..6.0, 2.0),
        Axis::linear("v₂", -4.0..4.0, 2.0),
    );
    let mut chart = Chart::square(HALF, "the valley from above", x, y);
    let start = array![places[0].0, places[0].1];
    for level in [0.5, 4.0, 12.0, 25.0, 45.0] {
        chart.curve(contour(lambda, level), solid(CONTOUR, 1.2));
    }
    chart.curve(contour(lambda, bowl(lambda, &start)), solid(MUTED, 1.8));
    chart.curve(places.iter().copied(), solid(BLUE, 2.0));
    chart.dots_within(places.iter().copied(), 2.6, BLUE);
    chart.handle(places[0], "x y");
    chart.panel
}

/// The cost from step to step.
fn by_step(costs: &[f64]) -> Panel {
    let x = Axis::linear("step", 0.0..STEPS as f64, 5.0);
    let y = Axis::powers("cost", 1e-6..1e6, 2);
    let mut chart = Chart::new(HALF, 138.0, "and the cost", x, y);
    chart.line(
        [(0.0, costs[0]), (STEPS as f64, costs[0])],
        dashed(MUTED, 1.2),
    );
    let points =
        costs.iter().enumerate().map(|(t, &cost)| (t as f64, cost));
    chart.curve(points.clone(), solid(BLUE, 2.0));
    chart.dots_within(points, 2.6, BLUE);
    chart.panel
}

/// All rates of the slider on a line: those that arrive, and those that climb out.
fn rates(eta: f64, kappa: f64, mu: f64) -> Panel {
    const Y: f64 = 30.0;
    let (left, right) = (10.0, FULL - 10.0);
    let at = |rate: f64| left + (rate / FASTEST).min(1.0) * (right - left);
    let border = 2.0 * (1.0 + mu) / kappa;
    let mut panel = Panel::new(FULL, 64.0);
    panel.line(&[(left, Y), (at(border), Y)], solid(BLUE, 5.0));
    if border < FASTEST {
        panel.line(&[(at(border), Y), (right, Y)], dashed(ORANGE, 5.0));
        panel.line(
            &[(at(border), Y - 11.0), (at(border), Y + 11.0)],
            solid(INK, 2.0),
        );
    }
    panel.dot((at(eta), Y), 7.0, INK);
    // Beside the dot, on the side that has room.
    let anchor = |x: f64, words: &str| match x {
        x if x < 4.0 * words.len() as f64 => (0.0, Anchor::Start),
        x if x > FULL - 4.0 * words.len() as f64 => (FULL, Anchor::End),
        x => (x, Anchor::Middle),
    };
    let words = format!("η = {}", number(eta));
    let (x, end) = anchor(at(eta), &words);
    panel.text((x, 8.0), &words, end, INK);
    let (words, color) = match border < FASTEST {
        true => (format!("border {}", number(border)), INK),
        false => ("all of these rates arrive".into(), BLUE),
    };
    let (x, end) = anchor(at(border.min(FASTEST)), &words);
    panel.text((x, 54.0), &words, end, color);
    panel
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each coordinate of a bowl shrinks by its own factor, 1 − ηλ: (after `STEPS` steps, at the
    /// start).
    #[test]
    fn without_momentum_the_walk_is_that_of_the_formula() {
        for (eta, kappa, x, y) in [
            (0.15, 10.0, -9.0, 2.2),
            (0.3, 4.0, 3.0, -1.0),
            (0.21, 10.0, 1.0, 1.0),
        ] {
            let moved = downhill(&[eta, kappa, 0.0, x, y]);
            let end = &moved.numbers[2 * STEPS..2 * STEPS + 2];
            let factor =
                |lambda: f64| (1.0 - eta * lambda).powi(STEPS as i32);
            approx::assert_relative_eq!(
                end[0],
                factor(1.0) * x,
                max_relative = 1e-12
            );
            approx::assert_relative_eq!(
                end[1],
                factor(kappa) * y,
                max_relative = 1e-12
            );
        }
    }

    #[test]
    fn past_the_border_the_walk_climbs_out_with_momentum_too() {
        for mu in [0.0, 0.3, 0.6] {
            let border = 2.0 * (1.0 + mu) / 8.0;
            let last = |eta: f64| {
                let numbers = downhill(&[eta, 8.0, mu, 1.0, 1.0]).numbers;
                numbers[numbers.len() - 2]
            };
            assert!(
                last(0.9 * border) < 1.0 && last(1.1 * border) > 10.0,
                "{mu}"
            );
        }
    }
}
