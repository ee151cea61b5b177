use http::Method;

use super::{directory::Sent, reply::Reply};

/// An answer instead of the right one, a number of times.
pub(crate) struct InjectedError {
    method: Method,
    path: &'static str,
    reply: Reply,
    left: usize,
    /// Whether the work is done all the same.
    works: bool,
}

impl InjectedError {
    /// For requests whose path has this in it.
    pub(crate) fn new(method: Method, path: &'static str, status: u16, code: &str) -> Self {
        let reply = Reply::error(status, code, "As the test says.");
        Self { method, path, reply, left: 1, works: false }
    }

    pub(crate) fn times(mut self, times: usize) -> Self {
        self.left = times;
        self
    }

    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.reply = self.reply.after(seconds);
        self
    }

    pub(crate) fn after_the_work(mut self) -> Self {
        self.works = true;
        self
    }

    /// The answer to this request, and whether the work is done.
    pub(crate) fn reply_to(&mut self, sent: &Sent) -> Option<(Reply, bool)> {
        if self.left == 0 || sent.method != self.method || !sent.path.contains(self.path) {
            return None;
        }
        self.left -= 1;
        Some((self.reply.clone(), self.works))
    }
}
