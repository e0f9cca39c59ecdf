//! `cargo run --bin figures` draws every figure of the book into `images/`, and writes
//! `theme/colours.css`.

use neurons::figures::book::{draw, names};
use neurons::figures::palette::style_sheet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let write = |path: &str, text: String| {
        println!("{path}");
        std::fs::write(path, text)
    };
    write("theme/colours.css", style_sheet())?;
    for name in names() {
        write(&format!("images/{name}.svg"), draw(name)?)?;
    }
    Ok(())
}
