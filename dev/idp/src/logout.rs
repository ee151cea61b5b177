//! Telling clients that a user signed out: logout tokens (OpenID Connect Back-Channel Logout)
//! and the pages to frame (OpenID Connect Front-Channel Logout).

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

use crate::{
    apps::App, conduct::Oddity, provider::Idp, secret, state::Account, tenant::TENANT_ID,
    tokens::pairwise,
};

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How long a logout token is good; section 4 of the specification asks for two minutes at most.
const LIFETIME: u64 = 2 * 60;

/// How long a client may take to answer; the user waits for the slowest.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells the clients of these sign-ins, all at once, and waits for their answers: each token
/// carries `sid`, and ends that sign-in alone.
pub(crate) async fn tell_of_sessions(idp: &Idp, ended: &[Account]) {
    let mut posts = JoinSet::new();
    for account in ended {
        for app in idp.apps().iter().filter(|app| account.clients.contains(app.client_id)) {
            tell(&mut posts, idp, app, &account.oid, Some(&account.sid));
        }
    }
    posts.join_all().await;
}

/// Tells every client that the user ever allowed something: each token carries `sub` and no
/// `sid`, and ends all the user has there.
pub(crate) async fn tell_of_user(idp: &Idp, oid: &str) {
    let mut posts = JoinSet::new();
    for app in idp.apps().iter() {
        if idp.store().read(|data| data.consents.has_any(app.client_id, oid)) {
            tell(&mut posts, idp, app, oid, None);
        }
    }
    posts.join_all().await;
}

fn tell(posts: &mut JoinSet<()>, idp: &Idp, app: &App, oid: &str, sid: Option<&str>) {
    let Some(address) = app.backchannel_logout_uri.clone() else { return };
    if idp.conducts().of(oid).has(Oddity::LogoutTokensLost) {
        return idp.note(oid, format!("Logout token for {} lost, as ordered", app.name));
    }
    let token = logout_token(idp, app.client_id, oid, sid);
    let by = if sid.is_some() { "sid" } else { "sub" };
    let (idp, oid, name) = (idp.clone(), oid.to_owned(), app.name);
    posts.spawn(async move {
        let answer = post(&idp, &address, &token).await;
        idp.note(&oid, format!("Logout token by {by} for {name}: {answer}"));
    });
}

/// The pages to frame in the browser that signs out (section 3).
pub(crate) fn frames(idp: &Idp, ended: &[Account]) -> Vec<Url> {
    let mut frames = Vec::new();
    for account in ended {
        let clients = idp.apps().iter().filter(|app| account.clients.contains(app.client_id));
        for address in clients.filter_map(|app| app.frontchannel_logout_uri.as_deref()) {
            let mut url = Url::parse(address).expect("a registered address is a URL");
            url.query_pairs_mut().append_pair("iss", idp.issuer()).append_pair("sid", &account.sid);
            frames.push(url);
        }
    }
    frames
}

/// A logout token (section 2.4), with `tid` and `ver` as in every token of the tenant.
fn logout_token(idp: &Idp, client_id: &str, oid: &str, sid: Option<&str>) -> String {
    let now = idp.now();
    let mut claims = json!({
        "iss": idp.issuer(),
        "aud": client_id,
        "sub": pairwise(client_id, oid),
        "iat": now,
        "exp": now + LIFETIME,
        "jti": secret::guid(),
        "events": { EVENT: {} },
        "tid": TENANT_ID,
        "ver": "2.0",
    });
    if let Some(sid) = sid {
        claims["sid"] = sid.into();
    }
    idp.keys().sign_as("logout+jwt", &claims)
}

/// Posts a logout token (section 2.5) and says in words what came back.
async fn post(idp: &Idp, address: &str, token: &str) -> String {
    let body =
        form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let request = idp
        .http()
        .post(address)
        .header("content-type", "application/x-www-form-urlencoded")
        .timeout(PATIENCE)
        .body(body);
    match request.send().await {
        Ok(answer) => format!("answered {}", answer.status().as_u16()),
        Err(error) => {
            tracing::warn!(%error, "a logout token did not arrive");
            "no answer".to_owned()
        }
    }
}
