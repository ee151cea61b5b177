//! Takes away what bears our mark, and nothing else.

use std::fmt;

use crate::{Name, error::Error, graph::Graph, observed::Observed, part::Part, permission};

/// One thing to take away.
struct Item {
    text: String,
    deletion: Option<Deletion>,
}

struct Deletion {
    path: String,
    needs: &'static permission::Permission,
    what: String,
}

/// All that there is to take away, in order: first what refers, then what is referred to.
pub(crate) struct Removal(Vec<Item>);

impl Removal {
    pub(crate) fn of(observed: &Observed, name: &Name) -> Self {
        let mut removal = Self(Vec::new());
        removal.flow(observed, name);
        for part in [Part::Daemon, Part::Web, Part::Api] {
            let noun = part.noun();
            let registration = observed.part(part);
            // With a principal go the consents and role assignments that it has or gives.
            if let Some(principal) = &registration.principal {
                let path = format!("/servicePrincipals/{}", principal.id);
                let text = format!("{noun}: service principal, with consents and roles");
                removal.delete(path, &permission::APPLICATIONS, text);
            }
            if let Some(application) = &registration.application {
                let path = format!("/applications/{}", application.id);
                let text =
                    format!("{noun}: registration {}, with certificates", application.app_id);
                removal.delete(path, &permission::APPLICATIONS, text);
            }
        }
        removal
    }

    /// A flow of ours in which others have put their applications stays, without ours.
    fn flow(&mut self, observed: &Observed, name: &Name) {
        let ours = observed.our_flow(name).map(|flow| flow.id.as_str());
        let web = observed.application(Part::Web).map(|it| it.app_id.as_str());
        for flow in &observed.flows {
            let is_ours = ours == Some(&flow.id);
            let has_web = flow.applications.iter().any(|it| Some(it.as_str()) == web);
            let has_others = flow.applications.iter().any(|it| Some(it.as_str()) != web);
            let path = format!("/identity/authenticationEventsFlows/{}", flow.id);
            let title = &flow.display_name;
            if is_ours && !has_others {
                self.delete(path, &permission::FLOWS, format!("user flow {title:?}"));
                continue;
            }
            if is_ours {
                let text = format!("user flow {title:?}: other applications use it");
                self.0.push(Item { text, deletion: None });
            }
            if let (true, Some(web)) = (has_web, web) {
                let path = format!("{path}/conditions/applications/includeApplications/{web}");
                self.delete(
                    path,
                    &permission::FLOWS,
                    format!("web app: from the user flow {title:?}"),
                );
            }
        }
    }

    fn delete(&mut self, path: String, needs: &'static permission::Permission, text: String) {
        let what = format!("delete {text}");
        self.0.push(Item { text, deletion: Some(Deletion { path, needs, what }) });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.deletions().next().is_none()
    }

    /// The permissions that it takes.
    pub(crate) fn needs(&self) -> impl Iterator<Item = &'static permission::Permission> {
        self.deletions().map(|deletion| deletion.needs)
    }

    fn deletions(&self) -> impl Iterator<Item = &Deletion> {
        self.0.iter().filter_map(|item| item.deletion.as_ref())
    }

    pub(crate) async fn run(&self, graph: &Graph<'_>) -> Result<(), Error> {
        for deletion in self.deletions() {
            graph.delete(&deletion.path, deletion.needs, &deletion.what).await?;
        }
        Ok(())
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Item { text, deletion } in &self.0 {
            writeln!(f, "  {} {text}", if deletion.is_some() { '-' } else { '=' })?;
        }
        let deletions = self.deletions().count();
        write!(f, "{deletions} to remove (-), {} left alone (=)", self.0.len() - deletions)
    }
}
