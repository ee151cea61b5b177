#![doc = include_str!("../README.md")]

mod client_info;
mod content_type;
mod defaults;
mod error_page;
mod event;
mod event_handler;
mod function;
mod json_lines;
mod log_filter;
mod metrics;
mod page;
pub mod prefetch;
mod problem;
mod public_origin;
mod request_log;
pub mod same_origin;
mod security_headers;
mod telemetry;
mod warm_up;

pub use client_info::ClientInfo;
pub use content_type::is_form;
pub use defaults::with_defaults;
pub use error_page::ErrorPage;
pub use event::{HttpApiEvent, NOT_IN_A_PATH};
pub use event_handler::{BinaryBody, EventHandler};
pub use function::{StartError, check_settings, events, function};
pub use log_filter::LogFilter;
pub use page::Page;
pub use problem::{FieldError, Problem, unexpected};
pub use public_origin::{PUBLIC_URL, PublicOrigin, PublicUrl};
pub use telemetry::RUST_LOG;
pub use warm_up::WarmUp;
