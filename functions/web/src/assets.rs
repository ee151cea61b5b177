//! The files of `assets/`, embedded when the function is built (`build.rs`).

use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The page. `{{assets}}` stands for the address of the other files, which changes whenever one
/// of them does: so they can be cached forever, and none is ever used with a page of another
/// version.
const TEMPLATE: &str = include_str!("../assets/index.html");

/// The page with the address of its assets filled in.
pub(crate) fn page() -> &'static str {
    static PAGE: LazyLock<String> = LazyLock::new(|| {
        let page = TEMPLATE.replace("{{assets}}", &format!("/assets/{HASH}"));
        page.replace("{{product}}", settings::PRODUCT)
    });
    &PAGE
}

/// Content type and bytes of a file, if it is one of this version.
pub(crate) fn find(hash: &str, file: &str) -> Option<(&'static str, &'static [u8])> {
    if hash != HASH {
        return None;
    }
    let index = FILES.binary_search_by_key(&file, |(name, ..)| name).ok()?;
    let (_, content_type, bytes) = FILES[index];
    Some((content_type, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_under_its_own_name() {
        assert!(!FILES.is_empty());
        for (name, content_type, bytes) in FILES {
            assert_eq!(find(HASH, name), Some((*content_type, *bytes)), "{name}");
        }
    }

    #[test]
    fn nothing_is_found_under_another_hash_or_name() {
        let (name, ..) = FILES[0];
        for (hash, name) in [("", name), ("0", name), (HASH, ""), (HASH, "index.html")] {
            assert_eq!(find(hash, name), None);
        }
    }

    #[test]
    fn the_page_has_the_product_s_name_from_one_place() {
        let name = settings::PRODUCT;
        assert!(page().contains(&format!("<title>{name}</title>")));
        for (file, text) in [("index.html", TEMPLATE.as_bytes())]
            .into_iter()
            .chain(FILES.iter().map(|(file, _, bytes)| (*file, *bytes)))
        {
            assert!(!String::from_utf8_lossy(text).contains(name), "{file}");
        }
    }

    #[test]
    fn whatever_the_page_refers_to_is_there() {
        let prefix = format!("/assets/{HASH}/");
        let files: Vec<_> = page().split(&prefix).skip(1).collect();
        assert!(!files.is_empty());
        for rest in files {
            let name = rest.split('"').next().unwrap();
            assert!(find(HASH, name).is_some(), "{name}");
        }
        assert!(!page().contains("{{"), "a placeholder is left");
    }
}
