use std::time::Duration;

use session::Limits;

use crate::{
    sign_in::{open, signed_in},
    table::{Table, start},
};

const fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

/// The last second before a limit.
fn just_before(limit: Duration) -> Duration {
    limit.saturating_sub(Duration::from_secs(1))
}

#[tokio::test]
async fn a_session_is_over_after_sixty_minutes_without_use() {
    let (table, sessions, secret) = signed_in().await;
    table.clock.set(just_before(minutes(60)));
    assert!(sessions.read(&secret).await.unwrap().is_some());
    table.clock.set(minutes(60));
    assert!(sessions.read(&secret).await.unwrap().is_none());
    assert!(sessions.lease(&secret).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_in_use_is_over_after_twelve_hours_all_the_same() {
    let (table, sessions, secret) = signed_in().await;
    for half_hour in 1..24 {
        table.clock.set(minutes(30 * half_hour));
        let session = sessions.read(&secret).await.unwrap().unwrap();
        sessions.touch(&session).await.unwrap();
    }
    table.clock.set(just_before(minutes(12 * 60)));
    let session = sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(session.ends_at(), start() + minutes(12 * 60));
    sessions.touch(&session).await.unwrap();
    table.clock.set(minutes(12 * 60));
    assert!(sessions.read(&secret).await.unwrap().is_none());
}

#[tokio::test]
async fn a_limit_made_shorter_holds_for_sessions_of_before() {
    let table = Table::new().await;
    let secret = open(&table.sessions()).await;
    table.clock.set(minutes(10));
    for (idle, max, alive) in [(11, 60, true), (10, 60, false), (60, 60, true)] {
        let limits = Limits { idle: minutes(idle), max: minutes(max) };
        let session = table.with_limits(limits).read(&secret).await.unwrap();
        assert_eq!(session.is_some(), alive, "{limits:?}");
    }
    let limits = Limits { idle: minutes(60), max: minutes(10) };
    assert!(table.with_limits(limits).read(&secret).await.unwrap().is_none());
}

#[tokio::test]
async fn a_limit_made_longer_does_not_prolong_sessions_of_before() {
    let table = Table::new().await;
    let short = Limits { idle: minutes(60), max: minutes(10) };
    let secret = open(&table.with_limits(short)).await;
    table.clock.set(minutes(10));
    assert!(table.sessions().read(&secret).await.unwrap().is_none());
}

#[tokio::test]
async fn use_is_marked_every_five_minutes_at_most() {
    let (table, sessions, secret) = signed_in().await;
    for (at, seen) in [(just_before(minutes(5)), start()), (minutes(5), start() + minutes(5))] {
        table.clock.set(at);
        let session = sessions.read(&secret).await.unwrap().unwrap();
        sessions.touch(&session).await.unwrap();
        let session = sessions.read(&secret).await.unwrap().unwrap();
        assert_eq!(session.last_seen_at(), seen);
    }
}

#[tokio::test]
async fn use_is_marked_more_often_when_the_idle_limit_is_short() {
    let table = Table::new().await;
    let sessions = table.with_limits(Limits { idle: minutes(4), max: minutes(60) });
    let secret = open(&sessions).await;
    for minute in 1..10 {
        table.clock.set(minutes(minute));
        let session = sessions.read(&secret).await.unwrap().unwrap();
        sessions.touch(&session).await.unwrap();
    }
}
