use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use http::header;

use crate::{assets, fault::Fault};

/// `GET /assets/{hash}/{file}`: a file of this version, which never changes under this address.
pub(crate) async fn asset(Path((hash, file)): Path<(String, String)>) -> Result<Response, Fault> {
    let (content_type, bytes) = assets::find(&hash, &file).ok_or(Fault::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}
