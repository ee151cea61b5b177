//! A Lambda function behind an HTTP API of API Gateway, with one route that
//! needs an access token. Everything that decides who comes in is a variable:
//!
//! | variable | for instance |
//! |---|---|
//! | `ISSUER` | `https://<tenant>.ciamlogin.com/<tenant>/v2.0` |
//! | `AUDIENCES` | the client id of the API |
//! | `SCOPES` | `ToDoList.Read ToDoList.ReadWrite` |
//! | `ROLES` | `ToDoList.Read.All` |
//! | `RESOURCE` | `https://todos.example` |
//!
//! Lists have spaces between their names. A variable that is missing, empty or
//! malformed ends the start: nobody comes in because somebody forgot a setting.

use std::{env, sync::Arc, time::Duration};

use lambda_http::{Body, Error, Request, Response, http::StatusCode, run, service_fn};
use oidc_resource_server::{
    AccessTokenRules, Caller, HttpFetch, Policy, Provider, ProviderConfig, RequestHead,
    SystemClock, Verifier,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // Without a subscriber, nobody would see why a request was refused.
    tracing_subscriber::fmt().with_ansi(false).without_time().init();
    let app = App::from_environment()?;
    // In the init phase, where the CPU is. Requests try again what failed.
    if let Err(unavailable) = app.verifier.warm().await {
        tracing::error!(%unavailable, "no keys yet");
    }
    run(service_fn(|request| app.answer(request))).await
}

/// What a request needs, made once for the life of the instance.
struct App {
    verifier: Verifier,
    reading: Policy,
}

impl App {
    fn from_environment() -> Result<Self, Error> {
        let config = ProviderConfig::new(setting("ISSUER")?.parse()?);
        let provider = Provider::new(config, HttpFetch::new(client()?), Arc::new(SystemClock));
        let rules = AccessTokenRules::new(names("AUDIENCES")?);
        let verifier = Verifier::new(provider, rules)?.with_resource(setting("RESOURCE")?.parse()?);
        let scopes = names("SCOPES")?.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
        let app_roles =
            names("ROLES")?.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
        Ok(Self { verifier, reading: Policy::any_of(scopes, app_roles)? })
    }

    async fn answer(&self, request: Request) -> Result<Response<Body>, Error> {
        match request.uri().path() {
            "/health" => Ok(text(StatusCode::OK, "well")),
            "/todos" => Ok(self.todos(&request).await),
            _ => Ok(text(StatusCode::NOT_FOUND, "There is nothing here.")),
        }
    }

    async fn todos(&self, request: &Request) -> Response<Body> {
        match self.verifier.authorize(&RequestHead::from(request), &self.reading).await {
            Ok(Caller::User(user)) => text(StatusCode::OK, format!("The todos of {}.", user.owner)),
            Ok(Caller::App(_)) => text(StatusCode::OK, "Everybody's todos."),
            // 400, 401, 403 or 503, with the headers that belong to it.
            Err(response) => response.into_response(),
        }
    }
}

fn text(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    let mut response = Response::new(text.into().into());
    *response.status_mut() = status;
    response
}

/// A variable that must be there and say something.
fn setting(name: &str) -> Result<String, Error> {
    match env::var(name) {
        Ok(value) if !value.trim().is_empty() => Ok(value),
        Ok(_) => Err(format!("{name} is empty").into()),
        Err(fault) => Err(format!("{name}: {fault}").into()),
    }
}

/// The names in a variable: at least one, since [`setting`] is not blank.
fn names(variable: &str) -> Result<Vec<String>, Error> {
    Ok(setting(variable)?.split_whitespace().map(str::to_owned).collect())
}

/// A client as [`HttpFetch`] wants it, with this workspace's TLS provider.
fn client() -> Result<reqwest::Client, Error> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.install_default().map_err(|_| "a TLS provider is installed already")?;
    let client = reqwest::Client::builder()
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(1));
    Ok(client.build()?)
}
