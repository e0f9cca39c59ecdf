//! Runs the machines of chapter 1 on MNIST, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example baselines`

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::cost::largest;
use neurons::digits::dataset;
use neurons::ndarray::{Array1, Array2, ArrayView1, Axis, concatenate};
use neurons::pixels::{
    Digits, ink, mean_pictures, most_common, nearest_darkness, nearest_mean,
    nearest_neighbours,
};
use rayon::prelude::*;

/// Pixels, and a 1 for the bias: shape (m, 785).
fn with_one(digits: &Digits) -> Array2<f64> {
    let all: Vec<usize> = (0..digits.len()).collect();
    let ones = Array2::ones((digits.len(), 1));
    concatenate![Axis(1), digits.x(&all), ones]
}

/// The W that makes ‖XW − Y‖² least, shape (785, 10): XᵀX W = XᵀY, solved for one column after
/// the other by conjugate gradients.
fn least_squares(train: &Digits) -> Array2<f64> {
    let all: Vec<usize> = (0..train.len()).collect();
    let (x, y) = (with_one(train), train.y(&all));
    let (a, b) = (x.t().dot(&x), x.t().dot(&y));
    let mut w = Array2::zeros(b.dim());
    for (mut w, b) in w.columns_mut().into_iter().zip(b.columns()) {
        let mut rest = b.to_owned();
        let mut direction = rest.clone();
        let mut square = rest.dot(&rest);
        let small = 1e-16 * square;
        while square > small {
            let turned = a.dot(&direction);
            let step = square / direction.dot(&turned);
            w.scaled_add(step, &direction);
            rest.scaled_add(-step, &turned);
            let next = rest.dot(&rest);
            direction = &rest + &(next / square * &direction);
            square = next;
        }
    }
    w
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (train, _) = data.train.split_at(50_000);
    let test = &data.test;
    let (same, means) = (most_common(&train), mean_pictures(&train));
    let accuracy = |key, title, classify: &(dyn Fn(ArrayView1<u8>) -> u8 + Sync)| {
        let right = |&i: &usize| classify(test.images.row(i)) == test.labels[i];
        let right = (0..test.len()).into_par_iter().filter(right).count();
        let percent = 100.0 * right as f64 / test.len() as f64;
        println!("{title:22} {percent:6.2} %");
        Quantity::new(key, title, "%", Decimals(2), vec![percent])
    };
    let always = format!("always {same}");
    let w = least_squares(&train);
    let largest_sum = |image: ArrayView1<u8>| {
        let x: Array1<f64> = image.iter().map(|&p| ink(p)).chain([1.0]).collect();
        largest(x.dot(&w).view()) as u8
    };
    let nearest = |k| {
        let train = &train;
        move |image: ArrayView1<u8>| nearest_neighbours(train, k, image)
    };
    Experiment::new(file!(), "Machines that do not learn, on MNIST's test pictures")
        .asks(&["MNIST_DIR"])
        .quantity(accuracy("always", &always, &|_| same))
        .quantity(accuracy("ink", "amount of ink", &|x| nearest_darkness(&means, x)))
        .quantity(accuracy("mean", "mean picture", &|x| nearest_mean(&means, x)))
        .quantity(accuracy("squares", "least squares", &largest_sum))
        .quantity(accuracy("nearest_1", "nearest picture", &nearest(1)))
        .quantity(accuracy("nearest", "3 nearest pictures", &nearest(3)))
        .quantity(accuracy("nearest_5", "5 nearest pictures", &nearest(5)))
        .record()?;
    Ok(())
}
