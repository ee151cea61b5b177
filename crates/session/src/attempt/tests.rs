use std::time::UNIX_EPOCH;

use http::header::COOKIE;

use super::{state::NAME_LENGTH, *};
use crate::random::{SystemRandom, tests::Counting};

const NOON: u64 = 1_800_000_000;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn begin(started_at: u64) -> Attempt {
    Attempt::begin(&SystemRandom, at(started_at), ReturnTo::parse("/todos?x=1#2"), None)
}

/// What the browser sends back for a `Set-Cookie` value.
fn pair(line: &HeaderValue) -> String {
    line.to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn request(pairs: &[String]) -> HeaderMap {
    let line = HeaderValue::from_str(&pairs.join("; ")).unwrap();
    HeaderMap::from_iter([(COOKIE, line)])
}

fn find(pairs: &[String], attempt: &Attempt, now: u64) -> Result<Attempt, AttemptError> {
    Attempt::find(&request(pairs), attempt.state(), at(now))
}

#[test]
fn an_attempt_comes_back_whole_from_its_cookie() {
    let max_age = Some(Duration::from_hours(1));
    let attempt = Attempt::begin(&SystemRandom, at(NOON), ReturnTo::parse("/a;b,c?d#e"), max_age);
    assert_eq!(find(&[pair(&attempt.set_cookie())], &attempt, NOON), Ok(attempt));
}

fn strong(values: &str) -> Attempt {
    begin(NOON).as_strong_as(Some(AcrValues::parse(values).unwrap()))
}

#[test]
fn what_an_attempt_asked_of_the_sign_in_comes_back_with_it() {
    let attempt = strong("gold http://eidas.europa.eu/LoA/high");
    let found = find(&[pair(&attempt.set_cookie())], &attempt, NOON).unwrap();
    assert_eq!(found, attempt);
    assert_eq!(found.acr_values().unwrap().as_str(), "gold http://eidas.europa.eu/LoA/high");
}

#[test]
fn a_deployment_breaks_no_sign_in_under_way() {
    // Both directions: an instance of before reads what one of after wrote, and the other way.
    let attempt = begin(NOON);
    let cookie = pair(&attempt.set_cookie());
    let fields: Vec<&str> = cookie.split_once('=').unwrap().1.split('.').collect();
    let (state, nonce, verifier) = (attempt.state().as_str(), attempt.nonce(), attempt.verifier());
    let return_to = "L3RvZG9zP3g9MSMy"; // "/todos?x=1#2"
    assert_eq!(fields, ["1", state, nonce, verifier, "1800000000", "", return_to]);
    assert_eq!(strong("gold").acr_values().unwrap().as_str(), "gold");
    assert!(pair(&strong("gold").set_cookie()).contains("=2."));
}

#[test]
fn a_demand_that_was_tampered_with_is_no_attempt() {
    let attempt = strong("gold");
    let good = pair(&attempt.set_cookie());
    assert!(good.contains(".Z29sZA."), "{good}");
    for bad in [
        good.replace(".Z29sZA.", ".."),
        good.replace(".Z29sZA.", "."),
        good.replace(".Z29sZA.", ".IA."), // " "
        good.replace(".Z29sZA.", ".Z29sZA=."),
        good.replace(".Z29sZA.", &format!(".{}.", "eHh4".repeat(33))),
        good.replacen("=2.", "=1.", 1),
        good.replacen("=2.", "=3.", 1),
    ] {
        let found = find(std::slice::from_ref(&bad), &attempt, NOON);
        assert_eq!(found, Err(AttemptError::Malformed), "{bad}");
    }
}

#[test]
fn state_nonce_and_verifier_are_drawn_apart() {
    let attempt = begin(NOON);
    assert_ne!(attempt.state().as_str(), attempt.nonce());
    assert_ne!(attempt.nonce(), attempt.verifier());
    assert_eq!(attempt.verifier().len(), 43);
}

#[test]
fn two_tabs_finish_in_either_order() {
    let (first, second) = (begin(NOON), begin(NOON + 1));
    let cookies = [pair(&first.set_cookie()), pair(&second.set_cookie())];
    assert_eq!(find(&cookies, &second, NOON + 9).as_ref(), Ok(&second));
    assert_eq!(find(&cookies, &first, NOON + 9).as_ref(), Ok(&first));
}

#[test]
fn an_attempt_ends_after_fifteen_minutes() {
    let attempt = begin(NOON);
    let cookies = [pair(&attempt.set_cookie())];
    assert!(find(&cookies, &attempt, NOON + 15 * 60 - 1).is_ok());
    assert_eq!(find(&cookies, &attempt, NOON + 15 * 60), Err(AttemptError::Expired));
    assert!(attempt.set_cookie().to_str().unwrap().ends_with("; Max-Age=900"));
}

#[test]
fn an_attempt_from_the_future_is_refused_beyond_the_leeway() {
    let attempt = begin(NOON);
    let cookies = [pair(&attempt.set_cookie())];
    assert!(find(&cookies, &attempt, NOON - 60).is_ok());
    assert_eq!(find(&cookies, &attempt, NOON - 61), Err(AttemptError::Expired));
}

#[test]
fn another_browser_s_state_finds_nothing() {
    let (mine, other) = (begin(NOON), begin(NOON));
    assert_eq!(find(&[pair(&mine.set_cookie())], &other, NOON), Err(AttemptError::Missing));
    let mut same_name = other.state().as_str()[..NAME_LENGTH].to_owned();
    same_name.push_str(&mine.state().as_str()[NAME_LENGTH..]);
    let forged = State::parse(&same_name).unwrap();
    let headers = request(&[pair(&other.set_cookie())]);
    assert_eq!(Attempt::find(&headers, &forged, at(NOON)), Err(AttemptError::Missing));
}

#[test]
fn a_tampered_oversized_or_duplicate_attempt_is_refused() {
    let attempt = begin(NOON);
    let good = pair(&attempt.set_cookie());
    let evil = "Ly9ldmlsLmV4YW1wbGU"; // "//evil.example"
    let (head, _) = good.rsplit_once('.').unwrap();
    for bad in [
        good.replacen("=1.", "=2.", 1),
        format!("{good}.x"),
        head.to_owned(),
        format!("{head}.{evil}"),
        format!("{head}.{}", "A".repeat(900)),
        good.replace(&NOON.to_string(), "+1800000000"),
        good.replace(&NOON.to_string(), "18000000000000000000"),
        good.replace(attempt.nonce(), "nonce"),
        good.replace(attempt.verifier(), ""),
        format!("{good}; {good}"),
    ] {
        let found = find(std::slice::from_ref(&bad), &attempt, NOON);
        assert_eq!(found, Err(AttemptError::Malformed), "{bad}");
    }
}

#[test]
fn at_most_eight_attempts_are_kept_and_the_oldest_goes() {
    let attempts: Vec<_> = (0..9).map(|minute| begin(NOON + minute)).collect();
    let cookies: Vec<_> = attempts.iter().rev().map(|it| pair(&it.set_cookie())).collect();
    let cleared = Attempt::make_room(&request(&cookies), at(NOON + 10));
    let oldest: Vec<_> =
        attempts[..2].iter().rev().map(|it| Attempt::clear_cookie(it.state())).collect();
    assert_eq!(cleared, oldest);
    assert_eq!(Attempt::make_room(&request(&cookies[..7]), at(NOON + 10)), [""; 0]);
}

#[test]
fn whatever_is_no_attempt_any_more_goes_first() {
    let (old, young) = (begin(NOON), begin(NOON + 15 * 60));
    let broken = "__Host-signin-AAAAAAAAAAAAAAAA=x".to_owned();
    let cookies = [pair(&old.set_cookie()), pair(&young.set_cookie()), broken];
    let mut cleared = Attempt::make_room(&request(&cookies), at(NOON + 15 * 60));
    let mut expected =
        [Attempt::clear_cookie(old.state()), cookies::clear("__Host-signin-AAAAAAAAAAAAAAAA")];
    cleared.sort();
    expected.sort();
    assert_eq!(cleared, expected);
}

#[test]
fn all_attempts_go_at_once_and_no_foreign_cookie_does() {
    let attempt = begin(NOON);
    let foreign = "theme=dark; __Host-signin-a b=1; __Host-signin-short=1; __Host-session=x";
    let headers = request(&[foreign.to_owned(), pair(&attempt.set_cookie())]);
    assert_eq!(Attempt::clear_all(&headers), [Attempt::clear_cookie(attempt.state())]);
}

#[test]
fn eight_attempts_with_the_longest_paths_fit_into_the_gateway_s_headers() {
    let path = format!("/{}", "a".repeat(511));
    let age = Some(Duration::MAX);
    let strength = AcrValues::parse(&"a".repeat(AcrValues::LONGEST)).unwrap();
    let attempt = Attempt::begin(&SystemRandom, at(NOON), ReturnTo::parse(&path), age);
    let attempt = attempt.as_strong_as(Some(strength));
    let cookie = pair(&attempt.set_cookie());
    assert_eq!(find(std::slice::from_ref(&cookie), &attempt, NOON), Ok(attempt));
    assert!(cookie.len() * MAX_ATTEMPTS < 8 * 1024, "{}", cookie.len());
}

#[test]
fn an_attempt_shows_no_secret() {
    let attempt = Attempt::begin(&Counting::default(), at(NOON), ReturnTo::home(), None);
    let shown = format!("{attempt:?} {:?} {:?}", attempt.state(), attempt.set_cookie());
    for secret in [attempt.state().as_str(), attempt.nonce(), attempt.verifier()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_state_that_we_never_made_is_refused() {
    for text in ["", "x", &"A".repeat(42), &"A".repeat(44), &"é".repeat(22), &"A".repeat(9000)] {
        assert!(State::parse(text).is_none());
    }
}
