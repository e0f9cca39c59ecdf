//! Figures that the reader moves: what `instruments/made/` was made of, and how it gets to a page.

use std::fs;
#[cfg(feature = "book")]
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use crate::ledger::fingerprint::{of_bytes, of_sources};

/// The folder of what `cargo run --manifest-path instruments/build/Cargo.toml` makes.
pub const MADE: &str = "instruments/made";
/// The figures as WebAssembly.
pub const WASM: &str = "neurons.wasm";
/// What a page calls them by.
pub const SCRIPT: &str = "neurons.js";

/// A line for the sources, and one for each file made of them: a name and a digest.
///
/// # Errors
/// If a file cannot be read.
pub fn digests(root: &Path) -> Result<String> {
    let sources = of_sources(root, vec!["instruments/src/lib.rs".into()])?;
    let mut lines = format!("instruments/src/lib.rs and what it uses: {sources}\n");
    for file in [WASM, SCRIPT] {
        let path = root.join(MADE).join(file);
        let bytes =
            fs::read(&path).with_context(|| format!("cannot read {MADE}/{file}"))?;
        lines += &format!("{file}: {}\n", of_bytes(&bytes));
    }
    Ok(lines)
}

/// What pages with a figure that moves load, each with its path beside the pages: `instruments/…`.
/// The WebAssembly becomes a script, which also a page that no server sends may load.
///
/// # Errors
/// If a file cannot be read.
#[cfg(feature = "book")]
pub fn files(root: &Path) -> Result<Vec<(String, String)>> {
    let read = |path: String| {
        fs::read(root.join(&path)).with_context(|| format!("cannot read {path}"))
    };
    let mut files = vec![];
    for (folder, file) in [
        ("instruments/page", "instruments.css"),
        ("instruments/page", "instruments.js"),
        (MADE, SCRIPT),
    ] {
        let text = String::from_utf8(read(format!("{folder}/{file}"))?)?;
        files.push((format!("instruments/{file}"), text));
    }
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::best());
    packed.write_all(&read(format!("{MADE}/{WASM}"))?)?;
    let packed = data_encoding::BASE64.encode(&packed.finish()?);
    let script = format!("const neurons_wasm = \"{packed}\";\n");
    files.push(("instruments/figures.js".into(), script));
    Ok(files)
}

/// The form below the figure `name` whose controls say how it stands: a line of HTML. `formula`
/// renders those of its labels; the `first` on a page brings style and script.
///
/// # Errors
/// If the figure has no controls, or a formula of them is wrong.
#[cfg(feature = "book")]
pub fn form(
    root: &Path,
    name: &str,
    number: &str,
    first: bool,
    formula: impl Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let path = format!("instruments/page/{name}.html");
    let controls = fs::read_to_string(root.join(&path))
        .map_err(|error| format!("cannot read {path}: {error}"))?;
    let mut html = String::new();
    if first {
        html += "<link rel=\"stylesheet\" href=\"made/instruments/instruments.css\">";
    }
    html += &format!(
        "<form class=\"instrument\" data-figure=\"{name}\" aria-label=\"Controls of {number}\" autocomplete=\"off\">"
    );
    for span in crate::pages::spans(&controls).map_err(|_| crate::pages::STRAY)? {
        match span {
            crate::pages::Span::Words(words) => {
                html.extend(words.lines());
            }
            crate::pages::Span::Formula(tex) => html += &formula(tex)?,
        }
    }
    html += "<p class=\"words\"></p><p class=\"aloud\" role=\"status\"></p>\
             <button type=\"reset\">Reset</button></form>";
    if first {
        html += "<script src=\"made/instruments/instruments.js\" defer></script>";
    }
    Ok(html + "\n")
}
