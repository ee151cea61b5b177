//! What `--examples` adds: three APIs behind the gate, one for each way to put them there, and a page
//! that uses them through one session.

use std::process::Stdio;

use axum::Router;
use local_aws::EXAMPLES;
use outbound::Outbound;
use settings::{Environment, OtherApis, SettingErrors};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{failure::Failure, node, shutdown::Shutdown};

/// Their folders, and the last segments of their paths.
pub(crate) const NAMES: &[&str] = &["orders-rust", "orders-node", "orders-http"];

/// The folder of the page.
pub(crate) fn page() -> String {
    format!("{EXAMPLES}/orders-page")
}

/// The name of the further API in `OTHER_APIS`.
const API: &str = "orders";

/// The settings that let requests through to the examples, before those of the process. `orders-rust`
/// needs none: it checks its requests itself.
pub(crate) fn settings(settings: Environment, upstream: u16) -> Environment {
    let text = |name: String| settings.text(&name).unwrap_or_default().to_owned();
    let policies = |path: &str, read: &str, write: &str| {
        format!("GET {path} {read} {write} POST {path} {write}")
    };
    let permission = |kind: &str| {
        let [scope, role] = ["SCOPE", "ROLE"].map(|it| text(format!("TODOS_{kind}_{it}")));
        format!("scope={scope} role={role}")
    };
    let own = policies("/api/orders-node", &permission("READ"), &permission("WRITE"));
    let other = policies(
        &format!("/api/orders-http api={API}"),
        "scope=Orders.Read role=Orders.Read.All",
        "scope=Orders.ReadWrite role=Orders.ReadWrite.All",
    );
    let upstreams = format!("/api/orders-http http://localhost:{upstream}/v1/orders");
    let (policies, others) = (text("ROUTE_POLICIES".to_owned()), text("UPSTREAMS".to_owned()));
    settings
        .with("ROUTE_POLICIES", format!("{own} {other} {policies}"))
        .with("UPSTREAMS", format!("{upstreams} {others}"))
}

/// Ends a process whose parent was killed, which ends its standard input.
const ENDS_WITH_STDIN: &str =
    "data:text/javascript,process.stdin.resume().on('end',()=>process.exit())";

/// Starts `orders-http` on a free port, until `shutdown`.
pub(crate) async fn start_http(
    settings: &Environment,
    shutdown: &Shutdown,
    tasks: &mut JoinSet<()>,
) -> Result<u16, Failure> {
    let free = TcpListener::bind("127.0.0.1:0").await.and_then(|it| it.local_addr());
    let port = free.map_err(Failure::Example)?.port();
    let text = |name| settings.text(name).unwrap_or_default();
    let apis = OtherApis::from_environment(settings).map_err(SettingErrors::from)?;
    let audience = apis.get(API).map(|api| api.audiences.join(" "));
    let mut command = node::command();
    command.args(["--import", ENDS_WITH_STDIN]);
    command.arg(format!("{EXAMPLES}/orders-http/server.mjs"));
    command.env("PORT", port.to_string()).env("OIDC_ISSUER", text("OIDC_ISSUER"));
    command.env("API_AUDIENCE", audience.unwrap_or_default());
    // Its address would hide among the lines of the banner.
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().map_err(Failure::Example)?;
    // Waiting would close it.
    let stdin = child.stdin.take();
    let shutdown = shutdown.clone();
    tasks.spawn(async move {
        let _open = stdin;
        tokio::select! {
            ended = child.wait() => tracing::error!(?ended, "orders-http has ended"),
            () = shutdown.requested() => {}
        }
    });
    Ok(port)
}

/// The function `orders-rust`.
pub(crate) async fn rust(
    environment: &Environment,
    outbound: &Outbound,
) -> Result<Router, Failure> {
    let config = orders_rust::Config::from_environment(environment)?;
    let state = orders_rust::State::start(config, environment, outbound).await;
    Ok(orders_rust::app(state.map_err(|error| Failure::function("orders-rust", error))?))
}
