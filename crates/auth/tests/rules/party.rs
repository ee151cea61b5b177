//! One of several providers that are trusted side by side.

use std::sync::Arc;

use oidc_resource_server::{
    AccessTokenRules, Algorithm, Issuer, Provider, ProviderConfig, Verifier,
};
use serde_json::{Value, json};

use crate::{
    harness::{API, CLIENT, ManualClock, Script, merged},
    signer::Signer,
};

/// A provider with a script and a key of its own.
pub(crate) struct Party {
    pub(crate) clock: ManualClock,
    pub(crate) script: Script,
    pub(crate) signer: Signer,
    pub(crate) provider: Provider,
}

impl Party {
    /// The key is ES256 and called `key-1`, as everybody's.
    pub(crate) fn new(issuer: &str) -> Self {
        let mut config = ProviderConfig::new(Issuer::parse(issuer).unwrap());
        config.algorithms = vec![Algorithm::ES256];
        Self::with(config, Signer::es256("key-1"))
    }

    pub(crate) fn with(config: ProviderConfig, signer: Signer) -> Self {
        let clock = ManualClock::new();
        let script = Script::new(config.issuer.as_str(), &[&signer]);
        let provider = Provider::new(config, script.clone(), Arc::new(clock.clone()));
        Self { clock, script, signer, provider }
    }

    /// Claims of a user's access token as most providers issue it.
    pub(crate) fn claims(&self, changes: &Value) -> Value {
        let now = self.clock.seconds();
        let claims = json!({
            "iss": self.provider.issuer().as_str(), "aud": API, "sub": "user-1",
            "client_id": CLIENT, "iat": now, "exp": now + 3600, "scope": "ToDoList.Read"
        });
        merged(claims, changes)
    }

    /// A token of its own with these changes.
    pub(crate) fn token(&self, changes: Value) -> String {
        self.signer.token(&self.claims(&changes))
    }

    /// A token that it signs in the name of another.
    pub(crate) fn token_for(&self, other: &Self) -> String {
        self.signer.token(&other.claims(&json!({})))
    }
}

/// A verifier that trusts both by the same rules.
pub(crate) fn both(a: &Party, b: &Party) -> Verifier {
    with_rules(a, b, |_| ())
}

/// A verifier of both, where what B's tokens must say is changed.
pub(crate) fn with_rules(
    a: &Party,
    b: &Party,
    change: impl FnOnce(&mut AccessTokenRules),
) -> Verifier {
    let mut rules = AccessTokenRules::new([API]);
    change(&mut rules);
    Verifier::new(a.provider.clone(), AccessTokenRules::new([API]))
        .unwrap()
        .and(b.provider.clone(), rules)
        .unwrap()
}
