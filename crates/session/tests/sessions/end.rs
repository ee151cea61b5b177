use std::time::Duration;

use session::{SessionSecret, SystemRandom, Updated};

use crate::{
    contents::{contents, renewed},
    sign_in::{open, signed_in},
    table::Table,
};

#[tokio::test]
async fn a_session_ends_once_and_ending_it_again_is_no_error() {
    let (table, sessions, secret) = signed_in().await;
    assert_eq!(sessions.end(&secret).await.unwrap(), Some(contents()));
    assert_eq!(sessions.end(&secret).await.unwrap(), None);
    assert!(sessions.read(&secret).await.unwrap().is_none());
    assert!(table.rows().await.is_empty());
}

#[tokio::test]
async fn a_session_that_is_over_still_gives_what_it_held_when_it_is_ended() {
    let (table, sessions, secret) = signed_in().await;
    table.clock.set(Duration::from_hours(24));
    assert_eq!(sessions.end(&secret).await.unwrap(), Some(contents()));
}

#[tokio::test]
async fn ending_one_session_leaves_the_others() {
    let (_table, sessions) = Table::with_sessions().await;
    let one = open(&sessions).await;
    let other = open(&sessions).await;
    sessions.end(&one).await.unwrap();
    assert!(sessions.read(&other).await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_that_was_ended_during_an_update_stays_ended() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    let secret = open(&here).await;
    let lease = here.lease(&secret).await.unwrap().unwrap();
    there.end(&secret).await.unwrap();
    let updated = here.update(&secret, lease.session(), &renewed("new")).await.unwrap();
    assert_eq!(updated, Updated::Superseded);
    here.release(&lease).await.unwrap();
    assert!(table.rows().await.is_empty());
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_brought_back_by_a_mark_or_a_lease() {
    let (table, sessions, secret) = signed_in().await;
    let session = sessions.read(&secret).await.unwrap().unwrap();
    sessions.end(&secret).await.unwrap();
    table.clock.set(Duration::from_mins(30));
    sessions.touch(&session).await.unwrap();
    assert!(sessions.lease(&secret).await.unwrap().is_none());
    assert!(table.rows().await.is_empty());
}

#[tokio::test]
async fn a_session_is_ended_conditionally_only_in_the_version_that_was_read() {
    let (table, sessions, secret) = signed_in().await;
    let old = sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(sessions.update(&secret, &old, &renewed("new")).await.unwrap(), Updated::Done);
    assert!(!sessions.end_unchanged(&old).await.unwrap());
    let new = sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(new.contents(), &renewed("new"));
    assert!(sessions.end_unchanged(&new).await.unwrap());
    assert!(sessions.end_unchanged(&new).await.unwrap(), "it is over, and that was wanted");
    assert!(table.rows().await.is_empty());
}

#[tokio::test]
async fn an_update_from_an_older_version_changes_nothing() {
    let (_table, sessions, secret) = signed_in().await;
    let old = sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(sessions.update(&secret, &old, &renewed("first")).await.unwrap(), Updated::Done);
    let second = sessions.update(&secret, &old, &renewed("second")).await.unwrap();
    assert_eq!(second, Updated::Superseded);
    let session = sessions.read(&secret).await.unwrap().unwrap();
    assert_eq!(session.contents(), &renewed("first"));
}

#[tokio::test]
async fn a_secret_that_was_never_given_out_has_no_session() {
    let (table, sessions) = Table::with_sessions().await;
    let secret = SessionSecret::generate(&SystemRandom);
    assert!(sessions.read(&secret).await.unwrap().is_none());
    assert!(sessions.end(&secret).await.unwrap().is_none());
    assert!(table.rows().await.is_empty());
}
