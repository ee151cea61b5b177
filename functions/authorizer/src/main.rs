//! The `authorizer` function of Tollgate: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::events("authorizer", async |environment, outbound| {
        let config = authorizer::Config::from_environment(&environment)?;
        let state = authorizer::State::start(config, &environment, &outbound).await?;
        Ok(async move |event| authorizer::authorize(&state, event).await)
    })
    .await
}
