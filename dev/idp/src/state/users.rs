//! The users.

use serde::{Deserialize, Serialize};

use crate::{apps::DEMO_USERS, password::PasswordHash, secret};

/// A user of the tenant.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct User {
    /// The object id: stable, the same for every app.
    pub(crate) oid: String,
    /// An email address, in lower case.
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) password: PasswordHash,
    pub(crate) created_at: u64,
}

/// All users.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Users(Vec<User>);

const TAKEN: &str = "There is already an account with this address. Sign in instead.";

/// What is invalid in a sign-up form, by field.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct SignUpError {
    pub(crate) name: Option<&'static str>,
    pub(crate) username: Option<&'static str>,
    pub(crate) password: Option<&'static str>,
}

impl Users {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &User> {
        self.0.iter()
    }

    pub(crate) fn by_oid(&self, oid: &str) -> Option<&User> {
        self.0.iter().find(|user| user.oid == oid)
    }

    pub(crate) fn by_username(&self, username: &str) -> Option<&User> {
        let username = normalize(username);
        self.0.iter().find(|user| user.username == username)
    }

    /// Adds a user, unless the address was taken while the password was hashed.
    pub(crate) fn add(&mut self, user: User) -> Result<(), SignUpError> {
        if self.by_username(&user.username).is_some() {
            return Err(SignUpError { username: Some(TAKEN), ..SignUpError::default() });
        }
        self.0.push(user);
        Ok(())
    }

    /// Validates a sign-up form, all fields at once.
    pub(crate) fn validate(
        &self,
        name: &str,
        username: &str,
        password: &str,
    ) -> Result<(), SignUpError> {
        let is_taken = self.by_username(username).is_some();
        let error = SignUpError {
            name: match name.trim().chars().count() {
                0 => Some("Enter your name."),
                1..=100 => None,
                _ => Some("Use at most 100 characters."),
            },
            username: match is_address(username.trim()) {
                false => Some("Enter an email address, such as you@example.com."),
                true if is_taken => Some(TAKEN),
                true => None,
            },
            password: match password.chars().count() {
                0..8 => Some("Use at least 8 characters."),
                8..=256 => None,
                _ => Some("Use at most 256 characters."),
            },
        };
        if error == SignUpError::default() { Ok(()) } else { Err(error) }
    }

    pub(super) fn add_demo_users(&mut self, now: u64) {
        // Hashing is slow and the password is public: one hash serves all demo users.
        let mut hash = None;
        for demo in DEMO_USERS {
            if self.by_username(demo.username).is_none() {
                let password = hash.get_or_insert_with(|| PasswordHash::of(demo.password)).clone();
                self.0.push(User {
                    oid: demo.object_id.to_owned(),
                    username: demo.username.to_owned(),
                    name: demo.name.to_owned(),
                    password,
                    created_at: now,
                });
            }
        }
    }
}

impl User {
    /// A user with a new object id. Hashing the password takes a tenth of a second of CPU.
    pub(crate) fn new(name: &str, username: &str, password: &str, now: u64) -> Self {
        Self {
            oid: secret::guid(),
            username: normalize(username),
            name: name.trim().to_owned(),
            password: PasswordHash::of(password),
            created_at: now,
        }
    }
}

fn normalize(username: &str) -> String {
    username.trim().to_lowercase()
}

/// Whether this looks like an email address, without characters that are odd in a claim.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
        && parts.is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        })
}
