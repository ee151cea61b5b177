use std::{fmt, str::FromStr};

/// A tenant as it was named: by id or by domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant(pub(crate) String);

/// Not a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tenant is named by its id or by a domain, for example contoso.onmicrosoft.com")]
pub struct TenantError;

impl FromStr for Tenant {
    type Err = TenantError;

    /// `common` and `organizations` have no dot and no tenant behind them.
    fn from_str(text: &str) -> Result<Self, TenantError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        if text.chars().all(fits) && (text.contains('.') || text.len() == 36) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(TenantError)
        }
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_an_id_or_a_domain_and_no_other_path() {
        assert!("contoso.onmicrosoft.com".parse::<Tenant>().is_ok());
        assert!("5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10".parse::<Tenant>().is_ok());
        for text in ["", "common", "organizations", "a/b.c", "a.b?c", "a.b#"] {
            assert_eq!(text.parse::<Tenant>(), Err(TenantError), "{text}");
        }
    }
}
