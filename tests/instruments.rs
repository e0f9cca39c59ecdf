//! The figures that move are those of the code: what a browser loads was made of it, and computes
//! nothing by itself.

use std::fs;
use std::path::Path;

use mdbook_neurons::instruments::{MADE, digests};
use syn::visit::Visit;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn what_a_browser_loads_was_made_of_the_code_as_it_is() {
    let command = "run cargo run --manifest-path instruments/build/Cargo.toml";
    let now = digests(root()).unwrap_or_else(|error| panic!("{error}: {command}"));
    let made = fs::read_to_string(root().join(MADE).join("digests.txt"));
    let made =
        made.unwrap_or_else(|error| panic!("{MADE}/digests.txt: {error}: {command}"));
    assert!(made == now, "{MADE} is stale: {command}\n{made}\n{now}");
}

/// Finds arithmetic.
#[derive(Default)]
struct Arithmetic(Vec<&'static str>);

impl Visit<'_> for Arithmetic {
    fn visit_expr_binary(&mut self, expression: &syn::ExprBinary) {
        self.0.push("two numbers");
        syn::visit::visit_expr_binary(self, expression);
    }

    fn visit_expr_unary(&mut self, expression: &syn::ExprUnary) {
        self.0.push("a sign");
        syn::visit::visit_expr_unary(self, expression);
    }
}

#[test]
fn what_a_browser_calls_holds_no_mathematics() {
    let path = root().join("instruments/src/lib.rs");
    let text = fs::read_to_string(&path).expect("the source");
    let file = syn::parse_file(&text).expect("Rust");
    let mut found = Arithmetic::default();
    found.visit_file(&file);
    assert!(found.0.is_empty(), "instruments/src/lib.rs computes: {:?}", found.0);
    for item in &file.items {
        let syn::Item::Fn(function) = item else { continue };
        let mut calls = Calls::default();
        calls.visit_item_fn(function);
        let name = &function.sig.ident;
        assert!(calls.0, "{name} calls nothing of the book");
    }
}

/// Whether `moved`, which is the book's, is called.
#[derive(Default)]
struct Calls(bool);

impl Visit<'_> for Calls {
    fn visit_expr_path(&mut self, path: &syn::ExprPath) {
        self.0 |= path.path.is_ident("moved");
    }
}
