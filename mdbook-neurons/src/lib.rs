//! What ties the prose of *From One Neuron to MNIST* to its code.
//!
//! `build.rs` calls [`pages`] and [`programs`] to make a doctest of every Rust block; mdBook calls
//! [`preprocess`] to put code, formulas and figures in place; `cargo run -p mdbook-neurons --
//! outputs` puts what the cells print into the pages, and `… -- notebooks` makes a Jupyter notebook
//! of each. Whatever is wrong on a page is an error that names page and line. This is how a page is
//! written:
//!
//! # Cells
//!
//! ````markdown
//! ```rust
//! let z: f64 = 0.8;                  // a cell: a doctest named `pages::sigmoid::line_12`
//! ```
//!
//! ```rust,cont
//! println!("{}", z + 1.0);           // goes on where the cells above stopped
//! ```
//!
//! ```output
//! 1.8
//! ```
//! ````
//!
//! A cell is the body of a `main` that may use `?`; a line that begins with `# ` is hidden from
//! the reader. `rust` begins anew, `rust,cont` sees the cells above. Whatever a cell prints must
//! stand in the `output` block that is the next block under it. `no_run` is for what downloads or
//! serves (and spreads to the cells that go on from it); `should_panic` and `compile_fail` are
//! for lessons, and no later cell goes on from those.
//!
//! Every block has a tag: `rust`, `output`, `math`, `text`, `console`, `toml`, `python`, `json`
//! or `markdown`.
//!
//! # Code by item
//!
//! `{{#item …}}` alone on its line shows items of `chapters-code/` as they stand, each doc comment
//! reduced to its first paragraph, with links to the file, the line and the test under them. The words
//! are Rust's:
//!
//! | `{{#item …}}` | shows |
//! |---|---|
//! | `sigmoid::sigmoid_prime` | a function, type, trait or constant |
//! | `layer::Layer::forward` | a method, an associated function or constant |
//! | `impl layer::Layer` | the type's own methods, all blocks |
//! | `impl cost::Cost for Quadratic` | a trait's impl, in the module `cost` |
//! | `layer::Layer layer::Layer::forward` | several, in one block |
//!
//! # Formulas
//!
//! `$…$` within a line, a `math` block on its own lines; `\$` is a dollar. `\W \w \b \a \z \C \d`
//! are the symbols W, w, b, a, z, C, δ in the colours that they keep throughout the book
//! ([`formulas::SYMBOLS`]). No formula stands in a heading; in a table `\lvert` replaces `|`.
//!
//! ````markdown
//! ```math derivative=sigmoid::sigmoid_prime
//! \sigma'(\z) = \sigma(\z)\bigl(1 - \sigma(\z)\bigr)
//! ```
//! ````
//!
//! A block with ∂, ∇, a prime or d…/d… on the left side of one of its lines names the functions
//! that compute it, separated by commas, or is tagged `math definition`. Each of them has a row in
//! the ledger of [`derivatives`], which the mark under the formula leads to; `{{#derivatives}}`
//! alone on its line shows the ledger.
//!
//! # Figures
//!
//! `![What it shows, in words](../images/sigmoid.svg "A caption, with $\a$")` alone in its
//! paragraph. The drawing becomes part of the page, each panel by itself, so that they can stand
//! under each other on a phone; the colours of [`colours`] follow the page's theme.
//!
//! `{{#instrument NAME}}` alone on its line, right below the figure `../images/NAME.svg`: the reader can
//! move it. [`instruments`] says how; its controls are `instruments/page/NAME.html`, native ones with
//! labels, in the order of the numbers that `chapters-code/figures/moving/NAME.rs` takes. Without
//! scripts, in print and in a notebook the figure stands as it is.
//!
//! # Numbers
//!
//! What an experiment found is taken from the [`ledger`], which the programs of `experiments/` write.
//! A number is stale when its program or anything that the program uses has changed; what its code
//! does not name, it declares with `Experiment::reads`. The directives:
//!
//! | | shows |
//! |---|---|
//! | `{{#number five_seeds.test}}` | 95.11 %, with a link to its row in the ledger |
//! | `{{#number five_seeds.test ±}}` | 95.11 ± 0.25 %, the spread over the seeds |
//! | `{{#machine growth}}` | the machine that an experiment ran on |
//! | `{{#run five_seeds}}` | alone on its line: an experiment as a table |
//! | `{{#numbers}}` | alone on its line: the whole ledger |
//!
//! # Search
//!
//! [`search`] knows each section by its heading, its prose, its code, and one reading of each formula;
//! of a box it knows the question only. `[preprocessor.neurons.search]` of `book.toml` has groups
//! of words that mean the `same`, and the words for `places` whose heading has others.
//!
//! # Asides
//!
//! `<details class="predict">` is a question before a run, `<details class="quiz">` one after the
//! chapter; `<details>` without a class is the solution of an exercise. The first block in a box that
//! asks may be a task list, from which the reader chooses an answer; only one item is right, and each
//! has a paragraph for those who chose it. Its first line is what they click, so no link stands in it:
//!
//! ````markdown
//! <details class="predict">
//! <summary>Predict: which of the four walks arrive?</summary>
//!
//! - [ ] The first two
//!
//!   Then a step may never leap over the bottom.
//!
//! - [x] The first three
//!
//!   The fourth climbs.
//!
//! What stands under the choices is the answer, and folded.
//!
//! </details>
//! ````

#![warn(missing_docs)]

pub mod pages;
pub mod programs;

#[cfg(feature = "book")]
pub mod book;
#[cfg(feature = "book")]
pub mod chapter;
#[cfg(feature = "book")]
pub mod choices;
#[cfg(feature = "book")]
pub mod colours;
#[cfg(feature = "ledger")]
pub mod derivatives;
#[cfg(feature = "book")]
pub mod figures;
#[cfg(feature = "book")]
pub mod formulas;
#[cfg(feature = "ledger")]
pub mod instruments;
#[cfg(feature = "book")]
pub mod items;
#[cfg(feature = "ledger")]
pub mod ledger;
#[cfg(feature = "book")]
pub mod notebooks;
#[cfg(feature = "book")]
pub mod outputs;
#[cfg(feature = "book")]
pub mod preprocess;
#[cfg(feature = "ledger")]
pub mod rust_paths;
#[cfg(feature = "book")]
pub mod search;
#[cfg(feature = "book")]
pub mod sources;

/// A folder with these files, which is removed afterwards.
#[cfg(test)]
fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, text) in files {
        let file = folder.path().join(file);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, text).expect("a file");
    }
    folder
}
