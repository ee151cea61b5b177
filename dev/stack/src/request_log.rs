use std::time::Duration;

use anstyle::{AnsiColor, Style};
use http::{Method, StatusCode};
use time::{OffsetDateTime, UtcOffset, macros::format_description};

/// Longer methods and paths are cut: the client chose their length.
const MAX_SHOWN: usize = 100;

/// One line on standard output for each request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestLog(Option<UtcOffset>);

impl RequestLog {
    /// Lines with times in this zone.
    pub(crate) fn local(offset: UtcOffset) -> Self {
        Self(Some(offset))
    }

    /// No lines.
    #[cfg(test)]
    pub(crate) fn silent() -> Self {
        Self(None)
    }

    /// Writes the line of one request. `path` comes without its query, which
    /// may hold codes and states. `code` is that of an error.
    pub(crate) fn write(
        self,
        method: &Method,
        path: &str,
        status: StatusCode,
        took: Duration,
        function: Option<&str>,
        code: Option<&str>,
    ) {
        let Some(offset) = self.0 else { return };
        // The page loads many files: only a missing one is news.
        if path.starts_with("/assets/") && !(status.is_client_error() || status.is_server_error()) {
            return;
        }
        let now = OffsetDateTime::now_utc().to_offset(offset);
        let line = line(now, method, path, status, took, function, code);
        anstream::println!("{line}");
    }
}

fn line(
    now: OffsetDateTime,
    method: &Method,
    path: &str,
    status: StatusCode,
    took: Duration,
    function: Option<&str>,
    code: Option<&str>,
) -> String {
    let time = now.format(format_description!("[hour]:[minute]:[second]")).unwrap_or_default();
    let dim = Style::new().dimmed();
    let color = color(status);
    let function = function.unwrap_or("-");
    let (method, path, took) = (shown(method.as_str()), shown(path), duration(took));
    let status = status.as_u16();
    let code = code.map(|code| format!("  {code}")).unwrap_or_default();
    format!(
        "{dim}{time}{dim:#}  {method:<6}  {path:<40}  {color}{status}{color:#}  {took:>7}  {dim}{function}{dim:#}{code}"
    )
}

fn color(status: StatusCode) -> Style {
    let color = match status.as_u16() / 100 {
        2 => AnsiColor::Green,
        3 => AnsiColor::Cyan,
        4 => AnsiColor::Yellow,
        _ => AnsiColor::Red,
    };
    Style::new().fg_color(Some(color.into()))
}

/// A method or path, without what could move a terminal's cursor.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

fn duration(took: Duration) -> String {
    let milliseconds = took.as_secs_f64() * 1000.0;
    match milliseconds {
        ..10.0 => format!("{milliseconds:.1} ms"),
        ..1000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.1} s", milliseconds / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn plain(path: &str, status: u16, took: Duration, function: Option<&str>) -> String {
        let code = (status == 401).then_some("invalid_token");
        let status = StatusCode::from_u16(status).unwrap();
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let line = line(now, &Method::GET, path, status, took, function, code);
        anstream::adapter::strip_str(&line).to_string()
    }

    #[test]
    fn a_line_has_time_method_path_status_duration_function_and_code() {
        let line = plain("/api/todos", 200, Duration::from_micros(2_340), Some("todos"));
        let expected = format!("03:04:05  GET     {:<40}  200   2.3 ms  todos", "/api/todos");
        assert_eq!(line, expected);
        let line = plain("/api/todos", 401, Duration::from_micros(1_200), Some("todos"));
        let expected =
            format!("03:04:05  GET     {:<40}  401   1.2 ms  todos  invalid_token", "/api/todos");
        assert_eq!(line, expected);
        let line = plain("/nothing", 404, Duration::from_millis(1_500), None);
        let expected = format!("03:04:05  GET     {:<40}  404    1.5 s  -", "/nothing");
        assert_eq!(line, expected);
    }

    #[test]
    fn a_hostile_path_cannot_play_with_the_terminal() {
        let line = plain("/\u{1b}[2J\r\n", 404, Duration::ZERO, None);
        assert!(line.contains(r"/\u{1b}[2J\r\n"), "{line}");
        let long = "x".repeat(5000);
        let line = plain(&format!("/{long}"), 404, Duration::ZERO, None);
        assert!(line.len() < 200);
        let (now, method) =
            (OffsetDateTime::UNIX_EPOCH, Method::from_bytes(long.as_bytes()).unwrap());
        let line = super::line(now, &method, "/", StatusCode::OK, Duration::ZERO, None, None);
        assert!(line.len() < 300);
    }
}
