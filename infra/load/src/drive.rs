use std::time::Duration;

use reqwest::Client;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    plan::Plan,
    tally::{Answer, Tally},
};

/// Longer than an HTTP API waits for a function (30 s).
const PATIENCE: Duration = Duration::from_secs(35);

/// How many are under way at most. A deployment that does not keep up is not piled on.
const MOST_AT_ONCE: usize = 500;

/// Sends what was planned, each at its time, until all are sent or too many have failed; then
/// waits for those that are under way.
pub async fn drive(plan: &Plan, client: &Client) -> Tally {
    let mut tally = Tally::new(plan.most_failures);
    let mut under_way = JoinSet::new();
    let started = Instant::now();
    for number in 0..plan.requests {
        let departure = started + plan.departure(number);
        while let Some(answer) = next_until(&mut under_way, departure).await {
            tally.count(answer);
        }
        if tally.was_stopped() {
            break;
        }
        if under_way.len() < MOST_AT_ONCE {
            under_way.spawn(ask(plan.clone(), client.clone()));
        } else {
            tally.count(Answer::Unsent);
        }
    }
    while let Some(answer) = under_way.join_next().await {
        tally.count(answer.unwrap_or(Answer::None));
    }
    tally
}

/// The next answer that comes before that moment; nothing when it has come.
async fn next_until(under_way: &mut JoinSet<Answer>, moment: Instant) -> Option<Answer> {
    let next = async {
        match under_way.join_next().await {
            // A request that panicked has no answer.
            Some(answer) => answer.unwrap_or(Answer::None),
            None => std::future::pending().await,
        }
    };
    tokio::time::timeout_at(moment, next).await.ok()
}

async fn ask(plan: Plan, client: Client) -> Answer {
    let mut request = client.get(plan.url).timeout(PATIENCE);
    if let Some(token) = plan.token {
        request = request.bearer_auth(token);
    }
    let started = Instant::now();
    let Ok(answer) = request.send().await else { return Answer::None };
    let status = answer.status().as_u16();
    // The whole answer counts: a function that fails on the way has failed.
    match answer.bytes().await {
        Ok(_) => Answer::Status(status, started.elapsed()),
        Err(_) => Answer::None,
    }
}
