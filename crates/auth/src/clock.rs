//! Where the time comes from.

use std::time::SystemTime;

/// The wall clock that tokens and cached keys are judged by.
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
