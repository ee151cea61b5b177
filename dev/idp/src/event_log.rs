//! The latest events of each user, for people and tests to read.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, PoisonError},
};

/// How many events are kept for each user.
const LENGTH: usize = 30;

/// One event. Never contains a token, a code or a cookie: it is shown on a page.
#[derive(Clone)]
pub(crate) struct Event {
    /// When, in seconds since 1970.
    pub(crate) at: u64,
    /// A short sentence; tests look for its words.
    pub(crate) what: String,
}

/// Events by object id, newest first; forgotten when the process ends.
#[derive(Default)]
pub(crate) struct EventLog(Mutex<BTreeMap<String, VecDeque<Event>>>);

impl EventLog {
    pub(crate) fn add(&self, oid: &str, at: u64, what: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let events = all.entry(oid.to_owned()).or_default();
        events.push_front(Event { at, what });
        events.truncate(LENGTH);
    }

    /// A user's events, newest first.
    pub(crate) fn of(&self, oid: &str) -> Vec<Event> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(oid).into_iter().flatten().cloned().collect()
    }
}
