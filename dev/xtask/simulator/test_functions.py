"""What each function may do, and how requests reach it, in the template that SAM has translated."""

import unittest
from pathlib import Path

from change import compare
from scenarios import PROXY
from stack import read, references, translated

TEMPLATE = Path(__file__).parents[3] / "template.yaml"
REQUIRED = {
    "Issuer": "https://login.example",
    "ClientId": "web",
    "ClientSecretArn": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-AbCdEf",
    "ClientKeyArn": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:b-AbCdEf",
    "SecretKmsKeyArn": "arn:aws:kms:eu-central-1:111122223333:key/1",
    "Scopes": "api",
    "Audience": "api",
}
OBSERVED = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
]
SECRET = ["secretsmanager:GetSecretValue"] * 2 + ["kms:Decrypt"]
KEYS = ["KeysTable dynamodb:GetItem", "KeysFunctionAliaslive lambda:InvokeFunction"]


def on(table, *actions):
    return [f"{table} dynamodb:{action}" for action in actions]


# signin has no secret and no table; todos and authorizer have no secret and only read sessions.
ALLOWED = {
    "Signin": [],
    "Keys": on("KeysTable", "UpdateItem"),
    "Callback": SECRET
    + KEYS
    + on("SessionsTable", "GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"),
    "Web": SECRET + KEYS + on("SessionsTable", "GetItem", "BatchGetItem", "UpdateItem", "DeleteItem"),
    "Authorizer": KEYS + on("SessionsTable", "GetItem"),
    "Todos": KEYS
    + on("SessionsTable", "GetItem")
    + on("TodosTable", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "Query"),
}


class Functions(unittest.TestCase):
    def setUp(self):
        self.resources = translated(read(TEMPLATE), REQUIRED)

    def of_type(self, kind):
        return {n: r.properties for n, r in self.resources.items() if r.type == kind}

    def test_roles_hold_exactly_what_the_design_allows(self):
        self.check_roles(ALLOWED)
        self.resources = translated(read(TEMPLATE), REQUIRED | PROXY)
        self.check_roles({"Proxy": ALLOWED["Authorizer"]})

    def test_a_web_identity_is_for_callback_and_web_and_only_on_demand(self):
        self.resources = translated(read(TEMPLATE), REQUIRED | {"ClientAuth": "aws_web_identity"})
        token = ["sts:GetWebIdentityToken"]
        self.check_roles(ALLOWED | {name: ALLOWED[name] + token for name in ("Callback", "Web")})

    def check_roles(self, allowed):
        for function, more in allowed.items():
            role = self.resources[f"{function}Function"].properties["Role"]["Fn::GetAtt"][0]
            properties = self.resources[role].properties
            self.assertNotIn("ManagedPolicyArns", properties, function)
            self.assertCountEqual(actions(properties["Policies"]), OBSERVED + more, function)

    def test_requests_reach_functions_by_their_alias_alone(self):
        paths = self.resources["Api"].properties["Body"]["paths"]
        self.assertGreater(len(paths), 10)
        for path, methods in paths.items():
            for method, operation in methods.items():
                uri = str(operation["x-amazon-apigateway-integration"]["uri"])
                self.assertIn("FunctionAliaslive}/invocations", uri, f"{method} {path}")

    def test_the_authorizer_is_always_asked_and_by_its_alias_alone(self):
        [gate] = self.resources["Api"].properties["Body"]["components"]["securitySchemes"].values()
        authorizer = gate["x-amazon-apigateway-authorizer"]
        self.assertIn("AuthorizerFunctionAliaslive", str(authorizer.pop("authorizerUri")))
        # With a time to live there must be an identity source.
        expected = {
            "type": "request",
            "authorizerPayloadFormatVersion": "2.0",
            "enableSimpleResponses": True,
        }
        self.assertEqual(authorizer, expected)

    def test_every_version_is_one_of_the_configuration(self):
        # Another number in the description has CloudFormation make another version.
        versions = self.of_type("AWS::Lambda::Version")
        functions = self.of_type("AWS::Lambda::Function")
        self.assertEqual((len(versions), len(functions)), (6, 6))
        for name, version in versions.items():
            self.assertIn("${Configuration}", str(version["Description"]), name)
        for name, function in functions.items():
            number = function["Environment"]["Variables"]["CONFIGURATION_VERSION"]
            self.assertEqual(number, {"Ref": "Configuration"}, name)

    def test_without_todos_only_their_table_stays_and_nothing_refers_to_them(self):
        gate = translated(read(TEMPLATE), REQUIRED | {"Todos": "false"})
        left_out = {name for name in self.resources if name not in gate}
        self.assertTrue(left_out and all(name.startswith("Todos") for name in left_out), left_out)
        for name, resource in gate.items():
            self.assertFalse(references(resource.properties) & left_out, name)
            self.assertNotIn("TodosFunction", str(resource.properties), name)
        self.assertEqual(gate["Api"].properties["Body"]["paths"]["/api/todos"], {})
        changes = compare(self.resources, gate)
        # A version goes with its function, whatever SAM says.
        retained = {n for n, it in changes.items() if it.retained and "FunctionVersion" not in n}
        self.assertEqual(retained & left_out, {"TodosTable"})


def actions(policies):
    """Each action, with the table or function that it is allowed on."""
    found = []
    for policy in policies:
        for statement in policy["PolicyDocument"]["Statement"]:
            names = statement["Action"]
            for action in [names] if isinstance(names, str) else names:
                where = str(statement["Resource"])
                known = ["SessionsTable", "TodosTable", "KeysTable", "KeysFunctionAliaslive"]
                found.append(" ".join([name for name in known if name in where] + [action]))
    return found
