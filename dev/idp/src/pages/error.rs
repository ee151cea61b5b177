//! The error page, for errors that no client can be told.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    oauth_error::OAuthError,
    pages::{Policy, show},
    provider::{Provider, Shared},
    state::SaveError,
};

/// A page with what happened, an error code to look up, and a link to the application.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    status: StatusCode,
    title: &'static str,
    message: String,
    code: Option<String>,
    home: Option<String>,
}

impl ErrorPage {
    /// A request of an application whose error cannot be sent to its redirect URI.
    pub(crate) fn of(idp: &Provider, error: &OAuthError) -> Self {
        let code = if idp.behavior.aadsts {
            format!("AADSTS{}", error.code)
        } else {
            error.error.to_owned()
        };
        Self {
            code: Some(code),
            ..Self::new(
                idp,
                StatusCode::BAD_REQUEST,
                "The application's request is invalid",
                &error.message,
            )
        }
    }

    /// A page of a sign-in that is finished, has expired or belongs to another browser.
    pub(crate) fn over(idp: &Provider) -> Self {
        Self::new(
            idp,
            StatusCode::GONE,
            "This sign-in is over",
            "It is finished, has expired, was started in another browser, or the provider was \
             restarted. Start again from the application.",
        )
    }

    /// A form that none of our pages sent.
    pub(crate) fn foreign_form(idp: &Provider) -> Self {
        Self::new(
            idp,
            StatusCode::FORBIDDEN,
            "This form was not sent from this site",
            "It was not accepted. If you sent it yourself, allow cookies for this address, go \
             back, reload the page and try again.",
        )
    }

    /// An unknown path.
    pub(crate) fn not_found(idp: &Provider) -> Self {
        Self::new(
            idp,
            StatusCode::NOT_FOUND,
            "Page not found",
            "The provider has no page at this address.",
        )
    }

    fn new(idp: &Provider, status: StatusCode, title: &'static str, message: &str) -> Self {
        Self { status, title, message: message.to_owned(), code: None, home: Some(idp.home()) }
    }
}

impl From<SaveError> for ErrorPage {
    fn from(error: SaveError) -> Self {
        tracing::error!(%error, "nothing changed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "The provider could not write its data file",
            message: "Nothing was changed. The provider's log names the file and the cause."
                .to_owned(),
            code: None,
            home: None,
        }
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        show(self.status, &self, &Policy::default())
    }
}

/// The answer to every other path.
pub(crate) async fn not_found(State(idp): State<Shared>) -> ErrorPage {
    ErrorPage::not_found(&idp)
}
