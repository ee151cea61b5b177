use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use serve::Page;
use session::SessionCookie;

/// `GET /signedout`: where the provider sends the browser after a sign-out (RP-Initiated Logout,
/// section 3). The same for everybody: nothing of the address is read, `state` neither, because
/// there is nothing left that it could protect.
///
/// A browser with a session is sent home, where it is said who is signed in: it signed in again
/// meanwhile, in another tab, or came by a link, and must not be told otherwise.
pub(crate) async fn signed_out(headers: HeaderMap) -> Response {
    match SessionCookie::of(&headers) {
        SessionCookie::Present(_) => Redirect::to("/").into_response(),
        SessionCookie::Absent | SessionCookie::Malformed => page().into_response(),
    }
}

fn page() -> Page {
    Page::new(
        "signed-out",
        "You are signed out",
        "You are signed out here and at the sign-in service. If others use this computer too, \
         close the browser as well.",
    )
    .way("/signin", "Sign in again")
}
