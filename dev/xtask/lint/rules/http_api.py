"""Whom an HTTP API lets through, what it does with preflights, and where it logs."""

import re

from cfnlint.rules import CloudFormationLintRule, RuleMatch

ANY = "x-amazon-apigateway-any-method"
CORS = "x-amazon-apigateway-cors"


class Preflight(CloudFormationLintRule):
    """An HTTP API with CORS answers a preflight itself, unless a route takes OPTIONS: ANY and
    `$default` do, and then the function's status is the preflight's. A browser takes 2xx only. So
    each function with such a route says in its metadata whether it answers a preflight
    (`Preflight: answered`, which its tests show) or has nothing for other origins
    (`Preflight: refused`).

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """

    id = "E9005"
    shortdesc = "A function behind ANY says whether it answers preflights"
    description = "With ANY or $default, the HTTP API forwards OPTIONS to the function"
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"

    def match(self, cfn):
        for name, api in cfn.get_resources("AWS::ApiGatewayV2::Api").items():
            body = api.get("Properties", {}).get("Body", {})
            if CORS not in body:
                continue
            for route, methods in body.get("paths", {}).items():
                if ANY not in methods or "options" in methods:
                    continue
                function, resource = integrated(cfn, methods[ANY])
                if resource.get("Metadata", {}).get("Preflight") not in ("answered", "refused"):
                    path = ["Resources", name, "Properties", "Body", "paths", route]
                    message = f"{function} gets the preflights of {route}: it needs Metadata Preflight"
                    yield RuleMatch(path, message)


def if_there(value):
    """What a conditional function adds, under its condition."""
    return value["Fn::If"][1] if "Fn::If" in value else value


def integrated(cfn, method):
    """The function that a route calls, by its alias or itself."""
    resources = cfn.get_resources()
    name = re.search(r"\$\{(\w+)(?:\.Arn)?\}/invocations", str(method))[1]
    if resources[name]["Type"] == "AWS::Lambda::Alias":
        name = resources[name]["Properties"]["FunctionName"]["Ref"]
    return name, resources[name]


class OpenRoute(CloudFormationLintRule):
    """A route without an authorizer is open to everyone. A function in Rust checks its callers
    itself, by `crates/api`. Any other names an authorizer in each event (`Auth`), but for `OPTIONS`,
    or says in its metadata that it is meant for everyone (`Public: true`).

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
    """

    id = "E9010"
    shortdesc = "A function that checks no callers has an authorizer"
    description = "Without `Auth` in its event, anyone can call it"
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html"

    def match(self, cfn):
        for api in cfn.get_resources("AWS::ApiGatewayV2::Api").values():
            paths = api.get("Properties", {}).get("Body", {}).get("paths", {})
            for route, methods in paths.items():
                for method, operation in if_there(methods).items():
                    operation = if_there(operation)
                    if method == "options" or operation.get("security"):
                        continue
                    function, resource = integrated(cfn, operation)
                    metadata = resource.get("Metadata", {})
                    checks = metadata.get("BuildMethod") == "rust-cargolambda"
                    if not checks and metadata.get("Public") is not True:
                        message = f"{route} is open to everyone: its event needs Auth: Authorizer"
                        yield RuleMatch(["Resources", function], message)


class AccessLogName(CloudFormationLintRule):
    """Log delivery adds each log group to a resource policy of the account, which ends at 5,120
    characters, so that an API with access logs cannot be created in a crowded account. Log groups
    under `/aws/vendedlogs/` share one entry.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
    """

    id = "E9006"
    shortdesc = "The log group of access logs is under /aws/vendedlogs/"
    description = "Other names use up the account's resource policy for log delivery"
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html"

    def match(self, cfn):
        for name, stage in cfn.get_resources("AWS::ApiGatewayV2::Stage").items():
            settings = stage.get("Properties", {}).get("AccessLogSettings", {})
            group = settings.get("DestinationArn", {}).get("Fn::GetAtt", [None])[0]
            properties = cfn.get_resources().get(group, {}).get("Properties", {})
            log_name = properties.get("LogGroupName", "")
            text = log_name.get("Fn::Sub", "") if isinstance(log_name, dict) else log_name
            if settings and not str(text).startswith("/aws/vendedlogs/"):
                path = ["Resources", name, "Properties", "AccessLogSettings"]
                yield RuleMatch(path, f"the name of {group} must start with /aws/vendedlogs/")
