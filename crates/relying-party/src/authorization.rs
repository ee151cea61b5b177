//! The authorization request.

use std::borrow::Cow;

use session::SignInTransaction;
use url::Url;

use crate::{
    AdditionalParams, ClientId, EndpointError, EndpointName, Endpoints, Interaction,
    RequestedScopes, pkce, step_up,
};
use settings::StepUpMethod;

/// An authorization request: code flow with PKCE S256 (`OpenID` Connect Core, section 3.1.2.1; RFC
/// 7636).
#[derive(Clone)]
pub struct AuthorizationRequest<'a> {
    /// Our client ID.
    pub client_id: &'a ClientId,
    /// Where the response goes. Redeeming the code requires the same value.
    pub redirect_uri: &'a Url,
    /// The requested scopes.
    pub scopes: &'a RequestedScopes,
    /// The provider's own parameters.
    pub additional_params: &'a AdditionalParams,
    /// How the `acr_values` of the transaction are requested.
    pub step_up: StepUpMethod,
    /// Has `state`, `nonce`, `max_age`, `acr_values` and the code verifier, of which only the hash
    /// is sent.
    pub transaction: &'a SignInTransaction,
    /// What the user sees at the provider.
    pub interaction: &'a Interaction,
}

impl AuthorizationRequest<'_> {
    /// The URL to redirect the browser to. Keeps the endpoint's own query (RFC 6749, section 3.1).
    ///
    /// # Errors
    /// When the provider has no usable authorization endpoint.
    pub fn url(&self, endpoints: &Endpoints) -> Result<Url, EndpointError> {
        let mut url = endpoints.url(EndpointName::Authorization)?.clone();
        url.query_pairs_mut().extend_pairs(self.parameters());
        Ok(url)
    }

    /// The parameters of the request, for a query or a pushed form.
    pub(crate) fn parameters(&self) -> Vec<(&str, Cow<'_, str>)> {
        let transaction = self.transaction;
        let mut parameters: Vec<(&str, Cow<'_, str>)> = vec![
            ("response_type", "code".into()),
            ("response_mode", "query".into()),
            ("client_id", self.client_id.as_str().into()),
            ("redirect_uri", self.redirect_uri.as_str().into()),
            ("scope", self.scopes.as_str().into()),
            ("state", transaction.state().as_str().into()),
            ("nonce", transaction.nonce().into()),
            ("code_challenge", pkce::challenge(transaction.verifier()).into()),
            ("code_challenge_method", "S256".into()),
        ];
        parameters
            .extend(self.interaction.parameters().map(|(name, value)| (name, Cow::from(value))));
        let max_age = transaction.max_age().map(|age| age.as_secs().to_string().into());
        parameters.extend(max_age.map(|age| ("max_age", age)));
        let step_up = |values| step_up::parameter(self.step_up, values);
        parameters.extend(transaction.acr_values().and_then(step_up));
        let additional = self.additional_params.beside(self.interaction);
        parameters.extend(additional.map(|(name, value)| (name, Cow::from(value))));
        parameters
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        time::{Duration, UNIX_EPOCH},
    };

    use auth::AcrValues;
    use serde_json::json;
    use session::{ReturnTo, SystemRandom};
    use settings::Environment;

    use super::*;

    fn transaction(max_age: Option<Duration>) -> SignInTransaction {
        SignInTransaction::begin(&SystemRandom, UNIX_EPOCH, ReturnTo::home(), max_age)
    }

    fn url(endpoint: &str, transaction: &SignInTransaction, interaction: &Interaction) -> Url {
        let document = json!({ "authorization_endpoint": endpoint });
        let environment = Environment::of([("OIDC_SCOPES", "api://a/Read")]);
        AuthorizationRequest {
            client_id: &"web app".parse().unwrap(),
            redirect_uri: &Url::parse("https://app.example/callback").unwrap(),
            scopes: &RequestedScopes::from_environment(&environment).unwrap(),
            additional_params: &AdditionalParams::default(),
            step_up: StepUpMethod::AcrValues,
            transaction,
            interaction,
        }
        .url(&Endpoints::of(document.as_object().unwrap()))
        .unwrap()
    }

    #[test]
    fn the_request_has_state_nonce_and_an_s256_challenge() {
        let transaction = transaction(None);
        let url = url("https://login.example/authorize", &transaction, &Interaction::default());
        let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let expected = [
            ("client_id", "web app"),
            ("code_challenge", &pkce::challenge(transaction.verifier())),
            ("code_challenge_method", "S256"),
            ("nonce", transaction.nonce()),
            ("redirect_uri", "https://app.example/callback"),
            ("response_mode", "query"),
            ("response_type", "code"),
            ("scope", "openid profile offline_access api://a/Read"),
            ("state", transaction.state().as_str()),
        ];
        assert_eq!(query, expected.map(|(n, v)| (n.to_owned(), v.to_owned())).into());
        assert!(!url.as_str().contains(transaction.verifier()), "the verifier is not sent");
    }

    #[test]
    fn the_query_of_the_endpoint_is_kept() {
        let endpoint = "https://login.example/authorize?p=flow";
        let url = url(endpoint, &transaction(None), &Interaction::default());
        assert!(url.as_str().starts_with("https://login.example/authorize?p=flow&response_type="));
    }

    #[test]
    fn requested_parameters_are_passed_on_and_cannot_add_others() {
        let acr_values = AcrValues::parse("gold a&b=c").unwrap();
        let transaction = transaction(Some(Duration::ZERO)).with_acr_values(Some(acr_values));
        let values = [None, Some("ada@example.com&state=x#y".into()), Some("de en".into())];
        let interaction = Interaction::parse(values).unwrap();
        let url = url("https://login.example/authorize", &transaction, &interaction);
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
