//! What happened to each user lately, for whoever watches.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use crate::provider::Idp;

/// How much of it is remembered of a user.
const LENGTH: usize = 30;

/// One thing that happened. Never a token, a code or a cookie: it is shown on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// When, in seconds since 1970.
    pub(crate) at: u64,
    /// A short sentence; tests look for its words.
    pub(crate) what: String,
}

/// By object id, each newest first.
#[derive(Default)]
pub(crate) struct Diary(Mutex<BTreeMap<String, VecDeque<Entry>>>);

impl Diary {
    pub(crate) fn write(&self, oid: &str, at: u64, what: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entries = all.entry(oid.to_owned()).or_default();
        entries.push_front(Entry { at, what });
        entries.truncate(LENGTH);
    }

    /// What happened to this user, newest first.
    pub(crate) fn of(&self, oid: &str) -> Vec<Entry> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(oid).into_iter().flatten().cloned().collect()
    }
}

impl Idp {
    /// Writes down what happened to a user.
    pub(crate) fn note(&self, oid: &str, what: impl Into<String>) {
        self.diary().write(oid, self.now(), what.into());
    }
}
