"""Our own rules for cfn-lint, on what SAM makes of each template.

    python lint.py TEMPLATE...

cfn-lint 1.58 reads a template as it is written: it sees no version, stage or route that SAM adds.
"""

import json
import logging
import sys
from pathlib import Path

import boto3
from cfnlint.decode import decode
from cfnlint.helpers import load_plugins
from cfnlint.template import Template
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

REGION = "eu-central-1"
RULES = sorted(load_plugins(str(Path(__file__).parent / "rules")), key=lambda rule: rule.id)
# SAM's translator warns of features that only the service has.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


def lint(path):
    """What our rules find: each rule's id, the path in the translated template, and what is wrong."""
    template = Template(str(path), translated(path), [REGION])
    # `AWS::LanguageExtensions`, which cfn-lint does know.
    if matches := template.transform():
        sys.exit("\n".join(map(str, matches)))
    return [
        (rule.id, "/".join(map(str, match.path)), match.message)
        for rule in RULES
        for match in rule.match(template)
    ]


def translated(path, parameters=None):
    template, matches = decode(str(path))
    if matches:
        sys.exit("\n".join(map(str, matches)))
    template = json.loads(json.dumps(template))
    if "Serverless" not in str(template.get("Transform")):
        return template
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # What `sam package` does after `sam build`.
            resource["Properties"]["CodeUri"] = {"Bucket": "code", "Key": "code"}
    declared = template.get("Parameters", {}).items()
    values = {name: parameter.get("Default", "x") for name, parameter in declared}
    values.update(parameters or {})
    aws = boto3.Session("key", "secret", region_name=REGION)
    return Translator({}, Parser(), boto_session=aws).translate(template, values)


def main(paths):
    found = [(path, *match) for path in paths for match in lint(path)]
    for path, rule, place, message in found:
        print(f"{path}: {rule} {message} ({place})")
    sys.exit(bool(found))


if __name__ == "__main__":
    main(sys.argv[1:])
