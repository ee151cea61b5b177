"""Makes a stack of template.yaml on an emulator of AWS (moto), as `sam deploy` would on AWS.

    python make_stack.py TEMPLATE ENDPOINT < parameters.json > stack.json

SAM's own translator turns the template into CloudFormation; what comes of it is created with the
parameters on standard input. Says on standard output what is there then: the variables of each
function and the translated resources. The parameter ClientSecret is no parameter of the template:
it is kept in Secrets Manager first, and its ARN is one.
"""

import io
import json
import re
import sys
import zipfile

import boto3
from cfnlint.decode import decode
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

REGION = "eu-central-1"
STACK = "tollgate"
# moto knows no aliases, and without them there is nothing to move gradually. Nor does it number
# versions of a configuration.
UNKNOWN = (
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::CodeDeploy::",
    "AWS::AppConfig::",
)


def main(template_path, endpoint):
    parameters = json.load(sys.stdin)
    aws = boto3.Session("key", "secret", region_name=REGION)
    secret = parameters.pop("ClientSecret")
    secrets = aws.client("secretsmanager", endpoint_url=endpoint)
    parameters["ClientSecretArn"] = secrets.create_secret(Name=STACK, SecretString=secret)["ARN"]
    template, faults = decode(template_path)
    if faults:
        sys.exit("\n".join(str(fault) for fault in faults))
    translated = translate(json.loads(json.dumps(template)), parameters, aws)
    resources = json.loads(json.dumps(translated["Resources"]))
    upload_code(aws.client("s3", endpoint_url=endpoint))
    create(aws.client("cloudformation", endpoint_url=endpoint), without_unknown(translated, parameters), parameters)

    functions = aws.client("lambda", endpoint_url=endpoint).list_functions()["Functions"]
    json.dump(
        {
            # As Lambda would have them, which knows strings only.
            "functions": {
                function["FunctionName"]: {
                    name: str(value) for name, value in function["Environment"]["Variables"].items()
                }
                for function in functions
            },
            "resources": resources,
        },
        sys.stdout,
    )


def translate(template, parameters, aws):
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # What `sam package` does after `sam build`.
            resource["Properties"]["CodeUri"] = {"Bucket": STACK, "Key": "code.zip"}
    declared = template["Parameters"].items()
    values = {name: parameter.get("Default") for name, parameter in declared} | parameters
    if missing := [name for name, value in values.items() if value is None]:
        sys.exit(f"the parameters {missing} have no value")
    return Translator({}, Parser(), boto_session=aws).translate(template, values)


def without_unknown(template, parameters):
    resources = {
        name: resource
        for name, resource in template["Resources"].items()
        if not resource["Type"].startswith(UNKNOWN)
    }
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Role" and "Policies" in resource["Properties"]:
            policies = resource["Properties"]["Policies"]
            resource["Properties"]["Policies"] = [
                policy for policy in policies if is_there(policy, template["Conditions"], parameters)
            ]
    # Whatever means the alias means the function then.
    text = json.dumps({**template, "Resources": resources})
    text = re.sub(r'{"Ref": "(\w+Function)Aliaslive"}', r'{"Fn::GetAtt": ["\1", "Arn"]}', text)
    text = re.sub(r"(\w+Function)Aliaslive", r"\1", text)
    text = text.replace('{"Ref": "Configuration"}', '"1"').replace("${Configuration}", "1")
    return json.loads(text)


def is_there(policy, conditions, parameters):
    """Whether a policy is one, which moto does not ask where it depends on a parameter."""
    if "Fn::If" not in policy:
        return True
    # All such conditions of the template are: the parameter is not empty.
    equals = conditions[policy["Fn::If"][0]]["Fn::Not"][0]["Fn::Equals"]
    return parameters.get(equals[0]["Ref"], "") != equals[1]


def upload_code(s3):
    # The functions are run from where they were built; moto only wants to see some code.
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("bootstrap", "")
    s3.create_bucket(Bucket=STACK, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=STACK, Key="code.zip", Body=code.getvalue())


def create(cloudformation, template, parameters):
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(template),
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    status = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]
    if status != "CREATE_COMPLETE":
        sys.exit(f"the stack is {status}")


if __name__ == "__main__":
    main(*sys.argv[1:])
