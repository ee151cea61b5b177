use std::{fmt, str::FromStr};

/// What this deployment is called in the tenant. Several can live side by side under other names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// Not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name is 1 to 40 letters, digits, spaces, '-', '_' or '.', and begins and ends with a letter or digit"
)]
pub struct NameError;

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || " -_.".contains(c);
        let ends = [text.chars().next(), text.chars().next_back()];
        let ends_fit = ends.iter().all(|end| end.is_some_and(|c| c.is_ascii_alphanumeric()));
        if text.len() <= 40 && ends_fit && text.chars().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError)
        }
    }
}

impl Name {
    /// The tag that marks what we made.
    ///
    /// # What breaks if this changes
    /// Nothing that was made under the old tag is recognized: the next run would make all of it
    /// again, and `remove` would leave the old ones behind.
    pub fn mark(&self) -> String {
        format!("tollgate:{}", self.0)
    }

    /// The name as part of a file's name.
    pub fn slug(&self) -> String {
        self.0.to_ascii_lowercase().replace([' ', '.', '_'], "-")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_the_quotes_of_a_filter_or_the_folder_of_a_file() {
        for text in ["", " ", "a'b", "../x", "-x", "x/", "x\ny", "Zoë", &"x".repeat(41)] {
            assert_eq!(text.parse::<Name>(), Err(NameError), "{text:?}");
        }
    }

    #[test]
    fn a_name_marks_what_was_made_and_names_files() {
        let name: Name = "Tollgate 2.0".parse().unwrap();
        assert_eq!(name.mark(), "tollgate:Tollgate 2.0");
        assert_eq!(name.slug(), "tollgate-2-0");
    }
}
