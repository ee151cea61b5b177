//! `sam deploy`, which says a thousand lines: all of them go to a log, a few to the terminal.

use super::{Run, Shell};
use crate::command;
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, PipeReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Deploys with all parameters. `changes` are for this time only.
pub(super) fn deploy(run: &Run<'_>, changes: &[(&str, &str)]) -> Result<()> {
    let folder = run.workspace.target().join("deploy").join(&run.configuration.environment);
    let mut sam = run.tools.sam(&run.shell);
    sam.arg("deploy").args(run.environment());
    if let Some(folder) = &run.arguments.built {
        let folder = std::path::absolute(folder).context("cannot tell the current folder")?;
        sam.arg("--template-file").arg(folder.join("template.yaml"));
    }
    let now = run.arguments.now.then_some(("Deployment", "None"));
    let changes: Vec<_> = changes.iter().copied().chain(now).collect();
    let file = write_parameters(run, &folder, &changes)?;
    sam.arg("--parameter-overrides").arg(format!("file://{}", run.relative(&file).display()));
    sam.args(["--no-confirm-changeset", "--no-fail-on-empty-changeset"]);
    // The width of its tables: names stay whole.
    sam.env("COLUMNS", "240");
    digested(&run.shell, &mut sam, &folder.join("sam-deploy.log"))
}

/// All parameters in one file. SAM leaves one that it is not given as the stack has it: a value that
/// is deleted from samconfig.toml, or was for one time only, would stay.
fn write_parameters(run: &Run<'_>, folder: &Path, changes: &[(&str, &str)]) -> Result<PathBuf> {
    let mut all = run.configuration.complete();
    all.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let file = folder.join("parameters.toml");
    let changes: Vec<_> = changes.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if !changes.is_empty() {
        println!("  this time with {}", changes.join(", "));
    }
    if !run.shell.is_dry() {
        fs::create_dir_all(folder)?;
        let all = all.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        fs::write(&file, deploy_parameters::toml(all))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(file)
}

/// Runs `sam deploy` with its output in `log` and a digest of it on the terminal.
fn digested(shell: &Shell, sam: &mut Command, log: &Path) -> Result<()> {
    if shell.is_dry() {
        return shell.change(sam);
    }
    fs::create_dir_all(log.parent().context("a log is in a folder")?)?;
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    println!("  $ {}", command::shown(sam));
    println!("  its output is in {}", log.display());
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    sam.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = sam.spawn().context("cannot start sam")?;
    // The command holds the writing end, which would keep the pipe open.
    sam.stdout(Stdio::null()).stderr(Stdio::null());
    let last = pass_on(reader, file)?;
    if child.wait().context("cannot wait for sam")?.success() {
        return Ok(());
    }
    bail!("failed: {}\n{}", command::shown(sam), last.join("\n"))
}

/// Writes all lines to the log and returns the last ones.
fn pass_on(reader: PipeReader, mut log: File) -> Result<Vec<String>> {
    let (mut digest, mut last) = (Digest::default(), Vec::new());
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.context("cannot read the output of sam")?;
        let line = String::from_utf8_lossy(&line);
        writeln!(log, "{line}").context("cannot write the log")?;
        if let Some(said) = digest.of(&line) {
            println!("  {said}");
        }
        if !line.trim().is_empty() {
            last.push(line.into_owned());
        }
        let excess = last.len().saturating_sub(20);
        last.drain(..excess);
    }
    Ok(last)
}

/// What a person wants to see: how much changes, what is removed or replaced, what fails.
#[derive(Default)]
struct Digest {
    added: usize,
    modified: usize,
    done: usize,
}

impl Digest {
    fn of(&mut self, line: &str) -> Option<String> {
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            ["+", "Add", ..] => self.added += 1,
            ["*", "Modify", id, kind, replaced] => {
                self.modified += 1;
                if *replaced == "True" {
                    return Some(format!("replaces {id} ({kind})"));
                }
            }
            ["-", "Delete", id, kind, ..] => return Some(format!("removes {id} ({kind})")),
            ["Changeset", "created", "successfully.", ..] => {
                return Some(format!(
                    "{} resources to add, {} to modify",
                    self.added, self.modified
                ));
            }
            ["No", "changes", "to", "deploy.", ..] => return Some("nothing to deploy".to_owned()),
            [status, ..] if status.ends_with("_FAILED") || status.contains("ROLLBACK") => {
                return Some(words.join(" "));
            }
            [status, ..] if status.ends_with("_COMPLETE") => {
                self.done += 1;
                return self
                    .done
                    .is_multiple_of(25)
                    .then(|| format!("{} resources are done", self.done));
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    /// What is shown of lines that SAM 1.170 printed.
    fn shown(lines: &str) -> Vec<String> {
        let mut digest = Digest::default();
        lines.lines().filter_map(|line| digest.of(line)).collect()
    }

    #[test]
    fn a_digest_has_counts_removals_replacements_and_failures() {
        let said = shown(
            "\tUploading to 99e3f5456becde3a1c58a814b6632170  262144 / 2322917  (11.29%)\n\
             + Add       AccessLogs      AWS::Logs::LogGroup    N/A\n\
             * Modify    Api             AWS::ApiGatewayV2::Api False\n\
             * Modify    SessionsTable   AWS::DynamoDB::Table   True\n\
             - Delete    KeysAlarm       AWS::CloudWatch::Alarm N/A\n\
             Changeset created successfully. arn:aws:cloudformation:…\n\
             CREATE_IN_PROGRESS   AWS::Logs::LogGroup   AccessLogs   -\n\
             CREATE_COMPLETE      AWS::Logs::LogGroup   AccessLogs   -\n\
             CREATE_FAILED        AWS::Lambda::Function WebFunction  the reason",
        );
        assert_eq!(
            said,
            [
                "replaces SessionsTable (AWS::DynamoDB::Table)",
                "removes KeysAlarm (AWS::CloudWatch::Alarm)",
                "1 resources to add, 2 to modify",
                "CREATE_FAILED AWS::Lambda::Function WebFunction the reason",
            ]
        );
    }

    #[test]
    fn an_empty_change_set_is_named() {
        assert_eq!(
            shown("No changes to deploy. Stack tollgate-dev is up to date"),
            ["nothing to deploy"]
        );
    }
}
