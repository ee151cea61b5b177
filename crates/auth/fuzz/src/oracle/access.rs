//! The claims of an access token, read anew.

use std::collections::BTreeSet;

use auth::AccessClaims;

use crate::{
    fixture::{NOW, TRUSTED, TestIssuer},
    oracle::{
        json::Tree,
        verdict::{Verdict, all},
    },
};

/// The first second of the year 10000.
const END_OF_TIME: f64 = 253_402_300_800.0;
const LEEWAY: f64 = 60.0;
/// Around an edge, where the last bits of a double decide, both answers are right.
const HAIR: f64 = 1e-3;

/// What the rules of the issuer that it names say of these claims, presented as
/// a bearer token or, `bound`, with a proof.
pub(crate) fn claims(tree: &Tree, bound: bool) -> Verdict {
    let iss = tree.get("iss").and_then(Tree::text);
    let Some(trust) = TRUSTED.iter().find(|trust| Some(trust.issuer) == iss) else {
        return Some(false);
    };
    all([
        Some(is_of_tenant(tree, trust)),
        Some(is_for(tree, trust)),
        times(tree),
        Some(is_from_a_client(tree, trust)),
        Some(matches!(present(tree, "sub"), Ok(Some(_)))),
        Some(present(tree, "oid").is_ok() && present(tree, "idtyp").is_ok()),
        Some(grants(tree).is_some_and(|(scopes, roles)| {
            !scopes.unwrap_or_default().is_empty() || !roles.unwrap_or_default().is_empty()
        })),
        Some(!trust.at_jwt_only || is_of_rfc_9068(tree)),
        Some(confirmation(tree) == if bound { Confirmation::Key } else { Confirmation::None }),
    ])
}

#[derive(PartialEq)]
enum Confirmation {
    None,
    Key,
    Other,
}

fn confirmation(tree: &Tree) -> Confirmation {
    match tree.get("cnf") {
        None => Confirmation::None,
        Some(Tree::Object(members)) if matches!(&members[..], [(name, Tree::Text(_))] if name == "jkt") => {
            Confirmation::Key
        }
        Some(_) => Confirmation::Other,
    }
}

/// A string that, if it is there, is not empty.
fn present<'t>(tree: &'t Tree, name: &str) -> Result<Option<&'t str>, ()> {
    match tree.get(name) {
        None => Ok(None),
        Some(Tree::Text(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(()),
    }
}

fn is_of_tenant(tree: &Tree, trust: &TestIssuer) -> bool {
    trust.tenant.is_none_or(|tenant| {
        let text = |name| tree.get(name).and_then(Tree::text);
        text("ver") == Some("2.0") && text("tid") == Some(tenant)
    })
}

fn is_for(tree: &Tree, trust: &TestIssuer) -> bool {
    match (trust.audience_claim, tree.get(trust.audience_claim)) {
        (_, Some(Tree::Text(text))) => text == trust.audience,
        ("aud", Some(list)) => list.texts().is_some_and(|texts| texts.contains(&trust.audience)),
        _ => false,
    }
}

fn client(tree: &Tree) -> Result<Option<&str>, ()> {
    match present(tree, "azp")? {
        Some(azp) => Ok(Some(azp)),
        None => present(tree, "client_id"),
    }
}

fn is_from_a_client(tree: &Tree, trust: &TestIssuer) -> bool {
    client(tree).is_ok_and(|client| {
        trust.clients.is_empty() || client.is_some_and(|client| trust.clients.contains(&client))
    })
}

/// What RFC 9068, section 2.2, requires besides.
fn is_of_rfc_9068(tree: &Tree) -> bool {
    let text = |name| matches!(present(tree, name), Ok(Some(_)));
    text("client_id") && text("jti") && tree.get("iat").is_some()
}

fn times(tree: &Tree) -> Verdict {
    #[expect(clippy::cast_precision_loss, reason = "a time in this century")]
    let now = NOW as f64;
    let past = |name| match tree.get(name) {
        None => Some(true),
        some => time(some).map_or(Some(false), |time| before(time, now + LEEWAY)),
    };
    let exp = match time(tree.get("exp")) {
        None => Some(false),
        // The edge itself has passed.
        Some(exp) if exp.to_bits() == (now - LEEWAY).to_bits() => Some(false),
        Some(exp) => before(exp, now - LEEWAY).map(|passed| !passed),
    };
    all([exp, past("nbf"), past("iat")])
}

/// A time within the years 1970 to 9999.
pub(crate) fn time(tree: Option<&Tree>) -> Option<f64> {
    let Some(Tree::Number(text)) = tree else { return None };
    text.parse().ok().filter(|time| (0.0..END_OF_TIME).contains(time))
}

/// Up to the edge and on it.
pub(crate) fn before(time: f64, edge: f64) -> Verdict {
    if time.to_bits() != edge.to_bits() && (time - edge).abs() < HAIR {
        return None;
    }
    Some(time <= edge)
}

type Names<'t> = Option<Vec<&'t str>>;

/// Scopes and roles, if they are well-formed.
fn grants(tree: &Tree) -> Option<(Names<'_>, Names<'_>)> {
    let mut lists = Vec::new();
    for name in ["scp", "scope"] {
        match tree.get(name) {
            None => {}
            Some(Tree::Text(text)) if text.is_empty() => lists.push(Vec::new()),
            Some(Tree::Text(text)) => lists.push(text.split(' ').collect()),
            Some(other) => lists.push(other.texts()?),
        }
    }
    let set =
        |names: &Vec<&str>| -> BTreeSet<String> { names.iter().map(ToString::to_string).collect() };
    if lists.windows(2).any(|pair| set(&pair[0]) != set(&pair[1])) {
        return None;
    }
    let scopes = lists.into_iter().next();
    let roles = match tree.get("roles") {
        None => None,
        Some(roles) => Some(roles.texts()?),
    };
    let well_formed = |names: &Names| {
        names.as_ref().is_none_or(|names| names.iter().all(|name| !name.is_empty()))
    };
    (well_formed(&scopes) && well_formed(&roles)).then_some((scopes, roles))
}

/// Panics where accepted claims are not what the payload says.
pub(crate) fn compare(tree: &Tree, claims: &AccessClaims) {
    let text = |name| tree.get(name).and_then(Tree::text);
    assert_eq!(Some(claims.issuer().as_str()), text("iss"));
    assert_eq!(Some(claims.subject()), text("sub"));
    assert_eq!(claims.object_id(), text("oid"));
    assert_eq!(Ok(claims.client()), client(tree));
    let (scopes, roles) = grants(tree).expect("it was accepted");
    let app_only = match text("idtyp") {
        Some(kind) => kind == "app",
        None => {
            roles.is_some()
                && scopes.is_none()
                && claims.client().is_some()
                && ["nonce", "auth_time", "acr", "amr", "sid", "at_hash"]
                    .iter()
                    .all(|claim| tree.get(claim).is_none())
        }
    };
    assert_eq!(claims.is_app_only(), app_only);
    assert_eq!(claims.scopes().collect::<Vec<_>>(), scopes.unwrap_or_default());
    assert_eq!(claims.roles().collect::<Vec<_>>(), roles.unwrap_or_default());
    let expires = claims.expires().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let exp = time(tree.get("exp")).expect("it was accepted");
    assert!((expires.as_secs_f64() - exp).abs() < HAIR);
    let document = serde_json::Value::Object(claims.document());
    assert!(tree.is_same(&document), "the document is {document}, not {tree:?}");
}
