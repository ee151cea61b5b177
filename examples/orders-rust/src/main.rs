//! The `orders-rust` function: wiring only.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve::function("orders-rust", async |environment, outbound| {
        let config = orders_rust::Config::from_environment(&environment)?;
        let state = orders_rust::State::start(config, &environment, &outbound).await?;
        Ok(orders_rust::app(state))
    })
    .await
}
