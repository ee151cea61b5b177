//! The settings, as the functions judge them and beyond.

use std::collections::BTreeSet;

use ::settings::{Environment, Setting, SettingError};
use all_functions::FUNCTIONS;
use auth::Issuer;

use crate::{Check, Code, Finding};

pub(crate) const NAME: &str = "settings";

pub(crate) fn check(pairs: &[(String, String)]) -> Check {
    let environment = Environment::of(pairs.iter().cloned());
    let known = all_functions::settings();
    let mut findings = placeholders(&environment, &known);
    findings.extend(invalid(&environment));
    findings.extend(twice(&environment, &known));
    findings.extend(two_apis(&environment));
    findings.extend(audience(&environment));
    findings.extend(misspelt(pairs, &known));
    Check::of(NAME, "the functions would start with these", findings)
}

/// The value of a function's setting, or its default.
pub(crate) fn value<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    let known = all_functions::settings();
    environment.value(known.into_iter().find(|setting| setting.name == name)?)
}

fn placeholders(environment: &Environment, known: &[&'static Setting]) -> Vec<Finding> {
    let left = |name: &&'static str| {
        let value = environment.text(name).unwrap_or_default();
        value.split_once('<').is_some_and(|(_, rest)| rest.contains('>'))
    };
    let finding = |name: &str| {
        Finding::new(
            Code::SettingPlaceholder,
            format!("{name} still has a placeholder in <…>"),
            "it was copied from the documentation and names nothing that exists",
            format!("put the real value into {name}; docs/providers.md says where it is"),
        )
    };
    known.iter().map(|setting| setting.name).filter(left).map(finding).collect()
}

/// The errors of all functions, each once.
fn invalid(environment: &Environment) -> Vec<Finding> {
    let errors = FUNCTIONS.iter().map(|function| function.check(environment));
    let Err(errors) = ::settings::combine(errors) else { return Vec::new() };
    let finding = |error: &SettingError| {
        let why = "a function that needs it refuses to start";
        let todo = format!("set {} as in the example", error.setting.name);
        Finding::new(Code::SettingInvalid, error.to_string(), why, todo)
    };
    errors.iter().map(finding).collect()
}

fn twice(environment: &Environment, known: &[&'static Setting]) -> Vec<Finding> {
    let finding = |setting: &&'static Setting| {
        let (inline, arn) = (setting.name, format!("{}_ARN", setting.name));
        let is_set = |name: &str| environment.text(name).is_some();
        (is_set(inline) && is_set(&arn)).then(|| {
            Finding::new(
                Code::SecretTwice,
                format!("{inline} and {arn} are both set"),
                "only one can be the right one, and the other is a secret that lies around",
                format!("deployed: remove {inline}; on a developer's machine: remove {arn}"),
            )
        })
    };
    known.iter().filter(|setting| setting.secret).filter_map(finding).collect()
}

fn is_entra(environment: &Environment) -> bool {
    let issuer = environment.text("OIDC_ISSUER").and_then(|text| Issuer::parse(text).ok());
    issuer.is_some_and(|issuer| issuer.is_entra())
}

fn two_apis(environment: &Environment) -> Option<Finding> {
    let scopes = environment.text("OIDC_SCOPES")?;
    let apis: BTreeSet<&str> =
        scopes.split_whitespace().filter_map(|scope| Some(scope.rsplit_once('/')?.0)).collect();
    (apis.len() > 1 && is_entra(environment)).then(|| {
        let apis: Vec<&str> = apis.into_iter().collect();
        Finding::new(
            Code::ScopesOfTwoApis,
            format!("OIDC_SCOPES names scopes of {}", apis.join(" and ")),
            "an access token of Entra is for one API only, and the request is refused",
            "leave in OIDC_SCOPES the scopes of the todo API only",
        )
    })
}

fn audience(environment: &Environment) -> Option<Finding> {
    let audiences = environment.text("API_AUDIENCE")?;
    let mut uris = audiences.split_whitespace().filter(|it| it.starts_with("api://"));
    let uri = uris.next().filter(|_| is_entra(environment))?;
    Some(Finding::new(
        Code::AudienceIsUri,
        format!("API_AUDIENCE is {uri}"),
        "a version-2 token of Entra has the API's client id as `aud`, without api://",
        "set API_AUDIENCE to the Application (client) ID of the API app: Entra admin center, \
         App registrations, the API app, Overview",
    ))
}

fn misspelt(pairs: &[(String, String)], known: &[&'static Setting]) -> Vec<Finding> {
    let finding = |name: &str| {
        let meant = meant(name, known)?;
        Some(Finding::new(
            Code::SettingMisspelt,
            format!("{name} is set, which no function reads"),
            "what it says has no effect",
            format!("did you mean {meant}? Rename it, or remove {name}"),
        ))
    };
    pairs.iter().filter_map(|(name, _)| finding(name)).collect()
}

/// The variable that was meant: one with the same end under another prefix, or with few letters
/// changed. The environment of a shell is full of other names, so far ones are left alone.
fn meant(name: &str, known: &[&'static Setting]) -> Option<&'static str> {
    const PREFIXES: [&str; 7] =
        ["OIDC_", "API_", "TODOS_", "TODO_", "SESSION_", "SESSIONS_", "PUBLIC_"];
    let known = || known.iter().map(|setting| setting.name);
    if known().any(|known| known == name) {
        return None;
    }
    let end = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix));
    let same_end = |known: &&'static str| {
        PREFIXES.iter().any(|prefix| known.strip_prefix(prefix) == end && end.is_some())
    };
    let near = |known: &&'static str| strsim::damerau_levenshtein(known, name) <= 2;
    known().find(same_end).or_else(|| known().find(near))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";

    fn good() -> Vec<(String, String)> {
        let issuer = format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0");
        [
            ("OIDC_ISSUER", issuer.as_str()),
            ("OIDC_CLIENT_ID", "22222222-bbbb-4bbb-8bbb-222222222222"),
            ("OIDC_CLIENT_SECRET", "secret"),
            ("KEYS_TABLE", "keys"),
            ("OIDC_SCOPES", "api://a/ToDoList.Read api://a/ToDoList.ReadWrite"),
            ("API_AUDIENCE", "11111111-aaaa-4aaa-8aaa-111111111111"),
            ("TODOS_READ_SCOPE", "ToDoList.Read"),
            ("TODOS_WRITE_SCOPE", "ToDoList.ReadWrite"),
            ("TODOS_READ_ROLE", "ToDoList.Read.All"),
            ("TODOS_WRITE_ROLE", "ToDoList.ReadWrite.All"),
            ("SESSIONS_TABLE", "sessions"),
            ("TODOS_TABLE", "todos"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    fn codes(changes: &[(&str, &str)]) -> Vec<Code> {
        let mut pairs = good();
        for (name, value) in changes {
            pairs.retain(|(other, _)| other != name);
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        check(&pairs).findings().iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn good_settings_have_no_finding() {
        assert_eq!(codes(&[("HOME", "/root"), ("API_KEY", "x")]), []);
    }

    #[test]
    fn each_broken_setting_is_named() {
        for (name, value, code) in [
            ("API_AUDIENCE", "", Code::SettingInvalid),
            ("KEYS_TABLE", "", Code::SettingInvalid),
            ("SESSION_MAX_HOURS", "soon", Code::SettingInvalid),
            ("OIDC_CLIENT_ID", "<web-client-id>", Code::SettingPlaceholder),
            ("OIDC_CLIENT_SECRET_ARN", "arn:aws:secretsmanager:x:1:secret:y", Code::SecretTwice),
            (
                "OIDC_SCOPES",
                "api://a/Read https://graph.microsoft.com/User.Read",
                Code::ScopesOfTwoApis,
            ),
            ("API_AUDIENCE", "api://a", Code::AudienceIsUri),
            ("OIDC_AUDIENCE", "x", Code::SettingMisspelt),
            ("OIDC_LEEWAY_SECOND", "9", Code::SettingMisspelt),
        ] {
            assert!(codes(&[(name, value)]).contains(&code), "{name} {code:?}");
        }
    }

    #[test]
    fn a_variable_under_a_wrong_prefix_is_told_the_right_one() {
        let meant = |name| meant(name, &all_functions::settings());
        assert_eq!(meant("OIDC_AUDIENCE"), Some("API_AUDIENCE"));
        assert_eq!(meant("TODO_READ_SCOPE"), Some("TODOS_READ_SCOPE"));
        assert_eq!(meant("PATH"), None);
    }
}
