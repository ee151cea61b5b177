//! Refresh tokens, rotated on every use.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{config::RefreshReuse, scopes::Scopes, secret};

/// How long a refresh token lives, in seconds: 90 days, as at Entra.
const LIFETIME: u64 = 90 * 24 * 60 * 60;

/// What a refresh token was issued for.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    /// The sign-in that it came from, shared by all of its refresh tokens.
    pub(crate) grant: String,
    pub(crate) client_id: String,
    pub(crate) oid: String,
    pub(crate) scopes: Scopes,
    pub(crate) sid: String,
    pub(crate) expires_at: u64,
    pub(crate) used: bool,
}

/// Why a refresh token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshError {
    /// Never issued, expired, revoked, or another client's.
    Unknown,
    /// Used before, and reuse is detected: its whole sign-in is revoked.
    Reused,
}

/// All refresh tokens, by their digest.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct RefreshTokens(BTreeMap<String, RefreshToken>);

impl RefreshTokens {
    /// Issues a token. Its lifetime starts now.
    pub(crate) fn issue(&mut self, row: RefreshToken, now: u64) -> String {
        let token = secret::token();
        let row = RefreshToken { expires_at: now + LIFETIME, used: false, ..row };
        self.0.insert(secret::digest(&token), row);
        token
    }

    /// The token's row, if this client may use it.
    pub(crate) fn find(
        &self,
        token: &str,
        client_id: &str,
        now: u64,
    ) -> Result<&RefreshToken, RefreshError> {
        self.0
            .get(&secret::digest(token))
            .filter(|row| row.client_id == client_id && row.expires_at > now)
            .ok_or(RefreshError::Unknown)
    }

    /// Exchanges a token for a new one of the same grant.
    pub(crate) fn rotate(
        &mut self,
        token: &str,
        client_id: &str,
        reuse: RefreshReuse,
        now: u64,
    ) -> Result<(RefreshToken, String), RefreshError> {
        let row = self.find(token, client_id, now)?.clone();
        if row.used && reuse == RefreshReuse::Detected {
            self.revoke(&row.grant);
            return Err(RefreshError::Reused);
        }
        if let Some(old) = self.0.get_mut(&secret::digest(token)) {
            old.used = true;
        }
        let next = self.issue(row.clone(), now);
        Ok((row, next))
    }

    /// Revokes all tokens of a sign-in.
    pub(crate) fn revoke(&mut self, grant: &str) {
        self.0.retain(|_, row| row.grant != grant);
    }

    /// Revokes all tokens of a session that are not for offline access.
    pub(crate) fn revoke_session(&mut self, sid: &str) {
        self.0.retain(|_, row| row.sid != sid || row.scopes.offline_access);
    }

    /// Revokes all tokens of a user.
    pub(crate) fn revoke_user(&mut self, oid: &str) {
        self.0.retain(|_, row| row.oid != oid);
    }

    pub(super) fn prune(&mut self, now: u64) {
        self.0.retain(|_, row| row.expires_at > now);
    }
}
