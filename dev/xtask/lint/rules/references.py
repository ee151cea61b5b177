"""Values that come from outside of the stack or go there."""

import re

from cfnlint.helpers import ensure_list
from cfnlint.rules import CloudFormationLintRule, RuleMatch

PARTIAL_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tollgate"
FULL_ARN = PARTIAL_ARN + "-AbCdEf"


class SecretArnPattern(CloudFormationLintRule):
    """Secrets Manager adds a hyphen and six characters to the name of a secret in its ARN. An IAM
    policy with the ARN without them allows nothing, and the functions find out when they start.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
    """

    id = "E9008"
    shortdesc = "A parameter for a secret takes the full ARN only"
    description = "A policy with a partial ARN does not match the secret"
    source_url = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html"

    def match(self, cfn):
        parameters = cfn.template.get("Parameters", {})
        names = {
            resource["Ref"]
            for statement in statements(cfn.template.get("Resources", {}))
            if "secretsmanager:GetSecretValue" in str(statement["Action"])
            for resource in ensure_list(statement["Resource"])
            if isinstance(resource, dict) and "Ref" in resource
        }
        for name in sorted(names & set(parameters)):
            pattern = parameters[name].get("AllowedPattern", ".*")
            if re.fullmatch(pattern, PARTIAL_ARN) or not re.fullmatch(pattern, FULL_ARN):
                path = ["Parameters", name]
                yield RuleMatch(path, f"{name} must take {FULL_ARN}, and not {PARTIAL_ARN}")


def statements(value):
    """Every statement of a policy, inside of conditions too."""
    if isinstance(value, dict) and {"Action", "Resource"} <= set(value):
        yield value
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from statements(member)


class Exports(CloudFormationLintRule):
    """While another stack imports an output, its value cannot change and its stack cannot be
    deleted. A parameter of the other stack has the same value and no such lock.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    """

    id = "E9009"
    shortdesc = "No stack exports to another or imports from it"
    description = "An export that is in use blocks changes and the deletion of its stack"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html"

    def match(self, cfn):
        for name, output in cfn.template.get("Outputs", {}).items():
            if "Export" in output:
                yield RuleMatch(["Outputs", name, "Export"], f"{name} is exported")
        for path in cfn.search_deep_keys("Fn::ImportValue"):
            yield RuleMatch(path[:-1], "imported; make it a parameter")
