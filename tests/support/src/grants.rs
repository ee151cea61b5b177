//! What the token endpoint does when nobody scripts it.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

/// Codes that were given out, and refresh tokens. What is good once and comes again counts as
/// stolen: all that came of the same sign-in is revoked (RFC 6749, section 4.1.2; RFC 9700,
/// section 4.14.2).
#[derive(Debug, Default)]
pub(crate) struct Grants {
    codes: BTreeMap<String, Code>,
    used_codes: BTreeMap<String, Family>,
    refresh_tokens: BTreeMap<String, RefreshToken>,
    revoked: BTreeSet<Family>,
    pushed: BTreeMap<String, BTreeMap<String, String>>,
    issued: usize,
}

/// All refresh tokens that come of one sign-in.
type Family = usize;

#[derive(Debug)]
struct RefreshToken {
    family: Family,
    is_used: bool,
}

#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) challenge: String,
    pub(crate) redirect_uri: String,
    /// The claims of the ID token that it is good for, on top of the usual ones.
    pub(crate) claims: BTreeMap<String, Value>,
}

/// A grant that was accepted: claims for the ID token, and the new refresh token.
pub(crate) struct Accepted {
    pub(crate) claims: BTreeMap<String, Value>,
    pub(crate) refresh_token: String,
}

impl Grants {
    pub(crate) fn give_out(&mut self, code: Code) -> String {
        let name = format!("code-{}", self.number());
        self.codes.insert(name.clone(), code);
        name
    }

    /// The first refresh token of a sign-in.
    pub(crate) fn new_refresh_token(&mut self) -> String {
        let family = self.number();
        self.refresh_token_of(family)
    }

    /// Keeps an authorization request (RFC 9126) and gives its `request_uri`.
    pub(crate) fn push(&mut self, form: BTreeMap<String, String>) -> String {
        let name = format!("urn:ietf:params:oauth:request_uri:{}", self.number());
        self.pushed.insert(name.clone(), form);
        name
    }

    /// The request that was pushed under this `request_uri`, once.
    pub(crate) fn pushed(&mut self, request_uri: &str) -> Option<BTreeMap<String, String>> {
        self.pushed.remove(request_uri)
    }

    /// Judges a form. The error is one of RFC 6749, section 5.2.
    pub(crate) fn accept(
        &mut self,
        form: &BTreeMap<String, String>,
    ) -> Result<Accepted, &'static str> {
        let value = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        match value("grant_type") {
            "authorization_code" => {
                let name = value("code");
                if let Some(family) = self.used_codes.get(name) {
                    self.revoked.insert(*family);
                }
                let code = self.codes.remove(name).ok_or("invalid_grant")?;
                let hash = digest(&SHA256, value("code_verifier").as_bytes());
                if BASE64_URL_SAFE_NO_PAD.encode(hash) != code.challenge
                    || value("redirect_uri") != code.redirect_uri
                {
                    return Err("invalid_grant");
                }
                let family = self.number();
                self.used_codes.insert(name.to_owned(), family);
                Ok(Accepted { claims: code.claims, refresh_token: self.refresh_token_of(family) })
            }
            "refresh_token" => {
                let token = self.refresh_tokens.get_mut(value("refresh_token"));
                let token = token.ok_or("invalid_grant")?;
                let family = token.family;
                if std::mem::replace(&mut token.is_used, true) {
                    self.revoked.insert(family);
                }
                if self.revoked.contains(&family) {
                    return Err("invalid_grant");
                }
                let refresh_token = self.refresh_token_of(family);
                Ok(Accepted { claims: BTreeMap::new(), refresh_token })
            }
            _ => Err("unsupported_grant_type"),
        }
    }

    fn refresh_token_of(&mut self, family: Family) -> String {
        let name = format!("refresh-token-{}", self.number());
        self.refresh_tokens.insert(name.clone(), RefreshToken { family, is_used: false });
        name
    }

    fn number(&mut self) -> usize {
        self.issued += 1;
        self.issued
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refreshed(grants: &mut Grants, token: &str) -> Result<String, &'static str> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(grants.accept(&form.into())?.refresh_token)
    }

    #[test]
    fn a_refresh_token_that_comes_twice_ends_all_of_its_sign_in_and_no_other() {
        let mut grants = Grants::default();
        let (first, other) = (grants.new_refresh_token(), grants.new_refresh_token());
        let second = refreshed(&mut grants, &first).unwrap();
        let third = refreshed(&mut grants, &second).unwrap();
        assert_eq!(refreshed(&mut grants, &first), Err("invalid_grant"));
        assert_eq!(refreshed(&mut grants, &third), Err("invalid_grant"));
        assert!(refreshed(&mut grants, &other).is_ok());
    }
}
