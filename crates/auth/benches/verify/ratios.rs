//! Ratios that hold on any machine.

use std::{hint::black_box, time::Instant};

use crate::setup::Case;

/// How often the cases take turns. The median of so many is steady to a percent.
const ROUNDS: usize = 400;
/// How often a case runs in its turn: long against the clock's resolution, short
/// against whatever else the machine does.
const TURN: u32 = 50;

/// Prints the median time of each case, and its ratio to the first.
pub(crate) fn print(cases: &[Case<'_>]) {
    let mut times = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for (case, times) in cases.iter().zip(&mut times) {
            let started = Instant::now();
            for _ in 0..TURN {
                black_box((case.run)());
            }
            times.push(started.elapsed().as_secs_f64() * 1e6 / f64::from(TURN));
        }
    }
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    println!("\n{:<42} {:>9} {:>7}", "medians of one run", "µs", "ratio");
    for (case, median) in cases.iter().zip(&medians) {
        println!("{:<42} {median:>9.2} {:>7.3}", case.name, median / medians[0]);
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}
