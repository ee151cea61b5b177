//! What becomes of a write that a transaction on the same row stands in the way of.
//!
//! DynamoDB lets neither wait: one is called off, which decides nothing and passes in milliseconds.

use std::{future::Future, time::Duration};

use aws_sdk_dynamodb::error::SdkError;
use outbound::DynamoDbError;

use super::Sessions;

/// How often a write is tried. All pauses together take less than a second.
pub(super) const TRIES: u32 = 8;

/// Between two tries, times the number of those before.
const PAUSE: Duration = Duration::from_millis(20);

impl Sessions {
    /// Sends a write again as long as a transaction is in its way.
    pub(super) async fn retry_conflicts<T, E, F>(
        &self,
        send: impl Fn() -> F,
    ) -> Result<T, DynamoDbError>
    where
        DynamoDbError: From<SdkError<E>>,
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        for tries in 1..TRIES {
            match send().await.map_err(DynamoDbError::from) {
                Err(DynamoDbError::Conflict) => self.pause(tries).await,
                other => return other,
            }
        }
        Ok(send().await?)
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
