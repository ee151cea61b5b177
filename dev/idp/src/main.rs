//! Runs the provider alone: `cargo run -p idp`.

use std::{path::PathBuf, process::ExitCode, str::FromStr as _};

use clap::Parser;
use idp::{Config, Idp};
use settings::Profile;
use tokio::net::TcpListener;
use url::Url;

/// An OpenID provider for development that behaves like the one that you will use.
#[derive(Parser)]
struct Arguments {
    /// The port to listen on, on 127.0.0.1.
    #[arg(long, default_value_t = 3001)]
    port: u16,
    /// The origin of the web app.
    #[arg(long, default_value = "http://localhost:3000")]
    web: Url,
    /// The file for keys, users and consents. Without it, they are lost when the process ends.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The provider that it behaves like.
    #[arg(long, value_name = "PROFILE", default_value = "entra-external-id", value_parser = <&Profile>::from_str)]
    like: &'static Profile,
    /// Give the web app and the API one registration (Entra).
    #[arg(long)]
    shared_registration: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("idp: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    let base = format!("http://localhost:{}", listener.local_addr()?.port()).parse()?;
    let config = Config {
        data_file: arguments.data,
        like: arguments.like,
        shared_registration: arguments.shared_registration,
        ..Config::new(base, arguments.web)
    };
    let idp = Idp::open(config)?;
    println!("issuer    {}", idp.issuer());
    println!("discovery {}", idp.metadata_url());
    println!("control   {}", idp.control_page());
    for user in idp.demo_users() {
        println!("user      {} / {}", user.username, user.password);
    }
    axum::serve(listener, idp.router()).await?;
    Ok(())
}
