#![doc = include_str!("../README.md")]

mod arguments;
mod checks;
mod code;
mod finding;
mod http_client;
mod input;
mod print;
mod run;
mod sign_in;

pub use arguments::Arguments;
pub use code::{Code, Severity};
pub use finding::{Check, Finding, Outcome};
pub use input::{Input, InputError};
pub use print::{json, text};
pub use run::run;
pub use sign_in::Browser;
