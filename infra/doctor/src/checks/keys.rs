//! The keys (RFC 7517) that tokens are verified with.

use auth::{Issuer, KeySet, ProviderConfig, is_safe_endpoint};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Client;
use serde_json::Value;
use url::Url;

use super::discovery::Document;
use crate::{Check, Code, Finding, http_client};

pub(crate) const NAME: &str = "keys";

/// RSA keys below this can be factored (NIST SP 800-131A).
const LEAST_RSA_BITS: usize = 2048;

pub(crate) async fn check(document: &Document, provider: &ProviderConfig, http: &Client) -> Check {
    let named = document.get("jwks_uri").and_then(Value::as_str);
    let Some(url) = named.and_then(|it| Url::parse(it).ok()).filter(is_safe_endpoint) else {
        return Check::skipped(NAME, "the discovery document has no usable jwks_uri");
    };
    let unreachable = |seen: String| {
        let why = "no token can be verified";
        let todo = "open the address; if it should be another, correct OIDC_METADATA_URL";
        Check::of(NAME, "", vec![Finding::new(Code::KeysUnreachable, seen, why, todo)])
    };
    let answer = match http_client::get(http, &url).await {
        Ok(answer) if answer.status.is_success() => answer,
        Ok(answer) => return unreachable(format!("{url} answers {}", answer.status)),
        Err(why) => return unreachable(format!("{url}: {why}")),
    };
    let set: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let keys = set.get("keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut findings = Vec::new();
    if let Err(error) = KeySet::parse(answer.body.as_bytes(), &provider.algorithms) {
        let accepted: Vec<&str> = provider.algorithms.iter().map(|it| it.as_str()).collect();
        findings.push(Finding::new(
            Code::KeysUnusable,
            format!("{} keys at {url}: {error}", keys.len()),
            "no token can be verified",
            format!("set OIDC_ALGORITHMS to what the keys are for; it is {}", accepted.join(" ")),
        ));
    }
    findings.extend(keys.iter().filter_map(weak));
    findings.extend(foreign(keys, document, provider));
    Check::of(NAME, &format!("{} published, at least one is usable", keys.len()), findings)
}

fn weak(key: &Value) -> Option<Finding> {
    let modulus = BASE64_URL_SAFE_NO_PAD.decode(key.get("n")?.as_str()?).ok()?;
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros)?;
    let bits = (modulus.len() - zeros) * 8 - first.leading_zeros() as usize;
    (bits < LEAST_RSA_BITS).then(|| {
        Finding::new(
            Code::KeysWeak,
            format!("the RSA key {} has {bits} bits", key["kid"]),
            "an attacker who breaks it can sign tokens; it is skipped, and its tokens are refused",
            "ask the provider's operator for a key of 2048 bits or more",
        )
    })
}

/// Microsoft's keys say for which issuer they are; `{tenantid}` stands for any tenant. They are held
/// against the document that named them: whether its issuer is ours is what `discovery` says.
fn foreign(keys: &[Value], document: &Document, provider: &ProviderConfig) -> Option<Finding> {
    let named = document.get("issuer").and_then(Value::as_str);
    let issuer = named.and_then(|it| Issuer::parse(it).ok());
    let issuer = issuer.as_ref().unwrap_or(&provider.issuer);
    let (own, tenant) = (issuer.as_str(), issuer.tenant().unwrap_or_default());
    let issuers = keys.iter().filter_map(|key| key.get("issuer")?.as_str());
    let mut others = issuers.filter(|it| it.replace("{tenantid}", tenant) != own);
    others.next().map(|other| {
        Finding::new(
            Code::KeysOfAnotherIssuer,
            format!("a key is for {other:?}, not for {own}"),
            "a token that is signed with it is refused; with all of them it is the wrong key set",
            "use the tenant's own metadata address: \
             OIDC_METADATA_URL=https://{name}.ciamlogin.com/{tenant-id}/v2.0/.well-known/openid-configuration",
        )
    })
}

#[cfg(test)]
mod tests {
    use ::settings::Environment;
    use outbound::Outbound;
    use serde_json::json;
    use test_support::{Endpoint, MockResponse, ScriptedProvider, SigningKey};

    use super::*;

    async fn codes(provider: &ScriptedProvider) -> Vec<Code> {
        let http = Outbound::from_environment(&Environment::default()).unwrap().http().clone();
        let config = ProviderConfig::new(Issuer::parse(provider.issuer()).unwrap());
        let document = provider.metadata();
        let check = check(document.as_object().unwrap(), &config, &http).await;
        check.findings().iter().map(|it| it.code).collect()
    }

    #[tokio::test]
    async fn each_fault_of_a_key_set_is_named() {
        let provider = ScriptedProvider::entra();
        assert_eq!(codes(&provider).await, []);
        let good = SigningKey::first().jwk();
        let with = |name: &str, value: Value| {
            let mut key = good.clone();
            key[name] = value;
            key
        };
        let short = with("n", BASE64_URL_SAFE_NO_PAD.encode([0xff; 128]).into());
        for (keys, code) in [
            (json!([]), Code::KeysUnusable),
            (json!([good, short]), Code::KeysWeak),
            (json!([good, with("issuer", "https://a.example".into())]), Code::KeysOfAnotherIssuer),
        ] {
            provider.next(Endpoint::Keys, MockResponse::json(&json!({ "keys": keys })));
            assert_eq!(codes(&provider).await, [code]);
        }
        provider.next(Endpoint::Keys, MockResponse::status(500));
        assert_eq!(codes(&provider).await, [Code::KeysUnreachable]);
    }
}
