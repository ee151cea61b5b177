//! Broken configurations, each of which is told by the name of its fault, and one that is whole.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say so and end")]

use doctor::{Check, Code, Input, run, text};
use serde_json::json;
use test_support::{Endpoint, MockResponse, ScriptedProvider, SigningKey, api_settings};

/// A provider, and settings that fit it.
struct Configuration {
    provider: ScriptedProvider,
    settings: Vec<(String, String)>,
    token: Option<String>,
}

impl Configuration {
    fn new() -> Self {
        let provider = ScriptedProvider::entra();
        let mut settings: Vec<_> =
            provider.settings().map(|(name, value)| (name.to_owned(), value)).into();
        let own = [
            ("KEYS_TABLE", "keys"),
            ("SESSIONS_TABLE", "sessions"),
            ("TODOS_TABLE", "todos"),
            ("PUBLIC_URL", "https://todo.example.com"),
        ];
        let own = api_settings().chain(own);
        settings.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let login = MockResponse::status(302)
            .header("location", "https://todo.example.com/callback?error=login_required&state=x");
        provider.always(Endpoint::Elsewhere, login);
        Self { provider, settings, token: None }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(other, _)| other != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The authorization endpoint answers with this error.
    fn refused_with(self, error: &str) -> Self {
        let back = format!("https://todo.example.com/callback?{error}&state=x");
        self.provider.behave(Endpoint::Elsewhere);
        self.provider
            .always(Endpoint::Elsewhere, MockResponse::status(302).header("location", &back));
        self
    }

    /// The discovery document says this.
    fn says(self, member: &str, value: serde_json::Value) -> Self {
        let mut document = self.provider.metadata();
        document[member] = value;
        self.provider.always(Endpoint::Discovery, MockResponse::json(&document));
        self
    }

    fn token(mut self, token: String) -> Self {
        self.token = Some(token);
        self
    }

    /// The codes of what is found, and what is printed.
    async fn examined(self) -> (Vec<Code>, String) {
        let (settings, token) = (Some(self.settings), self.token);
        let input = Input { settings, has_todos: true, url: None, token, try_credential: false };
        let checks = run(&input, None).await.unwrap();
        let found = checks.iter().flat_map(Check::findings).map(|finding| finding.code);
        (found.collect(), text(&checks))
    }
}

#[tokio::test]
async fn a_whole_configuration_has_no_finding() {
    let configuration = Configuration::new();
    let token = configuration.provider.access_token().signed();
    let (found, printed) = configuration.token(token.clone()).examined().await;
    assert_eq!(found, [], "{printed}");
    assert!(!printed.contains(&token));
}

#[tokio::test]
async fn each_of_these_broken_configurations_is_told_by_the_name_of_its_fault() {
    let configuration = Configuration::new;
    let token = || Configuration::new();
    let by_name = {
        let configuration = configuration();
        let tenant = test_support::TENANT;
        let asked = configuration.provider.issuer().replace(tenant, "contoso.onmicrosoft.com");
        let metadata =
            format!("{}/.well-known/openid-configuration", configuration.provider.issuer());
        configuration.with("OIDC_ISSUER", &asked).with("OIDC_METADATA_URL", &metadata)
    };
    let version_1 = {
        let configuration = token();
        let token = configuration.provider.access_token().claim("ver", "1.0").signed();
        configuration.token(token)
    };
    let expired = {
        let configuration = token();
        let token = configuration.provider.access_token().claim("exp", 1_000_000_000).signed();
        configuration.token(token)
    };
    let weak = {
        let configuration = configuration();
        configuration.provider.always(Endpoint::Keys, MockResponse::json(&json!({ "keys": [] })));
        configuration
    };
    let another_key = {
        let configuration = token();
        let key = SigningKey::generate("another");
        let token = configuration.provider.access_token().header("kid", key.id()).signed_by(&key);
        configuration.token(token)
    };
    let consent = "error=consent_required&error_description=AADSTS65001%3A+no+consent";
    let unregistered = "error=invalid_request&error_description=AADSTS50011%3A+mismatch";
    for (configuration, code, words) in [
        (by_name, Code::IssuerByName, "issuer-by-name trap"),
        (version_1, Code::TokenVersion1, "requestedAccessTokenVersion"),
        (configuration().refused_with(consent), Code::ConsentMissing, "consent"),
        (configuration().refused_with(unregistered), Code::RedirectUriUnregistered, "/callback"),
        (configuration().with("API_AUDIENCE", ""), Code::SettingInvalid, "API_AUDIENCE"),
        (configuration().with("API_AUDIENCE", "api://todos"), Code::AudienceIsUri, "client) ID"),
        (
            configuration().with("OIDC_CLIENT_ID", "<client-id>"),
            Code::SettingPlaceholder,
            "OIDC_CLIENT_ID",
        ),
        (
            configuration().with("OIDC_AUDIENCE", "api"),
            Code::SettingMisspelt,
            "did you mean API_AUDIENCE",
        ),
        (
            configuration().says("issuer", json!("https://other.example")),
            Code::IssuerMismatch,
            "OIDC_ISSUER",
        ),
        (
            configuration().says("code_challenge_methods_supported", json!(["plain"])),
            Code::PkceMissing,
            "S256",
        ),
        (weak, Code::KeysUnusable, "OIDC_ALGORITHMS"),
        (expired, Code::TokenExpired, "get a new one"),
        (another_key, Code::TokenRefused, "401"),
    ] {
        let (found, printed) = configuration.examined().await;
        assert!(found.contains(&code), "{} is not in\n{printed}", code.as_str());
        let flat = printed.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{words:?} is not in\n{printed}");
    }
}
