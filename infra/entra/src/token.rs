use settings::Environment;

/// A bearer token. It has no `Debug`, so that no log can hold it.
pub(crate) struct Token(pub(crate) String);

impl Token {
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// `GRAPH_TOKEN`: a variable and not a flag, because other users can see a command line.
    pub(crate) fn from_environment(environment: &Environment) -> Option<Self> {
        environment.text("GRAPH_TOKEN").map(|text| Self(text.to_owned()))
    }
}
