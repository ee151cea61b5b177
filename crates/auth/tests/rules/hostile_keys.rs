//! Key sets that are odd, hostile or huge.

use oidc_resource_server::{Algorithm, KeySet};
use serde_json::json;

use crate::signer::{Signer, base64url};

#[test]
fn of_two_lists_of_keys_the_first_is_not_taken() {
    // RFC 7517, section 5, would let the last count too.
    let (first, last) = (Signer::es256("a"), Signer::es256("a"));
    let set = format!(r#"{{"keys":[{}],"keys":[{}]}}"#, first.jwk(), last.jwk());
    assert!(KeySet::parse(set.as_bytes(), &Algorithm::ALL).is_err());
}

#[test]
fn a_list_that_looks_like_a_key_set_is_none() {
    let jwk = Signer::es256("a").jwk();
    for list in [json!([[jwk]]), json!([{"keys": [jwk]}])] {
        assert!(KeySet::parse(list.to_string().as_bytes(), &Algorithm::ALL).is_err(), "{list}");
    }
}

#[test]
fn a_key_with_odd_json_costs_only_itself() {
    let good = Signer::es256("a");
    let deep = format!("{}1{}", "[".repeat(130), "]".repeat(130));
    let mut cost = Vec::new();
    for odd in [r#"{"n":1e999}"#, r#"{"n":"\ud800"}"#, &format!(r#"{{"x":{deep}}}"#)] {
        let set = format!(r#"{{"keys":[{odd},{}]}}"#, good.jwk());
        if KeySet::parse(set.as_bytes(), &Algorithm::ALL).is_err() {
            cost.push(format!("{odd:.20}"));
        }
    }
    assert!(cost.is_empty(), "{cost:?}");
}

fn memory(field: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

#[test]
fn a_key_set_of_512_kib_takes_little_memory() {
    let good = Signer::es256("a").jwk().to_string();
    let count = (512 * 1024 - good.len() - 20) / 3;
    let set = format!(r#"{{"keys":[{}{good}]}}"#, "{},".repeat(count));
    assert!(set.len() <= 512 * 1024);
    let before = memory("VmHWM");
    assert!(KeySet::parse(set.as_bytes(), &Algorithm::ALL).is_ok());
    let took = memory("VmHWM") - before;
    assert!(took < 40, "{took} MiB for {} KiB", set.len() / 1024);
}

#[test]
fn a_key_that_can_verify_nothing_is_not_usable() {
    let n = |last: u8, first: u8| {
        let mut n = vec![0xa5; 256];
        n[0] = first;
        n[255] = last;
        base64url(n)
    };
    for (name, n, e) in [
        ("even n", n(0xa4, 0xa5), base64url([1, 0, 1])),
        ("e of 64 bits", n(0xa5, 0xa5), base64url([0xff; 8])),
        ("e of 34 bits", n(0xa5, 0xa5), base64url([3, 0, 0, 0, 1])),
        ("e as long as n", n(0xa5, 0xa5), base64url([0xa1; 256])),
        ("e longer than n", n(0xa5, 0xa5), base64url([0xa1; 300])),
    ] {
        let set = json!({"keys": [{"kty": "RSA", "n": n, "e": e, "kid": "a"}]}).to_string();
        assert!(KeySet::parse(set.as_bytes(), &[Algorithm::RS256]).is_err(), "{name}");
    }
}

#[test]
fn what_was_signed_comes_out() {
    let signer = Signer::es256("a");
    let set = json!({"keys": [signer.jwk()]}).to_string();
    let set = KeySet::parse(set.as_bytes(), &Algorithm::ALL).unwrap();
    let payload = set.verify_signature_only(&signer.token(&json!({"a": 1}))).unwrap();
    assert_eq!(payload, br#"{"a":1}"#);
}
