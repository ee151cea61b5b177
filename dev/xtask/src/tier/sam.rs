//! The whole path with the functions in containers, as `sam local start-api` runs what `sam build`
//! made.
//!
//! In a container `localhost` is the container. Who is not found there is looked for at the next
//! address of that name, and that is made this machine (`--add-host`): so the functions reach
//! provider and tables under the addresses that browsers and tests use, which are good without TLS
//! because they are loopback addresses.

use super::black_box::SETTINGS;
use crate::{
    count::Count, docker::Docker, loopback, programs, service::Service, stack::Stack, suite, tool,
};
use anyhow::{Context, Result, ensure};
use local_aws::{MethodPattern, Template};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// How long the network must have been the same: an address of IPv6 is looked for elsewhere for one
/// to two seconds before it counts.
const STILL: Duration = Duration::from_secs(5);

pub(super) fn run(context: &super::Context<'_>) -> Result<Count> {
    let workspace = context.workspace;
    tool::chromium()?;
    let traces = workspace.traces("sam")?;
    let built = programs::deployed(workspace)?;
    let docker = Docker::engine(workspace, &traces)?;
    let image = docker.image(workspace)?;

    programs::build(workspace)?;
    let [port] = loopback::free_ports()?;
    let environment = traces.join("environment");
    let url = format!("http://localhost:{port}");
    let mut stack =
        Stack::around(workspace, &url, &environment, SETTINGS, &traces, &["--examples"])?;
    let variables = variables(&environment)?;
    let gateway = docker.gateway(image)?;
    for address in ["OIDC_ISSUER", "AWS_ENDPOINT_URL_DYNAMODB", "UPSTREAMS"] {
        loopback::forward(gateway, port_of(&variables, address)?)?;
    }

    let built = programs::deployed_with_examples(workspace, &built)?;
    let template = with_variables(&built, &variables)?;
    let file = traces.join("variables.json");
    private_file::write(&file, of_functions(&variables)?.to_string().as_bytes())
        .with_context(|| format!("cannot write {}", file.display()))?;
    let mut start = Command::new(tool::sam(workspace)?.with_file_name("python"));
    start
        .arg("dev/xtask/sam_local.py")
        .args(["local", "start-api", "--skip-pull-image", "--warm-containers", "EAGER"])
        .args(["--invoke-image", image])
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args(["--add-host", &format!("localhost:{gateway}")])
        .args(["--parameter-overrides", programs::PARAMETERS])
        .arg("--env-vars")
        .arg(&file)
        .arg("--template")
        .arg(&template)
        .env("SAM_CLI_TELEMETRY", "0")
        .env("AWS_DEFAULT_REGION", "eu-central-1")
        // SAM gives the containers its own credentials.
        .env("AWS_ACCESS_KEY_ID", text(&variables, "AWS_ACCESS_KEY_ID"))
        .env("AWS_SECRET_ACCESS_KEY", text(&variables, "AWS_SECRET_ACCESS_KEY"))
        .current_dir(workspace.root());
    docker.with(&mut start);
    let mut local = Service::start("sam", &mut start, &traces)?.ended_gently();
    local.wait_for_port(port)?;
    for path in a_path_of_each_function()? {
        local.wait_until(|| answers(port, &path))?;
    }
    wait_for_a_still_network();

    let mut target = stack.details().clone();
    target["examples"] = json!(programs::EXAMPLES);
    // It takes other bytes than UTF-8 for a mistake of its own.
    target["text_only"] = json!(true);
    target["own_routing"] = json!(true);
    let count = suite::run(workspace, &target, &context.tests, &traces, &[])?;
    stack.must_live()?;
    Ok(count)
}

/// A path of each function that requests reach. The first request starts the function in its
/// container, and on a loaded machine that takes longer than a test is ready to wait for a page.
fn a_path_of_each_function() -> Result<BTreeSet<String>> {
    let mut paths = BTreeMap::new();
    for route in Template::with_examples()?.routes()? {
        let path = route.path.to_string();
        if matches!(&route.method, MethodPattern::One(method) if method != "GET")
            || path.contains('{')
        {
            continue;
        }
        paths.entry(route.function).or_insert(path);
    }
    Ok(paths.into_values().collect())
}

/// Whether the function itself answers, be it that this is no request that it serves.
fn answers(port: u16, path: &str) -> Option<()> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).ok()?;
    let mut line = String::new();
    BufReader::new(connection).read_line(&mut line).ok()?;
    let status: u16 = line.split(' ').nth(1)?.parse().ok()?;
    (status < 500).then_some(())
}

/// Waits until this machine's network interfaces have been the same for some seconds, and goes on
/// after a minute at most. Each new container brings one, which gets its addresses a little later,
/// and a browser gives up whatever it is loading when that happens (`ERR_NETWORK_CHANGED`).
fn wait_for_a_still_network() {
    let deadline = Instant::now() + Duration::from_mins(1);
    let (mut last, mut since) = (interfaces(), Instant::now());
    while since.elapsed() < STILL && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(100));
        let now = interfaces();
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
}

/// The interfaces and what addresses they have. Nothing where the system does not say.
fn interfaces() -> (Vec<OsString>, String) {
    let folder = fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let mut names: Vec<_> = folder.map(|interface| interface.file_name()).collect();
    names.sort();
    (names, fs::read_to_string("/proc/net/if_inet6").unwrap_or_default())
}

/// The lines of a file of variables.
fn variables(file: &Path) -> Result<Map<String, Value>> {
    let text = fs::read_to_string(file).context("the stack wrote no variables")?;
    let mut variables: Map<_, _> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('"').into()))
        .collect();
    let tables = variables.get_mut("AWS_ENDPOINT_URL_DYNAMODB").context("no address of tables")?;
    *tables = tables.as_str().unwrap_or_default().replace("127.0.0.1", "localhost").into();
    // There is no Lambda to be asked to run another function.
    variables.insert("KEYS_FUNCTION".to_owned(), "".into());
    variables.insert("METRICS_NAMESPACE".to_owned(), "".into());
    Ok(variables)
}

fn text<'a>(variables: &'a Map<String, Value>, name: &str) -> &'a str {
    variables.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn port_of(variables: &Map<String, Value>, name: &str) -> Result<u16> {
    let address = text(variables, name).rsplit(' ').next().unwrap_or_default();
    let authority = address.split('/').nth(2).unwrap_or_default();
    let port = authority.rsplit(':').next().and_then(|port| port.parse().ok());
    port.with_context(|| format!("{name} has no port: {address:?}"))
}

/// The variables as SAM takes them: for all, and with the client secret for those that have it.
fn of_functions(variables: &Map<String, Value>) -> Result<Value> {
    let template = Template::project();
    let mut without = variables.clone();
    without.remove("OIDC_CLIENT_SECRET");
    let mut of_functions = json!({ "Parameters": without });
    let own: BTreeMap<_, _> = template.variables()?.into_iter().collect();
    for function in template.functions()? {
        if own[&function.name].iter().any(|name| name.starts_with("OIDC_CLIENT_SECRET")) {
            of_functions[function.logical_id] = variables.clone().into();
        }
    }
    Ok(of_functions)
}

/// A copy of the built template that declares every variable in each function: SAM sets no others.
fn with_variables(built: &Path, variables: &Map<String, Value>) -> Result<PathBuf> {
    let template = fs::read_to_string(built.join("template.yaml"))?;
    let declared = "        Variables:\n";
    let count = template.matches(declared).count();
    // That of the example in Rust, too.
    let all = Template::project().functions()?.len() + 1;
    ensure!(count == all, "{count} functions with variables in what SAM built, not {all}");
    let names = variables.keys();
    let new = names.filter(|name| !template.contains(&format!("          {name}:")));
    let more: Vec<_> = new.map(|name| format!("          {name}: ''\n")).collect();
    let copy = built.join("template-with-variables.yaml");
    fs::write(&copy, template.replace(declared, &(declared.to_owned() + &more.concat())))?;
    Ok(copy)
}
