//! An OpenID provider for development that looks like Microsoft Entra External ID.

mod apps;
mod config;
mod provider;
mod tenant;

pub use crate::apps::{API_CLIENT_ID, Credentials, DemoUser};
pub use crate::config::{Clock, Config, OpenError, RefreshReuse};
pub use crate::provider::Idp;
pub use crate::tenant::{TENANT_ID, TENANT_NAME};
