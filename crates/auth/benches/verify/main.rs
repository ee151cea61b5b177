//! What it costs to authorise and to refuse.
//!
//! ```sh
//! cargo bench -p oidc-resource-server --bench verify
//! ```
//!
//! Criterion's statistics for each case come first, then a table of ratios to a
//! bare signature check with aws-lc on the same bytes. The table's cases take
//! turns in one run, so that whatever else the machine does hits all of them.

#![allow(clippy::unwrap_used, reason = "a benchmark ends where its setup is not as it says")]

mod ratios;
mod setup;

use std::hint::black_box;

use criterion::Criterion;
use setup::Setup;

fn main() {
    let setup = Setup::new();
    println!("token: {} bytes, RS256, 2048 bits", setup.token.len());
    let mut criterion = Criterion::default().configure_from_args();
    for case in setup.cases() {
        criterion.bench_function(case.name, |bencher| bencher.iter(|| black_box((case.run)())));
    }
    criterion.final_summary();
    // Not when Criterion only lists or tries the cases.
    if std::env::args().any(|argument| argument == "--bench") {
        ratios::print(&setup.cases());
    }
}
