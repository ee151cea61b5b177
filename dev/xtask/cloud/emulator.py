"""ministack, an emulator of AWS, with what it lacks of our templates and as strict as AWS.

    python emulator.py        # settings: ministack's environment variables

Pinned to one version (tools/ministack.txt), because it replaces functions inside ministack. Each
difference names its source in AWS's documentation.
"""

import ipaddress
import json
import re
from concurrent.futures import ThreadPoolExecutor

import ministack.app as server
import ministack.services.cloudformation.provisioners as provisioners
from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.responses import request_scope
from ministack.services import apigateway, dynamodb, lambda_svc
from ministack.services.cloudformation import _stacks

HANDLERS = provisioners._RESOURCE_HANDLERS
MB = 1024 * 1024


def without_effect(resource_type, check=lambda properties: None):
    """A resource that ministack doesn't know: only its limits are checked."""

    def create(logical_id, properties, stack):
        check(properties)
        name = f"{stack}-{logical_id}"
        return name, {"Arn": f"arn:aws:none:::{name}", "QueryDefinitionId": name}

    def update(physical_id, old, new, stack):
        check(new)
        return physical_id, {}

    HANDLERS[resource_type] = {"create": create, "update": update, "delete": lambda *_: None}


def at_most_10_alarms(properties):
    """https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html"""
    alarms = properties.get("AlarmConfiguration", {}).get("Alarms", [])
    if len(alarms) > 10:
        raise ValueError(f"a deployment group has {len(alarms)} alarms; 10 are allowed")


without_effect("AWS::Logs::QueryDefinition")
without_effect("AWS::WAFv2::LoggingConfiguration")
without_effect("AWS::CodeDeploy::Application")
without_effect("AWS::CodeDeploy::DeploymentGroup", at_most_10_alarms)


def around(resource_type, operation):
    """Replaces a handler by one that is called with it."""

    def replace(wrapper):
        inner = HANDLERS[resource_type][operation]
        HANDLERS[resource_type][operation] = lambda *args, **named: wrapper(inner, *args, **named)
        return wrapper

    return replace


# CodeDeploy moves an alias only from the version that CloudFormation set it to:
# https://github.com/aws/serverless-application-model/issues/291
@around("AWS::Lambda::Alias", "update")
def alias_update(inner, physical_id, old, new, stack, logical_id=None):
    resource = _stacks[stack]["_template"]["Resources"].get(logical_id, {})
    if "CodeDeployLambdaAliasUpdate" in (resource.get("UpdatePolicy") or {}):
        function = provisioners._lambda_function_for_cfn_ref(old["FunctionName"])[0]
        at = function["aliases"][old["Name"]]["FunctionVersion"]
        # A rollback moves back an alias that this update has moved.
        if at not in (old["FunctionVersion"], new["FunctionVersion"]):
            raise ValueError(
                f"CodeDeploy: the alias is at version {at}, not at {old['FunctionVersion']}"
            )
    return inner(physical_id, old, new, stack, logical_id=logical_id)


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: an alarm
# on metric math has up to 10 MetricStat and returns one result. ministack refuses metric math; here
# such an alarm exists and never evaluates.
alarm_record = provisioners._cw_metric_alarm_record


def alarm_with_metric_math(name, properties):
    queries = properties.get("Metrics")
    if queries:
        stats = [query["MetricStat"] for query in queries if "MetricStat" in query]
        if len(stats) > 10:
            raise ValueError(f"the alarm uses {len(stats)} metrics; 10 are allowed")
        if sum(str(query.get("ReturnData", True)).lower() == "true" for query in queries) != 1:
            raise ValueError("exactly one entry of Metrics must return data")
        if any("SEARCH(" in query.get("Expression", "") for query in queries):
            raise ValueError("SEARCH is not supported on metric alarms")
        first = stats[0]["Metric"]
        properties = {**properties, "Metrics": None, **first, "Dimensions": []}
    return alarm_record(name, properties)


provisioners._cw_metric_alarm_record = alarm_with_metric_math


# CloudFormation turns the strings that parameters are into booleans, and cannot delete a protected
# table: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
def with_booleans(properties):
    protected = str(properties.get("DeletionProtectionEnabled", False)).lower() == "true"
    return {**properties, "DeletionProtectionEnabled": protected}


@around("AWS::DynamoDB::Table", "create")
@around("AWS::DynamoDB::Table", "update")
def table(inner, *args, **named):
    return inner(*[with_booleans(it) if isinstance(it, dict) else it for it in args], **named)


@around("AWS::DynamoDB::Table", "delete")
def table_delete(inner, physical_id, properties):
    if dynamodb._tables.get(physical_id, {}).get("DeletionProtectionEnabled"):
        raise ValueError("Resource cannot be deleted while deletion protection is enabled")
    inner(physical_id, properties)


# ministack reads routes and CORS from resources of their own only:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
def routes_of_body(api_id, properties):
    body = properties.get("Body") or {}
    apigateway._routes[api_id], apigateway._integrations[api_id] = {}, {}
    for path, operations in body.get("paths", {}).items():
        for method, operation in operations.items():
            integration = operation.get("x-amazon-apigateway-integration")
            if integration is None:
                continue
            target, _ = provisioners._apigw_v2_integration_create(
                "",
                {
                    "ApiId": api_id,
                    "IntegrationType": "AWS_PROXY",
                    "IntegrationUri": integration["uri"],
                    "IntegrationMethod": "POST",
                    "PayloadFormatVersion": integration["payloadFormatVersion"],
                },
                "",
            )
            any_method = method == "x-amazon-apigateway-any-method"
            key = f"{'ANY' if any_method else method.upper()} {path}"
            key = "$default" if path == "/$default" or path == "$default" else key
            route = {"ApiId": api_id, "RouteKey": key, "Target": f"integrations/{target}"}
            provisioners._apigw_v2_route_create("", route, "")
    cors = body.get("x-amazon-apigateway-cors")
    apigateway._apis[api_id].pop("corsConfiguration", None)
    if cors:
        apigateway._apis[api_id]["corsConfiguration"] = cors


# Tests decide on the id of a stack's API: its address is a parameter of the stack.
API_IDS = json.loads(server.os.environ.get("API_IDS", "{}"))


@around("AWS::ApiGatewayV2::Api", "create")
@around("AWS::ApiGatewayV2::Api", "update")
def api(inner, *args, **named):
    at = 2 if isinstance(args[2], dict) else 1  # An update has the old properties, too.
    new, stack = args[at : at + 2]
    properties = {**new, "Name": new["Body"]["info"]["title"]}
    if stack in API_IDS:
        properties["Tags"] = {**(new.get("Tags") or {}), "ms-custom-id": API_IDS[stack]}
    made = inner(*args[:at], properties, *args[at + 1 :], **named)
    routes_of_body(made[0], new)
    return made


# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
handle_execute = apigateway.handle_execute


async def within_limits(api_id, stage, path, method, headers, body, query_params, **named):
    line = len(method) + len(path) + len(named.get("raw_query_string") or "")
    if line + sum(len(name) + len(value) for name, value in headers.items()) > 10240:
        return refusal(431, "Request Header Fields Too Large")
    if body and len(body) > 10 * MB:
        return refusal(413, "Request Entity Too Large")
    routed = Routed(method) if method == "OPTIONS" else method
    answer = await handle_execute(api_id, stage, path, routed, headers, body, query_params, **named)
    if method == "OPTIONS":
        with request_scope(*apigateway.find_api_scope(api_id)):
            cors = apigateway._apis[api_id].get("corsConfiguration")
            status, allowed, _ = apigateway._cors_preflight_response(cors, headers.get("origin"))
        if status < 300:
            answer[1].update(allowed)
    return answer


class Routed(str):
    """A method that ministack does not take for a preflight. An HTTP API sends OPTIONS to a route with
    ANY or $default, with and without CORS, and adds its CORS headers:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"""

    def __eq__(self, other):
        return other != "OPTIONS" and str(self) == other

    __hash__ = str.__hash__


def refusal(status, message):
    return status, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode()


apigateway.handle_execute = within_limits


# Payload format 2.0 has cookies in a member of their own, and no member without a value:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
execute = lambda_svc._execute_function_with_config_scope


def with_payload_of_http_api(function, event):
    if isinstance(event, dict) and event.get("version") == "2.0" and "headers" in event:
        cookie = event["headers"].pop("cookie", None)
        if cookie is not None:
            event["cookies"] = [pair.strip() for pair in cookie.split(";")]
        if not event.get("pathParameters"):
            event.pop("pathParameters", None)
        context = event["requestContext"]
        context["domainPrefix"] = context["domainName"].partition(".")[0]
        event["headers"] |= {"x-forwarded-proto": "https", "x-forwarded-port": "443"}
        event["headers"]["x-forwarded-for"] = context["http"]["sourceIp"]
    return execute(function, event)


lambda_svc._execute_function_with_config_scope = with_payload_of_http_api


# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html: what a function finds.
# ministack passes on its own environment and leaves out what LoggingConfig sets.
worker_environment = lambda_svc._provided_worker_env
OF_EMULATOR = re.compile(r"AWS_ENDPOINT_URL\w*|PATH|LANG|TZ")


def environment_of_lambda(config, code_dir, port):
    environment = worker_environment(config, code_dir, port)
    own = config.get("Environment", {}).get("Variables", {})
    for name in server.os.environ:
        if not (name in own or OF_EMULATOR.fullmatch(name) or name in LAMBDA_SETS):
            environment.pop(name, None)
    logging = config.get("LoggingConfig") or {}
    environment["AWS_LAMBDA_LOG_FORMAT"] = logging.get("LogFormat", "Text")
    environment["AWS_LAMBDA_LOG_LEVEL"] = logging.get("ApplicationLogLevel", "INFO")
    environment["AWS_LAMBDA_LOG_GROUP_NAME"] = logging.get("LogGroup", "")
    environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand"
    return environment


LAMBDA_SETS = {
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
}
lambda_svc._provided_worker_env = environment_of_lambda


# ministack waits 50 ms for a function to log something, although functions log before they answer.
drain = lambda_runtime.ProvidedWorker._drain_stderr_bounded
lambda_runtime.ProvidedWorker._drain_stderr_bounded = lambda worker, first_line_wait=0.003: drain(
    worker, first_line_wait
)


# ministack takes an empty key, `test` and every 12 digits for root, and lets every page read its answers.
ROOT_KEY = server.os.environ["AWS_ACCESS_KEY_ID"]
iam_evaluator.is_root_access_key = lambda key: key == ROOT_KEY


def names_loopback(scope):
    """As dev/loopback: a page whose name points at 127.0.0.1 cannot change the Host header."""
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"host"]
    if len(hosts) != 1:
        return False
    host = re.sub(r":\d*$", "", hosts[0].lower())
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


OWN_PATHS = ("/_ministack/", "/_localstack/", "/_tollgate/")


def is_refused(scope):
    """ministack's own paths ask for no key, and `reset` deletes everything. A page sends its origin."""
    from_page = any(name.lower() == b"origin" for name, _ in scope["headers"])
    return not names_loopback(scope) or (from_page and scope["path"].startswith(OWN_PATHS))


# For tests: ends every instance and empties the keys table, so that the next request of each function
# is a cold start that has to ask for keys.
app = server.app


def end_instances():
    """As lambda_runtime.reset(), which takes a tenth of a second for each instance."""
    with lambda_runtime._lock:
        pools = list(lambda_runtime._workers.values())
        lambda_runtime._workers.clear()
    with ThreadPoolExecutor(32) as executor:
        list(executor.map(lambda worker: lambda_runtime.kill_workers([worker]), sum(pools, [])))


async def with_cold_starts(scope, receive, send):
    if scope["type"] == "http" and is_refused(scope):
        await send({"type": "http.response.start", "status": 421, "headers": []})
        await send({"type": "http.response.body"})
    elif scope["type"] == "websocket" and is_refused(scope):
        await send({"type": "websocket.close"})
    elif scope["type"] == "http" and scope["path"] == "/_tollgate/cold":
        end_instances()
        for name in dynamodb._tables:
            if "KeysTable" in name:
                dynamodb._tables[name]["items"].clear()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
    else:
        await app(scope, receive, send)


server.app = with_cold_starts

if __name__ == "__main__":
    server.main()
