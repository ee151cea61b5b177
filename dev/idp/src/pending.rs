//! What a restart may forget: sign-ins in progress, unredeemed codes, pushed requests and opaque
//! access tokens.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    authorization_request::AuthorizationRequest,
    clock::{self, Clock},
    secret,
    state::Account,
};

/// How long a user may take to sign in, in seconds.
const INTERACTION_LIFETIME: u64 = 60 * 60;
/// How long a code can be redeemed, in seconds (RFC 6749, section 4.1.2, allows ten minutes).
const CODE_LIFETIME: u64 = 5 * 60;
/// How long a used code is remembered, to detect its reuse, in seconds.
const USED_CODE_MEMORY: u64 = 60 * 60;
/// How long a pushed request can be used, in seconds (RFC 9126, section 2.2).
pub(crate) const PUSHED_LIFETIME: u64 = 60;
/// How many sign-ins may be in progress; beyond that, the oldest is dropped. Bounds the memory
/// that a page full of links to the provider can use.
const MAX_INTERACTIONS: usize = 1000;

/// A sign-in in progress in one browser.
#[derive(Clone)]
pub(crate) struct Interaction {
    pub(crate) request: AuthorizationRequest,
    /// The digest of the browser's cookie: no other browser can continue it.
    browser: String,
    /// The user, once known.
    pub(crate) account: Option<Account>,
    /// The second factor that the user is asked for; shown here, not sent.
    pub(crate) second_factor: String,
    started_at: u64,
}

/// A code and what it is bound to.
#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) request: AuthorizationRequest,
    pub(crate) account: Account,
    /// Links the code to its tokens, so that its reuse can revoke them.
    pub(crate) grant: String,
    issued_at: u64,
    used: bool,
}

/// Why a code cannot be redeemed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CodeError {
    /// Older than five minutes.
    Expired,
    /// Redeemed before: its tokens must be revoked.
    Reused,
}

/// What an opaque access token is for.
#[derive(Clone)]
pub(crate) struct OpaqueToken {
    pub(crate) oid: String,
    pub(crate) client_id: &'static str,
    expires_at: u64,
}

/// A pushed authorization request.
struct Pushed {
    request: AuthorizationRequest,
    pushed_at: u64,
}

pub(crate) struct Pending {
    clock: Clock,
    tables: Mutex<Tables>,
}

#[derive(Default)]
struct Tables {
    interactions: BTreeMap<String, Interaction>,
    codes: BTreeMap<String, Code>,
    pushed: BTreeMap<String, Pushed>,
    opaque_tokens: BTreeMap<String, OpaqueToken>,
}

impl Pending {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, tables: Mutex::default() }
    }

    /// Starts a sign-in for the browser with this cookie and returns its id.
    pub(crate) fn begin(
        &self,
        request: AuthorizationRequest,
        browser: &str,
        account: Option<Account>,
    ) -> String {
        let id = secret::token();
        let browser = secret::digest(browser);
        self.with(|tables, started_at| {
            if tables.interactions.len() >= MAX_INTERACTIONS {
                let oldest = tables.interactions.iter().min_by_key(|(_, it)| it.started_at);
                if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                    tables.interactions.remove(&oldest);
                }
            }
            let second_factor = secret::digits();
            let interaction = Interaction { request, browser, account, second_factor, started_at };
            tables.interactions.insert(id.clone(), interaction);
        });
        id
    }

    /// The sign-in with this id, if this browser started it.
    pub(crate) fn interaction(&self, id: &str, browser: &str) -> Option<Interaction> {
        let found = self.with(|tables, _| tables.interactions.get(id).cloned());
        found.filter(|it| secret::equal(&it.browser, &secret::digest(browser)))
    }

    /// Changes a sign-in.
    pub(crate) fn update(&self, id: &str, change: impl FnOnce(&mut Interaction)) {
        self.with(|tables, _| tables.interactions.get_mut(id).map(change));
    }

    /// Ends a sign-in.
    pub(crate) fn end(&self, id: &str) {
        self.with(|tables, _| tables.interactions.remove(id));
    }

    /// Issues a code.
    pub(crate) fn issue_code(&self, request: AuthorizationRequest, account: Account) -> String {
        let (code, grant) = (secret::token(), secret::guid());
        self.with(|tables, issued_at| {
            let row = Code { request, account, grant, issued_at, used: false };
            tables.codes.insert(secret::digest(&code), row);
        });
        code
    }

    /// What a code is bound to, used or not.
    pub(crate) fn code(&self, code: &str) -> Option<Code> {
        self.with(|tables, _| tables.codes.get(&secret::digest(code)).cloned())
    }

    /// Redeems a code, once.
    pub(crate) fn redeem(&self, code: &str) -> Result<(), CodeError> {
        self.with(|tables, now| match tables.codes.get_mut(&secret::digest(code)) {
            Some(row) if row.used => Err(CodeError::Reused),
            Some(row) if now < row.issued_at + CODE_LIFETIME => {
                row.used = true;
                Ok(())
            }
            _ => Err(CodeError::Expired),
        })
    }

    /// Stores a pushed request and returns its id.
    pub(crate) fn push(&self, request: AuthorizationRequest) -> String {
        let id = secret::token();
        self.with(|tables, pushed_at| {
            tables.pushed.insert(secret::digest(&id), Pushed { request, pushed_at });
        });
        id
    }

    /// Removes the pushed request with this id, if this client pushed it.
    pub(crate) fn pull(&self, id: &str, client_id: &str) -> Option<AuthorizationRequest> {
        let key = secret::digest(id);
        self.with(|tables, _| {
            if tables.pushed.get(&key)?.request.client_id != client_id {
                return None;
            }
            tables.pushed.remove(&key).map(|pushed| pushed.request)
        })
    }

    /// Issues an opaque access token.
    pub(crate) fn issue_opaque_token(
        &self,
        oid: &str,
        client_id: &'static str,
        lifetime: i64,
    ) -> String {
        let token = secret::token();
        self.with(|tables, now| {
            let expires_at = now.saturating_add_signed(lifetime);
            let row = OpaqueToken { oid: oid.to_owned(), client_id, expires_at };
            tables.opaque_tokens.insert(secret::digest(&token), row);
        });
        token
    }

    /// What a current opaque access token is for.
    pub(crate) fn opaque_token(&self, token: &str) -> Option<OpaqueToken> {
        self.with(|tables, _| tables.opaque_tokens.get(&secret::digest(token)).cloned())
    }

    /// Acts on what has not expired; `act` gets the time, too.
    fn with<T>(&self, act: impl FnOnce(&mut Tables, u64) -> T) -> T {
        let now = clock::seconds(&self.clock);
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.interactions.retain(|_, it| now < it.started_at + INTERACTION_LIFETIME);
        tables.pushed.retain(|_, it| now < it.pushed_at + PUSHED_LIFETIME);
        tables.codes.retain(|_, code| now < code.issued_at + USED_CODE_MEMORY);
        tables.opaque_tokens.retain(|_, token| now < token.expires_at);
        act(&mut tables, now)
    }
}
