//! Chapter 18. What do the layers hold? The hope of chapter 4, measured.

use std::f64::consts::PI;

use ndarray::{Array1, Array2, ArrayView1, Axis};

use crate::backprop::{delta_below, forward, output_delta};
use crate::cost::Cost;
use crate::layer::Network;
use crate::pixels::{CLASSES, PIXELS, SIDE, assert_shape};

/// A short piece of a line in the field of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its middle: pixels to the right and down.
    pub at: (f64, f64),
    /// The angle to the right, in radians, clockwise as pixels are counted.
    pub angle: f64,
    /// How long it is: it fades to e^(−½) of its weight at this distance from its middle.
    pub long: f64,
    /// Half its width: the weight is 0 this far beside its axis.
    pub half_width: f64,
    /// Whether it is the border between dark and light, and not a dark line.
    pub edge: bool,
}

impl Stroke {
    /// Its template: 784 weights, positive on the line and negative on both sides; of an
    /// edge, positive on one side and negative on the other.
    ///
    /// With u along the axis and v across it, both from the middle, and s the half width:
    /// a line is (1 − v²/s²) e^(−v²/2s²), an edge v/s · e^(−v²/2s²), times e^(−u²/2·long²).
    ///
    /// ```
    /// use neurons::inspect::Stroke;
    /// let stroke = Stroke { at: (14.0, 10.0), angle: 0.0, long: 4.0, half_width: 1.5, edge: false };
    /// let w = stroke.template();
    /// let weight = |column: usize, row: usize| w[28 * row + column];
    /// assert_eq!(weight(14, 10), 1.0);
    /// assert!(weight(18, 10) > 0.6 && weight(14, 12) < -0.2 && weight(14, 8) < -0.2);
    /// ```
    pub fn template(&self) -> Array1<f64> {
        let (sin, cos) = (libm::sin(self.angle), libm::cos(self.angle));
        Array1::from_iter((0..PIXELS).map(|i| {
            let (x, y) = ((i % SIDE) as f64, (i / SIDE) as f64);
            let (x, y) = (x - self.at.0, y - self.at.1);
            let u = (x * cos + y * sin) / self.long;
            let v = (y * cos - x * sin) / self.half_width;
            let across = if self.edge { v } else { 1.0 - v * v };
            across * libm::exp(-0.5 * (u * u + v * v))
        }))
    }

    /// Longer than wide, and not finer than a pixel.
    fn is_a_stroke(&self) -> bool {
        self.half_width >= 0.5 && self.long >= 1.5 * self.half_width
    }
}

/// The strokes from which [`closest_strokes`] starts: lines and edges of two lengths and two
/// widths, at twelve angles, with their middle on each pixel from (4, 4) to (23, 23); those
/// that differ in their place only are together.
pub fn strokes() -> Vec<Vec<Stroke>> {
    let middles = || (4..24).flat_map(|y| (4..24).map(move |x| (x, y)));
    let mut all = vec![];
    for edge in [false, true] {
        for (long, half_width) in
            [(3.0, 1.0), (3.0, 1.8), (6.0, 1.0), (6.0, 1.8)]
        {
            for turn in 0..12 {
                let angle = f64::from(turn) * PI / 12.0;
                let stroke = |(x, y): (i32, i32)| {
                    let at = (f64::from(x), f64::from(y));
                    Stroke { at, angle, long, half_width, edge }
                };
                all.push(middles().map(stroke).collect());
            }
        }
    }
    all
}

/// The part of w that lies along t: cos² of the angle between them,
/// (w · t)² / (‖w‖² ‖t‖²), from 0 to 1.
///
/// By Pythagoras it is the share of ‖w‖² that remains if w is replaced by its shadow on the
/// line of t.
///
/// ```
/// use neurons::{inspect::share_along, ndarray::array};
/// let w = array![3.0, 4.0];
/// approx::assert_relative_eq!(share_along(w.view(), array![2.0, 0.0].view()), 0.36);
/// ```
///
/// # Panics
/// If w and t differ in shape.
pub fn share_along(w: ArrayView1<f64>, t: ArrayView1<f64>) -> f64 {
    assert_shape("t", t.shape(), w.shape());
    w.dot(&t).powi(2) / (w.dot(&w) * t.dot(&t))
}

/// For each row of weights, shape (n, 784), the stroke that most of it lies along, and how
/// much: the largest [`share_along`] of all strokes that are longer than they are wide.
///
/// The best of [`strokes`] is moved, turned, stretched and widened for as long as that helps.
///
/// ```
/// use neurons::inspect::{Stroke, closest_strokes};
/// use neurons::{gradient::random_point, ndarray::{Axis, stack}};
/// let stroke = Stroke { at: (9.4, 16.7), angle: 0.3, long: 4.5, half_width: 1.4, edge: false };
/// let noise = random_point(1, 784);
/// let found = closest_strokes(&stack![Axis(0), stroke.template(), noise]);
/// assert!(found[0].1 > 0.95 && !found[0].0.edge);
/// assert!(found[1].1 < 0.06);
/// ```
///
/// # Panics
/// If a row does not have 784 weights, or only zeros.
pub fn closest_strokes(w: &Array2<f64>) -> Vec<(Stroke, f64)> {
    assert_shape("W", w.shape(), &[w.nrows(), PIXELS]);
    let lengths = w.map_axis(Axis(1), |w| w.dot(&w));
    assert!(lengths.iter().all(|&l| l > 0.0), "weights that are all 0");
    let mut best: Vec<Option<(Stroke, f64)>> = vec![None; w.nrows()];
    for some in strokes() {
        let mut templates = Array2::zeros((some.len(), PIXELS));
        for (mut row, stroke) in templates.rows_mut().into_iter().zip(&some)
        {
            let t = stroke.template();
            row.assign(&(&t / t.dot(&t).sqrt()));
        }
        let dots = w.dot(&templates.t());
        for ((best, dots), length) in
            best.iter_mut().zip(dots.rows()).zip(&lengths)
        {
            for (&stroke, dot) in some.iter().zip(dots) {
                let share = dot * dot / length;
                if best.is_none_or(|(_, most)| share > most) {
                    *best = Some((stroke, share));
                }
            }
        }
    }
    let starts = w.rows().into_iter().zip(best.into_iter().flatten());
    starts.map(|(w, start)| refined(w, start)).collect()
}

/// The stroke moved, turned, stretched and widened in ever smaller steps, as long as more of w
/// lies along it.
fn refined(w: ArrayView1<f64>, start: (Stroke, f64)) -> (Stroke, f64) {
    let (mut stroke, mut most) = start;
    let mut step = 0.5;
    while step > 0.05 {
        let before = most;
        for sign in [step, -step] {
            let (mut right, mut down, mut turned) =
                (stroke, stroke, stroke);
            let (mut longer, mut wider) = (stroke, stroke);
            right.at.0 += sign;
            down.at.1 += sign;
            turned.angle += 0.2 * sign;
            longer.long *= 1.0 + 0.4 * sign;
            wider.half_width *= 1.0 + 0.4 * sign;
            for other in [right, down, turned, longer, wider] {
                let share = share_along(w, other.template().view());
                if other.is_a_stroke() && share > most {
                    (stroke, most) = (other, share);
                }
            }
        }
        if most == before {
            step /= 2.0;
        }
    }
    (stroke, most)
}

/// The same network without neuron j of the hidden layer l, both counted from 0: to the
/// layer above it always says its mean activation over the pictures X, whatever is shown.
///
/// Each bias above takes over the mean of the neuron times the weight of its wire, and the
/// weight becomes 0.
///
/// ```
/// use neurons::{gradient::random_point, inspect::without, layer::Network, sigmoid::Activation::Sigmoid};
/// let network = Network::random(&[3, 4, 2], Sigmoid, Sigmoid, 1);
/// let x = random_point(1, (5, 3));
/// let mean_z = |network: &Network| {
///     let a = network.layers[0].weighted_sums(&x).mapv(neurons::sigmoid::sigmoid);
///     network.layers[1].weighted_sums(&a).mean_axis(neurons::ndarray::Axis(0)).unwrap()
/// };
/// let without = without(&network, 0, 2, &x);
/// assert!(without.layers[1].w.column(2).iter().all(|&w| w == 0.0));
/// // On average, the layer above hears the same.
/// approx::assert_relative_eq!(mean_z(&without), mean_z(&network), max_relative = 1e-12);
/// ```
///
/// # Panics
/// If there is no such neuron, or layer l is the last.
pub fn without(
    network: &Network,
    l: usize,
    j: usize,
    x: &Array2<f64>,
) -> Network {
    let a = &forward(network, x).a[l + 1];
    let mean = a.column(j).mean().expect("at least one picture");
    let mut network = network.clone();
    let above = &mut network.layers[l + 1];
    let wires = above.w.column(j).to_owned();
    above.b.scaled_add(mean, &wires);
    above.w.column_mut(j).fill(0.0);
    network
}

/// How well a number tells pictures of two kinds apart: the part of all pairs, one of each
/// kind, in which the first has the larger number; a tie is half a pair. 1 and 0 are
/// perfect, ½ is chance.
///
/// ```
/// use neurons::inspect::told_apart;
/// assert_eq!(told_apart(&[0.9, 0.4], &[0.1, 0.4]), 0.875);
/// ```
pub fn told_apart(first: &[f64], second: &[f64]) -> f64 {
    let mut second = second.to_vec();
    second.sort_by(f64::total_cmp);
    let pairs = first.len() * second.len();
    let below = |a: f64| {
        let less = second.partition_point(|&b| b < a);
        let not_more = second.partition_point(|&b| b <= a);
        (less + not_more) as f64 / 2.0
    };
    first.iter().map(|&a| below(a)).sum::<f64>() / pairs as f64
}

/// For every group of four digits, how well one neuron tells it from the other six: the
/// larger of p and 1 − p, where p is [`told_apart`], the mean over all pairs of a digit of the
/// group and one that is not in it. `pairs[(d, e)]` is p for the digits d and e.
///
/// There are 210 groups of four; 0, 6, 8 and 9, which have loops, are one of them.
pub fn groups_of_four(pairs: &Array2<f64>) -> Vec<([usize; 4], f64)> {
    assert_shape("pairs", pairs.shape(), &[CLASSES, CLASSES]);
    let mut groups = vec![];
    for bits in 0..1_u32 << CLASSES {
        if bits.count_ones() != 4 {
            continue;
        }
        let within = |d: usize| bits >> d & 1 == 1;
        let (mut sum, mut n) = (0.0, 0.0);
        for ((d, e), p) in pairs.indexed_iter() {
            if within(d) && !within(e) {
                sum += p;
                n += 1.0;
            }
        }
        let mut group = [0; 4];
        let digits = (0..CLASSES).filter(|&d| within(d));
        group.iter_mut().zip(digits).for_each(|(g, d)| *g = d);
        groups.push((group, f64::max(sum / n, 1.0 - sum / n)));
    }
    groups
}

/// ∂C/∂x of each picture: backpropagation one layer further than the first, to the pixels.
/// Δ⁽¹⁾ W⁽¹⁾, shape (m, 784): each row is the gradient of its own picture's cost, not of the
/// mean.
///
/// ```
/// use neurons::gradient::{central_gradient, random_point};
/// use neurons::{cost::{Cost, Quadratic}, inspect::picture_gradient, layer::Network};
/// use neurons::sigmoid::Activation::{Sigmoid, Tanh};
/// for seed in 0..5 {
///     let network = Network::random(&[6, 4, 5, 3], Tanh, Sigmoid, seed);
///     let (x, y) = (random_point(seed, (2, 6)), random_point(seed + 9, (2, 3)));
///     // The mean of two pictures: each has half of its gradient.
///     let cost = |x: &neurons::ndarray::Array2<f64>| Quadratic.value(&network.answers(x), &y);
///     let nudged = 2.0 * central_gradient(cost, &x);
///     let analytic = picture_gradient(&network, &Quadratic, &x, &y);
///     approx::assert_relative_eq!(analytic, nudged, epsilon = 1e-9, max_relative = 1e-6);
/// }
/// ```
///
/// # Panics
/// If X or Y do not fit the network, or differ in rows.
pub fn picture_gradient(
    network: &Network,
    cost: &dyn Cost,
    x: &Array2<f64>,
    y: &Array2<f64>,
) -> Array2<f64> {
    let way = forward(network, x);
    let last = network.layers.len() - 1;
    let answers = &way.a[last + 1];
    assert_shape("Y", y.shape(), answers.shape());
    let f = &network.activations;
    let mut delta =
        output_delta(&cost.gradient(answers, y), &way.z[last], f[last]);
    for l in (0..last).rev() {
        let above = &network.layers[l + 1];
        delta = delta_below(above, &delta, &way.z[l], f[l]);
    }
    delta.dot(&network.layers[0].w)
}

/// A picture that the network takes for each digit: from grey (each pixel ½), `steps` steps of
/// the length η against [`picture_gradient`], each pixel kept from 0 to 1. Shape (10, 784).
///
/// # Panics
/// If the network does not have 784 inputs and 10 outputs.
pub fn liked(
    network: &Network,
    cost: &dyn Cost,
    eta: f64,
    steps: usize,
) -> Array2<f64> {
    let mut x = Array2::from_elem((CLASSES, PIXELS), 0.5);
    let y = Array2::eye(CLASSES);
    for _ in 0..steps {
        let slope = picture_gradient(network, cost, &x, &y);
        x = (x - eta * slope).mapv_into(|p| p.clamp(0.0, 1.0));
    }
    x
}
