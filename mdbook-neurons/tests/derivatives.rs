//! What the pages state and what the ledger of derivatives lists are the same.

use mdbook_neurons::book::pages;
use mdbook_neurons::derivatives::{Derivatives, stated};

mod repository;
use repository::root;

#[test]
fn every_stated_derivative_has_its_row_and_every_row_its_page() {
    let stated = stated(&pages(root()).expect("the pages can be read"));
    let ledger = Derivatives::read(root()).expect("a ledger");
    let missing: Vec<String> = stated
        .iter()
        .filter_map(|s| Some(format!("src/{}: {}", s.page, ledger.find(&s.path).err()?)))
        .collect();
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
    let on_a_page = |path: &&String| stated.iter().any(|s| s.path == **path);
    let left: Vec<&String> = ledger.rows.keys().filter(|path| !on_a_page(path)).collect();
    assert!(left.is_empty(), "on no page: {left:?}");
}
