//! The fast engine computes what the readable code computes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use neurons::backprop;
use neurons::engine::Engine;
use neurons::engine::kernel::activate;
use neurons::engine::lit::Lit;
use neurons::engine::pool::Pool;
use neurons::layer::{Layer, Network};
use neurons::mnist::optimiser::{Memory, Optimiser, add_penalty_gradient};
use neurons::mnist::{Objective, Recipe};
use neurons::ndarray::Array2;
use neurons::sigmoid::Activation;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A network, and pictures of which a part of the pixels is lit.
#[derive(Clone, Debug)]
struct Case {
    recipe: Recipe,
    pictures: Array2<u8>,
    labels: Vec<u8>,
}

impl Case {
    fn network(&self) -> Network {
        let Recipe { sizes, activation, objective, seed, .. } = &self.recipe;
        Network::random(sizes, *activation, objective.last_activation(), *seed)
    }

    /// What the readable code makes of `steps` steps, with batches that follow each other.
    fn readable(&self, steps: usize) -> (f64, Network, Memory) {
        let mut network = self.network();
        let Recipe { optimiser, objective, l2, rate, .. } = self.recipe;
        let mut memory = optimiser.memory(&network.layers);
        let mut cost = 0.0;
        for rows in self.batches().take(steps) {
            let x = self.pictures.select(neurons::ndarray::Axis(0), &rows);
            let x = x.mapv(|p| f64::from(p) / 255.0);
            let mut y = Array2::zeros((rows.len(), *self.recipe.sizes.last().unwrap()));
            for (i, row) in rows.iter().enumerate() {
                y[(i, self.labels[*row] as usize)] = 1.0;
            }
            let (c, mut gradients) =
                backprop::cost_and_gradient(&network, objective.cost(), &x, &y);
            add_penalty_gradient(&network.layers, l2, &mut gradients);
            optimiser.step(&mut network.layers, &mut memory, &gradients, rate);
            cost = c;
        }
        (cost, network, memory)
    }

    fn fast(&self, steps: usize, threads: usize) -> (f64, Network, Memory) {
        let mut network = self.network();
        let mut memory = self.recipe.optimiser.memory(&network.layers);
        let lit = Lit::of(self.pictures.as_slice().unwrap(), self.pictures.ncols());
        let mut engine = Engine::new(&self.recipe, &network, &memory, threads);
        let mut cost = 0.0;
        for rows in self.batches().take(steps) {
            cost = engine.step(&lit, &self.labels, &rows, self.recipe.rate);
        }
        engine.bring_home(&mut network, &mut memory);
        (cost, network, memory)
    }

    fn batches(&self) -> impl Iterator<Item = Vec<usize>> {
        let (n, batch) = (self.labels.len(), self.recipe.batch);
        (0..).map(move |step| (0..batch).map(|i| (step * batch + i) % n).collect())
    }
}

fn cases() -> impl Strategy<Value = Case> {
    use Activation::{Identity, LeakyRelu, Relu, Sigmoid, Softplus, Tanh};
    let sizes = (
        1..90_usize,
        prop::collection::vec(prop_oneof![1..40_usize, 40..300_usize], 0..4),
        1..20_usize,
    );
    let activation =
        prop::sample::select(vec![Identity, Sigmoid, Tanh, Relu, LeakyRelu, Softplus]);
    let objective = prop::sample::select(vec![
        Objective::Quadratic,
        Objective::CrossEntropy,
        Objective::Softmax,
    ]);
    let batch = prop_oneof![1..12_usize, 12..140_usize, 140..400_usize];
    let lit = prop::sample::select(vec![0.0, 0.2, 0.5, 1.0]);
    (sizes, activation, objective, batch, lit, any::<u64>()).prop_map(
        |((inputs, hidden, outputs), activation, objective, batch, lit, seed)| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let mut sizes = vec![inputs];
            sizes.extend(hidden);
            sizes.push(outputs);
            let n = batch + 3;
            let pictures = Array2::from_shape_simple_fn((n, inputs), || {
                if random.random_bool(lit) { random.random_range(1..=255) } else { 0 }
            });
            let labels = (0..n).map(|_| random.random_range(0..outputs) as u8).collect();
            let optimiser = Optimiser::Momentum(0.5);
            let recipe = Recipe {
                sizes,
                activation,
                objective,
                batch,
                optimiser,
                seed,
                rate: 1.0,
                ..Recipe::book()
            };
            Case { recipe, pictures, labels }
        },
    )
}

/// |a − b| / |b|, of all knobs as one vector.
fn distance(a: &[Layer], b: &[Layer]) -> f64 {
    let numbers = |layers: &[Layer]| {
        let of =
            |layer: &Layer| layer.w.iter().chain(&layer.b).copied().collect::<Vec<_>>();
        layers.iter().flat_map(of).collect::<Vec<f64>>()
    };
    let (a, b) = (numbers(a), numbers(b));
    assert!(a.iter().all(|a| a.is_finite()));
    let length = |v: &mut dyn Iterator<Item = f64>| v.map(|v| v * v).sum::<f64>().sqrt();
    let off = length(&mut a.iter().zip(&b).map(|(a, b)| a - b));
    off / length(&mut b.iter().copied()).max(1e-30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// After one step with momentum from rest, the velocity is −η times the gradient.
    #[test]
    fn its_gradient_is_that_of_backprop(case in cases(), threads in 1..4_usize) {
        let (cost, _, readable) = case.readable(1);
        let (fast_cost, _, fast) = case.fast(1, threads);
        prop_assert!((fast_cost - cost).abs() <= 1e-4 * cost.abs(), "{fast_cost} for {cost}");
        for (l, (fast, readable)) in fast.moments[0].iter().zip(&readable.moments[0]).enumerate() {
            let off = distance(std::slice::from_ref(fast), std::slice::from_ref(readable));
            prop_assert!(off <= 1e-4, "layer {l}: {off:.1e}");
        }
    }

    /// Several steps of every optimiser, with L2.
    #[test]
    fn its_steps_are_those_of_the_optimisers(
        case in cases(),
        optimiser in prop::sample::select(vec![Optimiser::Momentum(0.0), Optimiser::Momentum(0.9)]),
        l2 in prop::sample::select(vec![0.0, 0.01]),
    ) {
        let mut case = case;
        case.recipe.optimiser = optimiser;
        case.recipe.l2 = l2;
        case.recipe.rate = 0.1;
        let (_, readable, _) = case.readable(4);
        let (_, fast, _) = case.fast(4, 2);
        let off = distance(&fast.layers, &readable.layers);
        prop_assert!(off <= 1e-4, "{off:.1e}");
    }

    /// Another number of threads, the same bits.
    #[test]
    fn threads_do_not_matter(case in cases()) {
        let one = case.fast(3, 1);
        for threads in [2, 3, 5] {
            prop_assert_eq!(&case.fast(3, threads), &one);
        }
    }
}

/// Adam divides a slope by its own size: where a slope is 0 but for rounding, its sign is
/// chance. So the case is one in which all slopes are far from 0.
#[test]
fn adam_is_adam() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let recipe = Recipe {
        sizes: vec![12, 70, 20, 10],
        batch: 130,
        optimiser: Optimiser::Adam,
        l2: 0.01,
        rate: 0.01,
        ..Recipe::book()
    };
    let pictures =
        Array2::from_shape_simple_fn((200, 12), || random.random_range(50..=255));
    let labels = (0..200).map(|i| (i % 10) as u8).collect();
    let case = Case { recipe, pictures, labels };
    let (_, readable, memory) = case.readable(3);
    let (_, fast, fast_memory) = case.fast(3, 2);
    assert_eq!(fast_memory.steps, memory.steps);
    assert!(distance(&fast.layers, &readable.layers) < 1e-4);
    for (fast, readable) in fast_memory.moments.iter().zip(&memory.moments) {
        assert!(distance(fast, readable) < 1e-4);
    }
}

#[test]
fn it_goes_on_where_it_came_home() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..10 {
        let mut case = cases().new_tree(&mut runner).unwrap().current();
        case.recipe.optimiser = Optimiser::Adam;
        let whole = case.fast(6, 2);
        let lit = Lit::of(case.pictures.as_slice().unwrap(), case.pictures.ncols());
        let (_, mut network, mut memory) = case.fast(3, 2);
        let mut engine = Engine::new(&case.recipe, &network, &memory, 2);
        let mut cost = 0.0;
        for rows in case.batches().skip(3).take(3) {
            cost = engine.step(&lit, &case.labels, &rows, case.recipe.rate);
        }
        engine.bring_home(&mut network, &mut memory);
        assert_eq!((cost, network, memory), whole);
    }
}

#[test]
fn no_activation_hides_a_nan() {
    for f in Activation::ALL {
        let mut a = [-1.0, f32::NAN, 1.0, f32::NAN];
        activate(f, &mut a);
        assert_eq!(a.map(f32::is_nan), [false, true, false, true], "{f:?}");
    }
}

#[test]
fn a_pool_works_on_after_a_panic() {
    let mut pool = Pool::new(2);
    for unlucky in [0, 1] {
        let broken = AssertUnwindSafe(|| pool.run(|t| assert_ne!(t, unlucky)));
        assert!(catch_unwind(broken).is_err());
        pool.run(|_| {});
    }
}
