//! Paths in code that has been cut into tokens.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The paths that begin in `rest`, which stands behind the name of a crate or of a module: those of
/// `::a::{b, c::*}` are `a::b` and `a::c`, and that of `::*` and of `::{self}` is empty.
pub fn behind(rest: &[TokenTree]) -> Vec<Vec<String>> {
    let mut paths = vec![];
    follow(rest, &[], &mut paths);
    paths
}

/// The paths in `tokens` that begin with `name`, and those that go on from there: from
/// `use name::a;`, those that begin with `a`. All without `name`.
pub fn from(name: &str, tokens: &TokenStream) -> BTreeSet<String> {
    let mut all = begun_with(name, tokens);
    for path in all.clone() {
        // Once: a path may end as it begins.
        if let Some(last) = path.last() {
            let more = begun_with(last, tokens).into_iter();
            all.extend(more.map(|more| [path.as_slice(), &more].concat()));
        }
    }
    all.into_iter().map(|path| path.join("::")).collect()
}

fn begun_with(name: &str, tokens: &TokenStream) -> Vec<Vec<String>> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut paths = vec![];
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => paths.extend(begun_with(name, &group.stream())),
            TokenTree::Ident(word)
                if word == name && (i == 0 || !is_colon(tokens.get(i - 1))) =>
            {
                paths.extend(behind(&tokens[i + 1..]));
            }
            _ => {}
        }
    }
    paths
}

fn follow(rest: &[TokenTree], before: &[String], paths: &mut Vec<Vec<String>>) {
    match rest {
        [a, b, next, rest @ ..] if is_colon(Some(a)) && is_colon(Some(b)) => {
            branch(next, rest, before, paths);
        }
        // A name without a path behind it may be anything.
        _ if before.is_empty() => {}
        _ => paths.push(before.to_vec()),
    }
}

/// What follows two colons, or stands in the braces there.
fn branch(
    first: &TokenTree,
    rest: &[TokenTree],
    before: &[String],
    paths: &mut Vec<Vec<String>>,
) {
    match first {
        TokenTree::Ident(name) if name != "self" => {
            follow(rest, &[before, &[name.to_string()]].concat(), paths);
        }
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            let comma =
                |t: &TokenTree| matches!(t, TokenTree::Punct(p) if p.as_char() == ',');
            for part in inside.split(comma) {
                if let [first, rest @ ..] = part {
                    branch(first, rest, before, paths);
                }
            }
        }
        _ => paths.push(before.to_vec()),
    }
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(code: &str) -> Vec<String> {
        Vec::from_iter(from("neurons", &code.parse().expect("Rust")))
    }

    #[test]
    fn a_path_is_found_behind_every_kind_of_name() {
        assert_eq!(
            paths("use neurons::{a::*, b::{self, C}, d};"),
            ["a", "b", "b::C", "d"]
        );
        assert_eq!(paths("f(|| neurons::a::b::<C>(1))"), ["a::b"]);
        assert_eq!(paths("let neurons = 3; use neurons::*;"), [""]);
        assert_eq!(paths("use other::neurons::a;"), [""; 0]);
    }

    #[test]
    fn a_path_goes_on_from_what_was_imported() {
        assert_eq!(paths("use neurons::a; a::b::c(); x::a::d();"), ["a", "a::b::c"]);
        assert_eq!(paths("use neurons::a::a; a::b();"), ["a::a", "a::a::b"]);
    }
}
