//! What MNIST looks like before anything learns from it: how much ink a digit has, which pixels
//! never have any, which digits the mean picture confuses, what two pixels to the side cost, and
//! how far drawn digits are from real ones. For the ledger of numbers; what chapter 1 draws goes
//! to `images/mean_pictures.idx`, `images/looks_*.csv` and `images/mnist/`.
//!
//! `MNIST_DIR=… cargo run --release --example looks`

use std::fmt::Write;
use std::path::Path;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::digits::idx::write_images;
use neurons::ndarray::{Array1, Array2, ArrayView1, Axis, s};
use neurons::pixels::{
    CLASSES, Digits, PIXELS, SIDE, fraction_correct, ink, mean_pictures,
    nearest_darkness, nearest_mean, nearest_neighbours,
};
use neurons::trainer::readings::most_confused;
use rayon::prelude::*;

mod squares;
use squares::{largest_sum, least_squares};

/// So many pictures of each digit are shown.
const SHOWN: usize = 4;
/// The histogram's bins: 10 pixels of full ink each.
const BINS: usize = 30;
/// So many pixels to the right.
const MOVED: usize = 2;
/// The sizes of the sets of drawn digits.
const DRAWN: (usize, usize) = (2_000, 10_000);

/// The first pictures of each digit, digit by digit.
fn sheet(digits: &Digits) -> Vec<usize> {
    let of_digit = |digit| (0..digits.len()).filter(move |&i| digits.labels[i] == digit);
    (0..CLASSES as u8).flat_map(|digit| of_digit(digit).take(SHOWN)).collect()
}

/// The same pictures, moved to the right; what leaves a picture is lost.
fn moved(digits: &Digits) -> Digits {
    let mut images = Array2::zeros(digits.images.dim());
    for (mut to, from) in images.rows_mut().into_iter().zip(digits.images.rows()) {
        for row in (0..PIXELS).step_by(SIDE) {
            to.slice_mut(s![row + MOVED..row + SIDE])
                .assign(&from.slice(s![row..row + SIDE - MOVED]));
        }
    }
    Digits { images, labels: digits.labels.clone() }
}

/// The row of M that is nearest to x.
fn nearest(m: &Array2<f64>, x: &Array1<f64>) -> usize {
    let far: Vec<f64> =
        m.rows().into_iter().map(|row| (&row - x).mapv(|d| d * d).sum()).collect();
    let by_distance = |&a: &usize, &b: &usize| far[a].total_cmp(&far[b]);
    (0..far.len()).min_by(by_distance).unwrap_or(0)
}

/// Two mean pictures for each digit, shape (20, 784): beginning with its first two pictures, each
/// mean is made of those that were nearest to it, twenty times.
fn two_means(train: &Digits) -> Array2<f64> {
    let mut means = Array2::zeros((2 * CLASSES, PIXELS));
    for digit in 0..CLASSES {
        let own: Vec<usize> =
            (0..train.len()).filter(|&i| usize::from(train.labels[i]) == digit).collect();
        let x = train.x(&own);
        let mut two = x.select(Axis(0), &[0, 1]);
        for _ in 0..20 {
            let half: Vec<usize> =
                x.rows().into_iter().map(|row| nearest(&two, &row.to_owned())).collect();
            for k in 0..2 {
                let mine: Vec<usize> = (0..own.len()).filter(|&i| half[i] == k).collect();
                if let Some(mean) = x.select(Axis(0), &mine).mean_axis(Axis(0)) {
                    two.row_mut(k).assign(&mean);
                }
            }
        }
        means.slice_mut(s![2 * digit..2 * digit + 2, ..]).assign(&two);
    }
    means
}

/// What a machine names each picture.
fn named(digits: &Digits, classify: impl Fn(ArrayView1<u8>) -> u8 + Sync) -> Vec<u8> {
    let rows = (0..digits.len()).into_par_iter();
    rows.map(|i| classify(digits.images.row(i))).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (train, _) = data.train.split_at(50_000);
    let test = &data.test;
    let means = mean_pictures(&train);
    let mut experiment =
        Experiment::new(file!(), "What MNIST looks like before anything learns from it")
            .asks(&["MNIST_DIR"]);
    let mut record = |key: &str, title: &str, unit: &str, places, value: f64| {
        println!("{title}: {value:.places$} {unit}");
        let quantity = Quantity::new(key, title, unit, Decimals(places), vec![value]);
        experiment = experiment.clone().quantity(quantity);
    };

    // Ink.
    let drawn = Digits::handwriting(DRAWN.1, 1);
    let mut csv = String::from("digits,digit,ink,share\n");
    for (source, digits) in [("MNIST", &train), ("drawn", &drawn)] {
        for digit in 0..CLASSES as u8 {
            let of_digit: Vec<usize> =
                (0..digits.len()).filter(|&i| digits.labels[i] == digit).collect();
            let inks = digits.x(&of_digit).sum_axis(Axis(1));
            let mut counts = [0_usize; BINS];
            for ink in &inks {
                counts[((ink / 10.0) as usize).min(BINS - 1)] += 1;
            }
            for (bin, &count) in counts.iter().enumerate() {
                let share = count as f64 / inks.len() as f64;
                writeln!(csv, "{source},{digit},{},{share:.5}", 10 * bin)?;
            }
            let of = format!("{source}, ink of a {digit}");
            let key = |what: &str| format!("{}_{what}_{digit}", source.to_lowercase());
            let mean = inks.mean().ok_or("no pictures")?;
            record(&key("ink"), &format!("{of}: mean, in full pixels"), "", 1, mean);
            let title = format!("{of}: standard deviation, in full pixels");
            record(&key("spread"), &title, "", 1, inks.std(1.0));
        }
    }
    std::fs::write("images/looks_ink.csv", csv)?;

    let by_ink = named(test, |image| nearest_darkness(&means, image));
    for digit in 0..CLASSES as u8 {
        let of_digit: Vec<usize> =
            (0..test.len()).filter(|&i| test.labels[i] == digit).collect();
        let right = of_digit.iter().filter(|&&i| by_ink[i] == digit).count();
        let title = format!("test pictures of a {digit} that the amount of ink reads");
        let percent = 100.0 * right as f64 / of_digit.len() as f64;
        record(&format!("by_ink_{digit}"), &title, "%", 0, percent);
    }

    // Pixels that never have ink.
    let inked = |column: ArrayView1<u8>| column.iter().filter(|&&p| p > 0).count();
    let inked: Vec<usize> = train.images.columns().into_iter().map(inked).collect();
    let dead = inked.iter().filter(|&&n| n == 0).count();
    record("dead", "pixels without ink in every training picture", "", 0, dead as f64);
    let title = "weights that run from them to 16 neurons";
    record("dead_weights", title, "", 0, 16.0 * dead as f64);
    let some = train.images.iter().filter(|&&p| p > 0).count();
    let share = 100.0 * some as f64 / train.images.len() as f64;
    record("inked", "pixels of a training picture that have ink, mean", "%", 1, share);
    let mut csv = String::from("share\n");
    for n in inked {
        writeln!(csv, "{:.2}", 100.0 * n as f64 / train.len() as f64)?;
    }
    std::fs::write("images/looks_inked.csv", csv)?;
    let empty = vec![0_u8; PIXELS];
    let empty = nearest_mean(&means, ArrayView1::from(&empty));
    record(
        "empty",
        "digit that the mean picture names for empty paper",
        "",
        0,
        empty.into(),
    );

    // What the mean picture confuses.
    let by_mean = named(test, |image| nearest_mean(&means, image));
    let mut counts = Array2::<usize>::zeros((CLASSES, CLASSES));
    for (&named, &digit) in by_mean.iter().zip(&test.labels) {
        counts[(digit.into(), named.into())] += 1;
    }
    let mut csv = String::from("digit,named,pictures\n");
    for ((digit, named), count) in counts.indexed_iter() {
        writeln!(csv, "{digit},{named},{count}")?;
        if digit == named {
            let title = format!("test pictures of a {digit} that the mean picture reads");
            let right = 100.0 * *count as f64 / counts.row(digit).sum() as f64;
            record(&format!("right_{digit}"), &title, "%", 1, right);
        }
    }
    std::fs::write("images/looks_confused.csv", csv)?;
    let largest = most_confused(&counts).into_iter().take(3);
    println!("most confused: {:?}", largest.collect::<Vec<_>>());
    for (digit, as_digit) in [(4, 9), (5, 1), (2, 1), (7, 1)] {
        let title =
            format!("test pictures of a {digit} that the mean picture calls {as_digit}");
        let count = counts[(digit, as_digit)];
        record(&format!("{digit}_as_{as_digit}"), &title, "", 0, count as f64);
    }

    for digit in [0, 1, 5] {
        let handicap = means.row(digit).mapv(|mu| mu * mu).sum() / 2.0;
        let title =
            format!("half of the squared length of the mean picture of a {digit}");
        record(&format!("handicap_{digit}"), &title, "", 1, handicap);
    }
    let called_1: Vec<usize> =
        (0..test.len()).filter(|&i| by_mean[i] == 1 && test.labels[i] != 1).collect();
    let light = called_1.iter().filter(|&&i| {
        let mean = means.row(test.labels[i].into()).sum();
        test.images.row(i).mapv(ink).sum() < mean
    });
    let percent = 100.0 * light.count() as f64 / called_1.len() as f64;
    record("called_1", "test pictures wrongly called 1", "", 0, called_1.len() as f64);
    let title = "of those, the part with less ink than their digit has on average";
    record("called_1_light", title, "%", 0, percent);

    // The first picture that is wrongly called 1, and how far it is from each mean.
    let wrong = *called_1.first().ok_or("the mean picture calls nothing a 1 wrongly")?;
    let x = test.images.row(wrong).mapv(ink);
    let mut csv = String::from("digit,distance\n");
    writeln!(csv, "{},{}", test.labels[wrong], by_mean[wrong])?;
    for (digit, mean) in means.rows().into_iter().enumerate() {
        writeln!(csv, "{digit},{:.2}", (&x - &mean).mapv(|d| d * d).sum())?;
    }
    std::fs::write("images/looks_misread.csv", csv)?;
    record(
        "misread",
        "first test picture that the mean picture misreads",
        "",
        0,
        wrong as f64,
    );

    // Where one neighbour and three do not agree.
    let reads = |k| {
        let named = named(test, |image| nearest_neighbours(&train, k, image));
        named.into_iter().zip(&test.labels).map(|(a, b)| a == *b).collect::<Vec<_>>()
    };
    let (by_one, by_three) = (reads(1), reads(3));
    let alone = |a: &[bool], b: &[bool]| {
        a.iter().zip(b).filter(|(a, b)| **a && !**b).count() as f64
    };
    let (only_1, only_3) = (alone(&by_one, &by_three), alone(&by_three, &by_one));
    let title = "test pictures that the nearest picture reads and the 3 nearest do not";
    record("only_1", title, "", 0, only_1);
    let title = "test pictures that the 3 nearest read and the nearest picture does not";
    record("only_3", title, "", 0, only_3);
    let title = "square root of the number of those on which the two do not agree";
    record("coin", title, "", 0, (only_1 + only_3).sqrt());

    // Two pixels to the right.
    let right = |named: Vec<u8>, digits: &Digits| {
        100.0 * fraction_correct(&named, &digits.labels)
    };
    let aside = moved(test);
    let ink_only = |image: ArrayView1<u8>| nearest_darkness(&means, image);
    let by_shape = |image: ArrayView1<u8>| nearest_mean(&means, image);
    let by_list = |image: ArrayView1<u8>| nearest_neighbours(&train, 3, image);
    let w = least_squares(&train);
    let by_squares = |image: ArrayView1<u8>| largest_sum(&w, image);
    for (key, title, named) in [
        ("moved_ink", "amount of ink", named(&aside, ink_only)),
        ("moved_mean", "mean picture", named(&aside, by_shape)),
        ("moved_squares", "least squares", named(&aside, by_squares)),
        ("moved_nearest", "3 nearest pictures", named(&aside, by_list)),
    ] {
        let title = format!("{title}, test pictures moved by {MOVED} pixels: right");
        record(key, &title, "%", 1, right(named, &aside));
    }

    // Half the ink.
    let half = Digits { images: test.images.mapv(|p| p / 2), ..test.clone() };
    for (key, title, named) in [
        ("half_mean", "mean picture", named(&half, by_shape)),
        ("half_squares", "least squares", named(&half, by_squares)),
    ] {
        let title = format!("{title}, test pictures with half the ink: right");
        record(key, &title, "%", 1, right(named, &half));
    }

    // Two mean pictures for each digit.
    let two = two_means(&train);
    let by_two = named(test, |image| (nearest(&two, &image.mapv(ink)) / 2) as u8);
    let title = "two mean pictures for each digit, test pictures: right";
    record("two_means", title, "%", 1, right(by_two, test));

    // Drawn digits and real ones, each read by the other's pictures.
    let (few, few_drawn) = (train.split_at(DRAWN.0).0, Digits::handwriting(DRAWN.0, 1));
    let others = Digits::handwriting(DRAWN.1, 2);
    let drawn_means = mean_pictures(&few_drawn);
    for (key, read, by, digits, train) in [
        ("real_by_real", "MNIST's", "2,000 of MNIST", test, &few),
        ("real_by_drawn", "MNIST's", "2,000 drawn ones", test, &few_drawn),
        ("drawn_by_real", "drawn", "2,000 of MNIST", &others, &few),
        ("drawn_by_drawn", "drawn", "2,000 drawn ones", &others, &few_drawn),
    ] {
        let named = named(digits, |image| nearest_neighbours(train, 3, image));
        let title = format!("{read} digits read by the 3 nearest of {by}: right");
        record(key, &title, "%", 1, right(named, digits));
    }
    for (key, title, digits, means) in [
        (
            "mean_by_drawn",
            "MNIST's digits read by drawn mean pictures",
            test,
            &drawn_means,
        ),
        ("drawn_by_mean", "drawn digits read by MNIST's mean pictures", &others, &means),
    ] {
        let named = named(digits, |image| nearest_mean(means, image));
        record(key, &format!("{title}: right"), "%", 1, right(named, digits));
    }

    // What is drawn. Means are nobody's handwriting; single digits have a folder and a licence.
    let of_means = means.mapv(|ink| (255.0 * ink).round() as u8);
    write_images(Path::new("images/mean_pictures.idx"), &of_means)?;
    let mut shown = train.images.select(Axis(0), &sheet(&train));
    shown.push_row(test.images.row(wrong))?;
    std::fs::create_dir_all("images/mnist")?;
    write_images(Path::new("images/mnist/shown.idx"), &shown)?;
    experiment.record()?;
    Ok(())
}
