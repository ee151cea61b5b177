//! Failed expectations, said once and where the other results are.

use std::{any::Any, cell::Cell, panic};

thread_local! {
    /// Where the last panic of this thread was.
    static PLACE: Cell<String> = const { Cell::new(String::new()) };
}

/// Keeps panics from being printed while other tests run.
pub(crate) fn hold() {
    panic::set_hook(Box::new(|panic| {
        PLACE.set(panic.location().map(ToString::to_string).unwrap_or_default());
    }));
}

/// What a panic of this thread said, and where.
pub(crate) fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("{}: {}", PLACE.take(), text.unwrap_or("panicked"))
}
