use std::time::UNIX_EPOCH;

use http::header::COOKIE;

use super::{state::NAME_LENGTH, *};
use crate::random::{SystemRandom, tests::Counting};

const NOON: u64 = 1_800_000_000;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn begin(started_at: u64) -> SignInTransaction {
    SignInTransaction::begin(&SystemRandom, at(started_at), ReturnTo::parse("/todos?x=1#2"), None)
}

/// What the browser sends back for a `Set-Cookie` value.
fn pair(line: &HeaderValue) -> String {
    line.to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn request(pairs: &[String]) -> HeaderMap {
    let line = HeaderValue::from_str(&pairs.join("; ")).unwrap();
    HeaderMap::from_iter([(COOKIE, line)])
}

fn find(
    pairs: &[String],
    transaction: &SignInTransaction,
    now: u64,
) -> Result<SignInTransaction, TransactionError> {
    SignInTransaction::find(&request(pairs), transaction.state(), at(now))
}

#[test]
fn a_transaction_comes_back_whole_from_its_cookie() {
    let max_age = Some(Duration::from_hours(1));
    let transaction =
        SignInTransaction::begin(&SystemRandom, at(NOON), ReturnTo::parse("/a;b,c?d#e"), max_age);
    assert_eq!(find(&[pair(&transaction.set_cookie())], &transaction, NOON), Ok(transaction));
}

fn strong(values: &str) -> SignInTransaction {
    begin(NOON).with_acr_values(Some(AcrValues::parse(values).unwrap()))
}

#[test]
fn what_a_transaction_asked_of_the_sign_in_comes_back_with_it() {
    let transaction = strong("gold http://eidas.europa.eu/LoA/high");
    let found = find(&[pair(&transaction.set_cookie())], &transaction, NOON).unwrap();
    assert_eq!(found, transaction);
    assert_eq!(found.acr_values().unwrap().as_str(), "gold http://eidas.europa.eu/LoA/high");
}

#[test]
fn a_deployment_breaks_no_sign_in_under_way() {
    // Both directions: an instance of before reads what one of after wrote, and the other way.
    let transaction = begin(NOON);
    let cookie = pair(&transaction.set_cookie());
    let fields: Vec<&str> = cookie.split_once('=').unwrap().1.split('.').collect();
    let (state, nonce, verifier) =
        (transaction.state().as_str(), transaction.nonce(), transaction.verifier());
    let return_to = "L3RvZG9zP3g9MSMy"; // "/todos?x=1#2"
    assert_eq!(fields, ["1", state, nonce, verifier, "1800000000", "", return_to]);
    assert_eq!(strong("gold").acr_values().unwrap().as_str(), "gold");
    assert!(pair(&strong("gold").set_cookie()).contains("=2."));
}

#[test]
fn a_demand_that_was_tampered_with_is_no_transaction() {
    let transaction = strong("gold");
    let good = pair(&transaction.set_cookie());
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
        let found = find(std::slice::from_ref(&bad), &transaction, NOON);
        assert_eq!(found, Err(TransactionError::Malformed), "{bad}");
    }
}

#[test]
fn state_nonce_and_verifier_are_drawn_apart() {
    let transaction = begin(NOON);
    assert_ne!(transaction.state().as_str(), transaction.nonce());
    assert_ne!(transaction.nonce(), transaction.verifier());
    assert_eq!(transaction.verifier().len(), 43);
}

#[test]
fn two_tabs_finish_in_either_order() {
    let (first, second) = (begin(NOON), begin(NOON + 1));
    let cookies = [pair(&first.set_cookie()), pair(&second.set_cookie())];
    assert_eq!(find(&cookies, &second, NOON + 9).as_ref(), Ok(&second));
    assert_eq!(find(&cookies, &first, NOON + 9).as_ref(), Ok(&first));
}

#[test]
fn a_transaction_ends_after_fifteen_minutes() {
    let transaction = begin(NOON);
    let cookies = [pair(&transaction.set_cookie())];
    assert!(find(&cookies, &transaction, NOON + 15 * 60 - 1).is_ok());
    assert_eq!(find(&cookies, &transaction, NOON + 15 * 60), Err(TransactionError::Expired));
    assert!(transaction.set_cookie().to_str().unwrap().ends_with("; Max-Age=900"));
}

#[test]
fn a_transaction_from_the_future_is_refused_beyond_the_leeway() {
    let transaction = begin(NOON);
    let cookies = [pair(&transaction.set_cookie())];
    assert!(find(&cookies, &transaction, NOON - 60).is_ok());
    assert_eq!(find(&cookies, &transaction, NOON - 61), Err(TransactionError::Expired));
}

#[test]
fn another_browser_s_state_finds_nothing() {
    let (mine, other) = (begin(NOON), begin(NOON));
    assert_eq!(find(&[pair(&mine.set_cookie())], &other, NOON), Err(TransactionError::Missing));
    let mut same_name = other.state().as_str()[..NAME_LENGTH].to_owned();
    same_name.push_str(&mine.state().as_str()[NAME_LENGTH..]);
    let forged = OAuthState::parse(&same_name).unwrap();
    let headers = request(&[pair(&other.set_cookie())]);
    assert_eq!(
        SignInTransaction::find(&headers, &forged, at(NOON)),
        Err(TransactionError::Missing)
    );
}

#[test]
fn a_tampered_oversized_or_duplicate_transaction_is_refused() {
    let transaction = begin(NOON);
    let good = pair(&transaction.set_cookie());
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
        good.replace(transaction.nonce(), "nonce"),
        good.replace(transaction.verifier(), ""),
        format!("{good}; {good}"),
    ] {
        let found = find(std::slice::from_ref(&bad), &transaction, NOON);
        assert_eq!(found, Err(TransactionError::Malformed), "{bad}");
    }
}

#[test]
fn at_most_eight_transactions_are_kept_and_the_oldest_goes() {
    let transactions: Vec<_> = (0..9).map(|minute| begin(NOON + minute)).collect();
    let cookies: Vec<_> = transactions.iter().rev().map(|it| pair(&it.set_cookie())).collect();
    let cleared = SignInTransaction::evict(&request(&cookies), at(NOON + 10));
    let oldest: Vec<_> = transactions[..2]
        .iter()
        .rev()
        .map(|it| SignInTransaction::clear_cookie(it.state()))
        .collect();
    assert_eq!(cleared, oldest);
    assert_eq!(SignInTransaction::evict(&request(&cookies[..7]), at(NOON + 10)), [""; 0]);
}

#[test]
fn whatever_is_no_transaction_any_more_goes_first() {
    let (old, young) = (begin(NOON), begin(NOON + 15 * 60));
    let broken = "__Host-signin-AAAAAAAAAAAAAAAA=x".to_owned();
    let cookies = [pair(&old.set_cookie()), pair(&young.set_cookie()), broken];
    let mut cleared = SignInTransaction::evict(&request(&cookies), at(NOON + 15 * 60));
    let mut expected = [
        SignInTransaction::clear_cookie(old.state()),
        cookies::clear("__Host-signin-AAAAAAAAAAAAAAAA"),
    ];
    cleared.sort();
    expected.sort();
    assert_eq!(cleared, expected);
}

#[test]
fn all_transactions_go_at_once_and_no_foreign_cookie_does() {
    let transaction = begin(NOON);
    let foreign = "theme=dark; __Host-signin-a b=1; __Host-signin-short=1; __Host-session=x";
    let headers = request(&[foreign.to_owned(), pair(&transaction.set_cookie())]);
    assert_eq!(
        SignInTransaction::clear_all(&headers),
        [SignInTransaction::clear_cookie(transaction.state())]
    );
}

#[test]
fn eight_transactions_with_the_longest_paths_fit_into_the_gateway_s_headers() {
    let path = format!("/{}", "a".repeat(511));
    let age = Some(Duration::MAX);
    let strength = AcrValues::parse(&"a".repeat(AcrValues::LONGEST)).unwrap();
    let transaction =
        SignInTransaction::begin(&SystemRandom, at(NOON), ReturnTo::parse(&path), age);
    let transaction = transaction.with_acr_values(Some(strength));
    let cookie = pair(&transaction.set_cookie());
    assert_eq!(find(std::slice::from_ref(&cookie), &transaction, NOON), Ok(transaction));
    assert!(cookie.len() * MAX_TRANSACTIONS < 8 * 1024, "{}", cookie.len());
}

#[test]
fn a_transaction_shows_no_secret() {
    let transaction =
        SignInTransaction::begin(&Counting::default(), at(NOON), ReturnTo::home(), None);
    let shown = format!("{transaction:?} {:?} {:?}", transaction.state(), transaction.set_cookie());
    for secret in [transaction.state().as_str(), transaction.nonce(), transaction.verifier()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_state_that_we_never_made_is_refused() {
    for text in ["", "x", &"A".repeat(42), &"A".repeat(44), &"é".repeat(22), &"A".repeat(9000)] {
        assert!(OAuthState::parse(text).is_none());
    }
}
