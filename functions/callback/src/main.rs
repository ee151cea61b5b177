//! The `callback` function of Tollgate: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::function("callback", async |environment, outbound| {
        let config = callback::Config::from_environment(&environment)?;
        let state = callback::State::start(config, &environment, &outbound).await?;
        Ok(callback::app(state))
    })
    .await
}
