//! The ledger of numbers: what experiments have found, written by the programs that ran them.
//!
//! A *run* is what one program of `examples/` found at one time. It keeps two fingerprints: one
//! of the program and of every module of the book that the program uses, comments aside; one of
//! what stands in the ledger. So a number that a program no longer gives, and one that a hand has
//! changed, can both be told without running anything.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use std::{env, fs};

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pages::PageError;

/// Where the ledger is, from the root of the repository.
pub const FILE: &str = "images/numbers.toml";

const HEAD: &str = "# The numbers of the book, written by the programs that are named here. Never edit them.\n\n";

/// All runs, by the name of the program in `examples/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger {
    /// The runs in the order of the alphabet.
    pub runs: BTreeMap<String, Run>,
}

/// What one program found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What is being measured, as a heading.
    pub title: String,
    /// How to run it again.
    pub command: String,
    /// The seeds, one for each value of a quantity; empty if chance plays no part.
    pub seeds: Vec<u64>,
    /// The day, as 2026-11-24.
    pub date: String,
    /// The fingerprint of the program.
    pub code: String,
    /// The fingerprint of all else.
    pub values: String,
    /// What it measured.
    #[serde(rename = "quantity")]
    pub quantities: Vec<Quantity>,
}

/// A number, and how to show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantity {
    /// The second half of its key: `test` of `five_seeds.test`.
    pub key: String,
    /// What it is, in words.
    pub title: String,
    /// `%`, `µs`, or nothing.
    pub unit: String,
    /// How it is written.
    pub style: Style,
    /// One value for each seed, or a single one.
    pub of_seed: Vec<f64>,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Style {
    /// With so many decimals: 95.11. In the file it is `"0.00"`.
    Decimals(usize),
    /// With so many digits and a power of ten: 1.2 · 10⁻⁹. In the file it is `"0.0e0"`.
    Digits(usize),
}

impl From<Style> for String {
    fn from(style: Style) -> String {
        match style {
            Style::Decimals(decimals) => format!("{:.decimals$}", 0.0),
            Style::Digits(digits) => format!("{:.*e}", digits.saturating_sub(1), 0.0),
        }
    }
}

impl TryFrom<String> for Style {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.bytes().filter(|&byte| byte == b'0').count().saturating_sub(1);
        [Style::Decimals(digits), Style::Digits(digits)]
            .into_iter()
            .find(|&style| String::from(style) == text)
            .ok_or(format!("`{text}` is no way to write a number"))
    }
}

impl Style {
    /// The number in this style, with a true minus sign.
    pub fn write(self, value: f64) -> String {
        match self {
            Style::Decimals(decimals) => format!("{value:.decimals$}").replace('-', "−"),
            Style::Digits(digits) => {
                let text = format!("{value:.*e}", digits.saturating_sub(1));
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                format!("{mantissa} · 10{}", superscript(exponent)).replace('-', "−")
            }
        }
    }
}

fn superscript(number: &str) -> String {
    let raised = |digit: char| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => digit
            .to_digit(10)
            .and_then(|d| char::from_u32('⁰' as u32 + d))
            .unwrap_or(digit),
    };
    number.chars().map(raised).collect()
}

impl Quantity {
    /// A quantity of one value for each seed, or a single one. Seven digits are kept.
    pub fn new(
        key: &str,
        title: &str,
        unit: &str,
        style: Style,
        of_seed: Vec<f64>,
    ) -> Self {
        let rounded = |x: f64| format!("{x:.6e}").parse().unwrap_or(x);
        let of_seed = of_seed.into_iter().map(rounded).collect();
        Quantity {
            key: key.into(),
            title: title.into(),
            unit: unit.into(),
            style,
            of_seed,
        }
    }

    /// The mean over the seeds.
    pub fn mean(&self) -> f64 {
        self.of_seed.iter().sum::<f64>() / self.of_seed.len() as f64
    }

    /// The standard deviation over the seeds, √(Σ(x − mean)² / (n − 1)), if there are several.
    pub fn spread(&self) -> Option<f64> {
        let (n, mean) = (self.of_seed.len(), self.mean());
        let squares = self.of_seed.iter().map(|x| (x - mean).powi(2));
        (n > 1).then(|| (squares.sum::<f64>() / (n - 1) as f64).sqrt())
    }

    /// `95.11 %`.
    pub fn shown(&self) -> String {
        self.with_unit(self.style.write(self.mean()))
    }

    /// `95.11 ± 0.25 %`, or without the spread if there is none.
    pub fn shown_with_spread(&self) -> String {
        let mean = self.style.write(self.mean());
        match self.spread() {
            Some(spread) => {
                self.with_unit(format!("{mean} ± {}", self.style.write(spread)))
            }
            None => self.with_unit(mean),
        }
    }

    fn with_unit(&self, number: String) -> String {
        format!("{number} {}", self.unit).trim_end().into()
    }
}

impl Run {
    /// An empty run of `examples/name.rs` under this title, repeated by this command.
    pub fn new(title: &str, command: &str) -> Self {
        Run {
            title: title.into(),
            command: command.into(),
            seeds: vec![],
            date: String::new(),
            code: String::new(),
            values: String::new(),
            quantities: vec![],
        }
    }

    /// With a value for each of these seeds.
    pub fn seeds(mut self, seeds: impl IntoIterator<Item = u64>) -> Self {
        self.seeds = seeds.into_iter().collect();
        self
    }

    /// With a quantity more.
    pub fn quantity(mut self, quantity: Quantity) -> Self {
        self.quantities.push(quantity);
        self
    }

    /// Puts the run into the ledger, in place of an older one, and leaves the others as they are.
    ///
    /// # Errors
    /// If the ledger or the program cannot be read, or the ledger not be written.
    pub fn record(mut self, name: &str) -> Result<()> {
        let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into());
        let root = Path::new(&root);
        self.date = time::OffsetDateTime::now_utc().date().to_string();
        self.code = fingerprint_of_code(root, name)?;
        self.values = self.fingerprint_of_values();
        let mut ledger = match root.join(FILE).exists() {
            true => Ledger::read(root)?,
            false => Ledger::default(),
        };
        ledger.runs.insert(name.into(), self);
        ledger.write(root)
    }

    fn fingerprint_of_values(&self) -> String {
        let bare = Run { values: String::new(), ..self.clone() };
        fingerprint(&toml::to_string(&bare).unwrap_or_default())
    }

    /// `seeds 1 to 5`, or nothing.
    fn over_seeds(&self) -> Option<String> {
        let (first, last) = (self.seeds.first()?, self.seeds.last()?);
        Some(if first == last {
            format!("seed {first}")
        } else {
            format!("seeds {first} to {last}")
        })
    }

    /// A row for each seed, then the mean and the spread; without seeds a row for each quantity.
    pub fn table(&self) -> String {
        let mut rows: Vec<Vec<String>> = vec![];
        if self.seeds.len() > 1 {
            // What has a single value has no row of a seed to stand in.
            let columns = self.quantities.iter().filter(|q| q.spread().is_some());
            let titles = columns.clone().map(|q| q.title.clone());
            rows.push([String::from("seed")].into_iter().chain(titles).collect());
            let row = |name: String, of: &dyn Fn(&Quantity) -> f64| {
                let cell = |q: &Quantity| q.with_unit(q.style.write(of(q)));
                [name].into_iter().chain(columns.clone().map(cell)).collect()
            };
            for (i, seed) in self.seeds.iter().enumerate() {
                rows.push(row(seed.to_string(), &|q| q.of_seed[i]));
            }
            rows.push(row("mean".into(), &Quantity::mean));
            rows.push(row("s.d.".into(), &|q| q.spread().unwrap_or_default()));
        } else {
            rows.push(vec![self.title.clone(), "measured".into()]);
            rows.extend(self.quantities.iter().map(|q| vec![q.title.clone(), q.shown()]));
        }
        let rule = format!("|---|{}", "---:|".repeat(rows[0].len() - 1));
        let mut table = String::new();
        for (i, row) in rows.iter().enumerate() {
            table.push_str(&format!("| {} |\n", row.join(" | ")));
            if i == 0 {
                table.push_str(&format!("{rule}\n"));
            }
        }
        table
    }
}

impl Ledger {
    /// The ledger of the repository at `root`.
    ///
    /// # Errors
    /// If it cannot be read, or is no ledger: then with the line.
    pub fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(FILE))
            .with_context(|| format!("cannot read {FILE}"))?;
        toml::from_str(&text).with_context(|| format!("{FILE} is no ledger of numbers"))
    }

    /// Writes it whole or not at all.
    fn write(&self, root: &Path) -> Result<()> {
        let path = root.join(FILE);
        let folder = path.parent().unwrap_or(root);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(HEAD.as_bytes())?;
        file.write_all(toml::to_string(self)?.as_bytes())?;
        file.persist(path).with_context(|| format!("cannot write {FILE}"))?;
        Ok(())
    }

    /// The quantity `run.key`.
    ///
    /// # Errors
    /// If there is none: one sentence that names the nearest.
    pub fn find(&self, key: &str) -> Result<(&Run, &Quantity), String> {
        let found = key.split_once('.').and_then(|(run, key)| {
            let run = self.runs.get(run)?;
            Some((run, run.quantities.iter().find(|quantity| quantity.key == key)?))
        });
        found.ok_or_else(|| missing(key, self.keys()))
    }

    /// A whole run.
    ///
    /// # Errors
    /// If there is none: one sentence that names the nearest.
    pub fn run(&self, name: &str) -> Result<&Run, String> {
        self.runs.get(name).ok_or_else(|| missing(name, self.runs.keys().cloned()))
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        self.runs.iter().flat_map(|(name, run)| {
            run.quantities.iter().map(move |quantity| format!("{name}.{}", quantity.key))
        })
    }

    /// Every run that a hand has changed, or whose program is no longer the one that made it.
    ///
    /// # Errors
    /// If the ledger or a program cannot be read.
    pub fn stale(&self, root: &Path) -> Result<Vec<PageError>> {
        let text = fs::read_to_string(root.join(FILE))?;
        let mut stale = vec![];
        for (name, run) in &self.runs {
            let head = format!("[{name}]");
            let line = 1 + text.lines().position(|line| line == head).unwrap_or_default();
            let mut complain = |what: &str| {
                let message = format!("{what}; run it again: {}", run.command);
                stale.push(PageError::new(FILE, line, message));
            };
            if run.values != run.fingerprint_of_values() {
                complain(&format!(
                    "the numbers of `{name}` are not those that its program wrote"
                ));
            }
            if run.code != fingerprint_of_code(root, name)? {
                complain(&format!("the program of `{name}` has changed since it ran"));
            }
        }
        Ok(stale)
    }

    /// What stands for `{{#number words}}`: the text, the key, and what a reader may want to know.
    ///
    /// # Errors
    /// If there is no such number.
    pub fn number<'a>(&self, words: &'a str) -> Result<Number<'a>, String> {
        let (key, spread) = match words.trim().strip_suffix('±') {
            Some(key) => (key.trim_end(), true),
            None => (words.trim(), false),
        };
        let (run, quantity) = self.find(key)?;
        let text = if spread { quantity.shown_with_spread() } else { quantity.shown() };
        let over = match (quantity.spread(), run.over_seeds()) {
            (Some(_), Some(seeds)) => format!(", mean and s.d. over {seeds}"),
            _ => String::new(),
        };
        let Run { command, date, .. } = run;
        let about = format!(
            "{}: {}{over}; {command}; {date}",
            quantity.title,
            quantity.shown_with_spread()
        );
        Ok(Number { key, text, about })
    }

    /// The whole ledger in Markdown, with a heading for each run and an id for each quantity.
    pub fn tables(&self) -> String {
        let mut page = String::new();
        for (name, run) in &self.runs {
            let seeds =
                run.over_seeds().map(|seeds| format!(", {seeds}")).unwrap_or_default();
            page.push_str(&format!("## {}\n\n", run.title));
            page.push_str(&format!("`{}`{seeds}, {}\n\n", run.command, run.date));
            page.push_str("| key | what | value |\n|---|---|---:|\n");
            for quantity in &run.quantities {
                let key = format!("{name}.{}", quantity.key);
                page.push_str(&format!(
                    "| <span id=\"{}\">`{key}`</span> | {} | {} |\n",
                    anchor(&key),
                    quantity.title,
                    quantity.shown_with_spread().replace(' ', "\u{a0}")
                ));
            }
            page.push('\n');
        }
        page
    }
}

/// What stands on a page for a number of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    /// `five_seeds.test`.
    pub key: &'a str,
    /// `95.11 %`.
    pub text: String,
    /// What it is, its spread, and how to repeat it.
    pub about: String,
}

/// The id of a quantity on the ledger's page.
pub fn anchor(key: &str) -> String {
    format!("n-{}", key.replace('.', "-"))
}

fn missing(key: &str, known: impl Iterator<Item = String>) -> String {
    let nearest = known.min_by_key(|known| strsim::levenshtein(known, key));
    let nearest =
        nearest.map(|known| format!("; the nearest is `{known}`")).unwrap_or_default();
    format!("{FILE} has no `{key}`{nearest}")
}

/// Of the program `examples/name.rs` and all modules of the book that it uses, as tokens:
/// comments and layout do not count.
fn fingerprint_of_code(root: &Path, name: &str) -> Result<String> {
    let mut code = BTreeMap::new();
    let mut to_read = vec![format!("examples/{name}.rs")];
    let mut seen = BTreeSet::new();
    while let Some(path) = to_read.pop() {
        let text = fs::read_to_string(root.join(&path))
            .with_context(|| format!("cannot read {path}"))?;
        let tokens = TokenStream::from_str(&text)
            .map_err(|error| anyhow::anyhow!("{path} is not Rust: {error}"))?;
        let tokens = without_docs(tokens);
        for module in modules(&tokens) {
            if seen.insert(module.clone()) {
                to_read.extend(files(root, &module)?);
            }
        }
        code.insert(path, tokens.to_string());
    }
    Ok(fingerprint(&format!("{code:?}")))
}

/// The files of a module of the book; none if the name means something else.
fn files(root: &Path, module: &str) -> Result<Vec<String>> {
    let mut files = vec![];
    if root.join(format!("chapters-code/{module}.rs")).exists() {
        files.push(format!("chapters-code/{module}.rs"));
        let folder = root.join("chapters-code").join(module);
        if folder.is_dir() {
            for entry in fs::read_dir(folder)? {
                let name = entry?.file_name();
                files.push(format!("chapters-code/{module}/{}", name.to_string_lossy()));
            }
        }
    }
    Ok(files)
}

/// Tokens without `#[doc = …]`, which is what comments of items become.
fn without_docs(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = vec![];
    for token in tokens {
        let token = match token {
            TokenTree::Group(group) => {
                let is_doc = group.stream().into_iter().next().is_some_and(
                    |first| matches!(&first, TokenTree::Ident(name) if name == "doc"),
                );
                if is_doc
                    && matches!(kept.last(), Some(TokenTree::Punct(p)) if ['#', '!'].contains(&p.as_char()))
                {
                    while matches!(kept.last(), Some(TokenTree::Punct(p)) if ['#', '!'].contains(&p.as_char()))
                    {
                        kept.pop();
                    }
                    continue;
                }
                let inner = without_docs(group.stream());
                TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inner))
            }
            token => token,
        };
        kept.push(token);
    }
    kept.into_iter().collect()
}

/// The names behind `neurons::` and `crate::`, those in braces too.
fn modules(tokens: &TokenStream) -> BTreeSet<String> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut names = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => names.extend(modules(&group.stream())),
            TokenTree::Ident(root) if root == "neurons" || root == "crate" => {
                match tokens.get(i + 3) {
                    Some(TokenTree::Ident(name)) => {
                        names.insert(name.to_string());
                    }
                    Some(TokenTree::Group(group)) => {
                        names.extend(group.stream().into_iter().filter_map(|token| {
                            match token {
                                TokenTree::Ident(name) => Some(name.to_string()),
                                _ => None,
                            }
                        }));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    names
}

fn fingerprint(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(of_seed: &[f64]) -> Quantity {
        Quantity::new("test", "accuracy", "%", Style::Decimals(2), of_seed.to_vec())
    }

    fn ledger() -> Ledger {
        let mut run =
            Run::new("R", "cargo run").seeds(1..=3).quantity(quantity(&[1.0, 2.0, 3.0]));
        run.values = run.fingerprint_of_values();
        Ledger { runs: BTreeMap::from([("r".into(), run)]) }
    }

    #[test]
    fn a_number_has_its_spread_and_its_unit() {
        assert_eq!(quantity(&[1.0, 2.0, 3.0]).shown(), "2.00 %");
        assert_eq!(quantity(&[1.0, 2.0, 3.0]).shown_with_spread(), "2.00 ± 1.00 %");
        assert_eq!(quantity(&[-1.5]).shown_with_spread(), "−1.50 %");
        let small = Quantity::new("e", "error", "", Style::Digits(2), vec![1.234e-9]);
        assert_eq!(small.shown(), "1.2 · 10⁻⁹");
    }

    #[test]
    fn a_number_is_found_by_its_key() {
        let ledger = ledger();
        assert_eq!(ledger.number("r.test").expect("a number").text, "2.00 %");
        let number = ledger.number("r.test ±").expect("a number");
        assert_eq!(number.text, "2.00 ± 1.00 %");
        assert!(
            number.about.contains("over seeds 1 to 3; cargo run"),
            "{}",
            number.about
        );
        let error = ledger.number("r.tset").expect_err("no such key");
        assert_eq!(error, "images/numbers.toml has no `r.tset`; the nearest is `r.test`");
    }

    #[test]
    fn a_table_has_a_row_for_each_seed() {
        let table = ledger().runs["r"].table();
        assert!(
            table.starts_with("| seed | accuracy |\n|---|---:|\n| 1 | 1.00 % |\n"),
            "{table}"
        );
        assert!(table.ends_with("| mean | 2.00 % |\n| s.d. | 1.00 % |\n"), "{table}");
    }

    #[test]
    fn a_hand_leaves_its_mark() {
        let mut run = ledger().runs["r"].clone();
        assert_eq!(run.values, run.fingerprint_of_values());
        run.quantities[0].of_seed[1] = 2.5;
        assert_ne!(run.values, run.fingerprint_of_values());
    }

    #[test]
    fn a_ledger_reads_what_it_wrote() {
        let text = toml::to_string(&ledger()).expect("TOML");
        assert_eq!(toml::from_str::<Ledger>(&text).expect("a ledger"), ledger());
    }

    #[test]
    fn comments_do_not_count_as_code() {
        let tokens = |text: &str| without_docs(text.parse().expect("Rust")).to_string();
        let bare = tokens("mod a { fn f() {} }");
        assert_eq!(
            tokens("//! M.\nmod a { /// F.\n #[doc(hidden)] // x\n fn f() {} }"),
            bare
        );
        assert_ne!(tokens("mod a { fn f() { 1; } }"), bare);
    }

    #[test]
    fn a_program_uses_the_modules_that_it_names() {
        let code = "use neurons::{cost::Cost, layer};\nfn f() { neurons::pixels::ink(1); crate::sigmoid::relu(0.) }";
        let names = modules(&code.parse().expect("Rust"));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(names, ["Cost", "cost", "layer", "pixels", "sigmoid"]);
    }
}
