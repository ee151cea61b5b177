#![doc = include_str!("../README.md")]

mod attempt;
mod cookies;
mod random;
mod return_to;
mod secret;

#[cfg(feature = "store")]
mod contents;
#[cfg(feature = "store")]
mod limits;
#[cfg(feature = "store")]
mod sealing;
#[cfg(feature = "store")]
mod store;

pub use attempt::{ATTEMPT_LIFETIME, Attempt, AttemptError, MAX_ATTEMPTS, State};
pub use random::{Random, SystemRandom, text as random_text};
pub use return_to::ReturnTo;
pub use secret::{SessionCookie, SessionId, SessionSecret};

#[cfg(feature = "store")]
pub use contents::{SessionContents, Token};
#[cfg(feature = "store")]
pub use limits::{Limits, SessionsConfig};
#[cfg(feature = "store")]
pub use store::{Consumed, Lease, Session, Sessions, Unavailable, Updated};
