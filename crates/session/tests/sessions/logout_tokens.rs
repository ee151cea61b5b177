use std::time::Duration;

use crate::{
    sign_in::ISSUER,
    table::{Table, start},
};

#[tokio::test]
async fn a_logout_token_that_was_done_is_known_to_every_instance() {
    let table = Table::new().await;
    let (here, there) = (table.sessions(), table.sessions());
    assert!(!here.logout_token_seen(ISSUER, "jti").await.unwrap());
    let until = start() + Duration::from_mins(5);
    for _ in 0..2 {
        here.remember_logout_token(ISSUER, "jti", until).await.unwrap();
    }
    assert!(there.logout_token_seen(ISSUER, "jti").await.unwrap());
    assert!(!there.logout_token_seen(ISSUER, "other").await.unwrap());
    assert!(!there.logout_token_seen("https://other.example", "jti").await.unwrap());
    let row = table.row().await;
    assert_eq!(row["expires_at"].as_n().unwrap(), "1800000300");
    assert!(!format!("{row:?}").contains("jti"));
}
