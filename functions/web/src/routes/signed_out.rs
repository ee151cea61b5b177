use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, Uri};
use serve::Page;
use session::SessionCookie;

/// Where sign-out leads when the provider has no sign-out, or cannot be asked for it.
pub(crate) const HERE_ALONE: &str = "/signedout?here";

/// `GET /signedout`: where the provider sends the browser after a sign-out (RP-Initiated Logout,
/// section 3). Nothing that it sends along is read, `state` neither: there is nothing left that it
/// could protect. So the page says nothing about the provider: anybody can open its address.
///
/// A browser with a session is sent home, where it is said who is signed in: it signed in again
/// meanwhile, in another tab, or came by a link, and must not be told otherwise.
pub(crate) async fn signed_out(uri: Uri, headers: HeaderMap) -> Response {
    match SessionCookie::of(&headers) {
        SessionCookie::Present(_) => Redirect::to("/").into_response(),
        SessionCookie::Absent | SessionCookie::Malformed => {
            let page = if uri.query() == Some("here") { here_alone() } else { signed_out_here() };
            page.link("/signin", "Sign in again").into_response()
        }
    }
}

fn signed_out_here() -> Page {
    Page::new(
        "signed-out",
        "You are signed out",
        "You are signed out of this site. On a shared computer, also sign out of the sign-in \
         service and close the browser.",
    )
}

fn here_alone() -> Page {
    Page::new(
        "signed-out",
        "You are signed out here",
        "The sign-in service wasn't notified, so you may still be signed in there. On a shared \
         computer, also sign out there and close the browser.",
    )
}
