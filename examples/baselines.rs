//! Runs the machines of chapter 1 on MNIST, and writes `images/baselines.txt`.
//!
//! `MNIST_DIR=… cargo run --release --example baselines`

use std::fmt::Write;

use neurons::dataset;
use neurons::ndarray::ArrayView1;
use neurons::pixels::{
    mean_pictures, most_common, nearest_darkness, nearest_mean, nearest_neighbours,
};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::find(None)?;
    if data.source.name() != "mnist" {
        return Err(format!("these numbers are about MNIST. {}", data.source).into());
    }
    let (train, _) = data.train.split_at(50_000);
    let test = &data.test;
    let (same, means) = (most_common(&train), mean_pictures(&train));
    let accuracy = |classify: &(dyn Fn(ArrayView1<u8>) -> u8 + Sync)| {
        let right = |&i: &usize| classify(test.images.row(i)) == test.labels[i];
        let right = (0..test.len()).into_par_iter().filter(right).count();
        100.0 * right as f64 / test.len() as f64
    };
    let mut table = String::new();
    writeln!(table, "always {same}             {:6.2} %", accuracy(&|_| same))?;
    writeln!(
        table,
        "amount of ink        {:6.2} %",
        accuracy(&|x| nearest_darkness(&means, x))
    )?;
    writeln!(
        table,
        "mean picture         {:6.2} %",
        accuracy(&|x| nearest_mean(&means, x))
    )?;
    writeln!(
        table,
        "3 nearest pictures   {:6.2} %",
        accuracy(&|x| nearest_neighbours(&train, 3, x))
    )?;
    print!("{table}");
    std::fs::write("images/baselines.txt", table)?;
    Ok(())
}
