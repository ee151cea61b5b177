//! The APIs besides the first whose tokens a session can have.

use std::{collections::HashSet, str::FromStr};

use auth::Scope;

use crate::{Environment, Setting, SettingError};

/// More APIs are an error: the tokens of all are in one row of DynamoDB, of 400 KB at most.
const MAX_APIS: usize = 16;

/// `OTHER_APIS`: the APIs besides the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherApis(Vec<OtherApi>);

/// An API whose tokens come from the session's refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherApi {
    /// Its name here: lower-case letters, digits and `-`.
    pub name: String,
    /// The accepted `aud` values of its tokens, at least one.
    pub audiences: Vec<String>,
    /// The scopes to request, at least one.
    pub scopes: Vec<Scope>,
    /// The parameter `resource` of the token request (RFC 8707).
    pub resource: Option<String>,
}

impl OtherApis {
    /// Its declaration.
    pub const SETTING: Setting = Setting::new(
    "OTHER_APIS",
        "APIs besides that of `API_AUDIENCE` for which sessions get tokens of their own: for each, its \
         name, then `audience=…` for each accepted `aud`, `scope=…` for each scope to request and, if \
         the provider needs it, `resource=…` (RFC 8707), all separated by spaces",
        "\"orders audience=33333333-cccc-4ccc-8ccc-333333333333 \
         scope=api://33333333-cccc-4ccc-8ccc-333333333333/Orders.Read\"",
    )
    .optional("none");

    /// Reads the setting.
    ///
    /// # Errors
    /// When it is not written as described.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        Ok(environment.optional(&Self::SETTING)?.unwrap_or_default())
    }

    /// The API of this name.
    pub fn get(&self, name: &str) -> Option<&OtherApi> {
        self.0.iter().find(|api| api.name == name)
    }

    /// All of them, in the order of the setting.
    pub fn iter(&self) -> impl Iterator<Item = &OtherApi> {
        self.0.iter()
    }
}

impl FromStr for OtherApis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut apis: Vec<OtherApi> = Vec::new();
        for word in text.split_ascii_whitespace() {
            let Some((key, value)) = word.split_once('=') else {
                if !is_name(word) || apis.iter().any(|api| api.name == word) {
                    return Err(format!(
                        "`{word}` must be a new name of lower-case letters, digits and -"
                    ));
                }
                let (name, audiences, scopes) = (word.to_owned(), Vec::new(), Vec::new());
                apis.push(OtherApi { name, audiences, scopes, resource: None });
                continue;
            };
            let api = apis.last_mut().ok_or("it must start with the name of an API")?;
            match (key, value) {
                (_, "") => return Err(format!("`{word}` has no value")),
                ("audience", _) => api.audiences.push(value.to_owned()),
                ("scope", _) => api.scopes.push(
                    value
                        .parse()
                        .map_err(|_| format!("`{value}` has a character that no scope has"))?,
                ),
                ("resource", _) if api.resource.is_none() => api.resource = Some(value.to_owned()),
                _ => {
                    return Err(format!(
                        "`{word}` is unknown or repeated; write audience=…, scope=… or one resource=…"
                    ));
                }
            }
        }
        if apis.len() > MAX_APIS {
            return Err(format!("it must have at most {MAX_APIS} APIs"));
        }
        let mut audiences = HashSet::new();
        for OtherApi { name, audiences: own, scopes, .. } in &apis {
            if own.is_empty() || scopes.is_empty() {
                return Err(format!("{name} needs an audience=… and a scope=…"));
            }
            if let Some(audience) = own.iter().find(|audience| !audiences.insert(*audience)) {
                return Err(format!("two APIs have the audience `{audience}`"));
            }
        }
        Ok(Self(apis))
    }
}

fn is_name(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 32
        && word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<OtherApis, String> {
        text.parse()
    }

    #[test]
    fn each_api_has_its_audiences_and_scopes() {
        let apis = parse(
            "orders audience=one audience=two scope=api://one/Orders.Read
             billing audience=three scope=Bills resource=https://billing.example",
        )
        .unwrap();
        let orders = apis.get("orders").unwrap();
        assert_eq!(orders.audiences, ["one", "two"]);
        assert_eq!(orders.scopes[0].as_str(), "api://one/Orders.Read");
        assert_eq!(orders.resource, None);
        assert_eq!(
            apis.get("billing").unwrap().resource.as_deref(),
            Some("https://billing.example")
        );
        assert_eq!(apis.iter().count(), 2);
        assert!(apis.get("Orders").is_none());
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_write() {
        for (text, reason) in [
            ("audience=one", "must start with the name"),
            ("Orders audience=one scope=a", "`Orders` must be a new name"),
            ("orders audience=one scope=a orders audience=two scope=b", "`orders` must be a new"),
            ("orders scope=a", "orders needs an audience"),
            ("orders audience=one", "orders needs an audience"),
            ("orders audience= scope=a", "`audience=` has no value"),
            ("orders audience=one scope=\"a\"", "no scope has"),
            ("orders audience=one scope=a secret=b", "`secret=b` is unknown"),
            ("orders audience=one scope=a resource=b resource=c", "`resource=c` is unknown or rep"),
            ("a audience=one scope=a b audience=one scope=b", "two APIs have the audience `one`"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn there_are_at_most_16() {
        let apis = |count| (0..count).map(|i| format!("a{i} audience={i} scope=a ")).collect();
        assert!(parse(&String::from_iter::<Vec<_>>(apis(16))).is_ok());
        assert!(parse(&String::from_iter::<Vec<_>>(apis(17))).unwrap_err().contains("at most 16"));
    }

    #[test]
    fn without_the_setting_there_are_none() {
        let none = OtherApis::from_environment(&Environment::default()).unwrap();
        assert_eq!(none, OtherApis::default());
    }
}
