use crate::Name;

/// The registrations that make up a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Api,
    Web,
    Daemon,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Api, Self::Web, Self::Daemon];

    /// What it is called in sentences.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Web => "web app",
            Self::Daemon => "daemon",
        }
    }

    /// The tag beside the mark that says which part it is; the display name is people's to change.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Api => "tollgate-part:api",
            Self::Web => "tollgate-part:web",
            Self::Daemon => "tollgate-part:daemon",
        }
    }

    /// The display name that it starts with.
    pub(crate) fn display_name(self, name: &Name) -> String {
        format!("{name} {}", self.noun())
    }
}
