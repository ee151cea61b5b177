//! A picture of which request took from when to when.

use serde::Deserialize;

/// Pixels of a row, of the labels, and of a millisecond.
const ROW: f64 = 16.0;
const LABELS: f64 = 220.0;
const SCALE: f64 = 0.32;

/// A visit. Times are milliseconds since it began.
#[derive(Deserialize)]
pub(crate) struct Timeline {
    paint: f64,
    pub(crate) usable: f64,
    loads: Vec<Load>,
}

#[derive(Deserialize)]
struct Load {
    path: String,
    start: f64,
    first_byte: f64,
    end: f64,
    kilobytes: f64,
}

/// An SVG with a part for each view. A bar is light until the answer begins.
pub(crate) fn draw(views: &[(&str, Timeline)]) -> String {
    let last = views.iter().flat_map(|(_, visit)| visit.loads.iter().map(|load| load.end));
    let last = views.iter().map(|(_, visit)| visit.usable).chain(last).fold(1000.0, f64::max);
    let (mut svg, mut y) = (Vec::new(), ROW);
    for (view, visit) in views {
        svg.push(text(8.0, y, "#111", view));
        let top = y;
        let ticks = (0..10).map(|half| 500.0 * f64::from(half)).take_while(|tick| *tick <= last);
        svg.extend(ticks.map(|tick| text(at(tick), top, "#666", &format!("{} s", tick / 1000.0))));
        for load in &visit.loads {
            y += ROW;
            let name = load.path.strip_prefix("/assets/").and_then(|it| it.split_once('/'));
            let name = name.map_or(&*load.path, |(_, file)| file);
            svg.push(text(8.0, y, "#111", &format!("{name}, {:.1} KB", load.kilobytes)));
            svg.push(bar(load.start, load.first_byte, y, "#a9c7e8"));
            svg.push(bar(load.first_byte, load.end, y, "#2c6fb3"));
        }
        for (ms, color, words) in
            [(visit.paint, "#287a28", "first paint"), (visit.usable, "#b03020", "usable")]
        {
            y += ROW;
            let x = at(ms);
            svg.push(format!("<path d=\"M{x:.1} {top}V{y}\" stroke=\"{color}\"/>"));
            svg.push(text(x + 3.0, y, color, &format!("{words}: {ms:.0} ms")));
        }
        y += 2.0 * ROW;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {y}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}\n</svg>\n",
        at(last) + 120.0,
        svg.join("\n")
    )
}

fn at(ms: f64) -> f64 {
    LABELS + ms * SCALE
}

fn text(x: f64, y: f64, color: &str, words: &str) -> String {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text x=\"{x:.1}\" y=\"{y}\" fill=\"{color}\">{words}</text>")
}

fn bar(from: f64, to: f64, y: f64, color: &str) -> String {
    let (x, width, y) = (at(from), ((to - from) * SCALE).max(1.0), y - 10.0);
    format!("<rect x=\"{x:.1}\" y=\"{y}\" width=\"{width:.1}\" height=\"11\" fill=\"{color}\"/>")
}
