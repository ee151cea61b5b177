//! chromedriver, which steers the browsers.

use anyhow::{Context, Result, bail};
use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};
use url::Url;

/// A running chromedriver; it ends with the value. Where `TOLLGATE_WEBDRIVER` is
/// the address of one, that is used.
pub(crate) struct Driver {
    child: Option<Child>,
    address: Url,
}

impl Driver {
    /// Starts it on a port of its own choice.
    ///
    /// # Errors
    /// When there is none, or it does not come up.
    pub(crate) fn start() -> Result<Self> {
        if let Ok(address) = env::var("TOLLGATE_WEBDRIVER") {
            let address = address.parse().context("TOLLGATE_WEBDRIVER is not a URL")?;
            return Ok(Self { child: None, address });
        }
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start chromedriver: install Chromium and its driver")?;
        let stdout = child.stdout.take().context("chromedriver says nothing")?;
        // "ChromeDriver was started successfully on port 36371."
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok()
        });
        let Some(port) = port else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("chromedriver did not come up");
        };
        // Nobody reads on: it must not be stopped by a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let address = format!("http://127.0.0.1:{port}").parse().context("not an address")?;
        Ok(Self { child: Some(child), address })
    }

    pub(crate) fn address(&self) -> &Url {
        &self.address
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may be gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
