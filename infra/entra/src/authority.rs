//! Where a deployment finds the provider: at one of the tenant's hosts.

use std::time::Duration;

use reqwest::Client;
use serde::Deserialize;

use crate::error::Error;

const TIMEOUT: Duration = Duration::from_secs(30);

/// What the discovery document at a host says.
#[derive(Debug, Deserialize)]
pub(crate) struct Authority {
    /// The address of the document.
    #[serde(skip)]
    pub(crate) metadata_url: String,
    /// The issuer of the tokens. Its host is the tenant's id, whatever the host of the document.
    pub(crate) issuer: String,
    pub(crate) token_endpoint: String,
}

impl Authority {
    /// Reads the document. `base` is `https://{host}`, except in tests.
    ///
    /// # Errors
    /// When there is none, as for a workforce tenant, or it is of another tenant.
    pub(crate) async fn find(
        http: &Client,
        base: &str,
        host: &str,
        tenant_id: &str,
    ) -> Result<Self, Error> {
        let path = format!("/{tenant_id}/v2.0/.well-known/openid-configuration");
        let metadata_url = format!("https://{host}{path}");
        let error = |reason| Error::NotExternal { url: metadata_url.clone(), reason };
        let request = http.get(base.replace("{host}", host) + &path).timeout(TIMEOUT);
        let body = async { request.send().await?.error_for_status()?.bytes().await };
        let body = body.await.map_err(|it| error(outbound::causes(&it.without_url())))?;
        let found: Self = serde_json::from_slice(&body).map_err(|it| error(it.to_string()))?;
        if !found.issuer.ends_with(&format!("/{tenant_id}/v2.0")) {
            return Err(error(format!("it is of the issuer {}", found.issuer)));
        }
        Ok(Self { metadata_url, ..found })
    }
}
