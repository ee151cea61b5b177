//! Whether the tests exist that `tests/README.md` names.

use crate::root;
use std::fs;

/// `path/from/the/top.rs::a_test`, wherever it stands in backticks.
fn named(text: &str) -> Vec<(&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|it| it.split_once(".rs::")).collect()
}

#[test]
fn every_test_that_covers_a_relying_party_module_exists() {
    let root = root();
    let readme = fs::read_to_string(root.join("tests/README.md")).unwrap();
    let named = named(&readme);
    assert!(named.len() > 30, "the table is not where it was: {named:?}");
    for (file, test) in named {
        let source = fs::read_to_string(root.join(format!("{file}.rs")));
        let source = source.unwrap_or_else(|error| panic!("{file}.rs: {error}"));
        assert!(is_a_test(&source, test), "{file}.rs has no test {test}");
    }
}

/// A function with an attribute that makes it a test, or one of the black-box suite, where
/// an unlisted one is dead code and does not pass Clippy.
fn is_a_test(source: &str, name: &str) -> bool {
    let Some((before, _)) = source.split_once(&format!("fn {name}(")) else { return false };
    let attributes = before.lines().rev().take(4).collect::<String>();
    attributes.contains("test]") || source.contains("trials!")
}

#[test]
fn a_function_that_is_no_test_does_not_count() {
    assert!(is_a_test("#[test]\nfn rule() {}", "rule"));
    assert!(is_a_test("#[tokio::test]\nasync fn rule() {}", "rule"));
    assert!(!is_a_test("fn rule() {}", "rule"));
    assert!(!is_a_test("#[test]\nfn ruler() {}", "rule"));
    assert_eq!(named("a `b` and `c/d.rs::e`, `f.rs`"), [("c/d", "e")]);
}
