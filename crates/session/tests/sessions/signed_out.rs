//! Sessions that are ended from elsewhere, and sign-ins that are under way at that moment.

use std::time::Duration;

use session::Updated;

use crate::{
    contents::renewed,
    sign_in::{
        begun_after, lives, of, open, open_by, provider_session, sign_in, signed_in, try_to_open,
        user,
    },
    table::{Table, start},
};

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test]
async fn a_user_s_sessions_are_ended_and_nobody_else_s() {
    let (_table, sessions) = Table::with_sessions().await;
    let (one, other) = (open(&sessions).await, open_by(&sessions, &of("ada", None)).await);
    let stranger = open_by(&sessions, &of("bob", Some("second"))).await;
    assert_eq!(sessions.end_user(&user("ada"), start()).await.unwrap(), 2);
    assert!(!lives(&sessions, &one).await);
    assert!(!lives(&sessions, &other).await);
    assert!(lives(&sessions, &stranger).await);
    assert_eq!(sessions.end_user(&user("ada"), start()).await.unwrap(), 0);
}

#[tokio::test]
async fn only_the_sessions_of_that_sid_are_ended() {
    let (_table, sessions) = Table::with_sessions().await;
    let here = open(&sessions).await;
    let elsewhere = open_by(&sessions, &of("ada", Some("second"))).await;
    let without = open_by(&sessions, &of("ada", None)).await;
    let first = provider_session("first");
    assert_eq!(
        sessions.end_provider_session(&first, session::BlockedSignIns::All).await.unwrap(),
        1
    );
    assert!(!lives(&sessions, &here).await);
    assert!(lives(&sessions, &elsewhere).await);
    assert!(lives(&sessions, &without).await);
}

#[tokio::test]
async fn a_sid_or_a_sub_of_another_issuer_ends_nothing() {
    let (_table, sessions, secret) = signed_in().await;
    let other = "https://other.example";
    let user = session::UserKey::new(other, "ada");
    assert_eq!(sessions.end_user(&user, start()).await.unwrap(), 0);
    let sid = session::ProviderSessionKey::new(other, "first");
    assert_eq!(sessions.end_provider_session(&sid, session::BlockedSignIns::All).await.unwrap(), 0);
    assert!(lives(&sessions, &secret).await);
}

#[tokio::test]
async fn a_sign_in_under_way_does_not_slip_past_a_logout_that_is_done_first() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    let before = start() + seconds(5);
    there.end_user(&user("ada"), before).await.unwrap();
    there
        .end_provider_session(&provider_session("second"), session::BlockedSignIns::All)
        .await
        .unwrap();
    table.clock.set(seconds(10));
    for began in [0, 4, 5] {
        assert!(try_to_open(&here, &begun_after(began)).await.is_none(), "begun after {began} s");
    }
    assert!(try_to_open(&here, &of("bob", Some("second"))).await.is_none());
    assert!(table.rows().await.is_empty());
}

/// The logout token was made before the session was, and arrives after.
#[tokio::test]
async fn a_sign_in_under_way_does_not_slip_past_a_logout_that_is_done_last() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    table.clock.set(seconds(10));
    let by_user = open_by(&here, &begun_after(5)).await;
    let by_sid = open_by(&here, &of("bob", Some("second"))).await;
    let before = start() + seconds(5);
    assert_eq!(there.end_user(&user("ada"), before).await.unwrap(), 1);
    let second = provider_session("second");
    assert_eq!(there.end_provider_session(&second, session::BlockedSignIns::All).await.unwrap(), 1);
    assert!(!lives(&here, &by_user).await);
    assert!(!lives(&here, &by_sid).await);
}

#[tokio::test]
async fn a_later_sign_in_of_the_user_lives_whichever_comes_first() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    let later =
        |sid| session::SignIn { provider_session: Some(provider_session(sid)), ..begun_after(6) };
    let first = open_by(&here, &later("second")).await;
    there.end_user(&user("ada"), start() + seconds(5)).await.unwrap();
    let second = open_by(&here, &later("third")).await;
    for secret in [first, second] {
        assert!(lives(&here, &secret).await);
    }
}

#[tokio::test]
async fn no_session_is_opened_from_a_provider_s_session_that_has_ended_however_late() {
    let (table, sessions) = Table::with_sessions().await;
    let first = provider_session("first");
    sessions.end_provider_session(&first, session::BlockedSignIns::All).await.unwrap();
    table.clock.set(seconds(600));
    assert!(try_to_open(&sessions, &begun_after(500)).await.is_none());
    open_by(&sessions, &of("ada", Some("second"))).await;
}

#[tokio::test]
async fn an_unsigned_logout_ends_sessions_and_blocks_only_sign_ins_begun_before_it() {
    let table = Table::new().await;
    let sessions = table.sessions();
    let first = provider_session("first");
    let secret = open(&sessions).await;
    let unsigned = session::BlockedSignIns::BegunBefore(start() + seconds(5));
    assert_eq!(sessions.end_provider_session(&first, unsigned).await.unwrap(), 1);
    assert!(!lives(&sessions, &secret).await);
    table.clock.set(seconds(10));
    assert!(try_to_open(&sessions, &begun_after(5)).await.is_none());
    let later = open_by(&sessions, &begun_after(6)).await;
    assert!(lives(&sessions, &later).await);
}

#[tokio::test]
async fn an_unsigned_logout_does_not_weaken_a_signed_one() {
    for signed_first in [true, false] {
        let table = Table::new().await;
        let sessions = table.sessions();
        let signed = session::BlockedSignIns::All;
        let unsigned = session::BlockedSignIns::BegunBefore(start());
        for blocked in if signed_first { [signed, unsigned] } else { [unsigned, signed] } {
            sessions.end_provider_session(&provider_session("first"), blocked).await.unwrap();
        }
        table.clock.set(seconds(600));
        assert!(try_to_open(&sessions, &begun_after(500)).await.is_none(), "{signed_first}");
    }
}

#[tokio::test]
async fn an_end_never_moves_back() {
    let (_table, sessions) = Table::with_sessions().await;
    let ada = user("ada");
    sessions.end_user(&ada, start() + seconds(50)).await.unwrap();
    let left_over = open_by(&sessions, &begun_after(60)).await;
    assert_eq!(sessions.end_user(&ada, start() + seconds(5)).await.unwrap(), 0);
    assert!(try_to_open(&sessions, &begun_after(50)).await.is_none());
    assert!(lives(&sessions, &left_over).await);
    // Nor does an earlier one that comes late miss what it is about.
    assert_eq!(sessions.end_user(&ada, start() + seconds(60)).await.unwrap(), 1);
}

/// The mark of the end may be there while the work was not done: its answer was a failure.
#[tokio::test]
async fn a_logout_that_failed_half_way_is_done_by_the_next_one() {
    let (table, sessions, secret) = signed_in().await;
    let mut list = table.list("user#").await;
    let ended = aws_sdk_dynamodb::types::AttributeValue::N("1800000100".to_owned());
    list.insert("ended_at".to_owned(), ended);
    table.overwrite(list).await;
    for before in [0, 100, 200] {
        let ended = sessions.end_user(&user("ada"), start() + seconds(before)).await.unwrap();
        assert_eq!(ended, usize::from(before == 0));
    }
    assert!(!lives(&sessions, &secret).await);
}

#[tokio::test]
async fn an_ended_session_stays_ended() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    let secret = here.create(&renewed("old"), &sign_in()).await.unwrap().secret().unwrap();
    let lease = here.lease(&secret).await.unwrap().unwrap();
    there.end_user(&user("ada"), start()).await.unwrap();
    let updated = here.update(&secret, lease.session(), &renewed("new")).await.unwrap();
    assert_eq!(updated, Updated::Superseded);
    table.clock.set(Duration::from_mins(30));
    here.touch(lease.session()).await.unwrap();
    here.release(&lease).await.unwrap();
    assert!(here.lease(&secret).await.unwrap().is_none());
    assert!(here.list(&user("ada")).await.unwrap().is_empty());
    assert!(table.rows().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sign_ins_and_a_logout_at_once_over_several_instances_no_sign_in_slips_past() {
    for by_sid in [false, true] {
        let table = Table::new().await;
        let instances: Vec<_> = (0..6).map(|_| table.sessions()).collect();
        let (end, sign_ins) = instances.split_last().unwrap();
        let (end, before) = (end.clone(), start() + seconds(5));
        let opened = sign_ins.iter().cloned().map(|instance| {
            tokio::spawn(async move { try_to_open(&instance, &begun_after(5)).await })
        });
        let opened: Vec<_> = opened.collect();
        let ended = tokio::spawn(async move {
            let first = provider_session("first");
            if by_sid {
                end.end_provider_session(&first, session::BlockedSignIns::All).await.unwrap()
            } else {
                end.end_user(&user("ada"), before).await.unwrap()
            }
        });
        let ended = ended.await.unwrap();
        let mut secrets = Vec::new();
        for opened in opened {
            secrets.extend(opened.await.unwrap());
        }
        assert_eq!(ended, secrets.len(), "whatever was opened was found, the rest was refused");
        for secret in secrets {
            assert!(!lives(&table.sessions(), &secret).await);
        }
        assert!(table.rows().await.is_empty());
    }
}

#[tokio::test]
async fn an_end_is_remembered_longer_than_a_sign_in_can_take_and_that_of_a_sid_not_much_longer() {
    let (table, sessions) = Table::with_sessions().await;
    sessions.end_user(&user("ada"), start()).await.unwrap();
    sessions
        .end_provider_session(&provider_session("made up"), session::BlockedSignIns::All)
        .await
        .unwrap();
    for kind in ["user#", "sid#"] {
        let expiry: u64 = table.list(kind).await["expires_at"].as_n().unwrap().parse().unwrap();
        assert!(expiry >= 1_800_000_000 + 2 * 15 * 60, "{kind} {expiry}");
        // Anybody can have it written, so it must not stay for as long as a session may.
        assert!(kind == "user#" || expiry <= 1_800_000_000 + 2 * 60 * 60, "{kind} {expiry}");
    }
}

#[tokio::test]
async fn a_list_outlives_the_sessions_in_it() {
    let table = Table::new().await;
    open(&table.sessions()).await;
    let expiry = |row: &std::collections::HashMap<_, aws_sdk_dynamodb::types::AttributeValue>| {
        row["expires_at"].as_n().unwrap().parse::<u64>().unwrap()
    };
    let session = expiry(&table.row().await);
    for kind in ["user#", "sid#"] {
        assert!(expiry(&table.list(kind).await) > session, "{kind}");
    }
}
