use idp::{Config, Idp, OpenError};

use crate::test_provider::{WEB, param, provider_with};

#[tokio::test]
async fn keys_users_consents_sessions_and_refresh_tokens_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data/idp.json");
    let open = || provider_with(|config| Config { data_file: Some(file.clone()), ..config });

    let before = open();
    let mut browser = before.browser();
    let page = browser.follow(&before.authorize(&[("prompt", "create")])).await;
    let fields = [("name", "Mary"), ("username", "mary@example.com"), ("password", "in a file!")];
    let consent = browser.submit(&page, &fields).await;
    let back = browser.accept(&consent).await;
    let tokens = before.tokens_at(&back).await;
    let (refresh, web) = (&tokens["refresh_token"], before.idp.web_app());
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(!written.contains(refresh.as_str().unwrap()) && !written.contains("in a file!"));
    drop(before);

    let after = open();
    assert!(after.idp.web_app() == web, "the client secret is the same");
    after.verify(&tokens["access_token"], idp::API_CLIENT_ID).await;
    assert_eq!(after.refresh(refresh, &[]).await.status, 200);
    let mut browser = browser.at(after.idp.router());
    let back = browser.get(&after.authorize(&[("prompt", "none")])).await.location();
    assert!(param(&back, "code").is_some(), "{back}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_data_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("idp.json");
    let provider = provider_with(|config| Config { data_file: Some(file.clone()), ..config });
    let mode = || std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    provider.idp.rotate_keys().unwrap();
    assert_eq!(mode(), 0o600);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no file is left behind");
}

#[test]
fn a_data_file_that_cannot_be_read_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("idp.json");
    for content in ["no json", r#"{"keys":[{"pkcs8":"AAAA","created_at":0}]}"#] {
        std::fs::write(&file, content).unwrap();
        let config = Config::new("http://localhost:3001".parse().unwrap(), WEB.parse().unwrap());
        let error = Idp::open(Config { data_file: Some(file.clone()), ..config }).err().unwrap();
        assert!(matches!(&error, OpenError::Unreadable { path, .. } if *path == file), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
    }
}
