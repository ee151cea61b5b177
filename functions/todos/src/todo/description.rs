use api::InvalidValue;
use deserr::Deserr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be done: 1 to 1000 characters, without white space around them.
// `Deserialize` is for rows, which hold valid descriptions only; `Deserr` is for bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Deserr, ToSchema)]
#[deserr(try_from(&String) = Self::parse -> InvalidValue)]
// The pattern has all of Unicode's white space, of which JavaScript's and Python's `\S` differ.
#[schema(value_type = String, min_length = 1, max_length = 1000, examples("Buy milk"),
    pattern = r"[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")]
pub(crate) struct Description(String);

impl Description {
    const EMPTY: InvalidValue =
        InvalidValue("too_short", "It must have at least one character besides white space.");
    const TOO_LONG: InvalidValue =
        InvalidValue("too_long", "It must have at most 1000 characters.");

    /// In Unicode scalar values, white space around the text not counted.
    const LIMIT: usize = 1000;

    pub(crate) fn parse(text: &str) -> Result<Self, InvalidValue> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Self::EMPTY);
        }
        if text.chars().nth(Self::LIMIT).is_some() {
            return Err(Self::TOO_LONG);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_1_to_1000_characters_after_trimming() {
        let check = |text: &str, expected: Result<&str, InvalidValue>| {
            assert_eq!(Description::parse(text).map(|it| it.0), expected.map(str::to_owned));
        };
        check("x", Ok("x"));
        check("\u{2003} buy milk\n", Ok("buy milk"));
        check("", Err(Description::EMPTY));
        check(" \t\u{a0}\n", Err(Description::EMPTY));
        let longest = "😀".repeat(1000);
        check(&longest, Ok(&longest));
        check(&format!("  {longest}  "), Ok(&longest));
        check(&format!("{longest}x"), Err(Description::TOO_LONG));
    }
}
