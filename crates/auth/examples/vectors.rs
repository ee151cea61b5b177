//! Runs published test vectors in the form of Project Wycheproof's
//! `json_web_signature_test.json` and `json_web_key_test.json`:
//!
//! ```sh
//! cargo run -p oidc-resource-server --example vectors -- FILE...
//! ```
//!
//! For each test it prints the group, the id, the expected result, and whether
//! this crate imports the key and accepts the signature. It fails when something
//! is accepted that is labelled invalid. The crate's README lists what is refused
//! on purpose although it is labelled valid.

use std::{env, error::Error, fs, process::ExitCode};

use oidc_resource_server::{Algorithm, KeySet};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    test_groups: Vec<Group>,
}

/// Tests of one key, or of one set of keys.
#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    comment: String,
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    tc_id: u64,
    comment: String,
    jws: String,
    result: String,
}

/// How many tests came out how.
#[derive(Default)]
struct Tally {
    as_labelled: usize,
    accepted_though_invalid: Vec<u64>,
    refused_though_valid: Vec<u64>,
}

impl Group {
    /// The keys that a verifier would be given: the public ones. Of a shared
    /// secret there is no public half, so it is given whole.
    fn key_set(&self) -> Value {
        match self.public.as_ref().or(self.private.as_ref()) {
            Some(set) if set.get("keys").is_some() => set.clone(),
            Some(key) => json!({ "keys": [key] }),
            None => json!({ "keys": [] }),
        }
    }

    fn run(&self, tally: &mut Tally) {
        let keys = KeySet::parse(self.key_set().to_string().as_bytes(), &Algorithm::ALL);
        let key = if keys.is_ok() { "imported" } else { "refused" };
        for test in &self.tests {
            let verdict = match &keys {
                Ok(keys) => {
                    keys.verify_signature_only(&test.jws).map_err(|error| error.to_string())
                }
                Err(error) => Err(error.to_string()),
            };
            let came_out = match &verdict {
                Ok(_) => "accepted".to_owned(),
                Err(reason) => format!("refused: {reason}"),
            };
            let mark = tally.add(test, verdict.is_ok());
            let (group, Test { tc_id, comment, result, .. }) = (&self.comment, test);
            println!(
                "{mark} {group:<24} {tc_id:>4} {result:<10} key {key:<8} {came_out} ({comment})"
            );
        }
    }
}

impl Tally {
    /// Counts a test. Returns a mark for its line.
    fn add(&mut self, test: &Test, accepted: bool) -> char {
        match (test.result.as_str(), accepted) {
            ("invalid", true) => {
                self.accepted_though_invalid.push(test.tc_id);
                '!'
            }
            ("valid", false) => {
                self.refused_though_valid.push(test.tc_id);
                '-'
            }
            _ => {
                self.as_labelled += 1;
                ' '
            }
        }
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let files: Vec<String> = env::args().skip(1).collect();
    if files.is_empty() {
        return Err("name one or more files in the form of json_web_signature_test.json".into());
    }
    let mut sound = true;
    for name in files {
        let text = fs::read_to_string(&name).map_err(|error| format!("{name}: {error}"))?;
        let file: File = serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
        let mut tally = Tally::default();
        for group in &file.test_groups {
            group.run(&mut tally);
        }
        println!("\n{name}");
        println!("as labelled               {}", tally.as_labelled);
        println!("refused though valid    - {:?}", tally.refused_though_valid);
        println!("accepted though invalid ! {:?}", tally.accepted_though_invalid);
        sound &= tally.accepted_though_invalid.is_empty();
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
