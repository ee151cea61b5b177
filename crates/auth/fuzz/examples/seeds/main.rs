//! Writes the seeds: `cargo run --example seeds`.
//!
//! Each has the name of what it is. What starts with `good` must be accepted
//! and what starts with `bad` refused, as `tests/seeds.rs` checks.

mod discovery;
mod dpop_proof;
mod header;
mod key_set;
mod payload;
mod token;

use std::{fs, io, path::Path};

use serde_json::Value;

/// A file among the seeds.
struct Seed {
    name: String,
    bytes: Vec<u8>,
    /// Whether it has a signature that is another each time. It is then written
    /// once, for a run of this program must change nothing without reason.
    once: bool,
}

fn seed(name: &str, bytes: impl Into<Vec<u8>>) -> Seed {
    Seed { name: name.to_owned(), bytes: bytes.into(), once: false }
}

fn signed(name: &str, bytes: impl Into<Vec<u8>>) -> Seed {
    Seed { once: true, ..seed(name, bytes) }
}

/// The same as text.
fn json(name: &str, value: &Value) -> Seed {
    seed(name, value.to_string())
}

/// An object with some members changed; `null` takes one out.
fn but(object: &Value, changes: &Value) -> Value {
    let mut object = object.clone();
    let members = object.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    object
}

/// An object with this text in it, for what `serde_json` would not write.
fn with(object: &Value, member: &str) -> String {
    let object = object.to_string();
    format!("{},{member}}}", object.strip_suffix('}').expect("an object"))
}

fn main() -> io::Result<()> {
    let all = [
        ("header", header::seeds()),
        ("payload", payload::seeds()),
        ("key_set", key_set::seeds()),
        ("discovery", discovery::seeds()),
        ("dpop_proof", dpop_proof::seeds()),
        ("token", token::seeds()),
    ];
    for (target, seeds) in all {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
        fs::create_dir_all(&folder)?;
        println!("{target}: {} seeds", seeds.len());
        for Seed { name, bytes, once } in seeds {
            let file = folder.join(name);
            if !(once && file.exists()) {
                fs::write(file, bytes)?;
            }
        }
    }
    Ok(())
}
