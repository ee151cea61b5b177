use std::{io, path::PathBuf};

/// Files from which no deployment can be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// A file cannot be read.
    #[error("cannot read {}: {reason}", file.display())]
    Unreadable {
        /// Which one.
        file: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {reason}", file.display())]
    Unwritable {
        /// Which one.
        file: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// The tool would overwrite a file of somebody else.
    #[error(
        "{} was not written by this program, so it is left alone: move it away, or name another \
         file in \"$include\"",
        .0.display()
    )]
    Foreign(PathBuf),
    /// Something in a file is wrong.
    #[error("{}, line {line}: {fault}", file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong, and what to write.
        fault: String,
    },
    /// The file has no such environment.
    #[error(
        "{} has no environment {environment:?}; it has {}. Add [{environment}.global.parameters] \
         for a new one",
        file.display(),
        if known.is_empty() { "none".to_owned() } else { known.join(", ") }
    )]
    UnknownEnvironment {
        /// The file.
        file: PathBuf,
        /// The name that was asked for.
        environment: String,
        /// The names in the file.
        known: Vec<String>,
    },
    /// Parameters without a default have no value.
    #[error(
        "{} missing. Add to {}, line {line}, below [{environment}.global.parameters.parameter_overrides]:\n{}",
        if names.len() == 1 { "a required parameter is" } else { "required parameters are" },
        file.display(),
        names.iter().map(|name| format!("  {name} = \"…\"")).collect::<Vec<_>>().join("\n")
    )]
    Missing {
        /// People's file.
        file: PathBuf,
        /// The line of the section, counted from 1.
        line: usize,
        /// The environment.
        environment: String,
        /// Their names.
        names: Vec<String>,
    },
}
