//! Whether the provider can do what the settings ask of it: its profile, and its metadata.

use ::settings::{Environment, GENERIC, Profile, StepUpMethod};
use relying_party::{EndpointName, Endpoints, RequestedScopes, SignOut};
use serde_json::Value;

use super::{discovery::Document, settings::value};
use crate::{Check, Code, Finding};

pub(crate) const NAME: &str = "profile";

/// Those that a provider lists in its metadata. Few list scopes of an API.
const OPENID_SCOPES: [&str; 6] =
    ["openid", "profile", "email", "address", "phone", "offline_access"];

pub(crate) fn check(document: &Document, environment: &Environment) -> Check {
    let mut findings: Vec<Finding> = another(document, environment).into_iter().collect();
    findings.extend(needs(environment));
    findings.extend(scopes(document, environment));
    findings.extend(step_up(document, environment));
    findings.extend(sessions(document, environment));
    let good = format!("{} fits the issuer and the metadata", environment.profile().name);
    Check::of(NAME, &good, findings)
}

/// The issuer, or the endpoints, are those of another provider.
fn another(document: &Document, environment: &Environment) -> Option<Finding> {
    let profile = environment.profile();
    let by_issuer = Profile::of_issuer(environment.text("OIDC_ISSUER")?);
    let endpoint = |name: &str| document.get(name).and_then(Value::as_str);
    let is_chosen = environment.text("OIDC_PROVIDER") == Some(GENERIC.name);
    let (what, fitting) = if by_issuer.name == GENERIC.name {
        ("endpoints fit", Profile::of_endpoints(endpoint).filter(|_| !is_chosen)?)
    } else {
        ("issuer fits", by_issuer)
    };
    (!fitting.values().eq(profile.values())).then(|| {
        Finding::new(
            Code::ProfileDiffers,
            format!("the profile is {}, and the {what} {}", profile.name, fitting.name),
            "requests and tokens of one provider differ from another's",
            format!("set OIDC_PROVIDER={} (generic for none of them)", fitting.name),
        )
    })
}

fn needs(environment: &Environment) -> Vec<Finding> {
    let profile = environment.profile();
    let unmet = profile.needs.iter().filter(|need| {
        let value = value(environment, need.setting).unwrap_or_default();
        !(need.is_met)(value)
    });
    let finding = |need: &::settings::Need| {
        let seen = match value(environment, need.setting) {
            Some(value) => format!("{} is {value}", need.setting),
            None => format!("{} is not set", need.setting),
        };
        Finding::new(Code::ProfileNeeds, seen, need.why, need.todo)
    };
    unmet.map(finding).collect()
}

/// Whether the document has a list without any of these. One that is left out promises nothing.
fn lacks(document: &Document, list: &str, wanted: &[&str]) -> bool {
    let list = document.get(list).and_then(Value::as_array);
    list.is_some_and(|list| !wanted.iter().any(|wanted| list.iter().any(|it| it == wanted)))
}

fn scopes(document: &Document, environment: &Environment) -> Option<Finding> {
    let requested = RequestedScopes::from_environment(environment).ok()?;
    let mut requested = requested.as_str().split(' ');
    let is_unknown = |scope: &&str| {
        OPENID_SCOPES.contains(scope) && lacks(document, "scopes_supported", &[scope])
    };
    let scope = requested.find(is_unknown)?;
    Some(Finding::new(
        Code::ScopeUnsupported,
        format!("{scope} is requested, and scopes_supported has no {scope}"),
        "the provider ignores it or refuses every sign-in (invalid_scope)",
        format!("leave {scope} out of OIDC_BASE_SCOPES and OIDC_SCOPES, or allow it there"),
    ))
}

fn step_up(document: &Document, environment: &Environment) -> Option<Finding> {
    let values: Vec<&str> = environment.text("SESSION_STEP_UP_ACR")?.split(' ').collect();
    let is_context = |value: &&str| {
        let number = value.strip_prefix('c').and_then(|it| it.parse::<u8>().ok());
        number.is_some_and(|number| (1..=99).contains(&number))
    };
    let (seen, todo) = match StepUpMethod::from_environment(environment).ok()? {
        StepUpMethod::AcrValues if lacks(document, "acr_values_supported", &values) => (
            "acr_values_supported has none of the values of SESSION_STEP_UP_ACR",
            "set SESSION_STEP_UP_ACR to one that it has, or configure the value there",
        ),
        StepUpMethod::Acrs if !values.iter().all(is_context) => (
            "SESSION_STEP_UP_ACR has other values than c1 to c99",
            "set it to the id of an authentication context, such as c1",
        ),
        // `none` with values is an error of the settings.
        _ => return None,
    };
    let why = "no sign-in is ever strong enough to end another session";
    Some(Finding::new(Code::StepUpUnsupported, seen, why, todo))
}

/// What a session needs after the sign-in.
fn sessions(document: &Document, environment: &Environment) -> Vec<Finding> {
    let no = |name: &str| document.get(name) == Some(&Value::Bool(false));
    let frontchannel = environment.text("OIDC_FRONTCHANNEL_LOGOUT");
    let no_frontchannel = no("frontchannel_logout_supported")
        || (frontchannel == Some("iss_sid") && no("frontchannel_logout_session_supported"));
    let sign_out = SignOut::from_environment(environment);
    let no_end_session = Endpoints::of(document).url(EndpointName::EndSession).is_err();
    [
        lacks(document, "grant_types_supported", &["refresh_token"]).then(|| {
            Finding::new(
                Code::RefreshUnsupported,
                "grant_types_supported has no refresh_token",
                "a session ends with its first access token",
                "allow refresh tokens for the web app",
            )
        }),
        (no_end_session && !matches!(sign_out, Ok(SignOut::None) | Err(_))).then(|| {
            Finding::new(
                Code::SignOutUnsupported,
                "the document has no end_session_endpoint that can be used",
                "users who sign out here stay signed in at the provider",
                "enable sign-out at the provider, or say so with OIDC_SIGN_OUT=none",
            )
        }),
        (no_frontchannel && frontchannel.is_some_and(|it| it != "none")).then(|| {
            Finding::new(
                Code::FrontchannelUnsupported,
                "OIDC_FRONTCHANNEL_LOGOUT is set, and the document says that there is none",
                "a sign-out at the provider ends no session here",
                "leave OIDC_FRONTCHANNEL_LOGOUT empty, or set it to none",
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The codes with these settings, and this in the document of a provider that can do all.
    fn codes(settings: &[(&str, &str)], changes: &Value) -> Vec<Code> {
        let mut document = json!({
            "issuer": "https://login.example.com",
            "end_session_endpoint": "https://login.example.com/logout",
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
        });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        let environment =
            [("OIDC_ISSUER", "https://login.example.com"), ("OIDC_SCOPES", "todos/Read")];
        let environment = settings
            .iter()
            .fold(Environment::of(environment), |all, (name, value)| all.with(*name, *value));
        let check = check(document.as_object().unwrap(), &environment);
        check.findings().iter().map(|it| it.code).collect()
    }

    #[test]
    fn what_the_document_does_not_say_is_no_finding() {
        assert_eq!(codes(&[], &json!({ "scopes_supported": null })), []);
        assert_eq!(codes(&[], &json!({})), []);
    }

    #[test]
    fn each_thing_that_the_provider_cannot_do_is_named() {
        let acr = ("SESSION_STEP_UP_ACR", "mfa");
        let acrs = ("OIDC_STEP_UP", "acrs");
        let sid = ("OIDC_FRONTCHANNEL_LOGOUT", "sid");
        for (settings, changes, code) in [
            (&[][..], json!({ "scopes_supported": ["openid", "profile"] }), Code::ScopeUnsupported),
            (&[], json!({ "grant_types_supported": ["implicit"] }), Code::RefreshUnsupported),
            (&[], json!({ "end_session_endpoint": null }), Code::SignOutUnsupported),
            (&[acr], json!({ "acr_values_supported": ["pwd"] }), Code::StepUpUnsupported),
            (&[acr, acrs], json!({}), Code::StepUpUnsupported),
            (
                &[sid],
                json!({ "frontchannel_logout_supported": false }),
                Code::FrontchannelUnsupported,
            ),
        ] {
            assert_eq!(codes(settings, &changes), [code], "{settings:?} {changes}");
        }
        for (settings, changes) in [
            (&[acr][..], json!({ "acr_values_supported": ["pwd", "mfa"] })),
            (&[("SESSION_STEP_UP_ACR", "c1 c99"), acrs], json!({})),
            (&[("OIDC_SIGN_OUT", "none")], json!({ "end_session_endpoint": null })),
            (&[], json!({ "frontchannel_logout_supported": false })),
        ] {
            assert_eq!(codes(settings, &changes), [], "{settings:?} {changes}");
        }
    }

    #[test]
    fn a_profile_of_another_provider_is_named() {
        let entra = json!({ "token_endpoint": "https://login.example.com/t/oauth2/v2.0/token" });
        let okta = ("OIDC_ISSUER", "https://contoso.okta.com/oauth2/default");
        let generic = ("OIDC_PROVIDER", "generic");
        let workforce = ("OIDC_PROVIDER", "entra-id");
        assert_eq!(codes(&[], &entra), [Code::ProfileDiffers]);
        assert_eq!(codes(&[generic], &entra), [], "it was chosen");
        assert_eq!(codes(&[workforce], &entra), [], "it has the same values");
        assert_eq!(codes(&[okta, generic], &json!({})), [Code::ProfileDiffers]);
        assert_eq!(codes(&[okta], &json!({})), []);
    }

    #[test]
    fn each_need_of_a_profile_is_named_by_its_setting() {
        let scopes = "openid api://a/ToDoList.Read";
        for (profile, setting, wrong, right) in [
            ("entra-id", "OIDC_SCOPES", "ToDoList.Read", scopes),
            ("entra-external-id", "OIDC_SCOPES", "ToDoList.Read", scopes),
            ("cognito", "OIDC_SCOPES", "ToDoList.Read", "todos/ToDoList.Read"),
            ("auth0", "OIDC_AUTHORIZATION_PARAMS", "x=audience", "x=y&audience=z"),
            (
                "okta",
                "OIDC_ISSUER",
                "https://contoso.okta.com",
                "https://contoso.okta.com/oauth2/default",
            ),
            ("keycloak", "OIDC_BASE_SCOPES", "openid offline_access", "openid profile"),
            ("google", "OIDC_SCOPES", "ToDoList.Read", "email"),
            ("google", "API_SESSION_SCOPES", "", "ToDoList.Read"),
        ] {
            let found = |value| {
                let environment = Environment::of([("OIDC_PROVIDER", profile), (setting, value)]);
                let findings = needs(&environment).into_iter();
                findings.filter(|it| it.seen.starts_with(setting)).count()
            };
            assert_eq!((found(wrong), found(right)), (1, 0), "{profile} {setting}");
        }
    }
}
