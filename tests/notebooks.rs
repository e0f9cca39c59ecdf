//! The figures that the notebooks hold are what their cells draw.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use neurons::figures::DRAWN;
use neurons::notebook::on_paper;
use serde_json::Value;

#[test]
fn a_stored_figure_is_what_its_cell_draws() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = BTreeSet::new();
    for entry in fs::read_dir(root.join("notebooks")).expect("the notebooks") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "ipynb") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a notebook");
        let notebook: Value = serde_json::from_str(&text).expect("JSON");
        for cell in notebook["cells"].as_array().expect("cells") {
            let Some(name) = cell["metadata"]["neurons"]["figure"].as_str() else {
                continue;
            };
            let stored = &cell["outputs"][0]["data"]["image/svg+xml"];
            let stored: String = stored
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            // Another test holds the file to what `figures::draw` makes.
            let file = root.join(format!("images/{name}.svg"));
            let drawn = on_paper(&fs::read_to_string(file).expect("a figure"));
            assert!(stored == drawn, "{}: `{name}` is stale", path.display());
            assert!(DRAWN.contains(&name), "no code draws `{name}`");
            seen.insert(name.to_string());
        }
    }
    assert!(!seen.is_empty(), "the notebooks have figures");
}
