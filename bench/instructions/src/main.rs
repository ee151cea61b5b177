#![doc = include_str!("../README.md")]

use std::{
    env,
    hint::black_box,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use auth::{
    AccessTokenRules, Clock, Fetch, FetchFuture, FetchRequest, Fetched, Policy, Provider,
    ProviderConfig, RequestHead, Verifier,
};
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use serde_json::{Value, json};
use tokio::runtime::Builder;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [case, times] = arguments.as_slice() else {
        eprintln!(
            "instructions: usage: instructions CASE TIMES (CASE is from src/tokens.json), such as: authorise 10"
        );
        return ExitCode::FAILURE;
    };
    let Ok(times) = times.parse::<u32>() else {
        eprintln!("instructions: {times:?} is not a number");
        return ExitCode::FAILURE;
    };
    let fixed = fixed();
    let Some(token) = fixed["tokens"][case].as_str() else {
        eprintln!("instructions: src/tokens.json has no case {case:?}");
        return ExitCode::FAILURE;
    };
    if run(&fixed, token, times) == (case == "authorise") {
        return ExitCode::SUCCESS;
    }
    eprintln!("instructions: {case} did not have the result that its name says");
    ExitCode::FAILURE
}

/// Authorizes `token` once to warm up and then `times` more; whether it was let in.
fn run(fixed: &Value, token: &str, times: u32) -> bool {
    let text = |name: &str| fixed[name].as_str().expect("src/tokens.json has it").to_owned();
    let issuer = text("issuer");
    let jwk = json!({"kty": "RSA", "use": "sig", "kid": "key-1", "n": text("n"), "e": "AQAB"});
    let answers = Provided {
        metadata: json!({"issuer": issuer, "jwks_uri": "https://login.example/keys"}).to_string(),
        keys: json!({"keys": [jwk]}).to_string(),
    };
    let clock = Stopped(Duration::from_secs(fixed["now"].as_u64().expect("a time in seconds")));
    let config = ProviderConfig::new(issuer.parse().expect("the issuer is one"));
    let provider = Provider::new(config, answers, Arc::new(clock));
    let rules = AccessTokenRules::new([text("audience")]);
    let verifier = Verifier::new(provider, rules).expect("the rules are good");
    let reading = vec!["ToDoList.Read".parse().expect("a scope")];
    let policy = Policy::users_only(reading).expect("a policy");
    let value = HeaderValue::try_from(format!("Bearer {token}")).expect("a token is ASCII");
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);

    let runtime = Builder::new_current_thread().build().expect("a runtime without I/O");
    runtime.block_on(async {
        let authorize = async || {
            let request = RequestHead::new(&Method::GET, "/api/todos", &headers);
            verifier.authorize(&request, &policy).await.is_ok()
        };
        let is_let_in = authorize().await;
        for _ in 0..times {
            black_box(authorize().await);
        }
        is_let_in
    })
}

/// A provider that answers at once.
struct Provided {
    metadata: String,
    keys: String,
}

impl Fetch for Provided {
    fn fetch<'a>(&'a self, wanted: FetchRequest<'a>) -> FetchFuture<'a> {
        let body = if wanted.url.path() == "/keys" { &self.keys } else { &self.metadata };
        Box::pin(async { Ok(Fetched { body: body.clone().into_bytes(), ..Fetched::default() }) })
    }
}

/// It stands still, at this long after the epoch.
struct Stopped(Duration);

impl Clock for Stopped {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + self.0
    }
}

fn fixed() -> Value {
    serde_json::from_str(include_str!("tokens.json")).expect("src/tokens.json is JSON")
}

#[cfg(test)]
mod tests {
    use super::{fixed, run};

    #[test]
    fn only_the_good_token_is_let_in() {
        let fixed = fixed();
        let tokens = fixed["tokens"].as_object().unwrap();
        assert_eq!(tokens.len(), 5);
        for (case, token) in tokens {
            assert_eq!(run(&fixed, token.as_str().unwrap(), 1), case == "authorise", "{case}");
        }
    }
}
