//! `return_to` and `target_link_uri` never lead off our origin.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::{
    begin::transaction,
    harness::{ORIGIN, Signin},
};

/// Each of these leaves our origin, or might in some browser or proxy. What counts is where a
/// browser would end up from `https://todos.example.com/callback`, and the `url` crate resolves an
/// address as browsers do (WHATWG).
fn payloads() -> Vec<String> {
    let groups: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("open_redirects.json")).unwrap();
    groups.into_values().flatten().collect()
}

/// Fails unless a browser stays with us when it is sent back, whatever is decoded on the way.
fn assert_stays(payload: &str, return_to: &str) {
    let here = Url::parse(&format!("{ORIGIN}/callback")).unwrap();
    let mut reference = return_to.to_owned();
    for _decoded in 0..2 {
        let target = here.join(&reference).unwrap();
        assert_eq!(target.origin(), here.origin(), "{payload:?} leads to {target}");
        assert!(target.username().is_empty() && target.password().is_none(), "{payload:?}");
        reference = percent_decode_str(&reference).decode_utf8_lossy().into_owned();
    }
    assert!(return_to.starts_with('/') && !return_to.starts_with("//"), "{payload:?}");
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    assert!(return_to.bytes().all(plain), "{payload:?} becomes {return_to:?}");
}

#[test]
fn the_list_is_large_and_names_nothing_twice() {
    let distinct: BTreeSet<String> = payloads().into_iter().collect();
    assert!(distinct.len() >= 300 && distinct.len() == payloads().len(), "{}", distinct.len());
}

#[tokio::test]
async fn return_to_never_leads_off_our_origin() {
    let signin = Signin::new();
    for payload in &payloads() {
        let encoded: String = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect();
        for name in ["return_to", "target_link_uri"] {
            let answer = signin.get(&format!("/signin?{name}={encoded}")).await;
            assert_eq!(answer.status, StatusCode::FOUND, "{payload:?}");
            assert_stays(payload, transaction(&answer).return_to().as_str());
        }
    }
}

#[tokio::test]
async fn a_payload_that_is_not_encoded_leads_nowhere_either() {
    let signin = Signin::new();
    for payload in &payloads() {
        // As a link may hold it: what cannot stand in an address is not sent by anybody.
        let Ok(uri) = format!("/signin?return_to={payload}").parse::<http::Uri>() else { continue };
        let answer = signin.get(&uri.to_string()).await;
        if answer.status == StatusCode::FOUND {
            assert_stays(payload, transaction(&answer).return_to().as_str());
        } else {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{payload:?}");
        }
    }
}
