//! The page from its template. `build.rs` uses this file, too.

/// What the browser shows before the script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// For a browser without a session cookie.
    Welcome,
    /// The frame of a user's page, for a browser with one.
    Frame,
}

impl View {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Frame => "frame",
        }
    }
}

/// The page with its first view in place. The other files are below the address `assets`; another
/// front end names them by relative addresses (`./app.js`).
pub(crate) fn render(template: &str, view: View, product: &str, assets: &str) -> String {
    let (account, busy, main) = match view {
        View::Welcome => ("", "", part(template, "welcome")),
        View::Frame => (part(template, "account"), "aria-busy=\"true\"", part(template, "loading")),
    };
    let relative = format!("\"{assets}/");
    let values = [
        ("{{view}}", view.name()),
        ("{{busy}}", busy),
        ("{{account}}", account),
        ("{{main}}", main),
        ("{{product}}", product),
        ("{{assets}}", assets),
        ("\"./", &relative),
    ];
    values.iter().fold(template.to_owned(), |page, (name, value)| page.replace(name, value))
}

/// What the `<template>` of this name has in it.
fn part<'a>(template: &'a str, name: &str) -> &'a str {
    let start = format!("<template data-name=\"{name}\">");
    let part = template.split_once(&start).and_then(|(_, rest)| rest.split_once("</template>"));
    part.map_or("", |(part, _)| part)
}
