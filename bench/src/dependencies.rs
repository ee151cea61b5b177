//! How many of a kind are below a function, by `cargo tree`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    process::Command,
};

use anyhow::{Context, Result, ensure};

/// Those of which one is enough, by kind. Two versions of a crate are two.
const KINDS: [(&str, &[&str]); 4] = [
    ("TLS", &["rustls", "openssl", "native-tls", "s2n-tls", "boring", "schannel"]),
    ("HTTP client", &["reqwest", "aws-smithy-http-client", "ureq", "isahc", "curl", "awc"]),
    ("HTTP", &["hyper"]),
    ("cryptography", &["aws-lc-sys", "aws-lc-fips-sys", "ring", "openssl-sys"]),
];

/// Of each kind, what there is with its versions.
#[derive(Debug, PartialEq)]
pub(crate) struct Dependencies(BTreeMap<&'static str, BTreeSet<String>>);

impl Dependencies {
    /// Those that a package has when it is built for this machine.
    ///
    /// # Errors
    /// When Cargo does not know it.
    pub(crate) fn of(package: &str) -> Result<Self> {
        let tree = cargo()
            .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
            .args(["--format", "{p}", "--package", package])
            .output()
            .context("cannot run cargo")?;
        let said = String::from_utf8_lossy(&tree.stderr);
        ensure!(tree.status.success(), "cargo tree of {package}: {said}");
        Ok(Self::read(&String::from_utf8_lossy(&tree.stdout)))
    }

    /// Reads lines such as `rustls v0.23.46`.
    fn read(tree: &str) -> Self {
        let packages = tree.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.next()?))
        });
        let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (name, version) in packages {
            for (kind, names) in KINDS {
                if names.contains(&name) {
                    let version = version.trim_start_matches('v');
                    found.entry(kind).or_default().insert(format!("{name} {version}"));
                }
            }
        }
        Self(found)
    }

    /// Of which kind there is more than one, and which.
    pub(crate) fn twice(&self) -> Option<String> {
        let all = self.0.values().find(|all| all.len() > 1)?;
        Some(joined(all))
    }
}

impl fmt::Display for Dependencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.0.iter().map(|(kind, all)| format!("{kind}: {}", joined(all)));
        f.write_str(&kinds.collect::<Vec<_>>().join("; "))
    }
}

fn joined(all: &BTreeSet<String>) -> String {
    all.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Cargo, in this workspace.
pub(crate) fn cargo() -> Command {
    // The one that runs this program, where one does.
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_each_is_not_twice_however_often_the_tree_names_it() {
        let tree = "todos v0.1.0 (/repository/functions/todos)\nrustls v0.23.46\nhyper v1.12.0\n\
                    rustls v0.23.46 (*)\nhyper-rustls v0.27.10\n\n";
        let found = Dependencies::read(tree);
        assert_eq!(found.to_string(), "HTTP: hyper 1.12.0; TLS: rustls 0.23.46");
        assert_eq!(found.twice(), None);
    }

    #[test]
    fn two_versions_are_two_and_so_are_two_of_a_kind() {
        let check = |tree, twice: &str| {
            assert_eq!(Dependencies::read(tree).twice().as_deref(), Some(twice));
        };
        check("rustls v0.21.12\nrustls v0.23.46", "rustls 0.21.12, rustls 0.23.46");
        check("ring v0.17.14\naws-lc-sys v0.47.0", "aws-lc-sys 0.47.0, ring 0.17.14");
    }
}
