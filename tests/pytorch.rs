//! Costs and gradients of 36 small random networks equal PyTorch's in float64, to 1e-12 relative.
//! The golden file is written by `tests/pytorch/gradients.py`.

use neurons::autograd::{self, Tensor};
use neurons::backprop::{cost_and_gradient, delta_below, forward, output_delta};
use neurons::gradient::maximum;
use neurons::layer::{Layer, Network};
use neurons::mnist::Objective;
use neurons::ndarray::{Array1, Array2, ArrayD};
use neurons::sigmoid::Activation;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    seed: u64,
    activation: String,
    objective: String,
    weights: Vec<Vec<Vec<f64>>>,
    biases: Vec<Vec<f64>>,
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
    cost: f64,
    weight_gradients: Vec<Vec<Vec<f64>>>,
    bias_gradients: Vec<Vec<f64>>,
    input_gradient: Vec<Vec<f64>>,
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

fn layers(weights: &[Vec<Vec<f64>>], biases: &[Vec<f64>]) -> Vec<Layer> {
    let layer = |(w, b): (&Vec<Vec<f64>>, &Vec<f64>)| Layer {
        w: matrix(w),
        b: Array1::from(b.clone()),
    };
    weights.iter().zip(biases).map(layer).collect()
}

/// Relative to the largest entry of the array: single entries may be sums that cancel.
fn assert_equal(ours: &ArrayD<f64>, torch: &ArrayD<f64>, what: &str) {
    assert_eq!(ours.shape(), torch.shape(), "{what}");
    let largest = maximum(torch.iter().map(|v| v.abs()));
    for (a, b) in ours.iter().zip(torch) {
        assert!(
            (a - b).abs() <= 1e-12 * b.abs().max(largest),
            "{what}: {a} here, {b} in PyTorch"
        );
    }
}

fn cases() -> Vec<(Case, Network, Objective)> {
    let golden: Golden =
        serde_json::from_str(include_str!("pytorch/gradients.json")).unwrap();
    assert_eq!(golden.cases.len(), 36);
    let parsed = |case: Case| {
        let activation = match case.activation.as_str() {
            "identity" => Activation::Identity,
            "sigmoid" => Activation::Sigmoid,
            "tanh" => Activation::Tanh,
            "relu" => Activation::Relu,
            "leaky_relu" => Activation::LeakyRelu,
            "softplus" => Activation::Softplus,
            other => panic!("unknown activation {other}"),
        };
        let objective = match case.objective.as_str() {
            "quadratic" => Objective::Quadratic,
            "cross-entropy" => Objective::CrossEntropy,
            "softmax" => Objective::Softmax,
            other => panic!("unknown objective {other}"),
        };
        let layers = layers(&case.weights, &case.biases);
        let mut activations = vec![activation; layers.len()];
        activations[layers.len() - 1] = objective.last_activation();
        (case, Network { layers, activations }, objective)
    };
    golden.cases.into_iter().map(parsed).collect()
}

#[test]
fn backprop_equals_pytorch() {
    for (case, network, objective) in cases() {
        let (x, y) = (matrix(&case.x), matrix(&case.y));
        let (cost, gradients) = cost_and_gradient(&network, objective.cost(), &x, &y);
        let what = format!("case {}", case.seed);
        assert!(
            (cost - case.cost).abs() <= 1e-12 * case.cost.abs(),
            "{what}: {cost} {}",
            case.cost
        );
        let expected = layers(&case.weight_gradients, &case.bias_gradients);
        for (l, (ours, torch)) in gradients.iter().zip(&expected).enumerate() {
            let what = format!("{what}, layer {l}");
            assert_equal(&ours.w.clone().into_dyn(), &torch.w.clone().into_dyn(), &what);
            assert_equal(&ours.b.clone().into_dyn(), &torch.b.clone().into_dyn(), &what);
        }
    }
}

#[test]
fn the_error_handed_back_to_the_input_equals_pytorch() {
    for (case, network, objective) in cases() {
        let (x, y) = (matrix(&case.x), matrix(&case.y));
        let forward = forward(&network, &x);
        let last = network.layers.len() - 1;
        let dc_da = objective.cost().gradient(&forward.a[last + 1], &y);
        let mut delta = output_delta(&dc_da, &forward.z[last], network.activations[last]);
        for l in (1..=last).rev() {
            let f = network.activations[l - 1];
            delta = delta_below(&network.layers[l], &delta, &forward.z[l - 1], f);
        }
        // The input has no squashing of its own: Wᵀ δ alone, with the identity in place of f.
        let to_input = delta_below(&network.layers[0], &delta, &x, Activation::Identity);
        let mean = to_input / x.nrows() as f64;
        let torch = matrix(&case.input_gradient);
        assert_equal(&mean.into_dyn(), &torch.into_dyn(), &format!("case {}", case.seed));
    }
}

#[test]
fn autograd_equals_pytorch() {
    let softmax =
        |(_, _, objective): &(Case, Network, Objective)| *objective == Objective::Softmax;
    for (case, network, _) in cases().into_iter().filter(softmax) {
        let tensor = |array: ArrayD<f64>| Tensor::from(array).requires_grad_();
        let x = tensor(matrix(&case.x).into_dyn());
        let mut parameters = vec![];
        let mut a = x.clone();
        for (layer, &f) in network.layers.iter().zip(&network.activations) {
            let (w, b) =
                (tensor(layer.w.clone().into_dyn()), tensor(layer.b.clone().into_dyn()));
            a = (&a.matmul(&w.t()) + &b).activation(f);
            parameters.extend([w, b]);
        }
        let loss = a.cross_entropy(&Tensor::from(matrix(&case.y)));
        let inputs: Vec<&Tensor> = parameters.iter().chain([&x]).collect();
        let gradients = autograd::grad(&loss, &inputs).unwrap();
        let mut expected: Vec<ArrayD<f64>> = vec![];
        for layer in layers(&case.weight_gradients, &case.bias_gradients) {
            expected.extend([layer.w.into_dyn(), layer.b.into_dyn()]);
        }
        expected.push(matrix(&case.input_gradient).into_dyn());
        for (ours, torch) in gradients.iter().zip(&expected) {
            assert_equal(&ours.value().to_owned(), torch, &format!("case {}", case.seed));
        }
    }
}
