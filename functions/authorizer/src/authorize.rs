use std::time::Instant;

use auth::{App, Caller, User};
use gate::{Admitted, AdmittedCaller};
use http::StatusCode;

use crate::{AuthorizerEvent, AuthorizerResponse, State, response::Context};

/// Why there is no answer. The text is that of the function error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizerError {
    /// No valid token or session, or a request that cannot be parsed. API Gateway answers 401 to
    /// this text and 500 to every other.
    #[error("Unauthorized")]
    Unauthorized,
    /// The token or session cannot be checked.
    #[error("Unavailable")]
    Unavailable,
}

/// Judges a request by its route's policy.
///
/// # Errors
/// When the caller is not known: there is no way to answer 401 but a function error.
pub async fn authorize(
    state: &State,
    event: AuthorizerEvent,
) -> Result<AuthorizerResponse, AuthorizerError> {
    let started = Instant::now();
    let AuthorizerEvent { request, route, is_of_route, answer } = event;
    let judged = if is_of_route {
        judge(state, request.into_parts(state.gate.public_url())).await
    } else {
        tracing::info!(code = "ambiguous_path", "the path is of another route than the chosen one");
        Err(StatusCode::FORBIDDEN)
    };
    let status = match &judged {
        Ok(_) => StatusCode::OK,
        Err(status) => *status,
    };
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(route, status = status.as_u16(), milliseconds, "request");
    match judged {
        Ok(context) => Ok(AuthorizerResponse::new(answer, Some(context))),
        Err(StatusCode::FORBIDDEN) => Ok(AuthorizerResponse::new(answer, None)),
        Err(status) if status.is_server_error() => Err(AuthorizerError::Unavailable),
        Err(_) => {
            // Counted, since the alarm on function errors leaves these out.
            tracing::info!(code = "unauthorized", "no valid token or session");
            Err(AuthorizerError::Unauthorized)
        }
    }
}

/// The context of an admitted caller, or the status of the refusal.
async fn judge(state: &State, parts: Option<http::request::Parts>) -> Result<Context, StatusCode> {
    let mut parts = parts.ok_or(StatusCode::BAD_REQUEST)?;
    let admitted = state.gate.admit(&mut parts).await.map_err(|refusal| refusal.status())?;
    Ok(context(admitted, state.passes_access_token))
}

fn context(admitted: Admitted, with_access_token: bool) -> Context {
    let Admitted::Caller(AdmittedCaller { caller, scopes, roles, access_token, .. }) = admitted
    else {
        return Context::from_iter([("kind".to_owned(), "anonymous".into())]);
    };
    let (kind, issuer, subject, owner, client) = match caller {
        Caller::User(User { issuer, subject, owner, client }) => {
            ("user", issuer, subject, Some(owner), client)
        }
        Caller::App(App { issuer, subject, client }) => ("app", issuer, subject, None, client),
    };
    let access_token = access_token.filter(|_| with_access_token);
    // A role with a space in it would be read as two.
    let roles = roles.into_iter().filter(|role| !role.contains(char::is_whitespace));
    let members = [
        ("kind", Some(kind.to_owned())),
        ("issuer", Some(issuer.as_str().to_owned())),
        ("sub", Some(subject)),
        ("owner", owner),
        ("client", client),
        ("scope", Some(scopes.join(" "))),
        ("roles", Some(roles.collect::<Vec<_>>().join(" "))),
        ("access_token", access_token.map(|token| token.as_str().to_owned())),
    ];
    let present =
        members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    present.collect()
}
