#![doc = include_str!("../README.md")]

mod apply;
mod arguments;
mod console;
mod difference;
mod error;
mod graph;
mod name;
mod observed;
mod origin;
mod parameters;
mod part;
mod plan;
mod removal;
mod run;
mod secrets;
mod sign_in;
mod tenant;
mod time;
mod todo_permission;
mod wanted;

pub use arguments::{Apply, Arguments, Command, Place, Remove, Wishes};
pub use console::{Console, Terminal};
pub use error::Error;
pub use graph::Permission;
pub use name::{Name, NotAName};
pub use origin::{NotAnOrigin, Origin};
pub use parameters::{NotASecretArn, SecretArn};
pub use run::{Endpoints, Surroundings, run};
pub use tenant::{NotATenant, Tenant};
pub use time::{SystemTime, Time};
