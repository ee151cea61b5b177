//! How Chromium is started.

use crate::target::Target;
use std::path::Path;

/// The arguments of a headless Chromium with this profile, for that target.
pub(super) fn of(profile: &Path, target: &Target) -> Vec<String> {
    let mut arguments: Vec<String> = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
        "--force-prefers-reduced-motion",
        "--window-size=1200,900",
        "--lang=en",
    ]
    .map(ToOwned::to_owned)
    .into();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    // Nothing on this machine has a reason to ask the internet, and a page that
    // does must not wait for an answer.
    if matches!(target.url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
        && (target.provider.issuer.starts_with("http://"))
    {
        let rules = "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]";
        arguments.push(format!("--host-resolver-rules={rules}"));
    }
    arguments
}
