use std::time::Duration;

use serde_json::json;
use session::{SessionContents, Token};

use crate::table::start;

/// What a sign-in leaves behind.
pub(crate) fn contents() -> SessionContents {
    let claims = json!({"sub": "ada", "email": "ada@example.com", "name": "Ada Lovelace"});
    SessionContents {
        access_token: Token::from("the-access-token"),
        access_expires_at: Some(start() + Duration::from_hours(1)),
        obtained_at: start(),
        refresh_token: Some(Token::from("the-refresh-token")),
        id_token: Token::from("the-id-token"),
        claims: claims.as_object().unwrap().clone(),
        userinfo: serde_json::Map::new(),
        scopes: None,
    }
}

/// The same after a refresh.
pub(crate) fn renewed(access_token: &str) -> SessionContents {
    SessionContents { access_token: Token::from(access_token), ..contents() }
}
