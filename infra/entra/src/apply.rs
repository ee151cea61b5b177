//! Does what a plan says.

use std::path::Path;

use permissions::Permission;

use crate::{
    api_permission,
    certificate::{Certificate, KeyFile},
    difference::Difference,
    error::Error,
    graph::{
        Application, Flow, FlowApplication, GrantScopes, Graph, KeyCredential, KeyCredentials,
        NewApplication, NewFlow, NewGrant, NewPrincipal, RoleAssignment, Settings,
    },
    observed::{Observed, flow_mark},
    part::Part,
    permission,
    plan::{Resource, Step, flow_name},
    wanted::Wanted,
};

/// What the admin center's list of enterprise applications shows.
const SHOWN: &str = "WindowsAzureActiveDirectoryIntegratedApp";

/// Applies steps, with what is known of the tenant so far.
pub(crate) struct Work<'a> {
    pub(crate) graph: &'a Graph<'a>,
    pub(crate) wanted: &'a Wanted,
    pub(crate) observed: Observed,
    /// The folder for new private keys.
    pub(crate) keys: &'a Path,
}

impl Work<'_> {
    /// Does one step. Each begins with what the steps before it made.
    pub(crate) async fn take(&mut self, step: &Step) -> Result<(), Error> {
        match step {
            Step::Register(part) => self.register(*part).await,
            Step::Amend(part) => self.amend(*part).await,
            Step::MakePrincipal(part) => self.make_principal(*part).await,
            Step::Consent(resource) => self.consent(*resource).await,
            Step::AssignRole(role) => self.assign_role(role).await,
            Step::MakeFlow => self.make_flow().await,
            Step::JoinFlow => self.join_flow().await,
            Step::AddCertificate(part) => self.add_certificate(*part).await,
            Step::AddIdentifierUris(uris) => self.add_identifier_uris(uris).await,
        }
    }

    async fn register(&mut self, part: Part) -> Result<(), Error> {
        let api = self.observed.application(Part::Api);
        let body = NewApplication {
            display_name: part.display_name(&self.wanted.name),
            tags: vec![self.wanted.name.mark(), part.tag().to_owned()],
            settings: self.wanted.settings(part, &Application::default(), api),
        };
        let what = format!("register the {}", part.noun());
        let made =
            self.graph.post("/applications", &body, &permission::APPLICATIONS, &what).await?;
        self.observed.part_mut(part).application = Some(made);
        Ok(())
    }

    async fn amend(&mut self, part: Part) -> Result<(), Error> {
        let current = self.application(part)?.clone();
        let wanted = self.wanted.settings(part, &current, self.observed.application(Part::Api));
        let path = format!("/applications/{}", current.id);
        let what = format!("change the registration of the {}", part.noun());
        for patch in Difference::between(&current.settings, &wanted).patches {
            self.graph.patch(&path, &patch, &permission::APPLICATIONS, &what).await?;
        }
        self.observed.part_mut(part).application =
            Some(Application { settings: wanted, ..current });
        Ok(())
    }

    async fn make_principal(&mut self, part: Part) -> Result<(), Error> {
        let body = NewPrincipal {
            app_id: self.application(part)?.app_id.clone(),
            tags: vec![self.wanted.name.mark(), part.tag().to_owned(), SHOWN.to_owned()],
        };
        let what = format!("make the service principal of the {}", part.noun());
        let made = self.graph.post("/servicePrincipals", &body, &permission::APPLICATIONS, &what);
        self.observed.part_mut(part).principal = Some(made.await?);
        Ok(())
    }

    /// Adds to a consent what is missing; what others added stays.
    async fn consent(&mut self, resource: Resource) -> Result<(), Error> {
        let what = "consent for all users of the web app";
        if let Some(grant) = resource.grant(&self.observed) {
            let given = grant.scope.as_deref().unwrap_or_default();
            let mut scopes: Vec<_> = given.split_whitespace().collect();
            scopes.extend(
                resource.scopes().into_iter().filter(|it| !given.split(' ').any(|g| g == *it)),
            );
            let body = GrantScopes { scope: scopes.join(" ") };
            let path = format!("/oauth2PermissionGrants/{}", grant.id);
            return self.graph.patch(&path, &body, &permission::CONSENT, what).await;
        }
        let body = NewGrant {
            client_id: self.principal_id(Part::Web)?,
            consent_type: "AllPrincipals",
            resource_id: match resource {
                Resource::MicrosoftGraph => self.observed.graph_principal.id.clone(),
                Resource::Api => self.principal_id(Part::Api)?,
            },
            scope: resource.scopes().join(" "),
        };
        let grant = self.graph.post("/oauth2PermissionGrants", &body, &permission::CONSENT, what);
        self.observed.grants.push(grant.await?);
        Ok(())
    }

    async fn assign_role(&mut self, permission: &Permission) -> Result<(), Error> {
        let body = RoleAssignment {
            principal_id: self.principal_id(Part::Daemon)?,
            resource_id: self.principal_id(Part::Api)?,
            app_role_id: api_permission::role_id(permission, self.observed.application(Part::Api)),
        };
        let path = format!("/servicePrincipals/{}/appRoleAssignments", body.principal_id);
        let what = format!("give the daemon the app role {}", permission.role);
        let made = self.graph.post(&path, &body, &permission::ROLES, &what).await?;
        self.observed.roles.push(made);
        Ok(())
    }

    async fn make_flow(&mut self) -> Result<(), Error> {
        let name = &self.wanted.name;
        let body = NewFlow::email_and_password(flow_name(name), flow_mark(name));
        let path = "/identity/authenticationEventsFlows";
        let what = "make the user flow";
        let flow: Flow = self.graph.post(path, &body, &permission::FLOWS, what).await?;
        // Known by what we asked for, should the answer leave the description out.
        let description = Some(flow_mark(name));
        self.observed.flows.push(Flow { description, ..flow });
        Ok(())
    }

    async fn join_flow(&mut self) -> Result<(), Error> {
        let flow = self.observed.our_flow(&self.wanted.name).ok_or(missing("the user flow"))?;
        let path = format!(
            "/identity/authenticationEventsFlows/{}/conditions/applications/includeApplications",
            flow.id
        );
        let body = FlowApplication::new(&self.application(Part::Web)?.app_id);
        let what = "put the web app into the user flow";
        let _same: FlowApplication =
            self.graph.post(&path, &body, &permission::FLOWS, what).await?;
        Ok(())
    }

    /// Adds a certificate to those that there are now, of which ours that have ended go.
    async fn add_certificate(&mut self, part: Part) -> Result<(), Error> {
        let (name, now) = (&self.wanted.name, self.graph.time.now());
        let file = KeyFile::create(self.keys, name, part)?;
        let certificate = Certificate::generate(name, now);
        let path = format!("/applications/{}", self.application(part)?.id);
        let what = format!("register a certificate of the {}", part.noun());
        let needs = &permission::APPLICATIONS;
        let current: Application = self.graph.get(&path, needs, &what).await?;
        let mut key_credentials = current.key_credentials;
        let has_ended = |it: &KeyCredential| it.end().is_some_and(|end| end <= now);
        key_credentials.retain(|it| !(it.is_named(&name.mark()) && has_ended(it)));
        key_credentials.push(certificate.credential.clone());
        self.graph.patch(&path, &KeyCredentials { key_credentials }, needs, &what).await?;
        file.write(&certificate, part, self.graph.console)
    }

    /// A refusal, by `HostNameNotOnVerifiedDomain` or a policy of the tenant, ends nothing: few
    /// clients need it.
    async fn add_identifier_uris(&mut self, added: &[String]) -> Result<(), Error> {
        let api = self.application(Part::Api)?;
        let mut uris = api.settings.identifier_uris.clone().unwrap_or_default();
        uris.extend_from_slice(added);
        let settings = Settings { identifier_uris: Some(uris), ..Settings::default() };
        let (path, needs) = (format!("/applications/{}", api.id), &permission::APPLICATIONS);
        match self.graph.patch(&path, &settings, needs, "add identifier URIs").await {
            Err(Error::Graph { status: 400, code, message, .. }) => {
                self.graph.console.say(&format!(
                    "Note: Entra refuses the identifier URIs {} ({code}: {message}). Clients that \
                     name the API by its address (RFC 8707) get no tokens; all others do.",
                    added.join(", ")
                ));
                Ok(())
            }
            other => other,
        }
    }

    fn application(&self, part: Part) -> Result<&Application, Error> {
        self.observed.application(part).ok_or(missing("a registration"))
    }

    fn principal_id(&self, part: Part) -> Result<String, Error> {
        let principal = self.observed.part(part).principal.as_ref();
        principal.map(|it| it.id.clone()).ok_or(missing("a service principal"))
    }
}

/// A plan makes everything before it is needed, so this is for a plan that does not.
fn missing(what: &'static str) -> Error {
    Error::Unreadable { what, reason: "it should have been made by now".to_owned() }
}
