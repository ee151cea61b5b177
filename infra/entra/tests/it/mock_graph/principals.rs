use http::Method;
use serde_json::Value;

use super::{
    directory::{Directory, Sent, filtered},
    reply::Reply,
};

impl Directory {
    pub(super) fn principals(&mut self, sent: &Sent, path: &[&str], host: &str) -> Reply {
        match (&sent.method, path) {
            (&Method::GET, ["servicePrincipals"]) => {
                let all = of(&self.principals, "appId", filtered(&sent.query));
                let all = all.into_iter().filter(|it| self.is_known(it)).collect();
                self.page_of(all, sent, host)
            }
            (&Method::POST, ["servicePrincipals"]) => self.make_principal(&sent.body),
            (&Method::DELETE, ["servicePrincipals", id]) => {
                if !self.principals.iter().any(|it| it["id"] == **id) {
                    return Reply::not_found();
                }
                self.principals.retain(|it| it["id"] != **id);
                self.grants.retain(|it| it["clientId"] != **id && it["resourceId"] != **id);
                self.assignments.retain(|it| it["principalId"] != **id && it["resourceId"] != **id);
                Reply::nothing()
            }
            (&Method::GET, ["servicePrincipals", id, "appRoleAssignments"]) => {
                self.page_of(of(&self.assignments, "principalId", id), sent, host)
            }
            (&Method::POST, ["servicePrincipals", id, "appRoleAssignments"]) => {
                if !self.has_principal(id) {
                    return Reply::not_found();
                }
                let assignment = self.born(sent.body.clone());
                self.assignments.push(assignment.clone());
                Reply::created(assignment)
            }
            (&Method::GET, ["oauth2PermissionGrants"]) => {
                self.page_of(of(&self.grants, "clientId", filtered(&sent.query)), sent, host)
            }
            (&Method::POST, ["oauth2PermissionGrants"]) => self.make_grant(&sent.body),
            (&Method::PATCH, ["oauth2PermissionGrants", id]) => {
                let Some(grant) = self.grants.iter_mut().find(|it| it["id"] == **id) else {
                    return Reply::not_found();
                };
                grant["scope"] = sent.body["scope"].clone();
                Reply::nothing()
            }
            _ => Reply::error(405, "Request_BadRequest", "Not allowed."),
        }
    }

    fn make_principal(&mut self, body: &Value) -> Reply {
        let application = self.applications.iter().find(|it| it["appId"] == body["appId"]);
        if !application.is_some_and(|it| self.is_known(it)) {
            let app_id = body["appId"].as_str().unwrap();
            let message = format!(
                "The appId '{app_id}' of the service principal does not reference a valid application object."
            );
            return Reply::error(400, "Request_BadRequest", &message);
        }
        if self.principals.iter().any(|it| it["appId"] == body["appId"]) {
            return Reply::error(409, "Request_MultipleObjectsWithSameKeyValue", "In use.");
        }
        let principal = self.born(body.clone());
        self.principals.push(principal.clone());
        Reply::created(principal)
    }

    fn make_grant(&mut self, body: &Value) -> Reply {
        let known = |member: &str| self.has_principal(body[member].as_str().unwrap());
        if !known("clientId") || !known("resourceId") {
            return Reply::not_found();
        }
        let same = |it: &&Value| {
            it["clientId"] == body["clientId"] && it["resourceId"] == body["resourceId"]
        };
        if self.grants.iter().any(|it| same(&it)) {
            return Reply::error(409, "Request_MultipleObjectsWithSameKeyValue", "Exists.");
        }
        let grant = self.born(body.clone());
        self.grants.push(grant.clone());
        Reply::created(grant)
    }

    fn has_principal(&self, id: &str) -> bool {
        self.principals.iter().any(|it| it["id"] == *id && self.is_known(it))
    }
}

fn of(all: &[Value], member: &str, value: &str) -> Vec<Value> {
    all.iter().filter(|it| it[member] == *value).cloned().collect()
}
