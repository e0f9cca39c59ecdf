//! How sure networks are of pictures that they were not prepared for: for the ledger of numbers;
//! each share goes to `images/sure.csv`, which chapter 19 draws.
//!
//! `MNIST_DIR=… cargo run --release --example sure`. With `NETWORKS_DIR` a folder that holds
//! `3blue1brown.safetensors`, the weights behind 3Blue1Brown's lesson are asked too, and their
//! answers printed.

use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::doubt::{letter, letters, placed};
use neurons::files::safetensors_file::Tensors;
use neurons::layer::Network;
use neurons::mnist::Objective;
use neurons::ndarray::{Array1, Array2, Axis, stack};
use neurons::pixels::{Digits, PIXELS, fraction_correct};
use neurons::sigmoid::Activation::Sigmoid;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardUniform};

mod networks;
use networks::{kinds, named, trained};

/// Digits and noise of each kind that are shown.
const SHOWN: usize = 2_000;
/// An answer is sure if its largest number is above this.
const SURE: f64 = 0.9;

/// Pictures of one kind; whether their labels still hold.
struct Pictures {
    key: &'static str,
    title: &'static str,
    x: Array2<f64>,
    labelled: bool,
}

fn pictures(test: &Digits) -> Vec<Pictures> {
    let rows: Vec<usize> = (0..SHOWN).collect();
    let x = test.x(&rows);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let noise = Array2::from_shape_simple_fn((SHOWN, PIXELS), || -> f64 {
        StandardUniform.sample(&mut random)
    });
    // The ink of a digit, strewn over the field.
    let strewn = each(&x, |x| {
        let mut order: Vec<f64> = x.to_vec();
        order.shuffle(&mut random);
        Array1::from(order)
    });
    let all: Vec<Array1<f64>> = letters()
        .flat_map(|name| (0..10).map(move |k| letter(name, 0.8 + 0.1 * f64::from(k))))
        .collect();
    let of_letters = stack(Axis(0), &all.iter().map(|x| x.view()).collect::<Vec<_>>())
        .expect("letters");
    let moved = |right: f64| each(&x, |x| placed(&x, (right, 0.0), 0.0));
    let turned = |degrees: f64| each(&x, |x| placed(&x, (0.0, 0.0), degrees));
    let kind = |key, title, x, labelled| Pictures { key, title, x, labelled };
    vec![
        kind("digits", "test digits", x.clone(), true),
        kind("moved_2", "moved by 2 pixels", moved(2.0), true),
        kind("moved_4", "moved by 4 pixels", moved(4.0), true),
        kind("moved_6", "moved by 6 pixels", moved(6.0), true),
        kind("turned_20", "turned by 20°", turned(20.0), true),
        kind("turned_45", "turned by 45°", turned(45.0), true),
        kind("turned_90", "turned by 90°", turned(90.0), true),
        kind("inverted", "white on black", x.mapv(|p| 1.0 - p), true),
        kind("noise", "noise", noise, false),
        kind("strewn", "the ink of a digit, strewn", strewn, false),
        kind("letters", "letters", of_letters, false),
        kind("blank", "an empty picture", Array2::zeros((1, PIXELS)), false),
    ]
}

/// The largest answer to each picture.
fn asked(network: &Network, objective: Objective, x: &Array2<f64>) -> Vec<f64> {
    let answers = network.answers(x);
    let largest = |answers: &Array1<f64>| answers.fold(0.0, |a, &b| f64::max(a, b));
    let rows = answers.rows().into_iter();
    rows.map(|row| largest(&objective.probabilities(&row.to_owned()))).collect()
}

/// What `change` makes of every picture, one a row.
fn each(
    x: &Array2<f64>,
    mut change: impl FnMut(Array1<f64>) -> Array1<f64>,
) -> Array2<f64> {
    let mut changed = x.clone();
    for mut row in changed.rows_mut() {
        let picture = change(row.to_owned());
        row.assign(&picture);
    }
    changed
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let shown = pictures(&data.test);
    let labels = &data.test.labels[..SHOWN];
    let mut csv = String::from("network,pictures,seed,sure,right\n");
    let mut experiment = Experiment::new(
        file!(),
        "Answers above 0.9 to pictures that no network was prepared for",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    let share = |sure: &[f64]| {
        100.0 * sure.iter().filter(|&&p| p > SURE).count() as f64 / sure.len() as f64
    };
    for kind in kinds() {
        let networks: Vec<Network> = (1..=5)
            .map(|seed| trained(&kind.recipe, seed, &training, &validation))
            .collect::<Result<_, _>>()?;
        for pictures in &shown {
            let (mut of_seed, mut right) = (vec![], vec![]);
            for (seed, network) in (1..).zip(&networks) {
                let sure = asked(network, kind.recipe.objective, &pictures.x);
                of_seed.push(share(&sure));
                let read = match pictures.labelled {
                    true => {
                        100.0 * fraction_correct(&named(network, &pictures.x), labels)
                    }
                    false => f64::NAN,
                };
                writeln!(
                    csv,
                    "{},{},{seed},{:.1},{read:.1}",
                    kind.key,
                    pictures.key,
                    share(&sure)
                )?;
                right.push(read);
            }
            eprintln!(
                "{}, {}: sure {of_seed:.1?}, right {right:.1?}",
                kind.key, pictures.key
            );
            let key = format!("{}_{}", kind.key, pictures.key);
            let title = format!("{}, {}: answers above 0.9", kind.title, pictures.title);
            experiment = experiment.quantity(Quantity::new(
                &key,
                &title,
                "%",
                Decimals(0),
                of_seed,
            ));
            if pictures.labelled {
                let title = format!("{}, {}: right", kind.title, pictures.title);
                experiment = experiment.quantity(Quantity::new(
                    &format!("{key}_right"),
                    &title,
                    "%",
                    Decimals(1),
                    right,
                ));
            }
        }
    }
    if let Some(folder) = std::env::var_os("NETWORKS_DIR") {
        let bytes =
            std::fs::read(std::path::Path::new(&folder).join("3blue1brown.safetensors"))?;
        let layers =
            Tensors::decode(&bytes)?.take_layers("layers.", &[784, 16, 16, 10])?;
        let activations = vec![Sigmoid; 3];
        let theirs = Network { layers, activations };
        for pictures in &shown {
            let sure = asked(&theirs, Objective::Quadratic, &pictures.x);
            let right = pictures
                .labelled
                .then(|| 100.0 * fraction_correct(&named(&theirs, &pictures.x), labels));
            eprintln!(
                "3Blue1Brown's own weights, {}: {:.1}, right {right:.1?}",
                pictures.title,
                share(&sure)
            );
        }
    }
    std::fs::write("images/sure.csv", csv)?;
    experiment.record()?;
    Ok(())
}
