//! The `proxy` function of Tollgate: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::function("proxy", async |environment, outbound| {
        let config = proxy::Config::from_environment(&environment)?;
        let state = proxy::State::start(config, &environment, &outbound).await?;
        Ok(proxy::app(state))
    })
    .await
}
