//! Times the book's engine, the code of its chapters, and two libraries on the same steps:
//! `MNIST_DIR=… cargo bench --manifest-path benches/Cargo.toml`.

use std::fmt;
use std::hint::black_box;
use std::iter::Cycle;
use std::sync::LazyLock;
use std::vec::IntoIter;

use divan::{Bencher, counter::ItemsCount};
use neurons::backprop::cost_and_gradient;
use neurons::engine::{Engine, kernel, lit::Lit};
use neurons::gradient_descent::mini_batches;
use neurons::mnist::{Objective, Recipe, Training};
use neurons::pixels::{Digits, PIXELS};
use neurons::speed::workloads;
use neurons_benches::burn::{Burn, Way};
use neurons_benches::candle::Candle;
use neurons_benches::{Floats, Peer};
use pulp::{Arch, Simd, WithSimd};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

static DIGITS: LazyLock<Digits> =
    LazyLock::new(|| match neurons::digits::dataset::mnist() {
        Ok(data) => data.train,
        Err(error) => {
            eprintln!("These are digits drawn by the program: {error}.");
            Digits::handwriting(20_000, 1)
        }
    });
static FLOATS: LazyLock<Floats> = LazyLock::new(|| Floats::of(&DIGITS));
static LIT: LazyLock<Lit> = LazyLock::new(|| lit(|p| p));
/// Ink and paper exchanged, and nothing is 0.
static DENSE: LazyLock<Lit> = LazyLock::new(|| lit(|p| (255 - p).max(1)));

fn lit(change: impl Fn(u8) -> u8) -> Lit {
    let bytes: Vec<u8> = DIGITS.images.iter().map(|&p| change(p)).collect();
    Lit::of(&bytes, PIXELS)
}

/// The batches of a shuffled epoch, again and again.
fn batches(recipe: &Recipe) -> Cycle<IntoIter<Vec<usize>>> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    mini_batches(DIGITS.len(), recipe.batch, &mut random).into_iter().cycle()
}

/// A network, and how the engine is to train it.
struct Case {
    name: &'static str,
    recipe: Recipe,
    threads: usize,
    dense: bool,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let pictures = if self.dense { "dense" } else { "MNIST" };
        write!(f, "{}, {pictures}, threads: {}", self.name, self.threads)
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, recipe) in workloads() {
        for dense in [false, true] {
            for threads in [1, 2] {
                cases.push(Case { name, recipe: recipe.clone(), threads, dense });
            }
        }
    }
    cases
}

fn engine(bencher: Bencher, case: &Case, steps: usize) {
    let Case { recipe, threads, dense, .. } = case;
    let lit: &Lit = if *dense { &DENSE } else { &LIT };
    let Training { network, memory, .. } = Training::new(recipe.clone());
    let mut engine = Engine::new(recipe, &network, &memory, *threads);
    let mut batches = batches(recipe);
    bencher.counter(ItemsCount::new(steps * recipe.batch)).bench_local(|| {
        for rows in batches.by_ref().take(steps) {
            black_box(engine.step(lit, &DIGITS.labels, &rows, recipe.rate));
        }
    });
}

#[divan::bench(args = cases(), max_time = 0.5)]
fn engine_step(bencher: Bencher, case: &Case) {
    engine(bencher, case, 1);
}

#[divan::bench(args = cases(), max_time = 0.5)]
fn engine_100_steps(bencher: Bencher, case: &Case) {
    engine(bencher, case, 100);
}

const NAMES: [&str; 4] = ["W1", "W2", "W3", "W4"];

fn recipe(name: &str) -> Recipe {
    let mut all = workloads().into_iter();
    all.find(|(other, _)| *other == name).expect("one of the four").1
}

/// The code of the chapters, in f64 and in one thread.
#[divan::bench(args = NAMES, max_time = 0.5)]
fn readable_step(bencher: Bencher, name: &str) {
    let recipe = recipe(name);
    let Training { mut network, mut memory, .. } = Training::new(recipe.clone());
    let (cost, mut batches) = (recipe.objective.cost(), batches(&recipe));
    bencher.counter(ItemsCount::new(recipe.batch)).bench_local(|| {
        let rows = batches.next().expect("the list has no end");
        let (x, y) = (DIGITS.x(&rows), DIGITS.y(&rows));
        let (cost, gradients) = cost_and_gradient(&network, cost, &x, &y);
        let layers = &mut network.layers;
        recipe.optimiser.step(layers, &mut memory, &gradients, recipe.rate);
        cost
    });
}

fn peer(bencher: Bencher, recipe: &Recipe, mut peer: impl Peer) {
    let mut batches = batches(recipe).map(|rows| {
        let rows = rows.into_iter().map(|row| row as u32);
        rows.collect::<Vec<_>>()
    });
    bencher.counter(ItemsCount::new(recipe.batch)).bench_local(|| {
        let rows = batches.next().expect("the list has no end");
        peer.step(&rows).expect("the library can do it");
    });
}

/// In as many threads as RAYON_NUM_THREADS says, or as there are cores.
#[divan::bench(args = NAMES, max_time = 0.5)]
fn burn_step(bencher: Bencher, name: &str) {
    let recipe = recipe(name);
    let way = match recipe.objective {
        Objective::Softmax => Way::Autodiff,
        _ => Way::ByHand,
    };
    peer(bencher, &recipe, Burn::new(&recipe, &FLOATS, way));
}

/// In as many threads as RAYON_NUM_THREADS says, or as there are cores.
#[divan::bench(args = NAMES, max_time = 0.5)]
fn candle_step(bencher: Bencher, name: &str) {
    let recipe = recipe(name);
    let candle = Candle::new(&recipe, &FLOATS).expect("the library can do it");
    peer(bencher, &recipe, candle);
}

#[divan::bench_group(max_time = 0.5)]
mod exp {
    use super::*;

    fn numbers() -> Vec<f32> {
        (0..4096).map(|i| i as f32 / 256.0 - 8.0).collect()
    }

    /// Compiled for the processor at hand, as the engine is.
    struct All<'a, F>(&'a [f32], &'a mut [f32], F);

    impl<F: Fn(f32) -> f32> WithSimd for All<'_, F> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) {
            let All(x, y, f) = self;
            for (x, y) in x.iter().zip(y) {
                *y = f(*x);
            }
        }
    }

    fn all(bencher: Bencher, f: impl Fn(f32) -> f32 + Copy) {
        let (x, mut y) = (numbers(), vec![0.0; 4096]);
        bencher.counter(ItemsCount::new(x.len())).bench_local(|| {
            Arch::new().dispatch(All(black_box(&x), &mut y, f));
            black_box(&y);
        });
    }

    #[divan::bench]
    fn engine(bencher: Bencher) {
        all(bencher, kernel::exp);
    }

    #[divan::bench]
    fn standard_library(bencher: Bencher) {
        all(bencher, f32::exp);
    }
}
