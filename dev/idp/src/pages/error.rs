//! What a person sees when there is nobody to redirect to.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{
    fault::Fault,
    pages::{Policy, show},
    provider::Idp,
    state::SaveError,
};

/// A page with what happened, a code for those who look it up, and a way on.
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
    /// A request of an application that is wrong in a way its redirect URI cannot be told.
    pub(crate) fn of(idp: &Idp, fault: &Fault) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            title: "The application asked for something that cannot be done",
            message: fault.message.clone(),
            code: Some(format!("AADSTS{}", fault.code)),
            home: home(idp),
        }
    }

    /// A page of a sign-in that is finished, too old, or another browser's.
    pub(crate) fn over(idp: &Idp) -> Self {
        Self {
            status: StatusCode::GONE,
            title: "This sign-in is over",
            message: "It was finished already, waited too long, was started in another \
                browser, or the provider was restarted. Start again from the application."
                .to_owned(),
            code: None,
            home: home(idp),
        }
    }

    /// A form that none of our pages sent.
    pub(crate) fn foreign_form(idp: &Idp) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            title: "This form did not come from here",
            message: "Its answer was not accepted. If you did send it yourself, allow cookies \
                for this address, go back, reload the page and try again."
                .to_owned(),
            code: None,
            home: home(idp),
        }
    }
}

impl From<SaveError> for ErrorPage {
    fn from(error: SaveError) -> Self {
        tracing::error!(%error, "nothing changed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "The provider could not write its data file",
            message: "Nothing was changed. Its log says which file, and why.".to_owned(),
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

/// Everything else.
pub(crate) async fn not_found(State(idp): State<Idp>) -> ErrorPage {
    nothing_here(&idp)
}

/// A page that is none.
pub(crate) fn nothing_here(idp: &Idp) -> ErrorPage {
    ErrorPage {
        status: StatusCode::NOT_FOUND,
        title: "There is nothing here",
        message: "No page of the provider has this address.".to_owned(),
        code: None,
        home: home(idp),
    }
}

fn home(idp: &Idp) -> Option<String> {
    idp.apps().iter().find_map(|app| app.home.clone())
}
