//! The provider as a test sees it.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use url::Url;

use crate::{
    CLIENT_ID, CLIENT_SECRET, Endpoint, MockResponse, Received, SigningKey, TENANT, TokenBuilder,
    TokenResponse, grants::Code, server::Server, shared::Shared,
};

/// The provider. It ends when it is dropped.
#[derive(Debug)]
pub struct ScriptedProvider {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: Mutex<Option<Server>>,
}

impl ScriptedProvider {
    /// A provider on a free loopback port. Its issuer has no path.
    ///
    /// # Panics
    /// When no port is to be had.
    pub fn start() -> Self {
        Self::under("")
    }

    /// The same as Entra behaves: the issuer is `{base}/{tenant}/v2.0`, tokens have `ver` and `tid`, a
    /// refresh must name its scopes (AADSTS90009), and there is neither revocation nor a pushed
    /// request. `dev/idp` has the other providers.
    ///
    /// # Panics
    /// When no port is to be had.
    pub fn entra() -> Self {
        Self::under(&format!("/{TENANT}/v2.0"))
    }

    fn under(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = listener.local_addr().expect("a listening socket has an address");
        let shared = Arc::new(Shared::new(format!("http://{address}{path}")));
        let server = Mutex::new(Some(Server::run(listener, shared.clone())));
        Self { address, shared, server }
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The settings under which a function uses this provider: `OIDC_ISSUER`, `OIDC_PROVIDER`,
    /// `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET` and `OIDC_SCOPES`.
    pub fn settings(&self) -> [(&'static str, String); 5] {
        let profile = if self.shared.is_entra() { "entra-external-id" } else { "" };
        [
            ("OIDC_ISSUER", self.issuer().to_owned()),
            ("OIDC_PROVIDER", profile.to_owned()),
            ("OIDC_CLIENT_ID", CLIENT_ID.to_owned()),
            ("OIDC_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
            ("OIDC_SCOPES", "api://todos/ToDoList.Read api://todos/ToDoList.ReadWrite".to_owned()),
        ]
    }

    /// The metadata that discovery answers with when it is not scripted.
    pub fn metadata(&self) -> Value {
        self.shared.metadata()
    }

    /// Scripts the next request at an endpoint. Several are used up in their order, before what
    /// [`always`](Self::always) says.
    pub fn next(&self, endpoint: Endpoint, response: MockResponse) {
        self.shared.script().next.push((endpoint, response));
    }

    /// Scripts every further request at an endpoint.
    pub fn always(&self, endpoint: Endpoint, response: MockResponse) {
        self.shared.script().always.push((endpoint, response));
    }

    /// Forgets every script of an endpoint: it behaves again.
    pub fn behave(&self, endpoint: Endpoint) {
        let mut script = self.shared.script();
        script.next.retain(|(of, _)| *of != endpoint);
        script.always.retain(|(of, _)| *of != endpoint);
    }

    /// What has arrived at an endpoint so far, in order.
    pub fn received(&self, endpoint: Endpoint) -> Vec<Received> {
        let script = self.shared.script();
        let these = script.received.iter().filter(|(at, _)| *at == endpoint);
        these.map(|(_, request)| request.clone()).collect()
    }

    /// Waits until that many requests have arrived at an endpoint.
    pub async fn arrived(&self, endpoint: Endpoint, count: usize) {
        while self.received(endpoint).len() < count {
            self.shared.arrival.notified().await;
        }
    }

    /// The part of user and provider: takes the address that the browser was sent to and gives the
    /// one that the browser comes back to, with a code and `state`. A request that was pushed is
    /// found by its `request_uri`, once.
    ///
    /// The code is good once, for an ID token with the request's nonce, with the verifier that fits
    /// the challenge.
    ///
    /// # Panics
    /// When the request lacks what the provider must have.
    pub fn sign_in(&self, authorization_request: &str) -> Url {
        self.sign_in_with(authorization_request, &json!({}))
    }

    /// The same, with further claims for the ID token.
    ///
    /// # Panics
    /// When the request lacks what the provider must have, or the claims are no object.
    pub fn sign_in_with(&self, authorization_request: &str, claims: &Value) -> Url {
        let request = Url::parse(authorization_request).expect("the address of a request");
        let mut query: BTreeMap<_, _> = request.query_pairs().into_owned().collect();
        if let Some(request_uri) = query.get("request_uri") {
            query = self.shared.grants().pushed(request_uri).expect("a request that was pushed");
        }
        let parameter = |name: &str| query.get(name).unwrap_or_else(|| panic!("no {name}"));
        let further = claims.as_object().expect("claims are an object").clone();
        let nonce = ("nonce".to_owned(), json!(parameter("nonce")));
        let code = Code {
            challenge: parameter("code_challenge").clone(),
            redirect_uri: parameter("redirect_uri").clone(),
            claims: [nonce].into_iter().chain(further).collect(),
        };
        let mut back = Url::parse(&code.redirect_uri).expect("a redirect URI");
        let code = self.shared.grants().give_out(code);
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", parameter("state"));
        back
    }

    /// A good ID token for [`CLIENT_ID`], without nonce, in the making.
    pub fn id_token(&self) -> TokenBuilder {
        self.shared.id_token()
    }

    /// A good access token of a user for the audience `api`, in the making.
    pub fn access_token(&self) -> TokenBuilder {
        self.shared.access_token()
    }

    /// A good token response without an ID token, in the making. Its refresh token works.
    pub fn tokens(&self) -> TokenResponse {
        let refresh_token = self.shared.grants().new_refresh_token();
        TokenResponse::new(&self.access_token().signed(), &refresh_token)
    }

    /// Publishes these keys from now on. Tokens are still signed with the first key unless the
    /// test says otherwise.
    pub fn publish<'a>(&self, keys: impl IntoIterator<Item = &'a SigningKey>) {
        let keys: Vec<Value> = keys.into_iter().map(SigningKey::jwk).collect();
        self.behave(Endpoint::Keys);
        self.always(Endpoint::Keys, MockResponse::json(&json!({ "keys": keys })));
    }

    /// An outage: connections are refused until [`resume`](Self::resume).
    pub async fn stop(&self) {
        let server = self.server().take();
        if let Some(server) = server {
            server.stop().await;
        }
    }

    /// Ends an outage, at the same port.
    ///
    /// # Panics
    /// When somebody else has taken the port meanwhile.
    pub async fn resume(&self) {
        self.stop().await;
        let listener = tokio::net::TcpListener::bind(self.address).await;
        let listener = listener.and_then(tokio::net::TcpListener::into_std);
        let listener = listener.expect("nobody else took the port");
        *self.server() = Some(Server::run(listener, self.shared.clone()));
    }

    fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
