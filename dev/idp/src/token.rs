//! The token endpoint (RFC 6749, section 3.2).

mod client;
mod code;
mod credentials;
mod ordered;
mod refresh;

use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use crate::{
    fault::Fault,
    params::Params,
    provider::Idp,
    state::{SaveError, User},
    tokens::Grant,
};

pub(crate) use self::client::authenticate;
/// Why no tokens are given.
#[derive(Debug)]
enum TokenFault {
    /// The client's doing.
    Fault(Fault),
    /// Ours.
    Save(SaveError),
    /// Somebody wanted to see it.
    Ordered,
}

impl From<Fault> for TokenFault {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<SaveError> for TokenFault {
    fn from(error: SaveError) -> Self {
        Self::Save(error)
    }
}

/// `POST …/token`.
pub(crate) async fn post(State(idp): State<Idp>, headers: HeaderMap, body: Bytes) -> Response {
    let mut response = match exchange(&idp, &headers, &body).await {
        Ok(tokens) => axum::Json(tokens).into_response(),
        Err(TokenFault::Fault(fault)) => refusal(&idp, &fault),
        Err(TokenFault::Ordered) => broken(&idp),
        Err(TokenFault::Save(error)) => {
            tracing::error!(%error, "no tokens given");
            broken(&idp)
        }
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn exchange(idp: &Idp, headers: &HeaderMap, body: &[u8]) -> Result<Value, TokenFault> {
    let params = form(headers, body)?;
    let grant_type = params.once("grant_type").ok_or_else(|| Fault::missing("grant_type"))?;
    let app = authenticate(idp, headers, &params)?;
    ordered::before(idp, app, &params).await?;
    match grant_type {
        "authorization_code" => code::exchange(idp, app, &params),
        "refresh_token" => refresh::exchange(idp, app, &params),
        "client_credentials" => Ok(credentials::exchange(idp, app, &params)?),
        _ => Err(Fault::new(
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{grant_type}'."),
        )
        .into()),
    }
}

/// The parameters of a request that a client posts.
pub(crate) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Params, Fault> {
    let form = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|it| {
        let kind = it.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    if !form {
        return Err(Fault::malformed("The request body must be form-encoded."));
    }
    let params = Params::parse(body);
    if let Some(name) = params.repeated() {
        return Err(Fault::malformed(format!("The parameter '{name}' is duplicated.")));
    }
    Ok(params)
}

/// The answer for a user's grant (RFC 6749, section 5.1).
fn tokens(idp: &Idp, user: &User, grant: &Grant<'_>, refresh_token: Option<String>) -> Value {
    let lifetime = idp.access_token_lifetime_of(&user.oid).max(0);
    let mut answer = json!({
        "token_type": "Bearer",
        "scope": grant.scopes.full_names(),
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": idp.user_access_token(user, grant),
    });
    if grant.scopes.openid {
        answer["id_token"] = idp.id_token(user, grant).into();
    }
    if let Some(refresh_token) = refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    answer
}

/// The user of a grant; users are never deleted, but a data file can be edited.
fn user_of(idp: &Idp, oid: &str) -> Result<User, Fault> {
    idp.store().read(|data| data.users.by_oid(oid).cloned()).ok_or_else(|| {
        Fault::new("invalid_grant", 50034, "The user account does not exist in the directory.")
    })
}

fn broken(idp: &Idp) -> Response {
    let fault = Fault::new("server_error", 90033, "A transient error has occurred.");
    let body = axum::Json(fault.body(idp.clock()));
    (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
}

/// What a client is told whose request is at fault (RFC 6749, section 5.2).
pub(crate) fn refusal(idp: &Idp, fault: &Fault) -> Response {
    let body = axum::Json(fault.body(idp.clock()));
    if fault.error == "invalid_client" {
        let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"idp\"")];
        return (StatusCode::UNAUTHORIZED, challenge, body).into_response();
    }
    (StatusCode::BAD_REQUEST, body).into_response()
}
