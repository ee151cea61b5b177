//! How the outcome is shown.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::{Check, Finding, Outcome, Severity};

/// Every line ends before this column.
const WIDTH: usize = 80;

/// Where the text of a check begins.
const INDENT: usize = 26;

/// For people: a line for each check, and what was found below it. With colours, which the
/// caller removes where the output is not a terminal.
pub fn text(checks: &[Check]) -> String {
    let mut out = String::new();
    for check in checks {
        match &check.outcome {
            Outcome::Good(seen) => line(&mut out, "ok", AnsiColor::Green, check.name, seen),
            Outcome::Skipped(why) => line(&mut out, "skipped", AnsiColor::Cyan, check.name, why),
            Outcome::Found(findings) => {
                for finding in findings {
                    let (word, colour) = match finding.code.severity() {
                        Severity::Warning => ("warning", AnsiColor::Yellow),
                        Severity::Error => ("error", AnsiColor::Red),
                    };
                    line(&mut out, word, colour, check.name, finding.code.as_str());
                    details(&mut out, finding);
                }
            }
        }
        for row in &check.rows {
            let _infallible = writeln!(out, "         {}", printable(row));
        }
    }
    let found: usize = checks.iter().map(|check| check.findings().len()).sum();
    let _infallible = match found {
        0 => writeln!(out, "\nNothing was found."),
        1 => writeln!(out, "\n1 finding."),
        found => writeln!(out, "\n{found} findings."),
    };
    out
}

/// For machines: a list of checks.
pub fn json(checks: &[Check]) -> Value {
    let finding = |it: &Finding| {
        let severity = match it.code.severity() {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        json!({
            "code": it.code.as_str(),
            "severity": severity,
            "seen": printable(&it.seen),
            "why": it.why,
            "do": printable(&it.todo),
        })
    };
    let outcome = |check: &Check| match &check.outcome {
        Outcome::Good(seen) => {
            json!({ "check": check.name, "outcome": "ok", "seen": printable(seen) })
        }
        Outcome::Skipped(why) => {
            json!({ "check": check.name, "outcome": "skipped", "why": printable(why) })
        }
        Outcome::Found(findings) => json!({
            "check": check.name,
            "outcome": "found",
            "findings": findings.iter().map(finding).collect::<Vec<_>>(),
        }),
    };
    let check = |check: &Check| {
        let mut shown = outcome(check);
        if !check.rows.is_empty() {
            shown["rows"] = check.rows.iter().map(|row| printable(row)).collect();
        }
        shown
    };
    checks.iter().map(check).collect()
}

fn line(out: &mut String, word: &str, colour: AnsiColor, name: &str, text: &str) {
    let style = Style::new().fg_color(Some(colour.into())).bold();
    let lines = wrapped(text, WIDTH - INDENT);
    let first = lines.first().map_or("", String::as_str);
    let _infallible = writeln!(out, "{style}{word:<8}{style:#} {name:<16} {first}");
    for more in lines.iter().skip(1) {
        let _infallible = writeln!(out, "{:INDENT$}{more}", "");
    }
}

fn details(out: &mut String, finding: &Finding) {
    for (label, text) in [("Seen:", &*finding.seen), ("Why:", finding.why), ("Do:", &finding.todo)]
    {
        for (at, part) in wrapped(text, WIDTH - 15).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let _infallible = writeln!(out, "         {label:<6}{part}");
        }
    }
}

/// The text without what has no glyph, so that a provider's text can neither move the cursor nor look
/// like another. White space of any kind becomes a space.
fn printable(text: &str) -> String {
    // `Debug` escapes all of these, control and format characters (such as U+202E) among them, in six
    // characters or more, and a quote in two.
    let is_visible = |c: char| format!("a{c}").escape_debug().count() <= 3;
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    spaced.filter(|c| is_visible(*c)).collect()
}

/// Breaks at spaces; a word that is longer stays whole, so that it can be copied.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in printable(text).split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if last.is_empty() {
            word.clone_into(last);
        } else if last.chars().count() + 1 + word.chars().count() <= width {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use crate::Code;

    use super::*;

    fn checks() -> Vec<Check> {
        let seen = "what was seen ".repeat(20) + "\u{1b}[2J";
        let finding = Finding::new(Code::ClockSkew, seen, "why", "set it");
        vec![
            Check::of("keys", "two keys", vec![]),
            Check::of("clock", "", vec![finding]),
            Check::skipped("token", "none was given"),
        ]
    }

    #[test]
    fn lines_fit_80_columns_and_say_what_to_do() {
        let text = anstream::adapter::strip_str(&text(&checks())).to_string();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        for part in ["ok       keys", "error    clock", "Do:   set it", "\n1 finding.\n"] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn what_a_provider_said_cannot_move_the_cursor() {
        assert!(!text(&checks()).contains("\u{1b}[2J"));
        // JSON escapes no C1 control characters, such as CSI.
        let seen = "a\u{9b}2Jb\u{7f}c\nd\u{1b}[2J";
        let finding = Finding::new(Code::ClockSkew, seen, "why", seen);
        let checks = [
            Check::of("clock", "", vec![finding]),
            Check::of("keys", seen, vec![]),
            Check::skipped("token", seen),
        ];
        let json = json(&checks);
        let found = &json[0]["findings"][0];
        for shown in [&found["seen"], &found["do"], &json[1]["seen"], &json[2]["why"]] {
            assert_eq!(shown, "a2Jbc d[2J");
        }
    }

    /// "Trojan Source" (CVE-2021-42574) and the like.
    #[test]
    fn what_a_provider_said_looks_like_what_it_is() {
        let hidden = "\u{ad}\u{61c}\u{180e}\u{200b}\u{200e}\u{200f}\u{202a}\u{202e}\u{2060}\u{2066}\
                      \u{2069}\u{206f}\u{feff}\u{fff9}\u{fffb}\u{1d173}\u{e0001}\u{e007f}\u{e000}";
        for c in hidden.chars() {
            assert_eq!(printable(&format!("a{c}b")), "ab", "U+{:04X}", u32::from(c));
        }
        for shown in ["käse", "日本", "שלום", "مرحبا", "नमस्ते", "e\u{301}", r#"{"…": '\'}"#, "🙂"]
        {
            assert_eq!(printable(shown), shown);
        }
    }

    #[test]
    fn machines_get_code_and_severity() {
        let found = &json(&checks())[1]["findings"][0];
        assert_eq!((&found["code"], &found["severity"]), (&json!("clock-skew"), &json!("error")));
    }
}
