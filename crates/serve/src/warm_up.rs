use std::{fmt::Display, future::Future, time::Duration};

use crate::StartError;

/// Loads during startup what the first request will need, one call of [`part`](Self::part) for
/// each; join them with `tokio::try_join!`, so that they run side by side.
///
/// Each part has the whole time limit for itself. A part that fails for now, or is too slow, is
/// logged once (`warm_up_failed`, `warm_up_slow`) and does not fail startup. A permanent error
/// fails startup as soon as it is known, even while another part hangs.
#[derive(Debug, Clone, Copy)]
pub struct WarmUp {
    limit: Duration,
}

impl WarmUp {
    /// With this time limit for each part: `Timeouts::warm_up` of `outbound`.
    pub const fn new(limit: Duration) -> Self {
        Self { limit }
    }

    /// Loads one part. `is_permanent` tells the errors that only another setting or secret can
    /// remove from those that pass.
    ///
    /// # Errors
    /// When the part fails permanently.
    pub async fn part<E: Display>(
        self,
        part: &'static str,
        load: impl Future<Output = Result<(), E>>,
        is_permanent: impl FnOnce(&E) -> bool,
    ) -> Result<(), StartError> {
        match tokio::time::timeout(self.limit, load).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if is_permanent(&error) => {
                return Err(StartError::Dependency(error.to_string()));
            }
            Ok(Err(error)) => {
                tracing::warn!(code = "warm_up_failed", part, %error, "starting without it");
            }
            Err(_) => {
                let milliseconds = u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(code = "warm_up_slow", part, milliseconds, "starting without it");
            }
        }
        Ok(())
    }

    /// The same for a part whose every error passes.
    ///
    /// # Errors
    /// Never; it returns what `tokio::try_join!` takes.
    pub async fn optional<E: Display>(
        self,
        part: &'static str,
        load: impl Future<Output = Result<(), E>>,
    ) -> Result<(), StartError> {
        self.part(part, load, |_| false).await
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        sync::{Arc, Mutex},
    };

    use tokio::time::Instant;
    use tracing::{Level, subscriber::DefaultGuard};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(2);

    /// Keeps what this thread logs while the guard lives.
    fn captured() -> (Arc<Mutex<Vec<u8>>>, DefaultGuard) {
        struct Writer(Arc<Mutex<Vec<u8>>>);
        impl std::io::Write for Writer {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let log = Arc::new(Mutex::new(Vec::new()));
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(move || Writer(writer.clone()))
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn lines(log: &Mutex<Vec<u8>>) -> Vec<String> {
        String::from_utf8(log.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn parts_run_side_by_side_and_each_has_the_whole_limit() {
        let (log, _guard) = captured();
        let (started, warm_up) = (Instant::now(), WarmUp::new(LIMIT));
        let soon = async {
            tokio::time::sleep(LIMIT.saturating_sub(Duration::from_millis(1))).await;
            Ok::<_, &str>(())
        };
        let hanging = pending::<Result<(), &str>>;
        tokio::try_join!(
            warm_up.optional("keys", hanging()),
            warm_up.optional("table", hanging()),
            warm_up.optional("soon", soon),
        )
        .unwrap();
        assert_eq!(started.elapsed(), LIMIT);
        let lines = lines(&log);
        assert_eq!(lines.len(), 2, "{lines:?}");
        for part in ["keys", "table"] {
            let is_slow = |line: &String| line.contains("warm_up_slow") && line.contains(part);
            assert!(lines.iter().any(is_slow), "{part}: {lines:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_permanent_error_fails_startup_at_once_although_another_part_hangs() {
        let (started, warm_up) = (Instant::now(), WarmUp::new(LIMIT));
        let joined = tokio::try_join!(
            warm_up.optional("keys", pending::<Result<(), &str>>()),
            warm_up.part("credential", ready(Err("no key")), |error| *error == "no key"),
        );
        assert_eq!(joined.unwrap_err().to_string(), "no key");
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_temporary_error_is_one_line_and_startup_goes_on() {
        let (log, _guard) = captured();
        let part = WarmUp::new(LIMIT).part("credential", ready(Err("throttled")), |_| false);
        assert!(part.await.is_ok());
        let lines = lines(&log);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("warm_up_failed") && lines[0].contains("throttled"), "{lines:?}");
    }
}
