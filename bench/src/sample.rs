//! What was measured of one subject, and its medians.

use std::time::Duration;

use serde_json::{Value, json};

/// One start.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) cold_cpu: Duration,
    pub(crate) first: Duration,
    pub(crate) warm_cpu: Duration,
    /// In KiB.
    pub(crate) memory: u64,
}

/// The medians of several, in microseconds and KiB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Medians {
    pub(crate) cold_cpu: f64,
    pub(crate) first: f64,
    pub(crate) warm_cpu: f64,
    pub(crate) memory: f64,
}

impl Medians {
    /// # Panics
    /// When there is none.
    pub(crate) fn of(samples: &[Sample]) -> Self {
        let microseconds = |of: fn(&Sample) -> Duration| {
            median(samples.iter().map(|sample| of(sample).as_secs_f64() * 1e6).collect())
        };
        Self {
            cold_cpu: microseconds(|sample| sample.cold_cpu),
            first: microseconds(|sample| sample.first),
            warm_cpu: microseconds(|sample| sample.warm_cpu),
            #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 KiB")]
            memory: median(samples.iter().map(|sample| sample.memory as f64).collect()),
        }
    }

    /// Each as a multiple of the other's.
    pub(crate) fn over(&self, other: &Self) -> Self {
        Self {
            cold_cpu: self.cold_cpu / other.cold_cpu,
            first: self.first / other.first,
            warm_cpu: self.warm_cpu / other.warm_cpu,
            memory: self.memory / other.memory,
        }
    }

    pub(crate) fn to_json(self) -> Value {
        json!({
            "cold_cpu_us": self.cold_cpu,
            "first_us": self.first,
            "warm_cpu_us": self.warm_cpu,
            "memory_kib": self.memory,
        })
    }
}

/// # Panics
/// When there is no value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values[middle]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_values_are_below_the_median() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
    }
}
