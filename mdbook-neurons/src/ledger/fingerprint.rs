//! Fingerprints: whether a program is still the one that measured a run.
//!
//! A program's fingerprint covers everything of this repository that can change what it prints:
//! its source, the modules of the book that it uses (and those that they use), the files that
//! these include, the files that it names in a string, such as `images/five_seeds.csv`, and what
//! it declares with [`Experiment::reads`](super::Experiment::reads). Of Rust only the tokens count,
//! so that a comment changes nothing; of other files every byte.
//!
//! A module counts with all modules inside it: an `impl` in one of them needs no name. Of a
//! *room*, a `mod.rs` that only declares modules, only those count that are named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use sha2::{Digest, Sha256};

use super::FILE;
use crate::rust_paths::behind;

/// Where the modules of the book are.
const CHAPTERS: &str = "chapters-code";

/// The first half of the SHA-256 of `bytes`, cut once more in half: 16 hexadecimal digits.
pub fn of_bytes(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The fingerprint of the program `experiments/name.rs`, which also reads the files and folders
/// `reads`.
///
/// # Errors
/// Returns an error when a file that belongs to the program cannot be read.
pub fn of_program(root: &Path, name: &str, reads: &[String]) -> Result<String> {
    let mut parts = vec![format!("experiments/{name}.rs")];
    for path in reads {
        add_files(root, path, &mut parts)?;
    }
    of_sources(root, parts)
}

/// The fingerprint of these files, and of what they use.
///
/// # Errors
/// Returns an error when one of them cannot be read.
pub fn of_sources(root: &Path, mut to_read: Vec<String>) -> Result<String> {
    let program = to_read.first().cloned().unwrap_or_default();
    let mut parts = BTreeMap::new();
    while let Some(path) = to_read.pop() {
        if parts.contains_key(&path) {
            continue;
        }
        let bytes = fs::read(root.join(&path))
            .with_context(|| format!("cannot read {path}, a part of {program}"))?;
        let part = match path.ends_with(".rs") {
            true => {
                let tokens = TokenStream::from_str(&String::from_utf8_lossy(&bytes))
                    .map_err(|error| anyhow!("{path} is not Rust: {error}"))?;
                let tokens = without_docs(tokens);
                to_read.extend(Source::of(&path, &tokens)?.files(root)?);
                tokens.to_string()
            }
            false => of_bytes(&bytes),
        };
        parts.insert(path, part);
    }
    Ok(of_bytes(format!("{parts:?}").as_bytes()))
}

/// Adds the file `path`, or all files in the folder `path` and its folders.
fn add_files(root: &Path, path: &str, files: &mut Vec<String>) -> Result<()> {
    let place = root.join(path);
    if !place.is_dir() {
        files.push(path.into());
        return Ok(());
    }
    for entry in fs::read_dir(&place).with_context(|| format!("cannot read {path}"))? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        // What Python and Cargo leave behind is not part of a program.
        if !name.starts_with('.') && !["__pycache__", "target"].contains(&&*name) {
            add_files(root, &format!("{}/{name}", path.trim_end_matches('/')), files)?;
        }
    }
    Ok(())
}

/// What a file of Rust needs besides itself.
#[derive(Debug, Default, PartialEq)]
struct Source<'a> {
    /// Its path from the root of the repository.
    path: &'a str,
    /// The paths after `neurons::` and `crate::`, those in braces too; an empty one of `neurons::*`.
    paths: BTreeSet<Vec<String>>,
    /// Those after `super::`.
    above: BTreeSet<Vec<String>>,
    /// `mod name;`.
    children: BTreeSet<String>,
    /// Files that it includes, relative to its folder.
    included: BTreeSet<String>,
    /// `#[path = "file"]`, relative to its folder.
    placed: BTreeSet<String>,
    /// Strings without an escape.
    strings: BTreeSet<String>,
}

impl<'a> Source<'a> {
    fn of(path: &'a str, tokens: &TokenStream) -> Result<Self> {
        let mut source = Source { path, ..Source::default() };
        source.walk(tokens, true)?;
        Ok(source)
    }

    /// `top`: outside all braces, where `super` is what the file's own module stands in.
    fn walk(&mut self, tokens: &TokenStream, top: bool) -> Result<()> {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for (i, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.walk(&group.stream(), false)?,
                TokenTree::Literal(literal) => {
                    self.strings.extend(text_of(&literal.to_string()));
                }
                TokenTree::Ident(name) => {
                    let (name, rest) = (name.to_string(), &tokens[i + 1..]);
                    match name.as_str() {
                        // Of a program outside, `crate` is that program.
                        "crate" if !self.path.starts_with(CHAPTERS) => {}
                        "neurons" | "crate" => {
                            if matches!(rest, [TokenTree::Ident(word), ..] if word == "as")
                            {
                                self.paths.insert(vec![]);
                            }
                            self.paths
                                .extend(behind(rest).into_iter().map(without_types));
                        }
                        "super" => {
                            let above = behind(rest).into_iter().map(without_types);
                            // Of a module within this file it is this file.
                            self.above
                                .extend(above.filter(|path| top || !path.is_empty()));
                        }
                        "mod" => self.children.extend(declared(rest)),
                        "path" => self.placed.extend(assigned(rest)),
                        "include" | "include_str" | "include_bytes" => {
                            self.include(rest)?
                        }
                        _ => {}
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
        Ok(())
    }

    /// `!("file")`, which follows `include`.
    fn include(&mut self, rest: &[TokenTree]) -> Result<()> {
        let [TokenTree::Punct(mark), TokenTree::Group(group), ..] = rest else {
            return Ok(());
        };
        if mark.as_char() != '!' {
            return Ok(());
        }
        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
        let file = match inside.first() {
            Some(TokenTree::Literal(literal)) => text_of(&literal.to_string()),
            _ => None,
        };
        let Some(file) = file else {
            bail!(
                "{} includes a file whose name is not a plain string, so its fingerprint would \
                 miss it: write the name as one string",
                self.path
            );
        };
        self.included.insert(file);
        Ok(())
    }

    /// The files of the repository that this one needs.
    fn files(&self, root: &Path) -> Result<Vec<String>> {
        let path = Path::new(self.path);
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut files: Vec<String> =
            self.included.iter().map(|file| normal(&folder.join(file))).collect();
        let mut paths = self.paths.clone();
        for above in &self.above {
            // Which module it is depends on where in the file it is said: each that it can be.
            let own = module(self.path);
            for depth in 0..own.len().max(1) {
                let whole: Vec<String> =
                    own.iter().take(depth).chain(above).cloned().collect();
                if !whole.is_empty() || own.len() < 2 {
                    paths.insert(whole);
                }
            }
        }
        for path in &paths {
            files.extend(files_of(root, path)?);
        }
        let mut add_if_there = |file: PathBuf| {
            let file = normal(&file);
            if root.join(&file).is_file() {
                files.push(file);
            }
        };
        for file in &self.placed {
            add_if_there(folder.join(file));
        }
        for child in &self.children {
            // `a.rs` and the root of a crate look for a child in different folders.
            for folder in [folder.to_path_buf(), path.with_extension("")] {
                add_if_there(folder.join(format!("{child}.rs")));
                add_if_there(folder.join(child).join("mod.rs"));
            }
        }
        if self.path.starts_with("experiments/") {
            for text in &self.strings {
                let text = text.trim_start_matches('/');
                // The ledger changes whenever a program writes into it.
                if text.contains('/') && text != FILE {
                    add_if_there(PathBuf::from(text));
                }
            }
        }
        Ok(files)
    }
}

/// The module of a file: `digits`, `dataset` of `chapters-code/digits/dataset.rs`; nothing of a
/// program.
fn module(path: &str) -> Vec<String> {
    let Some(path) = path.strip_prefix(CHAPTERS) else { return vec![] };
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|name| !name.is_empty()).map(String::from).collect()
}

/// The files of the module that a path leads to, or that it leads through: what stands behind a
/// module is in its file, or in those of its children, which count with it.
fn files_of(root: &Path, path: &[String]) -> Result<Vec<String>> {
    let mut folder = String::from(CHAPTERS);
    for name in path {
        let file = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
        let Some(file) = file.into_iter().find(|file| root.join(file).is_file()) else {
            // An item of a room, or of the crate, or of another crate.
            return Ok(vec![]);
        };
        folder = format!("{folder}/{name}");
        let text = fs::read_to_string(root.join(&file))
            .with_context(|| format!("cannot read {file}"))?;
        if !(file.ends_with("/mod.rs") && is_room(&text)) {
            return Ok(vec![file]);
        }
    }
    let mut files = vec![];
    add_files(root, &folder, &mut files)?;
    // The root of the crate only declares modules too; what stands in `bin/` is no module.
    let others = [format!("{CHAPTERS}/lib.rs"), format!("{CHAPTERS}/bin/")];
    files.retain(|file| {
        file.ends_with(".rs") && !others.iter().any(|other| file.starts_with(other))
    });
    Ok(files)
}

/// Whether a file does nothing but declare modules.
fn is_room(text: &str) -> bool {
    let Ok(tokens) = TokenStream::from_str(text) else { return false };
    let words = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            Some("{".into())
        }
        _ => None,
    });
    let words: Vec<String> = words.filter(|word| word != "pub").collect();
    words
        .chunks(2)
        .all(|pair| matches!(pair, [word, name] if word == "mod" && name != "{"))
}

/// A path up to the first name of a type: on some disks `Cost.rs` would be `cost.rs`.
fn without_types(path: Vec<String>) -> Vec<String> {
    path.into_iter().take_while(|name| !name.contains(char::is_uppercase)).collect()
}

/// `name` of `name;`, which follows `mod`.
fn declared(rest: &[TokenTree]) -> Option<String> {
    match rest {
        [TokenTree::Ident(name), TokenTree::Punct(end), ..] if end.as_char() == ';' => {
            Some(name.to_string())
        }
        _ => None,
    }
}

/// `file` of `= "file"`, which follows `path` and ends an attribute.
fn assigned(rest: &[TokenTree]) -> Option<String> {
    match rest {
        [TokenTree::Punct(equals), TokenTree::Literal(file)]
            if equals.as_char() == '=' =>
        {
            text_of(&file.to_string())
        }
        _ => None,
    }
}

/// The text of a literal if it is a string without an escape.
fn text_of(literal: &str) -> Option<String> {
    let text = literal.trim_start_matches('r').trim_matches('#');
    let text = text.strip_prefix('"')?.strip_suffix('"')?;
    (!text.contains('\\')).then(|| text.to_string())
}

/// A path without `.` and `..`, with slashes.
fn normal(path: &Path) -> String {
    let mut parts: Vec<String> = vec![];
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy().into()),
            Component::ParentDir => {
                parts.pop();
            }
            _ => {}
        }
    }
    parts.join("/")
}

/// Tokens without `#[doc = …]`, which is what comments of items become.
fn without_docs(tokens: TokenStream) -> TokenStream {
    let is_mark = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(p)) if ['#', '!'].contains(&p.as_char()));
    let mut kept: Vec<TokenTree> = vec![];
    for token in tokens {
        let TokenTree::Group(group) = token else {
            kept.push(token);
            continue;
        };
        let first = group.stream().into_iter().next();
        let is_doc = matches!(&first, Some(TokenTree::Ident(name)) if name == "doc");
        if is_doc && group.delimiter() == Delimiter::Bracket && is_mark(kept.last()) {
            while is_mark(kept.last()) {
                kept.pop();
            }
            continue;
        }
        let inner = without_docs(group.stream());
        kept.push(TokenTree::Group(Group::new(group.delimiter(), inner)));
    }
    kept.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository whose program `p` uses the files that the tests below change.
    const FILES: [(&str, &str); 19] = [
        (
            "experiments/p.rs",
            "use neurons::{a::A, b, room::one};\nmod aside;\n#[path = \"apart/c.rs\"]\nmod c;\nfn main() { fs::read(\"images/data.csv\"); include_str!(\"text.txt\"); }\n",
        ),
        ("experiments/aside.rs", "fn f() {}"),
        ("experiments/apart/c.rs", "fn f() {}"),
        ("experiments/text.txt", "1"),
        ("experiments/q.rs", "use neurons::*;\nfn main() {}\n"),
        ("images/data.csv", "1"),
        ("images/numbers.toml", "[p]"),
        ("chapters-code/a.rs", "mod inner;\nuse crate::d::f;\n"),
        ("chapters-code/a/inner.rs", "pub mod deep;\nuse super::super::e;\n"),
        ("chapters-code/a/inner/deep.rs", "fn f() {}"),
        ("chapters-code/b/mod.rs", "fn f() {}"),
        ("chapters-code/d.rs", "fn f() {}"),
        ("chapters-code/e.rs", "fn f() {}"),
        (
            "chapters-code/room/mod.rs",
            "#[cfg(x)]\npub mod one;\npub(crate) mod two;\nmod three;\n",
        ),
        ("chapters-code/room/one.rs", "use super::two::f;\n"),
        ("chapters-code/room/two.rs", "fn f() {}"),
        ("chapters-code/room/three.rs", "fn f() {}"),
        ("chapters-code/unused.rs", "fn f() {}"),
        ("benches/src/peer.py", "print(1)"),
    ];

    /// The files whose change alters the fingerprint of a program.
    fn counted(program: &str, reads: &[&str]) -> Vec<&'static str> {
        let folder = crate::folder_of(&FILES);
        let reads: Vec<String> = reads.iter().map(|path| path.to_string()).collect();
        let now = || of_program(folder.path(), program, &reads).expect("a fingerprint");
        let before = now();
        let counts = |(path, text): &(&'static str, &str)| {
            let file = folder.path().join(path);
            fs::write(&file, format!("{text}\nstruct Changed;\n")).expect("a file");
            let counts = now() != before;
            fs::write(&file, text).expect("a file");
            counts.then_some(*path)
        };
        FILES.iter().filter_map(counts).collect()
    }

    #[test]
    fn all_that_a_program_uses_counts_and_nothing_else() {
        let unused = [
            "experiments/q.rs",
            "images/numbers.toml",
            "chapters-code/room/three.rs",
            "chapters-code/unused.rs",
        ];
        let used = |path: &&str| !unused.contains(path) && !path.starts_with("benches");
        let used: Vec<&str> =
            FILES.map(|(path, _)| path).into_iter().filter(used).collect();
        assert_eq!(counted("p", &[]), used);
    }

    #[test]
    fn what_an_experiment_reads_counts() {
        assert_eq!(counted("p", &["benches"]).last(), Some(&"benches/src/peer.py"));
        let folder = crate::folder_of(&FILES);
        let error = of_program(folder.path(), "p", &["no/such".into()]);
        let error = format!("{:#}", error.expect_err("an error"));
        assert!(error.contains("cannot read no/such"), "{error}");
    }

    #[test]
    fn a_star_uses_every_module() {
        let used = counted("q", &[]);
        assert!(used.contains(&"chapters-code/unused.rs"), "{used:?}");
        assert!(used.contains(&"chapters-code/b/mod.rs"), "{used:?}");
        assert!(used.contains(&"chapters-code/room/three.rs"), "{used:?}");
    }

    #[test]
    fn a_comment_does_not_count() {
        let tokens = |text: &str| without_docs(text.parse().expect("Rust")).to_string();
        let bare = tokens("mod a { fn f() {} }");
        assert_eq!(
            tokens("//! M.\nmod a { /// F.\n #[doc(hidden)] // x\n fn f() {} }"),
            bare
        );
        assert_ne!(tokens("mod a { fn f() { 1; } }"), bare);
    }

    #[test]
    fn modules_are_found_behind_every_kind_of_path() {
        let found_in = |file: &str, code: &str| {
            let tokens = code.parse().expect("Rust");
            let source = Source::of(file, &tokens).expect("a source");
            let found = source.paths.union(&source.above);
            found.map(|path| path.join("::")).collect::<Vec<_>>()
        };
        let found = |code: &str| found_in("experiments/p.rs", code);
        for all in ["use neurons as n;", "use super::*;"] {
            assert_eq!(found(all), [""], "{all}");
        }
        // Outside the book's modules `crate` is another crate.
        assert_eq!(found_in("chapters-code/a.rs", "use crate::{*};"), [""]);
        assert_eq!(found("use crate::{*};"), [""; 0]);
        assert_eq!(found("mod tests { use super::*; }"), [""; 0]);
        assert_eq!(found("let neurons = 30;"), [""; 0]);
        assert_eq!(
            found("use neurons::{a::*, b::{self, c}, d::{e, F}};"),
            ["a", "b", "b::c", "d", "d::e"]
        );
        let code = "use neurons::{cost::Cost, layer};\nfn f() { neurons::pixels::ink(1); super::sigmoid::relu(0.) }";
        assert_eq!(found(code), ["cost", "layer", "pixels::ink", "sigmoid::relu"]);
    }

    #[test]
    fn an_include_that_cannot_be_followed_is_an_error() {
        let tokens = "include!(concat!(\"a\", \"b\"));".parse().expect("Rust");
        let error = Source::of("experiments/p.rs", &tokens).expect_err("an error");
        assert!(error.to_string().starts_with("experiments/p.rs includes"), "{error}");
    }
}
