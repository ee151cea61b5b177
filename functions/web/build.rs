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

#[path = "src/render.rs"]
mod render;
use render::{View, render};

/// Name, content type and place of what is served as an asset. `cargo xtask page` makes `bundle/`.
const FILES: [(&str, &str, &str); 3] = [
    ("app.css", "text/css; charset=utf-8", "bundle/app.css"),
    ("app.js", "text/javascript; charset=utf-8", "bundle/app.js"),
    ("icon.svg", "image/svg+xml", "assets/icon.svg"),
];
const TEMPLATE: &str = "assets/index.html";
const PRODUCT: &str = "../../crates/settings/product.txt";

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let read = |path: &str| {
        println!("cargo::rerun-if-changed={path}");
        fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))
    };
    let product = read(PRODUCT)?;
    let template = read(TEMPLATE)?;
    let files = FILES.map(|(name, kind, path)| (name, kind, read(path)));
    let mut hash = DefaultHasher::new();
    // The browser must not keep a page that was rendered otherwise.
    (&template, &product, read("src/render.rs")?).hash(&mut hash);
    for (name, _, text) in &files {
        (name, text.as_ref()).hash(&mut hash);
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
        writeln!(source, "{},", content(&out, &name, "text/html; charset=utf-8", &page)?)?;
    }
    source.push_str("];\nconst FILES: &[(&str, Content)] = &[\n");
    for (name, kind, text) in files {
        writeln!(source, "({name:?}, {}),", content(&out, name, kind, &text?)?)?;
    }
    source.push_str("];\n");
    Ok(fs::write(out.join("assets.rs"), source)?)
}

/// The expression of a file that is embedded in each coding.
fn content(out: &Path, name: &str, kind: &str, text: &str) -> Result<String, Box<dyn Error>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(text.as_bytes())?;
    let mut brotli = Vec::new();
    let best = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut text.as_bytes(), &mut brotli, &best)?;
    let include = |extension: &str, bytes: &[u8]| {
        let path = out.join(format!("{name}{extension}"));
        fs::write(&path, bytes)?;
        let path = path.to_str().ok_or("a folder name that is not UTF-8")?;
        Ok::<_, Box<dyn Error>>(format!("include_bytes!({path:?})"))
    };
    let (plain, gzip) = (include("", text.as_bytes())?, include(".gz", &gzip.finish()?)?);
    let brotli = include(".br", &brotli)?;
    Ok(format!(
        "Content {{ media_type: {kind:?}, plain: Cow::Borrowed({plain}), gzip: {gzip}, brotli: {brotli} }}"
    ))
}
