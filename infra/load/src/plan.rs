use std::{fmt, path::PathBuf, time::Duration};

use clap::Parser;
use url::{Host, Url};

/// The most requests of one run, whatever the arguments say.
///
/// # What breaks if this changes
/// A typo in `--rate` would cost what the owner of the deployment has to pay, and reach the limits
/// that its users need.
const MAX_REQUESTS: u64 = 100_000;

/// More than any GET costs by docs/cost.md, logs included.
const DOLLARS_PER_MILLION: f64 = 5.0;

/// Sends a deployment so many requests a second for so long, and no more.
#[derive(Debug, Clone, Parser)]
#[command(name = "load", version)]
pub struct Arguments {
    /// What is asked for, by GET
    #[arg(long, value_name = "URL")]
    pub url: Url,

    /// A file with an access token, sent as `Authorization: Bearer`
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,

    /// Requests a second
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,

    /// For how long
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,

    /// Start nothing that may cost more
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub most_dollars: f64,

    /// Stop when more of the last 100 answers in percent are a 5xx, a 429 or none at all
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub most_failures: u8,

    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Why nothing is sent. Its `Display` is one line.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A token would go over the network in clear, or the address is none of the web.
    #[error("--url must be https (http is for this machine only)")]
    Insecure,
    /// A name and password in it would be sent, and shown.
    #[error("--url must not hold a user or a password")]
    Credentials,
    /// It is more than is ever sent.
    #[error("that is {0} requests; {MAX_REQUESTS} are the most: lower --rate or --seconds")]
    TooMany(u64),
    /// It may cost more than is wanted.
    #[error("that may cost ${0:.2}, more than --most-dollars: lower --rate or --seconds")]
    TooDear(f64),
    /// There is no token in the file.
    #[error("--token-file: {0}")]
    Token(String),
}

/// What will be sent: judged, and within its bounds.
#[derive(Clone)]
pub struct Plan {
    pub(crate) url: Url,
    pub(crate) token: Option<String>,
    pub(crate) rate: u32,
    pub(crate) requests: u64,
    pub(crate) most_failures: u8,
}

impl Plan {
    /// Judges the arguments, and reads the token.
    ///
    /// # Errors
    /// When they ask for more than their own bounds or those of this program allow.
    pub fn of(arguments: &Arguments) -> Result<Self, PlanError> {
        let url = arguments.url.clone();
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(PlanError::Insecure),
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
            return Err(PlanError::Insecure);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(PlanError::Credentials);
        }
        let requests = u64::from(arguments.rate) * u64::from(arguments.seconds);
        if requests > MAX_REQUESTS {
            return Err(PlanError::TooMany(requests));
        }
        let (rate, most_failures) = (arguments.rate, arguments.most_failures);
        let token = arguments.token_file.as_ref().map(token).transpose()?;
        let plan = Self { url, token, rate, requests, most_failures };
        // Written so that NaN is too dear, too.
        if plan.dollars() <= arguments.most_dollars {
            Ok(plan)
        } else {
            Err(PlanError::TooDear(plan.dollars()))
        }
    }

    /// Whom it is sent to: what a person types to confirm it.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// How many requests will be sent at most.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// When a request leaves, counted from the first one.
    pub(crate) fn send_time(&self, number: u64) -> Duration {
        // At most 100 000 thousands: far from the end of 64 bits.
        Duration::from_micros(number * 1_000_000 / u64::from(self.rate))
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 100 000")]
    fn dollars(&self) -> f64 {
        self.requests as f64 * DOLLARS_PER_MILLION / 1e6
    }
}

/// What a person is asked about. Without the query, which can hold anything.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rate, requests, most_failures, .. } = self;
        let (origin, path) = (self.url.origin().ascii_serialization(), self.url.path());
        let token = if self.token.is_some() { "with a token" } else { "without a token" };
        let seconds = requests / u64::from(*rate);
        write!(
            f,
            "GET {origin}{path} {token}: {rate} a second for {seconds} s, {requests} requests, \
             at most ${:.2}; stops when more than {most_failures} % of the last 100 fail",
            self.dollars()
        )
    }
}

fn token(file: &PathBuf) -> Result<String, PlanError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| PlanError::Token(format!("{}: {error}", file.display())))?;
    let token = text.trim();
    // RFC 6750, section 2.1: what an `Authorization: Bearer` holds.
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    if token.is_empty() || !token.chars().all(is_token) {
        return Err(PlanError::Token(format!("{} holds no access token", file.display())));
    }
    Ok(token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(arguments: &str) -> Result<Plan, String> {
        let arguments = arguments.split(' ').filter(|it| !it.is_empty());
        let arguments = Arguments::try_parse_from(["load"].into_iter().chain(arguments));
        Plan::of(&arguments.map_err(|error| error.to_string())?).map_err(|error| error.to_string())
    }

    fn refused(arguments: &str, why: &str) {
        let error = plan(arguments).err().unwrap();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn a_plan_says_whom_how_many_and_what_they_cost() {
        let said = plan("--url https://a.example/session?x=y --rate 50 --seconds 100").unwrap();
        assert_eq!(
            said.to_string(),
            "GET https://a.example/session without a token: 50 a second for 100 s, 5000 requests, \
             at most $0.03; stops when more than 5 % of the last 100 fail"
        );
        assert_eq!(said.host(), "a.example");
    }

    #[test]
    fn nothing_starts_beyond_the_bounds() {
        refused("--url https://a.example --rate 1000 --seconds 101", "101000 requests; 100000");
        let dear = "--url https://a.example --rate 1000 --seconds 100";
        assert_eq!(plan(dear).unwrap().requests(), 100_000);
        refused(&format!("{dear} --most-dollars 0.49"), "$0.50");
        refused(&format!("{dear} --most-dollars NaN"), "$0.50");
        refused("--url https://a.example --rate 0", "0 is not in 1..=1000");
    }

    #[test]
    fn a_token_leaves_over_tls_or_not_this_machine() {
        for url in ["http://a.example", "http://localhost.a.example", "ftp://localhost", "data:x"] {
            refused(&format!("--url {url}"), "must be https");
        }
        refused("--url https://ada:secret@a.example", "must not hold");
        for url in ["http://localhost:3000", "http://127.0.0.1/", "http://[::1]:1/"] {
            plan(&format!("--url {url}")).unwrap();
        }
    }

    #[test]
    fn requests_leave_evenly() {
        let plan = plan("--url https://a.example --rate 3").unwrap();
        let times: Vec<_> = (0..4).map(|number| plan.send_time(number).as_micros()).collect();
        assert_eq!(times, [0, 333_333, 666_666, 1_000_000]);
    }
}
