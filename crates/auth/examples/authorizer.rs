//! A Lambda authorizer for an HTTP API of API Gateway (payload format 2.0, simple
//! responses). For a REST API take `rest_api` and its event.
//!
//! | variable | for instance |
//! |---|---|
//! | `ISSUER` | `https://<tenant>.ciamlogin.com/<tenant>/v2.0` |
//! | `AUDIENCE` | the client id of the API |
//! | `SCOPE` | `ToDoList.Read` |

use std::{env, sync::Arc};

use aws_lambda_events::apigw::ApiGatewayV2CustomAuthorizerV2Request;
use lambda_http::{
    Error,
    lambda_runtime::{LambdaEvent, run, service_fn},
};
use oidc_resource_server::{
    AccessTokenRules, HttpFetch, Policy, Provider, ProviderConfig, SystemClock, Verifier,
    api_gateway::LambdaAuthorizer,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().with_ansi(false).without_time().init();
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    provider.install_default().map_err(|_| "a TLS provider is installed already")?;
    let client = reqwest::Client::builder()
        .https_only(true)
        .redirect(reqwest::redirect::Policy::none())
        .build()?;

    let config = ProviderConfig::new(env::var("ISSUER")?.parse()?);
    let provider = Provider::new(config, HttpFetch::new(client), Arc::new(SystemClock));
    let verifier = Verifier::new(provider, AccessTokenRules::new([env::var("AUDIENCE")?]))?;
    if let Err(unavailable) = verifier.warm().await {
        tracing::error!(%unavailable, "no keys yet");
    }
    let policy = Policy::users_only(vec![env::var("SCOPE")?.parse()?])?;
    let authorizer = LambdaAuthorizer::new(verifier, policy);

    run(service_fn(async |event: LambdaEvent<ApiGatewayV2CustomAuthorizerV2Request>| {
        // The text of a refusal is what the gateway looks at: `Unauthorized`.
        Ok::<_, Error>(authorizer.http_api(&event.payload).await?)
    }))
    .await
}
