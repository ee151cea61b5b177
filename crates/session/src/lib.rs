#![doc = include_str!("../README.md")]

pub mod cookies;
mod random;
mod return_to;
mod secret;
mod sign_in_transaction;

#[cfg(feature = "store")]
mod contents;
#[cfg(feature = "store")]
mod device;
#[cfg(feature = "store")]
mod limits;
#[cfg(feature = "store")]
mod sealing;
#[cfg(feature = "store")]
mod store;
#[cfg(feature = "store")]
mod user_key;

pub use random::{Random, SystemRandom, text as random_text};
pub use return_to::ReturnTo;
pub use secret::{SessionCookie, SessionId, SessionSecret};
pub use sign_in_transaction::{
    MAX_TRANSACTIONS, OAuthState, SIGN_IN_LIFETIME, SignInTransaction, TransactionError,
};

#[cfg(feature = "store")]
pub use contents::{ApiToken, SessionContents, Token};
#[cfg(feature = "store")]
pub use device::Device;
#[cfg(feature = "store")]
pub use limits::{Limits, SessionsConfig};
#[cfg(feature = "store")]
pub use store::{
    BlockedSignIns, Consumed, Created, Lease, ReadOutcome, Refreshed, Session, SessionSummary,
    Sessions, SignIn, StoreError, Updated,
};
#[cfg(feature = "store")]
pub use user_key::{ProviderSessionKey, UserKey};
