//! Pictures nudged by ε against the network, and by chance: for the ledger of numbers; each
//! accuracy goes to `images/nudged.csv`, which chapter 19 draws.
//!
//! `MNIST_DIR=… cargo run --release --example nudged`

use std::fmt::Write;

use mdbook_neurons::ledger::{Experiment, Quantity, Style::Decimals};
use neurons::digits::dataset;
use neurons::doubt::nudged;
use neurons::layer::Network;
use neurons::ndarray::Array2;
use neurons::pixels::fraction_correct;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

mod networks;
use networks::{kinds, named, trained};

const SHOWN: usize = 2_000;
/// ε, and the second half of its key in the ledger.
const NUDGES: [(f64, &str); 6] = [
    (0.01, "0_01"),
    (0.02, "0_02"),
    (0.05, "0_05"),
    (0.1, "0_1"),
    (0.15, "0_15"),
    (0.2, "0_2"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = dataset::mnist()?;
    let (training, validation) = data.train.split_at(50_000);
    let rows: Vec<usize> = (0..SHOWN).collect();
    let (x, y) = (data.test.x(&rows), data.test.y(&rows));
    let right = |network: &Network, x: &Array2<f64>| {
        100.0 * fraction_correct(&named(network, x), &data.test.labels[..SHOWN])
    };
    let mut csv = String::from("network,way,epsilon,seed,right\n");
    let mut experiment = Experiment::new(
        file!(),
        "Test pictures whose pixels are all changed by at most ε: how many are still read",
    )
    .asks(&["MNIST_DIR"])
    .seeds(1..=5);
    for kind in kinds() {
        if !["linear", "book", "wide", "wide_l2"].contains(&kind.key) {
            continue;
        }
        let networks: Vec<Network> = (1..=5)
            .map(|seed| trained(&kind.recipe, seed, &training, &validation))
            .collect::<Result<_, _>>()?;
        for (epsilon, key) in NUDGES {
            let (mut against, mut by_chance) = (vec![], vec![]);
            for (seed, network) in (1..).zip(&networks) {
                let cost = kind.recipe.objective.cost();
                let worst = nudged(network, cost, &x, &y, epsilon);
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                let chance = x.mapv(|p| {
                    let sign = if random.next_u32() % 2 == 0 { 1.0 } else { -1.0 };
                    f64::clamp(p + epsilon * sign, 0.0, 1.0)
                });
                for (way, pictures, found) in [
                    ("against", &worst, &mut against),
                    ("chance", &chance, &mut by_chance),
                ] {
                    let right = right(network, pictures);
                    writeln!(csv, "{},{way},{epsilon},{seed},{right:.2}", kind.key)?;
                    found.push(right);
                }
            }
            eprintln!("{} {epsilon}: {against:.1?}, by chance {by_chance:.1?}", kind.key);
            for (way, words, of_seed) in [
                ("against", "against the network", against),
                ("chance", "by chance", by_chance),
            ] {
                experiment = experiment.quantity(Quantity::new(
                    &format!("{}_{way}_{key}", kind.key),
                    &format!("{}, nudged by {epsilon} {words}: right", kind.title),
                    "%",
                    Decimals(1),
                    of_seed,
                ));
            }
        }
    }
    std::fs::write("images/nudged.csv", csv)?;
    experiment.record()?;
    Ok(())
}
