//! What DynamoDB says when writes meet, which the emulator never does.

use session::{Created, SessionSecret, SystemRandom, Updated};

use crate::{
    contents::{contents, renewed},
    scripted_table::ScriptedTable,
    sign_in::{open, provider_session, sign_in, user},
    table::{Table, start},
};

const DONE: (u16, &str) = (200, "{}");
const CONFLICT: (u16, &str) =
    (400, r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException"}"#);

fn canceled(codes: [&str; 3]) -> String {
    let reasons = codes.map(|code| format!(r#"{{"Code":"{code}"}}"#)).join(",");
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    format!(r#"{{"__type":"{kind}","CancellationReasons":[{reasons}]}}"#)
}

#[tokio::test]
async fn a_sign_in_that_meets_another_write_is_tried_again() {
    let conflict = canceled(["None", "TransactionConflict", "None"]);
    let table = ScriptedTable::answering(&[(400, &conflict), (400, &conflict), DONE]);
    let created = table.sessions().create(&contents(), &sign_in()).await.unwrap();
    assert!(matches!(created, Created::Session(_)));
    assert_eq!(table.asked(), ["TransactWriteItems"; 3]);
}

#[tokio::test]
async fn a_sign_in_that_meets_other_writes_without_end_fails_and_is_not_taken_for_done() {
    let conflict = canceled(["None", "TransactionConflict", "None"]);
    let table = ScriptedTable::answering(&[(400, &conflict)]);
    table.sessions().create(&contents(), &sign_in()).await.unwrap_err();
    assert_eq!(table.asked(), ["TransactWriteItems"; 8]);
}

#[tokio::test]
async fn a_sign_in_that_an_end_shuts_out_is_judged_by_the_list_as_it_is() {
    let refused = canceled(["None", "None", "ConditionalCheckFailed"]);
    let ended = r#"{"Item":{"id":{"S":"sid#x"},"ended_at":{"N":"253402300799"}}}"#;
    let table = ScriptedTable::answering(&[(400, &refused), (200, ended)]);
    let created = table.sessions().create(&contents(), &sign_in()).await.unwrap();
    assert!(matches!(created, Created::EndedMeanwhile));
    assert_eq!(table.asked(), ["TransactWriteItems", "GetItem"]);
}

#[tokio::test]
async fn a_busy_table_is_unavailable_and_nobody_is_told_that_they_were_signed_out() {
    let busy = canceled(["None", "ThrottlingError", "None"]);
    let table = ScriptedTable::answering(&[(400, &busy)]);
    let error = table.sessions().create(&contents(), &sign_in()).await.unwrap_err();
    assert!(error.to_string().contains("ThrottlingError"), "{error}");
}

#[tokio::test]
async fn a_key_that_is_taken_by_another_row_opens_nothing() {
    let taken = canceled(["ConditionalCheckFailed", "None", "None"]);
    let table = ScriptedTable::answering(&[(400, &taken), DONE]);
    table.sessions().create(&contents(), &sign_in()).await.unwrap_err();
    assert_eq!(table.asked(), ["TransactWriteItems", "GetItem"]);
}

/// The sign-in that is in the way may be the one that has to be found.
#[tokio::test]
async fn a_logout_that_meets_a_sign_in_waits_for_it_at_every_step() {
    let list = r#"{"Attributes":{"id":{"S":"user#x"},"sessions":{"SS":["one"]}}}"#;
    let table = ScriptedTable::answering(&[CONFLICT, (200, list), CONFLICT, CONFLICT, DONE]);
    assert_eq!(table.sessions().end_user(&user("ada"), start()).await.unwrap(), 1);
    let expected = ["UpdateItem", "UpdateItem", "DeleteItem", "DeleteItem", "DeleteItem"];
    assert_eq!(table.asked(), expected);
}

#[tokio::test]
async fn a_logout_that_cannot_get_through_is_no_success() {
    let list = r#"{"Attributes":{"id":{"S":"sid#x"},"sessions":{"SS":["one"]}}}"#;
    let table = ScriptedTable::answering(&[(200, list), CONFLICT]);
    let first = provider_session("first");
    table.sessions().end_provider_session(&first, session::BlockedSignIns::All).await.unwrap_err();
}

#[tokio::test]
async fn a_sign_out_that_meets_another_write_is_tried_again() {
    let table = ScriptedTable::answering(&[CONFLICT, DONE]);
    table.sessions().end(&SessionSecret::generate(&SystemRandom)).await.unwrap();
    assert_eq!(table.asked(), ["DeleteItem"; 2]);
}

/// The new refresh token is in it, and the old one is used up.
#[tokio::test]
async fn a_renewal_that_meets_another_write_is_tried_again() {
    let real = Table::new().await;
    let secret = open(&real.sessions()).await;
    let session = real.sessions().read(&secret).await.unwrap().unwrap();
    let table = ScriptedTable::answering(&[CONFLICT, CONFLICT, DONE]);
    let updated = table.sessions().update(&secret, &session, &renewed("new")).await.unwrap();
    assert_eq!(updated, Updated::Done);
    assert_eq!(table.asked(), ["UpdateItem"; 3]);
}
