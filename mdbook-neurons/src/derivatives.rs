//! The ledger of derivatives: how well each formula agrees with those who do not know it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::ledger::Style;
use crate::pages::{Fence, PageError, fences};

/// Where the ledger is, from the root of the repository.
pub const FILE: &str = "images/derivatives.toml";

/// How to make it anew.
pub const COMMAND: &str = "cargo run --release --example derivatives";

const HEAD: &str = "# How well the derivatives of the book agree with three judges. Written by\n# cargo run --release --example derivatives\n\n";

/// A row for each function that a page names as the check of a derivative.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Derivatives {
    /// By path: `sigmoid::sigmoid_prime`.
    pub rows: BTreeMap<String, Row>,
}

/// What the checks of one derivative found. Errors are relative, and rounded up to one digit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
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
    /// If it cannot be read, or is no ledger: then with the line.
    pub fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(FILE))
            .with_context(|| format!("cannot read {FILE}"))?;
        toml::from_str(&text)
            .with_context(|| format!("{FILE} is no ledger of derivatives"))
    }

    /// What stands in the file.
    ///
    /// # Errors
    /// If a row cannot be written as TOML.
    pub fn text(&self) -> Result<String> {
        Ok(format!("{HEAD}{}", toml::to_string(self)?))
    }

    /// The rows of what the pages state, in reading order, in Markdown. `formula` shows TeX,
    /// `link` a link to the formula on its page.
    ///
    /// # Errors
    /// If a derivative has no row, or its formula is not TeX.
    pub fn table(
        &self,
        stated: &[Stated],
        formula: impl Fn(&str) -> Result<String, String>,
        link: impl Fn(&Stated) -> String,
    ) -> Result<String, String> {
        let mut table = String::from(
            "| formula and function | differences | complex steps | PyTorch |\n\
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

    /// The row of a function.
    ///
    /// # Errors
    /// If there is none: what to do.
    pub fn find(&self, path: &str) -> Result<&Row, String> {
        self.rows.get(path).ok_or_else(|| {
            format!(
                "no check of `{path}` is in {FILE}: add one to chapters-code/checks.rs, \
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
/// files in `src/` and their texts.
///
/// # Errors
/// If a block of a page has no tag, or one that the book does not know.
pub fn stated<'a>(
    pages: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Stated>, PageError> {
    let mut all: Vec<Stated> = vec![];
    for (page, text) in pages {
        for fence in fences(&format!("src/{page}"), text)? {
            for path in named(&fence) {
                if !all.iter().any(|stated| stated.path == path) {
                    let (path, page) = (path.to_string(), page.to_string());
                    all.push(Stated { path, page, tex: result(&fence.text) });
                }
            }
        }
    }
    Ok(all)
}

/// What a derivation arrives at: the left side of its first line and the right side of its last,
/// if all lines but the first go on from the one above. Else the formula as it is.
fn result(tex: &str) -> String {
    let tex = tex.trim();
    let inside = tex
        .strip_prefix("\\begin{aligned}")
        .and_then(|rest| rest.strip_suffix("\\end{aligned}"));
    let lines: Vec<&str> =
        inside.unwrap_or_default().split("\\\\").map(str::trim).collect();
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
    }

    #[test]
    fn a_ledger_reads_what_it_wrote() {
        let row = Row {
            points: 100,
            central: 4e-11,
            complex: 2e-16,
            pytorch_points: 20,
            pytorch: 0.0,
        };
        let ledger = Derivatives { rows: BTreeMap::from([("a::f".into(), row)]) };
        let text = ledger.text().expect("TOML");
        assert_eq!(toml::from_str::<Derivatives>(&text).expect("a ledger"), ledger);
        assert!(ledger.find("a::g").expect_err("no row").contains("`a::g`"));
    }
}
