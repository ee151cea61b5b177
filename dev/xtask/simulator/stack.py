"""A stack as CloudFormation sees it: the template translated by SAM, its parameters and conditions
resolved. References between resources stay as they are written."""

import json
import re
from dataclasses import dataclass, field

import boto3
from cfnlint.decode import decode
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

REGION = "eu-central-1"
PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "tollgate",
    "AWS::StackId": "arn:aws:cloudformation:eu-central-1:111122223333:stack/tollgate/1",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()
# What decides beside the properties what becomes of a resource.
ATTRIBUTES = ("DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy")


class TemplateError(Exception):
    """CloudFormation would refuse the template or the parameters."""


@dataclass
class Resource:
    type: str
    properties: dict
    attributes: dict = field(default_factory=dict)

    def retained(self, policy):
        """Whether the physical resource stays by `DeletionPolicy` or `UpdateReplacePolicy`."""
        return self.attributes.get(policy) in ("Retain", "RetainExceptOnCreate", "Snapshot")


def read(path):
    template, matches = decode(str(path))
    if matches:
        raise TemplateError("\n".join(map(str, matches)))
    return json.loads(json.dumps(template, default=str))


def translated(template, parameters, code="a"):
    """The stack that `sam deploy` makes of `template`; `code` stands for what was built."""
    template = json.loads(json.dumps(template))
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "artifacts", "Key": f"{name}-{code}"}
    values = parameter_values(template.get("Parameters", {}), parameters)
    aws = boto3.Session("key", "secret", region_name=REGION)
    if "AWS::Serverless-2016-10-31" in str(template.get("Transform")):
        # Refs inside stay; SAM needs the values only where it decides by them.
        texts = {name: ",".join(v) if isinstance(v, list) else v for name, v in values.items()}
        template = Translator({}, Parser(), boto_session=aws).translate(template, texts)
    return resolved(template, values)


def parameter_values(declared, given):
    if unknown := set(given) - set(declared):
        raise TemplateError(f"the template has no parameter {', '.join(sorted(unknown))}")
    values = {}
    for name, parameter in declared.items():
        value = given.get(name, parameter.get("Default"))
        if value is None:
            raise TemplateError(f"the parameter {name} needs a value")
        value = str(value)
        if value not in map(str, parameter.get("AllowedValues", [value])):
            raise TemplateError(f"{name}={value} is not one of {parameter['AllowedValues']}")
        is_list = parameter["Type"] == "CommaDelimitedList"
        parts = value.split(",") if is_list else [value]
        for part in parts:
            if not re.fullmatch(parameter.get("AllowedPattern", ".*"), part, re.DOTALL):
                raise TemplateError(f"{name}={part} does not match {parameter['AllowedPattern']}")
        values[name] = parts if is_list else value
    return values


def resolved(template, values):
    resolver = Resolver(values, template.get("Conditions", {}))
    for name, rule in template.get("Rules", {}).items():
        if resolver.value(rule.get("RuleCondition", True)):
            for assertion in rule["Assertions"]:
                if not resolver.value(assertion["Assert"]):
                    raise TemplateError(f"rule {name}: {assertion['AssertDescription']}")
    resources = {}
    for name, resource in template["Resources"].items():
        if "Condition" in resource and not resolver.condition(resource["Condition"]):
            continue
        kind, properties = resource["Type"], resolver.value(resource.get("Properties", {}))
        beside = {k: resolver.value(resource[k]) for k in ATTRIBUTES if k in resource}
        resources[name] = Resource(kind, properties, beside)
    return resources


class Resolver:
    def __init__(self, values, conditions):
        self.names = PSEUDO | values
        self.conditions = conditions

    def condition(self, name):
        return self.value(self.conditions[name])

    def value(self, value):
        if isinstance(value, list):
            items = [self.value(item) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref":
                return NO_VALUE if argument == "AWS::NoValue" else self.names.get(argument, value)
            if key == "Condition" and isinstance(argument, str):
                return self.condition(argument)
            if key.startswith("Fn::"):
                return self.function(key, argument)
        members = {key: self.value(member) for key, member in value.items()}
        return {key: member for key, member in members.items() if member is not NO_VALUE}

    def function(self, key, argument):
        if key == "Fn::If":
            return self.value(argument[1 if self.condition(argument[0]) else 2])
        if key == "Fn::Sub":
            return self.substituted(argument)
        if key == "Fn::GetAtt":
            return {key: argument.split(".", 1) if isinstance(argument, str) else argument}
        items = self.value(argument)
        if key == "Fn::Equals":
            return str(items[0]) == str(items[1])
        if key == "Fn::Not":
            return not items[0]
        if key == "Fn::And":
            return all(items)
        if key == "Fn::Or":
            return any(items)
        if key == "Fn::Contains":
            return items[1] in items[0]
        if key == "Fn::Join" and all(isinstance(item, str) for item in items[1]):
            return items[0].join(items[1])
        if key == "Fn::Select" and isinstance(items[1], list):
            return items[1][int(items[0])]
        if key == "Fn::Split" and isinstance(items[1], str):
            return items[1].split(items[0])
        return {key: items}

    def substituted(self, argument):
        text, own = (argument, {}) if isinstance(argument, str) else argument
        own = self.value(own)
        left = {}

        def name(match):
            value = own.get(match[1], self.names.get(match[1]))
            if isinstance(value, (str, int)):
                return str(value)
            left[match[1]] = reference(match[1]) if value is None else value
            return match[0]

        text = re.sub(r"\$\{([\w.:]+)\}", name, text)
        return {"Fn::Sub": [text, left]} if left else text.replace("${!", "${")


def reference(name):
    return {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}


def references(value):
    """The resources that a resolved value refers to."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    if len(value) == 1 and isinstance(value.get("Ref"), str):
        return {value["Ref"]}
    if len(value) == 1 and isinstance(value.get("Fn::GetAtt"), list):
        return {value["Fn::GetAtt"][0]}
    return set().union(*map(references, value.values()))
