//! The routes of `callback`, in process, against a provider that the tests script.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod backchannel;
mod backchannel_outage;
mod backchannel_refusals;
mod coming_back;
mod elsewhere;
mod error_page;
mod frontchannel;
mod giving_back;
mod harness;
mod id_token;
mod iss;
mod log;
mod logout_races;
mod logout_token;
mod meanwhile;
mod outage;
mod pushed;
mod replay;
mod start;
mod state;
mod userinfo;
