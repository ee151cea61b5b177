//! What a sign-in came from, in words that its user recognizes.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

/// The browser, its system and its address, as far as they were told. Good enough for a person who
/// asks "was that me?", and for nothing else: a browser can call itself what it likes.
///
/// The `User-Agent` itself is not kept: two words of ours are, and none of the sender's.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    #[serde(default)]
    browser: Option<String>,
    #[serde(default)]
    system: Option<String>,
    #[serde(default)]
    address: Option<IpAddr>,
}

/// Each before those that its own name is hidden behind: Edge calls itself Chrome as well, and
/// everybody calls themselves Safari.
const BROWSERS: [(&str, &str); 14] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

/// Android says Linux, and iPhones say Mac OS X.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iOS"),
    ("iPod", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

impl Device {
    /// Reads a `User-Agent`, and takes the address that the connection came from.
    pub fn of(user_agent: Option<&str>, address: Option<IpAddr>) -> Self {
        let find = |words: &[(&str, &str)]| {
            let user_agent = user_agent?;
            let (_, name) = words.iter().find(|(word, _)| user_agent.contains(word))?;
            Some((*name).to_owned())
        };
        Self { browser: find(&BROWSERS), system: find(&SYSTEMS), address }
    }

    /// `Firefox`, for example.
    pub fn browser(&self) -> Option<&str> {
        self.browser.as_deref()
    }

    /// `Windows`, for example.
    pub fn system(&self) -> Option<&str> {
        self.system.as_deref()
    }

    /// Where the connection came from. A proxy's address, where there is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

/// Not the address, which is personal.
impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device")
            .field("browser", &self.browser)
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(user_agent: &str, browser: Option<&str>, system: Option<&str>) {
        let device = Device::of(Some(user_agent), None);
        assert_eq!((device.browser(), device.system()), (browser, system), "{user_agent}");
    }

    #[test]
    fn a_browser_is_known_by_its_own_name_and_not_by_those_it_borrows() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let windows = format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit}");
        let phone = format!("Mozilla/5.0 (Linux; Android 10; K) {webkit}");
        let apple = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
        let iphone = format!("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {apple}");
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
        let linux = "Mozilla/5.0 (X11; Linux x86_64";
        for (user_agent, browser, system) in [
            (format!("{windows} Chrome/142.0.0.0 Safari/537.36"), "Chrome", "Windows"),
            (format!("{windows} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"), "Edge", "Windows"),
            (format!("{windows} Chrome/142.0.0.0 Safari/537.36 OPR/122.0"), "Opera", "Windows"),
            (format!("{phone} Chrome/142.0.0.0 Mobile Safari/537.36"), "Chrome", "Android"),
            (
                format!("{phone} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"),
                "Samsung Internet",
                "Android",
            ),
            (format!("{iphone} Version/18.5 Mobile/15E148 Safari/604.1"), "Safari", "iOS"),
            (format!("{iphone} CriOS/142.0 Mobile/15E148 Safari/604.1"), "Chrome", "iOS"),
            (format!("{mac} {apple} Version/18.5 Safari/605.1.15"), "Safari", "macOS"),
            (format!("{linux}; rv:145.0) Gecko/20100101 Firefox/145.0"), "Firefox", "Linux"),
            (
                format!("{linux}) {webkit} HeadlessChrome/142.0.0.0 Safari/537.36"),
                "Chrome",
                "Linux",
            ),
        ] {
            check(&user_agent, Some(browser), Some(system));
        }
    }

    #[test]
    fn what_is_unknown_or_absent_stays_unknown() {
        check("", None, None);
        check("<script>alert(1)</script>", None, None);
        check("Mozilla/5.0 (Windows NT 10.0)", None, Some("Windows"));
        assert_eq!(Device::of(None, None), Device::default());
    }

    #[test]
    fn nothing_of_the_sender_s_own_words_is_kept() {
        let device = Device::of(Some("Firefox/1 <b>bob@example.com</b> Linux"), None);
        let kept = serde_json::to_string(&device).unwrap();
        assert_eq!(kept, r#"{"browser":"Firefox","system":"Linux","address":null}"#);
    }

    #[test]
    fn a_device_does_not_show_its_address() {
        let device = Device::of(None, Some([192, 0, 2, 1].into()));
        assert!(!format!("{device:?}").contains("192"));
    }

    #[test]
    fn a_device_that_says_less_than_today_s_can_still_be_read() {
        assert_eq!(serde_json::from_str::<Device>("{}").unwrap(), Device::default());
    }
}
