//! What is to be done so that the tenant is as wanted.

use std::fmt;

use permissions::Permission;
use time::{Duration, OffsetDateTime, macros::format_description};

use crate::{
    Name, api_permission,
    certificate::LIFETIME,
    difference::Difference,
    error::Error,
    graph::{Application, Grant, KeyCredential, Principal},
    observed::Observed,
    part::Part,
    permission,
    wanted::{Wanted, openid_scopes},
};

/// A certificate that ends sooner is mentioned.
const SOON: Duration = Duration::days(30);

/// Whose delegated permissions are consented to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    MicrosoftGraph,
    Api,
}

/// One thing to do.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Register(Part),
    Amend(Part),
    MakePrincipal(Part),
    Consent(Resource),
    AssignRole(Box<Permission>),
    MakeFlow,
    JoinFlow,
    AddCertificate(Part),
    AddIdentifierUris(Vec<String>),
}

impl Step {
    /// The permission to do it.
    pub(crate) fn needs(&self) -> &'static permission::Permission {
        match self {
            Self::Register(_)
            | Self::Amend(_)
            | Self::MakePrincipal(_)
            | Self::AddCertificate(_)
            | Self::AddIdentifierUris(_) => &permission::APPLICATIONS,
            Self::Consent(_) => &permission::CONSENT,
            Self::AssignRole(_) => &permission::ROLES,
            Self::MakeFlow | Self::JoinFlow => &permission::FLOWS,
        }
    }
}

/// What will be done about something, or that nothing will.
#[derive(Debug)]
struct Item {
    sign: char,
    text: String,
    step: Option<Step>,
}

/// All that there is to do, in order.
#[derive(Debug, Default)]
pub(crate) struct Plan(Vec<Item>);

impl Plan {
    /// Compares.
    pub(crate) fn of(
        observed: &Observed,
        wanted: &Wanted,
        now: OffsetDateTime,
    ) -> Result<Self, Error> {
        let mut plan = Self::default();
        for part in wanted.parts() {
            plan.registration(observed, wanted, part);
            plan.principal(observed, part);
        }
        plan.consent(observed, Resource::MicrosoftGraph);
        plan.consent(observed, Resource::Api);
        if wanted.daemon {
            plan.roles(observed);
        } else if observed.application(Part::Daemon).is_some() {
            plan.keep("the daemon and what belongs to it (not asked about)".to_owned());
        }
        plan.flow(observed, &wanted.name)?;
        plan.resources(observed, wanted);
        let has_certificate = |part: &Part| match part {
            Part::Api => false,
            Part::Web => wanted.web_certificate,
            Part::Daemon => true,
        };
        for part in wanted.parts().filter(has_certificate) {
            plan.certificate(observed.application(part), wanted, part, now);
        }
        Ok(plan)
    }

    /// What to do, in order.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.0.iter().filter_map(|item| item.step.as_ref())
    }

    /// Whether there is anything to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.steps().next().is_none()
    }

    fn registration(&mut self, observed: &Observed, wanted: &Wanted, part: Part) {
        let noun = part.noun();
        let api = observed.application(Part::Api);
        let Some(current) = observed.application(part) else {
            let name = part.display_name(&wanted.name);
            self.create(format!("{noun}: registration {name:?}"), Step::Register(part));
            if part == Part::Api {
                self.create(format!("{noun}: identifier URI api://<its id>"), Step::Amend(part));
            }
            return;
        };
        let settings = wanted.settings(part, current, api);
        let difference = Difference::between(&current.settings, &settings);
        if part != Part::Api && api.is_none() {
            self.change(
                format!("{noun}: asks for the permissions of the new API"),
                Step::Amend(part),
            );
        } else if difference.patches.is_empty() {
            self.keep(format!("{noun}: registration {}", current.app_id));
        } else {
            let words = difference.words.join("; ");
            self.change(
                format!("{noun}: registration {}: {words}", current.app_id),
                Step::Amend(part),
            );
        }
    }

    fn principal(&mut self, observed: &Observed, part: Part) {
        let text = format!("{}: service principal", part.noun());
        match observed.part(part).principal {
            Some(_) => self.keep(text),
            None => self.create(text, Step::MakePrincipal(part)),
        }
    }

    fn consent(&mut self, observed: &Observed, resource: Resource) {
        let scopes = resource.scopes().join(", ");
        let text = format!("web app: admin consent to {scopes}");
        match resource.grant(observed) {
            None => self.create(text, Step::Consent(resource)),
            Some(grant) if resource.is_covered(grant) => self.keep(text),
            Some(_) => self.change(text, Step::Consent(resource)),
        }
    }

    fn roles(&mut self, observed: &Observed) {
        for permission in permissions::all() {
            let text = format!("daemon: app role {}", permission.role);
            let api = observed.part(Part::Api);
            let role = api_permission::role_id(&permission, api.application.as_ref());
            let has = |principal: &Principal| {
                observed
                    .roles
                    .iter()
                    .any(|it| it.resource_id == principal.id && it.app_role_id == role)
            };
            if api.principal.as_ref().is_some_and(has) {
                self.keep(text);
            } else {
                self.create(text, Step::AssignRole(Box::new(permission)));
            }
        }
    }

    /// One flow per application: an application in another flow stays there.
    fn flow(&mut self, observed: &Observed, name: &Name) -> Result<(), Error> {
        let web = observed.application(Part::Web);
        let has_web =
            |applications: &[String]| web.is_some_and(|it| applications.contains(&it.app_id));
        let ours = observed.our_flow(name);
        if let Some(flow) = observed.flows.iter().find(|flow| has_web(&flow.applications)) {
            self.keep(format!("web app: in the user flow {:?}", flow.display_name));
            return Ok(());
        }
        if ours.is_none() {
            let title = flow_name(name);
            if observed.flows.iter().any(|flow| flow.display_name == title) {
                return Err(Error::FlowNameTaken(title));
            }
            self.create(format!("user flow {title:?}: e-mail and password"), Step::MakeFlow);
        }
        self.create("web app: in the user flow".to_owned(), Step::JoinFlow);
        Ok(())
    }

    /// Identifier URIs that Entra takes on verified domains alone.
    fn resources(&mut self, observed: &Observed, wanted: &Wanted) {
        let api = observed.application(Part::Api);
        let known = api.and_then(|it| it.settings.identifier_uris.clone()).unwrap_or_default();
        let mut missing = Vec::new();
        for uri in &wanted.resources {
            let host = uri.host_str().unwrap_or_default();
            let uri = uri.as_str().trim_end_matches('/').to_owned();
            if known.contains(&uri) {
                self.keep(format!("API: identifier URI {uri}"));
            } else if observed.organization.has(host) {
                missing.push(uri);
            } else {
                let text = format!(
                    "API: identifier URI {uri} is not possible: verify its domain in the tenant \
                     for clients that name the API by its address (RFC 8707)"
                );
                self.0.push(Item { sign: '!', text, step: None });
            }
        }
        if !missing.is_empty() {
            let text = format!("API: identifier URIs {}", missing.join(", "));
            self.create(text, Step::AddIdentifierUris(missing));
        }
    }

    fn certificate(
        &mut self,
        application: Option<&Application>,
        wanted: &Wanted,
        part: Part,
        now: OffsetDateTime,
    ) {
        let noun = part.noun();
        let mark = wanted.name.mark();
        let all = application.map(|it| it.key_credentials.as_slice()).unwrap_or_default();
        let ours = all.iter().filter(|it| it.is_named(&mark));
        match ours.filter_map(KeyCredential::end).filter(|end| *end > now).max() {
            Some(end) if !wanted.new_credential => {
                let date = end.format(format_description!("[year]-[month]-[day]"));
                let date = date.expect("a date has all the parts of a date");
                let soon = if end - now < SOON { ", SOON" } else { "" };
                self.keep(format!(
                    "{noun}: certificate, until {date}{soon} (--new-credential adds another)"
                ));
            }
            _ => {
                let days = LIFETIME.whole_days();
                let text = format!("{noun}: key and certificate, for {days} days");
                self.create(text, Step::AddCertificate(part));
            }
        }
    }

    fn create(&mut self, text: String, step: Step) {
        self.0.push(Item { sign: '+', text, step: Some(step) });
    }

    fn change(&mut self, text: String, step: Step) {
        self.0.push(Item { sign: '~', text, step: Some(step) });
    }

    fn keep(&mut self, text: String) {
        self.0.push(Item { sign: '=', text, step: None });
    }
}

/// What our flow is called when it is made.
pub(crate) fn flow_name(name: &Name) -> String {
    format!("{name} sign-up and sign-in")
}

impl Resource {
    /// The scopes by the names that a consent lists.
    pub(crate) fn scopes(self) -> Vec<&'static str> {
        match self {
            Self::MicrosoftGraph => openid_scopes().map(|(name, _)| *name).collect(),
            Self::Api => permissions::all().map(|it| it.scope).collect(),
        }
    }

    /// The principal that has the permissions, when it is there.
    pub(crate) fn principal(self, observed: &Observed) -> Option<&Principal> {
        match self {
            Self::MicrosoftGraph => Some(&observed.graph_principal),
            Self::Api => observed.part(Part::Api).principal.as_ref(),
        }
    }

    /// The consent for all users.
    pub(crate) fn grant(self, observed: &Observed) -> Option<&Grant> {
        let principal = self.principal(observed)?;
        observed.grants.iter().find(|grant| {
            grant.resource_id == principal.id
                && grant.consent_type.as_deref() == Some("AllPrincipals")
        })
    }

    fn is_covered(self, grant: &Grant) -> bool {
        let given = grant.scope.as_deref().unwrap_or_default();
        self.scopes().iter().all(|it| given.split_whitespace().any(|scope| scope == *it))
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in &self.0 {
            writeln!(f, "  {} {}", item.sign, item.text)?;
        }
        let count = |sign| self.0.iter().filter(|item| item.sign == sign).count();
        let (new, other, same) = (count('+'), count('~'), count('='));
        write!(f, "{new} to create (+), {other} to change (~), {same} left alone (=)")
    }
}
