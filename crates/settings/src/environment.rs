use std::{
    collections::BTreeMap,
    fmt,
    num::{IntErrorKind, ParseIntError},
    str::FromStr,
};

use crate::SettingError;

/// The variables that settings are read from.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process. One that is not UTF-8 is left out, so it reads as absent.
    pub fn process() -> Self {
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(utf8).collect())
    }

    /// Just these variables.
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The same with one more variable, or another value for one.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The same without one variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The trimmed text of a variable; `None` when it is not set or has nothing in it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A variable that must be there.
    ///
    /// # Errors
    /// When it is absent or `T` does not parse from it.
    pub fn required<T>(&self, name: &'static str, example: &'static str) -> Result<T, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        self.optional(name, example)?.ok_or_else(|| SettingError::missing(name, example))
    }

    /// A variable that may be left out.
    ///
    /// # Errors
    /// When it is there and `T` does not parse from it.
    pub fn optional<T>(
        &self,
        name: &'static str,
        example: &'static str,
    ) -> Result<Option<T>, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let parse =
            |text: &str| text.parse().map_err(|error| SettingError::invalid(name, error, example));
        self.text(name).map(parse).transpose()
    }

    /// A whole number that may be left out. Its type says the range: `NonZero` ones start at 1.
    ///
    /// # Errors
    /// When it is there and is no whole number, or one outside the range.
    pub fn whole_number<T>(
        &self,
        name: &'static str,
        example: &'static str,
    ) -> Result<Option<T>, SettingError>
    where
        T: FromStr<Err = ParseIntError>,
    {
        let parse = |text: &str| {
            text.parse().map_err(|error: ParseIntError| {
                let fault = match error.kind() {
                    IntErrorKind::Zero => "it must be 1 or more",
                    IntErrorKind::PosOverflow => "the number is too large",
                    _ => "it must be a whole number without a sign",
                };
                SettingError::invalid(name, fault, example)
            })
        };
        self.text(name).map(parse).transpose()
    }

    /// A variable with a default.
    ///
    /// # Errors
    /// When it is there and `T` does not parse from it.
    pub fn or<T>(
        &self,
        name: &'static str,
        default: T,
        example: &'static str,
    ) -> Result<T, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        Ok(self.optional(name, example)?.unwrap_or(default))
    }

    /// Values separated by white space; none when the variable is absent.
    ///
    /// # Errors
    /// When one of them does not parse.
    pub fn list<T>(&self, name: &'static str, example: &'static str) -> Result<Vec<T>, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let parse =
            |text: &str| text.parse().map_err(|error| SettingError::invalid(name, error, example));
        self.text(name).unwrap_or_default().split_whitespace().map(parse).collect()
    }

    /// Values separated by white space, at least one.
    ///
    /// # Errors
    /// When there is none, or one of them does not parse.
    pub fn required_list<T>(
        &self,
        name: &'static str,
        example: &'static str,
    ) -> Result<Vec<T>, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let values = self.list(name, example)?;
        if values.is_empty() {
            return Err(SettingError::missing(name, example));
        }
        Ok(values)
    }
}

/// Names only: a value may be a secret.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> Environment {
        Environment::of([
            ("PORT", " 3000 "),
            ("EMPTY", ""),
            ("BLANK", "  "),
            ("WORD", "secret-word"),
            ("LIST", " a  b\tc "),
        ])
    }

    #[test]
    fn a_required_setting_is_parsed_from_its_trimmed_text() {
        assert_eq!(environment().required::<u16>("PORT", "3000"), Ok(3000));
    }

    #[test]
    fn a_missing_required_setting_is_named_with_an_example() {
        let error = environment().required::<u16>("ABSENT", "3000").unwrap_err();
        assert_eq!(error.to_string(), "ABSENT is not set; for example ABSENT=3000");
    }

    #[test]
    fn a_set_but_empty_setting_counts_as_absent() {
        for name in ["EMPTY", "BLANK"] {
            assert_eq!(environment().optional::<u16>(name, "1"), Ok(None));
            assert_eq!(environment().list::<String>(name, "a b"), Ok(vec![]));
            assert!(environment().required::<u16>(name, "1").is_err());
            assert!(environment().required_list::<String>(name, "a b").is_err());
        }
    }

    #[test]
    fn a_bad_value_is_refused_and_never_repeated() {
        let error = environment().or::<u16>("WORD", 1, "60").unwrap_err();
        assert_eq!(
            error.to_string(),
            "WORD is not valid: invalid digit found in string; for example WORD=60"
        );
        assert!(!format!("{error:?} {:?}", environment()).contains("secret-word"));
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused_in_plain_words() {
        use std::num::NonZeroU8;
        let check = |text: &str, expected: &str| {
            let environment = Environment::of([("N", text)]);
            let error = environment.whole_number::<NonZeroU8>("N", "60").unwrap_err();
            assert_eq!(error.to_string(), format!("N is not valid: {expected}; for example N=60"));
        };
        check("0", "it must be 1 or more");
        check("256", "the number is too large");
        check("-1", "it must be a whole number without a sign");
        check("1.5", "it must be a whole number without a sign");
        check("soon", "it must be a whole number without a sign");
        let environment = Environment::of([("N", " 7 "), ("M", "")]);
        assert_eq!(environment.whole_number::<u8>("N", "60"), Ok(Some(7)));
        assert_eq!(environment.whole_number::<u8>("M", "60"), Ok(None));
    }

    #[test]
    fn a_list_is_split_at_white_space() {
        let list = environment().list::<String>("LIST", "a b").unwrap();
        assert_eq!(list, ["a", "b", "c"]);
    }
}
