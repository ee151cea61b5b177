//! Several refreshes of one session at once.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use axum::Router;
use http::{StatusCode, header, request::Builder};
use session::{Random, SessionSecret, Sessions, SystemRandom};
use test_support::{Endpoint, Gate, MockResponse};
use web::RefreshTimeout;

use crate::harness::{GOOD_FOR, TestResponse, Web, cookie, own_post, send};

const SHORT_TIMEOUT: RefreshTimeout = RefreshTimeout {
    poll_interval: Duration::from_millis(1),
    polls_while_valid: 1,
    polls_when_expired: 1,
};

fn refresh(secret: &SessionSecret) -> Builder {
    own_post("/session/refresh").header(header::COOKIE, cookie(secret))
}

/// A refresh in an instance of its own, under way.
fn begin(app: Router, secret: &SessionSecret) -> tokio::task::JoinHandle<TestResponse> {
    let request = refresh(secret);
    tokio::spawn(async move { send(&app, request).await })
}

/// The requests for another access token that the provider has got, once there are so many.
pub(crate) async fn arrived(web: &Web, count: usize) {
    loop {
        let received = web.provider.received(Endpoint::Token);
        let refreshes = received.iter().filter(|it| it.form()["grant_type"] == "refresh_token");
        if refreshes.count() >= count {
            return;
        }
        tokio::task::yield_now().await;
    }
}

pub(crate) fn asked(web: &Web) -> usize {
    let received = web.provider.received(Endpoint::Token);
    received.iter().filter(|it| it.form()["grant_type"] == "refresh_token").count()
}

/// A provider that holds its next answer back.
pub(crate) fn held(web: &Web) -> Gate {
    let gate = Gate::closed();
    web.provider.next(Endpoint::Token, web.provider.tokens().answer().held_by(&gate));
    gate
}

#[tokio::test]
async fn ten_refreshes_over_three_instances_make_one_request_and_all_go_on() {
    let web = Web::new().await;
    let secret = web.sign_in().await;
    web.clock.advance(GOOD_FOR);
    let instances = [web.instance(), web.instance(), web.instance()];
    let all: Vec<_> = (0..10).map(|caller| begin(instances[caller % 3].clone(), &secret)).collect();
    for one in all {
        assert_eq!(one.await.unwrap().status, StatusCode::NO_CONTENT);
    }
    assert_eq!(asked(&web), 1);
}

#[tokio::test]
async fn whoever_waits_in_vain_is_told_to_come_back() {
    let web = Web::new().await;
    let secret = web.sign_in().await;
    web.clock.advance(GOOD_FOR);
    let gate = held(&web);
    let first = begin(web.instance(), &secret);
    arrived(&web, 1).await;
    let second = send(&web.instance_with_timeout(SHORT_TIMEOUT), refresh(&secret)).await;
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(second.header("retry-after").is_some());
    assert!(second.cleared_cookies().is_empty());
    gate.open();
    assert_eq!(first.await.unwrap().status, StatusCode::NO_CONTENT);
    assert_eq!(asked(&web), 1);
}

#[tokio::test]
async fn whoever_waits_in_vain_goes_on_with_an_old_token_that_is_good() {
    let web = Web::new().await;
    let secret = web.sign_in().await;
    web.clock.advance(GOOD_FOR / 2);
    let gate = held(&web);
    let first = begin(web.instance(), &secret);
    arrived(&web, 1).await;
    let second = send(&web.instance_with_timeout(SHORT_TIMEOUT), refresh(&secret)).await;
    assert_eq!(second.status, StatusCode::NO_CONTENT);
    gate.open();
    assert_eq!(first.await.unwrap().status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_session_that_is_signed_out_during_a_refresh_stays_ended() {
    let web = Web::new().await;
    let secret = web.sign_in().await;
    web.clock.advance(GOOD_FOR);
    let gate = held(&web);
    let refresh = begin(web.instance(), &secret);
    arrived(&web, 1).await;
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
    let web = Web::new().await;
    let secret = web.sign_in().await;
    web.clock.advance(GOOD_FOR);
    let gate = Gate::closed();
    web.provider.next(Endpoint::Token, MockResponse::error("invalid_grant").held_by(&gate));
    let refresh = begin(web.instance(), &secret);
    arrived(&web, 1).await;
    let session = web.sessions.read(&secret).await.unwrap().unwrap();
    let renewed = session.contents().clone();
    let _ = web.sessions.update(&secret, &session, &renewed).await.unwrap();
    gate.open();
    assert_eq!(refresh.await.unwrap().status, StatusCode::NO_CONTENT);
    assert_eq!(web.contents(&secret).await, Some(renewed));
}

#[tokio::test]
async fn an_instance_that_dies_with_the_lease_blocks_nobody_for_long() {
    let web = Web::new().await;
    let secret = web.sign_in().await;
    web.clock.advance(GOOD_FOR);
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
            self.sessions.update(&self.secret, &session, session.contents()).await.unwrap()
        };
        let runtime = tokio::runtime::Handle::current();
        let _ = tokio::task::block_in_place(|| runtime.block_on(renew));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wins_the_lease_after_somebody_else_is_done_does_not_refresh_again() {
    let web = Web::new().await;
    let secret = web.sign_in().await;
    web.clock.advance(GOOD_FOR);
    let (sessions, done) = (web.sessions.clone(), AtomicBool::new(false));
    let random = RenewedInBetween { sessions, secret: secret.clone(), done };
    let answer = send(&web.instance_with_random(random), refresh(&secret)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(asked(&web), 0);
    assert!(web.sessions.lease(&secret).await.unwrap().is_some(), "the lease was given back");
}
