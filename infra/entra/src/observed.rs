//! The tenant as it is, as far as it concerns us.

use crate::{
    Name,
    error::Error,
    graph::{
        Application, Flow, FlowApplication, Grant, Graph, Organization, Principal, RoleAssignment,
        quoted,
    },
    part::Part,
    permission,
    tenant::Tenant,
    wanted::GRAPH_APP_ID,
};

/// A registration and its service principal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registration {
    pub(crate) application: Option<Application>,
    pub(crate) principal: Option<Principal>,
}

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct Observed {
    pub(crate) organization: Organization,
    api: Registration,
    web: Registration,
    daemon: Registration,
    /// The service principal of Microsoft Graph.
    pub(crate) graph_principal: Principal,
    /// What the web app has consent for.
    pub(crate) grants: Vec<Grant>,
    /// The app roles that the daemon has.
    pub(crate) roles: Vec<RoleAssignment>,
    /// All user flows of the tenant.
    pub(crate) flows: Vec<Flow>,
}

impl Observed {
    /// Reads it.
    pub(crate) async fn read(
        graph: &Graph<'_>,
        organization: Organization,
        name: &Name,
    ) -> Result<Self, Error> {
        let graph_principal = principal(graph, GRAPH_APP_ID).await?;
        let graph_principal = graph_principal.ok_or(Error::Unreadable {
            what: "the service principal of Microsoft Graph",
            reason: "there is none in this tenant".to_owned(),
        })?;
        let mut observed = Self {
            organization,
            api: Registration::default(),
            web: Registration::default(),
            daemon: Registration::default(),
            graph_principal,
            grants: Vec::new(),
            roles: Vec::new(),
            flows: flows(graph).await?,
        };
        let path = format!("/applications?$filter=tags/any(t:t%20eq%20{})", quoted(&name.mark()));
        let marked: Vec<Application> = graph.list(&path, &permission::APPLICATIONS).await?;
        for part in Part::ALL {
            let application = only(part, name, &marked)?.cloned();
            let principal = match &application {
                Some(application) => principal(graph, &application.app_id).await?,
                None => None,
            };
            *observed.part_mut(part) = Registration { application, principal };
        }
        if let Some(principal) = &observed.web.principal {
            let client = quoted(&principal.id);
            let path = format!("/oauth2PermissionGrants?$filter=clientId%20eq%20{client}");
            observed.grants = graph.list(&path, &permission::CONSENT).await?;
        }
        if let Some(principal) = &observed.daemon.principal {
            let path = format!("/servicePrincipals/{}/appRoleAssignments", principal.id);
            observed.roles = graph.list(&path, &permission::APPLICATIONS).await?;
        }
        Ok(observed)
    }

    pub(crate) fn part(&self, part: Part) -> &Registration {
        match part {
            Part::Api => &self.api,
            Part::Web => &self.web,
            Part::Daemon => &self.daemon,
        }
    }

    pub(crate) fn part_mut(&mut self, part: Part) -> &mut Registration {
        match part {
            Part::Api => &mut self.api,
            Part::Web => &mut self.web,
            Part::Daemon => &mut self.daemon,
        }
    }

    pub(crate) fn application(&self, part: Part) -> Option<&Application> {
        self.part(part).application.as_ref()
    }

    /// The flow that we made.
    pub(crate) fn our_flow(&self, name: &Name) -> Option<&Flow> {
        let mark = flow_mark(name);
        self.flows.iter().find(|flow| flow.description.as_deref() == Some(&mark))
    }
}

/// What a flow of ours is described by: it has no tags, and its name is people's to change.
pub(crate) fn flow_mark(name: &Name) -> String {
    format!("Made by infra/entra of Tollgate, which finds it by this text ({})", name.mark())
}

/// The one registration that is marked as this part.
fn only<'a>(
    part: Part,
    name: &Name,
    marked: &'a [Application],
) -> Result<Option<&'a Application>, Error> {
    let mut ours = marked.iter().filter(|it| it.tags.iter().any(|tag| tag == part.tag()));
    match (ours.next(), ours.next()) {
        (Some(first), Some(second)) => Err(Error::Ambiguous {
            part: part.noun(),
            mark: name.mark(),
            first: first.app_id.clone(),
            second: second.app_id.clone(),
        }),
        (one, _) => Ok(one),
    }
}

async fn principal(graph: &Graph<'_>, app_id: &str) -> Result<Option<Principal>, Error> {
    let path = format!("/servicePrincipals?$filter=appId%20eq%20{}", quoted(app_id));
    Ok(graph.list(&path, &permission::APPLICATIONS).await?.into_iter().next())
}

async fn flows(graph: &Graph<'_>) -> Result<Vec<Flow>, Error> {
    let path = "/identity/authenticationEventsFlows";
    let mut flows: Vec<Flow> = graph.list(path, &permission::FLOWS).await?;
    for flow in &mut flows {
        let path = format!("{path}/{}/conditions/applications/includeApplications", flow.id);
        let all: Vec<FlowApplication> = graph.list(&path, &permission::FLOWS).await?;
        flow.applications = all.into_iter().map(|it| it.app_id).collect();
    }
    Ok(flows)
}

/// The tenant that the token is for, when it is this one.
///
/// # What breaks without this
/// A token in `GRAPH_TOKEN` may be for another tenant: the registrations would
/// be created in the wrong directory.
pub(crate) async fn organization(
    graph: &Graph<'_>,
    tenant: &Tenant,
) -> Result<Organization, Error> {
    let all: Vec<Organization> = graph.list("/organization", &permission::TENANT).await?;
    let organization = all.into_iter().next().ok_or(Error::Unreadable {
        what: "the tenant",
        reason: "there is none in the answer".to_owned(),
    })?;
    let named = |name: &str| name.eq_ignore_ascii_case(&tenant.0);
    let domains = organization.verified_domains.iter().filter_map(|it| it.name.as_deref());
    if !named(&organization.id) && !domains.into_iter().any(named) {
        let (asked, found) = (tenant.to_string(), organization.id);
        return Err(Error::OtherTenant { asked, found });
    }
    Ok(organization)
}
