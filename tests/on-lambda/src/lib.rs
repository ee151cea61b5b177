#![doc = include_str!("../README.md")]

mod answer;
mod browser;
mod event;
mod function;
mod ledger;
mod machine;
mod runtime_api;
mod stack;

pub use answer::Answer;
pub use browser::sign_in;
pub use event::Event;
pub use function::{Function, Output};
pub use ledger::Ledger;
pub use machine::{DOMAIN, Machine};
pub use stack::Stack;
