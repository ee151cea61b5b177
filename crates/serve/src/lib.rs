#![doc = include_str!("../README.md")]

mod caller;
mod error_page;
mod event;
mod function;
mod metrics;
mod page;
pub mod prefetch;
mod problem;
mod public_origin;
mod request_log;
pub mod same_origin;
mod security_headers;
mod surround;
mod telemetry;

pub use caller::{Caller, PeerAddress};
pub use error_page::ErrorPage;
pub use function::{StartError, function, task};
pub use page::Page;
pub use problem::{FieldError, Problem, unexpected};
pub use public_origin::{PublicOrigin, PublicUrl};
pub use surround::surround;
