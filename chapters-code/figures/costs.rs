//! Chapter 5: errors as squares, a cost along one weight and over two, what squares choose, three
//! conventions, and pictures that were not learned from.

use std::fmt::Write;

use ndarray::{Array1, Array2};

use super::asked::{inks, untaught};
use super::chart::{Axis, Chart, number};
use super::palette::{
    BLUE, CONTOUR, GRID, INK, MUTED, ORANGE, PURPLE, Rgb, TEAL,
};
use super::panel::{
    Anchor, FULL, HALF, LINE, Panel, Point, dashed, n, rectangle, solid,
};
use super::table::{Panels, means, table};
use crate::cost::{Cost, Quadratic, accuracy, sum_of_squares};
use crate::digits::handwriting;
use crate::gradient::central_difference;
use crate::gradient_descent::descend;
use crate::layer::Network;
use crate::mnist::{Diverged, Objective, Recipe, train};
use crate::pixels::{CLASSES, Digits};

/// The 200 drawn digits of the chapter, and their wanted answers.
fn drawn() -> (Array2<f64>, Array2<f64>) {
    let digits = Digits::handwriting(200, 1);
    let all: Vec<usize> = (0..digits.len()).collect();
    (digits.x(&all), digits.y(&all))
}

/// The book's network after some passes over 1,000 drawn digits, with the squared error.
fn taught(epochs: usize) -> Result<Network, Diverged> {
    let (training, validation) =
        Digits::handwriting(1200, 1).split_at(1000);
    let recipe = Recipe {
        objective: Objective::Quadratic,
        rate: 3.0,
        epochs,
        ..Recipe::book()
    };
    train(&recipe, &training, &validation, |_, _| {})
}

/// The ten errors of one picture as squares, before and after learning.
pub(super) fn error_squares() -> Panels {
    Ok(vec![
        squares("before learning", &untaught()),
        squares("after three passes over 1,000 drawn digits", &taught(3)?),
    ])
}

fn squares(title: &str, network: &Network) -> Panel {
    const COLUMN: f64 = 69.0;
    const TALL: f64 = 78.0;
    const ROW: f64 = TALL + 4.6 * LINE;
    const TOP: f64 = 2.2 * LINE;
    let x = inks(&handwriting::the_two()).insert_axis(ndarray::Axis(0));
    let a: Array1<f64> = network.answers(&x).row(0).to_owned();
    let mut y = Array1::zeros(CLASSES);
    y[2] = 1.0;
    let mut panel = Panel::new(FULL, TOP + 2.0 * ROW + LINE);
    panel.title(title);
    for digit in 0..CLASSES {
        let left = (digit % 5) as f64 * COLUMN + 6.0;
        let floor = TOP + (digit / 5) as f64 * ROW + TALL;
        let at = |v: f64| floor - TALL * v;
        let (low, high) = (a[digit].min(y[digit]), a[digit].max(y[digit]));
        let corner = (left, at(high));
        let side = TALL * (high - low);
        panel.line(&[(left, at(0.0)), (left, at(1.0))], solid(GRID, 1.5));
        // Too small a square could not be seen.
        if side > 1.0 {
            panel.area(&rectangle(corner, side, side), ORANGE, 0.3);
            panel.frame(corner, side, side, solid(ORANGE, 1.5));
        }
        panel.ring((left, at(y[digit])), 4.5, INK);
        panel.dot((left, at(a[digit])), 3.5, TEAL);
        let middle = left + COLUMN / 2.0 - 6.0;
        let name = format!("digit {digit}");
        panel.text((middle, floor + LINE), &name, Anchor::Middle, INK);
        let error = (a[digit] - y[digit]).abs();
        for (words, row) in [
            (format!("{error:.2}²"), 2.0),
            (format!("= {:.2}", error * error), 3.0),
        ] {
            let below = (middle, floor + row * LINE);
            panel.text(below, &words, Anchor::Middle, ORANGE);
        }
    }
    let all =
        format!("all ten squares together: {:.3}", sum_of_squares(&a, &y));
    let foot = (0.0, TOP + 2.0 * ROW);
    panel.words(foot, &all, Anchor::Start, ORANGE, 0.0, Some("600"));
    panel
}

/// Accuracy and cost of the taught network as one of its weights is turned.
pub(super) fn one_weight() -> Panels {
    const STEPS: i32 = 2000;
    let knobs = TwoKnobs::new()?;
    let (now, other) = knobs.learned();
    let at = |w: f64| {
        let place = (w, other);
        (w, (100.0 * knobs.right(place), knobs.cost(place)))
    };
    let range = -9.0..9.0;
    let step: f64 = (range.end - range.start) / f64::from(STEPS);
    let points: Vec<(f64, Point)> = (0..=STEPS)
        .map(|i| at(range.start + step * f64::from(i)))
        .collect();
    let flats: Vec<_> = points.chunk_by(|a, b| a.1.0 == b.1.0).collect();
    let weight = || Axis::linear("weight", range.clone(), 3.0);
    let y = Axis::linear("per cent", 84.0..95.0, 2.0);
    let title = format!("accuracy: {} jumps", flats.len() - 1);
    let mut right = Chart::new(HALF, 170.0, &title, weight(), y);
    for flat in flats {
        let (from, to) = (flat[0], flat[flat.len() - 1]);
        // Up to where the next one begins.
        let end = (to.0 + step).min(range.end);
        right.line([(from.0, from.1.0), (end, to.1.0)], solid(ORANGE, 3.0));
    }
    let y = Axis::linear("", 0.04..0.16, 0.04);
    let mut cost = Chart::new(HALF, 188.0, "cost", weight(), y);
    cost.line(points.iter().map(|p| (p.0, p.1.1)), solid(BLUE, 2.5));
    let (_, (percent, value)) = at(now);
    right.dots([(now, percent)], 4.5, INK);
    cost.dots([(now, value)], 4.5, INK);
    cost.text((now, value + 0.01), "learned", Anchor::Middle, INK);
    Ok(vec![right.panel, cost.panel])
}

/// The cost of the taught network as a function of two of its weights.
struct TwoKnobs {
    /// The activations of the last hidden layer: shape (200, 16).
    hidden: Array2<f64>,
    last: Network,
    y: Array2<f64>,
}

impl TwoKnobs {
    /// Both weights lead to the output of the digit 2, from these hidden neurons.
    const FROM: [usize; 2] = [5, 6];
    const RANGE: std::ops::Range<f64> = -12.0..14.0;

    fn new() -> Result<Self, Diverged> {
        let (x, y) = drawn();
        let mut network = taught(20)?;
        let part = |layers, activations| Network { layers, activations };
        let last = part(
            network.layers.split_off(2),
            network.activations.split_off(2),
        );
        Ok(TwoKnobs { hidden: network.answers(&x), last, y })
    }

    fn learned(&self) -> Point {
        let w = |k| self.last.layers[0].w[(2, k)];
        (w(Self::FROM[0]), w(Self::FROM[1]))
    }

    fn answers(&self, (first, second): Point) -> Array2<f64> {
        let mut last = self.last.clone();
        last.layers[0].w[(2, Self::FROM[0])] = first;
        last.layers[0].w[(2, Self::FROM[1])] = second;
        last.answers(&self.hidden)
    }

    fn cost(&self, at: Point) -> f64 {
        Quadratic.value(&self.answers(at), &self.y)
    }

    fn right(&self, at: Point) -> f64 {
        accuracy(&self.answers(at), &self.y)
    }

    fn chart(title: &str) -> Chart {
        let name = |k: usize| {
            format!("weight from hidden neuron {}", Self::FROM[k])
        };
        let axis = |k| Axis::linear(&name(k), Self::RANGE, 4.0);
        Chart::square(HALF, title, axis(0), axis(1))
    }

    /// The chart of the cost, with its contour lines.
    fn map(&self, title: &str, levels: &[f64]) -> Chart {
        let mut chart = Self::chart(title);
        let grid = Grid::of(|at| self.cost(at));
        grid.shade(&mut chart, 0.05, 0.32, BLUE);
        let lines: Vec<String> =
            levels.iter().map(|&v| grid.contour(&chart, v)).collect();
        for line in lines {
            chart.panel.strokes(&line, solid(MUTED, 0.9));
        }
        chart
    }
}

/// The values of a function of two knobs, each half a unit.
struct Grid {
    values: Array2<f64>,
}

impl Grid {
    const CELL: f64 = 0.5;

    fn of(f: impl Fn(Point) -> f64) -> Self {
        let range = TwoKnobs::RANGE;
        let side = ((range.end - range.start) / Self::CELL) as usize + 1;
        let values =
            Array2::from_shape_fn((side, side), |(i, j)| f(Self::at(i, j)));
        Grid { values }
    }

    /// Row i is a value of the second knob, column j of the first.
    fn at(i: usize, j: usize) -> Point {
        let knob = |i| TwoKnobs::RANGE.start + Self::CELL * i as f64;
        (knob(j), knob(i))
    }

    /// Cells between four values, the darker the higher their first one, in ten shades.
    fn shade(&self, chart: &mut Chart, low: f64, high: f64, color: Rgb) {
        const SHADES: usize = 12;
        let side = self.values.nrows() - 1;
        let shade = |i: usize, j: usize| {
            let part = (self.values[(i, j)] - low) / (high - low);
            (part.clamp(0.0, 1.0) * SHADES as f64) as usize
        };
        let mut paths = vec![String::new(); SHADES + 1];
        for i in 0..side {
            let mut j = 0;
            while j < side {
                let from = j;
                while j < side && shade(i, j) == shade(i, from) {
                    j += 1;
                }
                let (x, y) = chart.at(Self::at(i, from));
                let (right, top) = chart.at(Self::at(i + 1, j));
                let _ = write!(
                    paths[shade(i, from)],
                    "M{} {}H{}V{}H{}z",
                    n(x),
                    n(y),
                    n(right),
                    n(top),
                    n(x)
                );
            }
        }
        for (level, path) in paths.iter().enumerate().skip(1) {
            if !path.is_empty() {
                let opacity = 0.55 * level as f64 / SHADES as f64;
                chart.panel.fill(path, color, opacity);
            }
        }
    }

    /// Where the function has a value: in each cell from side to side, in a straight line.
    fn contour(&self, chart: &Chart, level: f64) -> String {
        let side = self.values.nrows() - 1;
        let mut path = String::new();
        for (i, j) in (0..side).flat_map(|i| (0..side).map(move |j| (i, j)))
        {
            let corners = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j)];
            let mut ends = vec![];
            for (k, &from) in corners.iter().enumerate() {
                let to = corners[(k + 1) % 4];
                let (a, b) = (self.values[from], self.values[to]);
                if (a < level) != (b < level) {
                    let t = (level - a) / (b - a);
                    let (p, q) =
                        (Self::at(from.0, from.1), Self::at(to.0, to.1));
                    ends.push(chart.at((
                        p.0 + t * (q.0 - p.0),
                        p.1 + t * (q.1 - p.1),
                    )));
                }
            }
            for pair in ends.chunks_exact(2) {
                let [(a, b), (c, d)] = [pair[0], pair[1]];
                let _ =
                    write!(path, "M{} {}L{} {}", n(a), n(b), n(c), n(d));
            }
        }
        path
    }
}

/// Cost and accuracy as landscapes over two weights.
pub(super) fn two_knobs() -> Panels {
    let knobs = TwoKnobs::new()?;
    let levels = [0.06, 0.08, 0.11, 0.15, 0.2, 0.25, 0.29];
    let mut cost = knobs.map("cost", &levels);
    let learned = knobs.learned();
    cost.dots([learned], 4.5, INK);
    cost.text(
        (learned.0 - 0.6, learned.1 + 1.4),
        "learned",
        Anchor::End,
        INK,
    );
    cost.text((8.0, 9.5), "0.25", Anchor::Middle, INK);
    cost.text((-7.0, -7.0), "plateau, 0.09", Anchor::Middle, INK);
    let mut right = TwoKnobs::chart("accuracy");
    let grid = Grid::of(|at| knobs.right(at));
    grid.shade(&mut right, 0.4, 1.0, ORANGE);
    // One line between each two neighbouring shares of 200 pictures, from 80 per cent on: further
    // down they could not be told apart.
    let cliffs = (160..200).map(|n| (f64::from(n) + 0.5) / 200.0);
    let cliffs: String = cliffs.map(|v| grid.contour(&right, v)).collect();
    right.panel.strokes(&cliffs, solid(MUTED, 0.7));
    right.dots([learned], 4.5, INK);
    right.text((-7.0, -7.0), "84 %", Anchor::Middle, INK);
    right.text((9.5, 11.0), "about 50 %", Anchor::Middle, INK);
    Ok(vec![cost.panel, right.panel])
}

/// What a sum of squares and a sum of absolute values make of five numbers.
pub(super) fn mean_median() -> Panels {
    let draw = |last: f64| {
        let numbers = [1.0, 2.0, 3.0, 4.0, last];
        let sum = |f: fn(f64) -> f64, c: f64| -> f64 {
            numbers.iter().map(|x| f(x - c)).sum()
        };
        let (square, size): (fn(f64) -> f64, fn(f64) -> f64) =
            (|e| e * e, f64::abs);
        let mean = numbers.iter().sum::<f64>() / 5.0;
        let median = numbers[2];
        let x = Axis::linear("answer c", -5.0..22.0, 5.0);
        let y = Axis::linear("cost, its least being 1", 0.0..3.0, 1.0);
        let title = format!("1, 2, 3, 4 and {}", number(last));
        let mut chart = Chart::new(HALF, 190.0, &title, x, y);
        for (f, least, color) in
            [(square, mean, BLUE), (size, median, ORANGE)]
        {
            let bottom = sum(f, least);
            let points = (-100..=440).map(|i| {
                let c = f64::from(i) / 20.0;
                (c, sum(f, c) / bottom)
            });
            chart.curve(points, solid(color, 2.5));
            chart.line([(least, 0.0), (least, 1.0)], dashed(color, 1.5));
            chart.dots([(least, 1.0)], 4.5, color);
        }
        chart.dots(numbers.map(|x| (x, 0.0)), 4.5, INK);
        let name =
            |least: f64, name: &str| format!("{name} {}", number(least));
        let at = (mean + 0.5, 0.66);
        chart.text(at, &name(mean, "mean"), Anchor::Start, BLUE);
        let at = (median - 0.5, 0.32);
        chart.text(at, &name(median, "median"), Anchor::End, ORANGE);
        chart.panel
    };
    Ok([10.0, 20.0].map(draw).into())
}

/// Walks on the cost of two weights: the three conventions each with its own rate, and with a rate
/// that was copied from another.
pub(super) fn conventions() -> Panels {
    const STEPS: usize = 12;
    const START: Point = (10.0, 11.0);
    let knobs = TwoKnobs::new()?;
    // Of ½ Σ, Σ and the mean over ten answers.
    let walk = |factor: f64, rate: f64| -> Vec<Point> {
        let gradient = |v: &Array1<f64>| {
            let slope = |along: &dyn Fn(f64) -> Point| {
                let cost = |t| factor * knobs.cost(along(t));
                central_difference(cost, 0.0, 1e-3)
            };
            Array1::from(vec![
                slope(&|t| (v[0] + t, v[1])),
                slope(&|t| (v[0], v[1] + t)),
            ])
        };
        let start = Array1::from(vec![START.0, START.1]);
        let path = descend(gradient, &start, rate, STEPS);
        path.rows().into_iter().map(|p| (p[0], p[1])).collect()
    };
    let (sum, half, mean) = (2.0, 1.0, 0.2);
    let levels = [0.06, 0.08, 0.11, 0.15, 0.2, 0.25, 0.29];
    let draw = |title: &str, walks: &[(f64, f64, Rgb, f64)]| {
        let mut chart = knobs.map(title, &levels);
        for &(factor, rate, color, thick) in walks {
            let path = walk(factor, rate);
            chart.curve(path.clone(), solid(color, thick));
            chart.dots_within(path, 1.2 * thick, color);
        }
        chart.dots([START], 4.0, INK);
        chart
    };
    let mut own = draw(
        "rates 40 : 80 : 400",
        &[
            (mean, 400.0, CONTOUR, 6.0),
            (half, 80.0, ORANGE, 3.4),
            (sum, 40.0, INK, 1.2),
        ],
    );
    own.text((-0.5, -3.0), "all three walks", Anchor::Middle, INK);
    let mut copied = draw(
        "rates copied",
        &[(mean, 40.0, PURPLE, 3.0), (sum, 400.0, ORANGE, 2.0)],
    );
    copied.text((13.5, 12.8), "mean with 40", Anchor::End, PURPLE);
    copied.text((-4.6, -7.6), "sum with 400", Anchor::Start, ORANGE);
    Ok(vec![own.panel, copied.panel])
}

/// Training and test pictures side by side. The numbers come from `images/unseen.csv`, which
/// `cargo run --release --example unseen` writes.
pub(super) fn unseen() -> Panels {
    let rows = table(include_str!("../../images/unseen.csv"))?;
    let curve = |pictures: f64, column: usize| {
        let own = rows.iter().filter(|row| row[0] == pictures);
        means(own.map(|row| (row[2], row[column])))
    };
    let x = || {
        Axis::decades("pictures shown", 1e3..1e6, 1, |e| match e {
            6 => "a million".into(),
            e => format!("{},000", 10_i32.pow((e - 3) as u32)),
        })
    };
    let y = Axis::linear("per cent", 20.0..100.0, 20.0);
    let mut right = Chart::new(HALF, 200.0, "accuracy", x(), y);
    for (pictures, color) in [(1e3, ORANGE), (5e4, BLUE)] {
        right.line(curve(pictures, 4), solid(color, 2.5));
        right.line(curve(pictures, 6), dashed(color, 2.5));
    }
    let y = Axis::linear("", 0.0..0.5, 0.1);
    let mut cost = Chart::new(HALF, 200.0, "cost", x(), y);
    for (pictures, color) in [(1e3, ORANGE), (5e4, BLUE)] {
        cost.line(curve(pictures, 3), solid(color, 2.5));
        cost.line(curve(pictures, 5), dashed(color, 2.5));
    }
    right.text((1.3e4, 56.0), "from 1,000 pictures", Anchor::Start, ORANGE);
    right.text((1.3e4, 48.0), "from 50,000", Anchor::Start, BLUE);
    right.text((1.3e4, 38.0), "line: training", Anchor::Start, INK);
    right.text((1.3e4, 30.0), "dashes: test", Anchor::Start, INK);
    Ok(vec![right.panel, cost.panel])
}
