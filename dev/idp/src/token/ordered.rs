//! What the control page ordered for the user of a grant, before anything is done for it.

use std::time::Duration;

use crate::{apps::App, conduct::Oddity, params::Params, provider::Idp, token::TokenFault};

/// Waits, or fails, or does neither. Nothing is used up by then: a client that gives up
/// waiting, or is answered 500, can come again with the same code or refresh token.
pub(super) async fn before(idp: &Idp, app: &App, params: &Params) -> Result<(), TokenFault> {
    let Some(oid) = user(idp, app, params) else { return Ok(()) };
    let conduct = idp.conducts().of(&oid);
    if conduct.delay_seconds > 0 {
        idp.note(&oid, format!("Token endpoint waits {} s, as ordered", conduct.delay_seconds));
        tokio::time::sleep(Duration::from_secs(conduct.delay_seconds)).await;
    }
    if conduct.has(Oddity::TokenEndpointFails) {
        idp.note(&oid, "Token endpoint answers 500, as ordered");
        return Err(TokenFault::Ordered);
    }
    Ok(())
}

/// Whose code or refresh token it is.
fn user(idp: &Idp, app: &App, params: &Params) -> Option<String> {
    if let Some(code) = params.once("code") {
        return idp.live().user_of_code(code, idp.now());
    }
    let token = params.once("refresh_token")?;
    idp.store().read(|data| {
        let row = data.refresh_tokens.find(token, app.client_id, idp.now()).ok()?;
        Some(row.oid.clone())
    })
}
