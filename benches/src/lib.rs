//! The work that every library is given, and how it is timed.

use std::time::Instant;

use neurons::gradient_descent::mini_batches;
use neurons::mnist::Recipe;
use neurons::pixels::{CLASSES, Digits};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

pub mod burn;
pub mod candle;

/// What can go wrong in a library, or in a measurement.
pub type Error = Box<dyn std::error::Error>;

/// A library that trains a network.
pub trait Peer {
    /// A step at the mean gradient of the pictures `rows`.
    ///
    /// # Errors
    /// Those of the library.
    fn step(&mut self, rows: &[u32]) -> Result<(), Error>;

    /// The mean cost of the pictures `rows`.
    ///
    /// # Errors
    /// Those of the library.
    fn cost(&self, rows: &[u32]) -> Result<f32, Error>;
}

/// The training set, as the libraries want it.
pub struct Floats {
    /// p / 255, one picture after the other.
    pub x: Vec<f32>,
    /// Of each picture, a 1 in the column of its digit.
    pub y: Vec<f32>,
    /// How many pictures there are.
    pub pictures: usize,
}

impl Floats {
    /// Those of the digits.
    pub fn of(digits: &Digits) -> Floats {
        let mut y = vec![0.0; CLASSES * digits.len()];
        for (wanted, &label) in y.chunks_exact_mut(CLASSES).zip(&digits.labels) {
            wanted[usize::from(label)] = 1.0;
        }
        let x = digits.images.iter().map(|&p| f32::from(p) / 255.0).collect();
        Floats { x, y, pictures: digits.len() }
    }
}

/// Of each layer of a network that has not learned yet: inputs, outputs, and weights, where
/// row k, column j is the weight of neuron j for input k. All biases are 0.
pub fn start(recipe: &Recipe) -> Vec<(usize, usize, Vec<f32>)> {
    let layers = recipe.network().layers;
    let turned = layers.iter().map(|layer| {
        let (outputs, inputs) = layer.w.dim();
        (inputs, outputs, layer.w.t().iter().map(|&w| w as f32).collect())
    });
    turned.collect()
}

/// The order of an epoch, in batches.
pub fn epoch(pictures: usize, batch: usize, random: &mut ChaCha8Rng) -> Vec<Vec<u32>> {
    let batches = mini_batches(pictures, batch, random).into_iter();
    batches.map(|rows| rows.into_iter().map(|row| row as u32).collect()).collect()
}

/// Warms up for half a second, then times whole steps in windows of at least 50 ms, for as
/// many seconds as are asked for. Returns the 90th percentile of the windows' speeds, in
/// pictures per second: another program can slow a window down, and nothing can speed one up.
///
/// # Errors
/// Returns the library's own error, or one that says that the network did not learn.
pub fn measure(
    peer: &mut impl Peer,
    recipe: &Recipe,
    pictures: usize,
    seconds: f64,
) -> Result<f64, Error> {
    const WARM_UP: f64 = 0.5;
    const WINDOW: f64 = 0.05;
    let some: Vec<u32> = (0..pictures.min(1000) as u32).collect();
    let before = peer.cost(&some)?;
    let mut random = ChaCha8Rng::seed_from_u64(recipe.seed);
    let mut windows = Vec::new();
    let start = Instant::now();
    let (mut window, mut seen) = (start, 0);
    let mut warm = false;
    'training: loop {
        for rows in epoch(pictures, recipe.batch, &mut random) {
            peer.step(&rows)?;
            seen += rows.len();
            let now = Instant::now();
            let length = (now - window).as_secs_f64();
            let since = (now - start).as_secs_f64();
            if warm && length >= WINDOW {
                windows.push(seen as f64 / length);
                (window, seen) = (now, 0);
            }
            if !warm && since >= WARM_UP {
                (warm, window, seen) = (true, now, 0);
            }
            if since >= WARM_UP + seconds && !windows.is_empty() {
                break 'training;
            }
        }
    }
    let after = peer.cost(&some)?;
    if after.is_nan() || after >= before {
        return Err(format!("the cost went from {before} to {after}").into());
    }
    windows.sort_by(f64::total_cmp);
    Ok(windows[windows.len() * 9 / 10])
}
