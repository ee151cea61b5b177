//! Claims, as providers write them and as nobody should.

use auth_fuzz::fixture::{
    API, AUTH0, CLIENT, COGNITO, ENTRA, KEYCLOAK, NOW, RESOURCE, RFC_9068, TENANT,
};
use serde_json::{Value, json};

use crate::{Seed, but, json, seed, with};

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = providers();
    seeds.extend(applications());
    seeds.extend(times());
    seeds.extend(names());
    seeds.extend(forms());
    seeds
}

/// A user's token by RFC 9068.
fn rfc_9068() -> Value {
    json!({
        "iss": RFC_9068.issuer, "sub": "5ba552d67", "aud": RESOURCE, "exp": NOW + 60,
        "iat": NOW, "auth_time": NOW - 9, "jti": "dbe39bf3a3ba4238a513f51d6e1691c4",
        "client_id": "s6BhdRkqt3", "scope": "openid profile reademail", "acr": "1", "amr": ["pwd"]
    })
}

/// A user's token of Entra ID, version 2.
fn entra() -> Value {
    json!({
        "aud": API, "iss": ENTRA.issuer, "iat": NOW - 5, "nbf": NOW - 5, "exp": NOW + 4000,
        "aio": "ATQAy/8TAAAA", "azp": CLIENT, "azpacr": "1", "name": "Ada Lovelace",
        "oid": "00000000-0000-0000-66f3-3332eca7ea81", "preferred_username": "ada@tollgate.example",
        "rh": "1.AXoA", "scp": "ToDoList.Read ToDoList.ReadWrite",
        "sid": "3f0b1c6e-0000-4000-8000-000000000001",
        "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ", "tid": TENANT,
        "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0", "xms_ftd": "abc"
    })
}

/// Who is an application, and who is not.
fn applications() -> Vec<Seed> {
    let app = but(&entra(), &json!({"idtyp": "app", "scp": null, "roles": ["ToDoList.Read.All"]}));
    vec![
        json(
            "good-user-with-roles-who-signed-in",
            &but(&app, &json!({"idtyp": null, "auth_time": 1, "amr": ["pwd"], "sid": "s"})),
        ),
        json("good-machine-by-its-subject", &but(&entra(), &json!({"sub": entra()["azp"]}))),
    ]
}

fn providers() -> Vec<Seed> {
    let app = but(
        &entra(),
        &json!({
            "scp": null, "name": null, "preferred_username": null, "sid": null, "idtyp": "app",
            "roles": ["ToDoList.Read.All", "ToDoList.ReadWrite.All"]
        }),
    );
    vec![
        json("good-entra-user", &entra()),
        json("good-entra-app", &app),
        json(
            "good-entra-user-with-roles-and-nonce",
            &but(&app, &json!({"idtyp": null, "nonce": "n"})),
        ),
        json("good-entra-app-without-idtyp", &but(&app, &json!({"idtyp": null}))),
        json(
            "good-entra-user-with-roles-and-groups",
            &but(
                &entra(),
                &json!({
                    "roles": ["admin"], "groups": ["a", "b"], "wids": [], "acct": 0,
                    "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example"}}
                }),
            ),
        ),
        json("good-rfc-9068", &rfc_9068()),
        json(
            "good-cognito",
            &json!({
                "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["eu-central-1_T_Google"],
                "iss": COGNITO.issuer, "version": 2, "client_id": COGNITO.audience,
                "origin_jti": "aaaa", "event_id": "bbbb", "token_use": "access",
                "scope": "openid todos/read todos/write", "auth_time": NOW - 30, "exp": NOW + 3570,
                "iat": NOW - 30, "jti": "cccc", "username": "ada"
            }),
        ),
        json(
            "good-auth0",
            &json!({
                "iss": AUTH0.issuer, "sub": "auth0|507f1f77bcf86cd799439011",
                "aud": [RESOURCE, "https://tollgate.eu.auth0.com/userinfo"], "iat": NOW, "exp": NOW + 86400,
                "azp": "zRzVc3oRzMpmv8q0", "scope": "openid profile read:todos",
                "permissions": ["read:todos"], "https://tollgate.example/claims": {"plan": "pro"}
            }),
        ),
        json(
            "good-auth0-machine",
            &json!({
                "iss": AUTH0.issuer, "sub": "zRzVc3oRzMpmv8q0@clients", "aud": RESOURCE, "iat": NOW,
                "exp": NOW + 86400, "gty": "client-credentials", "azp": "zRzVc3oRzMpmv8q0", "scope": "read:todos"
            }),
        ),
        json(
            "good-keycloak",
            &json!({
                "exp": NOW + 300, "iat": NOW, "auth_time": NOW, "jti": "onrtac:1", "iss": KEYCLOAK.issuer,
                "aud": ["todos", "account"], "sub": "f3a1", "typ": "Bearer", "azp": "todo-web", "sid": "s",
                "acr": "1", "allowed-origins": ["https://todo.example"],
                "realm_access": {"roles": ["offline_access", "default-roles-tollgate"]},
                "resource_access": {"account": {"roles": ["manage-account", "view-profile"]}},
                "scope": "openid email profile", "email_verified": true, "preferred_username": "ada"
            }),
        ),
        json(
            "bad-keycloak-other-client",
            &json!({
                "exp": NOW + 300, "iat": NOW, "iss": KEYCLOAK.issuer, "aud": "todos", "sub": "f3a1",
                "azp": "account-console", "scope": "openid"
            }),
        ),
        json(
            "bad-cognito-id-token",
            &json!({
                "sub": "aaaa", "iss": COGNITO.issuer, "aud": COGNITO.audience, "token_use": "id",
                "exp": NOW + 3570, "iat": NOW, "email": "ada@tollgate.example"
            }),
        ),
        json(
            "bad-entra-id-token",
            &but(&entra(), &json!({"scp": null, "nonce": "n", "aud": CLIENT})),
        ),
        json("bad-rfc-9068-without-iat", &but(&rfc_9068(), &json!({"iat": null}))),
        json("bad-rfc-9068-without-jti", &but(&rfc_9068(), &json!({"jti": null}))),
        json(
            "bad-rfc-9068-without-client-id",
            &but(&rfc_9068(), &json!({"client_id": null, "azp": "s6BhdRkqt3"})),
        ),
        json("bad-entra-v1", &but(&entra(), &json!({"ver": "1.0"}))),
        json("bad-entra-ver-number", &but(&entra(), &json!({"ver": 2.0}))),
        json("bad-entra-without-tid", &but(&entra(), &json!({"tid": null}))),
        json("bad-entra-other-tenant", &but(&entra(), &json!({"tid": API}))),
        json(
            "bad-sender-constrained",
            &but(&entra(), &json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})),
        ),
        seed("bad-cnf-null", with(&entra(), r#""cnf":null"#)),
    ]
}

fn times() -> Vec<Seed> {
    let raw = |name: &str, claim: &str, number: &str| {
        seed(name, with(&but(&entra(), &json!({claim: null})), &format!("\"{claim}\":{number}")))
    };
    let after = |seconds: u64| (NOW - 60 + seconds).to_string();
    vec![
        raw("good-exp-at-the-leeway", "exp", &after(1)),
        raw("good-exp-with-fraction", "exp", &format!("{NOW}.5")),
        raw("good-exp-with-exponent", "exp", "1.76e9"),
        raw("good-exp-end-of-time", "exp", "253402300799"),
        raw("good-nbf-at-the-leeway", "nbf", &(NOW + 60).to_string()),
        raw("good-iat-minus-zero", "iat", "-0"),
        raw("bad-exp-past-the-leeway", "exp", &after(0)),
        raw("bad-exp-after-the-end-of-time", "exp", "253402300800"),
        raw("bad-exp-1e300", "exp", "1e300"),
        raw("bad-exp-1e999", "exp", "1e999"),
        raw("bad-exp-over-64-bits", "exp", "18446744073709551616"),
        raw("bad-exp-negative", "exp", "-1"),
        raw("bad-exp-string", "exp", &format!("\"{}\"", NOW + 3600)),
        raw("bad-exp-list", "exp", &format!("[{}]", NOW + 3600)),
        raw("bad-exp-null", "exp", "null"),
        json("bad-exp-missing", &but(&entra(), &json!({"exp": null}))),
        raw("bad-nbf-to-come", "nbf", &(NOW + 61).to_string()),
        raw("bad-iat-to-come", "iat", "1e11"),
    ]
}

fn names() -> Vec<Seed> {
    let entra = entra();
    vec![
        json("good-aud-list", &but(&entra, &json!({"aud": ["other", API]}))),
        json("good-scp-list", &but(&entra, &json!({"scp": ["ToDoList.Read"]}))),
        json(
            "good-scp-and-scope-alike",
            &but(&entra, &json!({"scp": "a b", "scope": ["b", "a", "b"]})),
        ),
        json("good-scp-odd-names", &but(&entra, &json!({"scp": "a\tb \u{202e} \u{0} é"}))),
        json("good-unknown-client", &but(&entra, &json!({"azp": null}))),
        json("bad-scp-and-scope-differ", &but(&entra, &json!({"scp": "a", "scope": "a b"}))),
        json("bad-scp-two-spaces", &but(&entra, &json!({"scp": "a  b"}))),
        json("bad-scp-empty", &but(&entra, &json!({"scp": ""}))),
        json("bad-scp-mixed-list", &but(&entra, &json!({"scp": ["a", 1]}))),
        json("bad-roles-string", &but(&entra, &json!({"roles": "admin"}))),
        json("bad-roles-alone-and-empty", &but(&entra, &json!({"scp": null, "roles": []}))),
        json("bad-aud-missing", &but(&entra, &json!({"aud": null}))),
        json("bad-aud-object", &but(&entra, &json!({"aud": {"0": API}}))),
        json("bad-aud-mixed-list", &but(&entra, &json!({"aud": [API, 1]}))),
        json("bad-aud-nested-list", &but(&entra, &json!({"aud": [[API]]}))),
        json("bad-aud-part", &but(&entra, &json!({"aud": &API[..35]}))),
        json("bad-iss-list", &but(&entra, &json!({"iss": [ENTRA.issuer]}))),
        json("bad-iss-slash", &but(&entra, &json!({"iss": format!("{}/", ENTRA.issuer)}))),
        json(
            "bad-iss-template",
            &but(&entra, &json!({"iss": "https://login.microsoftonline.com/{tenantid}/v2.0"})),
        ),
        json("bad-sub-empty", &but(&entra, &json!({"sub": ""}))),
        json("bad-sub-number", &but(&entra, &json!({"sub": 1}))),
        json("bad-oid-number", &but(&entra, &json!({"oid": 1}))),
        json("bad-azp-list", &but(&entra, &json!({"azp": [CLIENT]}))),
    ]
}

fn forms() -> Vec<Seed> {
    let entra = entra();
    let text = entra.to_string();
    let deep =
        |depth: usize| with(&entra, &format!("\"x\":{}{}", "[".repeat(depth), "]".repeat(depth)));
    let deep_object = |depth: usize| {
        with(&entra, &format!("\"x\":{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)))
    };
    let many: Vec<String> = (0..400).map(|n| format!("\"n{n}\":{n},")).collect();
    let many = many.concat();
    vec![
        seed("good-deep", deep(100)),
        seed("good-deep-objects", deep_object(100)),
        seed("good-many-names", format!("{{{many}{}", &text[1..])),
        seed(
            "good-escaped-names",
            text.replace("\"iss\"", r#""\u0069\u0073s""#).replace("\"exp\"", r#""e\u0078p""#),
        ),
        seed("good-escaped-values", text.replace("https:", r"https\u003a").replace('/', r"\/")),
        seed("good-surrogate-pair", with(&entra, r#""x":"\ud83d\ude00 \uD83D\uDE00""#)),
        seed(
            "good-numbers",
            with(
                &entra,
                r#""x":[0,-0,-1,1e-400,1.5E+2,18446744073709551615,-9223372036854775808,0.1,1e300,123456789.123456789e-5]"#,
            ),
        ),
        seed(
            "good-odd-names",
            with(
                &entra,
                r#""":0,"$serde_json::private::Number":"1","$serde_json::private::RawValue":"[1]","__proto__":{}"#,
            ),
        ),
        seed("good-serde-number", with(&entra, r#""x":{"$serde_json::private::Number":"1"}"#)),
        seed("bad-deep", deep(200)),
        seed("bad-very-deep", deep(3000)),
        seed("bad-repeated-aud", with(&entra, r#""aud":"other""#)),
        seed("bad-repeated-escaped", with(&entra, r#""\u0061ud":"other""#)),
        seed("bad-repeated-further-in", with(&entra, r#""x":[{"y":1,"y":1}]"#)),
        seed("bad-repeated-among-many", format!("{{{many}\"n7\":1,{}", &text[1..])),
        seed("bad-list", format!("[{text}]")),
        seed("bad-byte-order-mark", format!("\u{feff}{text}")),
        seed("bad-utf-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        seed("bad-not-utf-8", [with(&entra, "\"x\":\"").as_bytes(), b"\xff\"}"].concat()),
        seed("bad-lone-surrogate", with(&entra, r#""x":"\ud83d""#)),
        seed("bad-control-character", with(&entra, "\"x\":\"\n\"")),
        seed("bad-trailing-comma", format!("{},}}", &text[..text.len() - 1])),
        seed("bad-two-objects", format!("{text}{text}")),
        seed("bad-nan", with(&entra, "\"x\":NaN")),
        seed("bad-cut-off", &text[..text.len() / 2]),
    ]
}
