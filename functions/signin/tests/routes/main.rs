//! The routes of `signin`, in process, against a provider that the tests script.

mod begin;
mod elsewhere;
mod harness;
