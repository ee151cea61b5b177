//! Several refreshes of one session at once.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::Router;
use http::{StatusCode, header, request::Builder};
use session::{Random, SessionContents, SessionSecret, Sessions, SystemRandom};
use test_support::{Endpoint, Gate, MockResponse};
use tokio::task::JoinHandle;
use web::RefreshTimeout;

use crate::harness::{GOOD_FOR, TestResponse, Web, assert_unavailable, cookie, own_post, send};

const SHORT_TIMEOUT: RefreshTimeout = RefreshTimeout {
    poll_interval: Duration::from_millis(1),
    polls_while_valid: 1,
    polls_when_expired: 1,
};

fn refresh(secret: &SessionSecret) -> Builder {
    own_post("/session/refresh").header(header::COOKIE, cookie(secret))
}

/// A refresh in an instance of its own, under way.
fn begin(app: Router, secret: &SessionSecret) -> JoinHandle<TestResponse> {
    let request = refresh(secret);
    tokio::spawn(async move { send(&app, request).await })
}

/// A refresh whose request the provider has got and holds its answer to back.
pub(crate) async fn held<T>(
    web: &Web,
    begin: impl FnOnce() -> JoinHandle<T>,
) -> (Gate, JoinHandle<T>) {
    held_with(web, web.provider.tokens().answer(), begin).await
}

async fn held_with<T>(
    web: &Web,
    answer: MockResponse,
    begin: impl FnOnce() -> JoinHandle<T>,
) -> (Gate, JoinHandle<T>) {
    let gate = Gate::closed();
    web.provider.next(Endpoint::Token, answer.held_by(&gate));
    let refresh = begin();
    while web.refreshes() == 0 {
        tokio::task::yield_now().await;
    }
    (gate, refresh)
}

#[tokio::test]
async fn ten_refreshes_over_three_instances_make_one_request_and_all_go_on() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    let instances = [web.instance(), web.instance(), web.instance()];
    let all: Vec<_> = (0..10).map(|caller| begin(instances[caller % 3].clone(), &secret)).collect();
    for one in all {
        assert_eq!(one.await.unwrap().status, StatusCode::NO_CONTENT);
    }
    assert_eq!(web.refreshes(), 1);
}

#[tokio::test]
async fn whoever_waits_in_vain_is_told_to_come_back() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    let (gate, first) = held(&web, || begin(web.instance(), &secret)).await;
    let second = send(&web.instance_with_timeout(SHORT_TIMEOUT), refresh(&secret)).await;
    assert_unavailable(&second);
    gate.open();
    assert_eq!(first.await.unwrap().status, StatusCode::NO_CONTENT);
    assert_eq!(web.refreshes(), 1);
}

#[tokio::test]
async fn whoever_waits_in_vain_goes_on_with_an_old_token_that_is_good() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR / 2).await;
    let (gate, first) = held(&web, || begin(web.instance(), &secret)).await;
    let second = send(&web.instance_with_timeout(SHORT_TIMEOUT), refresh(&secret)).await;
    assert_eq!(second.status, StatusCode::NO_CONTENT);
    gate.open();
    assert_eq!(first.await.unwrap().status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_session_that_is_signed_out_during_a_refresh_stays_ended() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    let (gate, refresh) = held(&web, || begin(web.instance(), &secret)).await;
    assert_eq!(web.post_as("/signout", &secret).await.status, StatusCode::SEE_OTHER);
    gate.open();
    let answer = refresh.await.unwrap();
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.cleared_cookies(), ["__Host-session"]);
    assert_eq!(web.contents(&secret).await, None);
    let revoked = web.provider.received(Endpoint::Revocation);
    assert_eq!(revoked.len(), 2, "the token of before, and the one that came too late");
    assert_ne!(revoked[0].form()["token"], revoked[1].form()["token"]);
}

#[tokio::test]
async fn a_refused_grant_ends_nothing_when_somebody_renewed_the_session_meanwhile() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    let refused = MockResponse::error("invalid_grant");
    let (gate, refresh) = held_with(&web, refused, || begin(web.instance(), &secret)).await;
    let session = web.sessions.read(&secret).await.unwrap().unwrap();
    let renewed = session.contents().clone();
    let _ = web.sessions.update(&secret, &session, &renewed).await.unwrap();
    gate.open();
    assert_eq!(refresh.await.unwrap().status, StatusCode::NO_CONTENT);
    assert_eq!(web.contents(&secret).await, Some(renewed));
}

#[tokio::test]
async fn an_instance_that_dies_with_the_lease_blocks_nobody_for_long() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    web.sessions.lease(&secret).await.unwrap().unwrap();
    let instance = web.instance_with_timeout(SHORT_TIMEOUT);
    let answer = send(&instance, refresh(&secret)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    web.clock.advance(Duration::from_secs(20));
    let answer = send(&instance, refresh(&secret)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}

/// Random bytes are first drawn between the look at the session and the lease. At that moment
/// somebody else is done with renewing it.
struct RenewedInBetween {
    sessions: Sessions,
    secret: SessionSecret,
    done: AtomicBool,
}

impl Random for RenewedInBetween {
    fn fill(&self, bytes: &mut [u8]) {
        SystemRandom.fill(bytes);
        if self.done.swap(true, Ordering::Relaxed) {
            return;
        }
        let renew = async {
            let session = self.sessions.read(&self.secret).await.unwrap().unwrap();
            let renewed =
                SessionContents { access_token: "renewed".into(), ..session.contents().clone() };
            self.sessions.update(&self.secret, &session, &renewed).await.unwrap()
        };
        let runtime = tokio::runtime::Handle::current();
        let _ = tokio::task::block_in_place(|| runtime.block_on(renew));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wins_the_lease_after_somebody_else_is_done_does_not_refresh_again() {
    let (web, secret) = Web::signed_in_ago(GOOD_FOR).await;
    let (sessions, done) = (web.sessions.clone(), AtomicBool::new(false));
    let random = RenewedInBetween { sessions, secret: secret.clone(), done };
    let answer = send(&web.instance_with_random(random), refresh(&secret)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(web.refreshes(), 0);
    assert!(web.sessions.lease(&secret).await.unwrap().is_some(), "the lease was given back");
}
