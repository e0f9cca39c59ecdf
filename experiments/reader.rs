//! The network that reads in the page, for chapter 19: the book's with L2, of seed 1, its weights
//! rounded to a byte each. It goes to `images/reader.bin`; what the rounding costs, to the ledger of
//! numbers; and the test pictures that the introduction shows it reading to `images/mnist/read.idx`.
//!
//! `MNIST_DIR=… cargo run --release --example reader`

use std::path::Path;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::digits::idx::{write_images, write_labels};
use neurons::mnist::accuracy;
use neurons::ndarray::s;

mod networks;
use networks::{kinds, trained};

/// The largest weight of a layer, as a whole number: 31 levels, which a browser loads packed in 5 kB.
const MOST: f64 = 15.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let kind = kinds().into_iter().find(|kind| kind.key == "book_l2").expect("with L2");
    let network = trained(&kind.recipe, 1, &training, &validation)?;
    let mut rounded = network.clone();
    let mut bytes = vec![];
    for layer in &mut rounded.layers {
        let most = layer.w.fold(0.0, |most, w| f64::max(most, w.abs()));
        let unit = (most / MOST) as f32;
        bytes.extend(unit.to_le_bytes());
        for w in &mut layer.w {
            let whole = (*w / f64::from(unit)).round() as i8;
            bytes.push(whole as u8);
            *w = f64::from(unit) * f64::from(whole);
        }
        for b in &mut layer.b {
            bytes.extend((*b as f32).to_le_bytes());
            *b = f64::from(*b as f32);
        }
    }
    std::fs::write("images/reader.bin", &bytes)?;
    let first_ten = data.test.images.slice(s![..10, ..]).to_owned();
    write_images(Path::new("images/mnist/read.idx"), &first_ten)?;
    write_labels(Path::new("images/mnist/read_labels.idx"), &data.test.labels[..10])?;
    let percent = |network| vec![100.0 * accuracy(network, &data.test)];
    let (before, after) = (percent(&network), percent(&rounded));
    eprintln!("{}: {before:?} {after:?}, {} bytes", kind.title, bytes.len());
    Experiment::new(
        file!(),
        "The network that reads in the page: the book's with L2, seed 1",
    )
    .asks(&["MNIST_DIR"])
    .seeds([1])
    .quantity(Quantity::new(
        "before",
        "right, weights as they were learned",
        "%",
        Decimals(2),
        before,
    ))
    .quantity(Quantity::new(
        "rounded",
        "right, weights rounded to a byte",
        "%",
        Decimals(2),
        after,
    ))
    .record()?;
    Ok(())
}
