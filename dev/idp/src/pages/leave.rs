//! Turning back before having signed in.

use axum::{body::Bytes, extract::State, response::Response};

use crate::{
    authorize::deny,
    pages::{error::ErrorPage, under_way::UnderWay},
    provider::Idp,
};

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
