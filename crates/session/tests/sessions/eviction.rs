//! More sessions than a list holds.

use std::time::Duration;

use session::{SessionSecret, Sessions};

use crate::{
    sign_in::{begun_after, lives, open, user},
    table::Table,
};

/// As many as there can be, a second apart.
async fn crowd(table: &Table, sessions: &Sessions) -> Vec<SessionSecret> {
    let mut secrets = Vec::new();
    for second in 0..100 {
        table.clock.set(Duration::from_secs(second));
        secrets.push(crate::sign_in::open_by(sessions, &begun_after(second)).await);
    }
    secrets
}

#[tokio::test]
async fn of_more_than_a_hundred_sessions_of_a_user_the_oldest_ends() {
    let (table, sessions) = Table::with_sessions().await;
    let secrets = crowd(&table, &sessions).await;
    assert_eq!(sessions.list(&user("ada")).await.unwrap().len(), 100);
    table.clock.set(Duration::from_secs(100));
    let newest = open(&sessions).await;
    assert!(!lives(&sessions, &secrets[0]).await);
    assert!(lives(&sessions, &secrets[1]).await);
    assert!(lives(&sessions, &newest).await);
    assert_eq!(sessions.list(&user("ada")).await.unwrap().len(), 100);
}

#[tokio::test]
async fn sessions_that_are_over_evict_before_one_that_lives_does() {
    let (table, sessions) = Table::with_sessions().await;
    let secrets = crowd(&table, &sessions).await;
    for ended in &secrets[40..] {
        sessions.end(ended).await.unwrap();
    }
    open(&sessions).await;
    assert!(lives(&sessions, &secrets[0]).await);
    for kind in ["user#", "sid#"] {
        let ids = table.list(kind).await["sessions"].as_ss().unwrap().len();
        assert_eq!(ids, 41, "{kind}");
    }
}
