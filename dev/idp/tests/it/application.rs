//! An application that takes logout tokens, on a port of its own.

use std::sync::{Arc, Mutex};

use axum::{Router, http::StatusCode, routing::post};
use idp::Config;
use settings::Profile;
use tokio::net::TcpListener;

use crate::{
    browser::Browser,
    test_provider::{TestProvider, param, provider_with},
};

pub(crate) struct Application {
    pub(crate) provider: TestProvider,
    pub(crate) origin: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl Application {
    /// Starts one, and a provider where it is registered.
    pub(crate) async fn start() -> Self {
        Self::start_with("generic").await
    }

    /// The same with the provider of this profile.
    pub(crate) async fn start_with(profile: &str) -> Self {
        let like = Profile::named(profile).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&received);
        let take = move |body: String| async move {
            kept.lock().unwrap().push(body);
            StatusCode::OK
        };
        let router = Router::new().route("/backchannel-logout", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let web_origin = origin.parse().unwrap();
        let provider = provider_with(|config| Config { web_origin, like, ..config });
        Self { provider, origin, received }
    }

    /// Signs Ada in and returns the claims of the ID token.
    pub(crate) async fn sign_in(
        &self,
        browser: &mut Browser,
    ) -> serde_json::Map<String, serde_json::Value> {
        let callback = format!("{}/callback", self.origin);
        let changes = [("redirect_uri", callback.as_str())];
        let page = browser.get(&self.provider.authorize(&changes)).await;
        let back = if page.location().path() == "/callback" {
            page.location()
        } else {
            self.provider.sign_in(browser, &changes).await
        };
        let tokens = self.provider.redeem(&param(&back, "code").unwrap(), &changes).await.json();
        let web = self.provider.idp.web_app().client_id;
        self.provider.verify(&tokens["id_token"], web).await
    }

    /// The logout tokens received since the last call.
    pub(crate) fn logout_tokens(&self) -> Vec<String> {
        let bodies = std::mem::take(&mut *self.received.lock().unwrap());
        bodies.iter().map(|it| it.strip_prefix("logout_token=").unwrap().to_owned()).collect()
    }
}
