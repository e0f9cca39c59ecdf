//! The modules of the library form layers: no two of them use each other, directly or through
//! others. (`mdbook-neurons/tests/nothing_hidden.rs` holds the order of the chapters.)

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::{Item, UseTree, Visibility};

type Module = Vec<String>;

/// The files of the library by module, `lib.rs` and the programs left out.
fn read_modules(
    folder: &Path,
    module: &[String],
    found: &mut BTreeMap<Module, syn::File>,
) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let stem = name.strip_suffix(".rs");
        let mut inner = module.to_vec();
        match stem {
            Some("lib") => continue,
            Some("mod") => {}
            _ => inner.push(stem.unwrap_or(&name).into()),
        }
        if stem.is_some() {
            let source = fs::read_to_string(entry.path()).expect("a file");
            found.insert(inner, syn::parse_file(&source).expect("Rust"));
        } else if entry.path().is_dir() && name != "bin" {
            read_modules(&entry.path(), &inner, found);
        }
    }
}

/// The paths that a `use` names, each a list of words.
fn named(tree: &UseTree, path: &[String], found: &mut Vec<Vec<String>>) {
    let longer = |word: String| [path, &[word]].concat();
    match tree {
        UseTree::Path(tree) => named(&tree.tree, &longer(tree.ident.to_string()), found),
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| named(tree, path, found));
        }
        UseTree::Name(name) => found.push(longer(name.ident.to_string())),
        UseTree::Rename(name) => found.push(longer(name.ident.to_string())),
        UseTree::Glob(_) => found.push(path.to_vec()),
    }
}

/// A path from the root of the library; `None` if it leads into another one.
fn from_root(path: &[String], module: &Module, all: &BTreeSet<Module>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let above = module[..module.len() - 1].to_vec();
            match rest.first().is_some_and(|word| word == "super") {
                true => from_root(rest, &above, all),
                false => Some([&above, rest].concat()),
            }
        }
        _ => {
            let inner = [module, path].concat();
            all.contains(&inner[..module.len() + 1]).then_some(inner)
        }
    }
}

/// What a module uses. What it declares or only hands on (`pub use`) it does not use itself.
fn uses(file: &syn::File, module: &Module, all: &BTreeSet<Module>) -> BTreeSet<Module> {
    let mut paths = vec![];
    for item in &file.items {
        if let Item::Use(item) = item
            && matches!(item.vis, Visibility::Inherited)
        {
            named(&item.tree, &[], &mut paths);
        }
    }
    let target = |path: Vec<String>| {
        let mut path = from_root(&path, module, all)?;
        while !path.is_empty() && !all.contains(&path) {
            path.pop();
        }
        (!path.is_empty() && path != *module).then_some(path)
    };
    paths.into_iter().filter_map(target).collect()
}

/// What a module uses, and what those use.
fn reached<'a>(
    from: &'a Module,
    used: &'a BTreeMap<&Module, BTreeSet<Module>>,
) -> BTreeSet<&'a Module> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        next.extend(used[module].iter().filter(|&module| seen.insert(module)));
    }
    seen
}

#[test]
fn no_two_modules_use_each_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("chapters-code");
    let mut files = BTreeMap::new();
    read_modules(&folder, &[], &mut files);
    let all: BTreeSet<Module> = files.keys().cloned().collect();
    let used: BTreeMap<&Module, BTreeSet<Module>> =
        files.iter().map(|(module, file)| (module, uses(file, module, &all))).collect();
    let word = |name: &str| vec![name.to_string()];
    assert!(
        used[&word("layer")].contains(&word("sigmoid")),
        "{:?}",
        used[&word("layer")]
    );

    let circular: Vec<String> = all
        .iter()
        .filter(|module| reached(module, &used).contains(module))
        .map(|module| module.join("::"))
        .collect();
    assert!(circular.is_empty(), "these modules use each other: {}", circular.join(", "));
}
