//! Chapter 8: what several pictures ask, what is left of it on average, and what is asked of pixels.

use ndarray::{Array1, Array2, array};

use super::super::asked::{Asked, sign, untaught};
use super::super::chart::with_sign;
use super::super::palette::{BLUE, GRID, INK, MUTED, ORANGE};
use super::super::panel::{
    Anchor, FULL, HALF, Panel, Point, of_sign, pictures, rectangle,
    signed_pictures, solid, tinted,
};
use super::super::table::Panels;
use crate::backprop::cost_and_gradient;
use crate::cost::Quadratic;
use crate::digits::handwriting;
use crate::gradient::maximum;
use crate::layer::{Layer, Network};
use crate::mnist::{Objective, Recipe, train};
use crate::pixels::{CLASSES, Digits, PIXELS, SIDE};
use crate::sigmoid::Activation::Sigmoid;
use crate::sigmoid::sigmoid;
use crate::wishes::{Levers, levers, wishes_of_outputs};

/// A square whose colour and glyph say which way, and whose strength, from 0 to 1, says how much.
pub(super) fn signed(
    panel: &mut Panel,
    (x, y): Point,
    (wide, high): Point,
    request: f64,
) {
    let (sign, color) = sign(request);
    let corners = rectangle((x, y), wide - 1.0, high - 1.0);
    panel.area(&corners, color, 0.75 * request.abs().min(1.0));
    let middle = (x + wide / 2.0, y + high / 2.0);
    panel.plain(middle, sign, Anchor::Middle, INK);
}

/// The network of two, two and two neurons: forward its answers, back its wishes and requests.
pub(in super::super) fn pencil() -> Panels {
    const RADIUS: f64 = 27.0;
    const ROWS: [f64; 2] = [82.0, 196.0];
    const COLUMNS: [f64; 3] = [29.0, 151.0, 273.0];
    let hidden =
        Layer { w: array![[0.4, -0.2], [0.3, 0.6]], b: array![0.0, 0.0] };
    let output =
        Layer { w: array![[0.5, -0.5], [1.0, 0.2]], b: array![0.0, 0.0] };
    let (x, y) = (array![1.0, 0.5], array![1.0, 0.0]);
    let a = hidden.weighted_sum(&x).mapv(sigmoid);
    let answers = output.weighted_sum(&a).mapv(sigmoid);
    let wishes = wishes_of_outputs(&answers, &y);
    let Levers { biases, previous, .. } = levers(&output, &a, &wishes);
    let at = |layer: usize, j: usize| (COLUMNS[layer], ROWS[j]);
    let rim = |from: Point, to: Point| {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let part = (RADIUS + 2.0) / dx.hypot(dy);
        (from.0 + part * dx, from.1 + part * dy)
    };
    // Beyond the place where wires cross, near the neuron where they end.
    let beside = |from: Point, to: Point, part: f64| {
        (to.0 + part * (from.0 - to.0), to.1 + part * (from.1 - to.1))
    };
    let neuron = |panel: &mut Panel, at: Point, words: &str, color| {
        panel.ring(at, RADIUS, INK);
        panel.plain(at, words, Anchor::Middle, color);
    };
    // Above the first output, below the second.
    let outside = |j: usize| {
        let away = RADIUS + 13.0;
        (HALF, ROWS[j] + if j == 0 { -away } else { away })
    };
    let mut forward = Panel::new(HALF, 246.0);
    forward.title("forward: weights and answers");
    for (layer, of) in [(0, &hidden), (1, &output)] {
        for ((j, k), _) in of.w.indexed_iter() {
            let (from, to) = (at(layer, k), at(layer + 1, j));
            let wire = [rim(from, to), rim(to, from)];
            forward.arrow(wire[0], wire[1], solid(MUTED, 1.2));
        }
        for ((j, k), w) in of.w.indexed_iter() {
            let (from, to) = (at(layer, k), at(layer + 1, j));
            let words = w.to_string().replace('-', "−");
            let middle = beside(from, to, if j == k { 0.5 } else { 0.34 });
            forward.text(middle, &words, Anchor::Middle, INK);
        }
    }
    let values = [&x, &a, &answers];
    for (layer, values) in values.into_iter().enumerate() {
        for (j, v) in values.iter().enumerate() {
            let words = match layer {
                0 => v.to_string(),
                _ => format!("{v:.3}"),
            };
            neuron(&mut forward, at(layer, j), &words, INK);
        }
    }
    for (j, wanted) in y.iter().enumerate() {
        let words = format!("wanted: {wanted}");
        forward.text(outside(j), &words, Anchor::End, MUTED);
    }

    let mut back = Panel::new(HALF, 246.0);
    back.title("back: wishes and requests");
    for k in 0..2 {
        for j in 0..2 {
            let wire = [rim(at(0, k), at(1, j)), rim(at(1, j), at(0, k))];
            back.line(&wire, solid(GRID, 1.0));
        }
    }
    for both in [false, true] {
        for ((j, k), w) in output.w.indexed_iter() {
            let request = biases[j] * w;
            let (from, to) = (at(2, j), at(1, k));
            let color = sign(request).1;
            if both {
                let part = if j == k { 0.5 } else { 0.36 };
                let middle = beside(from, to, part);
                let words = with_sign(request, 3);
                back.text(middle, &words, Anchor::Middle, color);
            } else {
                let width = 1.0 + 16.0 * request.abs();
                let stroke = solid(color, width);
                back.arrow(rim(from, to), rim(to, from), stroke);
            }
        }
    }
    for j in 0..2 {
        neuron(&mut back, at(0, j), &x[j].to_string(), MUTED);
        let heard = with_sign(previous[j], 3);
        neuron(&mut back, at(1, j), &heard, sign(previous[j]).1);
        let passed = with_sign(biases[j], 3);
        neuron(&mut back, at(2, j), &passed, sign(biases[j]).1);
        let words = format!("wish: {}", with_sign(wishes[j], 3));
        back.text(outside(j), &words, Anchor::End, sign(wishes[j]).1);
    }
    Ok(vec![forward, back])
}

/// The book's network after it has been granted, some times, what 1,000 digits ask on average.
fn granted(times: usize) -> Network {
    let digits = Digits::handwriting(1000, 1);
    let all: Vec<usize> = (0..digits.len()).collect();
    let (x, y) = (digits.x(&all), digits.y(&all));
    let mut network = untaught();
    for _ in 0..times {
        let slopes = cost_and_gradient(&network, &Quadratic, &x, &y).1;
        for (layer, slope) in network.layers.iter_mut().zip(&slopes) {
            layer.w -= &slope.w;
            layer.b -= &slope.b;
        }
    }
    network
}

/// What eight pictures ask of the ten biases of the last layer, and the average: at the start, and
/// when each output has learned how often it is wanted.
pub(in super::super) fn eight_wishes() -> Panels {
    const ROW: f64 = 30.0;
    const LEFT: f64 = 58.0;
    const CELL: f64 = (HALF - LEFT) / CLASSES as f64;
    const MOST: f64 = 0.15;
    let eight = Digits::handwriting(8, 2);
    let draw = |title: &str, network: &Network| {
        let mut panel = Panel::new(HALF, 46.0 + 9.0 * ROW + 10.0);
        panel.title(title);
        panel.text((LEFT - 8.0, 30.0), "bias of", Anchor::End, MUTED);
        for j in 0..CLASSES {
            let x = LEFT + (j as f64 + 0.5) * CELL;
            panel.text((x, 30.0), &j.to_string(), Anchor::Middle, MUTED);
        }
        let mut mean = Array1::<f64>::zeros(CLASSES);
        let strip = |panel: &mut Panel, y: f64, asked: &Array1<f64>| {
            for (j, request) in asked.iter().enumerate() {
                let at = (LEFT + j as f64 * CELL, y);
                signed(panel, at, (CELL, ROW - 4.0), request / MOST);
            }
        };
        for i in 0..8 {
            let y = 42.0 + i as f64 * ROW;
            let picture: Vec<u8> = eight.images.row(i).to_vec();
            let digit = usize::from(eight.labels[i]);
            let asked = Asked::by(network, &picture, digit).levers;
            mean += &(&asked[2].biases / 8.0);
            strip(&mut panel, y, &asked[2].biases);
            panel.at((LEFT - 36.0, y - 1.0), |panel| {
                pictures(panel, &[(&picture, (0, 0))], SIDE, 1.0);
            });
        }
        let y = 42.0 + 8.0 * ROW + 10.0;
        strip(&mut panel, y, &mean);
        let place = (LEFT - 8.0, y + ROW / 2.0 - 2.0);
        panel.text(place, "mean", Anchor::End, INK);
        panel
    };
    Ok(vec![
        draw("a network that has learned nothing", &untaught()),
        draw("all answers near one tenth", &granted(30)),
    ])
}

/// What is asked, on average, of the weights of a network without hidden layers that answers one
/// tenth to everything: for each output a picture.
pub(in super::super) fn survives() -> Panels {
    const CELL: usize = SIDE + 2;
    const SIZE: f64 = FULL / (5 * CELL) as f64;
    let digits = Digits::handwriting(1000, 1);
    let all: Vec<usize> = (0..digits.len()).collect();
    let network = Network {
        layers: vec![Layer {
            w: Array2::zeros((CLASSES, PIXELS)),
            b: Array1::from_elem(CLASSES, -(9.0_f64.ln())),
        }],
        activations: vec![Sigmoid],
    };
    let (x, y) = (digits.x(&all), digits.y(&all));
    let slopes = cost_and_gradient(&network, &Quadratic, &x, &y).1;
    let asked = -&slopes[0].w;
    let most = maximum(asked.iter().map(|v| v.abs()));
    let mut panel = Panel::new(FULL, SIZE * (2 * CELL) as f64 + 36.0);
    for row in 0..2 {
        let shown: Vec<(Vec<f64>, _)> = (0..5)
            .map(|column| {
                let asked = &asked.row(5 * row + column) / most;
                (asked.to_vec(), (column * CELL, 0))
            })
            .collect();
        let top = 18.0 + row as f64 * (SIZE * CELL as f64 + 18.0);
        panel.at((0.0, top), |panel| {
            signed_pictures(panel, &shown, SIDE, SIZE);
        });
    }
    for digit in 0..CLASSES {
        let (column, row) = ((digit % 5) as f64, (digit / 5) as f64);
        let side = SIZE * CELL as f64;
        let at = (side * column, 9.0 + row * (side + 18.0));
        let words = format!("output {digit}");
        panel.text(at, &words, Anchor::Start, MUTED);
    }
    Ok(vec![panel])
}

/// What the book's 2 asks of its own pixels, of a new network and of one that has learned.
pub(in super::super) fn asked_of_pixels() -> Panels {
    const SIZE: f64 = 5.2;
    const RIGHT: f64 = HALF - SIZE * SIDE as f64;
    let two = handwriting::the_two();
    let (training, others) = Digits::handwriting(2500, 1).split_at(2000);
    let recipe = Recipe {
        objective: Objective::Quadratic,
        epochs: 10,
        rate: 3.0,
        ..Recipe::book()
    };
    let taught = train(&recipe, &training, &others, |_, _| {})?;
    let is_ink = |x: usize, y: usize| {
        x < SIDE && y < SIDE && two[y * SIDE + x] >= 128
    };
    // Where ink meets paper.
    let mut edge = String::new();
    for y in 0..=SIDE {
        for x in 0..=SIDE {
            let [px, py] = [x, y].map(|v| (SIZE * v as f64).round());
            let here = is_ink(x, y);
            if here != (x > 0 && is_ink(x - 1, y)) {
                edge += &format!("M{px} {py}v5");
            }
            if here != (y > 0 && is_ink(x, y - 1)) {
                edge += &format!("M{px} {py}h5");
            }
        }
    }
    let draw = |title: &str, network: &Network| {
        let asked = Asked::by(network, &two, 2).levers.swap_remove(0);
        let asked = asked.previous;
        let most = maximum(asked.iter().map(|v| v.abs()));
        let asked = (asked / most).to_vec();
        let mut panel = Panel::new(HALF, SIZE * SIDE as f64 + 42.0);
        panel.title(title);
        let sides = [
            ("+ more ink", BLUE, 1.0, 0.0),
            ("− less ink", ORANGE, -1.0, RIGHT),
        ];
        for (words, color, side, left) in sides {
            panel.text((left, 28.0), words, Anchor::Start, color);
            let shown = of_sign(&asked, side);
            panel.at((left, 40.0), |panel| {
                tinted(panel, &[(shown, (0, 0))], SIDE, SIZE, color);
                panel.strokes(&edge, solid(INK, 1.0));
            });
        }
        panel
    };
    Ok(vec![
        draw("a network that has learned nothing", &untaught()),
        draw("after ten epochs of drawn digits", &taught),
    ])
}
