//! Chapter 19. What is an answer worth? Pictures that no network was prepared for, and how
//! sure it is of them.

use ndarray::{Array1, Array2};

use crate::cost::Cost;
use crate::inspect::picture_gradient;
use crate::layer::Network;
use crate::pixels::{PIXELS, SIDE, assert_shape};
use crate::softmax::{log_sum_exp, softmax};

/// A picture moved to the right and down by pixels, and then turned clockwise about its
/// middle by degrees; what comes in from outside is paper.
///
/// Each pixel of the result looks at the place in x from which it comes, and takes the mean of
/// the four pixels around it, the nearer the heavier.
///
/// ```
/// use neurons::{doubt::placed, ndarray::Array1};
/// let mut x = Array1::zeros(784);
/// x[28 * 10 + 13] = 1.0;
/// let moved = placed(&x, (3.0, 2.0), 0.0);
/// assert_eq!((moved[28 * 12 + 16], moved.sum()), (1.0, 1.0));
/// // Half a turn: row and column are counted from the other end.
/// let turned = placed(&x, (0.0, 0.0), 180.0);
/// approx::assert_relative_eq!(turned[28 * 17 + 14], 1.0, epsilon = 1e-5);
/// ```
///
/// # Panics
/// If x does not have 784 pixels.
pub fn placed(
    x: &Array1<f64>,
    (right, down): (f64, f64),
    degrees: f64,
) -> Array1<f64> {
    assert_shape("x", x.shape(), &[PIXELS]);
    let angle = degrees.to_radians() as f32;
    let (sin, cos) =
        (f64::from(libm::sinf(angle)), f64::from(libm::cosf(angle)));
    let middle = (SIDE as f64 - 1.0) / 2.0;
    let ink = |column: i32, row: i32| {
        let inside = 0..SIDE as i32;
        match inside.contains(&column) && inside.contains(&row) {
            true => x[SIDE * row as usize + column as usize],
            false => 0.0,
        }
    };
    Array1::from_iter((0..PIXELS).map(|i| {
        let (u, v) =
            ((i % SIDE) as f64 - middle, (i / SIDE) as f64 - middle);
        let from_x = cos * u + sin * v + middle - right;
        let from_y = cos * v - sin * u + middle - down;
        let (column, row) = (from_x.floor(), from_y.floor());
        let (a, b) = (from_x - column, from_y - row);
        let (column, row) = (column as i32, row as i32);
        (1.0 - a) * (1.0 - b) * ink(column, row)
            + a * (1.0 - b) * ink(column + 1, row)
            + (1.0 - a) * b * ink(column, row + 1)
            + a * b * ink(column + 1, row + 1)
    }))
}

/// Letters that no digit looks like, as strokes of points `x y` in pixels of a box of 20 · 20.
const LETTERS: [(char, &[&[(u8, u8)]]); 12] = [
    ('A', &[&[(2, 20), (10, 0), (18, 20)], &[(5, 13), (15, 13)]]),
    ('E', &[&[(16, 0), (4, 0), (4, 20), (16, 20)], &[(4, 10), (14, 10)]]),
    ('F', &[&[(16, 0), (4, 0), (4, 20)], &[(4, 10), (14, 10)]]),
    (
        'H',
        &[&[(3, 0), (3, 20)], &[(17, 0), (17, 20)], &[(3, 10), (17, 10)]],
    ),
    ('K', &[&[(4, 0), (4, 20)], &[(16, 0), (4, 11), (17, 20)]]),
    ('M', &[&[(1, 20), (4, 0), (10, 14), (16, 0), (19, 20)]]),
    ('N', &[&[(3, 20), (3, 0), (17, 20), (17, 0)]]),
    ('T', &[&[(2, 0), (18, 0)], &[(10, 0), (10, 20)]]),
    ('V', &[&[(2, 0), (10, 20), (18, 0)]]),
    ('W', &[&[(0, 0), (5, 20), (10, 6), (15, 20), (20, 0)]]),
    ('X', &[&[(3, 0), (17, 20)], &[(17, 0), (3, 20)]]),
    ('Y', &[&[(2, 0), (10, 10), (18, 0)], &[(10, 10), (10, 20)]]),
];

/// The letters that [`letter`] draws.
pub fn letters() -> impl Iterator<Item = char> {
    LETTERS.iter().map(|(letter, _)| *letter)
}

/// A capital letter, drawn by a pen of a radius in pixels; its box is that of MNIST's digits,
/// 20 · 20 in the middle of 28 · 28.
///
/// ```
/// use neurons::doubt::letter;
/// let x = letter('X', 1.2);
/// assert_eq!(x[28 * 14 + 14], 1.0); // where its two strokes cross
/// assert_eq!(x[0], 0.0);
/// ```
///
/// # Panics
/// If it is none of [`letters`].
pub fn letter(name: char, radius: f64) -> Array1<f64> {
    let found = LETTERS.iter().find(|(letter, _)| *letter == name);
    let (_, strokes) =
        found.unwrap_or_else(|| panic!("no letter {name} is known"));
    let lines = || strokes.iter().flat_map(|stroke| stroke.windows(2));
    // The strokes lie so far within the box that the pen stays in it.
    let scale = (20.0 - 2.0 * radius) / 20.0;
    let place = |(x, y): (u8, u8)| {
        (
            4.0 + radius + scale * f64::from(x),
            4.0 + radius + scale * f64::from(y),
        )
    };
    Array1::from_iter((0..PIXELS).map(|i| {
        let (x, y) = ((i % SIDE) as f64 + 0.5, (i / SIDE) as f64 + 0.5);
        let away = lines().map(|line| {
            let (a, b) = (place(line[0]), place(line[1]));
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let along = (x - a.0) * dx + (y - a.1) * dy;
            let part = (along / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            let (u, v) = (x - a.0 - part * dx, y - a.1 - part * dy);
            (u * u + v * v).sqrt()
        });
        let nearest = away.fold(f64::INFINITY, f64::min);
        (0.5 + radius - nearest).clamp(0.0, 1.0)
    }))
}

/// x + ε · sign(∂C/∂x), kept from 0 to 1: of all changes of the pixels by at most ε each,
/// the one that raises the cost most, as long as ε is small. For pictures in rows, X
/// (m, 784) and Y (m, 10).
///
/// ```
/// use neurons::cost::{Cost, Quadratic};
/// use neurons::{doubt::nudged, gradient::random_point, layer::Network};
/// use neurons::sigmoid::Activation::Sigmoid;
/// let network = Network::random(&[784, 5, 10], Sigmoid, Sigmoid, 1);
/// let x = random_point(1, (1, 784)).mapv(|v: f64| v.abs().min(1.0));
/// let mut y = neurons::ndarray::Array2::zeros((1, 10));
/// y[(0, 3)] = 1.0;
/// let cost = |x: &neurons::ndarray::Array2<f64>| Quadratic.value(&network.answers(x), &y);
/// let by_sign = nudged(&network, &Quadratic, &x, &y, 0.01);
/// assert!(cost(&by_sign) > cost(&x));
/// assert!((&by_sign - &x).iter().all(|d| d.abs() < 0.01 + 1e-12));
/// ```
///
/// # Panics
/// If X or Y do not fit the network, or differ in rows.
pub fn nudged(
    network: &Network,
    cost: &dyn Cost,
    x: &Array2<f64>,
    y: &Array2<f64>,
    epsilon: f64,
) -> Array2<f64> {
    let slope = picture_gradient(network, cost, x, y);
    // The sign of 0 is 0 here: such a pixel stays.
    let sign = slope
        .mapv(|s| f64::from(s.partial_cmp(&0.0).map_or(0, |o| o as i8)));
    (x + epsilon * sign).mapv_into(|p| p.clamp(0.0, 1.0))
}

/// The mean cross-entropy of softmax(βz), where β = 1/T is the temperature turned over, and
/// its derivative:
///
/// C(β) = mean of −ln p_y, dC/dβ = mean of Σ p_k z_k − z_y.
///
/// `z` are the sums of the last layer, shape (m, 10), `labels` the true digits.
///
/// ```
/// use neurons::{doubt::cost_at, gradient::{H, central_difference, random_point}};
/// let (z, labels) = (random_point(1, (4, 10)), [3, 1, 4, 1]);
/// for beta in [0.3, 1.0, 2.5] {
///     let nudged = central_difference(|b| cost_at(&z, &labels, b).0, beta, H);
///     approx::assert_relative_eq!(cost_at(&z, &labels, beta).1, nudged, max_relative = 1e-7);
/// }
/// ```
///
/// # Panics
/// If there is not one label for each row.
pub fn cost_at(z: &Array2<f64>, labels: &[u8], beta: f64) -> (f64, f64) {
    assert_shape("labels", &[labels.len()], &[z.nrows()]);
    let (mut cost, mut slope) = (0.0, 0.0);
    for (z, &label) in z.rows().into_iter().zip(labels) {
        let (scaled, of_label) = (beta * &z, z[usize::from(label)]);
        cost += log_sum_exp(scaled.view()) - beta * of_label;
        slope += softmax(&scaled).dot(&z) - of_label;
    }
    (cost / labels.len() as f64, slope / labels.len() as f64)
}

/// The temperature T = 1/β at which these answers cost least: where dC/dβ = 0, between 0.05
/// and 20, by halving.
///
/// dC/dβ only ever rises with β, because its own derivative is a variance; so it is 0 at one
/// place at most.
///
/// ```
/// use neurons::{doubt::{best_temperature, cost_at}, gradient::random_point};
/// let labels: Vec<u8> = (0..40).map(|i| i % 10).collect();
/// let mut z = 5.0 * random_point(1, (40, 10));
/// for (i, &label) in labels.iter().enumerate() {
///     z[(i, usize::from(label))] += 5.0;
/// }
/// let t = best_temperature(&z, &labels);
/// for other in [0.95 * t, 1.05 * t] {
///     assert!(cost_at(&z, &labels, 1.0 / other).0 > cost_at(&z, &labels, 1.0 / t).0);
/// }
/// ```
pub fn best_temperature(z: &Array2<f64>, labels: &[u8]) -> f64 {
    let (mut low, mut high) = (0.05_f64, 20.0_f64);
    for _ in 0..40 {
        let middle = (low * high).sqrt();
        match cost_at(z, labels, middle).1 < 0.0 {
            true => low = middle,
            false => high = middle,
        }
    }
    1.0 / (low * high).sqrt()
}
