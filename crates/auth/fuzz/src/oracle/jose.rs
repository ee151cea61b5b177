//! Headers and keys, read anew.

use auth::Algorithm;

use crate::{
    oracle::{
        json::Tree,
        verdict::{Verdict, all},
    },
    signer::{Signer, strict},
};

/// A compact JWS whose parts are strict base64url.
pub(crate) struct Jws<'t> {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signed: &'t str,
    pub(crate) signature: Vec<u8>,
}

impl<'t> Jws<'t> {
    pub(crate) fn split(text: &'t str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let (header, payload, signature) = (strict(header)?, strict(payload)?, strict(signature)?);
        Some(Self { header, payload, signed, signature })
    }
}

/// An object without repeated names, and what it must be like besides.
pub(crate) fn object(bytes: &[u8], check: impl FnOnce(&Tree) -> Verdict) -> Verdict {
    let Some(tree) = Tree::parse(bytes).filter(Tree::is_object) else { return Some(false) };
    if tree.repeats() {
        return Some(false);
    }
    all([check(&tree), if tree.is_extreme() { None } else { Some(true) }])
}

/// What every header must be like, here and with this algorithm.
pub(crate) fn header(tree: &Tree, algorithm: &str, types: &[Option<&str>]) -> Verdict {
    let text = |name| tree.get(name).map(Tree::text);
    let typ = text("typ").map(|typ| typ.map(str::to_lowercase));
    let media_type = match &typ {
        None => Some(None),
        Some(Some(typ)) => Some(Some(typ.strip_prefix("application/").unwrap_or(typ))),
        Some(None) => None,
    };
    all([
        Some(text("alg") == Some(Some(algorithm))),
        Some(tree.get("crit").is_none()),
        Some(text("kid") != Some(None)),
        Some(media_type.is_some_and(|typ| types.contains(&typ))),
    ])
}

/// Whether this is the signer's public key, fit for ES256.
pub(crate) fn is_key_of(jwk: &Tree, signer: &Signer) -> bool {
    let text = |name| jwk.get(name).map(Tree::text);
    let bytes = |name| text(name).flatten().and_then(strict);
    let (x, y) = signer.point();
    jwk.is_object()
        && !jwk.repeats()
        && text("kid") != Some(None)
        && matches!(text("alg"), None | Some(Some("ES256")))
        && matches!(text("use"), None | Some(Some("sig")))
        && jwk.get("key_ops").is_none_or(|operations| {
            operations.texts().is_some_and(|operations| operations.contains(&"verify"))
        })
        && text("kty") == Some(Some("EC"))
        && text("crv") == Some(Some("P-256"))
        && bytes("x").as_deref() == Some(x)
        && bytes("y").as_deref() == Some(y)
}

/// Whether some algorithm could use this key, by its form alone.
pub(crate) fn could_be_usable(jwk: &Tree) -> bool {
    let text = |name| jwk.get(name).and_then(Tree::text);
    let length = |name| text(name).and_then(strict).map_or(0, |bytes| bytes.len());
    let kty_and_size = match (text("kty"), text("crv")) {
        (Some("RSA"), _) => {
            let n = text("n").and_then(strict).unwrap_or_default();
            let first = n.iter().position(|byte| *byte != 0).unwrap_or(n.len());
            let e = text("e").and_then(strict).unwrap_or_default();
            (256..=1024).contains(&(n.len() - first)) && e.last().is_some_and(|last| last % 2 == 1)
        }
        (Some("EC"), Some("P-256")) => length("x") == 32 && length("y") == 32,
        (Some("EC"), Some("P-384")) => length("x") == 48 && length("y") == 48,
        (Some("OKP"), Some("Ed25519")) => length("x") == 32,
        _ => false,
    };
    let alg_is_known = jwk.get("alg").is_none_or(|alg| {
        alg.text().is_some_and(|alg| alg.parse::<Algorithm>().is_ok_and(|_| true))
    });
    kty_and_size
        && alg_is_known
        && !jwk.repeats()
        && jwk.get("use").is_none_or(|purpose| purpose.text() == Some("sig"))
}
