//! Who may use a session's refresh token, and what becomes of it.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder, types::ReturnValue,
};

use super::{
    Sessions, StoreError, number,
    row::{Session, api_token_attribute},
    seconds, text, unless_condition_failed,
};
use crate::{
    contents::{ApiToken, SessionContents},
    random,
    secret::SessionSecret,
};

/// How long a lease lasts when its holder never comes back.
///
/// # What breaks if this changes
/// It must be longer than the token endpoint's timeout and a write together. If it ended before
/// the holder is done, a second caller would use the same refresh token, which a provider that
/// detects reuse answers by ending the whole grant.
const LEASE: Duration = Duration::from_secs(20);

/// The right to use a session's refresh token, held by one caller.
#[derive(Debug)]
pub struct Lease {
    holder: String,
    session: Session,
}

impl Lease {
    /// The session as it was at the moment when the lease was won. Only the refresh token in
    /// here may be used: the one that was read before may have been used up by then.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

/// Whether a session was renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Updated {
    /// It holds the new contents.
    Done,
    /// It was ended or renewed by somebody else meanwhile, and stays as they left it.
    Superseded,
}

/// What a refresh changes in a session.
#[derive(Debug)]
pub struct Refreshed<'a> {
    /// With the refresh token that is valid from now on.
    pub contents: &'a SessionContents,
    /// By their names, the APIs of `OTHER_APIS` whose tokens change: the new one, or none.
    pub api_tokens: Vec<(&'a str, Option<ApiToken>)>,
}

impl<'a> From<&'a SessionContents> for Refreshed<'a> {
    fn from(contents: &'a SessionContents) -> Self {
        Self { contents, api_tokens: Vec::new() }
    }
}

impl Sessions {
    /// Takes the lease if nobody holds it. `None` when somebody does, or when there is no such
    /// session any more: read again to know which.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn lease(&self, secret: &SessionSecret) -> Result<Option<Lease>, StoreError> {
        let holder = random::text(&*self.random);
        let now = self.now();
        let update = self
            .update_row(secret.id().as_str())
            .update_expression("SET lease_until = :until, lease_holder = :holder")
            // The holder may be ourselves, if an answer to the SDK was lost.
            .condition_expression(
                "attribute_exists(id) AND (attribute_not_exists(lease_until) \
                 OR lease_until <= :now OR lease_holder = :holder)",
            )
            .expression_attribute_values(":until", seconds(now + LEASE))
            .expression_attribute_values(":holder", text(&holder))
            .expression_attribute_values(":now", seconds(now))
            // The row as it is now that the lease is ours: reading again, in the same step.
            .return_values(ReturnValue::AllNew);
        let Some(output) = unless_condition_failed(update.send().await)? else { return Ok(None) };
        let session = output.attributes.and_then(|item| self.live(secret, item));
        Ok(session.map(|session| Lease { holder, session }))
    }

    /// Gives the lease back without having renewed anything.
    ///
    /// # Errors
    /// When the table cannot be used; the lease then ends by itself.
    pub async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let update = self
            .update_row(lease.session.id().as_str())
            .update_expression("REMOVE lease_until, lease_holder")
            .condition_expression("attribute_exists(id) AND lease_holder = :holder")
            .expression_attribute_values(":holder", text(&lease.holder));
        unless_condition_failed(update.send().await)?;
        Ok(())
    }

    /// Renews a session that was read: new contents, seen now, and no lease any more, whoever
    /// holds it. Its absolute end stays.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn update<'a>(
        &self,
        secret: &SessionSecret,
        session: &Session,
        refreshed: impl Into<Refreshed<'a>>,
    ) -> Result<Updated, StoreError> {
        let lease = "REMOVE lease_until, lease_holder";
        let update = self.refreshed(secret, session, &refreshed.into(), "", lease);
        // Given up, the new refresh token would be lost with it.
        let updated = self.retry_conflicts(|| update.clone().send()).await;
        let updated = unless_condition_failed(updated)?;
        Ok(if updated.is_some() { Updated::Done } else { Updated::Superseded })
    }

    /// The same for a holder of the lease that goes on to the next token: returns the lease,
    /// which lasts as long as a new one, with the session as it is now. `None` if the session was
    /// ended or renewed by another request meanwhile.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn update_and_continue(
        &self,
        secret: &SessionSecret,
        lease: &Lease,
        refreshed: &Refreshed<'_>,
    ) -> Result<Option<Lease>, StoreError> {
        let set = ", lease_until = :until, lease_holder = :holder";
        let update = self
            .refreshed(secret, &lease.session, refreshed, set, "")
            .expression_attribute_values(":until", seconds(self.now() + LEASE))
            .expression_attribute_values(":holder", text(&lease.holder))
            .return_values(ReturnValue::AllNew);
        let updated = self.retry_conflicts(|| update.clone().send()).await;
        let Some(output) = unless_condition_failed(updated)? else { return Ok(None) };
        let session = output.attributes.and_then(|item| self.live(secret, item));
        Ok(session.map(|session| Lease { holder: lease.holder.clone(), session }))
    }

    /// One write for all that a response of the provider brought: an access token that is stored
    /// without the refresh token beside it could not be renewed.
    fn refreshed(
        &self,
        secret: &SessionSecret,
        session: &Session,
        refreshed: &Refreshed<'_>,
        set: &str,
        remove: &str,
    ) -> UpdateItemFluentBuilder {
        let sealed = session.seal_again(refreshed.contents, secret, &*self.random);
        let mut update = self.update_row(secret.id().as_str());
        let (mut set, mut remove) = (set.to_owned(), remove.to_owned());
        for (index, (api, token)) in refreshed.api_tokens.iter().enumerate() {
            let name = format!("#token{index}");
            if let Some(token) = token {
                let value = format!(":token{index}");
                let sealed = session.seal_api_token(token, api, secret, &*self.random);
                set.extend([", ", &name, " = ", &value]);
                update = update.expression_attribute_values(value, sealed);
            } else {
                remove += if remove.is_empty() { "REMOVE " } else { ", " };
                remove += &name;
            }
            update = update.expression_attribute_names(name, api_token_attribute(api));
        }
        update
            .update_expression(format!(
                "SET sealed = :sealed, version = :next, last_seen_at = :now{set} {remove}"
            ))
            .condition_expression("attribute_exists(id) AND version = :version")
            .expression_attribute_values(":sealed", sealed)
            .expression_attribute_values(":version", number(session.version()))
            .expression_attribute_values(":next", number(session.version() + 1))
            .expression_attribute_values(":now", seconds(self.now()))
    }
}
