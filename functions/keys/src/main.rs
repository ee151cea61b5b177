//! The `keys` function of Tollgate: wiring only.

use std::process::ExitCode;

use serde::de::IgnoredAny;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::events("keys", async |environment, outbound| {
        let config = keys::Config::from_environment(&environment)?;
        let state = keys::State::start(config, &environment, &outbound)?;
        Ok(async move |_: IgnoredAny| keys::refresh(&state).await.map(drop))
    })
    .await
}
