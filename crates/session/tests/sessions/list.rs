use std::time::Duration;

use session::{Device, Limits, SessionSecret, SystemRandom};

use crate::{
    sign_in::{begun_after, lives, of, open, open_by, sign_in, user},
    table::{Table, start},
};

#[tokio::test]
async fn a_user_s_sessions_are_listed_with_device_and_times_the_newest_first() {
    let (table, sessions) = Table::with_sessions().await;
    let first = open(&sessions).await;
    table.clock.set(Duration::from_mins(10));
    let second = open_by(&sessions, &begun_after(590)).await;
    let session = sessions.read(&first).await.unwrap().unwrap();
    sessions.touch(&session).await.unwrap();
    let listed = sessions.list(&user("ada")).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|listed| listed.id.clone()).collect();
    assert_eq!(ids, [second.id(), first.id()]);
    assert_eq!(listed[1].created_at, start());
    assert_eq!(listed[1].last_seen_at, start() + Duration::from_mins(10));
    assert_eq!(listed[1].ends_at, start() + Duration::from_mins(70));
    assert_eq!(listed[1].device, sign_in().device);
    assert_eq!(listed[1].device.browser(), Some("Firefox"));
}

#[tokio::test]
async fn a_user_sees_no_session_of_another_user_or_of_the_same_name_elsewhere() {
    let (_table, sessions) = Table::with_sessions().await;
    open(&sessions).await;
    assert!(sessions.list(&user("bob")).await.unwrap().is_empty());
    let elsewhere = session::UserKey::new("https://other.example", "ada");
    assert!(sessions.list(&elsewhere).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_session_that_is_over_or_ended_is_listed_no_more_and_leaves_the_list() {
    let table = Table::new().await;
    let sessions =
        table.with_limits(Limits { idle: Duration::from_mins(30), max: Duration::from_hours(2) });
    let (ended, cleaned_up, idle) =
        (open(&sessions).await, open(&sessions).await, open(&sessions).await);
    table.clock.set(Duration::from_mins(20));
    let alive = open(&sessions).await;
    sessions.end(&ended).await.unwrap();
    table.delete(cleaned_up.id().as_str()).await;
    table.clock.set(Duration::from_mins(30));
    assert!(!lives(&sessions, &idle).await);
    for _ in 0..2 {
        let listed = sessions.list(&user("ada")).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].id, alive.id());
        let ids = table.list("user#").await["sessions"].as_ss().unwrap().clone();
        assert_eq!(ids, [alive.id().as_str()]);
    }
}

#[tokio::test]
async fn a_user_ends_their_own_session_by_its_name_once() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    let (one, other) = (open(&here).await, open(&there).await);
    let ada = user("ada");
    assert!(here.end_listed(&ada, &other.id()).await.unwrap());
    assert!(!lives(&there, &other).await);
    assert!(lives(&here, &one).await);
    assert!(!here.end_listed(&ada, &other.id()).await.unwrap(), "it is not there any more");
    assert_eq!(there.list(&ada).await.unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_ends_a_session_of_somebody_else_by_its_name() {
    let (_table, sessions) = Table::with_sessions().await;
    let secret = open_by(&sessions, &of("ada", None)).await;
    assert!(!sessions.end_listed(&user("bob"), &secret.id()).await.unwrap());
    let unknown = SessionSecret::generate(&SystemRandom).id();
    assert!(!sessions.end_listed(&user("ada"), &unknown).await.unwrap());
    assert!(lives(&sessions, &secret).await);
}

#[tokio::test]
async fn a_device_that_does_not_open_is_unknown_and_its_session_can_still_be_ended() {
    let (table, sessions) = Table::with_sessions().await;
    let (one, other) = (open(&sessions).await, open(&sessions).await);
    let mut rows = table.rows().await;
    let device = rows[0]["device"].clone();
    rows[1].insert("device".to_owned(), device);
    table.overwrite(rows.remove(1)).await;
    let listed = sessions.list(&user("ada")).await.unwrap();
    let unknown = listed.iter().filter(|listed| listed.device == Device::default()).count();
    assert_eq!((listed.len(), unknown), (2, 1), "a device is bound to its row");
    for secret in [one, other] {
        assert!(sessions.end_listed(&user("ada"), &secret.id()).await.unwrap());
    }
}
