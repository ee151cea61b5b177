//! The authorization request as `signin` makes it, with `prompt=none` and followed nowhere.

use std::time::SystemTime;

use ::settings::{Environment, StepUpMethod};
use relying_party::{
    AdditionalParams, AuthorizationRequest, ClientConfig, Endpoints, Interaction, RequestedScopes,
};
use reqwest::Client;
use session::{ReturnTo, SignInTransaction, SystemRandom};
use url::Url;

use super::{discovery::Document, settings::value};
use crate::{
    Check, Code, Finding,
    http_client::{self, HttpResponse},
};

pub(crate) const NAME: &str = "authorization";

pub(crate) async fn check(
    document: &Document,
    environment: &Environment,
    deployment: Option<&Url>,
    http: &Client,
) -> Check {
    let endpoints = Endpoints::of(document);
    if endpoints.requires_pushing() {
        return Check::skipped(NAME, "the provider takes pushed requests only (RFC 9126)");
    }
    let config = ClientConfig::from_environment(environment);
    let scopes = RequestedScopes::from_environment(environment);
    let additional_params = AdditionalParams::from_environment(environment);
    let (Ok(config), Ok(scopes), Ok(additional_params)) = (config, scopes, additional_params)
    else {
        let why = "OIDC_CLIENT_ID, OIDC_SCOPES, OIDC_BASE_SCOPES or OIDC_AUTHORIZATION_PARAMS is \
                   missing or wrong";
        return Check::skipped(NAME, why);
    };
    let prompt_none = Interaction::parse([Some("none".to_owned()), None, None]);
    let set = environment.text("PUBLIC_URL").and_then(|text| Url::parse(text).ok());
    let Some(callback) = deployment.or(set.as_ref()).and_then(|it| it.join("/callback").ok())
    else {
        return Check::skipped(NAME, "neither --url nor PUBLIC_URL says where the callback is");
    };
    let request = AuthorizationRequest {
        client_id: &config.client_id,
        redirect_uri: &callback,
        scopes: &scopes,
        additional_params: &additional_params,
        step_up: StepUpMethod::None,
        // Its code is never redeemed, so the transaction is kept nowhere.
        transaction: &SignInTransaction::begin(
            &SystemRandom,
            SystemTime::now(),
            ReturnTo::home(),
            None,
        ),
        interaction: &prompt_none.expect("a value of the specification"),
    };
    let Ok(url) = request.url(&endpoints) else {
        return Check::skipped(NAME, "the discovery document has no authorization endpoint");
    };
    let Ok(answer) = http_client::get(http, &url).await else {
        return Check::skipped(NAME, "the authorization endpoint does not answer");
    };
    let response = AuthorizationResponse::of(&answer, &url, &callback);
    let found = find_error(&response, &callback, environment);
    Check::of(
        NAME,
        "client, callback and scopes are known; a sign-in can begin",
        found.into_iter().collect(),
    )
}

/// What an answer says: the `error` that came to the callback, and all words, in which Entra puts
/// its own number. Microsoft asks programs not to depend on those; this one only explains them.
struct AuthorizationResponse {
    error: Option<String>,
    words: String,
    failed: bool,
}

impl AuthorizationResponse {
    fn of(answer: &HttpResponse, asked: &Url, callback: &Url) -> Self {
        let back = answer.location(asked);
        let back =
            back.filter(|to| to.origin() == callback.origin() && to.path() == callback.path());
        let of = |name: &str| {
            let pair = back.as_ref()?.query_pairs().find(|(key, _)| key == name)?;
            Some(pair.1.into_owned())
        };
        let description = of("error_description").unwrap_or_default();
        let failed = answer.status.is_client_error() || answer.status.is_server_error();
        Self { error: of("error"), words: description + &answer.body, failed }
    }
}

/// The first number of Entra in these words.
pub(crate) fn number(words: &str) -> Option<&str> {
    let word = &words[words.find("AADSTS")?..];
    let digits = word["AADSTS".len()..].find(|c: char| !c.is_ascii_digit());
    Some(digits.map_or(word, |end| &word[.."AADSTS".len() + end]))
}

fn find_error(
    response: &AuthorizationResponse,
    callback: &Url,
    environment: &Environment,
) -> Option<Finding> {
    let error = response.error.as_deref().unwrap_or_default();
    let number = number(&response.words).unwrap_or_default();
    let on_page = response.error.is_none() && response.failed;
    let page = if on_page { response.words.as_str() } else { "" };
    if let Some(finding) = explain(error, number, page, callback, environment) {
        return Some(finding);
    }
    // No user is signed in here, so the provider wanted to ask; no more can be checked.
    let asks = ["login_required", "interaction_required", "account_selection_required"];
    if asks.contains(&error) || (error.is_empty() && number.is_empty() && !response.failed) {
        return None;
    }
    let todo = if number.is_empty() {
        "look in the provider's log"
    } else {
        "look the error up at https://login.microsoftonline.com/error"
    };
    let seen = seen(error, number);
    Some(Finding::new(Code::AuthorizationRefused, seen, "a sign-in would end like this", todo))
}

pub(crate) fn seen(error: &str, number: &str) -> String {
    format!("the provider answers {error} {number}").replace("  ", " ").trim_end().to_owned()
}

/// Codes, words of a page, and the finding: its code, why it matters and what to do.
type Known = (&'static [&'static str], &'static str, Code, &'static str, String);

/// What an error of the provider means: its `error`, Entra's number (`AADSTS…`), or the words of a
/// page for people.
pub(crate) fn explain(
    error: &str,
    number: &str,
    page: &str,
    callback: &Url,
    environment: &Environment,
) -> Option<Finding> {
    let console = &environment.profile().console;
    let text = |name: &str| environment.text(name).unwrap_or_default();
    let known: [Known; 8] = [
        (
            &["AADSTS50011"],
            "redirect_uri",
            Code::RedirectUriUnregistered,
            "no sign-in comes back",
            format!("register the redirect URI {callback} exactly: {}", console.client),
        ),
        (
            &["AADSTS700016", "unauthorized_client"],
            "client_id",
            Code::ClientUnknown,
            "users cannot sign in",
            format!(
                "OIDC_CLIENT_ID is {}; set it to the client id of the web app: {}; look at the \
                 tenant in OIDC_ISSUER, too",
                text("OIDC_CLIENT_ID"),
                console.client
            ),
        ),
        (
            &["AADSTS65001", "AADSTS90094", "consent_required"],
            "",
            Code::ConsentMissing,
            "where users cannot consent for themselves, an administrator must",
            format!("grant consent to the scopes: {}", console.client),
        ),
        (
            &["AADSTS650053"],
            "",
            Code::ScopeUnknown,
            "a scope's short name in a request means Microsoft Graph, which has no such scope",
            format!(
                "OIDC_SCOPES is {:?}; write each scope with its API, api://{{api-client-id}}/\
                 {{scope}}: {}",
                text("OIDC_SCOPES"),
                console.api
            ),
        ),
        (
            &["AADSTS9010010", "AADSTS28000", "invalid_target"],
            "",
            Code::ResourceDiffers,
            "a token is for one API, and the scopes, or a `resource` (RFC 8707), name another; a \
             scope's short name means Microsoft Graph",
            format!(
                "leave the scopes of one API in OIDC_SCOPES, by their full names, and no resource \
                 in OIDC_AUTHORIZATION_PARAMS; for clients that send one, such as MCP clients, \
                 add the API's address with its path and without a slash at the end to its \
                 identifier URIs: {}",
                console.api
            ),
        ),
        (
            &["AADSTS90009"],
            "",
            Code::SharedRegistration,
            "the web app and the API are one registration, which Entra takes for a request for a \
             token for itself",
            "register the API by itself (docs/tenant.md); or write {client-id}/{scope} in \
             OIDC_SCOPES, without api://, and leave OIDC_REFRESH_SCOPES empty or `requested`"
                .to_owned(),
        ),
        (
            &["AADSTS70011", "AADSTS500011", "invalid_scope", "invalid_resource"],
            "",
            Code::ScopeUnknown,
            "every sign-in ends with this error",
            format!(
                "OIDC_SCOPES is {:?}, and OIDC_BASE_SCOPES {:?}; take the full names from: {}",
                text("OIDC_SCOPES"),
                value(environment, "OIDC_BASE_SCOPES").unwrap_or_default(),
                console.api
            ),
        ),
        (
            &["AADSTS700051", "unsupported_response_type"],
            "",
            Code::ResponseTypeUnsupported,
            "sign-in is by code only",
            format!(
                "allow the authorization code flow for a web app with a secret: {}",
                console.client
            ),
        ),
    ];
    let is = |(codes, words, ..): &Known| {
        codes.contains(&number)
            || codes.contains(&error)
            || (!words.is_empty() && page.contains(words))
    };
    // Entra's number says more than its `error`.
    let by_number = known.iter().position(|(codes, ..)| codes.contains(&number));
    let at = by_number.or_else(|| known.iter().position(is))?;
    let (_, _, code, why, todo) = known.into_iter().nth(at)?;
    Some(Finding::new(code, seen(error, number), why, todo))
}

#[cfg(test)]
mod tests {
    use outbound::Outbound;
    use test_support::{Endpoint, MockResponse, ScriptedProvider};

    use super::*;

    async fn codes(answer: MockResponse) -> Vec<Code> {
        let provider = ScriptedProvider::entra();
        provider.always(Endpoint::Elsewhere, answer);
        let environment =
            Environment::of(provider.settings()).with("PUBLIC_URL", "https://app.example");
        let http = Outbound::from_environment(&environment).unwrap().http().clone();
        let document = provider.metadata();
        let check = check(document.as_object().unwrap(), &environment, None, &http).await;
        check.findings().iter().map(|it| it.code).collect()
    }

    fn back(query: &str) -> MockResponse {
        let to = format!("https://app.example/callback?{query}");
        MockResponse::status(302).header("location", &to)
    }

    #[tokio::test]
    async fn a_provider_that_wants_a_login_is_content_with_the_request() {
        assert_eq!(codes(back("error=login_required&error_description=AADSTS50058:+x")).await, []);
    }

    #[test]
    fn advice_fits_the_profile() {
        let callback = Url::parse("https://app.example/callback").unwrap();
        for profile in ::settings::PROFILES {
            let environment = Environment::of([("OIDC_PROVIDER", profile.name)]);
            let todo =
                |error, number| explain(error, number, "", &callback, &environment).unwrap().todo;
            let is_entra = profile.name.starts_with("entra");
            for error in ["unauthorized_client", "consent_required", "invalid_scope"] {
                let todo = todo(error, "");
                assert_eq!(todo.contains("Entra"), is_entra, "{todo}");
                assert!(
                    [profile.console.client, profile.console.api]
                        .iter()
                        .any(|it| todo.contains(it))
                );
            }
            assert!(
                todo("invalid_client", "AADSTS650053").contains("api://{api-client-id}/{scope}")
            );
        }
    }

    #[tokio::test]
    async fn each_refusal_is_named() {
        let page = |text: &str| MockResponse::text(format!("<html>{text}: and so on"));
        for (answer, code) in [
            (page("AADSTS50011"), Code::RedirectUriUnregistered),
            (page("AADSTS700016"), Code::ClientUnknown),
            (
                page("the redirect_uri is not registered").with_status(400),
                Code::RedirectUriUnregistered,
            ),
            (back("error=invalid_client&error_description=AADSTS650053:+x"), Code::ScopeUnknown),
            (back("error=invalid_scope"), Code::ScopeUnknown),
            (back("error=consent_required"), Code::ConsentMissing),
            (
                back("error=interaction_required&error_description=AADSTS65001:+x"),
                Code::ConsentMissing,
            ),
            (page("AADSTS9010010"), Code::ResourceDiffers),
            (back("error=invalid_request&error_description=AADSTS28000:+x"), Code::ResourceDiffers),
            (
                back("error=invalid_request&error_description=AADSTS90009:+x"),
                Code::SharedRegistration,
            ),
            (back("error=unsupported_response_type"), Code::ResponseTypeUnsupported),
            (back("error=server_error"), Code::AuthorizationRefused),
            (page("AADSTS12345"), Code::AuthorizationRefused),
        ] {
            let shown = format!("{answer:?}");
            assert_eq!(codes(answer).await, [code], "{shown}");
        }
    }
}
