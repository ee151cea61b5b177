use std::time::Duration;

use super::failure::Failure;

/// Two minutes in all: replication takes seconds, throttling of a directory at most a minute or two.
const SECONDS: [u64; 8] = [1, 2, 4, 8, 15, 30, 30, 30];

/// A server that cannot be reached at all is rather a cable that is not plugged in.
const SILENCES: usize = 3;

/// Longer than anybody waits before a terminal.
const LONGEST: Duration = Duration::from_mins(5);

/// How long to wait before each further attempt.
#[derive(Debug, Default)]
pub(super) struct Waits {
    taken: usize,
}

impl Waits {
    /// The next wait: what the server asks for, or else ours; `None` when it is enough.
    pub(super) fn next(&mut self, failure: &Failure) -> Option<Duration> {
        let most = if failure.is_silence() { SILENCES } else { SECONDS.len() };
        self.wait(most, failure.retry_after())
    }

    fn wait(&mut self, most: usize, asked: Option<Duration>) -> Option<Duration> {
        let ours = Duration::from_secs(*SECONDS[..most].get(self.taken)?);
        self.taken += 1;
        Some(asked.unwrap_or(ours)).filter(|wait| *wait <= LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_and_has_an_end() {
        let mut waits = Waits::default();
        let taken: Vec<_> = std::iter::from_fn(|| waits.wait(SECONDS.len(), None)).collect();
        assert!(taken.is_sorted());
        assert_eq!(taken.iter().sum::<Duration>(), Duration::from_mins(2));
    }

    #[test]
    fn what_the_server_asks_for_counts_within_reason() {
        let asked = |seconds| Waits::default().wait(1, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(0), Some(Duration::ZERO));
        assert_eq!(asked(300), Some(LONGEST));
        assert_eq!(asked(301), None);
    }
}
