//! The `keys` function of Tollgate: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::task("keys", async |environment, outbound| {
        let config = keys::Config::from_environment(&environment)?;
        let state = keys::State::start(config, &environment, &outbound)?;
        Ok(async move || keys::refresh(&state).await.map(drop))
    })
    .await
}
