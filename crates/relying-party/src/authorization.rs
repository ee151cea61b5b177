//! The way to the provider.

use std::{borrow::Cow, time::Duration};

use auth::AcrValues;
use url::Url;

use crate::{ClientId, EndpointError, Endpoints, Interaction, RequestedScopes, pkce};

/// An authorization request: code flow with PKCE S256 (`OpenID` Connect Core, section 3.1.2.1; RFC
/// 7636). `state`, `nonce` and `code_verifier` are fresh random values of this attempt.
#[derive(Clone)]
pub struct AuthorizationRequest<'a> {
    /// Who asks.
    pub client_id: &'a ClientId,
    /// Where the answer goes. The same must be given when the code is redeemed.
    pub redirect_uri: &'a Url,
    /// What is asked for.
    pub scopes: &'a RequestedScopes,
    /// Ties the answer to this browser.
    pub state: &'a str,
    /// Ties the ID token to this attempt.
    pub nonce: &'a str,
    /// Ties the code to us. Only its hash is sent now.
    pub code_verifier: &'a str,
    /// What the user is to see there.
    pub interaction: &'a Interaction,
    /// How long ago the user may have proved who they are; older than that they must do it again.
    pub max_age: Option<Duration>,
    /// How strong the authentication must be.
    pub acr_values: Option<&'a AcrValues>,
}

impl AuthorizationRequest<'_> {
    /// The address to send the browser to. A query that the endpoint has already stays (RFC 6749,
    /// section 3.1).
    ///
    /// # Errors
    /// When the provider has no usable authorization endpoint.
    pub fn url(&self, endpoints: &Endpoints) -> Result<Url, EndpointError> {
        let mut url = endpoints.authorization()?.clone();
        url.query_pairs_mut().extend_pairs(self.parameters());
        Ok(url)
    }

    /// The request's parameters, as they stand in a query or, pushed, in a form.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let mut parameters: Vec<(&'static str, Cow<'_, str>)> = vec![
            ("response_type", "code".into()),
            ("response_mode", "query".into()),
            ("client_id", self.client_id.as_str().into()),
            ("redirect_uri", self.redirect_uri.as_str().into()),
            ("scope", self.scopes.as_str().into()),
            ("state", self.state.into()),
            ("nonce", self.nonce.into()),
            ("code_challenge", pkce::challenge(self.code_verifier).into()),
            ("code_challenge_method", "S256".into()),
        ];
        parameters
            .extend(self.interaction.parameters().map(|(name, value)| (name, Cow::from(value))));
        parameters.extend(self.max_age.map(|age| ("max_age", age.as_secs().to_string().into())));
        parameters.extend(self.acr_values.map(|values| ("acr_values", values.as_str().into())));
        parameters
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::LazyLock};

    use serde_json::json;
    use settings::Environment;

    use super::*;

    fn url(endpoint: &str, change: impl FnOnce(&mut AuthorizationRequest<'_>)) -> Url {
        let document = json!({ "authorization_endpoint": endpoint });
        let environment = Environment::of([("OIDC_SCOPES", "api://a/Read")]);
        let mut request = AuthorizationRequest {
            client_id: &ClientId::parse("web app").unwrap(),
            redirect_uri: &Url::parse("https://app.example/callback").unwrap(),
            scopes: &RequestedScopes::from_environment(&environment).unwrap(),
            state: "the-state",
            nonce: "the-nonce",
            code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            interaction: &Interaction::default(),
            max_age: None,
            acr_values: None,
        };
        change(&mut request);
        request.url(&Endpoints::of(document.as_object().unwrap())).unwrap()
    }

    #[test]
    fn the_request_has_state_nonce_and_an_s256_challenge() {
        let url = url("https://login.example/authorize", |_| ());
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let expected = [
            ("client_id", "web app"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("nonce", "the-nonce"),
            ("redirect_uri", "https://app.example/callback"),
            ("response_mode", "query"),
            ("response_type", "code"),
            ("scope", "openid profile offline_access api://a/Read"),
            ("state", "the-state"),
        ];
        assert_eq!(query, expected.map(|(n, v)| (n.to_owned(), v.to_owned())).into());
    }

    #[test]
    fn the_verifier_stays_here() {
        assert!(!url("https://login.example/", |_| ()).as_str().contains("dBjftJeZ4CVP"));
    }

    #[test]
    fn a_query_that_the_endpoint_has_already_stays() {
        let url = url("https://login.example/authorize?p=flow", |_| ());
        assert!(url.as_str().starts_with("https://login.example/authorize?p=flow&response_type="));
    }

    #[test]
    fn wishes_are_passed_on_and_cannot_add_parameters() {
        static VALUES: LazyLock<AcrValues> =
            LazyLock::new(|| AcrValues::parse("gold a&b=c").unwrap());
        static INTERACTION: LazyLock<Interaction> = LazyLock::new(|| {
            let values = [None, Some("ada@example.com&state=x#y".into()), Some("de en".into())];
            Interaction::judge(values).unwrap()
        });
        let url = url("https://login.example/authorize", |request| {
            request.interaction = &INTERACTION;
            request.max_age = Some(Duration::ZERO);
            request.acr_values = Some(&VALUES);
        });
        let query: Vec<_> = url.query_pairs().into_owned().skip(9).collect();
        let expected = [
            ("login_hint", "ada@example.com&state=x#y"),
            ("ui_locales", "de en"),
            ("max_age", "0"),
            ("acr_values", "gold a&b=c"),
        ];
        assert_eq!(query, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(url.fragment(), None);
    }
}
