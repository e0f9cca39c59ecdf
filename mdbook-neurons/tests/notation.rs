//! The indices of a weight are the same on every page and in every module: those of the page
//! `notation`.

use std::fs;

mod repository;
use repository::root;

/// The files of a folder that end so, with their texts.
fn texts(folder: &str, end: &str) -> Vec<(String, String)> {
    let folder = root().join(folder);
    let files = fs::read_dir(&folder).expect("a folder").flatten();
    let named = files.map(|file| file.path().display().to_string());
    let named = named.filter(|name| name.ends_with(end));
    named.map(|name| (name.clone(), fs::read_to_string(name).expect("a text"))).collect()
}

/// The indices of the weights in a page's formulas: `jk` of `\w_{jk}` and of `\w^{(l+1)}_{jk}`.
fn on_pages(text: &str) -> Vec<&str> {
    fn index(rest: &str) -> Option<&str> {
        let rest = match rest.strip_prefix("^{(") {
            Some(layer) => layer.split_once(")}")?.1,
            None => rest,
        };
        Some(rest.strip_prefix("_{")?.split_once('}')?.0)
    }
    text.split("\\w").skip(1).filter_map(index).collect()
}

/// The indices of the weights that a module's comments name: `jk` of `w_jk`.
fn in_code(text: &str) -> Vec<&str> {
    let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix("//"));
    let words =
        comments.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter_map(|word| word.strip_prefix("w_")).collect()
}

#[test]
fn a_weight_runs_from_k_to_j() {
    type Indices = fn(&str) -> Vec<&str>;
    for (folder, end, indices) in
        [("src", ".md", on_pages as Indices), ("chapters-code", ".rs", in_code)]
    {
        let mut seen = 0;
        for (file, text) in texts(folder, end) {
            for index in indices(&text) {
                let two_letters =
                    index.len() == 2 && index.chars().all(|c| c.is_ascii_lowercase());
                seen += usize::from(two_letters);
                assert!(
                    !two_letters || index == "jk",
                    "{file}: a weight w_{index}; the first index is the neuron that listens, j, \
                     and the second the one that it listens to, k: see src/notation.md"
                );
            }
        }
        assert!(seen > 5, "{folder} names weights: {seen}");
    }
}
