//! A provider with a clock that tests set, and the requests of its clients.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use idp::{Config, Credentials, Idp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value, json};
use settings::Profile;
use url::Url;

use crate::browser::{Browser, Reply};

pub(crate) const BASE: &str = "http://localhost:3001";
/// A closed port: logout tokens of a test must not reach a running stack.
pub(crate) const WEB: &str = "http://localhost:9";
pub(crate) const CALLBACK: &str = "http://localhost:9/callback";
/// The sign-in form of a demo user.
pub(crate) const ADA: [(&str, &str); 2] =
    [("username", "ada@example.com"), ("password", "tollgate-dev")];
/// The pair of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) struct TestProvider {
    pub(crate) idp: Idp,
    now: Arc<AtomicU64>,
}

pub(crate) fn provider() -> TestProvider {
    provider_with(|config| config)
}

/// A provider that behaves like that of this profile.
pub(crate) fn provider_like(profile: &str) -> TestProvider {
    let like = Profile::named(profile).unwrap();
    provider_with(|config| Config { like, ..config })
}

pub(crate) fn with_browser() -> (TestProvider, Browser) {
    let provider = provider();
    let browser = provider.browser();
    (provider, browser)
}

/// With a browser in which a demo user has signed in.
pub(crate) async fn signed_in() -> (TestProvider, Browser) {
    signed_in_at(provider()).await
}

pub(crate) async fn signed_in_at(provider: TestProvider) -> (TestProvider, Browser) {
    let mut browser = provider.browser();
    provider.sign_in(&mut browser, &[]).await;
    (provider, browser)
}

pub(crate) fn provider_with(change: impl FnOnce(Config) -> Config) -> TestProvider {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Arc::new(AtomicU64::new(since.as_secs()));
    let clock = Arc::clone(&now);
    let config = Config {
        clock: Arc::new(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst))),
        ..Config::new(BASE.parse().unwrap(), WEB.parse().unwrap())
    };
    TestProvider { idp: Idp::open(change(config)).unwrap(), now }
}

impl TestProvider {
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.idp.router())
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    /// The web app's authorization request, with parameters changed or (empty) left out.
    pub(crate) fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let scope = format!("openid profile offline_access {}", self.idp.scopes().join(" "));
        let mut params = vec![
            ("client_id", self.idp.web_app().client_id),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", &scope),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "the state"),
            ("nonce", "the nonce"),
        ];
        apply(changes, &mut params);
        let mut url: Url = self.idp.authorization_endpoint().parse().unwrap();
        url.query_pairs_mut().extend_pairs(params);
        url.to_string()
    }

    /// Signs Ada in, allows everything, and returns where the browser is sent.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, changes: &[(&str, &str)]) -> Url {
        self.sign_in_as(browser, "ada@example.com", changes).await
    }

    pub(crate) async fn sign_in_as(
        &self,
        browser: &mut Browser,
        username: &str,
        changes: &[(&str, &str)],
    ) -> Url {
        let page = browser.follow(&self.authorize(changes)).await;
        let password = [("username", username), ("password", "tollgate-dev")];
        let reply = browser.submit(&page, &password).await;
        if reply.location().path().contains("/consent/") {
            return browser.accept(&reply).await;
        }
        reply.location()
    }

    /// Signs Ada in and redeems the code.
    pub(crate) async fn tokens(&self) -> Value {
        self.tokens_at(&self.sign_in(&mut self.browser(), &[]).await).await
    }

    /// Redeems the code of a successful authorization response.
    pub(crate) async fn tokens_at(&self, back: &Url) -> Value {
        let reply = self.redeem(&param(back, "code").unwrap(), &[]).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()
    }

    /// The web app's token request for a code, with parameters changed or (empty) left out.
    pub(crate) async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Reply {
        let params = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.token(&self.idp.web_app(), &params, changes).await
    }

    pub(crate) async fn refresh(&self, token: &Value, changes: &[(&str, &str)]) -> Reply {
        let params = [("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())];
        self.token(&self.idp.web_app(), &params, changes).await
    }

    pub(crate) async fn token(
        &self,
        client: &Credentials,
        params: &[(&str, &str)],
        changes: &[(&str, &str)],
    ) -> Reply {
        let mut params = params.to_vec();
        params.push(("client_id", client.client_id));
        params.push(("client_secret", &client.client_secret));
        apply(changes, &mut params);
        self.browser().post(self.idp.token_endpoint(), &params).await
    }

    /// Sets the faults for Ada on the control page.
    pub(crate) async fn inject(&self, form: &[(&str, &str)]) -> Reply {
        let reply = self.browser().post(&format!("{BASE}/dev/users/ada@example.com"), form).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply
    }

    /// Ada's events, newest first.
    pub(crate) async fn events(&self) -> Vec<String> {
        let page = self.browser().get(&format!("{BASE}/dev/users/ada@example.com")).await.json();
        let entries = page["diary"].as_array().unwrap().iter();
        entries.map(|entry| entry["what"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn jwks(&self) -> Vec<Value> {
        let url = format!("{BASE}/{}/discovery/v2.0/keys", idp::TENANT_ID);
        self.browser().get(&url).await.json()["keys"].as_array().unwrap().clone()
    }

    /// The claims of a token, verified against the published keys.
    pub(crate) async fn verify(&self, token: &Value, audience: &str) -> Map<String, Value> {
        self.try_verify(token.as_str().unwrap(), audience).await.unwrap()
    }

    pub(crate) async fn try_verify(
        &self,
        token: &str,
        audience: &str,
    ) -> Option<Map<String, Value>> {
        self.verify_as("JWT", token, audience).await
    }

    /// The claims of a token whose header names this type.
    pub(crate) async fn verify_as(
        &self,
        typ: &str,
        token: &str,
        audience: &str,
    ) -> Option<Map<String, Value>> {
        let header = jsonwebtoken::decode_header(token).unwrap();
        let kid = header.kid.clone().unwrap();
        let expected = json!({ "alg": "RS256", "kid": kid, "typ": typ });
        assert_eq!(json!(header), expected, "nothing else is in the header");
        let key = self.jwks().await.into_iter().find(|key| key["kid"] == kid.as_str())?;
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        let key = DecodingKey::from_rsa_components(&text("n"), &text("e")).unwrap();
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_audience(&[audience]);
        rules.set_issuer(&[self.idp.issuer()]);
        rules.set_required_spec_claims(&["aud", "iss", "exp", "sub"]);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let token = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &rules).unwrap();
        assert_eq!(token.claims["ver"], "2.0");
        assert_eq!(token.claims["tid"], idp::TENANT_ID);
        Some(token.claims)
    }
}

/// Changes parameters, or (empty) removes them.
pub(crate) fn apply<'a>(changes: &[(&'a str, &'a str)], params: &mut Vec<(&'a str, &'a str)>) {
    params.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    params.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
}

/// A parameter of an authorization response.
pub(crate) fn param(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
