use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::Page;

/// An error response for browsers: a [`Page`] that says what happened and what to do, with a code.
#[derive(Debug, Clone)]
pub struct ErrorPage {
    status: StatusCode,
    page: Page,
    retry_after: Option<u64>,
    allow: &'static str,
}

impl ErrorPage {
    /// A page with a link to the start page. `code` is stable: users give it to support.
    pub fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        sentence: &'static str,
    ) -> Self {
        let page = Page::new("error", title, sentence).code(code);
        Self { status, page, retry_after: None, allow: "GET" }
    }

    /// 404, for an unknown address.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "Page not found",
            "Check the address, or go to the start page.",
        )
    }

    /// 405, for an address of the sign-in that accepts only GET.
    pub fn get_only() -> Self {
        let page = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This request isn't supported",
            "This address accepts only GET requests. Nothing was changed.",
        );
        page.link("/signin", "Sign in")
    }

    /// Adds a link, before the one to the start page.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>, label: &'static str) -> Self {
        self.page = self.page.link(href, label);
        self
    }

    /// Sets `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Sets what `Allow` says with a 405; `GET` unless it is set.
    #[must_use]
    pub fn allowing(mut self, methods: &'static str) -> Self {
        self.allow = methods;
        self
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.page).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static(self.allow));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
