use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};

use crate::{PublicUrl, public_origin, security_headers};

/// Adds to a function's router what every route needs, not-found included: requests carry the
/// [`PublicOrigin`](crate::PublicOrigin), and responses have the security headers that their
/// handler did not set itself.
pub fn with_defaults(router: Router, public_url: PublicUrl) -> Router {
    router.layer(from_fn_with_state(public_url, handle))
}

async fn handle(State(public_url): State<PublicUrl>, mut request: Request, next: Next) -> Response {
    let origin = public_url.of(request.extensions());
    let mut response = match &origin {
        Some(origin) => {
            request.extensions_mut().insert(origin.clone());
            next.run(request).await
        }
        None => public_origin::unknown().into_response(),
    };
    security_headers::set(response.headers_mut(), origin.as_ref());
    response
}
