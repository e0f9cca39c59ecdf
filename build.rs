//! Turns each Rust block of `src/` into a doctest, and each page into a program of `examples/`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "pages")]
    pages::write();
}

#[cfg(feature = "pages")]
mod pages {
    use std::path::Path;
    use std::{env, fs, io};

    use mdbook_neurons::pages::Page;
    use mdbook_neurons::programs::{doctests, example};

    pub fn write() {
        println!("cargo::rerun-if-changed=src");
        if let Err(error) = write_programs() {
            println!("cargo::error={error}");
        }
    }

    /// Writes `pages.rs` and `cells/<page>.rs` for the pages of `src/`.
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

    /// The pages of `src/`, by their names; none if there is no book yet.
    fn read_pages() -> Result<Vec<Page>, Box<dyn std::error::Error>> {
        let folder = match fs::read_dir("src") {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Vec::new());
            }
            folder => folder?,
        };
        let mut pages = Vec::new();
        for entry in folder {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".md") && name != "SUMMARY.md" {
                let path = format!("src/{name}");
                pages.push(Page::parse(&path, &fs::read_to_string(&path)?)?);
            }
        }
        pages.sort_by(|a, b| a.name.cmp(&b.name));
        match pages.windows(2).find(|pair| pair[0].name == pair[1].name) {
            Some([one, two]) => {
                let both = format!("{} and {}", one.path, two.path);
                Err(format!("{both} would be tested under one name").into())
            }
            _ => Ok(pages),
        }
    }
}
