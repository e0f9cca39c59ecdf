//! The colours of the book: the rows of `theme/colours.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The colours of each name: on light paper, on dark paper, on both with high contrast; some have
/// a fifth, for any paper.
pub static COLOURS: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let table = include_str!("../../theme/colours.toml");
    toml::from_str(table).expect("theme/colours.toml is a table of colours")
});

/// The CSS variable of the colour in which a figure draws something: `var(--fig-ink)`.
pub fn variable(drawn: &str) -> Option<String> {
    let mut figures = COLOURS.iter().filter(|(name, _)| name.starts_with("fig-"));
    let (name, _) =
        figures.find(|(_, colours)| colours[0].eq_ignore_ascii_case(drawn))?;
    Some(format!("var(--{name})"))
}
