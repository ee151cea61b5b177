//! The address that a client knows, where a router takes a part of it away.

use axum::{
    Extension, Router,
    body::Body,
    extract::FromRef,
    http::{Request, StatusCode},
    routing::get,
};
use oidc_resource_server::{
    Policy, Scope, Verifier,
    axum::{Authorized, Permission},
    tower::AuthorizeLayer,
};
use serde_json::json;
use tower::ServiceExt;

use super::DpopHarness;

#[derive(Clone)]
struct App(Verifier, Policy);

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.0.clone()
    }
}

struct Read;

impl Permission<App> for Read {
    fn policy(app: &App) -> &Policy {
        &app.1
    }
}

/// The status for a GET of `/api/todos`, with a proof for this address.
async fn status(dpop_harness: &DpopHarness, router: Router, htu: &str) -> StatusCode {
    let token = dpop_harness.token();
    let proof = dpop_harness.proof_but(&token, json!({}), json!({"htu": htu}));
    let request = Request::get("/api/todos?done=true")
        .header("authorization", format!("DPoP {token}"))
        .header("dpop", proof);
    let request = request.body(Body::empty()).unwrap();
    Router::new().nest("/api", router).oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn htu_is_the_whole_address_in_a_nested_router() {
    let dpop_harness = DpopHarness::new();
    let read = Policy::users_only(vec![Scope::parse("ToDoList.Read").unwrap()]).unwrap();
    let extractor = Router::new()
        .route("/todos", get(|_: Authorized<Read>| async {}))
        .with_state(App(dpop_harness.verifier.clone(), read.clone()));
    let layer = Router::new()
        .route("/todos", get(|_: Extension<oidc_resource_server::Authorized<Read>>| async {}))
        .layer(AuthorizeLayer::<Read>::new(dpop_harness.verifier.clone(), read));
    for router in [extractor, layer] {
        for (htu, expected) in [
            ("https://api.example/api/todos", StatusCode::OK),
            ("https://api.example/todos", StatusCode::UNAUTHORIZED),
        ] {
            assert_eq!(status(&dpop_harness, router.clone(), htu).await, expected, "{htu}");
        }
    }
}
