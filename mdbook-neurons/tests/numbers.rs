//! The ledger of numbers is true, and the pages take their numbers from it.

use mdbook_neurons::book::pages;
use mdbook_neurons::ledger::Ledger;
use mdbook_neurons::pages::PageError;

mod repository;
use repository::root;

#[test]
fn no_number_is_stale_or_changed_by_hand() {
    let ledger = Ledger::read(root()).expect("a ledger");
    let stale = ledger.stale(root()).expect("the programs can be read");
    let stale: Vec<String> = stale.iter().map(ToString::to_string).collect();
    assert!(stale.is_empty(), "\n{}\n", stale.join("\n"));
}

#[test]
fn every_number_on_a_page_is_in_the_ledger_and_every_experiment_is_on_a_page() {
    let ledger = Ledger::read(root()).expect("a ledger");
    let (mut wrong, mut used) = (vec![], vec![]);
    for page in pages(root()).expect("the pages can be read") {
        for kind in ["number", "run", "machine"] {
            for (line, words) in page.directives(kind) {
                let found = match kind {
                    "run" => ledger.experiment(words).map(|_| ()),
                    "machine" => ledger.machine(words).map(|_| ()),
                    _ => ledger.number(words).map(|_| ()),
                };
                if let Err(message) = found {
                    wrong.push(PageError::new(&page.path, line, message).to_string());
                }
                used.push(words.split('.').next().unwrap_or_default().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    let unused: Vec<&String> =
        ledger.experiments.keys().filter(|name| !used.contains(name)).collect();
    assert!(unused.is_empty(), "on no page: {unused:?}");
}

#[test]
fn every_title_can_be_understood_alone() {
    for (name, experiment) in &Ledger::read(root()).expect("a ledger").experiments {
        for (at, quantity) in experiment.quantities.iter().enumerate() {
            let same =
                experiment.quantities[..at].iter().find(|q| q.title == quantity.title);
            if let Some(same) = same {
                let title = &quantity.title;
                panic!(
                    "{name}: `{}` and `{}` are both \"{title}\"",
                    same.key, quantity.key
                );
            }
        }
    }
}

#[test]
fn the_comparison_with_other_libraries_depends_on_their_programs() {
    let reads = &Ledger::read(root()).expect("a ledger").experiments["peers"].reads;
    for path in ["benches/Cargo.lock", "benches/peers", "benches/src"] {
        assert!(reads.iter().any(|read| read == path), "{path} is not in {reads:?}");
    }
}
