use std::time::Duration;

use session::Updated;

use crate::{
    contents::renewed,
    sign_in::{open, signed_in},
    table::Table,
};

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test]
async fn of_two_that_want_the_lease_at_once_one_wins() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    let secret = open(&here).await;
    let (one, other) = tokio::join!(here.lease(&secret), there.lease(&secret));
    assert_ne!(one.unwrap().is_some(), other.unwrap().is_some());
}

#[tokio::test]
async fn a_lease_that_was_given_back_can_be_taken_at_once() {
    let (_table, sessions, secret) = signed_in().await;
    let lease = sessions.lease(&secret).await.unwrap().unwrap();
    assert!(sessions.lease(&secret).await.unwrap().is_none());
    sessions.release(&lease).await.unwrap();
    assert!(sessions.lease(&secret).await.unwrap().is_some());
}

#[tokio::test]
async fn a_lease_whose_holder_never_comes_back_ends_by_itself() {
    let (table, sessions, secret) = signed_in().await;
    sessions.lease(&secret).await.unwrap().unwrap();
    table.clock.set(seconds(19));
    assert!(sessions.lease(&secret).await.unwrap().is_none());
    table.clock.set(seconds(20));
    assert!(sessions.lease(&secret).await.unwrap().is_some());
}

#[tokio::test]
async fn whoever_lost_the_lease_cannot_give_back_another_s() {
    let (table, sessions, secret) = signed_in().await;
    let late = sessions.lease(&secret).await.unwrap().unwrap();
    table.clock.set(seconds(30));
    sessions.lease(&secret).await.unwrap().unwrap();
    sessions.release(&late).await.unwrap();
    assert!(sessions.lease(&secret).await.unwrap().is_none());
}

#[tokio::test]
async fn the_winner_of_a_lease_sees_what_the_one_before_stored() {
    let (_table, sessions, secret) = signed_in().await;
    let _read_before = sessions.read(&secret).await.unwrap().unwrap();
    let first = sessions.lease(&secret).await.unwrap().unwrap();
    let updated = sessions.update(&secret, first.session(), &renewed("new")).await.unwrap();
    assert_eq!(updated, Updated::Done);
    let second = sessions.lease(&secret).await.unwrap().expect("an update ends the lease");
    assert_eq!(second.session().contents(), &renewed("new"));
    assert_eq!(second.session().version(), first.session().version() + 1);
}

#[tokio::test]
async fn a_refresh_counts_as_use_and_keeps_the_absolute_end() {
    let (table, sessions, secret) = signed_in().await;
    let end = table.row().await["expires_at"].clone();
    table.clock.set(Duration::from_mins(59));
    let lease = sessions.lease(&secret).await.unwrap().unwrap();
    assert_eq!(
        sessions.update(&secret, lease.session(), &renewed("new")).await.unwrap(),
        Updated::Done
    );
    table.clock.set(Duration::from_mins(118));
    assert!(sessions.read(&secret).await.unwrap().is_some());
    assert_eq!(table.row().await["expires_at"], end);
}

#[tokio::test]
async fn a_mark_of_use_does_not_disturb_a_refresh_under_way() {
    let (table, sessions, secret) = signed_in().await;
    table.clock.set(Duration::from_mins(10));
    let session = sessions.read(&secret).await.unwrap().unwrap();
    let lease = sessions.lease(&secret).await.unwrap().unwrap();
    sessions.touch(&session).await.unwrap();
    let updated = sessions.update(&secret, lease.session(), &renewed("new")).await.unwrap();
    assert_eq!(updated, Updated::Done);
}
