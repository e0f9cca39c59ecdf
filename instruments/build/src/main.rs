//! Makes `instruments/made/` anew: the WebAssembly of the figures that move, the script that loads it,
//! and the digests of what both were made of.
//!
//! `cargo run --manifest-path instruments/build/Cargo.toml`

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use mdbook_neurons::instruments::{MADE, SCRIPT, WASM, digests};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let folder = root.join("target/wasm");
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(&root).env("CARGO_TARGET_DIR", &folder);
    cargo.args(["build", "--locked", "--package", "instruments", "--profile", "wasm"]);
    // No path of this machine stands in what is made.
    let home = std::env::var("CARGO_HOME").unwrap_or_else(|_| {
        std::env::home_dir().unwrap_or_default().join(".cargo").display().to_string()
    });
    let crates = Path::new(&home).join("registry/src");
    let mut flags = format!("--remap-path-prefix={}=", root.display());
    for index in fs::read_dir(&crates).into_iter().flatten() {
        flags += &format!(" --remap-path-prefix={}=", index?.path().display());
    }
    cargo.env("RUSTFLAGS", flags);
    if !cargo.args(["--target", TARGET]).status().context("cannot start Cargo")?.success()
    {
        bail!(
            "the figures do not compile for {TARGET}: is it there? rustup target add {TARGET}"
        );
    }
    let made = root.join(MADE);
    fs::create_dir_all(&made)?;
    Bindgen::new()
        .input_path(folder.join(TARGET).join("wasm/instruments.wasm"))
        .out_name("neurons")
        .no_modules(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&made)?;
    fs::rename(made.join("neurons_bg.wasm"), made.join(WASM))?;
    for file in [WASM, SCRIPT] {
        ensure!(made.join(file).is_file(), "{file} was not made");
        println!("{MADE}/{file}: {} bytes", made.join(file).metadata()?.len());
    }
    fs::write(made.join("digests.txt"), digests(&root)?)?;
    Ok(())
}
