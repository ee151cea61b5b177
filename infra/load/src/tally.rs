use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    time::Duration,
};

/// Over how many of the last answers the share of failures is taken.
const WINDOW: usize = 100;

/// Before so many, a single failure would be a large share.
const MIN_OUTCOMES: usize = 20;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// An answer of this status, after that time.
    Status(u16, Duration),
    /// None: no connection, or not in time.
    NoResponse,
    /// It was not sent: too many were under way.
    Unsent,
}

impl RequestOutcome {
    fn is_failure(self) -> bool {
        match self {
            Self::Status(status, _) => status >= 500 || status == 429,
            Self::NoResponse | Self::Unsent => true,
        }
    }
}

/// What came of a run so far.
#[derive(Debug)]
pub struct Tally {
    most_failures: u8,
    last: VecDeque<bool>,
    statuses: BTreeMap<u16, u64>,
    unanswered: u64,
    unsent: u64,
    latencies: Vec<Duration>,
    stopped: bool,
}

impl Tally {
    /// Nothing yet. It is stopped by more than that many failures in a hundred.
    pub fn new(most_failures: u8) -> Self {
        Self {
            most_failures,
            last: VecDeque::with_capacity(WINDOW),
            statuses: BTreeMap::new(),
            unanswered: 0,
            unsent: 0,
            latencies: Vec::new(),
            stopped: false,
        }
    }

    /// Counts an answer.
    pub fn count(&mut self, answer: RequestOutcome) {
        match answer {
            RequestOutcome::Status(status, latency) => {
                *self.statuses.entry(status).or_default() += 1;
                self.latencies.push(latency);
            }
            RequestOutcome::NoResponse => self.unanswered += 1,
            RequestOutcome::Unsent => self.unsent += 1,
        }
        if self.last.len() == WINDOW {
            self.last.pop_front();
        }
        self.last.push_back(answer.is_failure());
        let failures = self.last.iter().filter(|failure| **failure).count();
        let too_many = failures * 100 > usize::from(self.most_failures) * self.last.len();
        // What is stopped stays so: answers that were under way do not start it again.
        self.stopped |= self.last.len() >= MIN_OUTCOMES && too_many;
    }

    /// Whether too many failed.
    pub fn was_stopped(&self) -> bool {
        self.stopped
    }

    /// How many requests were answered or given up.
    pub fn sent(&self) -> u64 {
        self.statuses.values().sum::<u64>() + self.unanswered
    }

    /// In what time that many of a thousand were answered; nothing before the first answer.
    fn permille(sorted: &[Duration], permille: usize) -> Option<Duration> {
        let rank = (sorted.len() * permille).div_ceil(1000).max(1);
        sorted.get(rank - 1).copied()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sent", self.sent())?;
        for (status, count) in &self.statuses {
            write!(f, ", {count} × {status}")?;
        }
        for (count, what) in [(self.unanswered, "without an answer"), (self.unsent, "not sent")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        for (name, permille) in [("median", 500), ("p90", 900), ("p99", 990), ("most", 1000)] {
            if let Some(latency) = Self::permille(&sorted, permille) {
                write!(f, "\n{name:>6} {:8.1} ms", latency.as_secs_f64() * 1000.0)?;
            }
        }
        if self.stopped {
            write!(f, "\nstopped: more than {} % of the last failed", self.most_failures)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: RequestOutcome = RequestOutcome::Status(200, Duration::from_millis(10));

    fn after(most_failures: u8, answers: impl IntoIterator<Item = RequestOutcome>) -> Tally {
        let mut tally = Tally::new(most_failures);
        answers.into_iter().for_each(|answer| tally.count(answer));
        tally
    }

    fn many(answer: RequestOutcome, times: usize) -> impl Iterator<Item = RequestOutcome> {
        std::iter::repeat_n(answer, times)
    }

    #[test]
    fn it_is_stopped_by_more_failures_than_are_allowed_and_not_by_as_many() {
        for failure in [
            RequestOutcome::NoResponse,
            RequestOutcome::Unsent,
            RequestOutcome::Status(503, Duration::ZERO),
        ] {
            assert!(!after(5, many(OK, 95).chain(many(failure, 5))).was_stopped());
            assert!(after(5, many(OK, 95).chain(many(failure, 6))).was_stopped());
        }
        let throttled = RequestOutcome::Status(429, Duration::ZERO);
        assert!(after(5, many(throttled, 20)).was_stopped());
    }

    #[test]
    fn refusals_are_no_failures() {
        assert!(!after(0, many(RequestOutcome::Status(401, Duration::ZERO), 200)).was_stopped());
    }

    #[test]
    fn a_few_answers_stop_nothing_and_old_ones_are_forgotten() {
        assert!(!after(5, many(RequestOutcome::NoResponse, 19)).was_stopped());
        assert!(after(5, many(RequestOutcome::NoResponse, 20)).was_stopped());
        let long_ago = many(OK, 95).chain(many(RequestOutcome::NoResponse, 5)).chain(many(OK, 95));
        assert!(!after(5, long_ago.chain(many(RequestOutcome::NoResponse, 5))).was_stopped());
    }

    #[test]
    fn what_is_stopped_stays_so() {
        assert!(after(5, many(RequestOutcome::NoResponse, 20).chain(many(OK, 500))).was_stopped());
    }

    #[test]
    fn a_tally_says_what_came_and_in_what_time() {
        let timed = (1..=100).map(|n| RequestOutcome::Status(200, Duration::from_millis(n)));
        let tally = after(
            50,
            timed.chain([
                RequestOutcome::Status(503, Duration::from_secs(1)),
                RequestOutcome::NoResponse,
            ]),
        );
        assert_eq!(
            tally.to_string(),
            "102 sent, 100 × 200, 1 × 503, 1 without an answer\nmedian     51.0 ms\n   p90     91.0 ms\n   p99    100.0 ms\n  most   1000.0 ms"
        );
    }
}
