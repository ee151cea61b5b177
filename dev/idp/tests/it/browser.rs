//! A minimal browser: cookies, redirects within the provider, forms.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header},
};
use serde_json::Value;
use tower::ServiceExt as _;
use url::Url;

use crate::test_provider::BASE;

pub(crate) struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
}

pub(crate) struct Reply {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new(router: Router) -> Self {
        Self { router, cookies: BTreeMap::new() }
    }

    /// The same browser at another (or restarted) provider.
    pub(crate) fn at(self, router: Router) -> Self {
        Self { router, ..self }
    }

    pub(crate) fn cookie(&self, name: &str) -> String {
        self.cookies[name].clone()
    }

    pub(crate) fn plant(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) async fn get(&mut self, url: &str) -> Reply {
        self.send(Request::get(url), url, String::new()).await
    }

    pub(crate) async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Reply {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request =
            Request::post(url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, url, form).await
    }

    /// Follows redirects to a page.
    pub(crate) async fn follow(&mut self, url: &str) -> Reply {
        let mut reply = self.get(url).await;
        while reply.status == 303 {
            reply = self.get(reply.location().as_str()).await;
        }
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply
    }

    /// Submits a page's form with its hidden fields.
    pub(crate) async fn submit(&mut self, page: &Reply, fields: &[(&str, &str)]) -> Reply {
        let hidden = page.hidden_fields();
        let mut form: Vec<_> = hidden.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        form.extend(fields);
        let action =
            between(&page.body, "action=\"", "\"").filter(|_| !page.body.contains("formaction"));
        let url = action.map_or(page.url.clone(), |action| page.url.join(&action).unwrap());
        self.post(url.as_str(), &form).await
    }

    /// Follows a redirect to the consent page and accepts; where that leads.
    pub(crate) async fn accept(&mut self, redirect: &Reply) -> Url {
        let page = self.follow(redirect.location().as_str()).await;
        self.submit(&page, &[("decision", "accept")]).await.location()
    }

    pub(crate) async fn send(
        &mut self,
        request: axum::http::request::Builder,
        url: &str,
        body: String,
    ) -> Reply {
        let url: Url = url.parse().unwrap();
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut request = request.header(header::COOKIE, cookies.join("; "));
        if request.headers_ref().is_some_and(|headers| !headers.contains_key(header::HOST)) {
            request = request.header(header::HOST, "localhost:3001");
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        Reply { url, status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl Reply {
    pub(crate) fn location(&self) -> Url {
        assert_eq!(self.status, 303, "{}", self.body);
        let location = self.headers[header::LOCATION].to_str().unwrap();
        Url::parse(BASE).unwrap().join(location).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn hidden_fields(&self) -> Vec<(String, String)> {
        let inputs = self.body.split("<input type=\"hidden\"").skip(1);
        let field = |input: &str, name: &str| between(input, &format!("{name}=\""), "\"").unwrap();
        inputs.map(|input| (field(input, "name"), field(input, "value"))).collect()
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0.to_owned())
}
