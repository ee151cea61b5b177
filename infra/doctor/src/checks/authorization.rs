//! The authorization request as `signin` makes it, with `prompt=none` and followed nowhere.

use std::time::SystemTime;

use ::settings::Environment;
use relying_party::{
    AdditionalParams, AuthorizationRequest, ClientConfig, Endpoints, Interaction, RequestedScopes,
    StepUpMethod,
};
use reqwest::Client;
use session::{ReturnTo, SignInTransaction, SystemRandom};
use url::Url;

use super::discovery::Document;
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
    let found = find_error(
        &AuthorizationResponse::of(&answer, &url, &callback),
        &callback,
        &config,
        &scopes,
    );
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

    fn number(&self) -> Option<&str> {
        let at = self.words.find("AADSTS")?;
        let word = &self.words[at..];
        let digits = word["AADSTS".len()..].find(|c: char| !c.is_ascii_digit());
        Some(digits.map_or(word, |end| &word[.."AADSTS".len() + end]))
    }
}

fn find_error(
    response: &AuthorizationResponse,
    callback: &Url,
    config: &ClientConfig,
    scopes: &RequestedScopes,
) -> Option<Finding> {
    let client = config.client_id.as_str();
    let error = response.error.as_deref().unwrap_or_default();
    let number = response.number().unwrap_or_default();
    let mentions =
        |words: &str| response.error.is_none() && response.failed && response.words.contains(words);
    let is =
        |numbers: &[&str], errors: &[&str]| numbers.contains(&number) || errors.contains(&error);
    let seen = format!("the provider answers {error} {number}");
    let finding =
        |code, why, todo: String| Some(Finding::new(code, seen.trim().to_owned(), why, todo));
    if is(&["AADSTS50011"], &[]) || mentions("redirect_uri") {
        let todo = format!(
            "register {callback} exactly: Entra admin centre, App registrations, the web app, \
             Authentication, Web, Redirect URIs; or `cargo run -p entra -- apply --public-url …`"
        );
        return finding(Code::RedirectUriUnregistered, "no sign-in comes back", todo);
    }
    if is(&["AADSTS700016"], &["unauthorized_client"]) || mentions("client_id") {
        let todo = format!(
            "OIDC_CLIENT_ID is {client}; set it to the Application (client) ID of the web app: \
             Entra admin centre, App registrations, the web app, Overview; look at the tenant, too"
        );
        return finding(Code::ClientUnknown, "users cannot sign in", todo);
    }
    if is(&["AADSTS65001", "AADSTS90094"], &["consent_required"]) {
        let todo = "grant it: Entra admin centre, App registrations, the web app, API permissions, \
                    Grant admin consent; or `cargo run -p entra -- apply`";
        let why = "customers cannot consent for themselves, so an administrator must";
        return finding(Code::ConsentMissing, why, todo.to_owned());
    }
    if is(&["AADSTS70011", "AADSTS650053", "AADSTS500011", "AADSTS28000"], &["invalid_scope"]) {
        let todo = format!(
            "OIDC_SCOPES asks for {}; take the full names from: Entra admin centre, App \
             registrations, the API app, Expose an API",
            scopes.as_str()
        );
        return finding(Code::ScopeUnknown, "every sign-in ends with this error", todo);
    }
    if is(&["AADSTS700051"], &["unsupported_response_type"]) {
        let todo = "allow the authorization code flow for this client; in Entra its platform must \
                    be Web: App registrations, the web app, Authentication";
        return finding(Code::ResponseTypeUnsupported, "sign-in is by code only", todo.to_owned());
    }
    // No user is signed in here, so the provider wanted to ask; no more can be checked.
    let good = ["", "login_required", "interaction_required", "account_selection_required"];
    if good.contains(&error) && !response.failed && number.is_empty()
        || ["login_required", "interaction_required", "account_selection_required"].contains(&error)
    {
        return None;
    }
    let todo = "look the error up at https://login.microsoftonline.com/error, or in the \
                provider's log";
    finding(Code::AuthorizationRefused, "a sign-in would end like this", todo.to_owned())
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
            (back("error=unsupported_response_type"), Code::ResponseTypeUnsupported),
            (back("error=server_error"), Code::AuthorizationRefused),
            (page("AADSTS12345"), Code::AuthorizationRefused),
        ] {
            let shown = format!("{answer:?}");
            assert_eq!(codes(answer).await, [code], "{shown}");
        }
    }
}
