//! The numbers that the pages work out by hand, to the digits that they show.

use approx::assert_abs_diff_eq;
use neurons::chain_rule::Chain;
use neurons::ndarray::array;
use neurons::perceptron::Perceptron;
use neurons::sigmoid::Activation;

#[test]
fn a_chain_of_three_neurons() {
    let chain = Chain::by_hand();
    let a = chain.activations(0.5);
    for (a, shown) in a[1..].iter().zip([0.598688, 0.396894, 0.529345]) {
        assert_abs_diff_eq!(*a, shown, epsilon = 5e-7);
    }
    assert_abs_diff_eq!(chain.cost(0.5, 1.0), 0.110758, epsilon = 5e-7);
    let shown = array![0.003237, -0.013443, -0.046539];
    assert_abs_diff_eq!(chain.gradient(0.5, 1.0).0, shown, epsilon = 5e-7);
}

#[test]
fn a_perceptron() {
    let (w, x) = (array![0.3, -0.2], array![1.0, 0.5]);
    let p = Perceptron { w, b: 0.1, activation: Activation::Sigmoid };
    assert_abs_diff_eq!(p.weighted_sum(&x), 0.3, epsilon = 1e-15);
    assert_abs_diff_eq!(p.output(&x), 0.574443, epsilon = 5e-7);
    assert_abs_diff_eq!(p.error(&x, 1.0), 0.0905496, epsilon = 5e-8);
    let shown = array![-0.104031, -0.052016];
    assert_abs_diff_eq!(p.gradient(&x, 1.0).w, shown, epsilon = 5e-7);
}
