use std::time::Duration;

use session::{Device, ProviderSessionKey, SessionSecret, Sessions, SignIn, UserKey};

use crate::{
    contents::contents,
    table::{Table, start},
};

pub(crate) const ISSUER: &str = "https://issuer.example";

pub(crate) fn user(name: &str) -> UserKey {
    UserKey::new(ISSUER, name)
}

pub(crate) fn provider_session(sid: &str) -> ProviderSessionKey {
    ProviderSessionKey::new(ISSUER, sid)
}

/// Ada signs in, at the start of the test, by her one session at the provider.
pub(crate) fn sign_in() -> SignIn {
    let user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    SignIn {
        user: user("ada"),
        provider_session: Some(provider_session("first")),
        began_at: start(),
        device: Device::of(Some(user_agent), Some([192, 0, 2, 7].into())),
    }
}

/// The same, begun so many seconds after the start.
pub(crate) fn begun_after(seconds: u64) -> SignIn {
    SignIn { began_at: start() + Duration::from_secs(seconds), ..sign_in() }
}

pub(crate) fn of(name: &str, sid: Option<&str>) -> SignIn {
    SignIn { user: user(name), provider_session: sid.map(provider_session), ..sign_in() }
}

/// The session of a sign-in that nothing stands in the way of.
pub(crate) async fn open(sessions: &Sessions) -> SessionSecret {
    open_by(sessions, &sign_in()).await
}

pub(crate) async fn open_by(sessions: &Sessions, sign_in: &SignIn) -> SessionSecret {
    try_to_open(sessions, sign_in).await.expect("nobody was signed out meanwhile")
}

/// A table with the session of one sign-in.
pub(crate) async fn signed_in() -> (Table, Sessions, SessionSecret) {
    let (table, sessions) = Table::with_sessions().await;
    let secret = open(&sessions).await;
    (table, sessions, secret)
}

/// `None` when the user was signed out meanwhile.
pub(crate) async fn try_to_open(sessions: &Sessions, sign_in: &SignIn) -> Option<SessionSecret> {
    sessions.create(&contents(), sign_in).await.unwrap().secret()
}

pub(crate) async fn lives(sessions: &Sessions, secret: &SessionSecret) -> bool {
    sessions.read(secret).await.unwrap().is_some()
}
