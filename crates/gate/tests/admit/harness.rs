use std::{ops::Deref, sync::Arc};

use auth::{Caller, HttpFetch};
use axum::{
    Json, Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use gate::{Admitted, AdmittedCaller, Gate, GateConfig};
use http::{StatusCode, header::AUTHORIZATION};
use serde_json::json;
use session::{ApiToken, Refreshed, SessionContents, SessionCookie, SystemRandom};
use test_support::{ApiCall, Backend, ManualClock, ScriptedProvider};

const POLICIES: &str = "
    GET /health anonymous
    GET /api/orders scope=Orders.Read scope=Orders.ReadWrite role=Orders.Read.All
    POST /api/orders scope=Orders.ReadWrite
    GET /api/bills scope=Bills.Read api=billing
    DELETE /api/orders/{id} scope=Orders.ReadWrite max_age=600
    PUT /api/orders/{id} scope=Orders.ReadWrite role=Orders.Write.All acr_values=c1";

/// A gate with these policies, whose router answers 200 with who was admitted.
pub(crate) struct Harness {
    backend: Backend,
    router: Router,
}

impl Deref for Harness {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

impl Harness {
    pub(crate) async fn new() -> Self {
        Self::with([]).await
    }

    pub(crate) async fn with<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let mut backend = Backend::start(ScriptedProvider::start(), ManualClock::running()).await;
        backend.set([
            ("ROUTE_POLICIES", POLICIES),
            ("OTHER_APIS", "billing audience=billing scope=Bills.Read"),
        ]);
        backend.set(settings);
        let config = GateConfig::from_environment(&backend.environment).unwrap();
        let fetch = HttpFetch::new(backend.outbound.http().clone());
        let (clock, random) = (backend.clock.clone(), Arc::new(SystemRandom));
        let gate = Gate::new(config, fetch, backend.dynamodb.clone(), clock, random).unwrap();
        let public_url = gate.public_url().clone();
        let router =
            serve::with_defaults(Router::new().fallback(answer).with_state(gate), public_url);
        Self { backend, router }
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> ApiCall {
        ApiCall::new(&self.router, method, path)
    }

    /// A user's token with these scopes.
    pub(crate) fn user(&self, scopes: &str) -> String {
        self.user_token("ada").claim("scp", scopes).signed()
    }

    /// The `Cookie` header of a session with this access token, whose ID token has `claims`.
    pub(crate) async fn session_of(&self, access_token: &str, claims: serde_json::Value) -> String {
        let cookie = self.session_with(access_token).await;
        self.update(
            &cookie,
            |contents| {
                contents.claims.clone_from(claims.as_object().unwrap());
            },
            Vec::new(),
        )
        .await;
        cookie
    }

    /// Gives the session of this cookie a token for the API `billing`.
    pub(crate) async fn bill(&self, cookie: &str, token: &str, lifetime: std::time::Duration) {
        let now = auth::Clock::now(&*self.clock);
        let token = ApiToken {
            access_token: token.into(),
            expires_at: Some(now + lifetime),
            obtained_at: now,
        };
        self.update(cookie, |_| {}, vec![("billing", Some(token))]).await;
    }

    async fn update(
        &self,
        cookie: &str,
        change: impl FnOnce(&mut SessionContents),
        api_tokens: Vec<(&str, Option<ApiToken>)>,
    ) {
        let headers = [(http::header::COOKIE, cookie.parse().unwrap())].into_iter().collect();
        let SessionCookie::Present(secret) = SessionCookie::of(&headers) else {
            panic!("{cookie}")
        };
        let session = self.sessions.read(&secret).await.unwrap().unwrap();
        let mut contents = session.contents().clone();
        change(&mut contents);
        let refreshed = Refreshed { contents: &contents, api_tokens };
        let updated = self.sessions.update(&secret, &session, refreshed).await.unwrap();
        assert_eq!(updated, session::Updated::Done);
    }
}

async fn answer(State(gate): State<Gate>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let admitted = match gate.admit(&mut parts).await {
        Ok(Admitted::Anonymous) => return (StatusCode::OK, "\"anonymous\"").into_response(),
        Ok(Admitted::Caller(admitted)) => admitted,
        Err(refusal) => return refusal,
    };
    let AdmittedCaller { caller, scopes, roles, access_token, .. } = admitted;
    let who = match caller {
        Caller::User(user) => user.owner,
        Caller::App(app) => app.subject,
    };
    let token = access_token.as_ref().map(session::Token::as_str);
    let bearer = parts.headers.get(AUTHORIZATION).map(|it| it.to_str().unwrap().to_owned());
    assert_eq!(bearer, token.map(|token| format!("Bearer {token}")));
    Json(json!({ "who": who, "scopes": scopes, "roles": roles, "bearer": bearer })).into_response()
}
