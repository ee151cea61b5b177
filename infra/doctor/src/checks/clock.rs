//! The clocks of provider and deployment, by their `Date` header, against this machine's.

use std::time::SystemTime;

use auth::ProviderConfig;
use reqwest::Client;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use url::Url;

use super::discovery;
use crate::{Check, Code, Finding, http_client};

pub(crate) const NAME: &str = "clock";

pub(crate) async fn check(
    provider: &ProviderConfig,
    deployment: Option<&Url>,
    http: &Client,
) -> Check {
    let leeway = provider.leeway.as_secs();
    let metadata = discovery::address(provider);
    let mut findings = Vec::new();
    let mut seen = 0;
    for url in [Some(&metadata), deployment].into_iter().flatten() {
        let answer = http_client::get(http, url).await.ok();
        let date = answer.as_ref().and_then(|answer| date(answer.header("date")?));
        let Some(date) = date else { continue };
        seen += 1;
        findings.extend(judge(url.host_str().unwrap_or_default(), date, SystemTime::now(), leeway));
    }
    if seen == 0 {
        return Check::skipped(NAME, "no answer had a Date header");
    }
    Check::of(NAME, &format!("within the leeway of {leeway} seconds"), findings)
}

fn judge(host: &str, theirs: OffsetDateTime, ours: SystemTime, leeway: u64) -> Option<Finding> {
    let differ = (OffsetDateTime::from(ours) - theirs).whole_seconds();
    // A `Date` has whole seconds, and the answer took some time.
    (differ.unsigned_abs() > leeway + 2).then(|| {
        let word = if differ > 0 { "behind" } else { "ahead of" };
        Finding::new(
            Code::ClockSkew,
            format!("the clock of {host} is {} seconds {word} this one", differ.unsigned_abs()),
            "fresh tokens count as not yet valid, or as expired",
            "set this machine's clock (`timedatectl set-ntp true`); if the provider's is wrong, \
             raise OIDC_LEEWAY_SECONDS",
        )
    })
}

/// An IMF-fixdate (RFC 9110, section 5.6.7). The zone that it calls GMT is RFC 2822's +0000.
fn date(header: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(&header.replace("GMT", "+0000"), &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn more_than_the_leeway_is_named_in_both_directions() {
        let theirs = date("Thu, 26 Nov 2026 16:00:00 GMT").unwrap();
        let at = |seconds: i64| SystemTime::from(theirs + time::Duration::seconds(seconds));
        for (seconds, found) in [(0, false), (62, false), (63, true), (-62, false), (-63, true)] {
            let finding = judge("login.example", theirs, at(seconds), 60);
            assert_eq!(finding.map(|it| it.code), found.then_some(Code::ClockSkew), "{seconds}");
        }
        assert!(judge("a", theirs, at(0) + Duration::from_secs(90), 120).is_none());
    }
}
