"""infra/pipeline may do what a deployment takes, and nothing else."""

import fnmatch
import re
import shutil
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path

from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource
from change import schema
from scenarios import PARAMETERS
from stack import TemplateError, read, references, translated

REFERENCE = load_resource(AdditionalSpecs, "Policies.json")
ROOT = Path(__file__).resolve().parents[3]
DOMAIN = {"DomainName": "todo.example.com", "HostedZoneId": "Z1D633PJN98FT9"}

# What the schemas of the types name for properties that our templates do not use.
UNUSED = [
    "acm-pca:*", "ec2:*", "elasticfilesystem:*", "firehose:*", "kinesis:*", "kms:*", "s3files:*",
    # Replicas, streams, imports, insights and policies of tables; items are never touched.
    "dynamodb:*Replica", "dynamodb:*StreamingDestination", "dynamodb:*Import*", "dynamodb:*Item",
    "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateContributorInsights",
    "dynamodb:*teResourcePolicy", "dynamodb:PutResourcePolicy", "iam:CreateServiceLinkedRole",
    # Signed code, layers, runtime pinning, recursion, scaling and provisioned concurrency.
    "lambda:*CodeSigningConfig", "lambda:GetLayerVersion", "lambda:AssociateRuntimeAlias",
    "lambda:Put*Config", "lambda:Delete*Config", "lambda:PassCapacityProvider",
    # Encryption by a key of one's own, data protection, indexes and policies of log groups.
    "logs:*KmsKey", "logs:*DataProtectionPolicy", "logs:*IndexPolicy", "logs:*BearerToken*",
    "logs:PutLogGroupDeletionProtection", "logs:DeleteResourcePolicy", "logs:CreateLogStream",
    "logs:DescribeLogStreams", "logs:PutLogEvents", "s3:REST.PUT.OBJECT", "s3:GetObjectMetadata",
    "s3:ListBucket", "codedeploy:RegisterOnPremisesInstance",
    # Tags of an API are under the verbs of /tags; the boundary of a role stays.
    "apigateway:*agResource", "iam:DeleteRolePermissionsBoundary",
    # Every role has policies of its own.
    "iam:*tachRolePolicy",
]  # fmt: skip
# Used although an entry of UNUSED matches.
USED = {
    "dynamodb:DescribeKinesisStreamingDestination", "lambda:GetFunctionCodeSigningConfig",
    "lambda:DeleteFunctionEventInvokeConfig", "lambda:PutFunctionEventInvokeConfig",
    "logs:GetDataProtectionPolicy",
}  # fmt: skip
# What no schema names.
BEYOND = {
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
    "logs:DeleteLogDelivery", "logs:GetLogDelivery", "logs:ListLogDeliveries",
    "logs:UpdateLogDelivery",
}  # fmt: skip


def pipeline(**parameters):
    required = {
        "Repository": "octo-org/tollgate",
        "Environment": "prod",
        "StackName": "tollgate-prod",
    } | DOMAIN
    return translated(read(ROOT / "infra/pipeline/template.yaml"), required | parameters)


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(policies):
    return [it for policy in policies for it in policy["PolicyDocument"]["Statement"]]


def actions(statements):
    return {action for it in statements for action in listed(it["Action"])}


def deployed():
    application = translated(read(ROOT / "template.yaml"), PARAMETERS | DOMAIN)
    operations = read(ROOT / "infra/operations/template.yaml")
    required = {name for name, it in operations["Parameters"].items() if "Default" not in it}
    return application, translated(operations, {name: "tollgate" for name in required})


class ExecutionRole(unittest.TestCase):
    def setUp(self):
        self.role = pipeline()["ExecutionRole"].properties

    def test_it_may_do_what_the_resources_take_and_nothing_else(self):
        needed = set()
        for kind in {resource.type for stack in deployed() for resource in stack.values()}:
            for handler, it in (schema(kind).get("handlers") or {}).items():
                if handler != "list":
                    needed |= {a.replace("s3:getObject", "s3:GetObject") for a in it["permissions"]}
        unused = {a for a in needed for p in UNUSED if fnmatch.fnmatch(a, p)} - USED
        self.assertEqual(actions(statements(self.role["Policies"])), needed - unused | BEYOND)

    def test_it_reads_no_items_and_no_secrets(self):
        forbidden = {"dynamodb:GetItem", "dynamodb:Query", "secretsmanager:GetSecretValue"}
        self.assertFalse(actions(statements(self.role["Policies"])) & forbidden)

    def test_a_role_gets_permissions_within_the_boundary_alone(self):
        for it in statements(self.role["Policies"]):
            condition = it.get("Condition", {}).get("ArnEquals", {})
            if {"iam:CreateRole", "iam:PutRolePolicy"} & set(listed(it["Action"])):
                self.assertEqual(condition, {"iam:PermissionsBoundary": {"Ref": "FunctionBoundary"}})
            self.assertNotIn("iam:AttachRolePolicy", listed(it["Action"]))

    def test_it_writes_the_records_of_its_domain_alone(self):
        key = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
        (it,) = [
            it for it in statements(self.role["Policies"])
            if "route53:ChangeResourceRecordSets" in listed(it["Action"])
        ]  # fmt: skip
        # A request without names would pass a condition for all of them.
        self.assertEqual(it["Condition"].keys(), {"ForAllValues:StringLike", "Null"})
        self.assertEqual(it["Condition"]["Null"], {key: "false"})
        patterns = it["Condition"]["ForAllValues:StringLike"][key]
        domain = DOMAIN["DomainName"]
        for name, may in [
            (domain, True),
            (f"_3a9b.{domain}", True),
            ("example.com", False),
            ("www.example.com", False),
            (f"www.{domain}", False),
            ("_3a9b.example.com", False),
        ]:
            written = any(fnmatch.fnmatch(name, pattern) for pattern in patterns)
            self.assertEqual(written, may, name)

    def test_a_hosted_zone_takes_the_domain_that_is_written(self):
        with self.assertRaisesRegex(TemplateError, "HostedZoneId needs DomainName"):
            pipeline(DomainName="")

    def test_it_cannot_change_the_roles_of_the_pipeline(self):
        own = "arn:aws:iam::111122223333:role/pipeline/tollgate-prod-ExecutionRole-1"
        for it in statements(self.role["Policies"]):
            if any(action.startswith("iam:") for action in listed(it["Action"])):
                for resource in listed(it["Resource"]):
                    self.assertFalse(fnmatch.fnmatch(own, resource), it)


class Resources(unittest.TestCase):
    """Each action against the resources that AWS's service authorization reference names for it."""

    def test_every_action_can_be_limited_by_the_resources_of_its_statement(self):
        stack = pipeline()
        boundary = {"PolicyDocument": stack["FunctionBoundary"].properties["PolicyDocument"]}
        policies = [boundary]
        for role in ("DeployRole", "ExecutionRole"):
            policies += stack[role].properties["Policies"]
        for it in statements(policies):
            for action in listed(it["Action"]):
                service, name = action.lower().split(":")
                kinds = REFERENCE[service]["Actions"][name].get("Resources")
                # The reference leaves out the macro of a change set.
                if it["Resource"] == "*" or it.get("Sid") == "TranslateSam":
                    continue
                formats = [
                    re.sub(r"\$\{\w+\}|\.\*", "*", arn)
                    for kind in listed(kinds or [])
                    for arn in REFERENCE[service]["Resources"][kind.lower()]["ARNFormats"]
                ]
                role = "arn:aws:iam::111122223333:role/pipeline/execution"
                arns = [arn if isinstance(arn, str) else role for arn in listed(it["Resource"])]
                reached = [arn for arn in arns for one in formats if overlap(arn, one)]
                with self.subTest(action):
                    self.assertTrue(reached, f"{action} applies to {formats or '*'}, not to {arns}")


def overlap(one, other):
    """Whether a text matches both patterns, in which only `*` and `?` are special."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return overlap(one[1:], other) or overlap(one, other[1:])
    if other[0] == "*":
        return overlap(other, one)
    return (one[0] == other[0] or "?" in one[0] + other[0]) and overlap(one[1:], other[1:])


class DeployRole(unittest.TestCase):
    def test_only_jobs_of_the_environment_assume_it(self):
        custom = "repository_id:1:environment:prod"
        for parameters, subject in [
            ({}, "repo:octo-org/tollgate:environment:prod"),
            ({"Subject": custom}, custom),
        ]:
            role = pipeline(**parameters)["DeployRole"].properties
            (it,) = role["AssumeRolePolicyDocument"]["Statement"]
            issuer = "token.actions.githubusercontent.com"
            expected = {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": subject}
            self.assertEqual(it["Condition"], {"StringEquals": expected})

    def test_it_changes_stacks_by_the_execution_role_alone(self):
        role = pipeline()["DeployRole"].properties
        arn = {"Fn::GetAtt": ["ExecutionRole", "Arn"]}
        for it in statements(role["Policies"]):
            named = set(listed(it["Action"]))
            if "cloudformation:CreateChangeSet" in named and "transform" not in str(it["Resource"]):
                self.assertEqual(it["Condition"], {"StringEquals": {"cloudformation:RoleArn": arn}})
            self.assertFalse(named & {"cloudformation:CreateStack", "cloudformation:UpdateStack"})


class Artifacts(unittest.TestCase):
    """The bucket of `sam deploy --resolve-s3`, which an account's environments share."""

    BUCKET = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1"

    def test_builds_are_under_the_name_of_their_stack(self):
        config = tomllib.loads((ROOT / "samconfig.toml").read_text())
        for name in config.keys() - {"version"}:
            with self.subTest(name):
                stack = config[name]["global"]["parameters"]["stack_name"]
                self.assertEqual(config[name]["deploy"]["parameters"]["s3_prefix"], stack)

    def test_the_roles_reach_the_builds_of_their_stack_alone(self):
        stack = pipeline()
        for role in ("DeployRole", "ExecutionRole"):
            for it in statements(stack[role].properties["Policies"]):
                if not any(a.startswith(("s3:GetObject", "s3:Put")) for a in listed(it["Action"])):
                    continue
                for key, may in [("tollgate-prod/1", True), ("tollgate-staging/1", False), ("1", False)]:
                    key = f"{self.BUCKET}/{key}"
                    reached = any(fnmatch.fnmatch(key, arn) for arn in listed(it["Resource"]))
                    self.assertEqual(reached, may, f"{role} {it['Sid']} {key}")

    def test_the_deploy_role_lists_the_builds_of_its_stack_alone(self):
        for it in statements(pipeline()["DeployRole"].properties["Policies"]):
            if "s3:ListBucket" in listed(it["Action"]):
                self.assertEqual(it["Condition"]["StringLike"], {"s3:prefix": "tollgate-prod/*"})


# What stands in for each program says its name, what it was given, and which secrets it could see.
PROGRAM = """#!/bin/sh
{{
  echo "$(basename "$0") $*"
  echo "  umask $(umask) home ${{HOME#$STATE/}}" $(env | sed -n 's/^\\(AWS_S\\|ACTIONS_ID\\)[^=]*.*/secret/p')
}} >> "$STATE/log"
{does}
"""
DOES = {
    "curl": "cat > /dev/null; echo token",
    "jq": "cat",
    "aws": """[ "$(cat "$AWS_WEB_IDENTITY_TOKEN_FILE")" = token ] || exit 1
mkdir -p "$HOME/.aws/cli/cache"
echo export AWS_SECRET_ACCESS_KEY=key AWS_SESSION_TOKEN=session""",
    "cargo": "",
    "target/debug/xtask": "",
}


class Script(unittest.TestCase):
    """.ci/deploy with stand-ins for the programs that it runs."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        root = cls.root = Path(folder.name)
        for name, does in DOES.items():
            program = root / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text(PROGRAM.format(does=does))
            program.chmod(0o755)
        (root / ".ci").mkdir()
        shutil.copy(ROOT / ".ci/deploy", root / ".ci/deploy")
        (root / "tmp").mkdir()
        environment = {
            "PATH": f"{root}:/usr/bin:/bin", "STATE": str(root), "HOME": str(root / "home"),
            "TMPDIR": str(root / "tmp"), "AWS_ROLE_ARN": "role", "AWS_REGION": "eu-central-1",
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.example/?",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request",
        }  # fmt: skip
        command = ["bash", "-c", "umask 022; exec .ci/deploy prod"]
        subprocess.run(command, cwd=root, env=environment, check=True)
        lines = (root / "log").read_text().splitlines()
        cls.ran = list(zip(lines[::2], lines[1::2]))

    def test_what_cargo_runs_sees_no_credential_and_builds_for_everyone(self):
        cargo = [seen for command, seen in self.ran if command.startswith("cargo ")]
        self.assertTrue(cargo)
        self.assertEqual(set(cargo), {"  umask 0022 home home"})

    def test_what_was_built_is_deployed_with_the_credentials(self):
        command, seen = self.ran[-1]
        self.assertEqual(command, "xtask deploy --env prod --yes --built .aws-sam/build")
        # Those of AWS, and no longer those of the OIDC token.
        self.assertTrue(seen.endswith(" home home secret secret"), seen)

    def test_the_token_and_the_cache_of_the_aws_cli_are_removed(self):
        (seen,) = [seen for command, seen in self.ran if command.startswith("aws ")]
        self.assertIn(" home tmp/", seen)
        self.assertEqual(list((self.root / "tmp").iterdir()), [])


class FunctionBoundary(unittest.TestCase):
    def test_every_role_gets_it(self):
        arn = "arn:aws:iam::111122223333:policy/pipeline/boundary"
        stack = translated(
            read(ROOT / "template.yaml"), PARAMETERS | {"PermissionsBoundaryArn": arn}
        )
        roles = {name: it for name, it in stack.items() if it.type == "AWS::IAM::Role"}
        without = {n for n, it in roles.items() if it.properties.get("PermissionsBoundary") != arn}
        self.assertEqual(without, set())

    def test_codedeploy_moves_the_aliases_of_this_stack_and_nothing_else(self):
        stack = translated(read(ROOT / "template.yaml"), PARAMETERS)
        kind = "AWS::CodeDeploy::DeploymentGroup"
        groups = {name: it for name, it in stack.items() if it.type == kind}
        role = {"Fn::GetAtt": ["CodeDeployRole", "Arn"]}
        self.assertEqual([it.properties["ServiceRoleArn"] for it in groups.values()], [role] * 5)
        role = stack["CodeDeployRole"].properties
        self.assertNotIn("ManagedPolicyArns", role)
        reads = {"cloudwatch:DescribeAlarms"}
        for it in statements(role["Policies"]):
            named = {name for resource in listed(it["Resource"]) for name in references(resource)}
            expected = {name.removesuffix("DeploymentGroup") for name in groups}
            self.assertEqual(named, set() if actions([it]) == reads else expected)
        self.assertEqual(
            actions(statements(role["Policies"])) - reads,
            {"lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"},
        )

    def test_it_allows_what_the_functions_do_and_nothing_else(self):
        boundary = pipeline()["FunctionBoundary"].properties
        all_credentials = {
            "ClientKeyArn": PARAMETERS["ClientSecretArn"],
            "ClientAuth": "aws_web_identity",
        }
        application = translated(read(ROOT / "template.yaml"), PARAMETERS | all_credentials)
        used = set()
        for name, resource in application.items():
            if resource.type == "AWS::IAM::Role" and "Policies" in resource.properties:
                used |= actions(statements(resource.properties["Policies"]))
        allowed = actions(statements([{"PolicyDocument": boundary["PolicyDocument"]}]))
        # For a secret under a key of one's own.
        self.assertEqual(allowed, used | {"kms:Decrypt"})


if __name__ == "__main__":
    unittest.main()
