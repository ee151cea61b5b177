//! Refresh tokens, rotated on every use.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{config::RefreshReuse, scopes::Scopes, secret};

/// How long a refresh token lives: 90 days, as Entra's.
const LIFETIME: u64 = 90 * 24 * 60 * 60;

/// What a refresh token stands for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    /// The sign-in it came from; all tokens of one sign-in share it.
    pub(crate) grant: String,
    pub(crate) client_id: String,
    pub(crate) oid: String,
    pub(crate) scopes: Scopes,
    pub(crate) sid: String,
    expires_at: u64,
    used: bool,
}

/// Why a refresh token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshFault {
    /// Never issued, expired, revoked, or another client's.
    Unknown,
    /// Used before, and reuse is being detected: its whole sign-in is revoked.
    Reused,
}

/// All refresh tokens, by their digest.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RefreshTokens(BTreeMap<String, RefreshToken>);

impl RefreshTokens {
    /// Issues the first token of a sign-in.
    pub(crate) fn issue(
        &mut self,
        grant: &str,
        client_id: &str,
        oid: &str,
        scopes: Scopes,
        sid: &str,
        now: u64,
    ) -> String {
        let token = secret::token();
        let row = RefreshToken {
            grant: grant.to_owned(),
            client_id: client_id.to_owned(),
            oid: oid.to_owned(),
            scopes,
            sid: sid.to_owned(),
            expires_at: now + LIFETIME,
            used: false,
        };
        self.0.insert(secret::digest(&token), row);
        token
    }

    /// The token's row, if this client may use it. Looks only.
    pub(crate) fn find(
        &self,
        token: &str,
        client_id: &str,
        now: u64,
    ) -> Result<&RefreshToken, RefreshFault> {
        self.0
            .get(&secret::digest(token))
            .filter(|row| row.client_id == client_id && row.expires_at > now)
            .ok_or(RefreshFault::Unknown)
    }

    /// Exchanges a token for a new one of the same grant.
    pub(crate) fn rotate(
        &mut self,
        token: &str,
        client_id: &str,
        reuse: RefreshReuse,
        now: u64,
    ) -> Result<(RefreshToken, String), RefreshFault> {
        let row = self.find(token, client_id, now)?.clone();
        if row.used && reuse == RefreshReuse::Detected {
            self.revoke(&row.grant);
            return Err(RefreshFault::Reused);
        }
        if let Some(old) = self.0.get_mut(&secret::digest(token)) {
            old.used = true;
        }
        let next = secret::token();
        let fresh = RefreshToken { expires_at: now + LIFETIME, used: false, ..row.clone() };
        self.0.insert(secret::digest(&next), fresh);
        Ok((row, next))
    }

    /// Ends all tokens of a sign-in.
    pub(crate) fn revoke(&mut self, grant: &str) {
        self.0.retain(|_, row| row.grant != grant);
    }

    /// Ends all tokens of a user.
    pub(crate) fn revoke_user(&mut self, oid: &str) {
        self.0.retain(|_, row| row.oid != oid);
    }

    pub(super) fn prune(&mut self, now: u64) {
        self.0.retain(|_, row| row.expires_at > now);
    }
}
