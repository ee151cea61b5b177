//! The table at the end.

use crate::{count::Count, tier::Tier};
use std::{fmt, time::Duration};

/// What one tier came to, and what it cost.
pub(crate) struct Row {
    pub(crate) tier: Tier,
    pub(crate) count: Count,
    pub(crate) time: Duration,
    /// The part of `time` that went into compiling and installing tools.
    pub(crate) building: Duration,
}

/// What each tier came to. Its text is a table, what was left out and why, and a last line
/// `N passed, N failed` over everything.
#[derive(Default)]
pub(crate) struct Summary {
    rows: Vec<Row>,
}

impl Summary {
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(crate) fn failed(&self) -> u64 {
        self.rows.iter().map(|row| row.count.failed).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut total = Count::default();
        let (mut time, mut building) = (Duration::ZERO, Duration::ZERO);
        writeln!(f, "tier          passed  failed  left out      time  building")?;
        for row in &self.rows {
            line(f, &row.tier.to_string(), &row.count, row.time, row.building)?;
            total += row.count.clone();
            time += row.time;
            building += row.building;
        }
        line(f, "all", &total, time, building)?;
        for Row { tier, count, .. } in &self.rows {
            for reason in &count.left_out {
                writeln!(f, "{tier} left out {reason}")?;
            }
        }
        write!(f, "{} passed, {} failed", total.passed, total.failed)
    }
}

fn line(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    count: &Count,
    time: Duration,
    building: Duration,
) -> fmt::Result {
    writeln!(
        f,
        "{name:<12} {:>7} {:>7} {:>9} {:>7.1} s {:>7.1} s",
        count.passed,
        count.failed,
        count.left_out.len(),
        time.as_secs_f64(),
        building.as_secs_f64(),
    )
}

#[cfg(test)]
mod tests {
    use super::{Count, Duration, Row, Summary, Tier};

    #[test]
    fn the_last_line_sums_everything_up() {
        let mut summary = Summary::default();
        summary.add(Row {
            tier: Tier::Format,
            count: Count::one(true),
            time: Duration::from_millis(800),
            building: Duration::ZERO,
        });
        let left_out = vec!["signing_up: no sign-up here".to_owned()];
        summary.add(Row {
            tier: Tier::Provider,
            count: Count { passed: 4, failed: 1, left_out },
            time: Duration::from_secs(20),
            building: Duration::from_secs(12),
        });
        assert_eq!(
            summary.to_string(),
            "tier          passed  failed  left out      time  building\n\
             format             1       0         0     0.8 s     0.0 s\n\
             provider           4       1         1    20.0 s    12.0 s\n\
             all                5       1         1    20.8 s    12.0 s\n\
             provider left out signing_up: no sign-up here\n\
             5 passed, 1 failed"
        );
        assert_eq!(summary.failed(), 1);
    }
}
