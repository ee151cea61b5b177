//! The table at the end.

use crate::{count::Count, tier::Tier};
use std::{fmt, time::Duration};

/// What each tier came to. Its text is a table, what was left out and why, and
/// a last line `N passed, N failed` over everything.
#[derive(Default)]
pub(crate) struct Summary {
    rows: Vec<(Tier, Count, Duration)>,
}

impl Summary {
    pub(crate) fn add(&mut self, tier: Tier, count: Count, time: Duration) {
        self.rows.push((tier, count, time));
    }

    pub(crate) fn failed(&self) -> u64 {
        self.rows.iter().map(|(_, count, _)| count.failed).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<12} {:>7} {:>7} {:>9} {:>9}",
            "tier", "passed", "failed", "left out", "time"
        )?;
        for (tier, count, time) in &self.rows {
            writeln!(
                f,
                "{:<12} {:>7} {:>7} {:>9} {:>7.1} s",
                tier.to_string(),
                count.passed,
                count.failed,
                count.left_out.len(),
                time.as_secs_f64(),
            )?;
        }
        for (tier, count, _) in &self.rows {
            for reason in &count.left_out {
                writeln!(f, "{tier} left out {reason}")?;
            }
        }
        let mut total = Count::default();
        for (_, count, _) in &self.rows {
            total += count.clone();
        }
        write!(f, "{} passed, {} failed", total.passed, total.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Duration, Summary, Tier};

    #[test]
    fn the_last_line_sums_everything_up() {
        let mut summary = Summary::default();
        summary.add(Tier::Format, Count::one(true), Duration::from_millis(800));
        let left_out = vec!["signing_up: no sign-up here".to_owned()];
        summary.add(
            Tier::Provider,
            Count { passed: 4, failed: 1, left_out },
            Duration::from_secs(20),
        );
        assert_eq!(
            summary.to_string(),
            "tier          passed  failed  left out      time\n\
             format             1       0         0     0.8 s\n\
             provider           4       1         1    20.0 s\n\
             provider left out signing_up: no sign-up here\n\
             5 passed, 1 failed"
        );
        assert_eq!(summary.failed(), 1);
    }
}
