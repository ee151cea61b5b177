//! Where a sign-in may lead back to, judged by the one who would go there: the
//! browser's own URL parser.

use crate::{
    answer::Answer,
    intercepted_callback::{intercept, intercept_from},
    page::Page,
    test_context::TestContext,
    trial::trials,
};
use anyhow::{Context, Result};
use serde_json::json;
use url::form_urlencoded;

trials! {
    no_address_leads_off_the_origin
        tries "Open redirects: 96 encodings of another site",
    no_sign_in_begun_elsewhere_leads_off_the_origin
        tries "A sign-in begun elsewhere for another provider, or with a target off this origin",
}

/// What has led off other applications: schemes, user infos, backslashes, control
/// characters that parsers drop, encodings that are undone once too often.
const HOSTILE: [&str; 96] = [
    "https://evil.example/",
    "http://evil.example",
    "HTTPS://EVIL.EXAMPLE",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example",
    "https:/\\evil.example",
    "http:evil.example",
    "//evil.example",
    "//evil.example/%2f..",
    "///evil.example",
    "////evil.example",
    "/////evil.example/",
    "//\tevil.example",
    "//\u{a0}evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "/\\\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    "\n//evil.example",
    " //evil.example",
    "\u{0}//evil.example",
    "/\u{0}/evil.example",
    "/\u{b}/evil.example",
    "/\u{c}/evil.example",
    "\u{feff}//evil.example",
    "\u{2028}//evil.example",
    "\u{200b}//evil.example",
    "/\u{2f}evil.example",
    "\u{ff0f}\u{ff0f}evil.example",
    "/\u{ff0f}evil.example",
    "/\u{ff3c}evil.example",
    "/\u{2215}evil.example",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/%5c%5cevil.example",
    "/%09/evil.example",
    "/%0a/evil.example",
    "/%0d/evil.example",
    "/%0d%0aLocation:%20https://evil.example",
    "/%00/evil.example",
    "/%20/evil.example",
    "%252f%252fevil.example",
    "/%252fevil.example",
    "/%255cevil.example",
    "%68ttps://evil.example",
    "https%3a%2f%2fevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/../..//evil.example",
    "/x/..//evil.example",
    "/x/../..//evil.example",
    "/%2e//evil.example",
    "/%2e%2e//evil.example",
    "/.%2e//evil.example",
    "/;/../..//evil.example",
    "/.\\evil.example",
    "/..\\\\evil.example",
    ".//evil.example",
    "..//evil.example",
    "./\\evil.example",
    "@evil.example",
    "/@evil.example",
    "//@evil.example",
    "//localhost@evil.example",
    "//user:password@evil.example",
    "//evil.example:443",
    "//evil.example#localhost",
    "//evil.example?localhost",
    "//[::1]@evil.example",
    "//1.1.1.1",
    "//0x01010101",
    "//16843009",
    "//xn--vil-1la.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "javascript://localhost/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "blob:https://evil.example/1",
    "file:///etc/passwd",
    "view-source:https://evil.example",
    "about:blank",
    "?//evil.example",
];

async fn no_address_leads_off_the_origin(test: &TestContext) -> Result<()> {
    let page = Page::visit(test.browser().await?, test.target()).await?;
    for hostile in HOSTILE {
        // Nobody goes where a cookie says either: both ends of the way count.
        let caught = intercept(test, hostile).await?;
        let answer: Answer = caught.deliver(test).await?.is(303);
        let location = answer.header("location");
        let base = format!("{}{}", test.target().origin(), caught.path);
        let script = "const there = new URL(arguments[0], arguments[1]);
            return { origin: there.origin, path: there.pathname, base: new URL(arguments[1]).origin }";
        let there = page.browser.script(script, &[json!(location), json!(base)]).await?;
        assert_eq!(there["origin"], there["base"], "{hostile:?} leads to {location}");
        let path = there["path"].as_str().context("a path")?;
        // Home or a page, but not once more around or out.
        assert!(!path.starts_with("//") && path != "/callback", "{hostile:?}: {location}");
    }
    Ok(())
}

/// OpenID Connect Core, section 4: third-party-initiated login.
async fn no_sign_in_begun_elsewhere_leads_off_the_origin(test: &TestContext) -> Result<()> {
    let path = |iss: &str, target: &str| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("iss", iss)
            .append_pair("target_link_uri", target)
            .finish();
        format!("/signin?{query}")
    };
    let another = Answer::to(test.client.get(&path("https://evil.example", "/"))).await?;
    assert!((400..500).contains(&another.status), "{another:?}");
    assert_eq!(another.header("location"), "", "{another:?}");
    let ours = test.target().origin();
    for target in [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        &format!("{ours}.evil.example/"),
        &format!("{ours}@evil.example/"),
        &format!("{ours}//evil.example"),
    ] {
        let caught = intercept_from(test, &path(&test.target().provider.issuer, target)).await?;
        let answer = caught.deliver(test).await?.is(303);
        assert_eq!(answer.header("location"), "/", "{target}");
    }
    Ok(())
}
