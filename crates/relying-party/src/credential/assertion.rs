//! The assertion of `private_key_jwt`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use auth::Issuer;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;

use super::ClientKey;
use crate::{ClientId, Endpoints};

/// `client_assertion_type` (RFC 7523, section 2.2).
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is good. It is used within seconds; the rest is for clocks that differ.
/// Whoever finds an older one in a log can do nothing with it.
const LIFETIME: Duration = Duration::from_secs(60);

/// A new assertion; none if the key could not sign.
///
/// Its audience is the issuer alone, as the revision of RFC 7523 (draft-ietf-oauth-rfc7523bis) now
/// demands: a token endpoint is named by metadata, and metadata of a hostile provider could name
/// another provider's, which would then take the assertion that we send to the hostile one
/// (CVE-2025-27370). Entra is the exception: it documents its token endpoint as the audience, and
/// its metadata comes from the host that the issuer names.
pub(crate) fn assertion(
    key: &ClientKey,
    client: &ClientId,
    issuer: &Issuer,
    endpoints: &Endpoints,
    endpoint: &Url,
    now: SystemTime,
) -> Option<String> {
    let audience = if issuer.is_entra() { endpoint.as_str() } else { issuer.as_str() };
    let prefers_pss = prefers_pss(issuer, endpoints);
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut header = json!({ "typ": "JWT", "alg": key.algorithm(prefers_pss).as_str() });
    if let Some(thumbprint) = key.thumbprint() {
        header["x5t#S256"] = json!(thumbprint);
    }
    let claims = json!({
        "iss": client.as_str(),
        "sub": client.as_str(),
        "aud": audience,
        "jti": fresh_id()?,
        "iat": now.as_secs(),
        "nbf": now.as_secs(),
        "exp": (now + LIFETIME).as_secs(),
    });
    let input = format!("{}.{}", encode(&header), encode(&claims));
    let signature = key.sign(input.as_bytes(), prefers_pss)?;
    Some(format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

/// Entra recommends PS256. Others get it when they say that they take it and not RS256.
fn prefers_pss(issuer: &Issuer, endpoints: &Endpoints) -> bool {
    let taken = endpoints.assertion_algorithms();
    let takes = |name: &str| taken.iter().any(|algorithm| algorithm == name);
    issuer.is_entra() || (takes("PS256") && !takes("RS256"))
}

fn fresh_id() -> Option<String> {
    let mut id = [0; 16];
    aws_lc_rs::rand::fill(&mut id).ok()?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(id))
}

fn encode(part: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part.to_string())
}
