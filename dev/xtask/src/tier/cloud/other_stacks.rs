//! The stacks beside the deployment, each of which is created once: `infra/cdn` and `infra/pipeline`.

use super::{aws::Aws, deployment::Deployment};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, thread, time::Duration};

const PIPELINE: &str = "pipeline";

/// Where `infra/cdn` must be.
const CDN_REGION: (&str, &str) = ("AWS_DEFAULT_REGION", "us-east-1");

/// Does `work` with the boundary of `infra/pipeline` around the roles. The emulator leaves out the
/// property of a role that sets it.
pub(super) fn within_boundary(
    deployment: &mut Deployment<'_>,
    roles: &BTreeSet<&str>,
    work: impl FnOnce(&mut Deployment<'_>) -> Result<()>,
) -> Result<()> {
    let issuer = "token.actions.githubusercontent.com";
    let provider =
        json!({ "Url": format!("https://{issuer}"), "ClientIDList": ["sts.amazonaws.com"] });
    let provider = deployment.aws.call("iam", "create_open_id_connect_provider", provider)?;
    let outputs = create(
        &mut deployment.aws,
        &fs::read_to_string(deployment.workspace.root().join("infra/pipeline/template.yaml"))?,
        PIPELINE,
        &[
            ("Repository", "octo-org/tollgate"),
            ("Environment", "prod"),
            ("StackName", deployment.stack),
            // The emulator knows no such resource.
            ("ProviderArn", text(&provider["OpenIDConnectProviderArn"])?),
        ],
    )?;
    let boundary = output(&outputs, "PermissionsBoundaryArn")?;
    for role in roles {
        let parameters = json!({ "RoleName": role, "PermissionsBoundary": boundary });
        deployment.aws.call("iam", "put_role_permissions_boundary", parameters)?;
    }
    let done = work(deployment);
    for role in roles {
        let parameters = json!({ "RoleName": role });
        deployment.aws.call("iam", "delete_role_permissions_boundary", parameters)?;
    }
    delete(&mut deployment.aws, PIPELINE)?;
    done
}

/// Creates and deletes `infra/cdn`.
pub(super) fn cdn(deployment: &mut Deployment<'_>) -> Result<()> {
    let mut environment = deployment.emulator.environment();
    environment.push((CDN_REGION.0.to_owned(), CDN_REGION.1.to_owned()));
    let root = deployment.workspace.root();
    let template = fs::read_to_string(root.join("infra/cdn/template.yaml"))?;
    let mut aws = Aws::start(&deployment.emulator.python, root, &environment)?;
    let zone = json!({ "Name": "todo.example.com", "CallerReference": "cdn" });
    let zone = aws.call("route53", "create_hosted_zone", zone)?;
    let parameters = [
        ("DomainName", "todo.example.com"),
        ("HostedZoneId", text(&zone["HostedZone"]["Id"])?.trim_start_matches("/hostedzone/")),
        ("OriginDomainName", "origin.todo.example.com"),
        ("ClientCertificateArn", "arn:aws:acm:us-east-1:111122223333:certificate/client"),
    ];
    let elsewhere = create(&mut deployment.aws, &template, "cdn", &parameters);
    let error = elsewhere.err().context("it was created in another region")?.to_string();
    ensure!(error.contains("Create this stack in us-east-1"), "{error}");
    let outputs = create(&mut aws, &template, "cdn", &parameters)?;
    output(&outputs, "DistributionDomainName")?;
    delete(&mut aws, "cdn")
}

/// Creates a stack and returns its outputs.
fn create(aws: &mut Aws, template: &str, name: &str, parameters: &[(&str, &str)]) -> Result<Value> {
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value }))
        .collect();
    let create = json!({
        "StackName": name,
        "TemplateBody": template,
        "Parameters": parameters,
        "Capabilities": ["CAPABILITY_IAM"],
    });
    aws.call("cloudformation", "create_stack", create)?;
    let stack = ended(aws, name)?.context("the stack is gone")?;
    ensure!(stack["StackStatus"] == "CREATE_COMPLETE", "{name} is {stack}");
    Ok(stack["Outputs"].clone())
}

fn delete(aws: &mut Aws, name: &str) -> Result<()> {
    aws.call("cloudformation", "delete_stack", json!({ "StackName": name }))?;
    let left = ended(aws, name)?;
    ensure!(left.is_none(), "{name} is not deleted: {left:?}");
    Ok(())
}

/// The stack once nothing is in progress, if it is still there.
fn ended(aws: &mut Aws, name: &str) -> Result<Option<Value>> {
    for _ in 0..100 {
        let Some(found) = aws.stack(name)? else { return Ok(None) };
        if !text(&found["StackStatus"])?.ends_with("_IN_PROGRESS") {
            return Ok(Some(found));
        }
        thread::sleep(Duration::from_millis(100));
    }
    bail!("{name} takes too long")
}

fn output<'a>(outputs: &'a Value, name: &str) -> Result<&'a str> {
    let mut outputs = outputs.as_array().into_iter().flatten();
    let found = outputs.find(|it| it["OutputKey"] == name);
    text(&found.with_context(|| format!("no output {name}"))?["OutputValue"])
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("no text: {value}"))
}
