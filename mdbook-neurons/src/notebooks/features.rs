//! Which features of the book's crate the cells of a page need.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use syn::punctuated::Punctuated;
use syn::{Meta, Token, UseTree};

use crate::rust_paths;

/// The features that items and modules of a crate depend on, as their `#[cfg(feature = "…")]`
/// say, by path: `figures`, `digits::dataset::fetch`.
#[derive(Debug, Default)]
pub struct Features(BTreeMap<String, BTreeSet<String>>);

impl Features {
    /// Reads the modules of the crate whose `lib.rs` stands in `folder`.
    ///
    /// # Errors
    /// Returns an error when a module cannot be read or is not Rust.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut features = Features::default();
        features.file(&folder.join("lib.rs"), folder, "")?;
        Ok(features)
    }

    /// A file whose modules have theirs in `folder`.
    fn file(&mut self, file: &Path, folder: &Path, module: &str) -> Result<()> {
        let source = fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let syntax = syn::parse_file(&source)
            .with_context(|| format!("{} is not Rust", file.display()))?;
        for item in &syntax.items {
            let (attributes, name) = match item {
                syn::Item::Const(item) => (&item.attrs, item.ident.to_string()),
                syn::Item::Enum(item) => (&item.attrs, item.ident.to_string()),
                syn::Item::Fn(item) => (&item.attrs, item.sig.ident.to_string()),
                syn::Item::Mod(item) => (&item.attrs, item.ident.to_string()),
                syn::Item::Struct(item) => (&item.attrs, item.ident.to_string()),
                syn::Item::Trait(item) => (&item.attrs, item.ident.to_string()),
                syn::Item::Type(item) => (&item.attrs, item.ident.to_string()),
                syn::Item::Use(item) => match &item.tree {
                    UseTree::Name(name) => (&item.attrs, name.ident.to_string()),
                    _ => continue,
                },
                _ => continue,
            };
            let path = join(module, &name);
            let own = attributes.iter().filter(|a| a.path().is_ident("cfg"));
            let own: BTreeSet<String> = own
                .filter_map(|a| a.parse_args().ok())
                .flat_map(|meta| named(&meta))
                .collect();
            if !own.is_empty() {
                self.0.insert(path.clone(), own);
            }
            if let syn::Item::Mod(syn::ItemMod { content: None, .. }) = item {
                let folder = folder.join(&name);
                let files = [folder.with_extension("rs"), folder.join("mod.rs")];
                if let Some(file) = files.iter().find(|file| file.exists()) {
                    self.file(file, &folder, &path)?;
                }
            }
        }
        Ok(())
    }

    /// What `cells` need, in the order of the alphabet: they name the crate `neurons`.
    pub fn of(&self, cells: &[&str]) -> BTreeSet<&str> {
        let mut paths = BTreeSet::new();
        for cell in cells {
            // A cell that is not Rust is reported elsewhere.
            paths.extend(rust_paths::from("neurons", &cell.parse().unwrap_or_default()));
        }
        let above = |path: &String| {
            let ends = path.match_indices("::").map(|(at, _)| at).chain([path.len()]);
            ends.filter_map(|end| self.0.get(&path[..end])).collect::<Vec<_>>()
        };
        paths.iter().flat_map(above).flatten().map(String::as_str).collect()
    }
}

/// `a::b`, or `b` at the root.
fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.into() } else { format!("{module}::{name}") }
}

/// The features of `feature = "a"` and of `all(feature = "a", …)`.
fn named(meta: &Meta) -> Vec<String> {
    match meta {
        Meta::NameValue(pair) if pair.path.is_ident("feature") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => {
                vec![name.value()]
            }
            _ => vec![],
        },
        Meta::List(list) if list.path.is_ident("all") => {
            let parts =
                list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            parts.iter().flatten().flat_map(named).collect()
        }
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_needs_the_features_of_the_paths_that_it_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let lib = "pub mod a;\n#[cfg(feature = \"big\")]\npub mod b;\n\
                   #[cfg(all(feature = \"p\", feature = \"q\"))]\npub use c;\n\
                   #[cfg(not(feature = \"none\"))]\nfn d() {}\n";
        let a = "#[cfg(feature = \"deep\")]\nmod x;\n#[cfg(feature = \"f\")]\npub fn f() {}\n";
        let x = "#[cfg(feature = \"deeper\")]\npub struct Y;\n";
        for (file, text) in
            [("lib.rs", lib), ("b.rs", ""), ("a/mod.rs", a), ("a/x.rs", x)]
        {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, text).expect("a module");
        }
        let features = Features::read(folder.path()).expect("features");
        for (cell, needed) in [
            ("let neurons = a::x::Y;", &[][..]),
            ("use neurons::{a::g, d};", &[]),
            ("neurons::b::g();", &["big"]),
            ("use neurons::c;", &["p", "q"]),
            (
                "use neurons::{a, b::{self, H}};\na::x::Y::new(neurons::a::f());",
                &["big", "deep", "deeper", "f"],
            ),
        ] {
            assert_eq!(Vec::from_iter(features.of(&[cell])), needed, "{cell}");
        }
    }
}
