//! How often an answer is right that a network gives with some probability; the temperature that
//! mends it; the halves of the test set; the labels that people doubt. For the ledger of numbers;
//! the bins go to `images/calibration.csv`, which chapter 19 draws.
//!
//! `MNIST_DIR=… cargo run --release --example calibration`

use std::fmt::Write;

use mdbook_neurons::ledger::Experiment;
use neurons::cost::largest;
use neurons::digits::dataset;
use neurons::doubt::{best_temperature, cost_at};
use neurons::mnist::confusions;
use neurons::ndarray::Array2;
use neurons::pixels::{CLASSES, fraction_correct};
use neurons::softmax::softmax;
use neurons::trainer::readings::{
    ReadPicture, expected_calibration_error, most_confused, reliability,
};

mod networks;
use networks::{Found, kinds, record_all, trained};

/// Test pictures whose label did not get the votes of three of five people, counted from 0, with
/// the digit that most of them saw in it, if it was one: Northcutt, Athalye and Mueller (2021), the
/// file mturk/mnist_mturk.json of their repository cleanlab/label-errors.
const DOUBTED: [(usize, Option<u8>); 15] = [
    (947, Some(9)),
    (1621, Some(6)),
    (1901, Some(4)),
    (2130, None),
    (2462, Some(0)),
    (2597, Some(3)),
    (2654, None),
    (3520, None),
    (3558, Some(0)),
    (5937, Some(3)),
    (6651, Some(6)),
    (6783, Some(6)),
    (8527, None),
    (9679, None),
    (9729, Some(6)),
];

fn read(z: &Array2<f64>, labels: &[u8], temperature: f64) -> Vec<ReadPicture> {
    let rows = z.rows().into_iter().zip(labels).enumerate();
    rows.map(|(row, (z, &label))| {
        let p = softmax(&(&z / temperature));
        let named = largest(p.view());
        ReadPicture { row, label, named: named as u8, p: p[named] }
    })
    .collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let rows: Vec<usize> = (0..10_000).collect();
    let (x, v) = (data.test.x(&rows), validation.x(&rows));
    let mut csv = String::from("network,way,seed,pictures,confidence,accuracy\n");
    let mut experiment = Experiment::new(
        file!(),
        "How sure and how right: calibration, the halves of the test set, doubted labels",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for kind in kinds() {
        if !["linear", "book", "wide", "wide_l2"].contains(&kind.key) {
            continue;
        }
        let mut found: Vec<Found> = vec![
            ("sure", "answers above 0.99", "%", 1, vec![]),
            ("sure_right", "answers above 0.99 that are right", "%", 2, vec![]),
            ("error", "calibration error", "points", 2, vec![]),
            ("temperature", "best temperature on validation", "", 2, vec![]),
            ("mended", "calibration error at that temperature", "points", 2, vec![]),
            ("cost", "test cost", "", 3, vec![]),
            ("cost_mended", "test cost at that temperature", "", 3, vec![]),
            ("first", "right of the first 5,000 test pictures", "%", 2, vec![]),
            ("second", "right of the second 5,000 test pictures", "%", 2, vec![]),
            ("label", "of 15 doubted labels, named by the network", "", 1, vec![]),
            (
                "people",
                "of 10 doubted labels, the network names what most people saw",
                "",
                1,
                vec![],
            ),
            ("worst", "largest number of one digit read as one other", "", 0, vec![]),
        ];
        let mut sum = Array2::<usize>::zeros((CLASSES, CLASSES));
        for seed in 1..=5 {
            let network = trained(&kind.recipe, seed, &training, &validation)?;
            let (z, zv) = (network.answers(&x), network.answers(&v));
            let t = best_temperature(&zv, &validation.labels);
            let labels = &data.test.labels;
            let (plain, mended) = (read(&z, labels, 1.0), read(&z, labels, t));
            for (way, readings) in [("plain", &plain), ("mended", &mended)] {
                for bin in reliability(readings) {
                    writeln!(
                        csv,
                        "{},{way},{seed},{},{:.4},{:.4}",
                        kind.key, bin.pictures, bin.confidence, bin.accuracy
                    )?;
                }
            }
            let named: Vec<u8> = plain.iter().map(|reading| reading.named).collect();
            let sure: Vec<&ReadPicture> = plain.iter().filter(|r| r.p > 0.99).collect();
            let sure_right = sure.iter().filter(|r| r.is_right()).count() as f64;
            let half = |from: usize| {
                100.0
                    * fraction_correct(
                        &named[from..from + 5_000],
                        &labels[from..from + 5_000],
                    )
            };
            let said = DOUBTED.iter().filter(|(i, _)| named[*i] == labels[*i]).count();
            let people =
                DOUBTED.iter().filter(|(i, seen)| *seen == Some(named[*i])).count();
            let counts = confusions(&network, &data.test);
            let ece =
                |readings| 100.0 * expected_calibration_error(&reliability(readings));
            let values = [
                100.0 * sure.len() as f64 / 10_000.0,
                100.0 * sure_right / sure.len() as f64,
                ece(&plain),
                t,
                ece(&mended),
                cost_at(&z, labels, 1.0).0,
                cost_at(&z, labels, 1.0 / t).0,
                half(0),
                half(5_000),
                said as f64,
                people as f64,
                most_confused(&counts)[0].2 as f64,
            ];
            sum += &counts;
            found.iter_mut().zip(values).for_each(|(found, value)| found.4.push(value));
        }
        let worst: Vec<_> = most_confused(&sum).into_iter().take(5).collect();
        eprintln!("{}: digit, read as, times in five networks: {worst:?}", kind.key);
        experiment = record_all(experiment, (kind.key, kind.title), found);
    }
    std::fs::write("images/calibration.csv", csv)?;
    experiment.record()?;
    Ok(())
}
