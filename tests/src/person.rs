//! Who signs in.

use crate::target::{Capability, Kind, Target};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use uuid::Uuid;

/// Somebody in front of a browser.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) name: String,
    /// Clones are the same person.
    has_account: Arc<AtomicBool>,
}

impl Person {
    /// Somebody who was never here, where the provider takes in strangers, and
    /// else the first of the users that the target names.
    pub(crate) fn new(target: &Target) -> Self {
        let tag = Uuid::new_v4().simple().to_string();
        if target.can(Capability::SignUp) {
            return Self {
                username: format!("{tag}@example.com"),
                password: format!("Pass-{tag}"),
                name: format!("Visitor {}", &tag[..8]),
                has_account: Arc::new(AtomicBool::new(false)),
            };
        }
        match target.provider.kind {
            // Whoever types a name there is that person.
            Some(Kind::OidcProvider) | None => Self {
                username: format!("{tag}@example.com"),
                password: tag.clone(),
                name: format!("{tag}@example.com"),
                has_account: Arc::new(AtomicBool::new(true)),
            },
            Some(Kind::Entra) => Self::known(target, 0),
        }
    }

    /// Somebody as [`new`](Self::new) gives them, with a name for pictures.
    pub(crate) fn ada(target: &Target) -> Self {
        let person = Self::new(target);
        if person.has_account() {
            return person;
        }
        let tag = &person.username[..4];
        let username = format!("ada.{tag}@example.com");
        Self { username, name: "Ada Lovelace".to_owned(), ..person }
    }

    /// A user that the target names.
    pub(crate) fn known(target: &Target, index: usize) -> Self {
        let user = &target.provider.users[index];
        Self {
            username: user.username.clone(),
            password: user.password.clone(),
            name: user.name.clone(),
            has_account: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Whether the provider knows them; who has no account makes one.
    pub(crate) fn has_account(&self) -> bool {
        self.has_account.load(Ordering::Relaxed)
    }

    pub(crate) fn got_an_account(&self) {
        self.has_account.store(true, Ordering::Relaxed);
    }
}
