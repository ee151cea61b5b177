use crate::{Code, Severity};

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its name, e.g. `discovery`.
    pub name: &'static str,
    /// What came out.
    pub outcome: Outcome,
    /// A table of what was checked, one row each.
    pub rows: Vec<String>,
}

/// What came out of a check.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Nothing is wrong; what was seen.
    Good(String),
    /// It was not made, and why.
    Skipped(String),
    /// At least one finding.
    Found(Vec<Finding>),
}

/// Something that is wrong. No field holds a token, a secret or a code.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Its stable name.
    pub code: Code,
    /// What was seen.
    pub seen: String,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub todo: String,
}

impl Finding {
    pub(crate) fn new(
        code: Code,
        seen: impl Into<String>,
        why: &'static str,
        todo: impl Into<String>,
    ) -> Self {
        Self { code, seen: seen.into(), why, todo: todo.into() }
    }
}

impl Check {
    pub(crate) fn of(name: &'static str, good: &str, findings: Vec<Finding>) -> Self {
        let outcome = if findings.is_empty() {
            Outcome::Good(good.to_owned())
        } else {
            Outcome::Found(findings)
        };
        Self { name, outcome, rows: Vec::new() }
    }

    pub(crate) fn skipped(name: &'static str, reason: &str) -> Self {
        Self { name, outcome: Outcome::Skipped(reason.to_owned()), rows: Vec::new() }
    }

    pub(crate) fn has_error(&self) -> bool {
        self.findings().iter().any(|it| it.code.severity() == Severity::Error)
    }

    /// What was found, nothing when it is good or was skipped.
    pub fn findings(&self) -> &[Finding] {
        match &self.outcome {
            Outcome::Found(findings) => findings,
            _ => &[],
        }
    }
}
