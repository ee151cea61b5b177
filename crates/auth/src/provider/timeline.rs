//! Time that only goes forward, made from a clock that may not.

use std::time::{Duration, SystemTime};

/// Steps back of up to this much are a clock being trimmed, and mean nothing.
const MAX_CLOCK_TRIM: Duration = Duration::from_secs(2);

/// The time that has passed since the first look at the clock.
///
/// Deadlines are kept on this line rather than as times of day. If they were
/// times of day, a clock that is set back by a day would keep keys fresh for a
/// day longer, and a cooldown of seconds would last a day.
#[derive(Debug, Default)]
pub(crate) struct Timeline {
    last: Option<SystemTime>,
    elapsed: Duration,
}

impl Timeline {
    /// Takes a look at the clock. True when it was set back: then an unknown
    /// time has passed since the last look.
    pub(crate) fn advance(&mut self, now: SystemTime) -> bool {
        let last = self.last.replace(now).unwrap_or(now);
        match now.duration_since(last) {
            Ok(passed) => {
                self.elapsed = self.elapsed.saturating_add(passed);
                false
            }
            Err(back) => back.duration() > MAX_CLOCK_TRIM,
        }
    }

    /// Where on the line the last look was.
    pub(crate) fn now(&self) -> Duration {
        self.elapsed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_step_back_is_noticed_and_does_not_count() {
        let mut line = Timeline::default();
        assert!(!line.advance(at(10_000)));
        assert!(!line.advance(at(10_010)));
        assert!(line.advance(at(500)));
        assert!(!line.advance(at(505)));
        assert_eq!(line.now(), Duration::from_secs(15));
    }

    #[test]
    fn a_trimmed_clock_is_no_step_back() {
        let mut line = Timeline::default();
        line.advance(at(10_000));
        assert!(!line.advance(at(9_998)));
        assert!(line.advance(at(9_995)));
    }
}
