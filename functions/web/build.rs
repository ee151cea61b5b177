//! Embeds the page, rendered, and the files that it refers to, each plain and compressed.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

#[path = "src/page_files.rs"]
mod page_files;
#[path = "src/render.rs"]
mod render;
use page_files::media_type;
use render::{View, render};

/// Name and place of what is served as an asset. `cargo xtask page` makes `bundle/`.
const FILES: [(&str, &str); 3] =
    [("app.css", "bundle/app.css"), ("app.js", "bundle/app.js"), ("icon.svg", "assets/icon.svg")];
const TEMPLATE: &str = "assets/index.html";
const PRODUCT: &str = "../../crates/settings/product.txt";
/// Names a folder with another page and its files, relative to the workspace.
const PAGE: &str = "TOLLGATE_PAGE";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    println!("cargo::rerun-if-env-changed={PAGE}");
    let page = env::var_os(PAGE).filter(|page| !page.is_empty());
    let page = page.map(|page| root.join("../..").join(page));
    embed(&root, page.as_deref(), &PathBuf::from(env::var("OUT_DIR")?))
}

pub(crate) fn embed(root: &Path, page: Option<&Path>, out: &Path) -> Result<(), Box<dyn Error>> {
    let read = |path: &Path| {
        println!("cargo::rerun-if-changed={}", path.display());
        fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let product = String::from_utf8(read(&root.join(PRODUCT))?)?;
    let (template, files) = match page {
        None => {
            let files = FILES.map(|(name, path)| (name.to_owned(), root.join(path)));
            (root.join(TEMPLATE), files.to_vec())
        }
        Some(folder) => {
            println!("cargo::rerun-if-changed={}", folder.display());
            let files = page_files::files(folder);
            let files = files.map_err(|error| format!("{}: {error}", folder.display()))?;
            (folder.join("index.html"), files)
        }
    };
    let template = String::from_utf8(read(&template)?)?;
    let mut hash = DefaultHasher::new();
    // The browser must not keep a page that was rendered otherwise.
    (&template, &product, read(&root.join("src/render.rs"))?).hash(&mut hash);
    let mut assets = Vec::new();
    for (name, path) in files {
        if name == "index.html" || path.extension().is_some_and(|it| it == "map") {
            continue;
        }
        let kind = media_type(&name).ok_or_else(|| format!("{name}: unsupported file type"))?;
        let bytes = read(&path)?;
        (&name, &bytes).hash(&mut hash);
        assets.push((name, kind, bytes));
    }
    let hash = format!("{:016x}", hash.finish());

    let mut source = format!(
        "pub(crate) const HASH: &str = {hash:?};\n\
         /// In the order of `View`.\n\
         const PAGES: [Content; 2] = [\n"
    );
    for view in [View::Welcome, View::Frame] {
        let page = render(&template, view, product.trim_end(), &format!("/assets/{hash}"));
        let name = format!("{}.html", view.name());
        let page = content(out, &name, "text/html; charset=utf-8", page.as_bytes())?;
        writeln!(source, "{page},")?;
    }
    source.push_str("];\nconst FILES: &[(&str, Content)] = &[\n");
    for (name, kind, bytes) in assets {
        writeln!(source, "({name:?}, {}),", content(out, &name, kind, &bytes)?)?;
    }
    source.push_str("];\n");
    Ok(fs::write(out.join("assets.rs"), source)?)
}

/// The expression of a file that is embedded in each coding.
fn content(out: &Path, name: &str, kind: &str, bytes: &[u8]) -> Result<String, Box<dyn Error>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes)?;
    let mut brotli = Vec::new();
    let best = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &*bytes, &mut brotli, &best)?;
    let include = |extension: &str, bytes: &[u8]| {
        let path = out.join(format!("{name}{extension}"));
        fs::create_dir_all(path.parent().unwrap_or(out))?;
        fs::write(&path, bytes)?;
        let path = path.to_str().ok_or("a folder name that is not UTF-8")?;
        Ok::<_, Box<dyn Error>>(format!("include_bytes!({path:?})"))
    };
    let (plain, gzip) = (include("", bytes)?, include(".gz", &gzip.finish()?)?);
    let brotli = include(".br", &brotli)?;
    Ok(format!(
        "Content {{ media_type: {kind:?}, plain: Cow::Borrowed({plain}), gzip: {gzip}, brotli: {brotli} }}"
    ))
}
