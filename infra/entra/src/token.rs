use settings::Environment;

/// A bearer token. It has no `Debug`, so that no log can hold it.
pub(crate) struct Token {
    pub(crate) access: String,
    /// For a token with other permissions.
    pub(crate) refresh: Option<String>,
}

impl Token {
    pub(crate) fn secret(&self) -> &str {
        &self.access
    }

    /// `GRAPH_TOKEN`: a variable and not a flag, because other users can see a command line.
    pub(crate) fn from_environment(environment: &Environment) -> Option<Self> {
        let access = environment.text("GRAPH_TOKEN")?.to_owned();
        Some(Self { access, refresh: None })
    }
}
