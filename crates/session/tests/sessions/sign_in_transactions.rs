use session::{Consumed, ReturnTo, SignInTransaction, SystemRandom};

use crate::table::{Table, start};

fn transaction() -> SignInTransaction {
    SignInTransaction::begin(&SystemRandom, start(), ReturnTo::home(), None)
}

#[tokio::test]
async fn a_transaction_is_used_once() {
    let (_table, sessions) = Table::with_sessions().await;
    let transaction = transaction();
    assert_eq!(
        sessions.consume_transaction(transaction.state()).await.unwrap(),
        Consumed::FirstUse
    );
    assert_eq!(
        sessions.consume_transaction(transaction.state()).await.unwrap(),
        Consumed::AlreadyUsed
    );
    let other = self::transaction();
    assert_eq!(sessions.consume_transaction(other.state()).await.unwrap(), Consumed::FirstUse);
}

#[tokio::test]
async fn of_two_instances_with_the_same_transaction_one_goes_on() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    let transaction = transaction();
    let (one, other) = tokio::join!(
        here.consume_transaction(transaction.state()),
        there.consume_transaction(transaction.state())
    );
    assert_ne!(one.unwrap(), other.unwrap());
}

#[tokio::test]
async fn a_used_transaction_is_remembered_longer_than_it_could_live_and_then_cleaned_up() {
    let table = Table::new().await;
    let transaction = transaction();
    let _ = table.sessions().consume_transaction(transaction.state()).await.unwrap();
    let expiry: u64 = table.row().await["expires_at"].as_n().unwrap().parse().unwrap();
    assert_eq!(expiry, 1_800_000_000 + 2 * 15 * 60);
}

#[tokio::test]
async fn a_used_transaction_s_row_does_not_hold_its_state() {
    let table = Table::new().await;
    let transaction = transaction();
    let _ = table.sessions().consume_transaction(transaction.state()).await.unwrap();
    let row = format!("{:?}", table.row().await);
    assert!(!row.contains(transaction.state().as_str()));
}
