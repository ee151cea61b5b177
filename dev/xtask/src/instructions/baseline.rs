//! `bench/instructions.json`: the counts that were accepted, each with a reason.

use super::Counts;
use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt, fs, path::PathBuf};

/// How far a count may be from the accepted one, in thousandths. The same binary shows no noise at
/// all (`bench/instructions/README.md`); this is for a C compiler that is not the one of the
/// baseline. In either direction: a baseline that is too high hides what comes next.
const TOLERANCE: u64 = 5;

/// What was accepted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Baseline {
    pub(crate) valgrind: String,
    cases: BTreeMap<String, Accepted>,
}

#[derive(Debug, PartialEq, Eq)]
struct Accepted {
    instructions: u64,
    reason: String,
}

/// A count that is not what was accepted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    case: String,
    accepted: Option<u64>,
    found: Option<u64>,
}

impl Baseline {
    /// # Errors
    /// When it is not there or not of its form, or a count has no reason.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let text = fs::read_to_string(file(workspace)).context("no bench/instructions.json")?;
        Self::parse(&text).context("bench/instructions.json")
    }

    fn parse(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)?;
        let valgrind = value["valgrind"].as_str().context("says no version of valgrind")?;
        let mut cases = BTreeMap::new();
        for (case, accepted) in value["cases"].as_object().context("has no cases")? {
            let instructions = accepted["instructions"]
                .as_u64()
                .with_context(|| format!("{case:?} has no number of instructions"))?;
            let reason = accepted["reason"].as_str().unwrap_or_default().to_owned();
            ensure!(!reason.trim().is_empty(), "{case:?} has no reason");
            cases.insert(case.clone(), Accepted { instructions, reason });
        }
        Ok(Self { valgrind: valgrind.to_owned(), cases })
    }

    /// What differs by more than the tolerance, or is on one side only.
    pub(crate) fn moved(&self, counts: &Counts) -> Vec<Moved> {
        let mut cases: Vec<_> = self.cases.keys().chain(counts.keys()).collect();
        cases.sort_unstable();
        cases.dedup();
        let of = |case: &String| {
            let accepted = self.cases.get(case).map(|accepted| accepted.instructions);
            Moved { case: case.clone(), accepted, found: counts.get(case).copied() }
        };
        cases.into_iter().map(of).filter(Moved::is_too_far).collect()
    }

    /// Takes over what moved, for `reason`. A version of Valgrind other than the last takes
    /// over everything.
    ///
    /// # Errors
    /// Without a reason.
    pub(crate) fn accept(self, counts: &Counts, valgrind: &str, reason: &str) -> Result<Self> {
        let reason = reason.trim();
        ensure!(
            !reason.is_empty(),
            "say why: --accept \"what made it move, and why that is right\""
        );
        let moved = self.moved(counts);
        let is_new = |case: &String| {
            valgrind != self.valgrind || moved.iter().any(|moved| moved.case == *case)
        };
        let mut cases = self.cases;
        cases.retain(|case, _| counts.contains_key(case));
        // An unmoved count keeps its number too: many small steps would else go unseen.
        for (case, &instructions) in counts.iter().filter(|(case, _)| is_new(case)) {
            cases.insert(case.clone(), Accepted { instructions, reason: reason.to_owned() });
        }
        Ok(Self { valgrind: valgrind.to_owned(), cases })
    }

    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&self, workspace: &Workspace) -> Result<()> {
        let file = file(workspace);
        fs::write(&file, self.text()).with_context(|| format!("cannot write {}", file.display()))
    }

    fn text(&self) -> String {
        let of = |accepted: &Accepted| json!({ "instructions": accepted.instructions, "reason": accepted.reason });
        let cases: serde_json::Map<_, _> =
            self.cases.iter().map(|(case, accepted)| (case.clone(), of(accepted))).collect();
        format!("{:#}\n", json!({ "valgrind": self.valgrind, "cases": cases }))
    }
}

impl Moved {
    fn is_too_far(&self) -> bool {
        let (Some(accepted), Some(found)) = (self.accepted, self.found) else { return true };
        found.abs_diff(accepted) * 1000 > accepted * TOLERANCE
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let case = &self.case;
        let (accepted, found) = match (self.accepted, self.found) {
            (Some(accepted), Some(found)) => (accepted, found),
            (Some(_), None) => return write!(f, "{case} has a baseline and was not counted"),
            (None, _) => return write!(f, "{case} has no baseline"),
        };
        let thousandths = found.abs_diff(accepted) * 1000 / accepted.max(1);
        let sign = if found > accepted { '+' } else { '-' };
        write!(
            f,
            "{case} takes {found} instructions, and {accepted} were accepted ({sign}{}.{} %)",
            thousandths / 10,
            thousandths % 10
        )
    }
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.root().join("bench/instructions.json")
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Counts};

    const BASELINE: &str = r#"{"valgrind": "valgrind-3.19.0", "cases": {
        "authorise": {"instructions": 1000, "reason": "first"},
        "expired": {"instructions": 200, "reason": "first"}}}"#;

    fn counts(authorise: u64, expired: u64) -> Counts {
        Counts::from([("authorise".to_owned(), authorise), ("expired".to_owned(), expired)])
    }

    fn moved(authorise: u64, expired: u64) -> Vec<String> {
        let baseline = Baseline::parse(BASELINE).unwrap();
        let moved = baseline.moved(&counts(authorise, expired));
        moved.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn half_a_percent_either_way_is_let_pass_and_no_more() {
        assert_eq!(moved(1005, 199), [""; 0]);
        let more = "authorise takes 1006 instructions, and 1000 were accepted (+0.6 %)";
        assert_eq!(moved(1006, 200), [more]);
        let less = "authorise takes 994 instructions, and 1000 were accepted (-0.6 %)";
        assert_eq!(moved(994, 200), [less]);
    }

    #[test]
    fn a_case_on_one_side_only_has_moved() {
        let baseline = Baseline::parse(BASELINE).unwrap();
        let counts = Counts::from([("authorise".to_owned(), 1000), ("new".to_owned(), 1)]);
        let moved: Vec<_> = baseline.moved(&counts).iter().map(ToString::to_string).collect();
        assert_eq!(moved, ["expired has a baseline and was not counted", "new has no baseline"]);
    }

    #[test]
    fn what_moved_is_accepted_with_its_reason_and_the_rest_stays() {
        let baseline = Baseline::parse(BASELINE).unwrap();
        let accepted =
            baseline.accept(&counts(2000, 201), "valgrind-3.19.0", "checks twice").unwrap();
        let text = accepted.text();
        assert_eq!(Baseline::parse(&text).unwrap(), accepted);
        assert_eq!(accepted.cases["authorise"].instructions, 2000);
        assert_eq!(accepted.cases["authorise"].reason, "checks twice");
        assert_eq!(accepted.cases["expired"].instructions, 200);
        assert_eq!(accepted.cases["expired"].reason, "first");
    }

    #[test]
    fn another_valgrind_takes_over_everything() {
        let baseline = Baseline::parse(BASELINE).unwrap();
        let accepted = baseline.accept(&counts(1001, 201), "valgrind-3.24.0", "Debian 13").unwrap();
        assert_eq!(accepted.valgrind, "valgrind-3.24.0");
        assert_eq!(accepted.cases["authorise"].instructions, 1001);
        assert_eq!(accepted.cases["expired"].reason, "Debian 13");
    }

    #[test]
    fn nothing_is_accepted_without_a_reason() {
        let baseline = Baseline::parse(BASELINE).unwrap();
        assert!(baseline.accept(&counts(2000, 200), "valgrind-3.19.0", "  ").is_err());
        assert!(Baseline::parse(&BASELINE.replace("first", " ")).is_err());
    }
}
