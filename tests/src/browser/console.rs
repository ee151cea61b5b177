//! What the browser's console says of our page.

use serde_json::Value;

/// The errors and warnings among `log` that come from `origin` and contain none
/// of the `forgiven` words.
pub(super) fn complaints(log: &Value, origin: &str, forgiven: &[&str]) -> Vec<String> {
    let entries = log.as_array().map(Vec::as_slice).unwrap_or_default();
    entries
        .iter()
        .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING")
        .filter_map(|entry| entry["message"].as_str())
        .filter(|message| message.starts_with(origin))
        .filter(|message| !forgiven.iter().any(|words| message.contains(words)))
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::complaints;
    use serde_json::json;

    #[test]
    fn only_our_own_unforgiven_errors_count() {
        let log = json!([
            { "level": "SEVERE", "message": "http://localhost:1/app.js 3:1 Uncaught TypeError" },
            { "level": "SEVERE", "message": "http://localhost:1/session - status of 401" },
            { "level": "INFO", "message": "http://localhost:1/app.js 1:1 hello" },
            { "level": "SEVERE", "message": "http://localhost:2/login - font not loaded" },
        ]);
        assert_eq!(
            complaints(&log, "http://localhost:1/", &["status of 401"]),
            ["http://localhost:1/app.js 3:1 Uncaught TypeError"]
        );
    }
}
