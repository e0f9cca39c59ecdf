//! Chapter 8: what one picture asks of the last layer, and what comes of it when all that it asks, of
//! every layer, is granted. The reader chooses the digit and the output, and grants.

use std::cell::RefCell;

use ndarray::Array2;

use super::Moved;
use crate::cost::largest;
use crate::digits::handwriting;
use crate::figures::asked::{Asked, sign, untaught};
use crate::figures::chart::with_sign;
use crate::figures::palette::{BLUE, GRID, INK, MUTED, ORANGE};
use crate::figures::panel::{
    Anchor, HALF, Panel, Point, n, pictures, solid,
};
use crate::layer::Network;
use crate::pixels::{CLASSES, PIXELS, SIDE, ink};

/// The digit that is shown, the output that is looked at, and how often the wishes were granted.
pub(super) const AT_REST: [f64; 3] = [2.0, 2.0, 0.0];
/// From one output to the next.
const ROW: f64 = 25.0;
const TOP: f64 = 36.0;
/// The requests that are drawn in full colour: to a weight or a bias, and to a neuron.
const MOST: (f64, f64) = (0.15, 0.3);

/// A network that has been granted what a digit wishes, and how many of a hundred other pictures it
/// calls that digit.
type Taught = (Network, usize);

thread_local! {
    /// The hundred pictures: shape (100, 784).
    static OTHERS: Array2<f64> = {
        let (pixels, _) = handwriting::digits(100, 1);
        let x = pixels.iter().map(|&p| ink(p)).collect();
        Array2::from_shape_vec((100, PIXELS), x).expect("a hundred pictures")
    };
    /// For each digit, the network after 0, 1, 2 … times.
    static TAUGHT: RefCell<[Vec<Taught>; CLASSES]> = RefCell::default();
}

fn picture(digit: usize) -> [u8; SIDE * SIDE] {
    match digit {
        2 => handwriting::the_two(),
        digit => handwriting::digit(digit as u8, 1, 4),
    }
}

/// Every weight and every bias changes by what it is asked.
fn grant(network: &mut Network, digit: usize) {
    let asked = Asked::by(network, &picture(digit), digit).levers;
    for (layer, asked) in network.layers.iter_mut().zip(&asked) {
        layer.w += &asked.weights;
        layer.b += &asked.biases;
    }
}

fn taught(digit: usize, times: usize) -> Taught {
    TAUGHT.with_borrow_mut(|taught| {
        let steps = &mut taught[digit];
        while steps.len() <= times {
            let mut network = steps
                .last()
                .map_or_else(untaught, |(network, _)| network.clone());
            if !steps.is_empty() {
                grant(&mut network, digit);
            }
            let answers = OTHERS.with(|others| network.answers(others));
            let called = answers
                .rows()
                .into_iter()
                .filter(|a| largest(a.view()) == digit);
            let called = called.count();
            steps.push((network, called));
        }
        steps[times].clone()
    })
}

pub(super) fn three_levers(state: &[f64]) -> Moved {
    let [digit, output, times] = [0, 1, 2].map(|i| state[i] as usize);
    let (network, called) = taught(digit, times);
    let asked = Asked::by(&network, &picture(digit), digit);
    let often = match times {
        0 => "Nothing is granted yet".into(),
        1 => "Granted once".into(),
        times => format!("Granted {times} times"),
    };
    let (answers, levers) = (&asked.a[3], &asked.levers[2]);
    let words = format!(
        "{often}: output {output} answers {:.2} and wishes {}. It asks {} of its bias. \
         Of 100 other drawn digits, {called} are called a {digit}.",
        answers[output],
        with_sign(asked.wishes[output], 2),
        with_sign(levers.biases[output], 3),
    );
    let panels = vec![seen(&asked, digit, output), asks(&asked, output)];
    let numbers = [
        answers.to_vec(),
        asked.wishes.to_vec(),
        levers.biases.to_vec(),
        levers.weights.row(output).to_vec(),
        levers.previous.to_vec(),
        vec![called as f64],
    ];
    Moved { panels, words, numbers: numbers.concat() }
}

/// The picture, the network, its answers and its wishes.
fn seen(asked: &Asked, digit: usize, output: usize) -> Panel {
    const PIXEL: f64 = 2.3;
    const FIRST: f64 = 88.0;
    const SECOND: f64 = 146.0;
    const NAMES: f64 = 208.0;
    const LINE: Point = (224.0, 262.0);
    let mut panel = Panel::new(HALF, TOP + 10.0 * ROW + 8.0);
    let bottom = TOP + 10.0 * ROW;
    let neuron = |k: usize| TOP + (k as f64 + 0.5) * (bottom - TOP) / 16.0;
    let row = |j: usize| TOP + (j as f64 + 0.5) * ROW;
    panel.title(&format!("a {digit} is shown"));
    panel.text((HALF, 26.0), "wish", Anchor::End, MUTED);
    panel.text(
        ((LINE.0 + LINE.1) / 2.0, 26.0),
        "answer",
        Anchor::Middle,
        MUTED,
    );

    let mut wires = String::new();
    let mut wire = |from: Point, to: Point| {
        let ends = [from.0, from.1, to.0, to.1].map(n);
        wires.extend([
            "M", &ends[0], " ", &ends[1], "L", &ends[2], " ", &ends[3],
        ]);
    };
    let middle = (TOP + bottom) / 2.0;
    let half = PIXEL * SIDE as f64 / 2.0;
    for k in 0..16 {
        let part = (k as f64 + 0.5) / 16.0;
        wire(
            (2.0 * half, middle + half * (2.0 * part - 1.0)),
            (FIRST, neuron(k)),
        );
        for i in 0..16 {
            wire((FIRST, neuron(i)), (SECOND, neuron(k)));
        }
        for j in 0..CLASSES {
            wire((SECOND, neuron(k)), (NAMES - 10.0, row(j)));
        }
    }
    panel.strokes(&wires, solid(GRID, 0.6));
    for (k, &request) in
        asked.levers[2].weights.row(output).iter().enumerate()
    {
        let width = (0.4 + 5.0 * request.abs() / MOST.0).min(7.0);
        let to = (NAMES - 10.0, row(output));
        panel.line(
            &[(SECOND, neuron(k)), to],
            solid(sign(request).1, width),
        );
    }
    for (x, radius, a) in
        [(FIRST, 5.5, &asked.a[1]), (SECOND, 7.0, &asked.a[2])]
    {
        for (k, &a) in a.iter().enumerate() {
            panel.neuron((x, neuron(k)), radius, a);
        }
    }
    panel.at((0.0, middle - half), |panel| {
        pictures(panel, &[(picture(digit), (0, 0))], SIDE, PIXEL);
    });
    for j in 0..CLASSES {
        let (y, answer, wish) = (row(j), asked.a[3][j], asked.wishes[j]);
        let at = |v: f64| LINE.0 + v * (LINE.1 - LINE.0);
        if j == output {
            panel.ring((NAMES, y), 10.0, INK);
        }
        panel.plain((NAMES, y), &j.to_string(), Anchor::Middle, INK);
        panel.line(&[(LINE.0, y), (LINE.1, y)], solid(GRID, 1.5));
        let color = sign(wish).1;
        let length = wish.abs() * (LINE.1 - LINE.0);
        if length > 12.0 {
            panel.arrow(
                (at(answer), y),
                (at(answer + wish), y),
                solid(color, 2.0),
            );
        }
        panel.dot((at(answer), y), 4.0, INK);
        let words = with_sign(wish, 2);
        panel.text((HALF, y), &words, Anchor::End, color);
    }
    panel
}

/// What is asked of the last layer: of its wires, a row for each output; of its biases; and of the
/// neurons before it.
fn asks(asked: &Asked, output: usize) -> Panel {
    const LEFT: f64 = 20.0;
    const CELL: f64 = 15.2;
    const GAP: f64 = 9.0;
    let levers = &asked.levers[2];
    let high = 20.0;
    let below = TOP + 10.0 * high + GAP;
    let mut panel = Panel::new(HALF, TOP + 10.0 * ROW + 8.0);
    panel.title("what is asked");
    panel.text((LEFT, 26.0), "of the 160 wires", Anchor::Start, MUTED);
    let bias = LEFT + 16.0 * CELL + GAP;
    panel.text((HALF, 26.0), "of biases", Anchor::End, MUTED);
    let mut cells = Cells::default();
    for ((j, k), &request) in levers.weights.indexed_iter() {
        let at = (LEFT + k as f64 * CELL, TOP + j as f64 * high);
        cells.add(at, (CELL - 1.0, high - 1.0), request / MOST.0);
    }
    for (j, &request) in levers.biases.iter().enumerate() {
        cells.add(
            (bias, TOP + j as f64 * high),
            (CELL, high - 1.0),
            request / MOST.0,
        );
    }
    for (k, &request) in levers.previous.iter().enumerate() {
        let at = (LEFT + k as f64 * CELL, below);
        cells.add(at, (CELL - 1.0, high - 1.0), request / MOST.1);
    }
    cells.draw(&mut panel);
    for j in 0..CLASSES {
        let y = TOP + (j as f64 + 0.5) * high;
        panel.plain((LEFT - 6.0, y), &j.to_string(), Anchor::End, INK);
    }
    let (top, right) =
        (TOP + output as f64 * high - 1.0, bias + CELL + 1.0);
    let corners = [
        (LEFT - 1.5, top),
        (right, top),
        (right, top + high + 0.5),
        (LEFT - 1.5, top + high + 0.5),
    ];
    panel.line(
        &[corners[0], corners[1], corners[2], corners[3], corners[0]],
        solid(INK, 1.5),
    );
    let foot = "of the 16 neurons, all ten added";
    panel.text((LEFT, below + high + 10.0), foot, Anchor::Start, MUTED);
    panel
}

/// Squares whose colour and glyph say which way, and whose strength says how much.
#[derive(Default)]
struct Cells {
    /// A path for each tenth of strength, of what shall rise and of what shall fall.
    paths: [[String; 11]; 2],
    /// The pluses and the minuses.
    glyphs: String,
}

impl Cells {
    /// Requests of 1 and more have the full colour.
    fn add(&mut self, (x, y): Point, (wide, high): Point, request: f64) {
        let tenth = (10.0 * request.abs()).min(10.0).round() as usize;
        let path = &mut self.paths[usize::from(request < 0.0)][tenth];
        let (w, h) = (n(wide), n(high));
        path.extend([
            "M",
            &n(x),
            " ",
            &n(y),
            "h",
            &w,
            "v",
            &h,
            "h-",
            &w,
            "z",
        ]);
        let (x, y) = (x + wide / 2.0, y + high / 2.0);
        self.glyphs.extend(["M", &n(x - 3.0), " ", &n(y), "h6"]);
        if request >= 0.0 {
            self.glyphs.extend(["M", &n(x), " ", &n(y - 3.0), "v6"]);
        }
    }

    fn draw(&self, panel: &mut Panel) {
        for (paths, color) in self.paths.iter().zip([BLUE, ORANGE]) {
            for (tenth, path) in paths.iter().enumerate() {
                if !path.is_empty() {
                    panel.fill(path, color, 0.06 + 0.075 * tenth as f64);
                }
            }
        }
        panel.strokes(&self.glyphs, solid(INK, 1.2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(digit: f64, times: f64) -> f64 {
        let wishes = &three_levers(&[digit, 0.0, times]).numbers[10..20];
        wishes.iter().map(|wish| 0.5 * wish * wish).sum()
    }

    #[test]
    fn what_is_granted_lowers_the_cost_every_time() {
        for digit in 0..10 {
            for times in 0..10 {
                let (before, after) = (
                    cost(digit.into(), times.into()),
                    cost(digit.into(), (times + 1).into()),
                );
                assert!(
                    after < before,
                    "{digit}, {times}: {before} → {after}"
                );
            }
        }
    }

    #[test]
    fn a_network_that_heard_one_digit_calls_all_by_its_name() {
        for digit in 0..10 {
            let numbers = three_levers(&[digit.into(), 0.0, 10.0]).numbers;
            let called = numbers[numbers.len() - 1];
            assert!(called >= 90.0, "{called} of 100 are called a {digit}");
        }
    }
}
