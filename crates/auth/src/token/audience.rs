//! Whom a token is for.

use crate::{TokenError, UntrustedText, token::claims::Claims};

/// An access token: one of the audience's values is enough.
pub(crate) fn check_shared(claims: &Claims<'_>, expected: &[String]) -> Result<(), TokenError> {
    if expected.iter().any(|expected| claims.is_for(expected)) {
        return Ok(());
    }
    let audience = claims.audience()?;
    if audience.iter().any(|actual| expected.iter().any(|expected| expected == actual)) {
        return Ok(());
    }
    Err(TokenError::WrongAudience {
        expected: expected.to_vec(),
        actual: UntrustedText::list(&audience),
    })
}

/// An ID or logout token: the client alone. A token that is also
/// for others could have been got, and be used, by one of them.
pub(crate) fn check_client_alone(claims: &Claims<'_>, client_id: &str) -> Result<(), TokenError> {
    let audience = claims.audience()?;
    if !audience.contains(&client_id) {
        return Err(TokenError::WrongAudience {
            expected: vec![client_id.to_owned()],
            actual: UntrustedText::list(&audience),
        });
    }
    if audience.iter().any(|value| *value != client_id) {
        return Err(TokenError::UntrustedAudience {
            expected: client_id.to_owned(),
            actual: UntrustedText::list(&audience),
        });
    }
    match claims.text("azp")? {
        Some(azp) if azp != client_id => Err(TokenError::WrongClient {
            expected: client_id.to_owned(),
            actual: UntrustedText::new(azp),
        }),
        _ => Ok(()),
    }
}
