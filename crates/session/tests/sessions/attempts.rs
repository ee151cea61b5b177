use session::{Attempt, Consumed, ReturnTo, SystemRandom};

use crate::table::{Table, start};

fn attempt() -> Attempt {
    Attempt::begin(&SystemRandom, start(), ReturnTo::home(), None)
}

#[tokio::test]
async fn an_attempt_is_used_once() {
    let table = Table::new().await;
    let sessions = table.sessions();
    let attempt = attempt();
    assert_eq!(sessions.consume_attempt(attempt.state()).await.unwrap(), Consumed::Now);
    assert_eq!(sessions.consume_attempt(attempt.state()).await.unwrap(), Consumed::Before);
    let other = self::attempt();
    assert_eq!(sessions.consume_attempt(other.state()).await.unwrap(), Consumed::Now);
}

#[tokio::test]
async fn of_two_instances_with_the_same_attempt_one_goes_on() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    let attempt = attempt();
    let (one, other) =
        tokio::join!(here.consume_attempt(attempt.state()), there.consume_attempt(attempt.state()));
    assert_ne!(one.unwrap(), other.unwrap());
}

#[tokio::test]
async fn a_used_attempt_is_remembered_longer_than_it_could_live_and_then_cleaned_up() {
    let table = Table::new().await;
    let attempt = attempt();
    let _ = table.sessions().consume_attempt(attempt.state()).await.unwrap();
    let expiry: u64 = table.row().await["expires_at"].as_n().unwrap().parse().unwrap();
    assert_eq!(expiry, 1_800_000_000 + 2 * 15 * 60);
}

#[tokio::test]
async fn a_used_attempt_s_row_does_not_hold_its_state() {
    let table = Table::new().await;
    let attempt = attempt();
    let _ = table.sessions().consume_attempt(attempt.state()).await.unwrap();
    let row = format!("{:?}", table.row().await);
    assert!(!row.contains(attempt.state().as_str()));
}
