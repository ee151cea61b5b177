//! What a test logs.

use std::{
    cell::{Cell, RefCell},
    io,
    path::Path,
    sync::Once,
};

use tracing_subscriber::{
    filter::{LevelFilter, dynamic_filter_fn},
    fmt,
    layer::{Layer, SubscriberExt},
};

thread_local! {
    static LEVEL: Cell<LevelFilter> = const { Cell::new(LevelFilter::OFF) };
    /// Of this thread alone: each test runs on a thread of its own.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What this thread has logged since the capture began.
#[derive(Debug)]
pub struct LogCapture(());

impl LogCapture {
    /// Captures what this thread logs from now on, down to this level. Dependencies are captured
    /// down to `INFO` at most: a function logs no more of them.
    pub fn start(level: LevelFilter) -> Self {
        Self::prepare();
        LEVEL.set(level);
        LOG.take();
        Self(())
    }

    /// Installs the subscriber of the process. A call site that is reached while a process has
    /// none, and gets one on another thread at that moment, may stay disabled.
    pub(crate) fn prepare() {
        static PREPARED: Once = Once::new();
        PREPARED.call_once(|| {
            let captured = dynamic_filter_fn(|event, _| {
                // Cargo compiles the workspace by relative paths and dependencies by absolute ones.
                let is_ours = event.file().is_some_and(|file| Path::new(file).is_relative());
                let level = LEVEL.get();
                *event.level() <= if is_ours { level } else { level.min(LevelFilter::INFO) }
            });
            let layer = fmt::layer().with_ansi(false).with_writer(|| Writer).with_filter(captured);
            let subscriber = tracing_subscriber::registry().with(layer);
            tracing::subscriber::set_global_default(subscriber)
                .expect("only a log capture installs a subscriber");
        });
    }

    /// The text so far.
    pub fn text(&self) -> String {
        LOG.with_borrow(|log| String::from_utf8_lossy(log).into_owned())
    }
}

impl Drop for LogCapture {
    fn drop(&mut self) {
        LEVEL.set(LevelFilter::OFF);
    }
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_of_the_workspace_is_captured() {
        let log = LogCapture::start(LevelFilter::TRACE);
        tracing::trace!("a detail");
        assert!(log.text().contains("a detail"), "{}", log.text());
    }
}
