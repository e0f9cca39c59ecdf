//! Chapter 11: the two ends of a wire, and who else is felt.

use ndarray::{Array1, Array2, Axis as Along};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::asked::{Asked, inks, sign, untaught};
use super::chart::{Axis, Chart, with_sign};
use super::layers::{fan, pairs};
use super::palette::{
    BLUE, CONTOUR, GRID, INK, MUTED, ORANGE, PURPLE, Rgb, TEAL,
};
use super::panel::{
    Anchor, FULL, HALF, Panel, Point, QUARTER, dashed, part, rectangle,
    signed_pictures, solid,
};
use super::table::Panels;
use crate::digits::handwriting;
use crate::gradient::{jacobian, random_point};
use crate::gradient_descent::mini_batches;
use crate::layer::{Layer, Network};
use crate::perceptron_multi::{
    batch_weight_gradient, deltas, error, weight_gradient,
};
use crate::pixels::{CLASSES, Digits, PIXELS, SIDE};
use crate::sigmoid::{Activation::Sigmoid, sigmoid};
use crate::softmax::{softmax, softmax_jacobian};

/// The wire that is lit: from input k to output j.
const FROM: usize = 5;
const TO: usize = 2;

/// What is wanted of a 2.
fn two_wanted() -> Array1<f64> {
    Array1::from_shape_fn(CLASSES, |j| f64::from(j == 2))
}

/// One of 160 wires with its two ends; the numbers of the other ends struck out.
pub(super) fn lit_wire() -> Panels {
    const ROW: f64 = 23.0;
    const TOP: f64 = 48.0;
    let (left, right) = (96.0, 244.0);
    let x = &Asked::by_the_two().a[2];
    let layer = &untaught().layers[2];
    let delta = deltas(layer, Sigmoid, x, &two_wanted());
    let last = TOP + 15.0 * ROW;
    let mut panel = Panel::new(FULL, last + 62.0);
    let from: Vec<Point> =
        (0..x.len()).map(|k| (left, TOP + k as f64 * ROW)).collect();
    let to: Vec<Point> = (0..CLASSES)
        .map(|j| (right, TOP + (15.0 / 9.0) * j as f64 * ROW))
        .collect();
    panel.strokes(&fan(pairs(&from, &to)), solid(GRID, 0.7));
    let heard = fan(pairs(&from, &to[TO..=TO]));
    panel.strokes(&heard, solid(CONTOUR, 0.9));
    panel.line(&[from[FROM], to[TO]], solid(BLUE, 4.0));
    let mut struck = |(x, y): Point, words: &str, wide: f64| {
        panel.text((x, y), words, Anchor::End, MUTED);
        panel.line(&[(x - wide - 2.0, y), (x + 2.0, y)], solid(MUTED, 1.2));
    };
    for (k, &(_, y)) in from.iter().enumerate() {
        if k != FROM {
            struck((left - 16.0, y), &format!("{:.2}", x[k]), 27.0);
        }
    }
    for (j, &(_, y)) in to.iter().enumerate() {
        if j != TO {
            struck((FULL - 12.0, y), &with_sign(delta[j], 3), 46.0);
        }
    }
    for (k, &at) in from.iter().enumerate() {
        let lit = k == FROM;
        panel.ring(at, if lit { 8.0 } else { 5.5 }, shade(lit));
    }
    for (j, &at) in to.iter().enumerate() {
        let lit = j == TO;
        panel.ring(at, 9.5, shade(lit));
        let color = if lit { INK } else { MUTED };
        panel.plain(at, &j.to_string(), Anchor::Middle, color);
    }
    let value = format!(" = {:.2}", x[FROM]);
    panel.formula(
        (left - 14.0, from[FROM].1),
        &[part("x", "5", TEAL), part(&value, "", TEAL)],
        Anchor::End,
    );
    let value = format!(" = {}", with_sign(delta[TO], 3));
    panel.formula(
        (FULL - 6.0, to[TO].1),
        &[part("δ", "2", ORANGE), part(&value, "", ORANGE)],
        Anchor::End,
    );
    let (a, b) = (from[FROM], to[TO]);
    let on = (a.0 + 0.4 * (b.0 - a.0), a.1 + 0.4 * (b.1 - a.1));
    panel.symbol(on, "w", "2,5", Anchor::Middle, BLUE);
    for (at, words) in [
        ((left, 8.0), "16 inputs x"),
        ((right + 30.0, 8.0), "10 outputs, their δ"),
    ] {
        panel.text(at, words, Anchor::Middle, MUTED);
    }
    let product = delta[TO] * x[FROM];
    let result = format!(" = {}", with_sign(product, 3));
    panel.formula(
        (FULL / 2.0, last + 44.0),
        &[
            part("∂", "", INK),
            part("E", "", INK),
            part(" / ∂", "", INK),
            part("w", "2,5", BLUE),
            part(" = ", "", INK),
            part("δ", "2", ORANGE),
            part(" ", "", INK),
            part("x", "5", TEAL),
            part(&result, "", INK),
        ],
        Anchor::Middle,
    );
    Ok(vec![panel])
}

fn shade(lit: bool) -> Rgb {
    if lit { INK } else { CONTOUR }
}

/// The rows of a gradient of shape (10, 784) as pictures.
fn ten(gradient: &Array2<f64>, title: &str, names: &[String]) -> Panel {
    const SIZE: f64 = 2.25;
    const PITCH: usize = 31;
    const TALL: usize = 39;
    let mut panel = Panel::new(FULL, 24.0 + 2.0 * TALL as f64 * SIZE);
    panel.title(title);
    let most = gradient.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
    let place = |j: usize| (j % 5 * PITCH, j / 5 * TALL);
    let rows: Vec<(Vec<f64>, (usize, usize))> = gradient
        .rows()
        .into_iter()
        .enumerate()
        .map(|(j, row)| (row.iter().map(|g| g / most).collect(), place(j)))
        .collect();
    let side = SIDE as f64 * SIZE;
    panel.at((2.0, 42.0), |panel| {
        signed_pictures(panel, &rows, SIDE, SIZE);
        for (j, name) in names.iter().enumerate() {
            let (x, y) = place(j);
            let at = (x as f64 * SIZE, y as f64 * SIZE);
            panel.frame(at, side, side, solid(GRID, 1.0));
            let above = (at.0 + side / 2.0, at.1 - 10.0);
            panel.text(above, name, Anchor::Middle, INK);
        }
    });
    panel
}

/// A layer from 784 pixels to ten outputs that has learned nothing.
fn one_layer() -> Layer {
    Network::random(&[PIXELS, CLASSES], Sigmoid, Sigmoid, 1)
        .layers
        .remove(0)
}

/// The δ of pictures, one a row.
fn deltas_of(
    x: &Array2<f64>,
    y: &Array2<f64>,
    delta: impl Fn(&Array1<f64>, &Array1<f64>) -> Array1<f64>,
) -> Array2<f64> {
    let mut all = Array2::zeros(y.dim());
    for (r, mut row) in all.rows_mut().into_iter().enumerate() {
        let (x, y) = (x.row(r).to_owned(), y.row(r).to_owned());
        row.assign(&delta(&x, &y));
    }
    all
}

/// δ xᵀ of the book's 2, and the mean of a thousand of them.
pub(super) fn ten_pictures() -> Panels {
    let layer = one_layer();
    let x = inks(&handwriting::the_two());
    let delta = deltas(&layer, Sigmoid, &x, &two_wanted());
    let names: Vec<String> = delta
        .iter()
        .enumerate()
        .map(|(j, &d)| format!("{j}: {}", with_sign(d, 2)))
        .collect();
    let one = weight_gradient(&delta, &x);
    let digits = Digits::handwriting(1000, 1);
    let all: Vec<usize> = (0..digits.len()).collect();
    let (x, y) = (digits.x(&all), digits.y(&all));
    let mean = |layer: &Layer| {
        let delta = deltas_of(&x, &y, |x, y| deltas(layer, Sigmoid, x, y));
        batch_weight_gradient(&delta, &x)
    };
    // σ(b) = 1/10.
    let tenth = Array1::from_elem(CLASSES, -9.0_f64.ln());
    let modest = Layer { w: layer.w.clone(), b: tenth };
    let digit: Vec<String> = (0..CLASSES).map(|j| j.to_string()).collect();
    let [half, tenth] = [&layer, &modest].map(mean);
    Ok(vec![
        ten(&one, "one picture: ten times the same", &names),
        ten(&half, "1000 pictures, answers near 1/2", &digit),
        ten(&tenth, "1000 pictures, answers near 1/10", &digit),
    ])
}

/// The layer with as many outputs as inputs, and its examples.
fn square_layer(seed: u64, m: u64) -> (Layer, Vec<[Array1<f64>; 2]>) {
    let layer =
        Layer { w: random_point(seed, (4, 4)), b: Array1::zeros(4) };
    let examples = (0..m)
        .map(|r| {
            let x = random_point(100 * seed + r, 4);
            let t = random_point(100 * seed + 50 + r, 4).mapv(sigmoid);
            [x, t]
        })
        .collect();
    (layer, examples)
}

/// The costs of a layer that learns by δ xᵀ, or by its transpose.
fn learned(seed: u64, m: u64, turned: bool, steps: usize) -> Vec<Point> {
    let (mut layer, examples) = square_layer(seed, m);
    let mut costs = vec![];
    for step in 0..=steps {
        let mut w = Array2::zeros((4, 4));
        let mut b = Array1::zeros(4);
        let mut cost = 0.0;
        for [x, t] in &examples {
            let delta = deltas(&layer, Sigmoid, x, t);
            let g = weight_gradient(&delta, x);
            w += &if turned { g.t().to_owned() } else { g };
            b += &delta;
            cost += error(&layer, Sigmoid, x, t) / m as f64;
        }
        costs.push((step as f64, cost));
        layer.w = &layer.w - &(w / m as f64);
        layer.b = &layer.b - &(b / m as f64);
    }
    costs
}

/// Learning by the right product and by the turned one.
pub(super) fn turned() -> Panels {
    let draw = |m: u64, title: &str, top: f64| {
        let x = Axis::linear("step", 0.0..200.0, 50.0);
        let y = Axis::linear("cost E", 0.0..top, 0.2);
        let mut chart = Chart::new(HALF, 130.0, title, x, y);
        for seed in 1..=5 {
            for (turned, color) in [(false, BLUE), (true, ORANGE)] {
                let costs = learned(seed, m, turned, 200);
                chart.line(costs, solid(color, 1.5));
            }
        }
        chart.panel
    };
    Ok(vec![draw(1, "one example", 0.6), draw(8, "eight examples", 0.6)])
}

/// By which δ feels which output: ∂δ_j/∂z_i, for four ways to answer and to count.
pub(super) fn felt() -> Panels {
    const CELL: f64 = 19.0;
    let x = &Asked::by_the_two().a[2];
    let z = untaught().layers[2].weighted_sum(x);
    let t = two_wanted();
    let sum = |z: &Array1<f64>| {
        let o = z.mapv(sigmoid);
        (&o - &t) * o.mapv(|o| o * (1.0 - o))
    };
    let root = |z: &Array1<f64>| {
        let wrong = z.mapv(sigmoid) - &t;
        sum(z) / wrong.dot(&wrong).sqrt()
    };
    let mixed = |z: &Array1<f64>| {
        let p = softmax(z);
        softmax_jacobian(&p).dot(&(&p - &t))
    };
    let paired = |z: &Array1<f64>| softmax(z) - &t;
    let draw = |title: &str, felt: Array2<f64>| {
        let side = CELL * CLASSES as f64;
        let (left, top) = (18.0, 42.0);
        let mut panel = Panel::new(QUARTER, top + side + 26.0);
        panel.title(title);
        let most = felt.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        let mut aside = 0.0_f64;
        for ((j, i), &v) in felt.indexed_iter() {
            let at = (left + i as f64 * CELL, top + j as f64 * CELL);
            let shade = (v / most).abs();
            if shade > 0.005 {
                let (_, color) = sign(v);
                let cell = rectangle(at, CELL, CELL);
                panel.area(&cell, color, shade.max(0.05).sqrt());
            }
            if i != j {
                aside = aside.max(v.abs());
            }
        }
        panel.frame((left, top), side, side, solid(CONTOUR, 1.0));
        for i in 0..CLASSES {
            let along = (i as f64 + 0.5) * CELL;
            let name = i.to_string();
            let over = (left + along, top - 10.0);
            panel.text(over, &name, Anchor::Middle, MUTED);
            let beside = (left - 6.0, top + along);
            panel.text(beside, &name, Anchor::End, MUTED);
        }
        let words = match aside {
            0.0 => "off the diagonal: 0".to_string(),
            aside => format!("off the diagonal: up to {aside:.3}"),
        };
        let foot = (left, top + side + 15.0);
        panel.text(foot, &words, Anchor::Start, INK);
        panel
    };
    Ok(vec![
        draw("sigmoid, sum", jacobian(sum, &z)),
        draw("sigmoid, root", jacobian(root, &z)),
        draw("softmax, sum", jacobian(mixed, &z)),
        draw("softmax, its own cost", jacobian(paired, &z)),
    ])
}

/// How many products of a column and a row a matrix is the sum of.
fn rank(a: &Array2<f64>) -> usize {
    let mut rest = a.clone();
    let mut first = 0.0;
    for steps in 0..=a.nrows() {
        let (at, largest) =
            rest.indexed_iter().fold(((0, 0), 0.0_f64), |most, (at, v)| {
                if v.abs() > most.1 { (at, v.abs()) } else { most }
            });
        if steps == 0 {
            first = largest;
        }
        if largest <= 1e-9 * first {
            return steps;
        }
        let column = rest.column(at.1).insert_axis(Along(1)).to_owned();
        let row = rest.row(at.0).insert_axis(Along(0)).to_owned();
        rest = &rest - &(column.dot(&row) / rest[at]);
    }
    a.nrows()
}

/// The rank of a batch's gradient against the number of its pictures.
pub(super) fn ranks() -> Panels {
    let digits = Digits::handwriting(1000, 1);
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let batch = mini_batches(digits.len(), 20, &mut random).remove(0);
    let start = one_layer();
    let zero = Layer { w: 0.0 * &start.w, b: start.b.clone() };
    let x = Axis::linear("pictures in the batch, m", 0.0..20.0, 5.0);
    let y = Axis::linear("rank of the gradient", 0.0..12.0, 2.0);
    let mut chart = Chart::new(FULL, 210.0, "", x, y);
    chart.line([(0.0, 0.0), (12.0, 12.0)], dashed(MUTED, 1.2));
    chart.line([(0.0, 10.0), (20.0, 10.0)], dashed(MUTED, 1.2));
    let of = |m: usize, delta: &dyn Fn(&Array1<f64>, &Array1<f64>) -> Array1<f64>| {
        let rows = &batch[..m];
        let (x, y) = (digits.x(rows), digits.y(rows));
        let delta = deltas_of(&x, &y, delta);
        rank(&batch_weight_gradient(&delta, &x)) as f64
    };
    for m in 1..=20 {
        let random = of(m, &|x, y| deltas(&start, Sigmoid, x, y));
        let paired = of(m, &|x, y| softmax(&start.weighted_sum(x)) - y);
        let still = of(m, &|x, y| deltas(&zero, Sigmoid, x, y));
        let m = m as f64;
        chart.rings([(m, random)], 5.5, BLUE);
        chart.dots([(m, paired)], 3.5, PURPLE);
        chart.dots([(m, still)], 3.5, ORANGE);
    }
    chart.text((19.8, 11.0), "random start", Anchor::End, BLUE);
    chart.text((12.6, 11.5), "m", Anchor::Start, MUTED);
    chart.text((19.8, 4.6), "softmax, its own cost", Anchor::End, PURPLE);
    chart.text((19.8, 3.2), "weights of 0", Anchor::End, ORANGE);
    Ok(vec![chart.panel])
}
