#![doc = include_str!("../README.md")]

mod arguments;
mod ask;
mod checks;
mod code;
mod finding;
mod input;
mod print;
mod run;

pub use arguments::Arguments;
pub use code::Code;
pub use finding::{Check, Finding, Outcome, Severity};
pub use input::{Input, InputError};
pub use print::{json, text};
pub use run::run;
