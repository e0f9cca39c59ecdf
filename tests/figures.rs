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

/// The width that a page has for a figure on a phone of 360 pixels, and the smallest words.
const PHONE: (f64, f64) = (306.0, 11.0);

#[test]
fn no_word_of_a_figure_is_too_small_on_a_phone() {
    let number = |tag: &str, name: &str| -> f64 {
        let (_, value) = tag.split_once(&format!(" {name}=\"")).expect(name);
        value.split('"').next().unwrap().parse().expect(name)
    };
    for name in DRAWN {
        let path = format!("{}/images/{name}.svg", env!("CARGO_MANIFEST_DIR"));
        let svg = std::fs::read_to_string(path).unwrap();
        let panels: Vec<&str> = svg.split("<svg class=\"panel\"").skip(1).collect();
        assert!(!panels.is_empty(), "images/{name}.svg has no panel");
        for panel in panels {
            let scale = (PHONE.0 / number(panel, "width")).min(1.0);
            for words in panel.split("<text").skip(1) {
                let size = scale * number(words, "font-size");
                assert!(size >= PHONE.1, "images/{name}.svg: {size:.1} px: {words}");
            }
        }
    }
}
