//! Chapter 19: how sure the book's network is of a picture. The reader chooses it, turns it and moves
//! it.

use ndarray::{Array1, Array2, Axis};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Moved;
use crate::cost::largest;
use crate::digits::handwriting;
use crate::doubt::{letter, placed};
use crate::figures::asked::inks;
use crate::figures::palette::{BLUE, GRID, INK, MUTED, ORANGE};
use crate::figures::panel::{Anchor, HALF, Panel, pictures, solid};
use crate::layer::{Layer, Network, activations};
use crate::pixels::{CLASSES, PIXELS, SIDE};
use crate::sigmoid::Activation::{Identity, Sigmoid};
use crate::softmax::softmax;

/// Which picture, turned by how many degrees, moved to the right by how many pixels.
pub(super) const AT_REST: [f64; 3] = [7.0, 75.0, 0.0];
/// What the list of pictures holds after the ten digits.
const OTHERS: [&str; 7] = [
    "an A",
    "a K",
    "an X",
    "noise",
    "an empty picture",
    "a 2 in white",
    "a 7 in white",
];
/// From one output to the next.
const ROW: f64 = 21.0;
const PIXEL: f64 = 7.0;

/// The sizes of the network in `images/reader.bin`.
pub(crate) const SIZES: [usize; 4] = [PIXELS, 16, 16, CLASSES];

/// A network that has learned MNIST, its weights rounded: of each layer the unit, 4 bytes, a byte
/// for each weight, and the biases, 4 bytes each. `--example reader` writes it.
pub(crate) fn network(bytes: &[u8]) -> Network {
    let mut rest = bytes;
    let mut number = |n: usize| {
        let (now, later) = rest.split_at(n);
        rest = later;
        now.to_vec()
    };
    let float =
        |b: &[u8]| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let layers = SIZES.windows(2).map(|pair| {
        let (p, n) = (pair[0], pair[1]);
        let unit = float(&number(4));
        let w =
            number(n * p).into_iter().map(|b| unit * f64::from(b as i8));
        let w = Array2::from_shape_vec((n, p), w.collect())
            .expect("n · p weights");
        Layer { w, b: number(4 * n).chunks(4).map(float).collect() }
    });
    let layers: Vec<Layer> = layers.collect();
    let activations = activations(layers.len(), Sigmoid, Identity);
    Network { layers, activations }
}

thread_local! {
    static READER: Network = network(include_bytes!("../../../images/reader.bin"));
}

fn digit(digit: u8) -> Array1<f64> {
    let picture = match digit {
        2 => handwriting::the_two(),
        digit => handwriting::digit(digit, 1, 4),
    };
    inks(&picture)
}

/// A picture of the list, and what it is.
fn chosen(number: usize) -> (Array1<f64>, String) {
    if number < CLASSES {
        return (digit(number as u8), format!("a {number}"));
    }
    let x = match number {
        10 => letter('A', 1.2),
        11 => letter('K', 1.2),
        12 => letter('X', 1.2),
        13 => {
            let mut random = ChaCha8Rng::seed_from_u64(1);
            let noise =
                || f64::from(random.next_u32()) / f64::from(u32::MAX);
            Array1::from_shape_simple_fn(PIXELS, noise)
        }
        14 => Array1::zeros(PIXELS),
        15 => 1.0 - digit(2),
        _ => 1.0 - digit(7),
    };
    (x, OTHERS[number - CLASSES].into())
}

pub(super) fn how_sure(state: &[f64]) -> Moved {
    let (x, name) = chosen(state[0] as usize);
    let x = placed(&x, (state[2], 0.0), state[1]);
    let z = READER
        .with(|reader| {
            reader.answers(&x.view().insert_axis(Axis(0)).to_owned())
        })
        .row(0)
        .to_owned();
    let p = softmax(&z);
    let named = largest(p.view());
    let percent = 100.0 * p[named];
    let words = format!(
        "It is {name}. The network says {named}, and is {percent:.1} % sure."
    );
    let right = state[0] as usize == named;
    let panels = vec![shown(&x), answers(&p, named, right)];
    let numbers = p.iter().chain(&z).copied().chain([x.sum()]).collect();
    Moved { panels, words, numbers }
}

fn shown(x: &Array1<f64>) -> Panel {
    let side = PIXEL * SIDE as f64;
    let mut panel = Panel::new(HALF, side + 26.0);
    panel.title("what is shown");
    let bytes: Vec<u8> =
        x.iter().map(|p| (255.0 * p).round() as u8).collect();
    panel.at(((HALF - side) / 2.0, 22.0), |panel| {
        pictures(panel, &[(bytes, (0, 0))], SIDE, PIXEL);
        panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
    });
    panel
}

fn answers(p: &Array1<f64>, named: usize, right: bool) -> Panel {
    let (left, end) = (24.0, HALF - 56.0);
    let mut panel = Panel::new(HALF, 24.0 + 10.0 * ROW);
    panel.title("how sure the network is");
    for (digit, &p) in p.iter().enumerate() {
        let y = 26.0 + (digit as f64 + 0.5) * ROW;
        let color = match (digit == named, right) {
            (false, _) => MUTED,
            (true, true) => BLUE,
            (true, false) => ORANGE,
        };
        panel.line(&[(left, y), (end, y)], solid(GRID, 1.0));
        if p > 0.002 {
            panel.line(
                &[(left, y), (left + p * (end - left), y)],
                solid(color, 11.0),
            );
        }
        panel.text((0.0, y), &digit.to_string(), Anchor::Start, INK);
        let words = format!("{:.1} %", 100.0 * p);
        panel.text(
            (HALF, y),
            &words,
            Anchor::End,
            if digit == named { INK } else { MUTED },
        );
    }
    panel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_as_they_are_written_are_read() {
        let right = (0..10).filter(|&digit| {
            let moved = how_sure(&[f64::from(digit), 0.0, 0.0]);
            moved.words.contains(&format!("says {digit},"))
        });
        assert!(right.count() >= 8);
    }

    #[test]
    fn shares_add_up_to_one_whatever_is_shown() {
        for picture in 0..17 {
            let moved = how_sure(&[f64::from(picture), 33.0, -2.0]);
            let sum: f64 = moved.numbers[..10].iter().sum();
            approx::assert_relative_eq!(sum, 1.0, max_relative = 1e-12);
        }
    }
}
