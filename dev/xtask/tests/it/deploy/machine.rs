//! A machine with stand-ins for the tools that are run.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Stdio},
};
use tempfile::TempDir;

pub(super) const SECRET: &str = "the~client~secret";

/// The AWS CLI, as far as it is used, with its state in files. Its errors are those of AWS.
const AWS: &str = r#"#!/bin/sh
echo "aws $*" >> "$STATE/log"
case "$1 $2" in
"secretsmanager describe-secret")
  [ -f "$STATE/secret" ] || { echo "An error occurred (ResourceNotFoundException) when calling the DescribeSecret operation: Secrets Manager can't find the specified secret." >&2; exit 254; }
  echo "{\"ARN\":\"arn:aws:secretsmanager:eu-central-1:123456789012:secret:tollgate-dev/client-credential-AbCdEf\",\"VersionIdsToStages\":{\"old\":[\"AWSPREVIOUS\"],\"version-$(cat "$STATE/version")\":[\"AWSCURRENT\"]}}" ;;
"secretsmanager get-secret-value") echo "{\"SecretString\":\"$(cat "$STATE/secret")\"}" ;;
"secretsmanager create-secret" | "secretsmanager put-secret-value")
  cat > "$STATE/secret"; echo x >> "$STATE/puts"; wc -l < "$STATE/puts" | tr -d ' ' > "$STATE/version"; echo '{}' ;;
"cloudformation describe-stacks")
  case "$*" in *operations*) file="$STATE/operations" ;; *) file="$STATE/stack" ;; esac
  [ -f "$file" ] || { echo "An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id x does not exist" >&2; exit 254; }
  cat "$file" ;;
"cloudformation describe-stack-resource")
  [ -f "$STATE/stack" ] || { echo "An error occurred (ValidationError) when calling the DescribeStackResource operation: Stack 'x' does not exist" >&2; exit 254; }
  echo '{"StackResourceDetail":{"PhysicalResourceId":"the-table"}}' ;;
"cloudformation deploy") cp "$STATE/stack" "$STATE/operations" ;;
"cloudformation delete-stack")
  case "$*" in *operations*) ;; *) [ ! -f "$STATE/undeletable" ] || exit 254 ;; esac
  case "$*" in *operations*) rm -f "$STATE/operations" ;; *) rm -f "$STATE/stack" ;; esac ;;
"dynamodb describe-table")
  [ -f "$STATE/unprotected" ] && on=false || on=true
  echo "{\"Table\":{\"DeletionProtectionEnabled\":$on}}" ;;
"dynamodb update-table")
  case "$*" in *--no-deletion*) touch "$STATE/unprotected" ;; *) rm -f "$STATE/unprotected" ;; esac ;;
"dynamodb list-tables") echo '{"TableNames":["other","tollgate-dev-TodosTable-KEPT"]}' ;;
esac
"#;

const SAM: &str = r#"#!/bin/sh
echo "sam $*" >> "$STATE/log"
[ -f "$STATE/fails" ] && { echo "Error: the reason"; exit 1; }
[ "$1" = deploy ] || exit 0
value() { sed -n "s/^$1 = \"\(.*\)\"/\1/p" "$STATE/target/deploy/dev/parameters.toml"; }
echo "{\"Stacks\":[{\"StackId\":\"arn:aws:cloudformation:eu-central-1:123456789012:stack/tollgate-dev/id\",\"StackStatus\":\"CREATE_COMPLETE\",\"Parameters\":[{\"ParameterKey\":\"DeletionProtection\",\"ParameterValue\":\"$(value DeletionProtection)\"},{\"ParameterKey\":\"DomainName\",\"ParameterValue\":\"$(value DomainName)\"}],\"Outputs\":[{\"OutputKey\":\"Url\",\"OutputValue\":\"https://api.example\"},{\"OutputKey\":\"RedirectUri\",\"OutputValue\":\"https://api.example/callback\"}]}]}" > "$STATE/stack"
"#;

const CARGO: &str = "#!/bin/sh\necho \"cargo $*\" >> \"$STATE/log\"\n";

/// A machine with these tools, and a folder with `samconfig.toml`.
pub(super) struct Machine(TempDir);

/// How a command ended.
pub(super) struct Ended {
    succeeded: bool,
    said: String,
}

impl Machine {
    pub(super) fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        for (environment, program, lock, script) in [
            ("awscli", "aws", include_str!("../../../tools/awscli.txt"), AWS),
            ("sam", "sam", include_str!("../../../tools/sam-cli.txt"), SAM),
            (
                "cargo-lambda-zig",
                "cargo-lambda",
                include_str!("../../../tools/cargo-lambda-zig.txt"),
                CARGO,
            ),
        ] {
            let folder = machine.path("cache/tollgate/tools").join(environment);
            fs::create_dir_all(folder.join("bin")).unwrap();
            fs::write(folder.join("tollgate-lock.txt"), lock).unwrap();
            program_at(folder.join("bin").join(program), script);
        }
        program_at(machine.path("cargo"), CARGO);
        machine.decide("");
        machine
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes what people decide.
    pub(super) fn decide(&self, more: &str) {
        let included = self.path("samconfig.dev.toml");
        let text = format!(
            "[dev.global.parameters]\nstack_name = \"tollgate-dev\"\n\
             [dev.global.parameters.parameter_overrides]\n\"$include\" = \"file://{0}\"\n\
             Issuer = \"https://login.example\"\nClientId = \"web\"\nScopes = \"api\"\nAudience = \"api\"\n{more}\n\
             [prod.global.parameters]\nstack_name = \"tollgate-prod\"\n\
             [prod.global.parameters.parameter_overrides]\n\"$include\" = \"file://{0}\"\n",
            included.display()
        );
        fs::write(self.path("samconfig.toml"), text).unwrap();
    }

    pub(super) fn xtask(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments).arg("--config-file").arg(self.path("samconfig.toml"));
        command.env("STATE", self.0.path()).env("XDG_CACHE_HOME", self.path("cache"));
        command.env("CARGO", self.path("cargo")).env("CARGO_TARGET_DIR", self.path("target"));
        // No rustup: a test changes nothing on the machine.
        command.env("PATH", "/usr/bin:/bin").env_remove("AWS_REGION").stdin(Stdio::null());
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said =
            String::from_utf8(said).unwrap().replace(&self.0.path().display().to_string(), "…");
        Ended { succeeded: output.status.success(), said }
    }

    pub(super) fn deploy(&self, more: &[&str]) -> Ended {
        let secret = self.path("secret-file");
        fs::write(&secret, format!("{SECRET}\n")).unwrap();
        let always = ["deploy", "--yes", "--secret-file", secret.to_str().unwrap()];
        self.xtask(&[&always, more].concat())
    }

    /// The commands that were run since the last time, without those that only ask.
    pub(super) fn changes(&self) -> String {
        let log = self.path("log");
        let text = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(log);
        let asks = |line: &&str| {
            !["describe-", "get-secret", "list-tables"].iter().any(|it| line.contains(it))
        };
        let text = text.lines().filter(asks).collect::<Vec<_>>().join("\n");
        text.replace(&self.0.path().display().to_string(), "…")
    }

    pub(super) fn generated(&self) -> String {
        fs::read_to_string(self.path("samconfig.dev.toml")).unwrap_or_default()
    }
}

fn program_at(path: PathBuf, script: &str) {
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

impl Ended {
    #[track_caller]
    pub(super) fn well(self) -> String {
        assert!(self.succeeded, "{}", self.said);
        self.said
    }

    #[track_caller]
    pub(super) fn fails(self) -> String {
        assert!(!self.succeeded, "{}", self.said);
        self.said
    }
}
