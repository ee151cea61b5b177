//! The `todos` function of Tollgate: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::function("todos", async |environment, outbound| {
        let config = todos::Config::from_environment(&environment)?;
        let state = todos::State::start(config, &environment, &outbound).await?;
        Ok(todos::app(state))
    })
    .await
}
