//! Whether the tests exist that documents name.

use crate::{files, root};
use std::{collections::BTreeSet, fs};

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// `path/from/the/top.rs::a_test`, wherever it stands in backticks.
fn with_their_files(text: &str) -> Vec<(&str, &str)> {
    quoted(text).filter_map(|it| it.split_once(".rs::")).collect()
}

#[test]
fn every_test_that_covers_a_relying_party_module_exists() {
    let root = root();
    let readme = fs::read_to_string(root.join("tests/README.md")).unwrap();
    let named = with_their_files(&readme);
    assert!(named.len() > 30, "the table is not where it was: {named:?}");
    for (file, test) in named {
        let source = fs::read_to_string(root.join(format!("{file}.rs")));
        let source = source.unwrap_or_else(|error| panic!("{file}.rs: {error}"));
        assert!(is_a_test(&source, test), "{file}.rs has no test {test}");
    }
}

/// The rows of the tables whose last column is `tests`, each with the tests that it names.
fn claims(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut claims = Vec::new();
    let mut is_claim = false;
    for line in text.lines() {
        match line.strip_suffix('|').and_then(|row| row.rsplit_once('|')) {
            None => is_claim = false,
            Some((_, last)) if last.trim() == "tests" => is_claim = true,
            Some((_, last)) if is_claim && !last.contains("---") => {
                claims.push((line, quoted(last).collect()));
            }
            Some(_) => {}
        }
    }
    claims
}

#[test]
fn every_claim_of_the_security_policy_has_a_test_that_exists() {
    let root = root();
    let policy = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let claims = claims(&policy);
    assert!(claims.len() > 40, "the tables are not where they were: {claims:?}");
    let untested: Vec<_> = claims.iter().filter(|(_, tests)| tests.is_empty()).collect();
    assert!(untested.is_empty(), "claims without a test: {untested:#?}");

    let mut missing: BTreeSet<_> = claims.iter().flat_map(|(_, tests)| tests).copied().collect();
    for file in files(&root, ".rs") {
        let source = fs::read_to_string(file).unwrap();
        missing.retain(|test| !is_a_test(&source, test));
    }
    assert!(missing.is_empty(), "SECURITY.md names tests that do not exist: {missing:#?}");
}

#[test]
fn every_member_forbids_unsafe_code_and_the_build_is_as_the_security_policy_says() {
    let root = root();
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
    let workspace = read("Cargo.toml");
    assert!(workspace.contains("\nunsafe_code = \"forbid\"\n"));
    for manifest in files(&root, "Cargo.toml") {
        let text = fs::read_to_string(&manifest).unwrap();
        // One with a `[workspace]` is no member of ours.
        let is_member = text.contains("[package]") && !text.contains("\n[workspace]");
        assert!(
            !is_member || text.contains("\n[lints]\nworkspace = true\n"),
            "{} does not take over the lints of the workspace",
            manifest.display()
        );
    }
    for setting in ["AWS_LC_SYS_NO_JITTER_ENTROPY = \"1\"", "AWS_LC_SYS_SMALL = \"1\""] {
        assert!(read(".cargo/config.toml").contains(setting), "{setting}");
    }
    assert!(read("rust-toolchain.toml").contains("channel = \"1."), "a toolchain is pinned");
    assert!(read("Cargo.lock").starts_with("# This file is automatically @generated"));
}

/// A function with an attribute that makes it a test, or one that the black-box suite lists.
fn is_a_test(source: &str, name: &str) -> bool {
    let Some((before, _)) = source.split_once(&format!("fn {name}(")) else { return false };
    let attributes = before.lines().rev().take(4).collect::<String>();
    let trials = source.split_once("\ntrials! {").and_then(|(_, rest)| rest.split_once("\n}"));
    let mut trials = trials.into_iter().flat_map(|(listed, _)| listed.split_whitespace());
    attributes.contains("test]") || trials.any(|word| word.trim_end_matches(',') == name)
}

#[test]
fn a_function_that_is_no_test_does_not_count() {
    assert!(is_a_test("#[test]\nfn rule() {}", "rule"));
    assert!(is_a_test("#[tokio::test]\nasync fn rule() {}", "rule"));
    assert!(!is_a_test("fn rule() {}", "rule"));
    let trials = "\ntrials! {\n    rule needs X,\n}\nasync fn rule() {}\nfn other() {}";
    assert!(is_a_test(trials, "rule") && !is_a_test(trials, "other"));
    assert!(!is_a_test("#[test]\nfn ruler() {}", "rule"));
    assert_eq!(with_their_files("a `b` and `c/d.rs::e`, `f.rs`"), [("c/d", "e")]);
}

#[test]
fn only_rows_of_a_table_with_tests_are_claims() {
    let text = "| a | tests |\n|---|---|\n| `x` | `one`, `two` |\n| y | |\n\n| b |\n|---|\n| `z` |";
    let found = claims(text);
    assert_eq!(found, [("| `x` | `one`, `two` |", vec!["one", "two"]), ("| y | |", vec![])]);
}
