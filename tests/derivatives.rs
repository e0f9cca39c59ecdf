//! What the list of checks (`derivative_checks/`) leaves out: derivatives against difference
//! quotients over random shapes, activations and far values, and the edges where there are none.

use neurons::autograd::Tensor;
use neurons::backprop::cost_and_gradient;
use neurons::cost::{self, Cost, Quadratic};
use neurons::cross_entropy::{self, CrossEntropy};
use neurons::gradient::{
    H, central_difference, central_gradient, directional_derivative, jacobian,
    largest_error, random_point, relative_error,
};
use neurons::layer::{Layer, Network};
use neurons::ndarray::{Array, Array1, Array2, Dimension, arr0, arr1};
use neurons::perceptron::Perceptron;
use neurons::perceptron_multi;
use neurons::sigmoid::{self, Activation, sigmoid};
use neurons::softmax::{self, SoftmaxCrossEntropy};
use neurons::tape::Tape;
use neurons::wishes;
use neurons::{chain_rule, gradient};
use proptest::prelude::*;

/// How far an analytic derivative may be from a central difference, in parts of its size.
const TOLERANCE: f64 = 1e-5;

/// Whether a formula and central differences of f agree, entry by entry: to [`TOLERANCE`] of their
/// size, or to what a difference cannot see because f itself is rounded, some 20 times ε |f| / H.
fn agree<D: Dimension>(formula: &Array<f64, D>, nudged: &Array<f64, D>, f: f64) -> bool {
    assert_eq!(formula.shape(), nudged.shape());
    let unseen = 1e-9 * (1.0 + f.abs());
    let mut pairs = formula.iter().zip(nudged);
    pairs.all(|(a, b)| (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()) + unseen)
}

/// z and z ± H on the same side of 0: there is no derivative across a kink.
fn away_from_kink(z: &Array2<f64>) -> bool {
    z.iter().all(|z| z.abs() > 1e-3)
}

fn activation() -> impl Strategy<Value = Activation> {
    proptest::sample::select(Activation::ALL.to_vec())
}

/// Each cost with the activation of the last layer that it is made for; and the quadratic cost
/// after any activation at all.
fn cost_and_last() -> impl Strategy<Value = (&'static dyn Cost, Activation)> {
    let quadratic = Activation::ALL.map(|f| (&Quadratic as &'static dyn Cost, f));
    let mut pairs = quadratic.to_vec();
    pairs.push((&CrossEntropy, Activation::Identity));
    pairs.push((&SoftmaxCrossEntropy, Activation::Identity));
    (0..pairs.len()).prop_map(move |i| pairs[i])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn activations(z in -30.0..30.0_f64, f in activation()) {
        prop_assume!(z.abs() > 1e-3);
        prop_assert!(relative_error(f.prime(z), central_difference(|z| f.of(z), z, H)) < TOLERANCE);
        let from_output = sigmoid::sigmoid_prime_from_output(sigmoid(z));
        prop_assert!(relative_error(from_output, sigmoid::sigmoid_prime(z)) < TOLERANCE);
    }

    #[test]
    fn sigmoid_is_stable_everywhere(z in -1e6..1e6_f64) {
        let (a, slope) = (sigmoid(z), sigmoid::sigmoid_prime(z));
        prop_assert!((0.0..=1.0).contains(&a) && (0.0..=0.25).contains(&slope));
        prop_assert!((a + sigmoid(-z) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn squared_errors(n in 1..20_usize, seed in 0..1000_u64) {
        let (a, y) = (random_point(seed, n), random_point(seed + 1000, n));
        type Pair = (fn(&Array1<f64>, &Array1<f64>) -> f64, fn(&Array1<f64>, &Array1<f64>) -> Array1<f64>);
        let conventions: [Pair; 3] = [
            (cost::sum_of_squares, cost::sum_of_squares_gradient),
            (cost::half_sum_of_squares, cost::half_sum_of_squares_gradient),
            (cost::mean_of_squares, cost::mean_of_squares_gradient),
        ];
        for (value, gradient) in conventions {
            let nudged = central_gradient(|a| value(a, &y), &a);
            prop_assert!(largest_error(&gradient(&a, &y), &nudged) < TOLERANCE);
        }
    }

    #[test]
    fn cross_entropies(z in -8.0..8.0_f64, y in 0.0..=1.0_f64, n in 1..12_usize, seed in 0..1000_u64) {
        let a = sigmoid(z);
        // A step that stays inside (0, 1). The slope is a difference of two terms that may nearly
        // cancel, so the error is measured in parts of them.
        let nudged = central_difference(|a| cross_entropy::binary(a, y), a, 1e-3 * a.min(1.0 - a));
        let terms = y / a + (1.0 - y) / (1.0 - a);
        prop_assert!((cross_entropy::binary_prime(a, y) - nudged).abs() / terms < TOLERANCE);
        let nudged = central_difference(|z| cross_entropy::binary_from_logit(z, y), z, H);
        prop_assert!(relative_error(cross_entropy::binary_from_logit_prime(z, y), nudged) < TOLERANCE);

        let p = softmax::softmax(&random_point(seed, n));
        let y = random_point(seed + 1000, n).mapv(f64::abs);
        let nudged = central_gradient(|p| cross_entropy::categorical(p, &y), &p);
        prop_assert!(largest_error(&cross_entropy::categorical_gradient(&p, &y), &nudged) < TOLERANCE);
    }

    #[test]
    fn softmaxes(n in 1..12_usize, seed in 0..1000_u64, t in 0.3..5.0_f64) {
        let z = random_point(seed, n);
        let p = softmax::softmax(&z);
        let pairs = [
            (softmax::softmax_jacobian(&p), jacobian(softmax::softmax, &z)),
            (softmax::log_softmax_jacobian(&p), jacobian(softmax::log_softmax, &z)),
            (softmax::temperature_jacobian(&z, t), jacobian(|z| softmax::with_temperature(z, t), &z)),
        ];
        for (formula, nudged) in pairs {
            prop_assert!(largest_error(&formula, &nudged) < TOLERANCE);
        }
        let y = random_point(seed + 1000, n).mapv(f64::abs);
        let nudged = central_gradient(|z| softmax::cross_entropy(z, &y), &z);
        prop_assert!(largest_error(&softmax::cross_entropy_gradient(&z, &y), &nudged) < TOLERANCE);
        // The long way round: through the Jacobian, J ∂C/∂p (J is symmetric).
        let long = softmax::softmax_jacobian(&p).dot(&cross_entropy::categorical_gradient(&p, &y));
        prop_assert!(largest_error(&softmax::cross_entropy_gradient(&z, &y), &long) < 1e-10);
        for i in 0..n {
            let nudged = central_difference(|t| softmax::with_temperature(&z, t)[i], t, H);
            prop_assert!(relative_error(softmax::temperature_slope(&z, t)[i], nudged) < TOLERANCE);
        }
    }

    /// Whole numbers, so that adding one of them to all is exact.
    #[test]
    fn what_is_added_to_all_scores_changes_nothing(
        z in proptest::collection::vec(-40..40_i64, 1..12), c in 0..1_000_000_000_000_000_i64,
    ) {
        let scores = |c: i64| z.iter().map(|z| (z + c) as f64).collect::<Array1<f64>>();
        let (z, moved) = (scores(0), scores(c));
        prop_assert_eq!(softmax::softmax(&z), softmax::softmax(&moved));
        prop_assert_eq!(softmax::log_softmax(&z), softmax::log_softmax(&moved));
        let y = softmax::softmax(&random_point(1, z.len()));
        prop_assert_eq!(softmax::cross_entropy(&z, &y), softmax::cross_entropy(&moved, &y));
        prop_assert_eq!(softmax::cross_entropy_gradient(&z, &y), softmax::cross_entropy_gradient(&moved, &y));
        prop_assert!((softmax::softmax(&moved).sum() - 1.0).abs() < 1e-15 * z.len() as f64);
    }

    #[test]
    fn perceptrons(inputs in 1..12_usize, outputs in 1..8_usize, f in activation(), seed in 0..1000_u64) {
        let p = Perceptron { w: random_point(seed, inputs), b: 0.1, activation: f };
        let x = random_point(seed + 1000, inputs);
        prop_assume!(p.weighted_sum(&x).abs() > 1e-3);
        let g = p.gradient(&x, 0.4);
        let w = central_gradient(|w| Perceptron { w: w.clone(), ..p.clone() }.error(&x, 0.4), &p.w);
        prop_assert!(agree(&g.w, &w, p.error(&x, 0.4)));
        let b = central_difference(|b| Perceptron { b, ..p.clone() }.error(&x, 0.4), p.b, H);
        prop_assert!(agree(&arr0(g.b), &arr0(b), p.error(&x, 0.4)));
        prop_assert!(agree(&g.x, &central_gradient(|x| p.error(x, 0.4), &x), p.error(&x, 0.4)));

        let layer = Layer { w: random_point(seed, (outputs, inputs)), b: random_point(seed + 1, outputs) };
        let t = random_point(seed + 2, outputs);
        prop_assume!(layer.weighted_sum(&x).iter().all(|z| z.abs() > 1e-3));
        let delta = perceptron_multi::deltas(&layer, f, &x, &t);
        let error = |layer: &Layer, x: &Array1<f64>| perceptron_multi::error(layer, f, x, &t);
        let w = central_gradient(|w| error(&Layer { w: w.clone(), ..layer.clone() }, &x), &layer.w);
        let b = central_gradient(|b| error(&Layer { b: b.clone(), ..layer.clone() }, &x), &layer.b);
        prop_assert!(agree(&perceptron_multi::weight_gradient(&delta, &x), &w, error(&layer, &x)));
        prop_assert!(agree(&delta, &b, error(&layer, &x)));
        let by_x = central_gradient(|x| error(&layer, x), &x);
        prop_assert!(agree(&perceptron_multi::input_gradient(&layer, &delta), &by_x, error(&layer, &x)));
    }

    #[test]
    fn wishes(n in 1..8_usize, p in 1..8_usize, seed in 0..1000_u64) {
        let layer = Layer { w: random_point(seed, (n, p)), b: random_point(seed + 1, n) };
        let (a, y) = (random_point(seed + 2, p).mapv(sigmoid), random_point(seed + 3, n).mapv(sigmoid));
        let cost = |layer: &Layer, a: &Array1<f64>| {
            cost::half_sum_of_squares(&layer.weighted_sum(a).mapv(sigmoid), &y)
        };
        let wishes = wishes::wishes_of_outputs(&layer.weighted_sum(&a).mapv(sigmoid), &y);
        let asked = wishes::levers(&layer, &a, &wishes);
        let w = central_gradient(|w| cost(&Layer { w: w.clone(), ..layer.clone() }, &a), &layer.w);
        let b = central_gradient(|b| cost(&Layer { b: b.clone(), ..layer.clone() }, &a), &layer.b);
        prop_assert!(largest_error(&asked.weights, &-w) < TOLERANCE);
        prop_assert!(largest_error(&asked.biases, &-b) < TOLERANCE);
        prop_assert!(largest_error(&asked.previous, &-central_gradient(|a| cost(&layer, a), &a)) < TOLERANCE);
    }

    #[test]
    fn chains(seed in 0..1000_u64, a0 in -2.0..2.0_f64, y in 0.0..1.0_f64, n in 1..6_usize) {
        let chain = chain_rule::Chain { w: random_point(seed, n), b: random_point(seed + 1, n) };
        let (dw, db) = chain.gradient(a0, y);
        let with_w = |w: &Array1<f64>| chain_rule::Chain { w: w.clone(), ..chain.clone() };
        let with_b = |b: &Array1<f64>| chain_rule::Chain { b: b.clone(), ..chain.clone() };
        let w = central_gradient(|w| with_w(w).cost(a0, y), &chain.w);
        let b = central_gradient(|b| with_b(b).cost(a0, y), &chain.b);
        prop_assert!(largest_error(&dw, &w) < TOLERANCE);
        prop_assert!(largest_error(&db, &b) < TOLERANCE);
    }

    #[test]
    fn backprop(
        sizes in proptest::collection::vec(1..6_usize, 2..6),
        hidden in activation(),
        (cost, last) in cost_and_last(),
        m in 1..5_usize,
        seed in 0..1000_u64,
    ) {
        let mut network = Network::random(&sizes, hidden, last, seed);
        // Biases of 0 would hide a mistake in them: start anywhere.
        let biases = random_point(seed + 1, network.parameters());
        network = network.with_vector(&(network.to_vector() + 0.5 * biases));
        let x = random_point(seed + 2, (m, sizes[0]));
        let y = random_point(seed + 3, (m, sizes[sizes.len() - 1])).mapv(sigmoid);
        let z = neurons::backprop::forward(&network, &x).z;
        prop_assume!(z.iter().all(away_from_kink));

        let (value, layers) = cost_and_gradient(&network, cost, &x, &y);
        prop_assert_eq!(value, cost.value(&network.answers(&x), &y));
        let analytic = Network { layers, ..network.clone() }.to_vector();
        let cost_at = |p: &Array1<f64>| cost.value(&network.with_vector(p).answers(&x), &y);
        let nudged = central_gradient(cost_at, &network.to_vector());
        prop_assert!(agree(&analytic, &nudged, value));
        let v = random_point(seed + 4, network.parameters());
        let along = directional_derivative(cost_at, &network.to_vector(), &v);
        let (dot, size) = (analytic.dot(&v), analytic.mapv(f64::abs).dot(&v.mapv(f64::abs)));
        prop_assert!((dot - along).abs() <= TOLERANCE * size + 1e-9 * (1.0 + value));
    }
}

#[test]
fn the_largest_of_some_numbers_keeps_a_nan() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    for values in [vec![nan], vec![nan, 1.0], vec![1.0, nan], vec![1.0, nan, inf]] {
        assert!(gradient::maximum(values.clone()).is_nan(), "{values:?}");
    }
    assert_eq!(gradient::maximum([-2.0, -1.0, -3.0]), -1.0);
    assert_eq!(gradient::maximum([]), -inf);
    let wrong = [
        ([nan, 1.0], [1.0, 1.0]),
        ([1.0, nan], [1.0, 1.0]),
        ([nan, nan], [nan, nan]),
        ([1.0, 1.0], [nan, 1.0]),
        ([inf, 1.0], [inf, 1.0]),
        ([1.0, 2.0], [1.0, -inf]),
    ];
    for (a, b) in wrong {
        let (a, b) = (Array1::from_iter(a), Array1::from_iter(b));
        assert!(largest_error(&a, &b).is_nan(), "{a} {b}");
    }
    assert_eq!(largest_error(&arr1(&[]), &arr1(&[])), 0.0);
}

#[test]
fn no_activation_hides_a_nan() {
    for f in Activation::ALL {
        assert!(f.of(f64::NAN).is_nan(), "{f:?}");
        // And none makes one.
        for z in [f64::NEG_INFINITY, -1e300, 0.0, 1e300, f64::INFINITY] {
            assert!(!f.of(z).is_nan(), "{f:?} {z}");
        }
    }
}

#[test]
fn certain_answers_cost_nothing_or_everything() {
    let inf = f64::INFINITY;
    for (a, y, cost, slope) in [
        (1.0, 1.0, 0.0, -1.0),
        (0.0, 0.0, 0.0, 1.0),
        (0.0, 1.0, inf, -inf),
        (1.0, 0.0, inf, inf),
        (1.0, 0.5, inf, inf),
    ] {
        assert_eq!(cross_entropy::binary(a, y), cost, "a = {a}, y = {y}");
        assert_eq!(cross_entropy::binary_prime(a, y), slope, "a = {a}, y = {y}");
    }
    let (right, wrong) = (arr1(&[1.0, 0.0]), arr1(&[0.0, 1.0]));
    assert_eq!(cross_entropy::categorical(&right, &right), 0.0);
    assert_eq!(cross_entropy::categorical(&right, &wrong), inf);
    assert_eq!(cross_entropy::categorical_gradient(&right, &right), arr1(&[-1.0, 0.0]));
    assert_eq!(cross_entropy::categorical_gradient(&right, &wrong), arr1(&[0.0, -inf]));
    let nan = arr1(&[1.0, f64::NAN]);
    assert!(cross_entropy::categorical(&nan, &right).is_nan(), "though y is 0 there");
    assert!(cross_entropy::categorical_gradient(&nan, &right)[1].is_nan());

    let z = arr1(&[1.0, -inf]);
    assert_eq!(softmax::softmax(&z), right);
    assert_eq!(softmax::cross_entropy(&z, &right), 0.0);
    assert_eq!(softmax::cross_entropy(&z, &wrong), inf);
    assert_eq!(softmax::cross_entropy_gradient(&z, &right), arr1(&[0.0, 0.0]));
    assert!(softmax::cross_entropy(&nan, &right).is_nan());
    let log_sum_exp = |z: [f64; 2]| softmax::log_sum_exp(arr1(&z).view());
    assert_eq!(log_sum_exp([-inf, -inf]), -inf);
    assert_eq!(log_sum_exp([inf, 0.0]), inf);
    assert_eq!(log_sum_exp([inf, -inf]), inf);
    assert!(
        log_sum_exp([inf, f64::NAN]).is_nan() && log_sum_exp([f64::NAN, -inf]).is_nan()
    );
}

/// The slopes above say nothing about the values: a product in place of the quotient, with the
/// quotient's slopes, would pass the ledger too.
#[test]
fn a_quotient_is_a_quotient() {
    let tape = Tape::new();
    assert_eq!((tape.var(6.0) / tape.var(3.0)).value(), 2.0);
    let quotient = &Tensor::scalar(6.0) / &Tensor::scalar(3.0);
    assert_eq!(quotient.item(), 2.0);
}

#[test]
fn a_tensor_shows_its_value_and_whether_it_wants_a_gradient() {
    let shown = format!("{:?}", Tensor::scalar(2.0).requires_grad_());
    assert_eq!(shown, "Tensor(2, requires_grad: true)");
}
