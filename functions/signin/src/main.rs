//! The `signin` function of Tollgate: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::function("signin", async |environment, outbound| {
        let config = signin::Config::from_environment(&environment)?;
        let state = signin::State::start(config, &environment, &outbound).await?;
        Ok(signin::app(state))
    })
    .await
}
