#![doc = include_str!("../README.md")]

mod api_permission;
mod apply;
mod arguments;
mod authority;
mod certificate;
mod console;
mod difference;
mod error;
mod graph;
mod name;
mod observed;
mod origin;
mod parameters;
mod part;
mod permission;
mod plan;
mod removal;
mod run;
mod sign_in;
mod tenant;
mod time;
mod token;
mod wanted;

pub use arguments::{Apply, Arguments, Command, Remove, SetupArguments, TenantArguments};
pub use console::{Console, Terminal};
pub use error::Error;
pub use name::{Name, NameError};
pub use origin::{Origin, OriginError};
pub use parameters::{SecretArn, SecretArnError};
pub use permission::Permission;
pub use run::{Context, Endpoints, run};
pub use tenant::{Tenant, TenantError};
pub use time::{SystemTime, Time};
