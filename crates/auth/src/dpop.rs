//! Proof of possession at the resource (DPoP, RFC 9449).

pub(crate) mod nonces;
mod proof;
pub(crate) mod proof_error;
pub(crate) mod replay;
mod target;
mod thumbprint;

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue};

use crate::{
    Algorithm, AuthError, Clock, DpopNonces, InMemoryReplayStore, ProofError, ReplayStore,
    RequestHead, Resource,
};

use proof::{Expected, Proof};

/// The header that carries the proof (RFC 9449, section 4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// How far `iat` of a proof may be from now, in either direction. Within it a
/// proof that an attacker recorded could be sent again, which the replay store
/// notices; longer, and the store has to remember more.
const WINDOW: Duration = Duration::from_mins(1);

/// No window is longer, whatever the configuration: the store would fill before it
/// forgets, and times would overflow in the end.
const MAX_WINDOW: Duration = Duration::from_hours(24);

/// How DPoP proofs are checked (RFC 9449, section 4.3). Cheap to clone.
///
/// A proof is good for one method, one address, one access token, around one
/// time, and once.
/// So check a request once: a layer and an extractor, or two
/// extractors, one after the other would take its own proof for a replay.
#[derive(Clone)]
pub struct Dpop {
    resource: Resource,
    clock: Arc<dyn Clock>,
    algorithms: Vec<Algorithm>,
    window: Duration,
    nonces: Option<DpopNonces>,
    replay: Arc<dyn ReplayStore>,
}

impl Dpop {
    /// Proofs for requests to this resource: the origin in their `htu` is its
    /// own, whatever `Host` a request names.
    ///
    /// The defaults: ES256, ES384, `EdDSA`, PS256 and RS256; `iat` at most 60 seconds
    /// from now; no nonces; an [`InMemoryReplayStore`], which notices a proof that
    /// is sent to the same process twice.
    pub fn new(resource: Resource, clock: Arc<dyn Clock>) -> Self {
        let algorithms = vec![
            Algorithm::ES256,
            Algorithm::ES384,
            Algorithm::EdDSA,
            Algorithm::PS256,
            Algorithm::RS256,
        ];
        let replay = Arc::new(InMemoryReplayStore::default());
        Self { resource, clock, algorithms, window: WINDOW, nonces: None, replay }
    }

    /// Takes proofs that are signed with these algorithms, and no others.
    #[must_use]
    pub fn with_algorithms(self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        Self { algorithms: algorithms.into_iter().collect(), ..self }
    }

    /// Takes proofs whose `iat` is at most this far from now, in either direction,
    /// and never more than 24 hours.
    #[must_use]
    pub fn with_window(self, window: Duration) -> Self {
        Self { window: window.min(MAX_WINDOW), ..self }
    }

    /// Demands a nonce of ours in each proof (RFC 9449, section 9), so that
    /// proofs cannot be made beforehand. A proof without one is answered with one.
    #[must_use]
    pub fn with_nonces(self, nonces: DpopNonces) -> Self {
        Self { nonces: Some(nonces), ..self }
    }

    /// Remembers used proofs here, for instance where all instances see them.
    #[must_use]
    pub fn with_replay_store(self, store: impl ReplayStore) -> Self {
        Self { replay: Arc::new(store), ..self }
    }

    /// Verifies the proof of a request with this access token, which is bound to
    /// the key of this thumbprint. The token itself was verified before.
    pub(crate) async fn check(
        &self,
        request: &RequestHead<'_>,
        token: &[u8],
        thumbprint: &str,
    ) -> Result<(), AuthError> {
        let mut proofs = request.headers.get_all(DPOP).iter();
        let proof = proofs.next().ok_or(ProofError::Missing)?;
        if proofs.next().is_some() {
            return Err(ProofError::Repeated.into());
        }
        let proof = proof.to_str().map_err(|_| ProofError::Characters)?;
        let now = self.clock.now();
        let expected = Expected {
            method: request.method,
            target: self.resource.url(request.path),
            token,
            thumbprint,
            algorithms: &self.algorithms,
            now,
            window: self.window,
            nonces: self.nonces.as_ref(),
        };
        let used = Proof::check(proof, &expected)?;
        // Last: only a holder of the key and the token can fill the store.
        if self.replay.first_use(used.id, now, used.expires).await? {
            Ok(())
        } else {
            Err(ProofError::Replayed.into())
        }
    }

    /// A nonce for the next proof, if proofs need one.
    pub(crate) fn fresh_nonce(&self) -> Option<HeaderValue> {
        let nonce = self.nonces.as_ref()?.issue(self.clock.now());
        Some(HeaderValue::try_from(nonce).expect("base64url goes into any header"))
    }

    /// The parameter `algs` of a challenge.
    pub(crate) fn algorithm_names(&self) -> String {
        let names: Vec<&str> = self.algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
        names.join(" ")
    }
}

impl fmt::Debug for Dpop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dpop")
            .field("resource", &self.resource)
            .field("algorithms", &self.algorithms)
            .field("window", &self.window)
            .field("nonces", &self.nonces)
            .finish_non_exhaustive()
    }
}
