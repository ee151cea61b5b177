use std::{fmt, str::FromStr};

use crate::{
    error::Error,
    graph::{Graph, Organization, permission},
};

/// A tenant as it was named: by id or by domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant(String);

/// Not a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tenant is named by its id or by a domain, for example contoso.onmicrosoft.com")]
pub struct NotATenant;

impl FromStr for Tenant {
    type Err = NotATenant;

    /// `common` and `organizations` have no dot and no tenant behind them.
    fn from_str(text: &str) -> Result<Self, NotATenant> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        if text.chars().all(fits) && (text.contains('.') || text.len() == 36) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(NotATenant)
        }
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tenant {
    /// The tenant that the token is for, when it is this one and an external one.
    ///
    /// # What breaks without this
    /// A token in `GRAPH_TOKEN` is of whatever tenant it was got for, and Graph works there: the
    /// registrations would be made in the wrong directory.
    pub(crate) async fn found(&self, graph: &Graph<'_>) -> Result<Organization, Error> {
        let all: Vec<Organization> = graph.list("/organization", &permission::TENANT).await?;
        let organization = all.into_iter().next().ok_or(Error::Unreadable {
            what: "the tenant",
            fault: "there is none in the answer".to_owned(),
        })?;
        let named = |name: &str| name.eq_ignore_ascii_case(&self.0);
        let domains = organization.verified_domains.iter().filter_map(|it| it.name.as_deref());
        if !named(&organization.id) && !domains.into_iter().any(named) {
            let (asked, found) = (self.to_string(), organization.id);
            return Err(Error::OtherTenant { asked, found });
        }
        match organization.tenant_type.as_deref() {
            Some("CIAM") | None => Ok(organization),
            Some(other) => Err(Error::NotExternal(other.to_owned())),
        }
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
            assert_eq!(text.parse::<Tenant>(), Err(NotATenant), "{text}");
        }
    }
}
