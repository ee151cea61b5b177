use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

use serde_json::{Value, json};
use url::Url;

use crate::provider::Provider;

/// Writes what a test needs to know to a file that appears at once and whole. Clients' secrets
/// are in it: nobody else may read it.
pub(crate) fn write(
    file: &Path,
    url: &Url,
    provider: &Provider,
    step_up_acr: Option<&str>,
) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(&details(url, provider, step_up_acr))?;
    text.push(b'\n');
    let partial = file.with_added_extension("partial");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&partial)?.write_all(&text)?;
    fs::rename(partial, file)
}

fn details(url: &Url, provider: &Provider, step_up_acr: Option<&str>) -> Value {
    let provider = match provider {
        Provider::External { issuer } => json!({ "kind": "external", "issuer": issuer }),
        Provider::Development(idp) => {
            let client = |credentials: idp::Credentials| {
                json!({
                    "client_id": credentials.client_id,
                    "client_secret": credentials.client_secret,
                    "scope": idp.daemon_scope(),
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
                "daemon": client(idp.daemon()),
                "reader": client(idp.reader()),
            })
        }
    };
    json!({
        "url": url.as_str().trim_end_matches('/'),
        "provider": provider,
        "step_up_acr": step_up_acr,
    })
}
