//! The client's credential, tried with a code that is wrong. Only when asked for: it sends the
//! secret to the provider, and a provider may log the attempt.

use ::settings::Environment;
use relying_party::{ClientConfig, EndpointName, Endpoints};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::discovery::Document;
use crate::{Check, Code, Finding, http_client};

pub(crate) const NAME: &str = "credential";

/// A verifier of the form that RFC 7636, section 4.1, wants; there is no code it belongs to.
const VERIFIER: &str = "doctor-doctor-doctor-doctor-doctor-doctor-doctor";

pub(crate) async fn check(document: &Document, environment: &Environment, http: &Client) -> Check {
    let endpoints = Endpoints::of(document);
    let (Ok(config), Ok(url)) =
        (ClientConfig::from_environment(environment), endpoints.url(EndpointName::Token))
    else {
        return Check::skipped(NAME, "OIDC_CLIENT_ID or the token endpoint is missing");
    };
    let own =
        document.get("issuer").and_then(Value::as_str) == Some(config.provider.issuer.as_str());
    if !own {
        // A secret goes only to the provider that the settings name.
        return Check::skipped(NAME, "the document is of another issuer; no secret is sent there");
    }
    let Some(secret) = environment.text("OIDC_CLIENT_SECRET") else {
        return Check::skipped(NAME, "OIDC_CLIENT_SECRET is not set; set it for this run");
    };
    let post = match environment.text("OIDC_CLIENT_AUTH").unwrap_or("client_secret_basic") {
        "client_secret_basic" => false,
        "client_secret_post" => true,
        _ => return Check::skipped(NAME, "only client secrets can be tried, no private key"),
    };
    let request = request(http, url, config.client_id.as_str(), secret, post);
    let Ok(answer) = http_client::send(request).await else {
        return Check::skipped(NAME, "the token endpoint does not answer");
    };
    let said: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default();
    let finding = judge(text("error"), text("error_description"));
    Check::of(
        NAME,
        "the provider takes it, and refuses only the code",
        finding.into_iter().collect(),
    )
}

fn request(http: &Client, url: &Url, id: &str, secret: &str, post: bool) -> RequestBuilder {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", "wrong-on-purpose")
        .append_pair("redirect_uri", "https://doctor.invalid/callback")
        .append_pair("code_verifier", VERIFIER);
    let mut request = http.post(url.clone());
    if post {
        form.append_pair("client_id", id).append_pair("client_secret", secret);
    } else {
        // Both are form-encoded first (RFC 6749, section 2.3.1).
        let encoded =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        request = request.basic_auth(encoded(id), Some(encoded(secret)));
    }
    request.header("content-type", "application/x-www-form-urlencoded").body(form.finish())
}

pub(crate) fn judge(error: &str, description: &str) -> Option<Finding> {
    let says = |number: &str| description.contains(number);
    let renew = "make a new one there, or a certificate with `cargo run -p entra -- apply …`, and \
                 store it in Secrets Manager";
    if says("AADSTS7000222") {
        return Some(Finding::new(
            Code::SecretExpired,
            "the provider answers AADSTS7000222: the client secret has expired",
            "no code and no refresh token is redeemed any more",
            renew,
        ));
    }
    if says("AADSTS7000215") {
        return Some(Finding::new(
            Code::SecretWrong,
            "the provider answers AADSTS7000215: the client secret is wrong",
            "often the Secret ID was copied instead of the Value",
            format!(
                "Entra admin center, App registrations, the web app, Certificates & secrets: copy \
                 the Value, which is shown only once; or {renew}"
            ),
        ));
    }
    match error {
        // A good client with a bad code, as it should be.
        "invalid_grant" => None,
        "invalid_client" => Some(Finding::new(
            Code::SecretWrong,
            "the provider answers invalid_client",
            "client id and secret do not fit, so users cannot sign in",
            "compare OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_CLIENT_AUTH with the provider's \
             registration",
        )),
        other => Some(Finding::new(
            Code::CredentialRefused,
            format!("the provider answers {other:?} where invalid_grant was expected"),
            "whether the credential is good cannot be told",
            "look in the provider's log for the attempt",
        )),
    }
}

#[cfg(test)]
mod tests {
    use outbound::Outbound;
    use serde_json::json;
    use test_support::{CLIENT_SECRET, Endpoint, MockResponse, ScriptedProvider};

    use super::*;

    async fn codes(provider: &ScriptedProvider) -> Vec<Code> {
        let environment = Environment::of(provider.settings());
        let http = Outbound::from_environment(&environment).unwrap().http().clone();
        let document = provider.metadata();
        let check = check(document.as_object().unwrap(), &environment, &http).await;
        assert!(!format!("{check:?}").contains(CLIENT_SECRET), "the secret was shown");
        check.findings().iter().map(|it| it.code).collect()
    }

    #[tokio::test]
    async fn each_refusal_of_the_credential_is_named() {
        let provider = ScriptedProvider::entra();
        for (error, description, expected) in [
            ("invalid_grant", "", None),
            ("invalid_client", "AADSTS7000215: x", Some(Code::SecretWrong)),
            ("invalid_client", "", Some(Code::SecretWrong)),
            ("invalid_client", "AADSTS7000222: x", Some(Code::SecretExpired)),
            ("server_error", "", Some(Code::CredentialRefused)),
        ] {
            let body = json!({ "error": error, "error_description": description });
            provider.next(Endpoint::Token, MockResponse::json(&body).with_status(400));
            assert_eq!(codes(&provider).await, Vec::from_iter(expected), "{error} {description}");
        }
    }

    #[tokio::test]
    async fn a_provider_of_another_issuer_gets_no_secret() {
        let provider = ScriptedProvider::entra();
        let environment =
            Environment::of(provider.settings()).with("OIDC_ISSUER", "https://a.example");
        let http = Outbound::from_environment(&environment).unwrap().http().clone();
        let document = provider.metadata();
        check(document.as_object().unwrap(), &environment, &http).await;
        assert!(provider.received(Endpoint::Token).is_empty());
    }
}
