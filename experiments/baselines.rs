//! Runs the machines of chapter 1 on MNIST, for the ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example baselines`

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::ndarray::ArrayView1;
use neurons::pixels::{
    mean_pictures, most_common, nearest_darkness, nearest_mean, nearest_neighbours,
};
use rayon::prelude::*;

mod squares;
use squares::{largest_sum, least_squares};

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
    let nearest = |k| {
        let train = &train;
        move |image: ArrayView1<u8>| nearest_neighbours(train, k, image)
    };
    Experiment::new(file!(), "Machines that do not learn, on MNIST's test pictures")
        .asks(&["MNIST_DIR"])
        .quantity(accuracy("always", &always, &|_| same))
        .quantity(accuracy("ink", "amount of ink", &|x| nearest_darkness(&means, x)))
        .quantity(accuracy("mean", "mean picture", &|x| nearest_mean(&means, x)))
        .quantity(accuracy("squares", "least squares", &|x| largest_sum(&w, x)))
        .quantity(accuracy("nearest_1", "nearest picture", &nearest(1)))
        .quantity(accuracy("nearest", "3 nearest pictures", &nearest(3)))
        .quantity(accuracy("nearest_5", "5 nearest pictures", &nearest(5)))
        .record()?;
    Ok(())
}
