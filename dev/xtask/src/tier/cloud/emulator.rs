//! The emulator of AWS: ministack, which the project did not write, with `dev/xtask/cloud/emulator.py`.

use crate::{loopback, service::Service, tool, workspace::Workspace};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
};
use uuid::Uuid;

pub(super) const REGION: &str = "eu-central-1";

/// The id of the stack's API, which is a part of its address.
const API_ID: &str = "c10dc10d";

/// The path of [`Emulator::make_cold`], which emulator.py has.
const COLD: &str = "/_tollgate/cold";

pub(crate) struct Emulator {
    service: Service,
    pub(super) port: u16,
    pub(super) python: PathBuf,
    /// The access key that is root, another for each run. Functions have those of their roles.
    access_key: String,
}

impl Emulator {
    /// Starts it without any state, on the loopback interface only. The API of the stack with this
    /// name will be at [`Self::api_host`].
    pub(super) fn start(workspace: &Workspace, stack: &str, traces: &Path) -> Result<Self> {
        let python = tool::ministack(workspace)?;
        let [port] = loopback::free_ports()?;
        let temporary = traces.join("emulator");
        std::fs::create_dir_all(&temporary)?;
        let address = format!("http://127.0.0.1:{port}");
        let access_key = Uuid::now_v7().simple().to_string();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut start = Command::new(&python);
        start
            .arg("dev/xtask/cloud/emulator.py")
            .current_dir(workspace.root())
            // Functions find what it finds.
            .env_clear()
            .env("PATH", path)
            .env("AUTH", "true")
            .env("AWS_ACCESS_KEY_ID", &access_key)
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", REGION)
            // They would listen on all interfaces.
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .env("LOG_LEVEL", "WARNING")
            .env("TMPDIR", &temporary)
            .env("STATE_DIR", temporary.join("state"))
            .env("S3_DATA_DIR", temporary.join("s3"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("API_IDS", json!({ stack: API_ID }).to_string())
            .env("AWS_ENDPOINT_URL", &address);
        let mut service = Service::start("ministack", &mut start, traces)?.ended_gently();
        service.wait_for_port(port)?;
        Ok(Self { service, port, python, access_key })
    }

    /// The variables by which AWS's tools use it, and not the person's account.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let address = format!("http://127.0.0.1:{}", self.port);
        [
            ("AWS_ENDPOINT_URL", address.as_str()),
            ("AWS_ACCESS_KEY_ID", self.access_key.as_str()),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_SESSION_TOKEN", ""),
            ("AWS_PROFILE", ""),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_PAGER", ""),
            ("SAM_CLI_TELEMETRY", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }

    /// The host of the stack's API.
    pub(super) fn api_host(&self) -> String {
        format!("{API_ID}.execute-api.localhost:{}", self.port)
    }

    /// The address that does what [`Self::make_cold`] does.
    pub(super) fn cold_address(&self) -> String {
        format!("http://127.0.0.1:{}{COLD}", self.port)
    }

    /// Ends every instance and forgets the copies of keys: the next request of each function is a
    /// cold start that asks for them.
    pub(super) fn make_cold(&self) -> Result<()> {
        let answer = request(self.port, "POST", COLD)?;
        ensure!(answer.starts_with("HTTP/1.1 204"), "the emulator said {answer}");
        Ok(())
    }

    pub(crate) fn must_live(&mut self) -> Result<()> {
        ensure!(self.service.lives(), "the emulator ended:\n{}", self.service.last_words());
        Ok(())
    }
}

/// The response to a request without credentials.
pub(super) fn request(port: u16, method: &str, path: &str) -> Result<String> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    connection.write_all(head.as_bytes())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).context("a response is text")?;
    Ok(answer)
}
