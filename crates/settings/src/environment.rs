use std::{
    collections::BTreeMap,
    fmt,
    num::{IntErrorKind, ParseIntError},
    str::FromStr,
    sync::{Arc, Mutex},
};

use crate::{
    IfUnset, Profile, Setting, SettingError,
    profile::{GENERIC, PROVIDER},
    setting::ISSUER,
};

/// The variables that settings are read from.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// The settings that were read, if someone wants to know: see [`read_by`].
    read: Option<Arc<Mutex<Vec<&'static Setting>>>>,
}

/// The settings that `reader` reads, each once, in the order in which it does.
///
/// `reader` gets an environment without variables, so it must read all of its settings before it
/// returns an error. Other code needs no list of a function's settings.
pub fn read_by<T>(reader: impl FnOnce(&Environment) -> T) -> Vec<&'static Setting> {
    let read = Arc::default();
    reader(&Environment { variables: BTreeMap::new(), read: Some(Arc::clone(&read)) });
    let mut settings = Vec::new();
    for setting in &*read.lock().expect("no reader panics while it adds a setting") {
        if !settings.contains(setting) {
            settings.push(*setting);
        }
    }
    settings
}

impl Environment {
    /// The variables of this process. One that is not UTF-8 is left out, so it counts as not set.
    pub fn process() -> Self {
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self::of(std::env::vars_os().filter_map(utf8))
    }

    /// Just these variables.
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: variables.collect(), read: None }
    }

    /// The same with one more variable, or another value for one.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same without one variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.variables.remove(name);
        self
    }

    /// All variables in the order of their names, as they are set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The trimmed text of a variable that is no setting of ours; `None` if it is not set or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The profile of the provider: `OIDC_PROVIDER`, or the one that `OIDC_ISSUER` selects. A name
    /// that is none is `generic` here; [`provider_metadata`](crate::provider_metadata) refuses it.
    pub fn profile(&self) -> &'static Profile {
        let named = self.text(PROVIDER.name).map(|name| Profile::named(name).unwrap_or(&GENERIC));
        let by_issuer = || self.text(ISSUER.name).map_or(&GENERIC, Profile::of_issuer);
        named.unwrap_or_else(by_issuer)
    }

    /// The trimmed text of a setting, or its default.
    pub fn value(&self, setting: &'static Setting) -> Option<&str> {
        if let Some(read) = &self.read {
            read.lock().expect("adding a setting does not panic").push(setting);
        }
        self.text(setting.name).or(match setting.if_unset {
            IfUnset::Default(value) => Some(value),
            IfUnset::ByProfile => self.profile().value(setting.name),
            IfUnset::Fails | IfUnset::Means(_) => None,
        })
    }

    /// A setting that needs a value: the variable's or the default.
    ///
    /// # Errors
    /// When there is neither, or `T` does not parse from it.
    pub fn required<T>(&self, setting: &'static Setting) -> Result<T, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        self.optional(setting)?.ok_or_else(|| SettingError::missing(setting))
    }

    /// A setting that may have no value.
    ///
    /// # Errors
    /// When it has one and `T` does not parse from it.
    pub fn optional<T>(&self, setting: &'static Setting) -> Result<Option<T>, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let parse =
            |text: &str| text.parse().map_err(|error| SettingError::invalid(setting, error));
        self.value(setting).map(parse).transpose()
    }

    /// A whole number with a default. Its type is its range: `NonZero` ones start at 1.
    ///
    /// # Errors
    /// When it is not a whole number or out of range.
    pub fn whole_number<T>(&self, setting: &'static Setting) -> Result<T, SettingError>
    where
        T: FromStr<Err = ParseIntError>,
    {
        let text = self.value(setting).ok_or_else(|| SettingError::missing(setting))?;
        text.parse().map_err(|error: ParseIntError| {
            let reason = match error.kind() {
                IntErrorKind::Zero => "it must be 1 or more",
                IntErrorKind::PosOverflow => "the number is too large",
                _ => "it must be a whole number without a sign",
            };
            SettingError::invalid(setting, reason)
        })
    }

    /// Values separated by white space. Without a value or default, the list is empty.
    ///
    /// # Errors
    /// When one of them does not parse.
    pub fn list<T>(&self, setting: &'static Setting) -> Result<Vec<T>, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let parse =
            |text: &str| text.parse().map_err(|error| SettingError::invalid(setting, error));
        self.value(setting).unwrap_or_default().split_whitespace().map(parse).collect()
    }

    /// Values separated by white space, at least one.
    ///
    /// # Errors
    /// When there is none, or one of them does not parse.
    pub fn required_list<T>(&self, setting: &'static Setting) -> Result<Vec<T>, SettingError>
    where
        T: FromStr<Err: fmt::Display>,
    {
        let values = self.list(setting)?;
        if values.is_empty() {
            return Err(SettingError::missing(setting));
        }
        Ok(values)
    }
}

/// Names only: a value may be secret.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: Setting = Setting::new("PORT", "", "3000");
    const ABSENT: Setting = Setting::new("ABSENT", "", "3000");
    const EMPTY: Setting = Setting::new("EMPTY", "", "1");
    const BLANK: Setting = Setting::new("BLANK", "", "1");
    const WORD: Setting = Setting::new("WORD", "", "60").default("1");
    const LIST: Setting = Setting::new("LIST", "", "a b");
    const N: Setting = Setting::new("N", "", "60").default("7");

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
        assert_eq!(environment().required::<u16>(&PORT), Ok(3000));
    }

    #[test]
    fn a_missing_required_setting_is_named_with_an_example() {
        let error = environment().required::<u16>(&ABSENT).unwrap_err();
        assert_eq!(error.to_string(), "ABSENT is not set; for example ABSENT=3000");
    }

    #[test]
    fn a_set_but_empty_setting_counts_as_absent() {
        for setting in [&EMPTY, &BLANK] {
            assert_eq!(environment().optional::<u16>(setting), Ok(None));
            assert_eq!(environment().list::<String>(setting), Ok(vec![]));
            assert!(environment().required::<u16>(setting).is_err());
            assert!(environment().required_list::<String>(setting).is_err());
        }
    }

    #[test]
    fn a_setting_without_a_value_has_its_default() {
        for environment in [Environment::default(), Environment::of([("WORD", " ")])] {
            assert_eq!(environment.required(&WORD), Ok(1));
            assert_eq!(environment.required_list(&WORD), Ok(vec![1]));
            assert_eq!(environment.whole_number(&WORD), Ok(1));
        }
    }

    #[test]
    fn a_bad_value_is_refused_and_never_repeated() {
        let error = environment().required::<u16>(&WORD).unwrap_err();
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
            let error = environment.whole_number::<NonZeroU8>(&N).unwrap_err();
            assert_eq!(error.to_string(), format!("N is not valid: {expected}; for example N=60"));
        };
        check("0", "it must be 1 or more");
        check("256", "the number is too large");
        check("-1", "it must be a whole number without a sign");
        check("1.5", "it must be a whole number without a sign");
        check("soon", "it must be a whole number without a sign");
        assert_eq!(Environment::of([("N", " 8 ")]).whole_number::<u8>(&N), Ok(8));
        assert!(Environment::default().whole_number::<u8>(&ABSENT).is_err());
    }

    #[test]
    fn a_list_is_split_at_white_space() {
        let list = environment().list::<String>(&LIST).unwrap();
        assert_eq!(list, ["a", "b", "c"]);
    }

    #[test]
    fn the_settings_of_a_reader_are_those_that_it_reads() {
        let read = read_by(|environment| {
            let _ = environment.whole_number::<u8>(&N);
            let _ = environment.list::<String>(&LIST);
            environment.clone().required::<u8>(&N)
        });
        assert_eq!(read, [&N, &LIST]);
    }
}
