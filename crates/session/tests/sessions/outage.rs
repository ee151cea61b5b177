use session::{Attempt, ReturnTo, SystemRandom, Unavailable};

use crate::{
    contents::{contents, renewed},
    table::{Table, start},
};

#[tokio::test]
async fn a_table_that_does_not_answer_is_unavailable_and_comes_back_by_itself() {
    let table = Table::new().await;
    let sessions = table.sessions();
    let secret = sessions.create(&contents()).await.unwrap();
    let session = sessions.read(&secret).await.unwrap().unwrap();
    let attempt = Attempt::begin(&SystemRandom, start(), ReturnTo::home(), None);
    let (old, new) = (contents(), renewed("new"));
    table.store.pause().await;
    let (create, read, token, end, unchanged, lease, update, consume, warm) = tokio::join!(
        sessions.create(&old),
        sessions.read(&secret),
        sessions.access_token(&secret),
        sessions.end(&secret),
        sessions.end_unchanged(&session),
        sessions.lease(&secret),
        sessions.update(&secret, &session, &new),
        sessions.consume_attempt(attempt.state()),
        sessions.warm(),
    );
    let failures: [Option<Unavailable>; 9] = [
        create.err(),
        read.err(),
        token.err(),
        end.err(),
        unchanged.err(),
        lease.err(),
        update.err(),
        consume.err(),
        warm.err(),
    ];
    for failure in failures {
        let shown = failure.expect("the table was away").to_string();
        assert!(!shown.contains("the-refresh-token"), "{shown}");
    }
    table.store.resume().await.unwrap();
    assert!(sessions.read(&secret).await.unwrap().is_some());
}
