//! The items of `chapters-code/`, found by path and cut out as they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use syn::Meta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use textwrap::core::display_width;

use crate::rust_paths;

/// An item as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Its file, from the root of the repository: `chapters-code/sigmoid.rs`.
    pub file: String,
    /// The 1-based line on which it begins.
    pub line: usize,
    /// The line on which the first example of its doc comment begins, which is a test.
    pub test: Option<usize>,
    /// Its source, each doc comment reduced to the first paragraph.
    pub code: String,
}

/// All items by path: `sigmoid::sigmoid`, `layer::Layer`, `layer::Layer::forward`,
/// `impl layer::Layer`, `impl backprop::Cost for Quadratic`.
#[derive(Debug, Default)]
pub struct Items {
    cuts: BTreeMap<String, Vec<Cut>>,
    /// The features that items and modules depend on, as their `#[cfg(feature = "…")]` say.
    features: BTreeMap<String, BTreeSet<String>>,
}

impl Items {
    /// Reads the modules under `folder`, which stands in `root`. Programs in `bin/`
    /// and `examples/` are no modules.
    ///
    /// # Errors
    /// If a file cannot be read or is not Rust.
    pub fn read(root: &Path, folder: &str) -> Result<Self> {
        let mut items = Items::default();
        items.read_folder(root, folder, "")?;
        Ok(items)
    }

    fn read_folder(&mut self, root: &Path, folder: &str, module: &str) -> Result<()> {
        let mut names = Vec::new();
        for entry in fs::read_dir(root.join(folder))
            .with_context(|| format!("cannot read {folder}"))?
        {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        for name in names {
            let path = format!("{folder}/{name}");
            if let Some(stem) = name.strip_suffix(".rs") {
                let module = if ["lib", "mod"].contains(&stem) {
                    module.into()
                } else {
                    join(module, stem)
                };
                let source = fs::read_to_string(root.join(&path))
                    .with_context(|| format!("cannot read {path}"))?;
                self.read_file(&path, &module, &source)?;
            } else if !["bin", "examples"].contains(&name.as_str())
                && root.join(&path).is_dir()
            {
                self.read_folder(root, &path, &join(module, &name))?;
            }
        }
        Ok(())
    }

    fn read_file(&mut self, file: &str, module: &str, source: &str) -> Result<()> {
        let syntax = syn::parse_file(source).map_err(|error| {
            anyhow::anyhow!(
                "{file}:{}: this is not Rust: {error}",
                error.span().start().line
            )
        })?;
        let lines: Vec<&str> = source.lines().collect();
        Cutter { items: self, file, lines }.items(module, &syntax.items);
        Ok(())
    }

    /// The items that the words of an `{{#item …}}` name, in their order.
    ///
    /// # Errors
    /// If they name none, or one that does not exist.
    pub fn named(&self, words: &str) -> Result<Vec<&Cut>, String> {
        let paths = paths(words);
        if paths.is_empty() {
            return Err("{{#item}} names no item".into());
        }
        let cuts: Result<Vec<_>, String> =
            paths.iter().map(|path| self.find(path)).collect();
        Ok(cuts?.into_iter().flatten().collect())
    }

    /// The features of the book's crate that `cells` of Rust need, by the paths that they name.
    pub fn features(&self, cells: &[&str]) -> BTreeSet<&str> {
        let mut features = BTreeSet::new();
        for cell in cells {
            // A cell that is not Rust is reported elsewhere.
            for path in rust_paths::from("neurons", &cell.parse().unwrap_or_default()) {
                let ends = path.match_indices("::").map(|(at, _)| at).chain([path.len()]);
                let above = ends.filter_map(|end| self.features.get(&path[..end]));
                features.extend(above.flatten().map(String::as_str));
            }
        }
        features
    }

    /// The paths of all items, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.cuts.keys().map(String::as_str)
    }

    /// The items of one path; several if an impl is written in several blocks.
    ///
    /// # Errors
    /// If there is none: then with the nearest path that exists.
    pub fn find(&self, path: &str) -> Result<&[Cut], String> {
        if let Some(cuts) = self.cuts.get(path) {
            return Ok(cuts);
        }
        let nearest = self.cuts.keys().min_by_key(|key| strsim::levenshtein(key, path));
        let hint =
            nearest.map(|near| format!("; the nearest is `{near}`")).unwrap_or_default();
        Err(format!("there is no item `{path}` in chapters-code{hint}"))
    }
}

/// The features of `feature = "a"` and of `all(feature = "a", …)`.
fn features(condition: &Meta) -> Vec<String> {
    match condition {
        Meta::NameValue(pair) if pair.path.is_ident("feature") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => {
                vec![name.value()]
            }
            _ => vec![],
        },
        Meta::List(list) if list.path.is_ident("all") => {
            let all = list
                .parse_args_with(Punctuated::<Meta, syn::Token![,]>::parse_terminated);
            all.iter().flatten().flat_map(features).collect()
        }
        _ => vec![],
    }
}

/// The paths in the words of an `{{#item …}}`: separated by blanks, where `impl Type` and
/// `impl Trait for Type` are one path each (the `impl` before a `for` may be left out).
pub fn paths(words: &str) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        match (word, paths.last_mut()) {
            ("for", Some(path)) => {
                let of = path.trim_start_matches("impl ");
                *path = format!("impl {of} for {}", words.next().unwrap_or_default());
            }
            ("impl", _) => {
                paths.push(format!("impl {}", words.next().unwrap_or_default()))
            }
            _ => paths.push(word.into()),
        }
    }
    paths
}

/// Cuts the items of one file out.
struct Cutter<'a> {
    items: &'a mut Items,
    file: &'a str,
    lines: Vec<&'a str>,
}

impl Cutter<'_> {
    fn items(&mut self, module: &str, items: &[syn::Item]) {
        for item in items {
            let name = match item {
                syn::Item::Const(item) => &item.ident,
                syn::Item::Enum(item) => &item.ident,
                syn::Item::Fn(item) => &item.sig.ident,
                syn::Item::Static(item) => &item.ident,
                syn::Item::Struct(item) => &item.ident,
                syn::Item::Type(item) => &item.ident,
                syn::Item::Trait(item) => {
                    for inner in &item.items {
                        if let syn::TraitItem::Fn(method) = inner {
                            let path = format!(
                                "{}::{}",
                                join(module, &item.ident),
                                method.sig.ident
                            );
                            self.add(path, inner);
                        }
                    }
                    &item.ident
                }
                syn::Item::Macro(syn::ItemMacro { ident: Some(ident), .. }) => ident,
                syn::Item::Mod(inner) => {
                    let module = join(module, &inner.ident);
                    self.depends(&module, &inner.attrs);
                    if let Some((_, items)) = &inner.content {
                        self.items(&module, items);
                    }
                    continue;
                }
                syn::Item::Impl(block) => {
                    self.implementation(module, block);
                    continue;
                }
                _ => continue,
            };
            let path = join(module, name);
            if let syn::Item::Fn(syn::ItemFn { attrs, .. })
            | syn::Item::Struct(syn::ItemStruct { attrs, .. }) = item
            {
                self.depends(&path, attrs);
            }
            self.add(path, item);
        }
    }

    fn depends(&mut self, path: &str, attributes: &[syn::Attribute]) {
        let conditions = attributes.iter().filter(|a| a.path().is_ident("cfg"));
        let conditions = conditions.filter_map(|a| a.parse_args().ok());
        let features: BTreeSet<String> =
            conditions.flat_map(|meta| features(&meta)).collect();
        if !features.is_empty() {
            self.items.features.insert(path.into(), features);
        }
    }

    fn implementation(&mut self, module: &str, block: &syn::ItemImpl) {
        // `impl Add for &Tensor` is found as `impl Add for Tensor`.
        let ty = match &*block.self_ty {
            syn::Type::Reference(reference) => &*reference.elem,
            ty => ty,
        };
        let syn::Type::Path(path) = ty else { return };
        let Some(ty) = path.path.segments.last().map(|segment| &segment.ident) else {
            return;
        };
        let of = block.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        match of {
            Some(of) => {
                self.add(format!("impl {} for {ty}", join(module, &of.ident)), block)
            }
            None => self.add(format!("impl {}", join(module, ty)), block),
        }
        for item in &block.items {
            let name = match item {
                syn::ImplItem::Fn(item) => &item.sig.ident,
                syn::ImplItem::Const(item) => &item.ident,
                syn::ImplItem::Type(item) => &item.ident,
                _ => continue,
            };
            self.add(format!("{}::{name}", join(module, ty)), item);
        }
    }

    fn add(&mut self, path: String, item: &impl Spanned) {
        let span = item.span();
        let (line, last) = (span.start().line, span.end().line);
        let lines = self.lines.get(line - 1..last).unwrap_or_default();
        let test = lines.iter().position(|line| opens_test(line)).map(|at| line + at);
        let cut = Cut { file: self.file.into(), line, test, code: shown(lines) };
        self.items.cuts.entry(path).or_default().push(cut);
    }
}

/// Whether a line opens an example of a doc comment that `cargo test` runs.
fn opens_test(line: &str) -> bool {
    let Some(doc) = line.trim_start().strip_prefix("///") else { return false };
    let Some(tags) = doc.trim().strip_prefix("```") else { return false };
    let runs = |tag: &str| ["rust", "should_panic", "edition2024"].contains(&tag);
    tags.split([',', ' ']).filter(|tag| !tag.is_empty()).all(runs)
}

/// `a::b`, or `b` at the root.
fn join(module: &str, name: impl std::fmt::Display) -> String {
    if module.is_empty() { name.to_string() } else { format!("{module}::{name}") }
}

/// What a page shows without scrolling sideways, in characters.
pub const WIDTH: usize = 76;

/// The lines without their common indentation, without all but the first paragraph of each doc
/// comment, and without attributes that only speak to the compiler.
fn shown(lines: &[&str]) -> String {
    let indent = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
    let lines = lines.iter().map(|line| line.get(indent..).unwrap_or(line.trim()));
    let lines: Vec<&str> = lines.collect();
    let is_doc = |line: &str| line.trim_start().starts_with("///");
    let of_the_compiler = |line: &str| {
        let starts = ["#[must_use", "#[inline", "#[allow(", "#[expect("];
        line.ends_with(']') && starts.iter().any(|start| line.trim().starts_with(start))
    };
    let mut shown = String::new();
    for part in lines.chunk_by(|a, b| is_doc(a) == is_doc(b)) {
        if is_doc(part[0]) {
            let paragraph = part.split(|line| line.trim() == "///").next();
            shown.push_str(&doc(paragraph.unwrap_or_default()));
        } else {
            let code = part.iter().filter(|line| !of_the_compiler(line));
            code.for_each(|line| shown.push_str(&format!("{line}\n")));
        }
    }
    shown
}

/// A paragraph of a doc comment as it stands, or, if it is too wide, broken again.
fn doc(lines: &[&str]) -> String {
    if lines.iter().all(|line| display_width(line) <= WIDTH) {
        return lines.iter().map(|line| format!("{line}\n")).collect();
    }
    let first = lines.first().copied().unwrap_or_default();
    let slashes = &first[..first.len() - first.trim_start().len()];
    let slashes = format!("{slashes}/// ");
    let words = lines
        .iter()
        .flat_map(|line| line.trim().trim_start_matches('/').split_whitespace());
    let words: Vec<&str> = words.collect();
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(&slashes)
        .subsequent_indent(&slashes)
        .break_words(false);
    textwrap::fill(&words.join(" "), options) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder_of;

    const SOURCE: &str = "\
//! A chapter.

/// σ(z), squashed.
///
/// ```
/// long();
/// ```
#[must_use]
pub fn sigmoid(z: f64) -> f64 {
    z
}

/// A layer.
#[derive(Clone)]
pub struct Layer {
    /// Weights.
    ///
    /// More.
    pub w: f64,
}

impl Layer {
    /// Forward.
    ///
    /// More.
    pub fn forward(&self) -> f64 {
        self.w
    }
}

impl Cost for Layer {
    fn of(&self) -> f64 {
        0.0
    }
}
";

    fn items() -> Items {
        let mut items = Items::default();
        items.read_file("chapters-code/a.rs", "a", SOURCE).expect("Rust");
        items
    }

    fn code(path: &str) -> String {
        items().find(path).expect("an item")[0].code.clone()
    }

    #[test]
    fn items_are_cut_as_they_stand() {
        assert_eq!(
            code("a::sigmoid"),
            "/// σ(z), squashed.\npub fn sigmoid(z: f64) -> f64 {\n    z\n}\n"
        );
        let layer = "/// A layer.\n#[derive(Clone)]\npub struct Layer {\n    /// Weights.\n    pub w: f64,\n}\n";
        assert_eq!(code("a::Layer"), layer);
        let forward = "/// Forward.\npub fn forward(&self) -> f64 {\n    self.w\n}\n";
        assert_eq!(code("a::Layer::forward"), forward);
        assert!(
            code("impl a::Layer")
                .starts_with("impl Layer {\n    /// Forward.\n    pub fn")
        );
        assert!(code("impl a::Cost for Layer").contains("fn of"));
        let items = items();
        let cut = &items.find("a::sigmoid").expect("an item")[0];
        assert_eq!((cut.file.as_str(), cut.line), ("chapters-code/a.rs", 3));
        assert_eq!(cut.test, Some(5), "its example is a test");
        assert_eq!(items.find("a::Layer").expect("an item")[0].test, None);
    }

    #[test]
    fn a_wide_comment_is_broken_again() {
        let wide = ["    /// A ", "    /// word. "]
            .map(|start| start.to_string() + &"and ".repeat(19));
        let wide =
            [wide[0].trim_end(), wide[1].trim_end(), "    ///", "    /// More.", "    x"];
        let shown = shown(&wide);
        assert!(shown.lines().all(|line| display_width(line) <= WIDTH), "{shown}");
        assert_eq!(shown.split_whitespace().filter(|word| *word == "and").count(), 38);
        assert!(shown.starts_with("/// A and") && shown.ends_with("and\nx\n"), "{shown}");
    }

    #[test]
    fn a_missing_item_names_the_nearest() {
        let error = items().find("a::sigmiod").expect_err("a hint");
        assert!(
            error.contains("`a::sigmiod`")
                && error.ends_with("the nearest is `a::sigmoid`"),
            "{error}"
        );
    }

    #[test]
    fn a_cell_needs_the_features_of_the_paths_that_it_names() {
        let lib = "pub mod a;\n#[cfg(feature = \"big\")]\npub mod b;\n\
                   #[cfg(all(feature = \"p\", feature = \"q\"))]\npub mod c;\n\
                   #[cfg(not(feature = \"none\"))]\nfn d() {}\n";
        let a = "#[cfg(feature = \"deep\")]\nmod x;\n#[cfg(feature = \"f\")]\npub fn f() {}\n";
        let x = "#[cfg(feature = \"deeper\")]\npub struct Y;\n";
        let files = [("lib.rs", lib), ("b.rs", ""), ("a/mod.rs", a), ("a/x.rs", x)];
        let folder = folder_of(&files);
        let items = Items::read(folder.path(), ".").expect("items");
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
            assert_eq!(Vec::from_iter(items.features(&[cell])), needed, "{cell}");
        }
    }

    #[test]
    fn the_words_of_an_item_are_paths() {
        let words =
            "a::f impl a::Layer b::Cost for Quadratic impl b::Cost for Cross a::g";
        let cost = ["impl b::Cost for Quadratic", "impl b::Cost for Cross"];
        assert_eq!(paths(words), ["a::f", "impl a::Layer", cost[0], cost[1], "a::g"]);
    }
}
