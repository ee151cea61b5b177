//! The routes of `callback`, in process, against a provider that the tests script.

mod coming_back;
mod elsewhere;
mod error_page;
mod harness;
mod id_token;
mod iss;
mod outage;
mod replay;
mod state;
