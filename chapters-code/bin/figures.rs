//! `cargo run --bin figures [FOLDER]` draws every figure of the book into `images/`.

use std::path::PathBuf;

use neurons::figures::{DRAWN, draw};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(
        std::env::args().nth(1).unwrap_or_else(|| "images".into()),
    );
    for name in DRAWN {
        let path = folder.join(format!("{name}.svg"));
        std::fs::write(&path, draw(name)?)?;
        println!("{}", path.display());
    }
    Ok(())
}
