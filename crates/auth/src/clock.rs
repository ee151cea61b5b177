//! Where the time comes from.

use std::time::SystemTime;

/// The wall clock for tokens and cached keys.
///
/// It is the wall clock on purpose: a monotonic clock can stand still while a
/// Lambda instance is frozen, and keys would then seem younger than they are.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
