//! `cargo xtask bench page`: what a visit costs on slow 4G with a slow processor.

use crate::{
    browser::Browser,
    driver::Driver,
    page::Page,
    person::Person,
    target::{Capability, Target},
    waterfall::{self, Timeline},
};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{env, fs};

/// Lighthouse's "slow 4G" (<https://github.com/GoogleChrome/lighthouse/blob/main/docs/throttling.md>):
/// latency in milliseconds, throughput in bytes a second.
fn slow_4g() -> Value {
    let (download, upload) = (1_638_400 / 8, 768_000 / 8);
    json!({
        "offline": false, "latency": 150, "downloadThroughput": download, "uploadThroughput": upload,
    })
}

/// Notes when the sign-in button, or the list, is there to be used.
const WATCH: &str = "const reachable = it => {
        const { x, y, width, height } = it.getBoundingClientRect();
        return width && it.contains(document.elementFromPoint(x + width / 2, y + height / 2));
    };
    const look = () => {
        const parts = document.querySelectorAll('[data-test=sign-in], [data-test=new-todo]');
        const loading = document.querySelector('[data-test=skeleton]')?.getClientRects().length;
        if (!loading && [...parts].some(reachable)) setTimeout(() => window.usable = performance.now());
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look)";

/// Chromium counts 300 bytes for the headers of an answer.
const READ: &str = "const [painted] = performance.getEntriesByName('first-contentful-paint');
    if (!window.usable || !painted || document.readyState !== 'complete') return null;
    const paint = painted.startTime, usable = Math.max(window.usable, paint);
    const loads = performance.getEntriesByType('navigation')
        .concat(performance.getEntriesByType('resource'))
        .map(it => ({ path: new URL(it.name).pathname, start: it.startTime,
            first_byte: it.responseStart, end: it.responseEnd, kilobytes: it.transferSize / 1000 }));
    const kilobytes = loads.reduce((sum, load) => sum + load.kilobytes, 0);
    const web = loads.filter(load => !load.path.startsWith('/api/'));
    const open = time => web.filter(load => load.start <= time && time < load.end).length;
    const most = Math.max(...web.map(load => open(load.start)));
    return { paint, usable, loads, values: [loads.length, kilobytes, most, paint, usable, 0] }";

#[derive(Deserialize)]
struct Visit {
    #[serde(flatten)]
    timeline: Timeline,
    values: [f64; ROWS.len()],
}

/// The most of a first visit without and with a session, and of a repeated one without.
pub(crate) const REQUESTS: [u32; 2] = [4, 6];
pub(crate) const KILOBYTES: [u32; 2] = [25, 40];
pub(crate) const AT_ONCE: u32 = 3;
pub(crate) const KILOBYTES_REPEATED: u32 = 1;

/// What is printed, with the budgets of a visit without and with a session. The session and the list
/// are read on each visit.
const ROWS: [(&str, [Option<u32>; 2]); 6] = [
    ("requests", [Some(REQUESTS[0]), Some(REQUESTS[1])]),
    ("KB", [Some(KILOBYTES[0]), Some(KILOBYTES[1])]),
    ("at once to web", [Some(AT_ONCE); 2]),
    ("first paint, ms", [None, None]),
    ("usable, ms", [Some(1000), None]),
    ("KB, repeated", [Some(KILOBYTES_REPEATED), None]),
];

/// Prints the medians of so many visits beside their budgets.
///
/// # Errors
/// When a visit fails or a budget is exceeded.
pub(crate) fn run(target: &Target, driver: Option<&Driver>, runs: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let own = driver.is_none().then(Driver::start).transpose()?;
    let driver = driver.or(own.as_ref()).context("there is a driver")?;
    runtime.block_on(measure(target, driver, runs.parse().context("not a number of visits")?))
}

async fn measure(target: &Target, driver: &Driver, runs: usize) -> Result<()> {
    let (mut median_visits, mut exceeded) = (Vec::new(), 0);
    println!("{:38} budget", "");
    for (column, view) in ["signed out", "signed in"].into_iter().enumerate() {
        if column == 1 && !target.can(Capability::SignIn) {
            continue;
        }
        let browser = Browser::open(driver.address(), target, "normal").await?;
        if column == 1 {
            let page = Page::visit(browser.clone(), target).await?;
            page.sign_in(&Person::known(target, 1)).await?;
        }
        for (command, parameters) in [
            ("Network.enable", json!({})),
            ("Network.emulateNetworkConditions", slow_4g()),
            ("Emulation.setCPUThrottlingRate", json!({ "rate": 4 })),
            ("Page.enable", json!({})),
            ("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })),
        ] {
            browser.devtools(command, parameters).await?;
        }
        let mut visits = Vec::new();
        for _ in 0..runs.max(1) {
            browser.devtools("Network.clearBrowserCache", json!({})).await?;
            let mut first = visit(&browser, target).await?;
            first.values[5] = visit(&browser, target).await?.values[1];
            visits.push(first);
        }
        browser.close().await;
        for (index, (row, budgets)) in ROWS.into_iter().enumerate() {
            visits.sort_by(|one, other| one.values[index].total_cmp(&other.values[index]));
            let median = visits[visits.len() / 2].values[index];
            let budget = budgets[column].map(|it| it.to_string()).unwrap_or_default();
            let verdict =
                if budgets[column].is_some_and(|it| median > it.into()) { "exceeded" } else { "" };
            exceeded += usize::from(!verdict.is_empty());
            let places = usize::from(row.starts_with("KB"));
            println!("{view:12}{row:18}{median:8.places$} {budget:>6}  {verdict}");
        }
        visits.sort_by(|one, other| one.timeline.usable.total_cmp(&other.timeline.usable));
        median_visits.push((view, visits.swap_remove(visits.len() / 2).timeline));
    }
    if let Some(file) = env::var_os("TOLLGATE_WATERFALL") {
        fs::write(&file, waterfall::draw(&median_visits)).context("cannot write the waterfall")?;
    }
    ensure!(exceeded == 0, "budgets exceeded: {exceeded}");
    Ok(())
}

async fn visit(browser: &Browser, target: &Target) -> Result<Visit> {
    browser.goto(&target.origin()).await?;
    Ok(serde_json::from_value(browser.until("the page", READ, &[]).await?)?)
}
