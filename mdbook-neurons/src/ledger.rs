//! The ledger of numbers: what experiments have found, written by the programs that ran them.
//!
//! An *experiment* is what one program of `experiments/` found when it last ran. It keeps two
//! fingerprints: one of the program and of everything in this repository that the program uses,
//! comments aside; one of what is written in the ledger. So a number whose program has changed, and
//! a number that was changed by hand, are both found without running anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::thread::available_parallelism;
use std::{env, fs};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::pages::{Page, PageError};

pub(crate) mod fingerprint;

/// Where the ledger is, from the root of the repository.
pub const FILE: &str = "images/numbers.toml";

#[cfg(feature = "experiments")]
const HEAD: &str = "# The numbers of the book, written by the programs that are named here. Never edit them.\n\n";

/// All experiments, by the name of the program in `experiments/`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger {
    /// In the order of the alphabet.
    pub experiments: BTreeMap<String, Experiment>,
}

/// What one program found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// What is being measured, as a heading.
    pub title: String,
    /// How to run it again.
    pub command: String,
    /// The machine that it was measured on, if it is about time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The seeds, one for each value of a quantity; empty if chance plays no part.
    pub seeds: Vec<u64>,
    /// The day, as 2026-11-24.
    pub date: String,
    /// Files and folders that the program uses without naming them in its code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
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
    /// The lowest and the highest of several measurements, if the value is their median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Style {
    /// With this number of decimals: 95.11. In the file it is `"0.00"`.
    Decimals(usize),
    /// With this number of digits and a power of ten: 1.2 · 10⁻⁹. In the file it is `"0.0e0"`.
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
            .ok_or(format!(
                "unknown style `{text}` of a number; write it as `0.00` or as `0.0e0`"
            ))
    }
}

impl Style {
    /// The number in this style, with a minus sign and with commas between thousands: −24,346.7.
    pub fn write(self, value: f64) -> String {
        match self {
            Style::Decimals(decimals) => {
                with_commas(&format!("{value:.decimals$}")).replace('-', "−")
            }
            Style::Digits(digits) => {
                let text = format!("{value:.*e}", digits.saturating_sub(1));
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                format!("{mantissa} · 10{}", superscript(exponent)).replace('-', "−")
            }
        }
    }
}

/// `24346.7` as `24,346.7`.
fn with_commas(number: &str) -> String {
    let end = number.find('.').unwrap_or(number.len());
    let mut text = number.to_string();
    let mut at = end;
    while at > 3 && number.as_bytes()[at - 4].is_ascii_digit() {
        at -= 3;
        text.insert(at, ',');
    }
    text
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

/// Seven digits of a number.
fn rounded(x: f64) -> f64 {
    format!("{x:.6e}").parse().unwrap_or(x)
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
        let of_seed = of_seed.into_iter().map(rounded).collect();
        Quantity {
            key: key.into(),
            title: title.into(),
            unit: unit.into(),
            style,
            of_seed,
            range: None,
        }
    }

    /// The median of several measurements, with the lowest and the highest of them.
    pub fn median(
        key: &str,
        title: &str,
        unit: &str,
        style: Style,
        mut measured: Vec<f64>,
    ) -> Self {
        measured.sort_by(f64::total_cmp);
        let [low, median, high] =
            [0, measured.len() / 2, measured.len().saturating_sub(1)]
                .map(|at| rounded(measured.get(at).copied().unwrap_or(f64::NAN)));
        let range = (measured.len() > 1).then_some([low, high]);
        Quantity { range, ..Quantity::new(key, title, unit, style, vec![median]) }
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

    /// `95.11 ± 0.25 %`; `866 (850 to 929)` if it is a median; without either if there is none.
    pub fn shown_with_spread(&self) -> String {
        let mean = self.style.write(self.mean());
        if let Some(spread) = self.spread() {
            return self.with_unit(format!("{mean} ± {}", self.style.write(spread)));
        }
        match self.range.map(|range| range.map(|end| self.style.write(end))) {
            Some([low, high]) => self.with_unit(format!("{mean} ({low} to {high})")),
            None => self.with_unit(mean),
        }
    }

    fn with_unit(&self, number: String) -> String {
        format!("{number} {}", self.unit).trim_end().into()
    }
}

impl Experiment {
    /// One that has found nothing yet: of the program whose `file!()` is `file`, under this title.
    ///
    /// ```
    /// # use mdbook_neurons::ledger::Experiment;
    /// let price = Experiment::new("experiments/price.rs", "The price of 13,002 derivatives");
    /// assert_eq!(price.command, "cargo run --release --example price");
    /// assert_eq!(price.name(), "price");
    /// ```
    pub fn new(file: &str, title: &str) -> Self {
        let name = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
        Experiment {
            title: title.into(),
            command: format!("cargo run --release --example {name}"),
            machine: None,
            seeds: vec![],
            date: String::new(),
            reads: vec![],
            code: String::new(),
            values: String::new(),
            quantities: vec![],
        }
    }

    /// The name of the program, which is also that of its example and of its numbers.
    pub fn name(&self) -> &str {
        self.command.rsplit(' ').next().unwrap_or_default()
    }

    /// The program asks these variables of the environment, such as `MNIST_DIR`.
    pub fn asks(mut self, variables: &[&str]) -> Self {
        for variable in variables.iter().rev() {
            self.command.insert_str(0, &format!("{variable}=… "));
        }
        self
    }

    /// With a value for each of these seeds.
    pub fn seeds(mut self, seeds: impl IntoIterator<Item = u64>) -> Self {
        self.seeds = seeds.into_iter().collect();
        self
    }

    /// Measured on this machine, which [`this_machine`] describes.
    pub fn machine(mut self, machine: impl Into<String>) -> Self {
        self.machine = Some(machine.into());
        self
    }

    /// The program also uses these files and folders, which its code does not name as the path
    /// of a file, such as `benches/src`. When one of them changes, the numbers are stale.
    pub fn reads<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        self.reads = paths.into_iter().map(String::from).collect();
        self
    }

    /// With one more quantity.
    pub fn quantity(mut self, quantity: Quantity) -> Self {
        self.quantities.push(quantity);
        self
    }

    /// Puts what it found into the ledger, in place of what it found before.
    ///
    /// # Errors
    /// Returns an error when the ledger or a file of the program cannot be read, or when the
    /// ledger cannot be written.
    #[cfg(feature = "experiments")]
    pub fn record(mut self) -> Result<()> {
        let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into());
        let root = Path::new(&root);
        self.date = time::OffsetDateTime::now_utc().date().to_string();
        self.code = fingerprint::of_program(root, self.name(), &self.reads)?;
        self.values = self.fingerprint_of_values();
        let mut ledger = match root.join(FILE).exists() {
            true => Ledger::read(root)?,
            false => Ledger::default(),
        };
        ledger.experiments.insert(self.name().into(), self);
        ledger.write(root)
    }

    fn fingerprint_of_values(&self) -> String {
        let bare = Experiment { values: String::new(), ..self.clone() };
        fingerprint::of_bytes(toml::to_string(&bare).unwrap_or_default().as_bytes())
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

    /// The quantities that the table shows. With seeds, one with a single value for all of
    /// them has no place in it.
    fn columns(&self) -> impl Iterator<Item = &Quantity> + Clone {
        let all = self.seeds.len() < 2;
        self.quantities.iter().filter(move |q| all || q.spread().is_some())
    }

    /// A row for each seed, then the mean and the spread; without seeds a row for each quantity.
    pub fn table(&self) -> String {
        let mut rows: Vec<Vec<String>> = vec![];
        if self.seeds.len() > 1 {
            let columns = self.columns();
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
    /// Returns an error when the file cannot be read, or, with the line, when it is not a ledger.
    pub fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(FILE))
            .with_context(|| format!("cannot read {FILE}"))?;
        toml::from_str(&text)
            .with_context(|| format!("{FILE} is not a ledger of numbers"))
    }

    /// Writes it whole or not at all.
    #[cfg(feature = "experiments")]
    fn write(&self, root: &Path) -> Result<()> {
        use std::io::Write;

        let path = root.join(FILE);
        let folder = path.parent().unwrap_or(root);
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(HEAD.as_bytes())?;
        file.write_all(toml::to_string(self)?.as_bytes())?;
        file.persist(path).with_context(|| format!("cannot write {FILE}"))?;
        Ok(())
    }

    /// The quantity `experiment.key`.
    ///
    /// # Errors
    /// Returns an error that names the nearest key when there is no such key.
    pub fn find(&self, key: &str) -> Result<(&Experiment, &Quantity), String> {
        let found = key.split_once('.').and_then(|(name, key)| {
            let experiment = self.experiments.get(name)?;
            let mut quantities = experiment.quantities.iter();
            Some((experiment, quantities.find(|quantity| quantity.key == key)?))
        });
        found.ok_or_else(|| missing(key, self.keys()))
    }

    /// A whole experiment.
    ///
    /// # Errors
    /// Returns an error that names the nearest one when there is none of this name.
    pub fn experiment(&self, name: &str) -> Result<&Experiment, String> {
        let known = self.experiments.keys().cloned();
        self.experiments.get(name).ok_or_else(|| missing(name, known))
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        self.experiments.iter().flat_map(|(name, of)| {
            of.quantities.iter().map(move |quantity| format!("{name}.{}", quantity.key))
        })
    }

    /// Every experiment that was changed by hand, or whose program has changed since.
    ///
    /// # Errors
    /// Returns an error when the ledger or a file of a program cannot be read.
    pub fn stale(&self, root: &Path) -> Result<Vec<PageError>> {
        let text = fs::read_to_string(root.join(FILE))?;
        let mut stale = vec![];
        for (name, experiment) in &self.experiments {
            let Experiment { command, reads, values, code, .. } = experiment;
            let head = format!("[{name}]");
            let line = 1 + text.lines().position(|line| line == head).unwrap_or_default();
            let mut complain = |what: &str| {
                let message = format!("{what}; run it again: {command}");
                stale.push(PageError::new(FILE, line, message));
            };
            if *values != experiment.fingerprint_of_values() {
                complain(&format!("the numbers of `{name}` were changed by hand"));
            }
            if *code != fingerprint::of_program(root, name, reads)? {
                complain(&format!(
                    "the program of `{name}`, or what it uses, has changed since it ran"
                ));
            }
        }
        Ok(stale)
    }

    /// What `{{#number words}}` shows: the text, the key, and what a reader may want to know.
    ///
    /// # Errors
    /// Returns an error that names the nearest key when there is no such number.
    pub fn number<'a>(&self, words: &'a str) -> Result<Number<'a>, String> {
        let (key, spread) = match words.trim().strip_suffix('±') {
            Some(key) => (key.trim_end(), true),
            None => (words.trim(), false),
        };
        let (experiment, quantity) = self.find(key)?;
        let text = if spread { quantity.shown_with_spread() } else { quantity.shown() };
        let over = match (quantity.spread(), experiment.over_seeds(), quantity.range) {
            (Some(_), Some(seeds), _) => format!(", mean and s.d. over {seeds}"),
            (.., Some(_)) => ", the median, with the lowest and the highest".into(),
            _ => String::new(),
        };
        let Experiment { command, date, .. } = experiment;
        let about = format!(
            "{}: {}{over}; {command}; {date}",
            quantity.title,
            quantity.shown_with_spread()
        );
        Ok(Number { key, text, about })
    }

    /// What `{{#machine name}}` shows: the machine that an experiment ran on.
    ///
    /// # Errors
    /// Returns an error when there is no such experiment, or when it names no machine.
    pub fn machine(&self, name: &str) -> Result<&str, String> {
        let machine = &self.experiment(name)?.machine;
        machine.as_deref().ok_or_else(|| format!("`{name}` names no machine"))
    }

    /// The whole ledger in Markdown, with a heading for each experiment, an id for each quantity, and
    /// links to the pages that show it; `address` says where those are.
    pub fn tables(&self, pages: &[Page], address: impl Fn(&Page) -> String) -> String {
        let shown: Vec<(String, BTreeSet<&str>)> = pages
            .iter()
            .map(|page| {
                let chapter = page.number.as_ref().map(|n| format!("chapter\u{a0}{n}"));
                let name = chapter.unwrap_or_else(|| page.title.clone());
                (format!("[{name}]({})", address(page)), cited(page))
            })
            .collect();
        let mut text = String::new();
        for (name, experiment) in &self.experiments {
            let seeds = experiment
                .over_seeds()
                .map(|seeds| format!(", {seeds}"))
                .unwrap_or_default();
            let machine = experiment.machine.iter().map(|machine| format!(", {machine}"));
            let machine: String = machine.collect();
            text.push_str(&format!("## {}\n\n", experiment.title));
            text.push_str(&format!(
                "`{}`{seeds}, {}{machine}\n\n",
                experiment.command, experiment.date
            ));
            text.push_str("| key | what | value | shown in |\n|---|---|---:|---|\n");
            for quantity in &experiment.quantities {
                let key = format!("{name}.{}", quantity.key);
                let shows = |of: &BTreeSet<&str>| {
                    of.contains(&*key)
                        // The table of one with seeds leaves out what has a single value.
                        || (of.contains(&**name) && experiment.columns().any(|q| q == quantity))
                };
                let links = shown.iter().filter(|(_, of)| shows(of));
                let links: Vec<&str> = links.map(|(link, _)| link.as_str()).collect();
                text.push_str(&format!(
                    "| <span id=\"{}\">`{key}`</span> | {} | {} | {} |\n",
                    anchor(&key),
                    quantity.title,
                    quantity.shown_with_spread().replace(' ', "\u{a0}"),
                    links.join(", ")
                ));
            }
            text.push('\n');
        }
        text
    }
}

/// The numbers and the tables that a page shows.
fn cited(page: &Page) -> BTreeSet<&str> {
    let shown = page.directives("number").chain(page.directives("run"));
    shown.map(|(_, words)| words.trim_end_matches('±').trim_end()).collect()
}

/// The processor of this machine and how many cores it offers: `Some CPU @ 2.00GHz, 2 cores`.
pub fn this_machine() -> String {
    let model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_string())
    });
    let model = model.unwrap_or_else(|| env::consts::ARCH.into());
    match available_parallelism().map_or(1, usize::from) {
        1 => format!("{model}, 1 core"),
        cores => format!("{model}, {cores} cores"),
    }
}

/// What a page shows for a number of the ledger.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(of_seed: &[f64]) -> Quantity {
        Quantity::new("test", "accuracy", "%", Style::Decimals(2), of_seed.to_vec())
    }

    fn ledger() -> Ledger {
        let mut found = Experiment::new("r.rs", "R")
            .seeds(1..=3)
            .quantity(quantity(&[1.0, 2.0, 3.0]));
        found.values = found.fingerprint_of_values();
        Ledger { experiments: BTreeMap::from([("r".into(), found)]) }
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
    fn thousands_have_commas() {
        let shown = |value| Style::Decimals(1).write(value);
        assert_eq!(
            [0.26, 999.0, 1234.5, -24346.67, 1e6].map(shown),
            ["0.3", "999.0", "1,234.5", "−24,346.7", "1,000,000.0"]
        );
        assert_eq!(Style::Decimals(0).write(-999.6), "−1,000");
    }

    #[test]
    fn a_style_is_read_as_it_is_written() {
        for style in [Style::Decimals(0), Style::Decimals(4), Style::Digits(1)] {
            assert_eq!(Style::try_from(String::from(style)), Ok(style));
        }
        let error = Style::try_from("x".to_string()).expect_err("not a style");
        assert!(error.starts_with("unknown style `x`"), "{error}");
    }

    #[test]
    fn a_median_shows_its_range() {
        let median = |all: &[f64]| {
            Quantity::median("k", "speed", "k/s", Style::Decimals(0), all.to_vec())
        };
        assert_eq!(median(&[900.0, 1200.0, 1000.0]).shown(), "1,000 k/s");
        assert_eq!(
            median(&[900.0, 1200.0, 1000.0]).shown_with_spread(),
            "1,000 (900 to 1,200) k/s"
        );
        assert_eq!(median(&[900.0]).shown_with_spread(), "900 k/s");
        let found = Experiment::new("r.rs", "R").quantity(median(&[1.0, 2.0, 3.0]));
        let ledger = Ledger { experiments: BTreeMap::from([("r".into(), found)]) };
        let about = ledger.number("r.k").expect("a number").about;
        assert!(about.contains("2 (1 to 3) k/s, the median, with the lowest"), "{about}");
    }

    #[test]
    fn a_number_is_found_by_its_key() {
        let ledger = ledger();
        assert_eq!(ledger.number("r.test").expect("a number").text, "2.00 %");
        let number = ledger.number("r.test ±").expect("a number");
        assert_eq!(number.text, "2.00 ± 1.00 %");
        assert!(
            number.about.contains("over seeds 1 to 3; cargo run --release --example r"),
            "{}",
            number.about
        );
        let error = ledger.number("r.tset").expect_err("no such key");
        assert_eq!(error, "images/numbers.toml has no `r.tset`; the nearest is `r.test`");
    }

    #[test]
    fn a_table_has_a_row_for_each_seed() {
        let table = ledger().experiments["r"].table();
        assert!(
            table.starts_with("| seed | accuracy |\n|---|---:|\n| 1 | 1.00 % |\n"),
            "{table}"
        );
        assert!(table.ends_with("| mean | 2.00 % |\n| s.d. | 1.00 % |\n"), "{table}");
    }

    #[test]
    fn a_number_leads_back_to_the_pages_that_show_it() {
        let mut ledger = ledger();
        let found = ledger.experiments.get_mut("r").expect("an experiment");
        found.quantities.push(Quantity { key: "single".into(), ..quantity(&[4.0]) });
        let [test, found, single] =
            ["{{#number r.test ±}}", "{{#run r}}", "{{#number r.single}}"];
        let texts = [test, found, single, "r.test", single];
        let page = |(number, text): (usize, &str)| {
            let page = Page::read(&format!("src/{number}.md"), text);
            page.named((number < 5).then(|| number.to_string()), "Intro")
        };
        let pages: Vec<Page> = (1..).zip(texts).map(page).collect();
        let tables = ledger.tables(&pages, |page| page.file().into());
        let links = |key: &str| {
            let row = tables.lines().find(|line| line.contains(key)).expect("a row");
            row.rsplit(" | ")
                .next()
                .unwrap_or_default()
                .trim_end_matches(" |")
                .to_string()
        };
        assert_eq!(links("`r.test`"), "[chapter\u{a0}1](1.md), [chapter\u{a0}2](2.md)");
        assert_eq!(links("`r.single`"), "[chapter\u{a0}3](3.md), [Intro](5.md)");
    }

    #[test]
    fn an_experiment_names_its_machine() {
        let mut ledger = ledger();
        let error = ledger.machine("r").expect_err("no machine");
        assert_eq!(error, "`r` names no machine");
        let found = ledger
            .experiments
            .remove("r")
            .expect("an experiment")
            .machine("Some CPU, 2 cores");
        ledger.experiments.insert("r".into(), found);
        assert_eq!(ledger.machine("r"), Ok("Some CPU, 2 cores"));
        assert!(ledger.tables(&[], |_| String::new()).contains(", Some CPU, 2 cores\n"));
        assert!(this_machine().contains(" core"));
    }

    #[test]
    fn a_hand_leaves_its_mark() {
        let mut found = ledger().experiments["r"].clone();
        assert_eq!(found.values, found.fingerprint_of_values());
        found.quantities[0].of_seed[1] = 2.5;
        assert_ne!(found.values, found.fingerprint_of_values());
    }

    #[test]
    fn a_ledger_reads_what_it_wrote() {
        let text = toml::to_string(&ledger()).expect("TOML");
        assert_eq!(toml::from_str::<Ledger>(&text).expect("a ledger"), ledger());
    }
}
