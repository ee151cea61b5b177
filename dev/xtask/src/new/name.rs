//! The names that a new function is given.

use anyhow::{Result, ensure};
use std::{fmt, str::FromStr};

/// Names that Rust or Cargo keep for themselves.
const RESERVED: &str = "abstract alloc as async await become box break const continue core crate \
    do dyn else enum extern false final fn for gen if impl in let loop macro match mod move mut \
    override priv proc-macro pub ref return self static std struct super test trait true try type \
    typeof unsafe unsized use virtual where while yield";

/// The name of a function: `order-items`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

impl FromStr for Name {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let is_word = |word: &str| {
            let allowed = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
            !word.is_empty() && word.bytes().all(allowed)
        };
        let starts_with_letter = text.starts_with(|it: char| it.is_ascii_lowercase());
        ensure!(
            starts_with_letter && text.len() <= 30 && text.split('-').all(is_word),
            "use up to 30 lowercase letters, digits and single hyphens, such as `order-items`"
        );
        ensure!(!RESERVED.split_whitespace().any(|it| it == text), "the name is reserved");
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Name {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// `order_items`
    pub(super) fn module(&self) -> String {
        self.0.replace('-', "_")
    }

    /// `ORDER_ITEMS`
    pub(super) fn constant(&self) -> String {
        self.module().to_uppercase()
    }

    /// `order items`
    pub(super) fn words(&self) -> String {
        self.0.replace('-', " ")
    }

    /// `OrderItems`
    pub(super) fn resource(&self) -> String {
        let capitalized = |word: &str| word[..1].to_uppercase() + &word[1..];
        self.0.split('-').map(capitalized).collect()
    }

    /// `OrderItems.Read` and `OrderItems.ReadWrite`
    pub(super) fn default_scopes(&self) -> Vec<Scope> {
        ["Read", "ReadWrite"].map(|it| Scope(format!("{}.{it}", self.resource()))).into()
    }
}

/// The short name of a scope: `Notes.Read`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope(String);

impl FromStr for Scope {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let allowed = |it: char| it.is_ascii_alphanumeric() || "._-:".contains(it);
        ensure!(
            text.starts_with(|it: char| it.is_ascii_alphabetic())
                && text.ends_with(|it: char| it.is_ascii_alphanumeric())
                && text.len() <= 100
                && text.chars().all(allowed),
            "use up to 100 letters, digits and `._-:`, such as `Notes.Read`"
        );
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_form_for_each_place() {
        let name: Name = "order-items2".parse().unwrap();
        assert_eq!(name.module(), "order_items2");
        assert_eq!(name.constant(), "ORDER_ITEMS2");
        assert_eq!(name.words(), "order items2");
        assert_eq!(name.resource(), "OrderItems2");
        let scopes = name.default_scopes();
        assert_eq!(
            scopes,
            ["OrderItems2.Read".parse().unwrap(), "OrderItems2.ReadWrite".parse().unwrap(),]
        );
    }

    #[test]
    fn other_names_are_refused() {
        let long = "x".repeat(31);
        for name in
            ["", "Notes", "2notes", "-a", "a-", "a--b", "a_b", "a/b", "../x", "ä", "self", &long]
        {
            assert!(name.parse::<Name>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_scope_needs_no_quotes_anywhere() {
        assert!("notes:read".parse::<Scope>().is_ok());
        for scope in ["", "a b", "a\"", "api://x/Notes.Read", "a:", "1", "a\n", "{{name}}"] {
            assert!(scope.parse::<Scope>().is_err(), "{scope}");
        }
    }
}
