use std::time::Duration;

use reqwest::Client;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    plan::Plan,
    tally::{RequestOutcome, Tally},
};

/// Longer than an HTTP API waits for a function (30 s).
const REQUEST_TIMEOUT: Duration = Duration::from_secs(35);

/// How many are under way at most. A deployment that does not keep up is not piled on.
const MAX_CONCURRENT: usize = 500;

/// Sends what was planned, each at its time, until all are sent or too many have failed; then
/// waits for those that are under way.
pub async fn drive(plan: &Plan, client: &Client) -> Tally {
    let mut tally = Tally::new(plan.most_failures);
    let mut in_flight = JoinSet::new();
    let started = Instant::now();
    for number in 0..plan.requests {
        let send_time = started + plan.send_time(number);
        while let Some(answer) = next_until(&mut in_flight, send_time).await {
            tally.count(answer);
        }
        if tally.was_stopped() {
            break;
        }
        if in_flight.len() < MAX_CONCURRENT {
            in_flight.spawn(send(plan.clone(), client.clone()));
        } else {
            tally.count(RequestOutcome::Unsent);
        }
    }
    while let Some(answer) = in_flight.join_next().await {
        tally.count(answer.unwrap_or(RequestOutcome::NoResponse));
    }
    tally
}

/// The next answer that comes before that moment; nothing when it has come.
async fn next_until(
    in_flight: &mut JoinSet<RequestOutcome>,
    moment: Instant,
) -> Option<RequestOutcome> {
    let next = async {
        match in_flight.join_next().await {
            // A request that panicked has no answer.
            Some(answer) => answer.unwrap_or(RequestOutcome::NoResponse),
            None => std::future::pending().await,
        }
    };
    tokio::time::timeout_at(moment, next).await.ok()
}

async fn send(plan: Plan, client: Client) -> RequestOutcome {
    let mut request = client.get(plan.url).timeout(REQUEST_TIMEOUT);
    if let Some(token) = plan.token {
        request = request.bearer_auth(token);
    }
    let started = Instant::now();
    let Ok(answer) = request.send().await else { return RequestOutcome::NoResponse };
    let status = answer.status().as_u16();
    // The whole answer counts: a function that fails on the way has failed.
    match answer.bytes().await {
        Ok(_) => RequestOutcome::Status(status, started.elapsed()),
        Err(_) => RequestOutcome::NoResponse,
    }
}
