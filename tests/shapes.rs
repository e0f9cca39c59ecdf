//! A public function of a chapter refuses arrays whose shapes do not fit each other, with one
//! sentence that names the shape it wanted and the one that came.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;

use neurons::backprop;
use neurons::chain_rule::{self, Chain};
use neurons::cost::{self, Cost, Quadratic};
use neurons::cross_entropy::{self, CrossEntropy};
use neurons::doubt;
use neurons::engine::kernel::{Aligned, zeros};
use neurons::engine::pool::Pool;
use neurons::gradient;
use neurons::gradient_descent::{self, assert_same_shapes};
use neurons::inspect;
use neurons::layer::{Layer, Network};
use neurons::mnist::optimiser::{Optimiser, add_penalty_gradient};
use neurons::mnist::{self, Objective, Recipe, Training};
use neurons::ndarray::{Array1, Array2, ArrayD, Ix1, Ix2};
use neurons::neuron::{self, StepNeuron};
use neurons::perceptron::Perceptron;
use neurons::perceptron_multi;
use neurons::pixels::{self, Digits};
use neurons::sigmoid::Activation::Sigmoid;
use neurons::softmax::{self, SoftmaxCrossEntropy};
use neurons::speed;
use neurons::wishes;
use proptest::prelude::*;

/// A function, the shapes of the arrays that it takes (in letters: equal letters are equal sizes;
/// a number is itself), and a call.
struct Function {
    path: &'static str,
    shapes: &'static str,
    call: fn(&[ArrayD<f64>]),
}

const fn function(
    path: &'static str,
    shapes: &'static str,
    call: fn(&[ArrayD<f64>]),
) -> Function {
    Function { path, shapes, call }
}

const FUNCTIONS: &[Function] = &[
    function("pixels::Digits::split_at", "m p, m", |a| {
        digits(&a[0], &a[1]).split_at(1);
    }),
    function("pixels::Digits::x", "m p, m", |a| {
        digits(&a[0], &a[1]).x(&[0]);
    }),
    function("pixels::Digits::y", "m p, m", |a| {
        digits(&a[0], &a[1]).y(&[0]);
    }),
    function("pixels::Digits::accuracy", "m p, m", |a| {
        digits(&a[0], &a[1]).accuracy(|_| 0);
    }),
    function("pixels::fraction_correct", "m, m", |a| {
        pixels::fraction_correct(&v(&a[0]).to_vec(), &v(&a[1]).to_vec());
    }),
    function("pixels::mean_pictures", "m 784, m", |a| {
        pixels::mean_pictures(&digits(&a[0], &a[1]));
    }),
    function("pixels::nearest_darkness", "n p, p", |a| {
        pixels::nearest_darkness(&m(&a[0]), bytes(&a[1]).view());
    }),
    function("pixels::nearest_mean", "n p, p", |a| {
        pixels::nearest_mean(&m(&a[0]), bytes(&a[1]).view());
    }),
    function("pixels::nearest_neighbours", "m p, m, p", |a| {
        pixels::nearest_neighbours(&digits(&a[0], &a[1]), 1, bytes(&a[2]).view());
    }),
    function("neuron::weighted_sum", "p, p", |a| {
        neuron::weighted_sum(v(&a[0]).view(), v(&a[1]).view(), 0.1);
    }),
    function("neuron::StepNeuron::fires", "p, p", |a| {
        StepNeuron { w: v(&a[0]), b: 0.1 }.fires(v(&a[1]).view());
    }),
    function("neuron::StepNeuron::distance", "p, p", |a| {
        StepNeuron { w: v(&a[0]), b: 0.1 }.distance(v(&a[1]).view());
    }),
    function("neuron::StepNeuron::learn", "p, m p, m", |a| {
        StepNeuron { w: v(&a[0]), b: 0.1 }.learn(&m(&a[1]), &v(&a[2]));
    }),
    function("layer::Layer::weighted_sum", "n p, n, p", |a| {
        layer(a).weighted_sum(&v(&a[2]));
    }),
    function("layer::Layer::weighted_sums", "n p, n, m p", |a| {
        layer(a).weighted_sums(&m(&a[2]));
    }),
    function("layer::Network::answers", "h p, h, n h, n, m p", |a| {
        network(a).answers(&m(&a[4]));
    }),
    function("cost::sum_of_squares", "n, n", |a| {
        cost::sum_of_squares(&v(&a[0]), &v(&a[1]));
    }),
    function("cost::sum_of_squares_gradient", "n, n", |a| {
        cost::sum_of_squares_gradient(&v(&a[0]), &v(&a[1]));
    }),
    function("cost::half_sum_of_squares", "n, n", |a| {
        cost::half_sum_of_squares(&v(&a[0]), &v(&a[1]));
    }),
    function("cost::half_sum_of_squares_gradient", "n, n", |a| {
        cost::half_sum_of_squares_gradient(&v(&a[0]), &v(&a[1]));
    }),
    function("cost::mean_of_squares", "n, n", |a| {
        cost::mean_of_squares(&v(&a[0]), &v(&a[1]));
    }),
    function("cost::mean_of_squares_gradient", "n, n", |a| {
        cost::mean_of_squares_gradient(&v(&a[0]), &v(&a[1]));
    }),
    function("cost::Quadratic::value", "m n, m n", |a| {
        Quadratic.value(&m(&a[0]), &m(&a[1]));
    }),
    function("cost::Quadratic::gradient", "m n, m n", |a| {
        Quadratic.gradient(&m(&a[0]), &m(&a[1]));
    }),
    function("cost::accuracy", "m n, m n", |a| {
        cost::accuracy(&m(&a[0]), &m(&a[1]));
    }),
    function("gradient::directional_derivative", "m n, m n", |a| {
        gradient::directional_derivative(|x| x.sum(), &m(&a[0]), &m(&a[1]));
    }),
    function("gradient::largest_error", "m n, m n", |a| {
        gradient::largest_error(&m(&a[0]), &m(&a[1]));
    }),
    function("gradient_descent::descend", "n, n", |a| {
        gradient_descent::descend(|_| v(&a[0]), &v(&a[1]), 0.1, 2);
    }),
    function("gradient_descent::bowl", "n, n", |a| {
        gradient_descent::bowl(&v(&a[0]), &v(&a[1]));
    }),
    function("gradient_descent::bowl_gradient", "n, n", |a| {
        gradient_descent::bowl_gradient(&v(&a[0]), &v(&a[1]));
    }),
    function("gradient_descent::cosine", "n, n", |a| {
        gradient_descent::cosine(&v(&a[0]), &v(&a[1]));
    }),
    function("gradient_descent::step", "n p, n, n p, n, n p, n", |a| {
        let [mut layers, mut velocity] = [[layer(a)], [layer(&a[2..])]];
        gradient_descent::step(&mut layers, &mut velocity, &[layer(&a[4..])], 0.1, 0.5);
    }),
    function("gradient_descent::assert_same_shapes", "n p, n, n p, n", |a| {
        assert_same_shapes("layers", &[layer(a)], &[layer(&a[2..])]);
    }),
    function("wishes::wishes_of_outputs", "n, n", |a| {
        wishes::wishes_of_outputs(&v(&a[0]), &v(&a[1]));
    }),
    function("wishes::levers", "n p, n, p, n", |a| {
        wishes::levers(&layer(a), &v(&a[2]), &v(&a[3]));
    }),
    function("chain_rule::composed", "n h, h p", |a| {
        chain_rule::composed(&m(&a[0]), &m(&a[1]));
    }),
    function("chain_rule::Chain::activations", "l, l", |a| {
        chain(a).activations(0.5);
    }),
    function("chain_rule::Chain::cost", "l, l", |a| {
        chain(a).cost(0.5, 1.0);
    }),
    function("chain_rule::Chain::gradient", "l, l", |a| {
        chain(a).gradient(0.5, 1.0);
    }),
    function("perceptron::Perceptron::weighted_sum", "p, p", |a| {
        perceptron(a).weighted_sum(&v(&a[1]));
    }),
    function("perceptron::Perceptron::weighted_sum_gradient", "p, p", |a| {
        perceptron(a).weighted_sum_gradient(&v(&a[1]));
    }),
    function("perceptron::Perceptron::output", "p, p", |a| {
        perceptron(a).output(&v(&a[1]));
    }),
    function("perceptron::Perceptron::error", "p, p", |a| {
        perceptron(a).error(&v(&a[1]), 1.0);
    }),
    function("perceptron::Perceptron::gradient", "p, p", |a| {
        perceptron(a).gradient(&v(&a[1]), 1.0);
    }),
    function("perceptron_multi::error", "n p, n, p, n", |a| {
        perceptron_multi::error(&layer(a), Sigmoid, &v(&a[2]), &v(&a[3]));
    }),
    function("perceptron_multi::deltas", "n p, n, p, n", |a| {
        perceptron_multi::deltas(&layer(a), Sigmoid, &v(&a[2]), &v(&a[3]));
    }),
    function("perceptron_multi::input_gradient", "n p, n", |a| {
        let layer = Layer { w: m(&a[0]), b: Array1::zeros(a[0].shape()[0]) };
        perceptron_multi::input_gradient(&layer, &v(&a[1]));
    }),
    function("perceptron_multi::batch_weight_gradient", "m n, m p", |a| {
        perceptron_multi::batch_weight_gradient(&m(&a[0]), &m(&a[1]));
    }),
    function("backprop::forward", "h p, h, n h, n, m p", |a| {
        backprop::forward(&network(a), &m(&a[4]));
    }),
    function("backprop::output_delta", "m n, m n", |a| {
        backprop::output_delta(&m(&a[0]), &m(&a[1]), Sigmoid);
    }),
    function("backprop::delta_below", "n p, m n, m p", |a| {
        let above = Layer { w: m(&a[0]), b: Array1::zeros(a[0].shape()[0]) };
        backprop::delta_below(&above, &m(&a[1]), &m(&a[2]), Sigmoid);
    }),
    function("backprop::weight_gradient", "m n, m p", |a| {
        backprop::weight_gradient(&m(&a[0]), &m(&a[1]));
    }),
    function("backprop::cost_and_gradient", "h p, h, n h, n, m p, m n", |a| {
        backprop::cost_and_gradient(&network(a), &Quadratic, &m(&a[4]), &m(&a[5]));
    }),
    function("cross_entropy::categorical", "n, n", |a| {
        cross_entropy::categorical(&v(&a[0]), &v(&a[1]));
    }),
    function("cross_entropy::categorical_gradient", "n, n", |a| {
        cross_entropy::categorical_gradient(&v(&a[0]), &v(&a[1]));
    }),
    function("cross_entropy::CrossEntropy::value", "m n, m n", |a| {
        CrossEntropy.value(&m(&a[0]), &m(&a[1]));
    }),
    function("cross_entropy::CrossEntropy::gradient", "m n, m n", |a| {
        CrossEntropy.gradient(&m(&a[0]), &m(&a[1]));
    }),
    function("softmax::cross_entropy", "n, n", |a| {
        softmax::cross_entropy(&v(&a[0]), &v(&a[1]));
    }),
    function("softmax::cross_entropy_gradient", "n, n", |a| {
        softmax::cross_entropy_gradient(&v(&a[0]), &v(&a[1]));
    }),
    function("softmax::SoftmaxCrossEntropy::value", "m n, m n", |a| {
        SoftmaxCrossEntropy.value(&m(&a[0]), &m(&a[1]));
    }),
    function("softmax::SoftmaxCrossEntropy::gradient", "m n, m n", |a| {
        SoftmaxCrossEntropy.gradient(&m(&a[0]), &m(&a[1]));
    }),
    function("mnist::sgd", "10 784, 10, m 784, m, q 784, q", |a| {
        let (train, validation) = (digits(&a[2], &a[3]), digits(&a[4], &a[5]));
        mnist::sgd(&mut one_layer(a), &train, &validation, 1, 10, 0.1, 1);
    }),
    function("mnist::training::Training::go_on", "m 784, m, q 784, q", |a| {
        let (train, validation) = (digits(&a[0], &a[1]), digits(&a[2], &a[3]));
        let watch = |_: &Training, _| std::ops::ControlFlow::Continue(());
        let done = Training::new(recipe()).go_on(&train, &validation, watch);
        assert!(done.is_ok());
    }),
    function("mnist::training::Training::go_on_by", "q 784, q", |a| {
        let validation = digits(&a[0], &a[1]);
        let watch = |_: &Training, _| std::ops::ControlFlow::Continue(());
        let done = Training::new(recipe()).go_on_by(|_, _| Ok(()), 1, &validation, watch);
        assert!(done.is_ok());
    }),
    function("mnist::training::train", "m 784, m, q 784, q", |a| {
        let (train, validation) = (digits(&a[0], &a[1]), digits(&a[2], &a[3]));
        assert!(mnist::train(&recipe(), &train, &validation, |_, _| {}).is_ok());
    }),
    function("mnist::training::Training::descend", "10 784, 10", |a| {
        assert!(Training::new(recipe()).descend(1.0, vec![layer(a)], 1).is_ok());
    }),
    function("mnist::probabilities", "10 p, 10, m p, m", |a| {
        let digits = digits(&a[2], &a[3]);
        mnist::probabilities(&one_layer(a), Objective::Quadratic, &digits);
    }),
    function("mnist::predictions", "10 p, 10, m p, m", |a| {
        mnist::predictions(&one_layer(a), &digits(&a[2], &a[3]));
    }),
    function("mnist::accuracy", "10 p, 10, m p, m", |a| {
        mnist::accuracy(&one_layer(a), &digits(&a[2], &a[3]));
    }),
    function("mnist::confusions", "10 p, 10, m p, m", |a| {
        mnist::confusions(&one_layer(a), &digits(&a[2], &a[3]));
    }),
    function("mnist::optimiser::Optimiser::step", "n p, n, n p, n, n p, n", |a| {
        for optimiser in [Optimiser::Momentum(0.5), Optimiser::Adam] {
            let mut layers = [layer(a)];
            let mut memory = optimiser.memory(&[layer(&a[2..])]);
            optimiser.step(&mut layers, &mut memory, &[layer(&a[4..])], 0.1);
        }
    }),
    function("mnist::optimiser::add_penalty_gradient", "n p, n, n p, n", |a| {
        add_penalty_gradient(&[layer(a)], 0.1, &mut [layer(&a[2..])]);
    }),
    function("inspect::share_along", "p, p", |a| {
        inspect::share_along(v(&a[0]).view(), v(&a[1]).view());
    }),
    function("inspect::without", "h p, h, n h, n, m p", |a| {
        inspect::without(&network(a), 0, 0, &m(&a[4]));
    }),
    function("inspect::picture_gradient", "h p, h, n h, n, m p, m n", |a| {
        inspect::picture_gradient(&network(a), &Quadratic, &m(&a[4]), &m(&a[5]));
    }),
    function("doubt::nudged", "h p, h, n h, n, m p, m n", |a| {
        doubt::nudged(&network(a), &Quadratic, &m(&a[4]), &m(&a[5]), 0.1);
    }),
    function("doubt::cost_at", "m n, m", |a| {
        doubt::cost_at(&m(&a[0]), &bytes(&a[1]).to_vec(), 1.0);
    }),
    function("doubt::best_temperature", "m n, m", |a| {
        doubt::best_temperature(&m(&a[0]), &bytes(&a[1]).to_vec());
    }),
];

/// What takes two arrays, or a type that holds two, and cannot be given shapes that do not fit.
const ALL_SHAPES_FIT: &[(&str, &str)] = &[
    ("pixels::Digits::len", "it reads the labels alone"),
    ("pixels::Digits::is_empty", "it reads the labels alone"),
    ("pixels::Digits::counts", "it reads the labels alone"),
    ("pixels::most_common", "it reads the labels alone"),
    ("inspect::told_apart", "each of the first is compared with each of the second"),
    ("layer::Layer::parameters", "it counts"),
    ("layer::Network::parameters", "it counts"),
    ("layer::Network::sizes", "it counts"),
    ("layer::Network::to_vector", "it puts one array after the other"),
    ("perceptron_multi::weight_gradient", "an outer product has no wrong shapes"),
    ("mnist::optimiser::Optimiser::memory", "zeros in the same shapes"),
    ("mnist::optimiser::penalty", "it reads the weights alone"),
];

/// What is tested below by itself: the sizes of these are not letters but products and sums.
const APART: &[&str] = &[
    "inspect::liked",
    "layer::Network::with_vector",
    "speed::three_loops",
    "speed::along_memory",
    "speed::with_wide_vectors",
    "speed::without_zeros",
    "speed::block_by_block",
    "speed::on_all_cores",
];

fn v(a: &ArrayD<f64>) -> Array1<f64> {
    a.clone().into_dimensionality::<Ix1>().expect("a vector")
}

fn m(a: &ArrayD<f64>) -> Array2<f64> {
    a.clone().into_dimensionality::<Ix2>().expect("a matrix")
}

fn bytes(a: &ArrayD<f64>) -> Array1<u8> {
    v(a).mapv(|x| x as u8)
}

fn digits(images: &ArrayD<f64>, labels: &ArrayD<f64>) -> Digits {
    Digits { images: m(images).mapv(|x| x as u8), labels: bytes(labels).to_vec() }
}

fn layer(a: &[ArrayD<f64>]) -> Layer {
    Layer { w: m(&a[0]), b: v(&a[1]) }
}

fn network(a: &[ArrayD<f64>]) -> Network {
    Network { layers: vec![layer(a), layer(&a[2..])], activations: vec![Sigmoid; 2] }
}

fn one_layer(a: &[ArrayD<f64>]) -> Network {
    Network { layers: vec![layer(a)], activations: vec![Sigmoid] }
}

fn chain(a: &[ArrayD<f64>]) -> Chain {
    Chain { w: v(&a[0]), b: v(&a[1]) }
}

fn perceptron(a: &[ArrayD<f64>]) -> Perceptron {
    Perceptron { w: v(&a[0]), b: 0.1, activation: Sigmoid }
}

fn recipe() -> Recipe {
    Recipe { sizes: vec![784, 10], epochs: 1, ..Recipe::book() }
}

/// What a call says when it stops, if it does.
fn said(call: impl FnOnce()) -> Option<String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let text = info.payload().downcast_ref::<String>();
            if !text.is_some_and(|text| text.contains(" should have shape ")) {
                default(info);
            }
        }));
    });
    let stopped = panic::catch_unwind(AssertUnwindSafe(call)).err()?;
    let text = stopped.downcast::<String>().map(|text| *text);
    Some(text.unwrap_or_else(|_| "something else".into()))
}

/// The two shapes of "y should have shape [3], but has [1]".
fn both_shapes(text: &str) -> Option<[Vec<usize>; 2]> {
    let (_, rest) = text.split_once(" should have shape [")?;
    let (wanted, came) = rest.split_once("], but has [")?;
    let shape = |text: &str| -> Option<Vec<usize>> {
        text.split(", ").map(|n| n.parse().ok()).collect()
    };
    Some([shape(wanted)?, shape(came.strip_suffix(']')?)?])
}

fn arrays(shapes: &[Vec<usize>]) -> Vec<ArrayD<f64>> {
    shapes.iter().map(|shape| ArrayD::from_elem(shape.clone(), 0.5)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_wrong_shape_is_refused_with_both_shapes(
        sizes in proptest::collection::vec(1..6_usize, 26),
        other in 1..7_usize,
    ) {
        for Function { path, shapes, call } in FUNCTIONS {
            let letters: Vec<Vec<&str>> =
                shapes.split(", ").map(|shape| shape.split(' ').collect()).collect();
            let size = |dim: &str| dim.parse().unwrap_or_else(|_| {
                sizes[usize::from(dim.as_bytes()[0] - b'a')]
            });
            let right: Vec<Vec<usize>> =
                letters.iter().map(|shape| shape.iter().map(|dim| size(dim)).collect()).collect();
            let text = said(|| call(&arrays(&right)));
            prop_assert!(text.is_none(), "{path} {right:?}: {text:?}");

            for (array, shape) in letters.iter().enumerate() {
                for (axis, dim) in shape.iter().enumerate() {
                    let fixed = dim.parse::<usize>().is_ok();
                    let shared = letters.iter().flatten().filter(|d| d == &dim).count() > 1;
                    if size(dim) == other || !(fixed || shared) {
                        continue;
                    }
                    let mut wrong = right.clone();
                    wrong[array][axis] = other;
                    let text = said(|| call(&arrays(&wrong)));
                    prop_assert!(text.is_some(), "{path} takes {wrong:?}");
                    let text = text.unwrap_or_default();
                    let shapes = both_shapes(&text);
                    prop_assert!(shapes.is_some(), "{path} {wrong:?}: {text}");
                    let [wanted, came] = shapes.unwrap_or_default();
                    prop_assert_ne!(&wanted, &came);
                    // Of the arrays that came, or of a hidden layer between two of them.
                    let known = |size: &usize| wrong.iter().flatten().any(|s| s == size);
                    prop_assert!(came.iter().all(known), "{path} {wrong:?}: {text}");
                    prop_assert_eq!(wanted.len(), came.len());
                }
            }
        }
    }

    #[test]
    fn a_vector_for_another_network_is_refused(n in 1..5_usize, p in 1..5_usize, other in 0..40_usize) {
        let network = Network::random(&[p, n], Sigmoid, Sigmoid, 1);
        let text = said(|| {
            network.with_vector(&Array1::zeros(other));
        });
        let parameters = n * p + n;
        prop_assert_eq!(text.is_none(), other == parameters);
        if let Some(text) = text {
            prop_assert_eq!(both_shapes(&text), Some([vec![parameters], vec![other]]));
        }
    }

    #[test]
    fn what_is_not_whole_rows_is_refused(
        m in 1..4_usize, n in 1..4_usize, p in 2..5_usize, more in 1..4_usize, of_x in any::<bool>(),
    ) {
        prop_assume!(more % p != 0);
        let (of_x, of_w) = if of_x { (more, 0) } else { (0, more) };
        let right = (vec![0.5; m * p], vec![0.5; n * p]);
        let wrong = (vec![0.5; m * p + of_x], vec![0.5; n * p + of_w]);
        let single = |x: &[f64]| x.iter().map(|&x| x as f32).collect::<Vec<f32>>();
        type Calls<'a> = [(&'a str, &'a dyn Fn(&[f64], &[f64])); 4];
        let calls: Calls = [
            ("three_loops", &|x, w| { speed::three_loops(x, w, p); }),
            ("along_memory", &|x, w| { speed::along_memory(x, w, p); }),
            ("with_wide_vectors", &|x, w| { speed::with_wide_vectors(&single(x), &single(w), p); }),
            ("without_zeros", &|x, w| { speed::without_zeros(&single(x), &single(w), p); }),
        ];
        for (path, call) in calls {
            prop_assert_eq!(said(|| call(&right.0, &right.1)), None);
            let text = said(|| call(&wrong.0, &wrong.1)).unwrap_or_default();
            let [wanted, came] = both_shapes(&text).unwrap_or_default();
            let length = if of_x > 0 { wrong.0.len() } else { wrong.1.len() };
            prop_assert_eq!(came, vec![length], "{}: {}", path, text);
            prop_assert_eq!(wanted, vec![length / p * p], "{}: {}", path, text);
        }
    }
}

#[test]
fn a_table_of_weights_for_another_batch_is_refused() {
    let batch = vec![vec![]; 3]; // three blocks of four pixels
    let mut z = zeros(16);
    let text = said(|| speed::block_by_block(&batch, &zeros(2 * 4 * 16), 16, &mut z));
    assert_eq!(both_shapes(&text.unwrap_or_default()), Some([vec![192], vec![128]]));
    let rooms: [std::sync::Mutex<Aligned>; 1] = [std::sync::Mutex::new(zeros(16))];
    let tables = [zeros(2 * 4 * 16)];
    let text =
        said(|| speed::on_all_cores(&mut Pool::new(1), &batch, &tables, 16, &rooms));
    assert_eq!(both_shapes(&text.unwrap_or_default()), Some([vec![192], vec![128]]));
}

#[test]
fn a_network_that_takes_no_pictures_likes_none() {
    let network = Network::random(&[3, 2, 10], Sigmoid, Sigmoid, 1);
    let text = said(|| {
        inspect::liked(&network, &Quadratic, 0.1, 1);
    });
    let shapes = both_shapes(&text.unwrap_or_default());
    assert_eq!(shapes, Some([vec![10, 3], vec![10, 784]]));
}

#[test]
fn layers_that_are_too_few_are_refused() {
    let layer = Layer { w: Array2::zeros((2, 3)), b: Array1::zeros(2) };
    let two = || vec![layer.clone(), layer.clone()];
    let text = said(|| assert_same_shapes("gradients", &two()[1..], &two()));
    assert_eq!(text.as_deref(), Some("gradients should have shape [2], but has [1]"));
    let network = Network { layers: vec![layer.clone()], activations: vec![Sigmoid; 2] };
    let text = said(|| {
        network.answers(&Array2::zeros((4, 3)));
    });
    assert_eq!(text.as_deref(), Some("activations should have shape [1], but has [2]"));
}

/// How many arrays come in with a value of this type, by its name.
fn arrays_in(ty: &syn::Type) -> usize {
    match ty {
        syn::Type::Reference(reference) => arrays_in(&reference.elem),
        syn::Type::Slice(slice) => match &*slice.elem {
            // Numbers of rows, or of neurons.
            syn::Type::Path(path) if path.path.is_ident("usize") => 0,
            elem => arrays_in(elem).max(1),
        },
        syn::Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return 0 };
            let inside = || match &last.arguments {
                syn::PathArguments::AngleBracketed(arguments) => arguments
                    .args
                    .iter()
                    .map(|argument| match argument {
                        syn::GenericArgument::Type(ty) => arrays_in(ty),
                        _ => 0,
                    })
                    .sum(),
                _ => 0,
            };
            match last.ident.to_string().as_str() {
                "Layer" | "Network" | "Chain" | "Digits" | "Levers" | "Forward" => 2,
                "StepNeuron" | "Perceptron" | "ByBlock" | "Lit" | "Memory"
                | "Aligned" => 1,
                "Vec" | "Mutex" => inside(),
                name if name.starts_with("Array") => 1,
                _ => 0,
            }
        }
        _ => 0,
    }
}

fn takes_two_arrays(signature: &syn::Signature, of: Option<&syn::Type>) -> bool {
    let count = |argument: &syn::FnArg| match argument {
        syn::FnArg::Receiver(_) => of.map_or(0, arrays_in),
        syn::FnArg::Typed(typed) => arrays_in(&typed.ty),
    };
    signature.inputs.iter().map(count).sum::<usize>() >= 2
}

fn find(module: &str, source: &str, found: &mut BTreeSet<String>) {
    let public =
        |visibility: &syn::Visibility| matches!(visibility, syn::Visibility::Public(_));
    for item in syn::parse_file(source).expect("Rust").items {
        match item {
            syn::Item::Fn(item)
                if public(&item.vis) && takes_two_arrays(&item.sig, None) =>
            {
                found.insert(format!("{module}::{}", item.sig.ident));
            }
            syn::Item::Impl(block) => {
                let syn::Type::Path(path) = &*block.self_ty else { continue };
                let Some(of) = path.path.segments.last() else { continue };
                for item in &block.items {
                    let syn::ImplItem::Fn(item) = item else { continue };
                    let shown = public(&item.vis) || block.trait_.is_some();
                    if shown && takes_two_arrays(&item.sig, Some(&block.self_ty)) {
                        found.insert(format!(
                            "{module}::{}::{}",
                            of.ident, item.sig.ident
                        ));
                    }
                }
            }
            _ => {}
        }
    }
}

/// The modules of the chapters, and those in them, with their sources.
fn modules() -> Vec<(String, String)> {
    let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("chapters-code");
    let read = |file: &str| fs::read_to_string(code.join(file)).expect("a module");
    let lib = read("lib.rs");
    let (chapters, _) =
        lib.split_once("// What is not a chapter").expect("chapters first");
    let mut modules = vec![];
    for line in chapters.lines() {
        let name = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'));
        let Some(name) = name else { continue };
        modules.push((name.into(), read(&format!("{name}.rs"))));
        for entry in fs::read_dir(code.join(name)).into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let module = format!("{name}::{}", file.trim_end_matches(".rs"));
            modules.push((module, read(&format!("{name}/{file}"))));
        }
    }
    modules
}

#[test]
fn no_function_of_two_arrays_is_missing_here() {
    let mut found = BTreeSet::new();
    for (module, source) in modules() {
        // These two take tensors and numbers on a tape, whose shapes `tensor_shapes.rs` tries.
        if !module.starts_with("tape") && !module.starts_with("autograd") {
            find(&module, &source, &mut found);
        }
    }
    let tried = FUNCTIONS.iter().map(|function| function.path);
    let fitting = ALL_SHAPES_FIT.iter().map(|(path, _)| *path);
    let listed: BTreeSet<String> =
        tried.chain(fitting).chain(APART.iter().copied()).map(String::from).collect();
    let of_closures = ["gradient_descent::descend"]; // its second array comes from a closure
    let missing: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed
        .difference(&found)
        .filter(|path| !of_closures.contains(&path.as_str()))
        .collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "missing: {missing:?}, gone: {gone:?}"
    );
}

/// Page `notation`: w_jk runs from input k to output j.
#[test]
fn the_first_index_of_a_weight_counts_outputs() {
    for (module, source) in modules() {
        for other in ["w_kj", "w_ij", "w_ji", "δ_k x_j"] {
            assert!(!source.contains(other), "{module}: {other}");
        }
    }
}
