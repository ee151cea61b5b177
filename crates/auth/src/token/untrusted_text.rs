//! What an unverified token says, made safe for logs.

use std::fmt;

/// What an unverified token says, safe to log: at most 160 characters, escaped,
/// so that it can neither flood a log nor forge a line of it.
#[derive(Clone, PartialEq, Eq)]
pub struct UntrustedText(Box<str>);

impl UntrustedText {
    /// An issuer of Entra External ID has 100.
    const LIMIT: usize = 160;

    pub(crate) fn new(text: &str) -> Self {
        match text.char_indices().nth(Self::LIMIT) {
            Some((end, _)) => Self(format!("{}…", &text[..end]).into()),
            None => Self(text.into()),
        }
    }

    /// The first values of a list: thousands must not flood a log either.
    pub(crate) fn list(texts: &[&str]) -> Vec<Self> {
        let mut said: Vec<Self> = texts.iter().take(8).copied().map(Self::new).collect();
        if let Some(more) = texts.len().checked_sub(said.len()).filter(|more| *more > 0) {
            said.push(Self::new(&format!("and {more} more")));
        }
        said
    }
}

impl fmt::Debug for UntrustedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for UntrustedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
