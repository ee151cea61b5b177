use http::Method;
use serde_json::{Value, json};

use super::{
    directory::{Directory, Sent, filtered},
    reply::Reply,
};

impl Directory {
    pub(super) fn applications(&mut self, sent: &Sent, path: &[&str], host: &str) -> Reply {
        match (&sent.method, path) {
            (&Method::GET, []) => {
                let tag = json!(filtered(&sent.query));
                let has = |it: &&Value| it["tags"].as_array().is_some_and(|t| t.contains(&tag));
                let all = self.applications.iter().filter(has).filter(|it| self.is_known(it));
                self.page_of(all.cloned().collect(), sent, host)
            }
            (&Method::POST, []) => {
                if !sent.body["identifierUris"].is_null() {
                    return refused("its app id cannot be known yet");
                }
                let mut application = self.born(defaults());
                application["appId"] = json!(self.new_id());
                merge(&mut application, &sent.body);
                self.applications.push(application.clone());
                Reply::created(application)
            }
            (&Method::GET, [id]) => match self.known(id) {
                Some(at) => {
                    let late = self.late_certificate.take();
                    let all = self.applications[at]["keyCredentials"].as_array_mut().unwrap();
                    all.extend(late);
                    Reply::ok(self.applications[at].clone())
                }
                None => Reply::not_found(),
            },
            (&Method::PATCH, [id]) => self.change(id, &sent.body),
            (&Method::DELETE, [id]) => {
                let Some(at) = self.applications.iter().position(|it| it["id"] == **id) else {
                    return Reply::not_found();
                };
                let gone = self.applications.remove(at);
                self.principals.retain(|it| it["appId"] != gone["appId"]);
                Reply::nothing()
            }
            _ => Reply::error(405, "Request_BadRequest", "Not allowed."),
        }
    }

    fn known(&self, id: &str) -> Option<usize> {
        let at = self.applications.iter().position(|it| it["id"] == *id)?;
        self.is_known(&self.applications[at]).then_some(at)
    }

    fn change(&mut self, id: &str, body: &Value) -> Reply {
        let Some(at) = self.known(id) else { return Reply::not_found() };
        let certificates = body["keyCredentials"].as_array().cloned().unwrap_or_default();
        let Some(certificates) = self.registered(&self.applications[at].clone(), certificates)
        else {
            return refused("Update to existing credential with KeyId is not allowed.");
        };
        let application = &mut self.applications[at];
        let own = format!("api://{}", application["appId"].as_str().unwrap());
        let uris = body["identifierUris"].as_array().cloned().unwrap_or_default();
        if uris.iter().any(|it| it.as_str().unwrap().starts_with("api://") && *it != json!(own)) {
            return refused("identifierUris: not the app id");
        }
        for (old, new) in [
            (&application["api"]["oauth2PermissionScopes"], &body["api"]["oauth2PermissionScopes"]),
            (&application["appRoles"], &body["appRoles"]),
        ] {
            if !new.is_null() && redefines_enabled(old, new) {
                return Reply::error(
                    400,
                    "CannotDeleteOrUpdateEnabledEntitlement",
                    "Permission (scope or role) cannot be deleted or updated unless disabled first.",
                );
            }
        }
        merge(application, body);
        if !body["keyCredentials"].is_null() {
            application["keyCredentials"] = json!(certificates);
        }
        Reply::nothing()
    }

    /// New certificates get an id and their thumbprint, and are not shown again. One with an id must
    /// be as it is; then there is nothing.
    fn registered(&mut self, old: &Value, mut all: Vec<Value>) -> Option<Vec<Value>> {
        for one in &mut all {
            if one["keyId"].is_null() {
                one["keyId"] = json!(self.new_id());
                one["customKeyIdentifier"] = json!("5A126608ED1A1366F714A4A62B7015F3262840F1");
                one["key"] = Value::Null;
            } else if !old["keyCredentials"].as_array().unwrap().contains(one) {
                return None;
            }
        }
        Some(all)
    }
}

/// What Graph fills in, nulls included.
fn defaults() -> Value {
    json!({
        "signInAudience": "AzureADandPersonalMicrosoftAccount",
        "identifierUris": [],
        "tags": [],
        "appRoles": [],
        "optionalClaims": null,
        "requiredResourceAccess": [],
        "keyCredentials": [],
        "api": {
            "acceptMappedClaims": null,
            "knownClientApplications": [],
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
            "requestedAccessTokenVersion": null,
        },
        "web": {
            "homePageUrl": null,
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": false,
                "enableIdTokenIssuance": false,
            },
            "logoutUrl": null,
            "redirectUris": [],
            "redirectUriSettings": [],
        },
    })
}

/// Sets the members that are there; those of complex types too. Sets come back in another order.
fn merge(object: &mut Value, body: &Value) {
    for (name, new) in body.as_object().unwrap() {
        match (new, &mut object[name]) {
            (Value::Object(_), old @ Value::Object(_)) => merge(old, new),
            (Value::Array(list), old) => *old = list.iter().rev().cloned().collect(),
            (_, old) => *old = new.clone(),
        }
    }
}

fn redefines_enabled(old: &Value, new: &Value) -> bool {
    let meaning = |it: &Value| json!([it["id"], it["value"], it["allowedMemberTypes"]]);
    let new: Vec<_> = new.as_array().unwrap().iter().map(meaning).collect();
    let enabled = old.as_array().unwrap().iter().filter(|it| it["isEnabled"] == true);
    enabled.into_iter().any(|it| {
        // Disabling changes nothing else.
        !new.contains(&meaning(it))
    })
}

fn refused(why: &str) -> Reply {
    Reply::error(400, "Request_BadRequest", why)
}
