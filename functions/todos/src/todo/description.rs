use serde::Serialize;
use utoipa::ToSchema;

/// What is to be done: 1 to 1000 characters, without white space around them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 1000, examples("Buy milk"))]
pub(crate) struct Description(String);

/// What keeps a text from being a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DescriptionError {
    #[error("It needs at least one character besides white space.")]
    Empty,
    #[error("It can have at most 1000 characters.")]
    TooLong,
}

impl Description {
    /// In Unicode scalar values, white space around the text not counted.
    const LIMIT: usize = 1000;

    pub(crate) fn parse(text: &str) -> Result<Self, DescriptionError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(DescriptionError::Empty);
        }
        if text.chars().nth(Self::LIMIT).is_some() {
            return Err(DescriptionError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// From a row of the table, where only descriptions that were parsed once are written.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_1_to_1000_characters_after_trimming() {
        let check = |text: &str, expected: Result<&str, DescriptionError>| {
            assert_eq!(
                Description::parse(text).as_ref().map(Description::as_str),
                expected.as_ref().copied()
            );
        };
        check("x", Ok("x"));
        check("\u{2003} buy milk\n", Ok("buy milk"));
        check("", Err(DescriptionError::Empty));
        check(" \t\u{a0}\n", Err(DescriptionError::Empty));
        let longest = "😀".repeat(1000);
        check(&longest, Ok(&longest));
        check(&format!("  {longest}  "), Ok(&longest));
        check(&format!("{longest}x"), Err(DescriptionError::TooLong));
    }
}
