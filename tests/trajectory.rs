//! Hand-written backpropagation, the scalar tape and the tensor autograd are three ways to the
//! same gradients: from the same start they walk the same path.

use neurons::autograd::{Tensor, no_grad};
use neurons::backprop::cost_and_gradient;
use neurons::gradient::{largest_error, random_point};
use neurons::gradient_descent::{mini_batches, step};
use neurons::layer::{Layer, Network};
use neurons::mnist::{Objective, Recipe, sgd, train};
use neurons::ndarray::{Array2, ArrayD, IxDyn};
use neurons::pixels::Digits;
use neurons::sigmoid::{Activation, sigmoid};
use neurons::tape::{Tape, Var};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const ETA: f64 = 0.5;

fn by_backprop(
    network: &mut Network,
    objective: Objective,
    batches: &[(Array2<f64>, Array2<f64>)],
) {
    let mut velocity: Vec<Layer> = network.layers.clone();
    for (x, y) in batches {
        let (_, gradients) = cost_and_gradient(network, objective.cost(), x, y);
        step(&mut network.layers, &mut velocity, &gradients, ETA, 0.0);
    }
}

fn batches(pictures: usize, m: usize) -> Vec<(Array2<f64>, Array2<f64>)> {
    let digits = Digits::handwriting(pictures, 3);
    let order = mini_batches(digits.len(), m, &mut ChaCha8Rng::seed_from_u64(3));
    order.iter().map(|rows| (digits.x(rows), digits.y(rows))).collect()
}

#[test]
fn autograd_walks_the_path_of_backprop_for_50_steps_of_the_books_network() {
    let batches = batches(500, 10);
    assert_eq!(batches.len(), 50);
    for objective in [Objective::Quadratic, Objective::Softmax] {
        let last = objective.last_activation();
        let mut network =
            Network::random(&[784, 16, 16, 10], Activation::Sigmoid, last, 1);
        let parameter = |array: ArrayD<f64>| Tensor::from(array).requires_grad_();
        let layers = network.layers.iter();
        let parameters: Vec<(Tensor, Tensor)> = layers
            .map(|l| {
                (parameter(l.w.clone().into_dyn()), parameter(l.b.clone().into_dyn()))
            })
            .collect();

        for (x, y) in &batches {
            let (x, y) = (Tensor::from(x.clone()), Tensor::from(y.clone()));
            let mut a = x;
            for ((w, b), &f) in parameters.iter().zip(&network.activations) {
                a = (&a.matmul(&w.t()) + b).activation(f);
            }
            let loss = match objective {
                Objective::Softmax => a.cross_entropy(&y),
                _ => &(&a - &y).powi(2).sum() * (0.5 / y.shape()[0] as f64),
            };
            loss.backward().unwrap();
            for tensor in parameters.iter().flat_map(|(w, b)| [w, b]) {
                let gradient = tensor.grad().unwrap();
                no_grad(|| tensor.update_(|v| v.to_owned() - ETA * &gradient));
                tensor.zero_grad();
            }
        }

        let start = network.clone();
        by_backprop(&mut network, objective, &batches);
        assert_ne!(network, start);
        for (layer, (w, b)) in network.layers.iter().zip(&parameters) {
            assert!(
                largest_error(&w.value().to_owned(), &layer.w.clone().into_dyn()) < 1e-10
            );
            assert!(
                largest_error(&b.value().to_owned(), &layer.b.clone().into_dyn()) < 1e-10
            );
        }
    }
}

#[test]
fn the_tape_walks_the_path_of_backprop_for_20_steps_of_a_small_network() {
    let (x, y) = (random_point(1, (5, 6)), random_point(2, (5, 3)).mapv(sigmoid));
    let batches = vec![(x, y); 20];
    let mut network =
        Network::random(&[6, 4, 3], Activation::Tanh, Activation::Sigmoid, 1);
    let mut on_tape = network.clone();
    by_backprop(&mut network, Objective::Quadratic, &batches);
    for (x, y) in &batches {
        on_tape = tape_step(&on_tape, x, y);
    }
    assert!(largest_error(&on_tape.to_vector(), &network.to_vector()) < 1e-10);
}

fn tape_step(network: &Network, x: &Array2<f64>, y: &Array2<f64>) -> Network {
    let tape = Tape::new();
    let parameters: Vec<Var> = network.to_vector().iter().map(|&p| tape.var(p)).collect();
    let mut cost = tape.var(0.0);
    for (x, y) in x.rows().into_iter().zip(y.rows()) {
        let mut a: Vec<Var> = x.iter().map(|&x| tape.var(x)).collect();
        let mut next = parameters.iter().copied();
        for (layer, f) in network.layers.iter().zip(&network.activations) {
            let w: Vec<Var> = next.by_ref().take(layer.w.len()).collect();
            let z = w.chunks(a.len()).map(|row| {
                row.iter().zip(&a).fold(tape.var(0.0), |z, (&w, &a)| z + w * a)
            });
            let z: Vec<Var> = z.collect();
            let biased =
                z.into_iter().zip(next.by_ref().take(layer.b.len())).map(|(z, b)| z + b);
            a = biased
                .map(|z| if *f == Activation::Sigmoid { z.sigmoid() } else { z.tanh() })
                .collect();
        }
        for (a, &y) in a.into_iter().zip(y) {
            cost = cost + (a - tape.var(y)).powi(2);
        }
    }
    let gradients = (cost * tape.var(0.5 / x.nrows() as f64)).gradients();
    let stepped = parameters.iter().map(|&p| p.value() - ETA * gradients.of(p)).collect();
    network.with_vector(&stepped)
}

/// The whole trainer, with its options off, against the loop that chapter 17 opens with.
#[test]
fn a_recipe_without_options_walks_the_path_of_sgd() {
    let (training, validation) = Digits::handwriting(500, 3).split_at(400);
    // Mini-batches in one shard, the last of them shorter; and in two, whose gradients are added.
    for (batch, tolerance) in [(10, 0.0), (64, 0.0), (100, 1e-10)] {
        let recipe = Recipe { epochs: 3, batch, rate: ETA, seed: 5, ..Recipe::book() };
        let mut network = recipe.network();
        let accuracies =
            sgd(&mut network, &training, &validation, 3, batch, ETA, recipe.seed);
        let mut validated = vec![];
        let trained = train(&recipe, &training, &validation, |epoch, _| {
            validated.push(epoch.validation);
        })
        .expect("the steps are short");
        assert_eq!(accuracies, validated, "batch {batch}");
        assert_ne!(network, recipe.network());
        let difference = largest_error(&trained.to_vector(), &network.to_vector());
        assert!(difference <= tolerance, "batch {batch}: {difference:e}");
    }
}

#[test]
fn a_gradient_of_autograd_has_the_shape_of_its_tensor() {
    let w = Tensor::from(random_point(1, IxDyn(&[3, 1]))).requires_grad_();
    let x = Tensor::from(random_point(2, IxDyn(&[2, 3, 4])));
    (&w * &x).sum().backward().unwrap();
    assert_eq!(w.grad().unwrap().shape(), [3, 1]);
}
