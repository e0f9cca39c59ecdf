//! Turns each Rust block of `src/` into a doctest, and each page into a program of `examples/`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "pages")]
    pages::write();
}

#[cfg(feature = "pages")]
mod pages {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::{env, fs, io};

    use mdbook_neurons::pages::{Page, summary};
    use mdbook_neurons::programs::{doctests, example};

    pub fn write() {
        println!("cargo::rerun-if-changed=src");
        if let Err(error) = write_programs() {
            println!("cargo::error={error}");
        }
    }

    /// Writes `pages.rs` and `cells/<page>.rs` for the pages that `src/SUMMARY.md` names.
    fn write_programs() -> Result<(), Box<dyn std::error::Error>> {
        let out = env::var("OUT_DIR")?;
        let out = Path::new(&out);
        let pages = read_pages()?;
        fs::write(out.join("pages.rs"), doctests(&pages))?;
        fs::create_dir_all(out.join("cells"))?;
        for page in &pages {
            fs::write(
                out.join("cells").join(&page.name).with_extension("rs"),
                example(page),
            )?;
        }
        Ok(())
    }

    /// The pages in reading order; none if there is no book yet.
    fn read_pages() -> Result<Vec<Page>, Box<dyn std::error::Error>> {
        let table = match fs::read_to_string("src/SUMMARY.md") {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Vec::new());
            }
            table => table?,
        };
        let (mut pages, mut names) = (Vec::new(), BTreeSet::new());
        for file in summary(&table) {
            let path = format!("src/{file}");
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("src/SUMMARY.md names {path}: {error}"))?;
            let page = Page::parse(&path, &text)?;
            if !names.insert(page.name.clone()) {
                return Err(format!(
                    "two pages would be tested as `{}`; the second is {path}",
                    page.name
                )
                .into());
            }
            pages.push(page);
        }
        Ok(pages)
    }
}
