//! One instance that is frozen between events, while its connections end.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{
    backend::{Backend, ready},
    process,
};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many requests the instance gets
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(4..))]
    requests: u32,
    /// Requests from one freeze to the next
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// Halfway between two freezes, also end DynamoDB's connection just as a request comes on it.
    /// Each costs the pause that the AWS SDK makes before it tries again
    #[arg(long)]
    under_requests: bool,
}

/// What is done to the instance before a request.
#[derive(Debug, Default, PartialEq)]
struct FreezeCase {
    freeze: bool,
    rotate: bool,
    close_at_request: bool,
}

impl Arguments {
    fn before(&self, request: u32) -> FreezeCase {
        let since_freeze = request % self.every;
        FreezeCase {
            freeze: request > 0 && since_freeze == 0,
            rotate: request == self.requests / 2,
            // Between two freezes: the connection is one that is in use.
            close_at_request: self.under_requests && since_freeze == self.every / 2,
        }
    }
}

pub(crate) async fn run(functions: &Path, arguments: &Arguments) -> Result<()> {
    let backend = Backend::start(true).await?;
    let mut function = backend.function(functions, "todos", false).await?;
    let pid = function.pid().context("it has ended")?;
    let mut request = backend.request("todos");
    let (mut freezes, mut errors) = (0, 0);
    let mut slowest = Duration::ZERO;
    ready(&function).await?;
    for number in 0..arguments.requests {
        let hardship = arguments.before(number);
        if hardship.rotate {
            backend.rotate_keys()?;
            request = backend.request("todos");
        }
        if hardship.freeze {
            process::stop(pid)?;
            for front in &backend.fronts {
                front.close_all().await;
            }
            process::go_on(pid)?;
            freezes += 1;
        }
        if hardship.close_at_request {
            backend.dynamodb_front()?.close_at_request();
        }
        let asked = Instant::now();
        let outcome = function.invoke(request.clone()).await;
        slowest = slowest.max(asked.elapsed());
        let wrong = match outcome {
            Ok(answer) if answer.status == 200 => None,
            Ok(answer) => Some(format!("{} {}", answer.status, answer.text())),
            Err(error) => Some(format!("{error:#}")),
        };
        if let Some(wrong) = wrong {
            // The first few are enough to look for the cause.
            if errors < 5 {
                eprintln!("bench: request {number} ({hardship:?}): {wrong}");
            }
            errors += 1;
        }
        ensure!(function.lives(), "todos has ended at request {number}");
        ready(&function).await?;
    }
    let closed: usize = backend.fronts.iter().map(crate::tls::Front::closed).sum();
    println!(
        "{} requests over TLS, {freezes} freezes, {closed} connections closed, one rotation of \
         the keys",
        arguments.requests
    );
    println!("errors that the client saw: {errors} (target: none)");
    println!("slowest answer: {} ms", slowest.as_millis());
    let fetched = (backend.documents.metadata(), backend.documents.keys());
    println!("documents of the provider: metadata {}, keys {}", fetched.0, fetched.1);
    ensure!(errors == 0, "{errors} of {} requests failed", arguments.requests);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(under_requests: bool) -> Arguments {
        Arguments { requests: 100, every: 10, under_requests }
    }

    #[test]
    fn a_freeze_comes_between_requests_and_not_before_the_first() {
        let freezes: Vec<_> =
            (0..100).filter(|number| arguments(false).before(*number).freeze).collect();
        assert_eq!(freezes, [10, 20, 30, 40, 50, 60, 70, 80, 90]);
    }

    #[test]
    fn the_keys_are_rotated_once_and_in_the_middle() {
        let rotations: Vec<_> =
            (0..100).filter(|number| arguments(false).before(*number).rotate).collect();
        assert_eq!(rotations, [50]);
    }

    #[test]
    fn connections_end_under_requests_only_when_asked_and_away_from_freezes() {
        assert!((0..100).all(|number| !arguments(false).before(number).close_at_request));
        let ended: Vec<_> =
            (0..20).filter(|number| arguments(true).before(*number).close_at_request).collect();
        assert_eq!(ended, [5, 15]);
    }
}
