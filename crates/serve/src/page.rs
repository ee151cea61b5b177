use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, header};

/// A small HTML page that says what happened and what to do next. Browsers don't store it.
///
/// All texts are ours, none comes from the request or the provider; they are escaped all the same.
#[derive(Debug, Clone)]
pub struct Page {
    name: &'static str,
    title: &'static str,
    sentence: &'static str,
    links: Vec<Link>,
    code: Option<&'static str>,
}

/// A link on a [`Page`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    /// A path on our origin.
    href: String,
    /// Its text.
    label: &'static str,
}

impl Page {
    /// A page with a link to the start page. Tests find it by `name`.
    pub fn new(name: &'static str, title: &'static str, sentence: &'static str) -> Self {
        Self { name, title, sentence, links: Vec::new(), code: None }
    }

    /// Adds a link, before the one to the start page.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>, label: &'static str) -> Self {
        self.links.push(Link { href: href.into(), label });
        self
    }

    /// Adds a stable code that users give to support.
    #[must_use]
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) fn html(&self) -> String {
        let home = Link { href: "/".to_owned(), label: "Go to the start page" };
        let links: String = self.links.iter().chain([&home]).map(Link::html).collect();
        let code = self.code.map(code_html).unwrap_or_default();
        let Self { name, title, sentence, .. } = self;
        let (name, title, sentence) = (escape(name), escape(title), escape(sentence));
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <main data-test=\"{name}\">\n{MARK}\n\
             <h1>{title}</h1>\n<p>{sentence}</p>\n<ul>\n{links}</ul>\n{code}\
             </main>\n</body>\n</html>\n"
        )
    }
}

impl Link {
    fn html(&self) -> String {
        format!("<li><a href=\"{}\">{}</a></li>\n", escape(&self.href), escape(self.label))
    }
}

fn code_html(code: &str) -> String {
    format!("<p class=\"code\">Code: <code data-test=\"error-code\">{}</code></p>\n", escape(code))
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = Html(self.html()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Nothing is loaded and nothing is run: the page's own style is allowed by its hash, which a test
/// holds to [`STYLE`].
const CSP: &str = "default-src 'none'; style-src 'sha256-p5vEHP0gf1BgHRU7vGV6AWCHNKS5AKB+7Oa/4s8lUQQ='; base-uri 'none'; \
                   form-action 'none'; frame-ancestors 'none'";

/// The mark of the page, inline: nothing is loaded.
const MARK: &str = r##"<svg viewBox="0 0 64 64" aria-hidden="true"><rect width="64" height="64" rx="16" fill="#0b6857"/><path d="M10 52h44" stroke="#fff" stroke-opacity=".45" stroke-width="4" stroke-linecap="round"/><path d="M20 36 53 17" stroke="#fff" stroke-width="7" stroke-linecap="round"/><path d="m30.4 30 6.4-3.7M43.4 22.5l6.2-3.57" stroke="#f2b33d" stroke-width="7"/><path d="M13 52V35a7 7 0 0 1 14 0v17z" fill="#fff"/><circle cx="20" cy="36" r="3.2" fill="#0b6857"/></svg>"##;

/// The colors and shapes of the web app's page.
const STYLE: &str = ":root{color-scheme:light dark;--ground:#f5f4ef;--surface:#fff;--ink:#17201e;--muted:#57635f;--line:#e1dfd5;--edge:#78837e;--accent:#0b6857;--on-accent:#fff}@media (prefers-color-scheme:dark){:root{--ground:#111615;--surface:#1a2120;--ink:#e9eeec;--muted:#a1afaa;--line:#2b3533;--edge:#7b8a85;--accent:#6ad3b8;--on-accent:#06251e}}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);font:1rem/1.55 Inter,ui-sans-serif,system-ui,sans-serif}main{box-sizing:border-box;width:min(34rem,calc(100% - 2rem));margin:1rem;padding:2rem;background:var(--surface);border:1px solid var(--line);border-radius:14px}svg{display:block;width:2.75rem;height:2.75rem;margin-bottom:1.25rem}h1{margin:0 0 .5rem;font-size:1.6rem;line-height:1.25;text-wrap:balance}ul{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.75rem 0;padding:0;list-style:none}a{display:inline-block;padding:.65rem 1.25rem;border:1px solid var(--edge);border-radius:2rem;color:inherit;font-weight:600;text-decoration:none}li:first-child a{border-color:var(--accent);background:var(--accent);color:var(--on-accent)}a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}.code{margin:0;color:var(--muted);font-size:.875rem}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_on_the_page_is_escaped() {
        let page = Page::new("a\"b", "Too <late>", "It's over & out.")
            .link("/signin?return_to=\"><script>", "Sign in again");
        let html = page.html();
        assert!(html.contains("<h1>Too &lt;late&gt;</h1>"), "{html}");
        assert!(html.contains("data-test=\"a&quot;b\""), "{html}");
        assert!(html.contains("href=\"/signin?return_to=&quot;&gt;&lt;script&gt;\""), "{html}");
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn only_an_error_has_a_code() {
        let page = Page::new("signed-out", "You are signed out", "See you.");
        assert!(!page.html().contains("Code:"));
        assert!(page.code("a<b").html().contains("data-test=\"error-code\">a&lt;b</code>"));
    }

    #[test]
    fn the_policy_names_the_hash_of_the_style() {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
        let expected = format!("style-src 'sha256-{}'", STANDARD.encode(digest));
        assert!(CSP.contains(&expected), "{expected}");
    }
}
