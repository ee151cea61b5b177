use std::collections::HashMap;

use axum::Router;
use outbound::Outbound;
use sam_template::Template;
use settings::Environment;

use crate::failure::Failure;

/// The functions' routers, by name.
pub(crate) type Functions = HashMap<String, Router>;

/// Starts all four. Until they land, each only says its name.
#[expect(clippy::unused_async, reason = "the functions' start is to come")]
pub(crate) async fn start(
    template: &Template,
    settings: Environment,
) -> Result<Functions, Failure> {
    let _outbound = Outbound::from_environment(&settings)?;
    let names = template.variables()?.into_iter().map(|(name, _)| name);
    let stub = |name: String| {
        let answer = name.clone();
        (name, Router::new().fallback(|| async move { answer }))
    };
    Ok(names.map(stub).collect())
}
