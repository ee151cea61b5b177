use std::sync::Arc;

use auth::{Issuer, SystemClock};
use outbound::{Outbound, Timeouts};
use relying_party::{
    CredentialConfig, Endpoints, Redemption, TokenEndpoint, TokenEndpointError, Tokens,
};
use settings::Environment;
use test_support::ScriptedProvider;
use url::Url;

/// A provider and its client.
pub(crate) struct Fixture {
    pub(crate) provider: ScriptedProvider,
    pub(crate) endpoints: Endpoints,
    pub(crate) client: TokenEndpoint,
    outbound: Outbound,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with("web", [("OIDC_CLIENT_SECRET", "secret")])
    }

    pub(crate) fn with<const N: usize>(client_id: &str, settings: [(&str, &str); N]) -> Self {
        Self::of(client_id, settings, Timeouts::NONE)
    }

    pub(crate) fn with_timeouts(timeouts: Timeouts) -> Self {
        Self::of("web", [("OIDC_CLIENT_SECRET", "secret")], timeouts)
    }

    fn of<const N: usize>(
        client_id: &str,
        settings: [(&str, &str); N],
        timeouts: Timeouts,
    ) -> Self {
        let provider = ScriptedProvider::start();
        let environment = Environment::of(settings);
        let outbound = Outbound::with_timeouts(&environment, timeouts).unwrap();
        let client = TokenEndpoint::new(
            client_id.parse().unwrap(),
            Issuer::parse(provider.issuer()).unwrap(),
            CredentialConfig::from_environment(&environment).unwrap(),
            &environment,
            &outbound,
            Arc::new(SystemClock),
        );
        let endpoints = Endpoints::of(provider.metadata().as_object().unwrap());
        Self { provider, endpoints, client, outbound }
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        self.outbound.http()
    }

    pub(crate) async fn redeem(&self) -> Result<Tokens, TokenEndpointError> {
        let redirect_uri = Url::parse("https://app.example/callback").unwrap();
        let code_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let redemption =
            Redemption { code: "the code", code_verifier, redirect_uri: &redirect_uri };
        self.client.redeem(&self.endpoints, redemption).await
    }
}
