//! What the token endpoint does when nobody scripts it.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

/// Codes that were given out, and refresh tokens that are good.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    codes: BTreeMap<String, Code>,
    refresh_tokens: BTreeSet<String>,
    issued: usize,
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

    pub(crate) fn new_refresh_token(&mut self) -> String {
        let token = format!("refresh-token-{}", self.number());
        self.refresh_tokens.insert(token.clone());
        token
    }

    /// Judges a form. The error is one of RFC 6749, section 5.2.
    pub(crate) fn accept(
        &mut self,
        form: &BTreeMap<String, String>,
    ) -> Result<Accepted, &'static str> {
        let value = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let claims = match value("grant_type") {
            "authorization_code" => {
                let code = self.codes.remove(value("code")).ok_or("invalid_grant")?;
                let hash = digest(&SHA256, value("code_verifier").as_bytes());
                if BASE64_URL_SAFE_NO_PAD.encode(hash) != code.challenge
                    || value("redirect_uri") != code.redirect_uri
                {
                    return Err("invalid_grant");
                }
                code.claims
            }
            "refresh_token" if self.refresh_tokens.remove(value("refresh_token")) => {
                BTreeMap::new()
            }
            "refresh_token" => return Err("invalid_grant"),
            _ => return Err("unsupported_grant_type"),
        };
        Ok(Accepted { claims, refresh_token: self.new_refresh_token() })
    }

    fn number(&mut self) -> usize {
        self.issued += 1;
        self.issued
    }
}
