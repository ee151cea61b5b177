#![doc = include_str!("../README.md")]

mod attempt;
mod cookies;
mod random;
mod return_to;
mod secret;

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

pub use attempt::{ATTEMPT_LIFETIME, Attempt, AttemptError, MAX_ATTEMPTS, State};
pub use random::{Random, SystemRandom, text as random_text};
pub use return_to::ReturnTo;
pub use secret::{SessionCookie, SessionId, SessionSecret};

#[cfg(feature = "store")]
pub use contents::{SessionContents, Token};
#[cfg(feature = "store")]
pub use device::Device;
#[cfg(feature = "store")]
pub use limits::{Limits, SessionsConfig};
#[cfg(feature = "store")]
pub use store::{
    Consumed, Created, Lease, Listed, ReadOutcome, Session, Sessions, SignIn, Unavailable, Updated,
};
#[cfg(feature = "store")]
pub use user_key::{ProviderSessionKey, UserKey};
