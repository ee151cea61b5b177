//! Notifies clients that a user signed out: logout tokens (OpenID Connect Back-Channel Logout)
//! and the pages to frame (OpenID Connect Front-Channel Logout).

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

use crate::{
    apps::App,
    behavior::FrontChannel,
    fault_injection::Fault,
    provider::{Provider, Shared},
    state::Account,
    tokens::logout_token,
};

/// How long a client may take to answer; the user waits for the slowest.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Notifies the clients of these sign-ins, all at once, and waits for their answers. Each token
/// contains `sid` and ends one sign-in.
pub(crate) async fn notify_of_sessions(idp: &Shared, ended: &[Account]) {
    let mut posts = JoinSet::new();
    for (account, app) in clients(idp, ended) {
        notify(&mut posts, idp, app, &account.oid, Some(&account.sid));
    }
    posts.join_all().await;
}

/// Notifies every client that the user ever gave consent. Each token contains `sub` without
/// `sid` and ends all of the user's sessions there.
pub(crate) async fn notify_of_user(idp: &Shared, oid: &str) {
    let mut posts = JoinSet::new();
    for app in &idp.apps {
        if idp.store.read(|data| data.consents.has_any(app.client_id, oid)) {
            notify(&mut posts, idp, app, oid, None);
        }
    }
    posts.join_all().await;
}

/// The pages to frame in the browser that signs out (section 3).
pub(crate) fn frames(idp: &Provider, ended: &[Account]) -> Vec<Url> {
    let frame = |(account, app): (&Account, &App)| {
        let mut url = Url::parse(app.frontchannel_logout_uri.as_deref()?)
            .expect("a registered logout URI is a URL");
        let query = [("iss", idp.tenant.issuer.as_str()), ("sid", &account.sid)];
        let query = match idp.behavior.front_channel {
            FrontChannel::Sid => &query[1..],
            FrontChannel::IssAndSid | FrontChannel::None => &query[..],
        };
        url.query_pairs_mut().extend_pairs(query);
        Some(url)
    };
    clients(idp, ended).filter_map(frame).collect()
}

/// The clients that take part in these sign-ins.
fn clients<'a>(
    idp: &'a Provider,
    ended: &'a [Account],
) -> impl Iterator<Item = (&'a Account, &'a App)> {
    ended.iter().flat_map(move |account| {
        let apps = idp.apps.iter().filter(|app| account.clients.contains(app.client_id));
        apps.map(move |app| (account, app))
    })
}

fn notify(posts: &mut JoinSet<()>, idp: &Shared, app: &App, oid: &str, sid: Option<&str>) {
    let Some(address) = app.backchannel_logout_uri.clone() else { return };
    if idp.has_fault(oid, Fault::LogoutTokensLost) {
        return idp.log(oid, format!("Logout token for {} lost, as ordered", app.name));
    }
    let token = logout_token(idp, app.client_id, oid, sid);
    let by = if sid.is_some() { "sid" } else { "sub" };
    let (idp, oid, name) = (Arc::clone(idp), oid.to_owned(), app.name);
    posts.spawn(async move {
        let answer = post(&idp, &address, &token).await;
        idp.log(&oid, format!("Logout token by {by} for {name}: {answer}"));
    });
}

/// Posts a logout token (section 2.5) and describes the answer.
async fn post(idp: &Provider, address: &str, token: &str) -> String {
    let body =
        form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let request = idp
        .config
        .outbound
        .http()
        .post(address)
        .header("content-type", "application/x-www-form-urlencoded")
        .timeout(TIMEOUT)
        .body(body);
    match request.send().await {
        Ok(answer) => format!("answered {}", answer.status().as_u16()),
        Err(error) => {
            tracing::warn!(%error, "a logout token was not delivered");
            "no answer".to_owned()
        }
    }
}
