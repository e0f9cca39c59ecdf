//! The introduction: what the network does, and the way through the book.

use ndarray::Array1;

use super::asked::inks;
use super::looks::of_file;
use super::moving::how_sure::network;
use super::palette::{BLUE, GRID, INK, MUTED, ORANGE, PAPER, RED};
use super::panel::{
    Anchor, FULL, LINE, Panel, Point, pictures, rectangle, solid,
};
use super::table::Panels;
use crate::cost::largest;
use crate::digits::handwriting;
use crate::layer::Network;
use crate::pixels::SIDE;
use crate::softmax::softmax;

/// A network that has learned MNIST.
pub(super) fn reader() -> Network {
    network(include_bytes!("../../images/reader.bin"))
}

/// What the network computes from a picture: the activations of its layers, the probabilities
/// last.
fn read(reader: &Network, picture: &[u8]) -> Vec<Array1<f64>> {
    let mut a = inks(picture);
    let mut all = vec![];
    for (layer, f) in reader.layers.iter().zip(&reader.activations) {
        a = layer.weighted_sum(&a).mapv(|z| f.of(z));
        all.push(a.clone());
    }
    if let Some(z) = all.last_mut() {
        *z = softmax(z);
    }
    all
}

/// The first ten test pictures, and what a trained network names them.
pub(super) fn reads() -> Panels {
    const PIXEL: f64 = 2.2;
    const CELL: f64 = FULL / 5.0;
    let side = PIXEL * SIDE as f64;
    let reader = reader();
    let shown = of_file(include_bytes!("../../images/mnist/read.idx"));
    // Behind a header of 8 bytes.
    let labels = &include_bytes!("../../images/mnist/read_labels.idx")[8..];
    let down = side + LINE + 12.0;
    let mut panel = Panel::new(FULL, 2.0 * down);
    for (i, (picture, &label)) in shown.into_iter().zip(labels).enumerate()
    {
        let p = &read(&reader, picture)[2];
        let named = largest(p.view());
        let at = ((i % 5) as f64 * CELL + 4.0, (i / 5) as f64 * down);
        panel.at(at, |panel| {
            pictures(panel, &[(picture, (0, 0))], SIDE, PIXEL);
            panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
            let words = format!("{named}: {:.0} %", 100.0 * p[named]);
            let color =
                if named == usize::from(label) { BLUE } else { RED };
            let below = (side / 2.0, side + 11.0);
            panel.text(below, &words, Anchor::Middle, color);
        });
    }
    Ok(vec![panel])
}

/// The way of a picture through a network and back, and the chapters that explain each stretch.
pub(super) fn map() -> Panels {
    let mut panel = Panel::new(FULL, 378.0);
    let (left, middle, right) = (40.0, 172.0, 300.0);

    // Forwards.
    panel.title("forwards: an answer");
    panel.heading_right("numbers are chapters");
    const PIXEL: f64 = 2.2;
    let side = PIXEL * SIDE as f64;
    let two = handwriting::the_two();
    let a = read(&reader(), &two);
    panel.at((left - side / 2.0, 26.0), |panel| {
        pictures(panel, &[(two, (0, 0))], SIDE, PIXEL);
        panel.frame((0.0, 0.0), side, side, solid(GRID, 1.0));
    });
    layers(&mut panel, (middle - 34.0, 26.0), side, &a);
    bars(&mut panel, (right - 24.0, 26.0), side, &a[2]);
    let height = 26.0 + side / 2.0;
    for (from, to) in [(76.0, 128.0), (216.0, 266.0)] {
        panel.arrow((from, height), (to, height), solid(INK, 2.0));
    }
    let below = 26.0 + side + 14.0;
    chapters(&mut panel, (left, below), &["a picture", "1"]);
    chapters(&mut panel, (middle, below), &["a network", "2, 3, 4"]);
    chapters(&mut panel, (right, below), &["ten answers", "14"]);

    // Backwards.
    let top = 168.0;
    panel.words(
        (0.0, top + 76.0),
        "backwards: who is to blame?",
        Anchor::Start,
        INK,
        0.0,
        Some("600"),
    );
    let tall = 56.0;
    for (x, wide, color) in
        [(left, 78.0, BLUE), (middle, 112.0, ORANGE), (right, 92.0, ORANGE)]
    {
        let corner = (x - wide / 2.0, top);
        panel.area(&rectangle(corner, wide, tall), color, 0.12);
        panel.frame(corner, wide, tall, solid(color, 1.6));
    }
    let inside = top + tall / 2.0 - LINE / 2.0;
    chapters(&mut panel, (right, inside), &["how wrong?", "5, 13"]);
    chapters(
        &mut panel,
        (middle, inside),
        &["the slopes", "6, 8–12, 15, 16"],
    );
    chapters(&mut panel, (left, inside), &["a step", "7"]);
    let height = top + tall / 2.0;
    for (from, to) in [(252.0, 230.0), (114.0, 81.0)] {
        panel.arrow((from, height), (to, height), solid(ORANGE, 2.0));
    }
    // Down from the answers, and up again with other knobs.
    panel.arrow((right, below + 28.0), (right, top - 3.0), solid(INK, 2.0));
    let knobs = (middle - 22.0, below + 30.0);
    panel.arrow((left + 22.0, top - 3.0), knobs, solid(BLUE, 2.0));

    // What is done with it.
    let top = 286.0;
    panel.words(
        (0.0, top),
        "100,000 times, and then",
        Anchor::Start,
        INK,
        0.0,
        Some("600"),
    );
    for (row, (chapter, words)) in [
        ("17", "how well does it read?"),
        ("18", "what do its layers hold?"),
        ("19", "what is an answer worth?"),
        ("20", "how fast can it learn?"),
    ]
    .into_iter()
    .enumerate()
    {
        let y = top + 22.0 + 19.0 * row as f64;
        panel.text((26.0, y), chapter, Anchor::End, MUTED);
        panel.text((36.0, y), words, Anchor::Start, INK);
    }
    Ok(vec![panel])
}

/// A name, and under it the chapters.
fn chapters(panel: &mut Panel, at: Point, [name, which]: &[&str; 2]) {
    panel.plain(at, name, Anchor::Middle, INK);
    panel.plain((at.0, at.1 + LINE), which, Anchor::Middle, MUTED);
}

/// The neurons of each layer, the darker the more active, with their wires.
fn layers(panel: &mut Panel, (x, y): Point, tall: f64, a: &[Array1<f64>]) {
    let place = |l: usize, j: usize| {
        let down = (j as f64 + 0.5) / a[l].len() as f64;
        (x + 34.0 * l as f64, y + down * tall)
    };
    for l in 1..a.len() {
        for k in 0..a[l - 1].len() {
            for j in 0..a[l].len() {
                let wire = [place(l - 1, k), place(l, j)];
                panel.line(&wire, solid(GRID, 0.3));
            }
        }
    }
    for (l, a) in a.iter().enumerate() {
        for (j, &a) in a.iter().enumerate() {
            let (x, y) = place(l, j);
            let square = rectangle((x - 1.7, y - 1.7), 3.4, 3.4);
            panel.area(&square, PAPER, 1.0);
            panel.area(&square, INK, a.clamp(0.08, 0.99));
        }
    }
}

/// The ten answers, that of the 2 in blue.
fn bars(panel: &mut Panel, (x, y): Point, tall: f64, p: &Array1<f64>) {
    let row = tall / 10.0;
    for (digit, p) in p.iter().enumerate() {
        let color = if digit == 2 { BLUE } else { MUTED };
        let corner = (x, y + digit as f64 * row + 1.0);
        let long = 2.0 + 44.0 * p;
        panel.area(&rectangle(corner, long, row - 2.0), color, 0.9);
    }
}
