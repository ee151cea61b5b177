//! What a restart may forget: sign-ins under way and codes not yet redeemed.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{authorize::AuthorizationRequest, secret, state::Account};

/// How long somebody may sit on a sign-in page.
const INTERACTION_LIFETIME: u64 = 60 * 60;
/// How long a code can be redeemed (RFC 6749, section 4.1.2, asks for at most ten minutes).
const CODE_LIFETIME: u64 = 5 * 60;
/// How long a used code is remembered, to notice that it comes again.
const USED_CODE_MEMORY: u64 = 60 * 60;
/// How long a pushed request waits for its browser (RFC 9126, section 2.2).
pub(crate) const PUSHED_LIFETIME: u64 = 60;
/// How many sign-ins may be under way; past it the oldest goes. Bounds the memory
/// a page full of links to the provider can make it use.
const MOST_INTERACTIONS: usize = 1000;

/// A sign-in under way in one browser.
#[derive(Clone)]
pub(crate) struct Interaction {
    pub(crate) request: AuthorizationRequest,
    /// The digest of the browser's cookie: nobody else's browser can go on with it.
    browser: String,
    /// Who it is, once that is known.
    pub(crate) account: Option<Account>,
    /// The second factor that the user is asked for; here it is shown, not sent.
    pub(crate) second_factor: String,
    started_at: u64,
}

/// A code and what it is bound to.
#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) request: AuthorizationRequest,
    pub(crate) account: Account,
    /// Ties the tokens it gives to it, so that its reuse can revoke them.
    pub(crate) grant: String,
    issued_at: u64,
    used: bool,
}

/// Why a code is not redeemed.
#[derive(Debug)]
pub(crate) enum CodeFault {
    /// Never issued, or forgotten.
    Unknown,
    /// Older than five minutes.
    Expired,
    /// Redeemed before; the grant's tokens must be revoked.
    Reused {
        /// The grant the first redemption opened.
        grant: String,
    },
}

/// The three tables.
#[derive(Default)]
pub(crate) struct Live(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    interactions: BTreeMap<String, Interaction>,
    codes: BTreeMap<String, Code>,
    pushed: BTreeMap<String, Pushed>,
}

/// A request that its client pushed.
struct Pushed {
    request: AuthorizationRequest,
    pushed_at: u64,
}

impl Live {
    /// Begins a sign-in for the browser with this cookie and returns its id.
    pub(crate) fn begin(
        &self,
        request: AuthorizationRequest,
        browser: &str,
        account: Option<Account>,
        now: u64,
    ) -> String {
        let id = secret::token();
        let browser = secret::digest(browser);
        self.with(now, |tables| {
            if tables.interactions.len() >= MOST_INTERACTIONS {
                let oldest = tables.interactions.iter().min_by_key(|(_, it)| it.started_at);
                if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                    tables.interactions.remove(&oldest);
                }
            }
            let second_factor = secret::digits();
            let interaction =
                Interaction { request, browser, account, second_factor, started_at: now };
            tables.interactions.insert(id.clone(), interaction);
        });
        id
    }

    /// The sign-in of this id, if this browser began it.
    pub(crate) fn interaction(&self, id: &str, browser: &str, now: u64) -> Option<Interaction> {
        let found = self.with(now, |tables| tables.interactions.get(id).cloned());
        found.filter(|it| secret::equal(&it.browser, &secret::digest(browser)))
    }

    /// Notes who is signing in, and what else the request is changed to ask.
    pub(crate) fn update(&self, id: &str, now: u64, change: impl FnOnce(&mut Interaction)) {
        self.with(now, |tables| {
            if let Some(interaction) = tables.interactions.get_mut(id) {
                change(interaction);
            }
        });
    }

    /// Ends a sign-in.
    pub(crate) fn end(&self, id: &str, now: u64) {
        self.with(now, |tables| tables.interactions.remove(id));
    }

    /// Issues a code.
    pub(crate) fn issue_code(
        &self,
        request: AuthorizationRequest,
        account: Account,
        now: u64,
    ) -> String {
        let code = secret::token();
        let grant = secret::guid();
        let row = Code { request, account, grant, issued_at: now, used: false };
        self.with(now, |tables| tables.codes.insert(secret::digest(&code), row));
        code
    }

    /// Redeems a code if `fits` finds it bound to who asks; one that does not fit stays unused.
    pub(crate) fn redeem<E: From<CodeFault>>(
        &self,
        code: &str,
        now: u64,
        fits: impl FnOnce(&Code) -> Result<(), E>,
    ) -> Result<Code, E> {
        self.with(now, |tables| {
            let row = tables.codes.get_mut(&secret::digest(code)).ok_or(CodeFault::Unknown)?;
            fits(row)?;
            if row.used {
                return Err(CodeFault::Reused { grant: row.grant.clone() }.into());
            }
            if now >= row.issued_at + CODE_LIFETIME {
                return Err(CodeFault::Expired.into());
            }
            row.used = true;
            Ok(row.clone())
        })
    }

    /// Whose code this is.
    pub(crate) fn user_of_code(&self, code: &str, now: u64) -> Option<String> {
        self.with(now, |tables| Some(tables.codes.get(&secret::digest(code))?.account.oid.clone()))
    }

    /// Keeps a pushed request and returns its id.
    pub(crate) fn push(&self, request: AuthorizationRequest, now: u64) -> String {
        let id = secret::token();
        let pushed = Pushed { request, pushed_at: now };
        self.with(now, |tables| tables.pushed.insert(secret::digest(&id), pushed));
        id
    }

    /// Takes the pushed request of this id, if this client pushed it.
    pub(crate) fn pull(&self, id: &str, client_id: &str, now: u64) -> Option<AuthorizationRequest> {
        let key = secret::digest(id);
        self.with(now, |tables| {
            if tables.pushed.get(&key)?.request.client_id != client_id {
                return None;
            }
            tables.pushed.remove(&key).map(|pushed| pushed.request)
        })
    }

    fn with<T>(&self, now: u64, act: impl FnOnce(&mut Tables) -> T) -> T {
        let mut tables = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tables.interactions.retain(|_, it| now < it.started_at + INTERACTION_LIFETIME);
        tables.pushed.retain(|_, it| now < it.pushed_at + PUSHED_LIFETIME);
        tables.codes.retain(|_, code| now < code.issued_at + USED_CODE_MEMORY);
        act(&mut tables)
    }
}
