//! How many tests passed and failed, read from what the runners print.

use crate::command::Output;
use std::ops::AddAssign;

/// How the last line of cargo-nextest starts.
const NEXTEST: &str = "Summary [";

/// The result of a tier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Tests that were not run, each with its reason: a provider without
    /// sign-up cannot be signed up at.
    pub(crate) left_out: Vec<String>,
}

impl Count {
    /// One check, by whether the program was content.
    pub(crate) fn one(succeeded: bool) -> Self {
        Self { passed: u64::from(succeeded), failed: u64::from(!succeeded), left_out: Vec::new() }
    }

    /// What a Rust test program (`test result: ok. 3 passed; 1 failed; …`),
    /// cargo-nextest (`Summary … 3 passed, 1 failed`), Node's runner (`# pass 3`) or Python's
    /// (`Ran 4 tests`, `FAILED (failures=1)`) counted. A runner that failed without a failed test (it did
    /// not compile, say) or that ran nothing at all counts as one failure.
    pub(crate) fn of_tests(output: &Output) -> Self {
        let mut count = Self::default();
        // nextest repeats what failed tests printed, their own results among it.
        let nextest = output.text.lines().any(|line| line.trim().starts_with(NEXTEST));
        let result = if nextest { NEXTEST } else { "test result:" };
        for line in output.text.lines().map(str::trim) {
            if line.starts_with(result) {
                count.passed += number_before(line, "passed");
                count.failed += number_before(line, "failed") + number_before(line, "timed out");
            } else if let Some(number) = after(line, "pass ") {
                count.passed += number;
            } else if let Some(number) = after(line, "fail ") {
                count.failed += number;
            } else if let Some(line) = line.strip_prefix("Ran ") {
                count.passed += number_before(line, "test");
            } else if let Some(line) = line.strip_prefix("FAILED (") {
                let failed = number_after(line, "failures=") + number_after(line, "errors=");
                count.failed += failed;
                count.passed = count.passed.saturating_sub(failed);
            } else if let Some(reason) = left_out(line) {
                count.left_out.push(reason);
            }
        }
        if count.failed == 0 && (!output.succeeded || count.passed == 0) {
            count.failed = 1;
        }
        count
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.left_out.extend(other.left_out);
    }
}

/// The number in front of `word`, 0 where there is none.
fn number_before(line: &str, word: &str) -> u64 {
    let Some((before, _)) = line.split_once(&format!(" {word}")) else { return 0 };
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The number behind `word`, 0 where there is none.
fn number_after(line: &str, word: &str) -> u64 {
    let Some((_, after)) = line.split_once(word) else { return 0 };
    after.split(|it: char| !it.is_ascii_digit()).next().and_then(|it| it.parse().ok()).unwrap_or(0)
}

/// Node's summary lines: `# pass 3` or `ℹ pass 3`.
fn after(line: &str, word: &str) -> Option<u64> {
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
    rest.strip_prefix(word)?.parse().ok()
}

/// `test a_person_signs_up ... ignored (the provider has no sign-up)`, or nextest's
/// `SKIP [   ] (───) package::test a_test`.
fn left_out(line: &str) -> Option<String> {
    if line.starts_with("SKIP [") {
        let (_, name) = line.split_once(") ")?;
        return Some(format!("{name}: marked #[ignore]"));
    }
    let (name, reason) = line.strip_prefix("test ")?.split_once(" ... ignored")?;
    let reason = reason.trim_matches([' ', ',', '(', ')']);
    let name = name.trim_end();
    Some(if reason.is_empty() { name.to_owned() } else { format!("{name}: {reason}") })
}

#[cfg(test)]
mod tests {
    use super::{Count, Output};

    fn count(text: &str, succeeded: bool) -> (u64, u64) {
        let count = Count::of_tests(&Output { text: text.to_owned(), succeeded });
        (count.passed, count.failed)
    }

    #[test]
    fn reads_what_rust_test_programs_say() {
        let text = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\n\
                    test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured\n";
        assert_eq!(count(text, false), (5, 1));
    }

    #[test]
    fn reads_what_nextest_says() {
        let text = "     Summary [   0.412s] 13 tests run: 11 passed (1 slow), 1 failed, 1 timed out, 0 skipped";
        assert_eq!(count(text, false), (11, 2));
        assert_eq!(
            count("     Summary [   0.412s] 2 tests run: 2 passed, 0 skipped", true),
            (2, 0)
        );
    }

    #[test]
    fn reads_what_node_says() {
        assert_eq!(count("# tests 4\n# pass 3\n# fail 1\n", false), (3, 1));
        assert_eq!(count("ℹ tests 4\nℹ pass 4\nℹ fail 0\n", true), (4, 0));
    }

    #[test]
    fn reads_what_python_says() {
        assert_eq!(count("Ran 4 tests in 0.1s\n\nOK\n", true), (4, 0));
        assert_eq!(count("Ran 9 tests in 0.1s\n\nFAILED (failures=2, errors=1)\n", false), (6, 3));
        assert_eq!(count("Ran 0 tests in 0.0s\n\nNO TESTS RAN\n", false), (0, 1));
    }

    #[test]
    fn a_runner_that_did_not_come_to_its_tests_is_a_failure() {
        assert_eq!(count("error: could not compile", false), (0, 1));
        assert_eq!(count("", true), (0, 1));
    }

    #[test]
    fn names_what_was_left_out_and_why() {
        let text =
            "test signing_up   ... ignored (no sign-up here)\ntest result: ok. 1 passed; 0 failed";
        let output = Output { text: text.to_owned(), succeeded: true };
        assert_eq!(Count::of_tests(&output).left_out, ["signing_up: no sign-up here"]);
        let text =
            "Summary [ 1s] 2 tests run: 2 passed, 1 skipped\n  SKIP [    ] (───) a::b aborts";
        let output = Output { text: text.to_owned(), succeeded: true };
        assert_eq!(Count::of_tests(&output).left_out, ["a::b aborts: marked #[ignore]"]);
    }
}
