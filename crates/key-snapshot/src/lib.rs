#![doc = include_str!("../README.md")]

mod claim;
mod config;
mod row;
mod snapshot;
mod source;
mod table;
mod timer;
mod writer;

pub use claim::{Claim, Lease};
pub use config::{KEYS_TABLE, KeysConfig};
pub use snapshot::{Document, Snapshot};
pub use source::KeySource;
pub use table::{Snapshots, TableError};
pub use timer::{Elapsed, Timer};
