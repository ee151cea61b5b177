//! `cargo xtask deploy` and `destroy` with stand-ins for the tools that they run: what is run in
//! which order, and what is left after a failure. The tier `cloud` runs the tools themselves.

mod machine;

use machine::{Machine, SECRET};
use std::fs;

#[test]
fn a_first_deployment_is_a_list_of_commands_in_this_order() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    insta::assert_snapshot!(machine.changes(), @r#"
    aws secretsmanager create-secret --output json --name tollgate-dev/client-credential --secret-string file:///dev/stdin
    cargo run --quiet --locked --package doctor -- --allow-warnings --config-file …/samconfig.toml --env dev
    sam build --config-file …/samconfig.toml --config-env dev
    sam deploy --config-file …/samconfig.toml --config-env dev --parameter-overrides file://…/target/deploy/dev/parameters.toml --no-confirm-changeset --no-fail-on-empty-changeset
    sam deploy --config-file …/samconfig.toml --config-env dev --parameter-overrides file://…/target/deploy/dev/parameters.toml --no-confirm-changeset --no-fail-on-empty-changeset
    aws cloudformation deploy --stack-name tollgate-dev-operations --template-file infra/operations/template.yaml --no-fail-on-empty-changeset --parameter-overrides Stack=tollgate-dev AlarmTopicArn= LatencyMilliseconds=1500 ProxyFunctionName=proxy ProxyLogGroup= TodosFunctionName=todos TodosLogGroup=
    cargo run --quiet --locked --package doctor -- --allow-warnings --config-file …/samconfig.toml --env dev --url https://api.example
    "#);
    insta::assert_snapshot!(machine.generated(), @r#"
    # Written by `cargo xtask deploy` and infra/entra. Nothing in it is secret: commit it.
    # A value of the same name in samconfig.toml wins.
    ClientSecretArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tollgate-dev/client-credential-AbCdEf"
    DeletionProtection = "true"
    Restart = "version-1"
    "#);
}

#[test]
fn a_dry_run_changes_nothing_and_runs_nothing() {
    let machine = Machine::new();
    let said =
        machine.xtask(&["deploy", "--dry-run", "--tenant", "contoso.onmicrosoft.com"]).well();
    insta::assert_snapshot!(said, @r#"
    Deploying tollgate-dev (dry run: nothing is changed)

    1/10 Tools
      would install what is missing into …/cache/tollgate/tools

    2/10 Tenant
      would run: cargo run --quiet --locked --package entra -- apply --tenant contoso.onmicrosoft.com --name tollgate-dev --parameters …/samconfig.dev.toml --secrets .tollgate/entra/tollgate-dev

    3/10 Client credential
      would run: aws secretsmanager create-secret --output json --name tollgate-dev/client-key --secret-string file:///dev/stdin

    4/10 Configuration
      would run: cargo run --quiet --locked --package doctor -- --allow-warnings --config-file …/samconfig.toml --env dev

    5/10 Build
      would run: rustup target add aarch64-unknown-linux-gnu
      would run: sam build --config-file …/samconfig.toml --config-env dev

    6/10 Deploy
      would write DeletionProtection = "false" to …/samconfig.dev.toml
      would run: sam deploy --config-file …/samconfig.toml --config-env dev --parameter-overrides file://…/target/deploy/dev/parameters.toml --no-confirm-changeset --no-fail-on-empty-changeset

    7/10 Addresses
      would run: cargo run --quiet --locked --package entra -- apply --tenant contoso.onmicrosoft.com --name tollgate-dev --parameters …/samconfig.dev.toml --secrets .tollgate/entra/tollgate-dev --public-url 'https://…'

    8/10 Table protection
      would write DeletionProtection = "true" to …/samconfig.dev.toml
      would run: sam deploy --config-file …/samconfig.toml --config-env dev --parameter-overrides file://…/target/deploy/dev/parameters.toml --no-confirm-changeset --no-fail-on-empty-changeset

    9/10 Operations
      with the outputs of tollgate-dev as parameters:
      would run: aws cloudformation deploy --stack-name tollgate-dev-operations --template-file infra/operations/template.yaml --no-fail-on-empty-changeset --parameter-overrides Stack=tollgate-dev AlarmTopicArn= LatencyMilliseconds=1500 ProxyFunctionName=proxy ProxyLogGroup= TodosFunctionName=todos TodosLogGroup=

    10/10 Smoke test
      would run: cargo run --quiet --locked --package doctor -- --allow-warnings --config-file …/samconfig.toml --env dev --url 'https://…'
    "#);
    assert_eq!((machine.changes(), machine.generated()), (String::new(), String::new()));
}

#[test]
fn a_build_alone_runs_nothing_of_aws_but_sam_build() {
    let machine = Machine::new();
    machine.xtask(&["deploy", "--build-only"]).well();
    insta::assert_snapshot!(machine.changes(), @"sam build --config-file …/samconfig.toml --config-env dev");
}

#[test]
fn a_failed_step_says_what_to_do_and_the_next_run_goes_on() {
    let machine = Machine::new();
    fs::write(machine.path("fails"), "").unwrap();
    let said = machine.deploy(&["--built", "target/sam"]).fails();
    assert!(
        said.contains("step 6/10 Deploy failed. Correct the cause and run the same command again"),
        "{said}"
    );
    assert!(said.contains("Error: the reason"), "{said}");
    machine.changes();
    fs::remove_file(machine.path("fails")).unwrap();
    machine.deploy(&[]).well();
    let changes = machine.changes();
    assert!(!changes.contains("create-secret") && !changes.contains("put-secret"), "{changes}");
}

#[test]
fn a_first_deployment_that_failed_is_deleted_before_the_next() {
    let machine = Machine::new();
    let stack = r#"{"Stacks":[{"StackStatus":"ROLLBACK_COMPLETE"}]}"#;
    fs::write(machine.path("stack"), stack).unwrap();
    machine.deploy(&[]).well();
    let changes = machine.changes();
    let at = |text: &str| changes.find(text).unwrap_or_else(|| panic!("{text} in {changes}"));
    assert!(at("delete-stack --stack-name tollgate-dev") < at("sam deploy"), "{changes}");
}

#[test]
fn a_secret_goes_to_secrets_manager_and_nowhere_else() {
    let machine = Machine::new();
    let said = machine.deploy(&[]).well();
    assert_eq!(fs::read_to_string(machine.path("secret")).unwrap(), SECRET);
    for text in [said, machine.changes(), machine.generated()] {
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[test]
fn another_secret_is_another_restart_and_the_same_one_is_none() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    let before = machine.generated();
    machine.deploy(&[]).well();
    assert_eq!(machine.generated(), before);
    fs::write(machine.path("new"), "another").unwrap();
    let new = machine.path("new");
    machine.xtask(&["deploy", "--yes", "--secret-file", new.to_str().unwrap()]).well();
    assert_eq!(machine.generated(), before.replace("version-1", "version-2"));
}

#[test]
fn a_restart_on_request_keeps_the_version_of_the_secret() {
    let machine = Machine::new();
    machine.deploy(&["--restart"]).well();
    let restarted = machine.generated();
    assert!(restarted.contains("Restart = \"version-1 1"), "{restarted}");
    machine.deploy(&[]).well();
    assert_eq!(machine.generated(), restarted, "a deployment without --restart takes it back");
}

/// The parameters of the last deployment.
fn passed(machine: &Machine) -> String {
    fs::read_to_string(machine.path("target/deploy/dev/parameters.toml")).unwrap()
}

#[test]
fn a_deployment_without_a_canary_is_for_one_time() {
    let machine = Machine::new();
    machine.decide("Deployment = \"AllAtOnce\"");
    machine.deploy(&["--now"]).well();
    assert!(passed(&machine).contains("Deployment = \"None\"\n"), "{}", passed(&machine));
    machine.deploy(&[]).well();
    assert!(passed(&machine).contains("Deployment = \"AllAtOnce\"\n"), "{}", passed(&machine));
    machine.decide("");
    machine.deploy(&[]).well();
    assert!(passed(&machine).contains("Deployment = \"Canary"), "{}", passed(&machine));
}

#[test]
fn a_deleted_value_is_the_default_again() {
    let machine = Machine::new();
    machine.decide("LogLevel = \"DEBUG\"");
    machine.deploy(&[]).well();
    assert!(passed(&machine).contains("LogLevel = \"DEBUG\"\n"), "{}", passed(&machine));
    machine.decide("");
    machine.deploy(&[]).well();
    // SAM leaves a parameter that it is not given as the stack has it.
    assert!(passed(&machine).contains("LogLevel = \"INFO\"\n"), "{}", passed(&machine));
}

#[test]
fn protected_tables_stay_protected_without_the_generated_file() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    fs::remove_file(machine.path("samconfig.dev.toml")).unwrap();
    machine.changes();
    machine.deploy(&[]).well();
    assert!(passed(&machine).contains("DeletionProtection = \"true\"\n"), "{}", passed(&machine));
    assert_eq!(machine.changes().matches("sam deploy").count(), 1);
}

#[test]
fn protected_tables_stay_protected_with_an_old_generated_file() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    let file = machine.path("samconfig.dev.toml");
    let old = machine
        .generated()
        .replace("DeletionProtection = \"true\"", "DeletionProtection = \"false\"");
    fs::write(file, old).unwrap();
    machine.changes();
    machine.deploy(&[]).well();
    assert!(passed(&machine).contains("DeletionProtection = \"true\"\n"), "{}", passed(&machine));
    assert_eq!(
        machine.changes().matches("sam deploy").count(),
        1,
        "they were unprotected meanwhile"
    );
}

#[test]
fn tables_that_a_failed_destroy_left_unprotected_are_protected_again() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    fs::write(machine.path("undeletable"), "").unwrap();
    machine.xtask(&["destroy", "--yes-delete", "tollgate-dev"]).fails();
    assert!(machine.path("unprotected").exists());
    machine.changes();
    machine.deploy(&[]).well();
    assert!(!machine.path("unprotected").exists(), "{}", machine.changes());
}

#[test]
fn a_stack_with_termination_protection_is_left_alone() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    let stack = machine.path("stack");
    let text = fs::read_to_string(&stack).unwrap();
    let protected =
        text.replace("\"StackStatus\"", "\"EnableTerminationProtection\":true,\"StackStatus\"");
    fs::write(stack, protected).unwrap();
    machine.changes();
    let said = machine.xtask(&["destroy", "--yes-delete", "tollgate-dev"]).fails();
    assert!(said.contains("tollgate-dev has termination protection"), "{said}");
    assert_eq!(machine.changes(), "");
}

#[test]
fn a_destroy_says_where_and_whether_there_was_a_stack() {
    let machine = Machine::new();
    let said = machine.xtask(&["destroy", "--yes-delete", "tollgate-dev"]).well();
    assert!(
        said.contains("\nThere was no stack tollgate-dev.") && !said.contains("is gone"),
        "{said}"
    );
    machine.deploy(&[]).well();
    let said = machine.xtask(&["destroy"]).fails();
    let question = "Deleting tollgate-dev of account 123456789012 in eu-central-1 needs";
    assert!(said.contains(question), "{said}");
}

#[test]
fn a_secret_that_is_no_arn_is_refused_before_it_is_an_argument() {
    let machine = Machine::new();
    for value in ["file:///etc/hostname", "http://evil.example/", "--debug"] {
        machine.decide(&format!("ClientSecretArn = \"{value}\""));
        let said = machine.deploy(&[]).fails();
        assert!(said.contains("ClientSecretArn must be the full ARN of a secret"), "{said}");
        let log = fs::read_to_string(machine.path("log")).unwrap_or_default();
        assert!(!log.contains(value), "{log}");
    }
}

#[test]
fn with_a_tenant_the_credential_is_a_key_unless_people_decide() {
    let tenant = ["--tenant", "contoso.onmicrosoft.com"];
    let machine = Machine::new();
    let said = machine.xtask(&[&["deploy", "--yes"], &tenant[..]].concat()).fails();
    assert!(said.contains("is stored nowhere: run this again with --new-credential"), "{said}");
    machine.deploy(&tenant).well();
    assert!(
        machine.changes().contains("create-secret --output json --name tollgate-dev/client-key ")
    );
    assert!(machine.generated().contains("\nClientKeyArn = "), "{}", machine.generated());
    machine.xtask(&[&["destroy", "--yes-delete", "tollgate-dev"], &tenant[..]].concat()).well();
    assert!(machine.changes().contains("delete-secret --secret-id tollgate-dev/client-key "));
    let machine = Machine::new();
    machine.decide("ClientAuth = \"client_secret_post\"");
    machine.deploy(&tenant).well();
    assert!(machine.changes().contains("--name tollgate-dev/client-credential "));
}

#[test]
fn a_custom_url_domain_and_a_resource_that_people_decide_are_prepared_in_the_tenant() {
    let machine = Machine::new();
    machine.decide(
        "MetadataUrl = \"https://login.example.com/id/v2.0/.well-known/openid-configuration\"\n\
         ApiResource = \"https://todo.example.com/api\"",
    );
    let said = machine.xtask(&["deploy", "--dry-run", "--tenant", "contoso.onmicrosoft.com"]);
    let options = "--domain login.example.com --resource https://todo.example.com/api\n";
    // Before and after the deployment.
    assert_eq!(said.well().matches(options).count(), 2);
}

#[test]
fn with_a_web_identity_no_secret_is_stored() {
    let machine = Machine::new();
    machine.decide("ClientAuth = \"aws_web_identity\"");
    let said = machine.deploy(&[]).well();
    assert!(said.contains("skipped: ClientAuth=aws_web_identity needs none"), "{said}");
    assert!(!machine.changes().contains("secretsmanager"), "{}", machine.changes());
    assert!(!machine.generated().contains("ClientSecretArn"));
}

#[test]
fn a_key_of_infra_entra_is_not_read_through_a_link() {
    let machine = Machine::new();
    let file = machine.path("samconfig.toml");
    let stack = format!("tollgate-linked-{}", std::process::id());
    let text = fs::read_to_string(&file).unwrap().replace("tollgate-dev", &stack);
    let text = text.replace("ClientId", "ClientAuth = \"private_key_jwt\"\nClientId");
    fs::write(file, text).unwrap();
    fs::write(machine.path("other"), "another secret").unwrap();
    let folder = super::root().join(".tollgate/entra").join(&stack);
    fs::create_dir_all(&folder).unwrap();
    let link = folder.join(format!("{stack}-web-app-key.pem"));
    std::os::unix::fs::symlink(machine.path("other"), link).unwrap();
    let ended = machine.xtask(&["deploy", "--yes"]);
    fs::remove_dir_all(folder).unwrap();
    let said = ended.fails();
    assert!(said.contains("it is not a regular file"), "{said}");
    assert_eq!(machine.changes(), "");
}

#[test]
fn a_value_of_both_files_is_told() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    machine.decide("Restart = \"mine\"");
    let said = machine.deploy(&[]).well();
    assert!(
        said.contains("Restart is \"mine\", as people decided; the generated value is"),
        "{said}"
    );
}

#[test]
fn what_is_missing_is_told_before_anything_is_created() {
    let machine = Machine::new();
    let file = machine.path("samconfig.toml");
    let text = fs::read_to_string(&file).unwrap().replace("ClientId = \"web\"\n", "");
    fs::write(file, text).unwrap();
    let said = machine.deploy(&[]).fails();
    assert!(
        said.contains("--tenant finds the values") && said.contains("ClientId = \"…\""),
        "{said}"
    );
    assert_eq!(machine.changes(), "");
    let said = machine.xtask(&["deploy", "--dry-run"]).well();
    assert!(said.contains("Not complete: ") && said.contains("10/10"), "{said}");
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let machine = Machine::new();
    let said = machine.xtask(&["deploy"]).fails();
    assert!(said.contains("there is no terminal to ask at: give --yes"), "{said}");
    let said = machine.xtask(&["deploy", "--yes"]).fails();
    assert!(said.contains("give --secret-file FILE"), "{said}");
    let said = machine.xtask(&["destroy"]).fails();
    assert!(said.contains("Deleting tollgate-dev needs --yes-delete tollgate-dev"), "{said}");
    assert_eq!(machine.changes(), "");
}

#[test]
fn a_domain_is_added_before_browsers_are_sent_there() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    machine.changes();
    machine.decide("DomainName = \"todo.example.com\"\nHostedZoneId = \"Z1D633PJN98FT9\"");
    let said = machine.deploy(&[]).well();
    let changes = machine.changes();
    assert_eq!(changes.matches("sam deploy").count(), 2, "{changes}");
    assert!(said.contains("this time with PublicUrl=https://api.example"), "{said}");
    assert!(passed(&machine).contains("PublicUrl = \"\"\n"), "{}", passed(&machine));
    // It is there now; and without a zone of ours, it answers whenever people make its records.
    for (name, more) in
        [("todo", "HostedZoneId = \"Z1D633PJN98FT9\""), ("other", "CertificateArn = \"arn\"")]
    {
        machine.decide(&format!("DomainName = \"{name}.example.com\"\n{more}"));
        machine.deploy(&[]).well();
        assert_eq!(machine.changes().matches("sam deploy").count(), 1, "{more}");
    }
}

#[test]
fn kept_todos_become_part_of_a_new_stack() {
    let machine = Machine::new();
    let said = machine.deploy(&[]).well();
    assert!(said.contains("--adopt-todos tollgate-dev-TodosTable-KEPT takes it over"), "{said}");
    assert!(!said.contains("--adopt-todos other"), "{said}");
    fs::remove_file(machine.path("stack")).unwrap();
    machine.changes();
    machine.deploy(&["--adopt-todos", "the-table"]).well();
    let changes = machine.changes();
    let at = |text: &str| changes.find(text).unwrap_or_else(|| panic!("{text} in {changes}"));
    assert!(changes.contains(r#""ResourceIdentifier":{"TableName":"the-table"}"#), "{changes}");
    assert!(at("--change-set-type IMPORT") < at("change-set-create-complete"), "{changes}");
    assert!(at("change-set-create-complete") < at("execute-change-set"), "{changes}");
    assert!(at("stack-import-complete") < at("sam deploy"), "{changes}");
    let file = machine.path("target/deploy/tollgate-dev-adopt.json");
    let template: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    // CloudFormation refuses to import without it.
    assert_eq!(template["Resources"]["TodosTable"]["DeletionPolicy"], "Retain", "{template}");
    let said = machine.deploy(&["--adopt-todos", "another"]).fails();
    assert!(said.contains("only a new stack can adopt a table"), "{said}");
    machine.deploy(&["--adopt-todos", "the-table"]).well();
}

#[test]
fn a_deployment_is_deleted_in_this_order() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    machine.changes();
    let said = machine.xtask(&["destroy", "--yes-delete", "tollgate-prod"]).fails();
    assert!(said.contains("--yes-delete names tollgate-prod"), "{said}");
    assert_eq!(machine.changes(), "");
    let said = machine.xtask(&["destroy", "--yes-delete", "tollgate-dev"]).well();
    insta::assert_snapshot!(machine.changes(), @r#"
    aws cloudformation delete-stack --stack-name tollgate-dev-operations
    aws cloudformation wait stack-delete-complete --stack-name tollgate-dev-operations
    aws dynamodb update-table --no-deletion-protection-enabled --table-name the-table --output json --query TableDescription.TableStatus
    aws cloudformation delete-stack --stack-name tollgate-dev
    aws cloudformation wait stack-delete-complete --stack-name tollgate-dev
    aws secretsmanager delete-secret --secret-id tollgate-dev/client-credential --recovery-window-in-days 30
    "#);
    insta::assert_snapshot!(said, @r#"
    This deletes
      tollgate-dev-operations: dashboard, alarms and log queries
      tollgate-dev: the API, the functions with all versions and their logs, the sessions (every user is signed out)
      tollgate-dev/client-credential: the secret, which can be restored for 30 days
    and keeps
      the todos table the-table, with its protection
      the packages in the bucket of the stack aws-sam-cli-managed-default, which other SAM stacks use
      …/samconfig.toml and …/samconfig.dev.toml
      what is registered at the provider (--tenant removes it from Entra)

    1/5 Operations
      $ aws cloudformation delete-stack --stack-name tollgate-dev-operations
      $ aws cloudformation wait stack-delete-complete --stack-name tollgate-dev-operations

    2/5 Protection of the sessions
      $ aws dynamodb update-table --no-deletion-protection-enabled --table-name the-table --output json --query TableDescription.TableStatus

    3/5 Stack
      $ aws cloudformation delete-stack --stack-name tollgate-dev
      $ aws cloudformation wait stack-delete-complete --stack-name tollgate-dev

    4/5 Secret
      $ aws secretsmanager delete-secret --secret-id tollgate-dev/client-credential --recovery-window-in-days 30

    5/5 Tenant
      skipped: no --tenant

    tollgate-dev is gone.
    The todos are in the table the-table.
      A new stack adopts them: cargo xtask deploy --env dev --config-file …/samconfig.toml --adopt-todos the-table
      To delete them for good: aws dynamodb update-table --table-name the-table --no-deletion-protection-enabled, then aws dynamodb delete-table --table-name the-table
    "#);
    machine.xtask(&["destroy", "--yes-delete", "tollgate-dev"]).well();
    assert!(!machine.changes().contains("delete-stack"), "it is gone already");
}

/// `dev/xtask/simulator` shows that the second attempt fails without it.
#[test]
fn what_was_rolled_back_is_deployed_as_new_versions() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    assert!(machine.generated().contains("Restart = \"version-1\"\n"));
    let stack = machine.path("stack");
    let rolled_back = fs::read_to_string(&stack).unwrap();
    let rolled_back = rolled_back.replace("CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE");
    fs::write(&stack, rolled_back).unwrap();
    machine.deploy(&["--now"]).well();
    assert!(machine.generated().contains("Restart = \"version-1 "), "{}", machine.generated());
}

#[test]
fn both_stacks_are_changed_by_the_role_that_people_name() {
    let machine = Machine::new();
    let role = "arn:aws:iam::123456789012:role/pipeline/execution";
    machine.decide(&format!("[dev.deploy.parameters]\nrole_arn = \"{role}\""));
    machine.deploy(&[]).well();
    // `sam deploy` reads the file itself.
    let changes = machine.changes();
    let operations = changes.lines().find(|it| it.starts_with("aws cloudformation deploy"));
    assert!(operations.unwrap().contains(&format!("--role-arn {role} ")), "{changes}");
}

#[test]
fn a_secret_is_deleted_without_the_generated_file_unless_people_name_it() {
    let machine = Machine::new();
    machine.deploy(&[]).well();
    fs::remove_file(machine.path("samconfig.dev.toml")).unwrap();
    machine.changes();
    machine.decide(
        "ClientSecretArn = \"arn:aws:secretsmanager:eu-central-1:123456789012:secret:mine-AbCdEf\"",
    );
    machine.xtask(&["destroy", "--yes-delete", "tollgate-dev"]).well();
    assert!(!machine.changes().contains("delete-secret"));
    machine.decide("");
    machine.xtask(&["destroy", "--yes-delete", "tollgate-dev"]).well();
    assert!(machine.changes().contains("delete-secret --secret-id tollgate-dev/client-credential"));
}
