"""The changes that are simulated, and what may come of each."""

from dataclasses import dataclass, field

from change import CREATED, REMOVED, REPLACED, UNCHANGED, compare, deletion, interrupted
from stack import TemplateError, translated

SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:tollgate-AbCdEf"
# What a stack needs; everything else has a default.
PARAMETERS = {
    "Issuer": "https://login.example.com/tenant",
    "ClientId": "client",
    "ClientSecretArn": SECRET,
    "Scopes": "api://api/ToDoList.Read api://api/ToDoList.ReadWrite",
    "Audience": "api",
}
# Tables that may go with their stack: sessions end, and the copies of keys are made again.
WITHOUT_USER_DATA = {"SessionsTable", "KeysTable"}


@dataclass
class Scenario:
    name: str
    after: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)
    code: str = "a"
    # Whether every function gets a new version.
    publishes: bool = False


CERTIFICATE = "arn:aws:acm:eu-central-1:111122223333:certificate/1"
DOMAIN = {"DomainName": "todo.example.com", "CertificateArn": CERTIFICATE}
ZONE = {"DomainName": "todo.example.com", "HostedZoneId": "Z1D633PJN98FT9"}
CDN = {"PublicUrl": "https://cdn.example.com"}
LOCK = {"TruststoreUri": "s3://bucket/truststore.pem", "DisableExecuteApiEndpoint": "true"}

UNPROTECTED = {"DeletionProtection": "false"}

WITHOUT_TODOS = {"Todos": "false"}
PROXY = {"Upstreams": "/api/orders https://orders.example.com"}

UPDATES = [
    Scenario("nothing changes"),
    Scenario("only parameters change", {"LogLevel": "DEBUG", "MemorySize": 512}, publishes=True),
    Scenario("the provider changes", {"Issuer": "https://other.example.com"}, publishes=True),
    Scenario("only code changes", code="b", publishes=True),
    Scenario("the processor changes", {"Architecture": "x86_64"}, code="b", publishes=True),
    Scenario("the client secret is rotated", {"Restart": "2"}, {"Restart": "1"}, publishes=True),
    Scenario("a domain is added", DOMAIN, publishes=True),
    Scenario(
        "then the API's own address is disabled", DOMAIN | {"DisableExecuteApiEndpoint": "true"}, DOMAIN
    ),
    Scenario("a domain is added with its zone", ZONE, publishes=True),
    Scenario("a CDN comes in front", DOMAIN | CDN, DOMAIN, publishes=True),
    Scenario("and is the only one that may connect", DOMAIN | CDN | LOCK, DOMAIN | CDN),
    Scenario("metrics are turned off", {"Metrics": "false"}, publishes=True),
    Scenario("deployments become immediate", {"Deployment": "None"}),
    Scenario("a fix while an alarm is on", {"Deployment": "None"}, code="b", publishes=True),
    Scenario("gradual deployments return", {}, {"Deployment": "None"}),
    Scenario("an API comes behind the proxy", PROXY, publishes=True),
    Scenario("code without todos", WITHOUT_TODOS, WITHOUT_TODOS, code="b", publishes=True),
    Scenario("the tables are protected", {"DeletionProtection": "true"}, UNPROTECTED),
]


def update(template, scenario, earlier=None):
    """The changes of a scenario, and what is wrong with them; from an earlier template, if given."""
    try:
        before = translated(earlier or template, PARAMETERS | scenario.before)
        after = translated(template, PARAMETERS | scenario.after, scenario.code)
    except TemplateError as error:
        return {}, [str(error)]
    changes = compare(before, after)
    faults = interrupted(before, after, changes)
    for name, it in changes.items():
        if it.refused:
            faults.append(f"{name} is refused: {it.refused}")
        if it.deleted and it.type == "AWS::DynamoDB::Table":
            faults.append(f"the table {name} is {it.action}, and its data deleted")
        elif it.action == REPLACED and it.type == "AWS::DynamoDB::Table":
            faults.append(f"the table {name} is replaced by an empty one")
        if it.deleted and it.type == "AWS::Lambda::Version":
            faults.append(f"the previous version {name} is deleted: nothing to go back to")
    versions = [it for it in changes.values() if it.type == "AWS::Lambda::Version"]
    published = {it.action in (CREATED, REPLACED) for it in versions if it.action != REMOVED}
    if published != {scenario.publishes}:
        some = "not every function gets" if scenario.publishes else "a function needlessly gets"
        faults.append(f"{some} a new version")
    return changes, faults


def teardown(template, given, undo_creation):
    """What is left of the stack after its deletion, or after a first creation that fails."""
    changes = deletion(translated(template, PARAMETERS | given), undo_creation)
    faults = []
    for name, it in changes.items():
        if it.refused:
            faults.append(f"{name} refuses to be deleted: {it.refused}")
        is_table = it.type == "AWS::DynamoDB::Table"
        if is_table and it.deleted and not undo_creation and name not in WITHOUT_USER_DATA:
            faults.append(f"the table {name} is deleted with its data")
        if is_table and it.retained and undo_creation:
            faults.append(f"the table {name} stays although it was never used")
    return changes, faults


def simulate(template, earlier=None):
    """Each scenario's name with its changes and faults."""
    if earlier:
        upgrade = Scenario("the template changes", code="b", publishes=True)
        yield upgrade.name, *update(template, upgrade, earlier)
    for scenario in UPDATES:
        yield scenario.name, *update(template, scenario)
    # `cargo xtask destroy` turns protection off first.
    yield "the stack is deleted", *teardown(template, UNPROTECTED, undo_creation=False)
    yield "the first creation fails", *teardown(template, {}, undo_creation=True)


def summary(changes):
    """What happens, one line for each kind of change; what is unchanged is left out."""
    kinds = {}
    for name, it in changes.items():
        if it.action == UNCHANGED:
            continue
        kept = ", the old one is kept" if it.retained else ", the old one is deleted"
        action = it.action + (kept if it.action == REPLACED else "")
        action = {REMOVED: "kept" if it.retained else "deleted"}.get(it.action, action)
        kinds.setdefault(action, {}).setdefault(it.type.removeprefix("AWS::"), []).append(name)
    for action, types in sorted(kinds.items()):
        parts = [
            f"{len(names)} {kind}" if len(names) > 1 else names[0]
            for kind, names in sorted(types.items())
        ]
        yield f"{action}: {', '.join(parts)}"
