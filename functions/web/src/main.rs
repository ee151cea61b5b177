//! The `web` function of Tollgate: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::function("web", async |environment, outbound| {
        let config = web::Config::from_environment(&environment)?;
        let state = web::State::start(config, &environment, &outbound).await?;
        Ok(web::app(state))
    })
    .await
}
