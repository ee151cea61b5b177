#![doc = include_str!("../README.md")]

mod answer;
mod browser;
mod call_recorder;
mod event;
mod function;
mod machine;

pub use answer::Answer;
pub use browser::{Browser, sign_in};
pub use call_recorder::CallRecorder;
pub use event::Event;
pub use function::{Function, Output};
pub use machine::{DOMAIN, Machine};
