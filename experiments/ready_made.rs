//! A hidden layer that is not learned: strokes, random weights, or what another network learned;
//! only the last layer learns. And pictures whose pixels are shuffled, all in the same way. For the
//! ledger of numbers.
//!
//! `MNIST_DIR=… cargo run --release --example ready_made`

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::backprop::cost_and_gradient;
use neurons::digits::dataset;
use neurons::gradient_descent::mini_batches;
use neurons::inspect::strokes;
use neurons::layer::{Layer, Network};
use neurons::mnist::accuracy;
use neurons::ndarray::{Array1, Array2, Axis};
use neurons::pixels::{CLASSES, Digits, PIXELS, fraction_correct};
use neurons::sigmoid::{Activation::Identity, sigmoid};
use neurons::softmax::SoftmaxCrossEntropy;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

mod networks;
use networks::{kinds, named, trained};

const EPOCHS: usize = 10;
const RATE: f64 = 0.1;

/// n templates, chosen by chance among the strokes or drawn by chance; each of length 1 over the
/// pixels.
fn ready_made(n: usize, of_strokes: bool, random: &mut ChaCha8Rng) -> Array2<f64> {
    let mut w = Array2::zeros((n, PIXELS));
    let mut all: Vec<_> = strokes().into_iter().flatten().collect();
    all.shuffle(random);
    for (mut row, stroke) in w.rows_mut().into_iter().zip(all) {
        let t: Array1<f64> = match of_strokes {
            true => stroke.template(),
            false => {
                Array1::from_shape_simple_fn(PIXELS, || StandardNormal.sample(random))
            }
        };
        row.assign(&(&t / t.dot(&t).sqrt()));
    }
    w
}

/// A layer with these weights, whose sums over the pictures X have mean 0 and variance 1.
fn scaled(w: Array2<f64>, x: &Array2<f64>) -> Layer {
    let z = x.dot(&w.t());
    let mean = z.mean_axis(Axis(0)).expect("pictures");
    let deviation = z.std_axis(Axis(0), 0.0).mapv(|d| d.max(1e-9));
    let b = -&mean / &deviation;
    Layer { w: w / deviation.insert_axis(Axis(1)), b }
}

/// The activations of a sigmoid layer for all pictures.
fn felt(layer: &Layer, digits: &Digits) -> Array2<f64> {
    let rows: Vec<usize> = (0..digits.len()).collect();
    layer.weighted_sums(&digits.x(&rows)).mapv_into(sigmoid)
}

/// The validation accuracy of a last layer, softmax, that learns from activations.
fn last_layer(
    a: &Array2<f64>,
    train: &Digits,
    b: &Array2<f64>,
    validation: &Digits,
    seed: u64,
) -> f64 {
    let mut network = Network::random(&[a.ncols(), CLASSES], Identity, Identity, seed);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..EPOCHS {
        for rows in mini_batches(train.len(), 10, &mut random) {
            let (x, y) = (a.select(Axis(0), &rows), train.y(&rows));
            let (_, slopes) = cost_and_gradient(&network, &SoftmaxCrossEntropy, &x, &y);
            network.layers[0].w.scaled_add(-RATE, &slopes[0].w);
            network.layers[0].b.scaled_add(-RATE, &slopes[0].b);
        }
    }
    100.0 * fraction_correct(&named(&network, b), &validation.labels)
}

fn shuffled(digits: &Digits, order: &[usize]) -> Digits {
    Digits { images: digits.images.select(Axis(1), order), labels: digits.labels.clone() }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let some: Vec<usize> = (0..5_000).collect();
    let some = training.x(&some);
    let mut experiment = Experiment::new(
        file!(),
        "Hidden layers that are not learned, and shuffled pixels: validation accuracy",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for n in [16, 128] {
        for (key, words, of_strokes) in
            [("strokes", "strokes", true), ("random", "random weights", false)]
        {
            let mut percent = vec![];
            for seed in 1..=5 {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                let layer = scaled(ready_made(n, of_strokes, &mut random), &some);
                let (a, b) = (felt(&layer, &training), felt(&layer, &validation));
                percent.push(last_layer(&a, &training, &b, &validation, seed));
            }
            eprintln!("{n} {words}: {percent:.2?}");
            experiment = experiment.quantity(Quantity::new(
                &format!("{key}_{n}"),
                &format!("{n} neurons that are {words}, only the last layer learns"),
                "%",
                Decimals(1),
                percent,
            ));
        }
    }
    let book = kinds().into_iter().find(|kind| kind.key == "book").expect("the book's");
    let of = |sizes: &[usize]| neurons::mnist::Recipe {
        sizes: sizes.to_vec(),
        epochs: EPOCHS,
        ..book.recipe.clone()
    };
    for (key, title, recipe) in [
        ("learned_16", "16 neurons that learn too", of(&[784, 16, 10])),
        ("learned_128", "128 neurons that learn too", of(&[784, 128, 10])),
    ] {
        let mut percent = vec![];
        for seed in 1..=5 {
            let network = trained(&recipe, seed, &training, &validation)?;
            percent.push(100.0 * accuracy(&network, &validation));
        }
        eprintln!("{title}: {percent:.2?}");
        experiment =
            experiment.quantity(Quantity::new(key, title, "%", Decimals(1), percent));
    }
    let (mut plain, mut mixed) = (vec![], vec![]);
    for seed in 1..=5 {
        let mut order: Vec<usize> = (0..PIXELS).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(100 + seed));
        let (a, b) = (shuffled(&training, &order), shuffled(&validation, &order));
        let network = trained(&book.recipe, seed, &training, &validation)?;
        plain.push(100.0 * accuracy(&network, &validation));
        let network = trained(&book.recipe, seed, &a, &b)?;
        mixed.push(100.0 * accuracy(&network, &b));
    }
    eprintln!("{}: plain {plain:.2?}, shuffled {mixed:.2?}", book.title);
    experiment
        .quantity(Quantity::new(
            "plain",
            "the book's network, pictures as they are",
            "%",
            Decimals(2),
            plain,
        ))
        .quantity(Quantity::new(
            "shuffled",
            "the book's network, the 784 pixels in a random order",
            "%",
            Decimals(2),
            mixed,
        ))
        .record()?;
    Ok(())
}
