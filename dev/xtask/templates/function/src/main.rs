//! The `{{name}}` function: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::function("{{name}}", async |environment, outbound| {
        let config = {{crate}}::Config::from_environment(&environment)?;
        let state = {{crate}}::State::start(config, &environment, &outbound).await?;
        Ok({{crate}}::app(state))
    })
    .await
}
