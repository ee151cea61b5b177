use http::Method;
use serde_json::{Value, json};

use super::{
    directory::{Directory, Sent},
    reply::Reply,
};

const INCLUDED: [&str; 3] = ["conditions", "applications", "includeApplications"];

impl Directory {
    pub(super) fn flows(&mut self, sent: &Sent, path: &[&str], host: &str) -> Reply {
        match (&sent.method, path) {
            (&Method::GET, []) => {
                let all = self.flows.iter().filter(|it| self.is_known(it));
                self.page_of(all.cloned().collect(), sent, host)
            }
            (&Method::POST, []) => {
                let name = &sent.body["displayName"];
                if self.flows.iter().any(|it| it["displayName"] == *name) {
                    return Reply::error(400, "BadRequest", "The name is not unique.");
                }
                let mut flow = self.born(sent.body.clone());
                flow["applications"] = json!([]);
                self.flows.push(flow.clone());
                Reply::created(flow)
            }
            (_, [id, rest @ ..]) => {
                let Some(at) = self.flows.iter().position(|it| it["id"] == **id) else {
                    return Reply::not_found();
                };
                if !self.is_known(&self.flows[at]) {
                    return Reply::not_found();
                }
                self.flow(at, sent, rest, host)
            }
            _ => Reply::error(405, "Request_BadRequest", "Not allowed."),
        }
    }

    fn flow(&mut self, at: usize, sent: &Sent, path: &[&str], host: &str) -> Reply {
        match (&sent.method, path) {
            (&Method::DELETE, []) => {
                self.flows.remove(at);
                Reply::nothing()
            }
            (&Method::GET, path) if *path == INCLUDED => {
                let all = applications(&mut self.flows[at]).clone();
                let all = all.into_iter().map(|it| json!({ "appId": it })).collect();
                self.page_of(all, sent, host)
            }
            (&Method::POST, path) if *path == INCLUDED => {
                let app_id = sent.body["appId"].clone();
                if self.flows.iter_mut().any(|it| applications(it).contains(&app_id)) {
                    return Reply::error(400, "BadRequest", "It is in another flow already.");
                }
                applications(&mut self.flows[at]).push(app_id.clone());
                Reply::created(json!({ "appId": app_id }))
            }
            (&Method::DELETE, [path @ .., app_id]) if *path == INCLUDED => {
                applications(&mut self.flows[at]).retain(|it| it != app_id);
                Reply::nothing()
            }
            _ => Reply::error(405, "Request_BadRequest", "Not allowed."),
        }
    }
}

fn applications(flow: &mut Value) -> &mut Vec<Value> {
    flow["applications"].as_array_mut().unwrap()
}
