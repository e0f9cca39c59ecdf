//! The colours of `theme/colours.toml`, read while compiling. Figures are drawn in the light
//! ones, and a page replaces each of them by one that suits its theme.

use std::fmt::Write;

const TABLE: &str = include_str!("../../theme/colours.toml");

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// So that plotters draws in it.
#[cfg(feature = "report")]
impl plotters::style::Color for Rgb {
    fn to_backend_color(&self) -> plotters_backend::BackendColor {
        plotters::style::RGBColor(self.0, self.1, self.2).to_backend_color()
    }
}

/// A colour that figures are drawn in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// As the table has it, without `fig-`.
    pub name: &'static str,
    /// As it is drawn.
    pub light: Rgb,
    /// What becomes of it on dark paper.
    pub dark: Rgb,
}

macro_rules! palette {
    ($($constant:ident = $name:literal),* $(,)?) => {
        $(
            #[doc = concat!("`fig-", $name, "` of `theme/colours.toml`.")]
            pub const $constant: Rgb =
                rgb(of_table(concat!("fig-", $name), 0));
        )*
        /// All colours that figures are drawn in.
        pub const PALETTE: &[Colour] = &[$(Colour {
            name: $name,
            light: $constant,
            dark: rgb(of_table(concat!("fig-", $name), 1)),
        }),*];
    };
}

palette! {
    INK = "ink",
    MUTED = "muted",
    GRID = "grid",
    CONTOUR = "contour",
    PAPER = "paper",
    BLUE = "blue",
    ORANGE = "orange",
    GREEN = "green",
    PURPLE = "purple",
    RED = "red",
    PINK = "pink",
    TEAL = "teal",
    OCHRE = "ochre",
}

/// A colour of the row of a name, such as `#1f2328`.
const fn of_table(name: &str, column: usize) -> &'static str {
    let (table, name) = (TABLE.as_bytes(), name.as_bytes());
    let mut at = 0;
    while at + name.len() < table.len() {
        let mut same = 0;
        while same < name.len() && table[at + same] == name[same] {
            same += 1;
        }
        if same == name.len() && table[at + same] == b' ' {
            let mut left = column + 1;
            while left > 0 {
                at += 1;
                assert!(table[at] != b'\n', "the row is too short");
                if table[at] == b'#' {
                    left -= 1;
                }
            }
            return TABLE.split_at(at).1.split_at(7).0;
        }
        while at < table.len() && table[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    panic!("theme/colours.toml lacks a colour of figures")
}

const fn rgb(colour: &str) -> Rgb {
    match u32::from_str_radix(colour.split_at(1).1, 16) {
        Ok(v) => Rgb((v >> 16) as u8, (v >> 8) as u8, v as u8),
        Err(_) => {
            panic!("theme/colours.toml: a colour is `#` and six digits")
        }
    }
}

/// A colour as SVG writes it.
pub(crate) fn hex(&Rgb(r, g, b): &Rgb) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// A drawing with each of its colours as a variable, whose name begins with `prefix`.
pub(crate) fn with_variables(drawing: &str, prefix: &str) -> String {
    let mut parts = drawing.split('#');
    let mut page = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let colour = part.get(..6).and_then(|digits| {
            let drawn = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
            let [_, r, g, b] = drawn;
            PALETTE.iter().find(|c| c.light == Rgb(r, g, b))
        });
        match colour {
            Some(Colour { name, .. }) => {
                page.extend(["var(--", prefix, name, ")", &part[6..]]);
            }
            None => page.extend(["#", part]),
        }
    }
    page
}

/// The rows of the table: a name and its colours.
fn rows() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| {
        let (name, colours) = row.split_once(" = ")?;
        let colours = colours.split('"').filter(|c| c.starts_with('#'));
        Some((name, colours.collect()))
    })
}

/// `theme/colours.css`: each colour as a variable. mdBook's theme says by its `color-scheme`
/// which of the two it is.
pub fn style_sheet() -> String {
    let mut css =
        "/* Made from theme/colours.toml by `cargo run --bin figures`. */\n"
            .to_string();
    // mdBook's "rust" and "coal" are those of high contrast, to which theme/head.hbs gives
    // their names. A reader whose system asks for contrast gets it in the others too.
    for (selector, first) in
        [(":root", 0), (".rust,\n.coal,\n.contrast", 2)]
    {
        let _ = writeln!(css, "\n{selector} {{");
        for (name, colours) in rows() {
            if let Some([light, dark]) = colours.get(first..first + 2) {
                let _ = writeln!(
                    css,
                    "    --{name}: light-dark({light}, {dark});"
                );
            }
        }
        css += "}\n";
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_of_figures_in_the_table_has_a_constant() {
        let table =
            rows().filter_map(|(name, _)| name.strip_prefix("fig-"));
        let mut named: Vec<&str> = PALETTE.iter().map(|c| c.name).collect();
        let mut table: Vec<&str> = table.collect();
        named.sort_unstable();
        table.sort_unstable();
        assert_eq!(named, table);
    }

    #[test]
    fn a_constant_is_the_light_colour_of_its_row() {
        for (name, colours) in rows() {
            assert!(
                [2, 4, 5].contains(&colours.len()),
                "{name}: {colours:?}"
            );
            for colour in colours {
                assert_eq!(hex(&rgb(colour)).to_lowercase(), colour);
            }
        }
        for Colour { name, light, dark } in PALETTE {
            let name = format!("fig-{name}");
            let (_, row) = rows().find(|(of, _)| *of == name).unwrap();
            let drawn = [light, dark].map(|c| hex(c).to_lowercase());
            assert_eq!(drawn, row[..2]);
        }
    }

    #[test]
    fn no_two_colours_are_drawn_alike() {
        for (i, a) in PALETTE.iter().enumerate() {
            for b in &PALETTE[..i] {
                assert!(a.light != b.light, "{} and {}", a.name, b.name);
            }
        }
    }
}
