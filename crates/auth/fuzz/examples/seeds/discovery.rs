//! Metadata documents.

use auth_fuzz::fixture::{AUTH0, COGNITO, ENTRA, KEYCLOAK, TENANT};
use serde_json::{Value, json};

use crate::{Seed, but, json, seed, with};

fn entra() -> Value {
    let base = format!("https://{TENANT}.ciamlogin.com/{TENANT}");
    json!({
        "token_endpoint": format!("{base}/oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": ENTRA.issuer, "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
        "http_logout_supported": true, "frontchannel_logout_supported": true,
        "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "tid", "ver"],
        "tenant_region_scope": null, "msgraph_host": "graph.microsoft.com"
    })
}

pub(crate) fn seeds() -> Vec<Seed> {
    let entra = entra();
    let at = |name: &str, address: &str| json(name, &but(&entra, &json!({"jwks_uri": address})));
    vec![
        json("good-entra", &entra),
        json(
            "good-entra-for-all-tenants",
            &but(
                &entra,
                &json!({
                    "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
                    "jwks_uri": "https://login.microsoftonline.com/common/discovery/v2.0/keys"
                }),
            ),
        ),
        json(
            "good-auth0",
            &json!({
                "issuer": AUTH0.issuer, "authorization_endpoint": "https://tollgate.eu.auth0.com/authorize",
                "token_endpoint": "https://tollgate.eu.auth0.com/oauth/token",
                "jwks_uri": "https://tollgate.eu.auth0.com/.well-known/jwks.json",
                "mfa_challenge_endpoint": "https://tollgate.eu.auth0.com/mfa/challenge",
                "code_challenge_methods_supported": ["S256", "plain"], "dpop_signing_alg_values_supported": ["ES256"]
            }),
        ),
        json(
            "bad-cognito-is-another",
            &json!({
                "issuer": COGNITO.issuer, "jwks_uri": format!("{}/.well-known/jwks.json", COGNITO.issuer),
                "response_types_supported": ["code", "token"], "subject_types_supported": ["public"]
            }),
        ),
        json(
            "bad-keycloak-is-another",
            &json!({
                "issuer": KEYCLOAK.issuer, "jwks_uri": format!("{}/protocol/openid-connect/certs", KEYCLOAK.issuer),
                "mtls_endpoint_aliases": {"token_endpoint": "https://id.example/token"}, "tls_client_certificate_bound_access_tokens": true
            }),
        ),
        at("bad-loopback", "http://localhost:3001/jwks"),
        at("bad-loopback-address", "http://127.0.0.2:3001/jwks"),
        at("bad-loopback-ipv6", "http://[::1]/jwks"),
        at("good-itself", &format!("{}/.well-known/openid-configuration", ENTRA.issuer)),
        at("bad-loopback-as-number", "http://2130706433/jwks"),
        at("bad-http", "http://keys.example/jwks"),
        at("bad-http-localhost-name", "http://localhost.example/jwks"),
        at("bad-http-credentials", "http://localhost@keys.example/jwks"),
        at("bad-file", "file:///etc/passwd"),
        at("bad-data", "data:application/json,{}"),
        at("bad-relative", "/jwks"),
        at("bad-no-host", "https://"),
        at("bad-metadata-service", "http://169.254.169.254/latest/meta-data/"),
        json("bad-without-jwks-uri", &but(&entra, &json!({"jwks_uri": null}))),
        json("bad-jwks-uri-list", &but(&entra, &json!({"jwks_uri": ["https://keys.example"]}))),
        json("bad-without-issuer", &but(&entra, &json!({"issuer": null}))),
        json("bad-issuer-list", &but(&entra, &json!({"issuer": [ENTRA.issuer]}))),
        json("bad-issuer-slash", &but(&entra, &json!({"issuer": format!("{}/", ENTRA.issuer)}))),
        json(
            "bad-issuer-upper-case",
            &but(&entra, &json!({"issuer": ENTRA.issuer.to_uppercase()})),
        ),
        json("bad-issuer-line-breaks", &but(&entra, &json!({"issuer": "a\r\nb\u{202e}\u{2028}"}))),
        seed("bad-repeated-issuer", with(&entra, r#""issuer":"https://evil.example""#)),
        seed("bad-repeated-jwks-uri", with(&entra, r#""jwks_uri":"http://evil.example""#)),
        seed("good-escaped-names", entra.to_string().replace("\"issuer\"", r#""\u0069ssuer""#)),
        json("bad-list", &json!([entra])),
        seed("bad-byte-order-mark", format!("\u{feff}{entra}")),
        seed("bad-empty", ""),
        seed("bad-page", "<!doctype html><title>503</title>"),
        seed("bad-deep", format!("{{\"a\":{}", "[".repeat(3000))),
    ]
}
