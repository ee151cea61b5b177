//! A direct call: sends an event's request to `UPSTREAM` with its `Authorization`, and its response
//! back. It checks nothing and chooses no headers.

use lambda_http::{Body, Error, Request, Response, http::header::AUTHORIZATION, service_fn};
use outbound::Outbound;
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::process();
    let http = Outbound::from_environment(&environment)?.http().clone();
    let upstream = environment.text("UPSTREAM").ok_or("UPSTREAM is not set")?.to_owned();
    let call = async |request: Request| {
        let (parts, body) = request.into_parts();
        let mut call = http.request(parts.method, &upstream).body(body.to_vec());
        if let Some(authorization) = parts.headers.get(AUTHORIZATION) {
            call = call.header(AUTHORIZATION, authorization);
        }
        let response = call.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut answer = Response::new(Body::from(response.bytes().await?.to_vec()));
        (*answer.status_mut(), *answer.headers_mut()) = (status, headers);
        Ok::<_, Error>(answer)
    };
    lambda_http::run(service_fn(call)).await
}
