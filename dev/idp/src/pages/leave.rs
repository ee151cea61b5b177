//! Turning back before having signed in.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;

use crate::authorize::deny;
use crate::pages::error::ErrorPage;
use crate::pages::under_way::UnderWay;
use crate::provider::Idp;

/// `POST /{tenant}/leave/{id}`: back to the client, which learns that the user said no.
pub(crate) async fn post(
    State(idp): State<Idp>,
    under_way: UnderWay,
    body: Bytes,
) -> Result<Response, ErrorPage> {
    under_way.form(&body)?;
    idp.live().end(&under_way.id, idp.now());
    Ok(deny(&idp, &under_way.interaction.request))
}
