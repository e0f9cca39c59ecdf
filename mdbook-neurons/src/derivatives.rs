//! The ledger of derivatives: how well each formula agrees with judges that do not use it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::ledger::Style;
use crate::pages::{Fence, PageError, fences};

/// Where the ledger is, from the root of the repository.
pub const FILE: &str = "images/derivatives.toml";

/// The command that writes it.
pub const COMMAND: &str = "cargo run --release --example derivatives";

const HEAD: &str = "# How well the derivatives of the book agree with three judges. Written by\n# cargo run --release --example derivatives\n\n";

/// A row for each function that a page names as the check of a derivative.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Derivatives {
    /// The version of PyTorch that was asked.
    #[serde(default)]
    pub torch: String,
    /// By path: `sigmoid::sigmoid_prime`.
    #[serde(flatten)]
    pub rows: BTreeMap<String, Row>,
}

/// What central differences can be expected to see: the table names the rows in which they see
/// less.
const SEEN: f64 = 1e-8;

/// What the checks of one derivative found. Errors are relative, and rounded up to one digit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Along how many variables.
    pub variables: usize,
    /// At how many random points it was compared with differences and with complex steps.
    pub points: usize,
    /// The largest error against central differences.
    pub central: f64,
    /// The largest error against complex steps.
    pub complex: f64,
    /// At how many points it was compared with PyTorch.
    pub pytorch_points: usize,
    /// The largest error against PyTorch.
    pub pytorch: f64,
}

/// An error, rounded up to one digit: `3.2e-11` is `4e-11`.
pub fn rounded_up(error: f64) -> f64 {
    if error == 0.0 || !error.is_finite() {
        return error;
    }
    let text = format!("{error:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digit = mantissa.parse::<f64>().unwrap_or(f64::NAN).ceil();
    format!("{digit}e{exponent}").parse().unwrap_or(f64::NAN)
}

impl Derivatives {
    /// The ledger of the repository at `root`.
    ///
    /// # Errors
    /// Returns an error when the file cannot be read or is not such a ledger (with the line), and
    /// when one of its errors is not a number.
    pub fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(FILE))
            .with_context(|| format!("cannot read {FILE}"))?;
        Self::parse(&text)
            .with_context(|| format!("{FILE} is not a ledger of derivatives"))
    }

    fn parse(text: &str) -> Result<Self> {
        let ledger: Self = toml::from_str(text)?;
        for (path, row) in &ledger.rows {
            let errors = [row.central, row.complex, row.pytorch];
            let known = errors.iter().all(|error| error.is_finite() && *error >= 0.0);
            ensure!(
                known,
                "an error of `{path}` is not a number: its formula is wrong there"
            );
        }
        Ok(ledger)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// Returns an error when a row cannot be written as TOML.
    pub fn text(&self) -> Result<String> {
        Ok(format!("{HEAD}{}", toml::to_string(self)?))
    }

    /// The rows of what the pages state, in reading order, in Markdown, under a summary of them.
    /// `formula` shows TeX, `link` a link to the formula on its page.
    ///
    /// # Errors
    /// Returns an error when a derivative has no row, or its formula is not TeX.
    pub fn table(
        &self,
        stated: &[Stated],
        formula: impl Fn(&str) -> Result<String, String>,
        link: impl Fn(&Stated) -> String,
    ) -> Result<String, String> {
        let mut table = self.summary();
        table.push_str(
            "\n\n| formula and function | differences | complex steps | PyTorch |\n\
             |---|---:|---:|---:|\n",
        );
        for derivative in stated {
            let row = self.find(&derivative.path)?;
            let errors = [row.central, row.complex, row.pytorch].map(power);
            table.push_str(&format!(
                "| {}<br>{} | {} |\n",
                formula(&derivative.tex)?,
                link(derivative),
                errors.join(" | ")
            ));
        }
        Ok(table)
    }

    /// What was asked, and where central differences see less than elsewhere.
    fn summary(&self) -> String {
        let range = |of: fn(&Row) -> usize| {
            let all = || self.rows.values().map(of);
            match (all().min().unwrap_or(0), all().max().unwrap_or(0)) {
                (least, most) if least == most => least.to_string(),
                (least, most) => format!("{least} to {most}"),
            }
        };
        let mut worst: Vec<_> =
            self.rows.iter().filter(|(_, row)| row.central > SEEN).collect();
        worst.sort_by(|(_, a), (_, b)| b.central.total_cmp(&a.central));
        let worst: Vec<String> = worst
            .iter()
            .map(|(path, row)| format!("`{path}` ({})", power(row.central)))
            .collect();
        let limit = power(SEEN).replace("1\u{a0}·\u{a0}", "");
        let less = match worst.len() {
            0 => format!("Central differences agree to {limit} in every row."),
            n => format!(
                "Central differences agree to {limit} in all rows but {n}: {}.",
                worst.join(", ")
            ),
        };
        format!(
            "{} functions, each along {} variables. Random points for each: {} for the first two \
             judges, {} for PyTorch, which was version {}. {less}",
            self.rows.len(),
            range(|row| row.variables),
            range(|row| row.points),
            range(|row| row.pytorch_points),
            self.torch,
        )
    }

    /// The row of a function.
    ///
    /// # Errors
    /// Returns an error that says what to do when there is none.
    pub fn find(&self, path: &str) -> Result<&Row, String> {
        self.rows.get(path).ok_or_else(|| {
            format!(
                "no check of `{path}` is in {FILE}: add one to tests/derivative_checks/, \
                 then {COMMAND}"
            )
        })
    }
}

/// A derivative as a page states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// The function that computes it.
    pub path: String,
    /// The page, from `src/`: `sigmoid.md`.
    pub page: String,
    /// The formula, without the steps of its derivation.
    pub tex: String,
}

/// The functions that a ```` ```math ```` block names as its checks.
pub fn named(fence: &Fence) -> Vec<&str> {
    let is_math = fence.tags.first().is_some_and(|tag| tag == "math");
    let tags = fence.tags.iter().skip(1).filter(|tag| is_math && *tag != "definition");
    let paths = tags.map(|tag| tag.trim_start_matches("derivative="));
    paths.filter(|path| !path.is_empty()).collect()
}

/// What the pages state, in reading order, each function once. The pages are given by their
/// files in `src/` and their texts. Where a block has as many lines as functions, and no line goes
/// on from the one above, each function gets its own line.
///
/// # Errors
/// Returns an error when a block of a page has no tag, or one that the book does not know.
pub fn stated<'a>(
    pages: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Stated>, PageError> {
    let mut all: Vec<Stated> = vec![];
    for (page, text) in pages {
        for fence in fences(&format!("src/{page}"), text)? {
            let paths = named(&fence);
            let lines = lines(&fence.text);
            let alone = lines.len() > 1
                && lines.len() == paths.len()
                && !lines.iter().any(|line| line.starts_with('&'));
            for (at, path) in paths.into_iter().enumerate() {
                if !all.iter().any(|stated| stated.path == path) {
                    let tex = match alone {
                        true => lines[at].replacen('&', "", 1),
                        false => result(&fence.text),
                    };
                    let (path, page) = (path.to_string(), page.to_string());
                    all.push(Stated { path, page, tex });
                }
            }
        }
    }
    Ok(all)
}

/// What a derivation arrives at: the left side of its first line and the right side of its last,
/// if all lines but the first go on from the one above. Else the formula as it is.
fn result(tex: &str) -> String {
    let lines = lines(tex);
    let tex = tex.trim();
    let (Some((left, _)), Some(last)) = (lines[0].split_once("&="), lines.last()) else {
        return tex.replace('\n', " ");
    };
    match last.strip_prefix("&=") {
        Some(right) if lines[1..].iter().all(|line| line.starts_with("&=")) => {
            let right = right.split("&&").next().unwrap_or_default();
            format!("{} = {}", left.trim(), right.trim())
        }
        _ => tex.replace('\n', " "),
    }
}

/// The lines of a formula in several lines; else one that is empty.
fn lines(tex: &str) -> Vec<&str> {
    let inside = tex
        .trim()
        .strip_prefix("\\begin{aligned}")
        .and_then(|rest| rest.strip_suffix("\\end{aligned}"));
    inside.unwrap_or_default().split("\\\\").map(str::trim).collect()
}

/// `4 · 10⁻¹¹`.
fn power(error: f64) -> String {
    match error {
        0.0 => "0".into(),
        error => Style::Digits(1).write(error).replace(' ', "\u{a0}"),
    }
}

/// The id of a row on the ledger's page.
pub fn anchor(path: &str) -> String {
    format!("d-{}", path.replace("::", "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_rounded_up() {
        assert_eq!(rounded_up(3.2e-11), 4e-11);
        assert_eq!(rounded_up(9.5e-11), 1e-10);
        assert_eq!((rounded_up(2e-16), rounded_up(0.0)), (2e-16, 0.0));
    }

    #[test]
    fn a_derivation_is_reduced_to_its_result() {
        let derivation = "\\begin{aligned}\nf'(x) &= a && \\text{why} \\\\\n&= b && \\text{so}\n\\end{aligned}";
        assert_eq!(result(derivation), "f'(x) = b");
        let system = "\\begin{aligned}\na &= b \\\\\nc &= d\n\\end{aligned}";
        assert_eq!(result(system), system.replace('\n', " "));
        assert_eq!(result("f'(x) =\n1\n"), "f'(x) = 1");
    }

    #[test]
    fn what_pages_state_is_listed_once() {
        let page = "```math derivative=a::f,a::g\nf' = 1\n```\n\n```math derivative=a::f\nf' = 2\n```\n";
        let all = stated([("p.md", page)]).expect("a good page");
        let all: Vec<(&str, &str)> =
            all.iter().map(|s| (s.path.as_str(), s.tex.as_str())).collect();
        assert_eq!(all, [("a::f", "f' = 1"), ("a::g", "f' = 1")]);

        let rules = "```math derivative=a::f,a::g\n\\begin{aligned}\nf' &= 1 \\\\\ng' &= 2\n\\end{aligned}\n```\n";
        let all = stated([("p.md", rules)]).expect("a good page");
        let all: Vec<&str> = all.iter().map(|s| s.tex.as_str()).collect();
        assert_eq!(all, ["f' = 1", "g' = 2"]);
    }

    #[test]
    fn a_ledger_reads_what_it_wrote() {
        let row = Row {
            variables: 4,
            points: 100,
            central: 4e-11,
            complex: 2e-16,
            pytorch_points: 20,
            pytorch: 0.0,
        };
        let rows = BTreeMap::from([("a::f".into(), row.clone())]);
        let mut ledger = Derivatives { torch: "2.0".into(), rows };
        let text = ledger.text().expect("TOML");
        assert_eq!(Derivatives::parse(&text).expect("a ledger"), ledger);
        assert!(ledger.find("a::g").expect_err("no row").contains("`a::g`"));
        for wrong in [f64::NAN, f64::INFINITY, -1.0] {
            ledger.rows.insert("a::h".into(), Row { complex: wrong, ..row.clone() });
            let text = ledger.text().expect("TOML");
            let error =
                Derivatives::parse(&text).expect_err("an error that is not a number");
            assert!(error.to_string().contains("`a::h`"), "{error}");
        }
    }

    #[test]
    fn the_summary_names_the_rows_in_which_differences_see_less() {
        let row = |variables, central| Row {
            variables,
            points: 100,
            central,
            complex: 2e-16,
            pytorch_points: 20,
            pytorch: 0.0,
        };
        let rows =
            [("a::f", row(1, 4e-11)), ("a::g", row(5, 2e-8)), ("a::h", row(5, 3e-7))];
        let rows = BTreeMap::from(rows.map(|(path, row)| (path.to_string(), row)));
        let mut ledger = Derivatives { torch: "2.0".into(), rows };
        let summary = ledger.summary().replace('\u{a0}', " ");
        assert!(
            summary.starts_with("3 functions, each along 1 to 5 variables."),
            "{summary}"
        );
        assert!(summary.contains("20 for PyTorch, which was version 2.0."), "{summary}");
        let worst =
            "agree to 10⁻⁸ in all rows but 2: `a::h` (3 · 10⁻⁷), `a::g` (2 · 10⁻⁸).";
        assert!(summary.ends_with(worst), "{summary}");
        ledger.rows.retain(|_, row| row.central <= SEEN);
        assert!(ledger.summary().ends_with("in every row."), "{}", ledger.summary());
    }
}
