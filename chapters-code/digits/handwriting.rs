//! Synthetic handwriting: 28×28 digits that the program writes itself, when MNIST is not at hand.
//!
//! A digit starts as an *allograph*, one of the shapes people give it: a 7 with or without a bar, a
//! 2 with or without a loop. An allograph is a few points, joined by smooth curves. A *writer* then
//! bends it: every point wobbles, the whole is squeezed, slanted, turned and warped, and a pen of
//! some thickness draws it in anti-aliased grey. The picture is normalised as MNIST's are: the
//! ink is scaled to fit a box of 20×20 pixels, and its centre of mass put in the middle of 28×28.
//!
//! Digit i of a seed depends on the seed and on i alone, and its sines and exponentials come from
//! [`libm`]: the same seed gives the same pictures on every machine and any number of threads.
//!
//! **What it is not.** No person wrote these. The shapes were drawn by hand, and the ranges of the
//! writer chosen by looking at MNIST's *training* images, until a network trained on the drawings
//! alone could read them; no pixel of MNIST is stored here. Such a network reads most of MNIST, but
//! less than one that was trained on it, and the score it reaches on fresh synthetic digits says
//! little about people's. Quote no accuracy on this set as an accuracy on MNIST.

use std::array;

use crate::digits::threads::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Pixels along a side of a picture: `pixels::SIDE`, of a chapter that stands on this module.
const SIDE: usize = 28;
/// Pixels along a side of the box that the ink is scaled to fit.
const BOX: usize = 20;

type Point = [f32; 2];

/// For every digit its allographs: how common each is, and its points `x,y` in hundredths of the
/// height, y down. A slash lifts the pen; a point that is written twice is a corner.
static ALLOGRAPHS: [&[(u32, &str)]; 10] = [
    // 0
    &[
        (4, "51,2 23,12 6,45 8,80 34,99 64,86 77,50 70,15 51,2 37,6"),
        (3, "62,8 37,2 11,28 5,65 26,97 60,88 77,50 68,14 44,0"),
        (2, "34,22 24,5 8,40 8,80 36,99 66,80 76,40 58,4 26,6"),
        (2, "70,18 44,2 11,28 5,65 26,97 60,90 77,55 72,20 48,10 36,22"),
        (2, "73,4 48,12 17,40 4,75 16,98 48,82 73,46 79,14 62,2 41,12"),
        (1, "25,16 6,45 8,82 41,99 75,78 80,40 60,8 33,4 25,26 51,30"),
    ],
    // 1
    &[
        (34, "35,0 35,50 35,100"),
        (4, "20,20 38,0 38,0 37,50 36,100"),
        (3, "12,22 38,0 38,0 37,50 36,98 / 4,99 68,97"),
    ],
    // 2
    &[
        (3, "5,22 25,2 52,8 55,35 30,70 2,97 2,97 35,92 72,94"),
        (4, "8,20 30,2 55,14 50,45 28,80 6,96 0,82 16,75 42,92 74,88"),
        (2, "6,26 32,2 62,16 58,52 34,86 8,98 2,74 24,64 54,84 90,82"),
        (2, "14,8 40,0 64,12 60,52 40,86 12,96 4,78 26,72 52,84 70,96"),
        (1, "5,10 32,6 60,8 60,8 32,52 4,96 4,96 40,92 75,90"),
        (2, "16,16 40,2 56,18 42,50 6,84 6,84 50,80 100,78"),
    ],
    // 3
    &[
        (4, "8,15 30,2 54,12 50,34 26,46 26,46 56,60 57,85 30,99 3,90"),
        (2, "8,5 32,4 58,4 58,4 25,42 25,42 58,60 54,90 24,99 2,88"),
        (
            2,
            "10,12 35,0 55,15 44,38 24,47 20,42 32,42 58,62 52,90 22,99 2,85",
        ),
        (2, "4,22 28,2 56,14 46,40 18,50 48,54 62,74 40,98 8,96 0,80"),
        (1, "8,22 30,2 52,14 46,36 18,42 48,46 56,62 48,84 38,99"),
    ],
    // 4
    &[
        (4, "14,5 6,50 6,50 34,52 68,48 / 58,0 52,50 46,100"),
        (4, "22,5 8,38 12,56 34,54 66,44 / 62,0 50,50 38,100"),
        (2, "30,2 2,58 2,58 38,60 82,56 / 58,22 48,60 40,100"),
        (1, "55,0 28,34 2,65 2,65 38,63 75,60 / 55,0 53,50 50,100"),
        (2, "12,5 8,40 28,52 54,42 62,5 62,5 56,50 52,100"),
    ],
    // 5
    &[
        (
            3,
            "20,5 12,45 12,45 42,38 62,60 50,92 22,99 0,88 / 18,5 44,4 72,2",
        ),
        (3, "70,3 25,5 25,5 15,44 15,44 42,40 60,62 48,92 20,99 0,86"),
        (
            2,
            "34,18 22,50 22,50 46,52 52,74 36,94 16,98 0,90 / 36,20 62,12 88,4",
        ),
        (2, "68,5 38,6 22,28 44,50 52,76 28,98 2,88"),
        (1, "90,4 50,10 28,22 22,44 44,50 54,70 36,94 0,92"),
        (1, "50,2 16,6 16,6 12,36 12,36 40,30 54,50 48,74 36,100"),
    ],
    // 6
    &[
        (3, "48,0 18,32 5,70 20,98 48,90 52,66 34,55 10,74"),
        (2, "40,0 12,40 6,78 24,99 48,86 44,64 22,66 10,84"),
        (2, "30,0 8,40 5,80 32,99 62,84 58,58 30,58 8,78"),
        (2, "34,0 10,30 4,66 22,92 56,94 74,74 64,54 42,60 34,84"),
        (1, "28,0 18,40 16,80 28,98 42,82 36,62 22,74 16,92"),
    ],
    // 7
    &[
        (4, "5,10 34,8 63,4 63,4 48,50 36,100"),
        (3, "6,26 8,8 8,8 36,8 63,5 63,5 46,50 34,100"),
        (3, "3,34 15,14 38,6 59,6 63,20 50,50 40,100"),
        (2, "5,12 36,6 61,10 56,40 45,70 38,100"),
        (1, "0,8 34,2 65,6 74,26 68,60 51,100"),
        (2, "5,8 34,7 63,4 63,4 44,50 30,100 / 17,52 42,50 67,48"),
        (1, "5,14 27,8 59,4 55,30 44,60 36,100 / 31,52 46,50 65,48"),
    ],
    // 8
    &[
        (
            4,
            "58,12 36,0 12,16 22,40 46,58 54,82 30,100 8,82 22,58 48,36 58,12",
        ),
        (
            2,
            "64,8 38,2 14,18 24,42 46,58 52,82 28,100 8,82 24,58 50,32 70,4",
        ),
        (2, "34,46 14,26 34,0 56,22 34,46 8,74 32,100 60,76 34,46"),
        (
            2,
            "62,20 40,2 10,12 12,34 40,50 48,78 30,100 16,84 26,58 46,42 64,24",
        ),
        (
            2,
            "66,14 40,0 8,10 18,34 44,54 50,80 34,100 16,84 28,58 54,34 72,10",
        ),
        (
            2,
            "54,20 36,2 14,18 26,42 56,62 60,86 30,98 4,88 18,60 44,40 52,10",
        ),
        (
            1,
            "52,12 30,0 8,14 26,34 42,46 46,70 36,100 22,82 26,56 48,30 56,8",
        ),
    ],
    // 9
    &[
        (4, "56,14 34,2 8,22 14,46 38,44 58,12 58,12 54,55 46,100"),
        (3, "54,20 36,2 8,24 18,46 46,38 56,14 56,60 40,95 12,96"),
        (2, "50,30 52,6 28,2 10,26 24,44 50,28 50,28 40,66 26,100"),
        (3, "54,2 26,10 8,32 18,46 38,38 56,12 56,12 44,56 32,100"),
        (1, "44,8 20,2 6,24 20,44 42,34 46,10 46,10 50,55 52,100"),
        (3, "56,24 42,2 14,10 8,38 30,48 54,30 57,14 52,60 44,100"),
        (2, "66,2 38,6 10,28 16,48 40,38 56,18 56,18 40,60 22,100"),
        (2, "70,6 40,6 14,20 16,40 38,36 56,22 52,44 36,76 10,98"),
        (2, "60,6 28,8 6,32 16,46 40,42 60,16 62,18 48,58 26,100"),
    ],
];

/// One 28×28 picture of the digit `label`, row by row from the top left: 0 is paper, 255 is ink.
///
/// It depends on its three arguments alone, and not on the machine.
///
/// ```
/// use neurons::digits::handwriting::digit;
/// let seven = digit(7, 1, 0);
/// assert_eq!(seven, digit(7, 1, 0));
/// assert_ne!(seven, digit(7, 1, 1));
/// ```
///
/// # Panics
///
/// If `label` is more than 9.
pub fn digit(label: u8, seed: u64, index: u64) -> [u8; SIDE * SIDE] {
    assert!(
        label <= 9,
        "a digit is one of 0 to 9, but the label is {label}"
    );
    let mut hand = Hand::new(seed, index);
    let allograph = hand.allograph(label);
    let writer = Writer::new(&mut hand);
    let strokes: Vec<_> = allograph
        .split('/')
        .map(|stroke| curve(&writer.bend(stroke, &mut hand)))
        .collect();
    centred(&ink(
        &strokes,
        hand.normal(1.2, 0.36).max(0.65),
        hand.uniform(-3.0, 3.0),
    ))
}

/// `n` pictures, 784 bytes each, one after the other; and their `n` labels.
///
/// Every ten labels in a row are the ten digits in a random order, so the set is balanced. A longer
/// set of the same seed begins with the shorter one.
///
/// ```
/// use neurons::digits::handwriting::{digit, digits};
/// let (pixels, labels) = digits(20, 1);
/// assert_eq!(pixels.len(), 20 * 784);
/// assert_eq!(labels.iter().filter(|&&label| label == 3).count(), 2);
/// assert_eq!(pixels[784..2 * 784], digit(labels[1], 1, 1));
/// ```
pub fn digits(n: usize, seed: u64) -> (Vec<u8>, Vec<u8>) {
    let tens = (0..n.div_ceil(10) as u64).flat_map(|block| {
        // Streams counted down from the last: those of the pictures are counted up from 0.
        let mut hand = Hand::new(seed, u64::MAX - block);
        let mut ten: [u8; 10] = array::from_fn(|label| label as u8);
        for last in (1..10).rev() {
            ten.swap(last, hand.below(last as u32 + 1) as usize);
        }
        ten
    });
    let labels: Vec<u8> = tens.take(n).collect();
    let mut pixels = vec![0; n * SIDE * SIDE];
    let pictures =
        pixels.par_chunks_mut(SIDE * SIDE).zip(&labels).enumerate();
    pictures.for_each(|(i, (picture, &label))| {
        picture.copy_from_slice(&digit(label, seed, i as u64));
    });
    (pixels, labels)
}

/// The book's own 2: the picture that every chapter looks at.
///
/// ```
/// let two = neurons::digits::handwriting::the_two();
/// assert!(two.contains(&0) && two.contains(&255));
/// ```
pub fn the_two() -> [u8; SIDE * SIDE] {
    digit(2, 2, 197)
}

/// The random numbers of one picture: its own stream of one generator.
struct Hand(ChaCha8Rng);

impl Hand {
    fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A whole number from 0 to n − 1, each as likely as the next.
    fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    fn uniform(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.0.next_u32() >> 8) as f32
            / (1 << 24) as f32
    }

    /// Nearly normal, and never further than 3.5 deviations out: the sum of four uniforms.
    fn normal(&mut self, mean: f32, deviation: f32) -> f32 {
        let sum: f32 = (0..4).map(|_| self.uniform(-1.0, 1.0)).sum();
        mean + deviation * sum * 0.75_f32.sqrt()
    }

    fn allograph(&mut self, label: u8) -> &'static str {
        let allographs = ALLOGRAPHS[usize::from(label)];
        let mut ticket =
            self.below(allographs.iter().map(|(weight, _)| weight).sum());
        for &(weight, points) in allographs {
            if ticket < weight {
                return points;
            }
            ticket -= weight;
        }
        unreachable!("a ticket is less than the sum of the weights")
    }
}

/// How one person, on one day, bends the shapes they were taught.
struct Writer {
    /// How far a point strays, as a fraction of the height.
    wobble: f32,
    /// Moves the waist up or down.
    waist: f32,
    /// Widens the bottom and narrows the top.
    taper: f32,
    /// Two slow waves sideways and two up and down: amplitude, two frequencies, phase.
    waves: [[f32; 4]; 4],
    /// How far the top leans to the right, for a height of 1.
    slant: f32,
    /// Width over height.
    stretch: f32,
    /// The angle of the paper, in radians.
    turn: f32,
}

impl Writer {
    fn new(hand: &mut Hand) -> Self {
        Self {
            wobble: hand.uniform(0.01, 0.08),
            waist: hand.normal(0.0, 0.35),
            taper: hand.normal(0.0, 0.3),
            waves: array::from_fn(|_| {
                let frequency =
                    [hand.uniform(-5.0, 5.0), hand.uniform(-5.0, 5.0)];
                [
                    hand.uniform(0.0, 0.08),
                    frequency[0],
                    frequency[1],
                    hand.uniform(-3.2, 3.2),
                ]
            }),
            slant: hand.normal(0.12, 0.25),
            stretch: libm::expf(hand.normal(0.0, 0.26)),
            turn: hand.normal(0.0, 0.12),
        }
    }

    /// The points of one stroke of an allograph, bent.
    fn bend(&self, stroke: &str, hand: &mut Hand) -> Vec<Point> {
        let shift = [hand.normal(0.0, 0.03), hand.normal(0.0, 0.03)];
        let mut last = "";
        let mut points: Vec<Point> = Vec::new();
        for word in stroke.split_whitespace() {
            if word != last {
                let (x, y) = word.split_once(',').expect("a point is x,y");
                let [x, y] = [x, y].map(|c| {
                    c.parse::<f32>().expect("a coordinate") / 100.0
                });
                let [dx, dy] =
                    shift.map(|s| s + hand.normal(0.0, self.wobble));
                points.push(self.place([x + dx, y + dy]));
            } else if let Some(&corner) = points.last() {
                points.push(corner);
            }
            last = word;
        }
        points
    }

    fn place(&self, [x, y]: Point) -> Point {
        let y = y + self.waist * y * (1.0 - y);
        let mut p = [x * (1.0 + self.taper * (y - 0.5)), y];
        for (i, [amplitude, fx, fy, phase]) in self.waves.iter().enumerate()
        {
            p[i % 2] +=
                amplitude * libm::sinf(fx * p[0] + fy * p[1] + phase);
        }
        let (x, y) = (self.stretch * (p[0] - self.slant * p[1]), p[1]);
        let (sin, cos) = (libm::sinf(self.turn), libm::cosf(self.turn));
        [cos * x - sin * y, sin * x + cos * y]
    }
}

/// A Catmull–Rom spline through the points, as a chain of short lines.
fn curve(points: &[Point]) -> Vec<Point> {
    const STEPS: usize = 6;
    let mut chain = vec![points[0]];
    for (k, pair) in points.windows(2).enumerate() {
        let before = points[k.saturating_sub(1)];
        let after = points[(k + 2).min(points.len() - 1)];
        for step in 1..=STEPS {
            let t = step as f32 / STEPS as f32;
            chain.push(array::from_fn(|i| {
                let [p, a, b, q] =
                    [before[i], pair[0][i], pair[1][i], after[i]];
                let bow = 2.0 * p - 5.0 * a + 4.0 * b - q
                    + t * (3.0 * (a - b) + q - p);
                a + 0.5 * t * (b - p + t * bow)
            }));
        }
    }
    chain
}

/// What a pen of that radius, in pixels, leaves in the box: dark within the radius of a stroke, and
/// fading over about a pixel. Its pressure rises and falls a little along the stroke.
fn ink(strokes: &[Vec<Point>], radius: f32, phase: f32) -> [u8; BOX * BOX] {
    const PRESSURE: f32 = 0.12;
    let points = || strokes.iter().flatten();
    let low: Point =
        array::from_fn(|i| points().fold(f32::MAX, |low, p| low.min(p[i])));
    let high: Point = array::from_fn(|i| {
        points().fold(f32::MIN, |high, p| high.max(p[i]))
    });
    let room = BOX as f32 - 2.0 * radius;
    let scale = room / (high[0] - low[0]).max(high[1] - low[1]);
    let fit = |p: Point| -> Point {
        array::from_fn(|i| {
            BOX as f32 / 2.0 + scale * (p[i] - (low[i] + high[i]) / 2.0)
        })
    };

    let mut grey = [0; BOX * BOX];
    for (k, line) in
        strokes.iter().flat_map(|stroke| stroke.windows(2)).enumerate()
    {
        let (a, b) = (fit(line[0]), fit(line[1]));
        let along = [b[0] - a[0], b[1] - a[1]];
        let squared = (along[0] * along[0] + along[1] * along[1]).max(1e-9);
        let radius =
            radius * (1.0 + PRESSURE * libm::sinf(phase + 0.15 * k as f32));
        let near = |i: usize| {
            let first = (a[i].min(b[i]) - radius - 1.0).max(0.0) as usize;
            first..BOX.min((a[i].max(b[i]) + radius + 2.0) as usize)
        };
        for y in near(1) {
            for x in near(0) {
                let p = [x as f32 + 0.5 - a[0], y as f32 + 0.5 - a[1]];
                let t = ((p[0] * along[0] + p[1] * along[1]) / squared)
                    .clamp(0.0, 1.0);
                let away = [p[0] - t * along[0], p[1] - t * along[1]];
                let distance =
                    (away[0] * away[0] + away[1] * away[1]).sqrt();
                let dark =
                    (0.5 + (radius - distance) / 0.9).clamp(0.0, 1.0);
                grey[y * BOX + x] =
                    grey[y * BOX + x].max((255.0 * dark + 0.5) as u8);
            }
        }
    }
    grey
}

/// The box moved by whole pixels until its centre of mass is as near pixel (14, 14), counted from 0,
/// as it can be: MNIST's middle, half a pixel right of and below the exact one.
fn centred(ink: &[u8; BOX * BOX]) -> [u8; SIDE * SIDE] {
    let [x, y] = center_of_mass(ink, BOX).map(|m| {
        let nearest = (SIDE / 2) as f32 - m + 0.5;
        nearest.clamp(0.0, (SIDE - BOX) as f32) as usize
    });
    let mut picture = [0; SIDE * SIDE];
    for (row, line) in ink.chunks(BOX).enumerate() {
        let start = (y + row) * SIDE + x;
        picture[start..start + BOX].copy_from_slice(line);
    }
    picture
}

/// In pixels across and down, where the first pixel is 0.
fn center_of_mass(grey: &[u8], width: usize) -> Point {
    let mut sum = [0.0; 2];
    let mut mass = 0.0;
    for (i, &g) in grey.iter().enumerate() {
        let g = f32::from(g);
        mass += g;
        sum[0] += g * (i % width) as f32;
        sum[1] += g * (i / width) as f32;
    }
    sum.map(|s| s / mass)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a: a small hash that needs no crate.
    fn checksum(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    /// Measured accuracies and the pages of the book hold for these pictures. A change here is a
    /// change of the data set, so it must be meant, and everything measured again.
    #[test]
    fn the_same_seed_gives_the_same_bytes_on_every_machine() {
        let (pixels, labels) = digits(100, 1);
        assert_eq!(checksum(&pixels), 0xc2bf_eb66_0236_ef6e);
        assert_eq!(checksum(&labels), 0x47d2_33eb_4923_ee87);
        assert_eq!(checksum(&the_two()), 0x31b3_e84e_3962_d2c9);
    }

    #[test]
    fn another_seed_gives_other_pictures_and_another_order() {
        let (a, b) = (digits(100, 1), digits(100, 2));
        assert_ne!(a.0, b.0);
        assert_ne!(a.1, b.1);
    }

    #[test]
    fn a_short_set_is_the_beginning_of_a_long_one() {
        let (short, long) = (digits(37, 5), digits(64, 5));
        assert_eq!(short.0, long.0[..37 * 784]);
        assert_eq!(short.1, long.1[..37]);
    }

    #[test]
    fn labels_are_balanced_and_shuffled() {
        let (_, labels) = digits(1000, 5);
        for label in 0..10 {
            assert_eq!(labels.iter().filter(|&&l| l == label).count(), 100);
        }
        assert_ne!(labels[..10], labels[10..20]);
    }

    #[test]
    fn every_label_has_its_own_shape_under_the_same_hand() {
        for a in 0..10 {
            for b in 0..a {
                assert_ne!(digit(a, 1, 0), digit(b, 1, 0), "{a} and {b}");
            }
        }
    }

    #[test]
    fn the_center_of_mass_is_within_three_quarters_of_a_pixel_of_pixel_14_14()
     {
        let (pixels, _) = digits(1000, 5);
        for (i, picture) in pixels.chunks(784).enumerate() {
            let [x, y] = center_of_mass(picture, SIDE);
            let away = ((x - 14.0).powi(2) + (y - 14.0).powi(2)).sqrt();
            assert!(away < 0.75, "picture {i}: {x}, {y}");
        }
    }

    #[test]
    fn the_ink_fills_a_box_of_20_by_20_in_its_longer_direction() {
        let (pixels, _) = digits(1000, 5);
        let extent = |inked: &dyn Fn(usize) -> bool| {
            let first = (0..SIDE).find(|&i| inked(i)).expect("ink");
            (first..SIDE).rfind(|&i| inked(i)).expect("ink") - first + 1
        };
        for (i, p) in pixels.chunks(784).enumerate() {
            let width = extent(&|x| (0..SIDE).any(|y| p[y * SIDE + x] > 0));
            let height =
                extent(&|y| (0..SIDE).any(|x| p[y * SIDE + x] > 0));
            let longer = width.max(height);
            assert!(
                (19..=20).contains(&longer),
                "picture {i}: {width} by {height}"
            );
        }
    }

    #[test]
    fn every_allograph_can_be_drawn() {
        for (_, points) in ALLOGRAPHS.into_iter().flatten() {
            let mut hand = Hand::new(1, 0);
            let writer = Writer::new(&mut hand);
            for stroke in points.split('/') {
                assert!(
                    writer.bend(stroke, &mut hand).len() >= 2,
                    "{points}"
                );
            }
        }
    }

    #[test]
    #[should_panic = "a digit is one of 0 to 9, but the label is 10"]
    fn ten_is_not_a_digit() {
        digit(10, 1, 0);
    }
}
