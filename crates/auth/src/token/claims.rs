//! The facts that every kind of token must have.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value};

use crate::{
    Issuer, TokenError, UntrustedText,
    token::json::{Json, Object},
};

/// The first second of the year 10000, the end of what RFC 3339 can write.
const END_OF_TIME: f64 = 253_402_300_800.0;

/// Unverified claims, read so that each failure has its name.
pub(crate) struct Claims<'c> {
    document: &'c Object<'c>,
    now: f64,
    leeway: Duration,
}

impl<'c> Claims<'c> {
    /// Of a token about which not even the issuer is known.
    pub(crate) fn new(document: &'c Object<'c>) -> Self {
        Self { document, now: f64::INFINITY, leeway: Duration::ZERO }
    }

    /// The same, to be checked at this time with this leeway.
    pub(crate) fn at(self, now: SystemTime, leeway: Duration) -> Self {
        let now = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => since.as_secs_f64(),
            Err(before) => -before.duration().as_secs_f64(),
        };
        Self { now, leeway, ..self }
    }

    /// Verifies the tenant and the times of a token that names this issuer.
    pub(crate) fn check(&self, issuer: &Issuer) -> Result<(), TokenError> {
        self.check_tenant(issuer)?;
        self.check_times()
    }

    fn check_tenant(&self, issuer: &Issuer) -> Result<(), TokenError> {
        let Some(tenant) = issuer.tenant() else { return Ok(()) };
        let ver = self.required_text("ver")?;
        if ver != "2.0" {
            return Err(TokenError::WrongVersion { actual: UntrustedText::new(ver) });
        }
        let tid = self.required_text("tid")?;
        if tid != tenant {
            return Err(TokenError::WrongTenant {
                expected: tenant.to_owned(),
                actual: UntrustedText::new(tid),
            });
        }
        Ok(())
    }

    fn check_times(&self) -> Result<(), TokenError> {
        let (now, leeway) = (self.now, self.leeway);
        let exp = self.expires()?;
        if now >= exp + leeway.as_secs_f64() {
            return Err(TokenError::Expired { exp, now, leeway });
        }
        self.past_time("nbf")?;
        self.past_time("iat")?;
        Ok(())
    }

    pub(crate) fn expires(&self) -> Result<f64, TokenError> {
        self.time("exp")?.ok_or_else(|| missing("exp"))
    }

    /// A time that, if present, is not in the future.
    pub(crate) fn past_time(&self, claim: &str) -> Result<Option<f64>, TokenError> {
        let (now, leeway) = (self.now, self.leeway);
        let time = self.time(claim)?;
        match time {
            Some(actual) if actual > now + leeway.as_secs_f64() => {
                Err(TokenError::NotYetValid { claim: claim.to_owned(), actual, now, leeway })
            }
            _ => Ok(time),
        }
    }

    /// How long ago a time is, in seconds, if it is longer ago than this, with
    /// the leeway on top.
    pub(crate) fn older_than(&self, time: f64, expected: Duration) -> Option<f64> {
        let actual = self.now - time;
        (actual > expected.as_secs_f64() + self.leeway.as_secs_f64()).then_some(actual)
    }

    /// The values of `aud`, which is a string or a list of strings.
    pub(crate) fn audience(&self) -> Result<Vec<&'c str>, TokenError> {
        match self.document.get("aud") {
            None => Err(missing("aud")),
            Some(Json::Text(audience)) => Ok(vec![audience]),
            Some(value) => {
                value.texts().ok_or_else(|| malformed("aud", "a string or a list of strings"))
            }
        }
    }

    /// Whether `aud` is this one string, as it nearly always is.
    pub(crate) fn is_for(&self, audience: &str) -> bool {
        matches!(self.document.get("aud"), Some(Json::Text(only)) if only == audience)
    }

    pub(crate) fn value(&self, claim: &str) -> Option<&'c Json<'c>> {
        self.document.get(claim)
    }

    pub(crate) fn to_map(&self) -> Map<String, Value> {
        self.document.to_map()
    }

    pub(crate) fn has(&self, claim: &str) -> bool {
        self.document.has(claim)
    }

    pub(crate) fn required_text(&self, claim: &str) -> Result<&'c str, TokenError> {
        self.text(claim)?.ok_or_else(|| missing(claim))
    }

    /// A claim that, if present, is a string and not empty: an empty id would
    /// be the same for all users.
    pub(crate) fn text(&self, claim: &str) -> Result<Option<&'c str>, TokenError> {
        match self.document.get(claim) {
            None => Ok(None),
            Some(Json::Text(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(malformed(claim, "a string with something in it")),
        }
    }

    /// The first of these claims that is there.
    pub(crate) fn first_text(&self, claims: &[String]) -> Result<Option<&'c str>, TokenError> {
        claims.iter().find_map(|claim| self.text(claim).transpose()).transpose()
    }

    /// Permissions with single spaces between them. They may be written so
    /// (RFC 8693, section 4.2) or as a list. `None` when the claim is not there.
    pub(crate) fn scopes(&self, claim: &str) -> Result<Option<Cow<'c, str>>, TokenError> {
        let names = match self.document.get(claim) {
            None => return Ok(None),
            Some(Json::Text(text)) if has_single_spaces(text) => {
                return Ok(Some(Cow::Borrowed(text)));
            }
            Some(value) => value.texts(),
        };
        // A scope with a space in it would be two.
        names
            .filter(|names| !names.iter().any(|name| name.is_empty() || name.contains(' ')))
            .map(|names| Some(Cow::Owned(names.join(" "))))
            .ok_or_else(|| {
                malformed(claim, "names with single spaces between them, or a list of names")
            })
    }

    /// A list of names, none of them empty. `None` when the claim is not there.
    pub(crate) fn names(&self, claim: &str) -> Result<Option<Vec<&'c str>>, TokenError> {
        let Some(value) = self.document.get(claim) else { return Ok(None) };
        let names = value.texts().filter(|names| !names.iter().any(|name| name.is_empty()));
        names.map(Some).ok_or_else(|| malformed(claim, "a list of names"))
    }

    pub(crate) fn time(&self, claim: &str) -> Result<Option<f64>, TokenError> {
        match self.document.get(claim) {
            None => Ok(None),
            Some(Json::Number(number)) => {
                let actual = number.as_f64().unwrap_or(f64::INFINITY);
                if (0.0..END_OF_TIME).contains(&actual) {
                    Ok(Some(actual))
                } else {
                    Err(TokenError::TimeOutOfRange { claim: claim.to_owned(), actual })
                }
            }
            Some(_) => Err(malformed(claim, "a number")),
        }
    }
}

fn has_single_spaces(text: &str) -> bool {
    !(text.starts_with(' ')
        || text.ends_with(' ')
        || text.as_bytes().windows(2).any(|two| two == b"  "))
}

/// The refusal of a token without this claim.
pub(crate) fn missing(claim: &str) -> TokenError {
    TokenError::ClaimMissing { claim: claim.to_owned() }
}

fn malformed(claim: &str, expected: &'static str) -> TokenError {
    TokenError::ClaimMalformed { claim: claim.to_owned(), expected }
}
