#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, outside `#[test]` functions, too"
)]

use crate::process::{Stack, http};

#[tokio::test]
async fn the_page_is_at_the_printed_address_under_both_loopback_addresses() {
    let stack = Stack::start(&["--memory"]);
    let url = stack.url("/");
    assert!(stack.output.contains(url.trim_end_matches('/')), "{}", stack.output);
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let answer = http().get(url.replace("localhost", host)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{host}");
    }
}

/// The ports that a process listens on, each of which must be on a loopback address.
#[cfg(target_os = "linux")]
fn loopback_ports(process: u32) -> Vec<u16> {
    const LISTENING: &str = "0A";
    let files = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let sockets: Vec<_> = files
        .filter_map(|file| {
            std::fs::read_link(file.unwrap().path()).ok()?.into_os_string().into_string().ok()
        })
        .collect();
    let mut ports = Vec::new();
    for table in ["tcp", "tcp6"] {
        let table = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        for line in table.lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            if fields[3] != LISTENING || !sockets.contains(&format!("socket:[{}]", fields[9])) {
                continue;
            }
            let (address, port) = fields[1].split_once(':').unwrap();
            let loopback = ["0100007F", "00000000000000000000000001000000"];
            assert!(loopback.contains(&address), "it listens on {address}");
            ports.push(u16::from_str_radix(port, 16).unwrap());
        }
    }
    ports
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_listener_is_on_loopback_and_refuses_other_hosts() {
    let stack = Stack::start(&["--memory"]);
    let ports = loopback_ports(stack.id());
    assert!(ports.len() >= 3, "web app, provider and database: {ports:?}");
    for port in ports {
        for path in ["/", "/session", "/dev", "/dev/users/ada@example.com"] {
            let request = http().get(format!("http://localhost:{port}{path}"));
            let response = request.header("host", "evil.example").send().await.unwrap();
            assert_eq!(response.status(), 421, "{port}{path}");
        }
    }
}

#[tokio::test]
async fn what_no_function_has_a_route_for_is_web_s_to_answer() {
    let stack = Stack::start(&["--memory"]);
    let answer = http().get(stack.url("/nothing?secret=1")).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(answer.headers().contains_key("apigw-requestid"));
    let (_, log) = stack.end("INT");
    let line = log.lines().find(|line| line.contains("/nothing")).unwrap();
    assert!(
        line.contains("GET") && line.contains("404") && line.ends_with("  not_found"),
        "{line}"
    );
    assert!(!log.contains("secret"), "the query is not logged: {log}");
}

#[tokio::test]
async fn the_block_names_users_the_provider_and_a_call_that_works() {
    let stack = Stack::start(&["--memory"]);
    for text in ["ada@example.com", "grace@example.com", "tollgate-dev", "in memory"] {
        assert!(stack.output.contains(text), "{text}: {}", stack.output);
    }
    assert!(!stack.output.contains('\u{1b}'), "colors are for terminals");
    let call = stack.output.lines().find(|line| line.contains("Authorization")).unwrap();
    let (url, origin) = (stack.url("/api/todos"), stack.url(""));
    let token = format!("Authorization: Bearer $(cargo xtask token ada --url {origin})");
    assert!(call.ends_with(&format!(r#"curl {url} -H "{token}""#)), "{call}");
    let control = stack.details["provider"]["control"].as_str().unwrap();
    let token = http().post(format!("{control}/tokens/ada")).send().await.unwrap();
    let list = http().get(url).bearer_auth(token.text().await.unwrap());
    assert_eq!(list.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn the_control_page_is_named_and_makes_things_happen_to_a_user() {
    let stack = Stack::start(&["--memory"]);
    let control = stack.details["provider"]["control"].as_str().unwrap();
    assert!(stack.output.contains(control), "{}", stack.output);
    let user = format!("{control}/users/ada@example.com");
    let order = http().post(&user).body("access_token_seconds=5").send().await.unwrap();
    assert_eq!(order.status(), 200);
    let shown = http().get(&user).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains(r#""access_token_seconds":5"#), "{shown}");
}

#[tokio::test]
async fn pushed_requests_are_required_where_the_flag_says_so() {
    for (flag, required) in [(&[][..], false), (&["--require-par"], true)] {
        let generic = ["--memory", "--provider-like", "generic"];
        let stack = Stack::start(&[&generic, flag].concat());
        let issuer = stack.details["provider"]["issuer"].as_str().unwrap();
        let metadata = format!("{issuer}/.well-known/openid-configuration");
        let metadata = http().get(metadata).send().await.unwrap().text().await.unwrap();
        let member = format!(r#""require_pushed_authorization_requests":{required}"#);
        assert!(metadata.contains(&member), "{metadata}");
    }
}

#[tokio::test]
async fn without_a_token_the_api_says_how_to_get_in() {
    let stack = Stack::start(&["--memory"]);
    let answer = http().get(stack.url("/api/todos")).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
}

#[tokio::test]
async fn sign_in_leads_to_the_provider_and_back_to_our_address() {
    let stack = Stack::start(&["--memory"]);
    let answer = http().get(stack.url("/signin")).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    let location = url::Url::parse(location).unwrap();
    let issuer = stack.details["provider"]["issuer"].as_str().unwrap();
    assert!(issuer.starts_with(&location.origin().ascii_serialization()));
    let redirect = location.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1;
    assert_eq!(redirect, stack.url("/callback"));
    let page = http().get(location.as_str()).send().await.unwrap();
    assert_eq!(page.status(), 303, "the provider knows that redirect URI and shows its page");
}

#[tokio::test]
async fn another_provider_is_used_when_the_environment_names_it() {
    let first = Stack::start(&["--memory"]);
    let issuer = first.details["provider"]["issuer"].as_str().unwrap();
    let second = Stack::start_with(
        &["--memory"],
        &[
            ("OIDC_ISSUER", issuer),
            ("OIDC_CLIENT_ID", "22222222-bbbb-4bbb-8bbb-222222222222"),
            ("OIDC_CLIENT_SECRET", "any"),
            ("OIDC_SCOPES", "api://11111111-aaaa-4aaa-8aaa-111111111111/ToDoList.Read"),
            ("API_AUDIENCE", "11111111-aaaa-4aaa-8aaa-111111111111"),
        ],
    );
    assert!(second.output.contains(issuer), "{}", second.output);
    assert_eq!(second.details["provider"]["issuer"].as_str(), Some(issuer));
    let token = first.daemon().await;
    let list = http().get(second.url("/api/todos")).header("authorization", token);
    assert_eq!(list.send().await.unwrap().status(), 200);
}
