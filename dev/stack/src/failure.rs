use std::{io, path::Path};

/// Why the stack did not start or could not go on. Each is one line that says
/// what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("port {port} is in use: end what uses it, or choose another with --port")]
    PortTaken { port: u16 },
    #[error(
        "port {port}, which the provider needs (the one after --port), is in use: \
         end what uses it, or choose another with --port"
    )]
    ProviderPortTaken { port: u16 },
    #[error("cannot listen on port {port}: {error}; choose another with --port")]
    Port { port: u16, error: io::Error },
    #[error(
        "cannot use the data folder {folder}: {error}; choose another with --data, \
         or keep nothing with --memory"
    )]
    DataFolder { folder: String, error: io::Error },
    #[error("cannot write {file}, which --details names: {error}")]
    Details { file: String, error: io::Error },
    #[error("cannot write {file}, which --environment names: {error}")]
    Environment { file: String, error: io::Error },
    #[error(transparent)]
    Store(#[from] local_aws::StoreError),
    #[error(transparent)]
    Provider(#[from] idp::OpenError),
    #[error(transparent)]
    Template(#[from] local_aws::TemplateError),
    #[error(transparent)]
    Settings(#[from] settings::SettingErrors),
    #[error("the function {function} did not start: {error}")]
    Function { function: &'static str, error: serve::StartError },
    #[error("cannot listen for a function's process: {0}")]
    RuntimeApi(io::Error),
    #[error("cannot start the example orders-http with Node.js: {0}")]
    Example(io::Error),
    #[error("cannot listen for signals: {0}")]
    Signals(io::Error),
}

impl From<settings::SettingError> for Failure {
    fn from(error: settings::SettingError) -> Self {
        Self::Settings(error.into())
    }
}

impl Failure {
    pub(crate) fn port(port: u16, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::PortTaken { port },
            _ => Self::Port { port, error },
        }
    }

    pub(crate) fn provider_port(port: u16, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::AddrInUse => Self::ProviderPortTaken { port },
            _ => Self::Port { port, error },
        }
    }

    pub(crate) fn data_folder(folder: &Path, error: io::Error) -> Self {
        Self::DataFolder { folder: folder.display().to_string(), error }
    }

    pub(crate) fn environment(file: &Path, error: io::Error) -> Self {
        Self::Environment { file: file.display().to_string(), error }
    }

    pub(crate) fn details(file: &Path, error: io::Error) -> Self {
        Self::Details { file: file.display().to_string(), error }
    }
}
