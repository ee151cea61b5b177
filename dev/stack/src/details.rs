use std::{io, path::Path};

use serde_json::{Value, json};
use url::Url;

use crate::{arguments::Arguments, examples, provider::Provider};

/// Writes what a test needs to know to a file that appears at once and whole. It contains the
/// clients' secrets.
pub(crate) fn write(
    file: &Path,
    url: &Url,
    provider: &Provider,
    step_up_acr: Option<&str>,
    arguments: &Arguments,
) -> io::Result<()> {
    let mut details = details(url, provider, step_up_acr);
    let cors_origins = arguments.cors_origins.as_deref();
    details["cors_origin"] = cors_origins.and_then(|origins| origins.split(',').next()).into();
    if arguments.examples {
        if matches!(provider, Provider::Development(_)) {
            let mut daemon = details["provider"]["daemon"].clone();
            daemon["scope"] = format!("api://{}/.default", idp::ORDERS_CLIENT_ID).into();
            details["provider"]["orders"] = daemon;
        }
        details["examples"] = examples::NAMES.into();
        details["other_page"] = (arguments.around.is_none() && arguments.page.is_none()).into();
    }
    let mut text = serde_json::to_vec_pretty(&details)?;
    text.push(b'\n');
    private_file::write(file, &text)
}

fn details(url: &Url, provider: &Provider, step_up_acr: Option<&str>) -> Value {
    let provider = match provider {
        Provider::External { issuer } => json!({ "kind": "external", "issuer": issuer }),
        Provider::Development(idp) => {
            let client = |credentials: idp::Credentials| {
                let (parameter, api) = idp.machine_request(&credentials);
                json!({
                    "client_id": credentials.client_id,
                    "client_secret": credentials.client_secret,
                    parameter: api,
                })
            };
            let users = idp.demo_users().iter().map(|user| {
                json!({
                    "username": user.username,
                    "password": user.password,
                    "name": user.name,
                })
            });
            json!({
                "kind": "entra",
                "issuer": idp.issuer(),
                "token_endpoint": idp.token_endpoint(),
                "control": idp.control_page(),
                "users": users.collect::<Value>(),
                "daemon": idp.has_machines().then(|| client(idp.daemon())),
                "reader": idp.has_machines().then(|| client(idp.reader())),
            })
        }
    };
    json!({
        "url": url.as_str().trim_end_matches('/'),
        "provider": provider,
        "step_up_acr": step_up_acr,
    })
}
