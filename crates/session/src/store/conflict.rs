//! What becomes of a write that a transaction on the same row stands in the way of.
//!
//! DynamoDB lets neither wait: one is called off, which decides nothing and passes in milliseconds.

use std::{error::Error, future::Future, time::Duration};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
};

use super::Sessions;

/// How often a write is tried. All pauses together take less than a second.
pub(super) const TRIES: u32 = 8;

/// Between two tries, times the number of those before.
const PAUSE: Duration = Duration::from_millis(20);

/// Why a transaction was called off, as far as that says anything.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cancellation {
    /// The condition of the write at this position did not hold.
    Refused(usize),
    /// Another write on one of the rows was under way.
    Conflict,
    /// The table has too much to do.
    Busy(String),
}

impl Cancellation {
    pub(super) fn of<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Self> {
        let TransactWriteItemsError::TransactionCanceledException(canceled) =
            error.as_service_error()?
        else {
            return None;
        };
        let reasons = canceled.cancellation_reasons();
        let codes: Vec<_> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
        let position = |wanted: &str| codes.iter().position(|code| *code == wanted);
        // A condition that did not hold decides it, whatever happened to the other writes.
        if let Some(position) = position("ConditionalCheckFailed") {
            return Some(Self::Refused(position));
        }
        let busy = ["ProvisionedThroughputExceeded", "ThrottlingError"];
        if let Some(code) = busy.into_iter().find(|code| position(code).is_some()) {
            return Some(Self::Busy(code.to_owned()));
        }
        let others = codes.iter().all(|code| matches!(*code, "TransactionConflict" | "None"));
        (others && position("TransactionConflict").is_some()).then_some(Self::Conflict)
    }
}

impl Sessions {
    /// Sends a write again as long as a transaction is in its way.
    pub(super) async fn past_conflicts<T, E, R, F>(
        &self,
        send: impl Fn() -> F,
    ) -> Result<T, SdkError<E, R>>
    where
        E: Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
        F: Future<Output = Result<T, SdkError<E, R>>>,
    {
        for tries in 1..TRIES {
            match send().await {
                Err(error) if is_conflict(&error) => self.pause(tries).await,
                other => return other,
            }
        }
        send().await
    }

    /// Waits before the next try, a little longer each time, and not as long as everybody else.
    pub(super) async fn pause(&self, tries: u32) {
        if tries == 0 {
            return;
        }
        let mut random = [0];
        self.random.fill(&mut random);
        tokio::time::sleep(PAUSE * tries + PAUSE * u32::from(random[0]) / 256).await;
    }
}

fn is_conflict<E, R>(error: &SdkError<E, R>) -> bool
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let code = error.as_service_error().and_then(|error| error.code());
    code == Some("TransactionConflictException")
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::{CancellationReason, error::TransactionCanceledException};

    use super::*;

    fn check(codes: &[&str], expected: Option<&Cancellation>) {
        let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build());
        let canceled = TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons.collect()))
            .build();
        let error = TransactWriteItemsError::TransactionCanceledException(canceled);
        let error = SdkError::service_error(error, ());
        assert_eq!(Cancellation::of(&error).as_ref(), expected, "{codes:?}");
    }

    #[test]
    fn a_condition_that_did_not_hold_decides_whatever_else_happened() {
        check(&["None", "ConditionalCheckFailed", "None"], Some(&Cancellation::Refused(1)));
        check(&["ConditionalCheckFailed", "None"], Some(&Cancellation::Refused(0)));
        check(
            &["TransactionConflict", "ThrottlingError", "ConditionalCheckFailed"],
            Some(&Cancellation::Refused(2)),
        );
    }

    #[test]
    fn a_conflict_is_one_only_if_nothing_else_was_wrong() {
        check(&["None", "TransactionConflict", "None"], Some(&Cancellation::Conflict));
        let busy = Cancellation::Busy("ThrottlingError".to_owned());
        check(&["TransactionConflict", "ThrottlingError"], Some(&busy));
        check(&["TransactionConflict", "ValidationError"], None);
    }

    #[test]
    fn what_says_nothing_is_judged_as_nothing() {
        check(&[], None);
        check(&["None", "None"], None);
        check(&["ItemCollectionSizeLimitExceeded", "None"], None);
    }
}
