use std::time::{Duration, SystemTime};

use outbound::{Outbound, WebIdentityError};
use settings::Environment;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

/// `template.yaml` lets the roles request no longer one.
const LIFETIME: Duration = Duration::from_mins(5);
/// How long before its end a token is replaced: longer than clocks differ and a request takes.
const MARGIN: Duration = Duration::from_mins(1);

/// Gets tokens in which AWS names the function's role. It has no `Debug`: it holds the current one.
pub struct WebIdentity {
    audience: String,
    /// A token, and when to replace it. Locked while AWS is asked: one request asks for all.
    current: Mutex<Option<(Zeroizing<String>, SystemTime)>>,
}

impl WebIdentity {
    pub(super) fn new(audience: &str) -> Self {
        Self { audience: audience.to_owned(), current: Mutex::default() }
    }

    /// A token that is valid for at least another minute.
    pub(crate) async fn token(
        &self,
        environment: &Environment,
        outbound: &Outbound,
        now: SystemTime,
    ) -> Result<String, WebIdentityError> {
        let mut current = self.current.lock().await;
        if let Some((token, end)) = &*current
            && now < *end
        {
            return Ok(token.to_string());
        }
        let token = outbound.web_identity_token(environment, &self.audience, LIFETIME).await?;
        *current = Some((Zeroizing::new(token.clone()), now + LIFETIME - MARGIN));
        Ok(token)
    }
}
