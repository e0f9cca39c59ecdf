//! Cells of a page as evcxr takes them, and the crates that they need.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;

use crate::programs::shown_to_rustc;

/// A cell as evcxr runs it at its top level. Leading `use` lines stay there, where they hold for
/// the cells below. The rest becomes a block, unless a later cell `goes_on` from it: evcxr cannot
/// keep a closure or a borrow from one cell to the next, and each variable that it keeps takes
/// time. The semicolon behind the block keeps evcxr from showing its `()`.
///
/// # Errors
/// Returns what is wrong, and how many lines below the cell's first line, when the cell is not
/// Rust.
pub fn top_level(cell: &str, goes_on: bool) -> Result<String, (usize, String)> {
    let lines: Vec<&str> = cell.lines().map(shown_to_rustc).collect();
    // One line for the brace: line 1 of the block is line 0 of the cell.
    let source = format!("{{\n{}\n}}", lines.join("\n"));
    let error = |error: syn::Error| {
        let line = error.span().start().line.saturating_sub(2);
        (line, format!("the cell is not Rust: {error}"))
    };
    let block: syn::Block = syn::parse_str(&source).map_err(error)?;
    if goes_on {
        return Ok(lines.join("\n"));
    }
    let imports = block
        .stmts
        .iter()
        .take_while(|s| matches!(s, syn::Stmt::Item(syn::Item::Use(_))));
    let imported = imports.map(|import| import.span().end().line - 1).max().unwrap_or(0);
    let (imports, body) = lines.split_at(imported);
    let mut code = imports.join("\n");
    if body.iter().all(|line| line.trim().is_empty()) {
        return Ok(code);
    }
    if !code.is_empty() {
        code.push('\n');
    }
    let inside = inside_literals(source.parse().unwrap_or_default());
    code.push_str("{\n");
    let blank = body.iter().take_while(|line| line.trim().is_empty()).count();
    for (at, line) in body.iter().enumerate().skip(blank) {
        let indented = !line.is_empty() && !inside.contains(&(imported + at + 2));
        code.push_str(if indented { "    " } else { "" });
        code.push_str(line);
        code.push('\n');
    }
    Ok(code + "};")
}

/// The lines that begin within a literal: to indent them would change a string.
fn inside_literals(tokens: TokenStream) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => lines.extend(inside_literals(group.stream())),
            TokenTree::Literal(literal) => {
                let span = literal.span();
                lines.extend(span.start().line + 1..=span.end().line);
            }
            _ => {}
        }
    }
    lines
}

/// The lines of `Cargo.toml` for the dependencies that cells call by name, sorted.
pub fn dependencies(manifest: &str, cells: &[&str]) -> Vec<String> {
    let mut section = "";
    let mut used = BTreeSet::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        }
        let Some((name, _)) = line.split_once('=') else { continue };
        let name = name.trim().replace('-', "_");
        let of_cells = ["[dependencies]", "[dev-dependencies]"].contains(&section);
        if of_cells && cells.iter().any(|cell| calls(cell, &name)) {
            // What the book's crate can do without, a cell that calls it cannot.
            used.insert(line.replace(", optional = true", ""));
        }
    }
    used.into_iter().collect()
}

/// Whether a path in `code` begins with the crate `name`. What the book's own crate re-exports
/// (`use neurons::{ndarray::array, …};`) needs no dependency.
fn calls(code: &str, name: &str) -> bool {
    let mut own = code.to_string();
    while let Some(start) = own.find("use neurons::") {
        let end = own[start..].find(';').map_or(own.len(), |end| start + end);
        own.replace_range(start..end, "");
    }
    own.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = own[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "_:".contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_stay_outside_and_the_rest_becomes_a_block() {
        let cell =
            "// First.\nuse a::{\n    b, c,\n};\nuse d::e;\n\nlet f = |x| x;\n\nf(1)\n";
        assert_eq!(
            top_level(cell, false).as_deref(),
            Ok(
                "// First.\nuse a::{\n    b, c,\n};\nuse d::e;\n{\n    let f = |x| x;\n\n    f(1)\n};"
            )
        );
        assert_eq!(top_level("use a::b;\n", false).as_deref(), Ok("use a::b;"));
        assert_eq!(
            top_level("# let a = 1;\na\n", false).as_deref(),
            Ok("{\n    let a = 1;\n    a\n};")
        );
    }

    #[test]
    fn a_cell_that_goes_on_stays_as_it_is() {
        assert_eq!(
            top_level("use a::b;\nlet c = b;\n", true).as_deref(),
            Ok("use a::b;\nlet c = b;")
        );
    }

    #[test]
    fn a_string_of_many_lines_is_not_indented() {
        let cell = "let a = 1;\nprint(\"x\n  y\nz\", a);\n";
        assert_eq!(
            top_level(cell, false).as_deref(),
            Ok("{\n    let a = 1;\n    print(\"x\n  y\nz\", a);\n};")
        );
    }

    #[test]
    fn an_error_names_its_line() {
        let (line, message) =
            top_level("let a = 1;\nlet b = ;\n", true).expect_err("an error");
        assert_eq!(line, 1, "{message}");
    }

    #[test]
    fn only_the_crates_that_are_called_are_needed() {
        let manifest = "[package]\nrand = 1\n[dependencies]\nrand = { version = \"0.10\" }\nrand_chacha = \"0.10\"\nrayon = { version = \"1.12\", optional = true }\nndarray = \"0.17\"\n[dev-dependencies]\napprox = \"0.5\"\n";
        let cells = [
            "use neurons::{\n    ndarray::array,\n};\nuse rand::SeedableRng;",
            "neurons::ndarray::arr0(1);\napprox::assert_eq!(1, 1);\nrayon::join(f, g);",
        ];
        let needed = [
            "approx = \"0.5\"",
            "rand = { version = \"0.10\" }",
            "rayon = { version = \"1.12\" }",
        ];
        assert_eq!(dependencies(manifest, &cells), needed);
    }
}
