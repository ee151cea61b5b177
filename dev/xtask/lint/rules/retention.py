"""What is lost when a resource is replaced, and what stands in the way of removing it."""

from cfnlint.rules import CloudFormationLintRule, RuleMatch

POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")


class ReplacementRetention(CloudFormationLintRule):
    """CloudFormation deletes what it replaces, unless `UpdateReplacePolicy` says otherwise;
    `DeletionPolicy` has no say in that. A change of a Lambda version's description replaces it, and
    the alias could not go back to the old one. SAM sets only `DeletionPolicy` on versions
    (translator 1.115, `_construct_version`), and copies the function's own attributes to them.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html
    """

    id = "E9003"
    shortdesc = "A replaced version or table is kept, or its deletion is written down"
    description = "CloudFormation deletes a replaced resource without UpdateReplacePolicy"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatereplacepolicy.html"

    def match(self, cfn):
        for name, version in cfn.get_resources("AWS::Lambda::Version").items():
            for policy in POLICIES:
                if version.get(policy) != "Retain":
                    yield RuleMatch(["Resources", name], f"{name} needs {policy}: Retain")
        for name, table in cfn.get_resources("AWS::DynamoDB::Table").items():
            for policy in POLICIES:
                if policy not in table:
                    yield RuleMatch(["Resources", name], f"{name} says nothing about its {policy}")


class RemovableProtection(CloudFormationLintRule):
    """A protected table refuses to be deleted, also by CloudFormation: the rollback of a stack's
    creation ends in ROLLBACK_FAILED, and so does the deletion of the stack. So protection comes from
    a parameter that is off until the stack exists.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html#WorkingWithTables.Basics.DeletionProtection
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
    """

    id = "E9004"
    shortdesc = "Deletion protection can be turned off and is off at first"
    description = "A protected resource blocks the rollback of a failed creation"
    source_url = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html"

    def match(self, cfn):
        parameters = cfn.template.get("Parameters", {})
        for name, resource in cfn.get_resources().items():
            for key in ("DeletionProtection", "DeletionProtectionEnabled"):
                value = resource.get("Properties", {}).get(key, False)
                parameter = value.get("Ref") if isinstance(value, dict) else None
                default = parameters.get(parameter, {}).get("Default", value)
                if default not in (False, "false", "INACTIVE"):
                    path = ["Resources", name, "Properties", key]
                    yield RuleMatch(path, f"{key} needs a parameter whose default is false")
