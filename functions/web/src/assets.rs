//! The page and the files that it refers to: embedded when the function is built (`build.rs`), or
//! for development those of a folder, where editing one needs no build.

use std::{borrow::Cow, fs, path::PathBuf};

use http::{HeaderMap, HeaderValue, header};
use settings::Environment;

use crate::{
    page_files::{files, media_type},
    render::{View, render},
};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A file in each coding that it can be sent in (RFC 9110, section 8.4.1).
#[derive(Debug, Clone)]
pub(crate) struct Content {
    media_type: &'static str,
    plain: Cow<'static, [u8]>,
    gzip: &'static [u8],
    brotli: &'static [u8],
}

impl Content {
    /// The smallest coding that the request accepts (RFC 9110, section 12.5.3), and its name.
    fn negotiate(self, request: &HeaderMap) -> (Option<&'static str>, Cow<'static, [u8]>) {
        let accepts = |coding: &str| {
            let lines = request.get_all(header::ACCEPT_ENCODING).iter();
            let codings = lines.filter_map(|line| line.to_str().ok()).flat_map(|it| it.split(','));
            codings.map(|item| item.split_once(';').unwrap_or((item, ""))).any(|(name, weight)| {
                let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
                name.trim().eq_ignore_ascii_case(coding)
                    && !matches!(weight, Some(Ok(0.0) | Err(_)))
            })
        };
        match [("br", self.brotli), ("gzip", self.gzip)]
            .into_iter()
            .find(|(name, bytes)| !bytes.is_empty() && accepts(name))
        {
            Some((coding, bytes)) => (Some(coding), Cow::Borrowed(bytes)),
            None => (None, self.plain),
        }
    }

    /// The headers and body, except for what says how long the browser may keep them.
    pub(crate) fn respond(self, request: &HeaderMap) -> (HeaderMap, Cow<'static, [u8]>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        let (coding, body) = self.negotiate(request);
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        (headers, body)
    }
}

/// Where the page and its files come from.
#[derive(Debug, Clone)]
pub(crate) enum Assets {
    Embedded,
    /// Debug builds only.
    Folder(PathBuf),
}

impl Assets {
    /// Embedded, unless this is a debug build and `PAGE_FOLDER` names a folder like `assets/`.
    pub(crate) fn from_environment(environment: &Environment) -> Self {
        match environment.text("PAGE_FOLDER") {
            Some(folder) if cfg!(debug_assertions) => Self::Folder(folder.into()),
            _ => Self::Embedded,
        }
    }

    /// The page as this view.
    pub(crate) fn page(&self, view: View) -> Content {
        match self {
            Self::Embedded => PAGES[view as usize].clone(),
            Self::Folder(folder) => {
                let template = fs::read_to_string(folder.join("index.html")).unwrap_or_default();
                let page = render(&template, view, settings::PRODUCT, &format!("/assets/{HASH}"));
                Content::of_folder("text/html; charset=utf-8", page.into_bytes())
            }
        }
    }

    /// The version of the page's files, if they have one.
    pub(crate) fn version(&self) -> Option<&'static str> {
        matches!(self, Self::Embedded).then_some(HASH)
    }

    /// A file of this version.
    pub(crate) fn find(&self, hash: &str, file: &str) -> Option<Content> {
        if hash != HASH {
            return None;
        }
        match self {
            Self::Embedded => {
                FILES.iter().find(|(name, _)| *name == file).map(|(_, content)| content.clone())
            }
            Self::Folder(folder) => {
                let media_type = media_type(file)?;
                // What the folder lists is no way out of it.
                let (_, place) = files(folder).ok()?.into_iter().find(|(name, _)| name == file)?;
                Some(Content::of_folder(media_type, fs::read(place).ok()?))
            }
        }
    }

    /// The icon.
    pub(crate) fn icon(&self) -> Option<Content> {
        self.find(HASH, "icon.svg")
    }
}

impl Content {
    const fn of_folder(media_type: &'static str, plain: Vec<u8>) -> Self {
        Self { media_type, plain: Cow::Owned(plain), gzip: &[], brotli: &[] }
    }

    /// A text that is too short to be compressed.
    pub(crate) const fn text(text: &'static str) -> Self {
        let plain = Cow::Borrowed(text.as_bytes());
        Self { media_type: "text/plain; charset=utf-8", plain, gzip: &[], brotli: &[] }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn text(content: &Content) -> &str {
        str::from_utf8(&content.plain).unwrap()
    }

    #[test]
    fn nothing_is_found_under_another_hash_or_name() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets");
        for assets in [Assets::Embedded, Assets::Folder(folder.into())] {
            assert!(assets.find(HASH, "app.js").is_some());
            for (hash, name) in [
                ("", "app.js"),
                ("0", "app.js"),
                (HASH, ""),
                (HASH, "index.html"),
                (HASH, "../assets/app.js"),
                (HASH, "/etc/passwd.js"),
            ] {
                assert!(assets.find(hash, name).is_none(), "{assets:?} {hash}/{name}");
            }
        }
    }

    #[test]
    fn the_page_has_the_product_s_name_from_one_place() {
        let name = settings::PRODUCT;
        for view in [View::Welcome, View::Frame] {
            assert!(text(&Assets::Embedded.page(view)).contains(&format!("<title>{name}</title>")));
        }
        for text in [include_str!("../assets/index.html"), include_str!("../bundle/app.js")] {
            assert!(!text.contains(name));
        }
    }

    #[test]
    fn each_view_is_complete_and_all_that_it_refers_to_is_there() {
        for (view, marker) in
            [(View::Welcome, "data-test=\"sign-in\">"), (View::Frame, "data-test=\"loading\">")]
        {
            let page = Assets::Embedded.page(view);
            let page = text(&page);
            let main = page.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
            assert!(main.contains(marker), "{view:?}");
            assert_eq!(page.contains("class=\"account-slot\"></div>"), view == View::Welcome);
            // The menu needs the script, so the script puts it there.
            let first_view = page.split("<template").next().unwrap();
            assert!(!first_view.contains("account-menu"), "{view:?}");
            assert!(!page.contains("{{"), "a placeholder is left");
            let prefix = format!("/assets/{HASH}/");
            let files: Vec<_> = page.split(&prefix).skip(1).collect();
            assert!(!files.is_empty());
            for rest in files {
                let name = rest.split('"').next().unwrap();
                assert!(Assets::Embedded.find(HASH, name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn each_coding_has_the_same_content() {
        for content in PAGES.iter().chain(FILES.iter().map(|(_, content)| content)) {
            let (mut gzip, mut brotli) = (Vec::new(), Vec::new());
            flate2::read::GzDecoder::new(content.gzip).read_to_end(&mut gzip).unwrap();
            brotli::BrotliDecompress(&mut &*content.brotli, &mut brotli).unwrap();
            assert!(content.plain == gzip && content.plain == brotli);
            assert!(content.brotli.len() < content.gzip.len());
            assert!(content.gzip.len() < content.plain.len());
        }
    }

    #[test]
    fn the_smallest_coding_that_is_accepted_is_sent() {
        for (lines, coding) in [
            (&["gzip, deflate, br, zstd"][..], Some("br")),
            (&["gzip, deflate"], Some("gzip")),
            (&["gzip", "BR;q=0.1"], Some("br")),
            (&["br;q=0, gzip;q=1.0"], Some("gzip")),
            (&["br; q=0.000, gzip ; q=0"], None),
            (&["br;q=x"], None),
            (&["identity", "deflate, brotli"], None),
            (&[], None),
        ] {
            let mut request = HeaderMap::new();
            for line in lines {
                request.append(header::ACCEPT_ENCODING, HeaderValue::from_static(line));
            }
            let (headers, body) = Assets::Embedded.page(View::Welcome).respond(&request);
            let sent = headers.get(header::CONTENT_ENCODING).map(|it| it.to_str().unwrap());
            assert_eq!(sent, coding, "{lines:?}");
            let page = &PAGES[0];
            let expected = match coding {
                Some("br") => page.brotli,
                Some(_) => page.gzip,
                None => &page.plain,
            };
            assert!(*body == *expected, "{lines:?}");
            assert_eq!(headers[header::VARY], "Accept-Encoding");
        }
    }
}
