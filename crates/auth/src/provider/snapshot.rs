//! A document as it was at some time.

use std::{sync::Arc, time::Duration};

/// A document as it comes in.
pub(crate) struct Loaded<T> {
    pub(crate) value: T,
    pub(crate) max_age: Option<Duration>,
    /// How old it was when it came in, if it is a stored copy.
    pub(crate) age: Option<Duration>,
}

/// The document as it was at some time.
pub(crate) struct Snapshot<T> {
    pub(crate) value: Arc<T>,
    /// When the fetch that brought it began, on the line of its cache.
    pub(crate) started: Duration,
    /// How old it was then, if it is a stored copy.
    copy_age: Option<Duration>,
    renewed: bool,
}

impl<T> Snapshot<T> {
    /// What a fetch brought that began at that time.
    pub(crate) fn of(loaded: Loaded<T>, started: Duration) -> Self {
        let Loaded { value, age, .. } = loaded;
        Self { value: Arc::new(value), started, copy_age: age, renewed: false }
    }

    /// How old it was when the fetch began: zero unless it is a copy.
    pub(crate) fn initial_age(&self) -> Duration {
        self.copy_age.unwrap_or_default()
    }

    /// When it reaches that age; when the fetch began at the earliest.
    pub(crate) fn reaches(&self, age: Duration) -> Duration {
        self.started + age.saturating_sub(self.initial_age())
    }

    /// Whether it is a copy from another store.
    pub(crate) fn is_copy(&self) -> bool {
        self.copy_age.is_some()
    }

    /// The same, as one that its receiver did not get from the provider.
    pub(crate) fn into_copy(self) -> Self {
        Self { copy_age: Some(self.initial_age()), ..self }
    }

    /// The same, marked as fetched while its receiver waited for it. A copy may be older than
    /// what is missing in it, and is not.
    pub(crate) fn renewed(self) -> Self {
        Self { renewed: !self.is_copy(), ..self }
    }

    /// Whether it was fetched while its receiver waited for it.
    pub(crate) fn is_renewed(&self) -> bool {
        self.renewed
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.value, &other.value)
    }
}

impl<T> Clone for Snapshot<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), ..*self }
    }
}
