//! No figure is stale: drawing it again gives the file, byte for byte. Nor are the colours.

use neurons::figures::book::{draw, names};
use neurons::figures::palette::style_sheet;

fn read(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path)
        .unwrap_or_else(|_| panic!("{path} is missing: run cargo run --bin figures"))
}

#[test]
fn the_style_sheet_of_colours_is_that_of_the_table() {
    assert!(
        read("theme/colours.css") == style_sheet(),
        "theme/colours.css is stale: run cargo run --bin figures"
    );
}

#[test]
fn nothing_but_the_table_writes_a_colour_of_the_page() {
    for path in ["theme/book.css", "theme/head.hbs"] {
        let text = read(path);
        for after in text.split('#').skip(1) {
            let digits = after.chars().take_while(char::is_ascii_hexdigit).count();
            assert!(
                ![3, 4, 6, 8].contains(&digits),
                "{path} writes #{}: name a colour of theme/colours.toml, var(--…)",
                &after[..digits]
            );
        }
    }
}

#[test]
fn every_committed_figure_is_what_its_code_draws() {
    for name in names() {
        assert!(
            read(&format!("images/{name}.svg"))
                == draw(name).expect("the figure can be drawn"),
            "images/{name}.svg is stale: run cargo run --bin figures"
        );
    }
}

#[test]
fn every_svg_in_images_has_code_that_draws_it() {
    for folder in ["", "mnist/"] {
        let path = format!("{}/images/{folder}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if let Some(stem) = name.strip_suffix(".svg") {
                let stem = format!("{folder}{stem}");
                assert!(
                    names().any(|name| name == stem),
                    "images/{stem}.svg is drawn by no code"
                );
            }
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
    for name in names() {
        let svg = read(&format!("images/{name}.svg"));
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
