//! No figure is stale: drawing it again gives the file, byte for byte.

use neurons::figures::{DRAWN, draw};

#[test]
fn every_committed_figure_is_what_its_code_draws() {
    for name in DRAWN {
        let path = format!("{}/images/{name}.svg", env!("CARGO_MANIFEST_DIR"));
        let committed = std::fs::read_to_string(&path)
            .unwrap_or_else(|_| panic!("{path} is missing: run cargo run --bin figures"));
        assert!(
            committed == draw(name).expect("the figure can be drawn"),
            "images/{name}.svg is stale: run cargo run --bin figures"
        );
    }
}

#[test]
fn every_svg_in_images_has_code_that_draws_it() {
    let folder =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/images")).unwrap();
    for entry in folder {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(stem) = name.strip_suffix(".svg") {
            assert!(DRAWN.contains(&stem), "images/{name} is drawn by no code");
        }
    }
}
