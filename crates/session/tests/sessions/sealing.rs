use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use session::{Refreshed, SessionSecret, SystemRandom};

use crate::{
    api_tokens::token,
    contents::renewed,
    sign_in::{open, signed_in},
    table::Table,
};

/// All text and bytes of all rows.
async fn dump(table: &Table) -> String {
    let mut dump = String::new();
    for (name, value) in table.all_rows().await.into_iter().flatten() {
        dump.push_str(&name);
        match value {
            AttributeValue::S(text) | AttributeValue::N(text) => dump.push_str(&text),
            AttributeValue::Ss(texts) => dump.push_str(&texts.concat()),
            AttributeValue::B(blob) => dump.push_str(&String::from_utf8_lossy(blob.as_ref())),
            other => panic!("an attribute of a kind that nobody expects: {other:?}"),
        }
    }
    dump
}

#[tokio::test]
async fn a_dump_of_the_table_holds_no_token_no_secret_and_nothing_personal() {
    let (table, sessions, secret) = signed_in().await;
    let lease = sessions.lease(&secret).await.unwrap().unwrap();
    let contents = renewed("new-token");
    let api_tokens = vec![("orders", Some(token("orders-token")))];
    let refreshed = Refreshed { contents: &contents, api_tokens };
    let _ = sessions.update(&secret, lease.session(), refreshed).await.unwrap();
    sessions.lease(&secret).await.unwrap().unwrap();
    let dump = dump(&table).await;
    let cookie = secret.set_cookie();
    let cookie = cookie.to_str().unwrap().split(['=', ';']).nth(1).unwrap();
    assert_eq!(cookie.len(), 43);
    for clear in [
        cookie,
        "the-access",
        "the-refresh",
        "the-id",
        "new-token",
        "orders-token",
        "ada",
        "Ada",
        "example.com",
        "issuer.example",
        "first",
        "Firefox",
        "Linux",
        "192.0.2.7",
    ] {
        assert!(!dump.contains(clear), "{clear} stands in clear");
    }
}

#[tokio::test]
async fn only_what_the_table_needs_stands_in_clear() {
    let (table, sessions, secret) = signed_in().await;
    sessions.lease(&secret).await.unwrap().unwrap();
    let row = table.row().await;
    let mut names: Vec<_> = row.keys().map(String::as_str).collect();
    names.sort_unstable();
    let times = ["began_at", "created_at", "device", "expires_at", "id", "last_seen_at"];
    let others = ["lease_holder", "lease_until", "provider_session", "sealed", "user", "version"];
    assert_eq!(names, [times, others].concat());
    assert_eq!(row["id"].as_s().unwrap(), secret.id().as_str());
}

#[tokio::test]
async fn the_secret_of_another_session_opens_nothing() {
    let (table, sessions) = Table::with_sessions().await;
    open(&sessions).await;
    let other = SessionSecret::generate(&SystemRandom);
    let mut row = table.row().await;
    row.insert("id".to_owned(), AttributeValue::S(other.id().as_str().to_owned()));
    table.overwrite(row).await;
    assert!(sessions.read(&other).await.unwrap().is_none());
}

#[tokio::test]
async fn a_row_that_was_tampered_with_is_no_session() {
    let number = |text: &str| Some(AttributeValue::N(text.to_owned()));
    let bytes = |bytes: &[u8]| Some(AttributeValue::B(Blob::new(bytes)));
    for (name, value) in [
        ("sealed", bytes(b"")),
        ("sealed", bytes(&[1; 64])),
        ("sealed", number("1")),
        ("sealed", None),
        // To make it last longer, the times would have to be changed.
        ("expires_at", number("9999999999")),
        ("created_at", number("1800000001")),
        ("created_at", number("1e3")),
        ("last_seen_at", None),
        ("last_seen_at", number("253402300800")),
        ("last_seen_at", number("9223372036854775807")),
        ("last_seen_at", number("99999999999999999999")),
        ("version", None),
        ("version", number("-1")),
    ] {
        let (table, sessions, secret) = signed_in().await;
        let mut row = table.row().await;
        row.remove(name);
        row.extend(value.clone().map(|value| (name.to_owned(), value)));
        table.overwrite(row).await;
        assert!(sessions.read(&secret).await.unwrap().is_none(), "{name} {value:?}");
        assert!(sessions.lease(&secret).await.unwrap().is_none(), "{name} {value:?}");
        assert!(sessions.end(&secret).await.unwrap().is_none(), "{name} {value:?}");
        assert!(table.rows().await.is_empty(), "it can be ended all the same");
    }
}

#[tokio::test]
async fn two_sessions_never_share_a_secret() {
    let (table, sessions) = Table::with_sessions().await;
    let one = open(&sessions).await;
    let other = open(&sessions).await;
    assert_ne!(one.id(), other.id());
    assert_eq!(table.rows().await.len(), 2);
}
