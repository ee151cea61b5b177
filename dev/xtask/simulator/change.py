"""What an update does to each resource of a stack.

Which properties replace a resource comes from CloudFormation's resource schemas, as cfn-lint ships
them. Not simulated: attributes that change when a resource is updated in place.
"""

from dataclasses import dataclass, field

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER
from stack import REGION, references

CREATED, UPDATED, REPLACED, REMOVED, UNCHANGED = "created", "updated", "replaced", "removed", "unchanged"


@dataclass
class Change:
    type: str
    action: str
    # The properties that are the cause.
    properties: list = field(default_factory=list)
    # Whether the physical resource from before the update is deleted, or kept by a policy.
    deleted: bool = False
    retained: bool = False
    # Why CloudFormation refuses it.
    refused: str = ""

    def __str__(self):
        words = [self.action]
        if self.deleted:
            words.append("the old one is deleted")
        if self.retained:
            words.append("the old one is kept")
        if self.refused:
            words.append(f"refused: {self.refused}")
        because = f" ({', '.join(self.properties)})" if self.properties else ""
        return ", ".join(words) + because


def schema(kind):
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema


def paths(kind, *names):
    """Property paths of a schema, such as ("KeySchema",) of /properties/KeySchema."""
    listed = (path for name in names for path in schema(kind).get(name) or [])
    return [tuple(path.split("/")[2:]) for path in listed]


def at(value, path):
    """The part of a property's value that a schema's path names, `*` for each item of a list."""
    if not path or value is None:
        return value
    if path[0] == "*":
        return [at(item, path[1:]) for item in value] if isinstance(value, list) else None
    return at(value.get(path[0]), path[1:]) if isinstance(value, dict) else None


def compare(before, after):
    """The change of each logical resource from one stack to the next."""
    replaced = set()
    while True:
        changes = {name: change(name, before, after, replaced) for name in {**before, **after}}
        now = {name for name, it in changes.items() if it.action in (REPLACED, CREATED)}
        if now == replaced:
            return changes
        # What refers to a new physical resource changes with it.
        replaced = now


def change(name, before, after, replaced):
    old, new = before.get(name), after.get(name)
    if old is None:
        return Change(new.type, CREATED)
    if new is None:
        kept = old.retained("DeletionPolicy")
        return Change(old.type, REMOVED, deleted=not kept, retained=kept)
    if old.type != new.type:
        refused = "the type of a resource cannot change"
        return Change(new.type, REPLACED, deleted=True, refused=refused)

    def differs(path):
        value = at(new.properties, path)
        return at(old.properties, path) != value or bool(references(value) & replaced)

    names = sorted({**old.properties, **new.properties})
    changed = [name for name in names if differs((name,))]
    # A conditional one may replace; what may be lost counts as lost.
    create_only = paths(new.type, "createOnlyProperties", "conditionalCreateOnlyProperties")
    causes = sorted("/".join(path) for path in create_only if differs(path))
    if not causes:
        return Change(new.type, UPDATED if changed else UNCHANGED, changed)
    # AWS does not document whether the earlier or the later template's policy counts.
    kept = old.retained("UpdateReplacePolicy") and new.retained("UpdateReplacePolicy")
    it = Change(new.type, REPLACED, causes, deleted=not kept, retained=kept)
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
    # "You can't perform updates that require replacement of this resource" that has a custom name.
    identifier = paths(new.type, "primaryIdentifier")
    if all(at(new.properties, path) is not None and not differs(path) for path in identifier):
        it.refused = "it has a custom name, and must be replaced"
    return it


def addresses(stack):
    """The addresses at which the stack's HTTP APIs answer, with the resources behind each."""
    found = {}
    for name, resource in stack.items():
        properties = resource.properties
        if resource.type == "AWS::ApiGatewayV2::Api" and not own_address_disabled(properties):
            stages = {n for n, it in stack.items() if it.type == "AWS::ApiGatewayV2::Stage"}
            own = {n for n in stages if name in references(stack[n].properties["ApiId"])}
            found[f"{name}.execute-api"] = {name} | own
        elif resource.type == "AWS::ApiGatewayV2::ApiMapping":
            (domain,) = references(properties["DomainName"])
            address = stack[domain].properties["DomainName"]
            found[address] = {name} | references(list(properties.values()))
    return found


def own_address_disabled(api):
    """A property of the API, or of the OpenAPI document in which SAM writes it."""
    servers = api.get("Body", {}).get("servers", [])
    endpoints = [it.get("x-amazon-apigateway-endpoint-configuration", {}) for it in servers]
    disabled = [it.get("disableExecuteApiEndpoint") for it in endpoints]
    return "true" in (str(it).lower() for it in [api.get("DisableExecuteApiEndpoint"), *disabled])


def interrupted(before, after, changes):
    """Why requests find no answer during or after an update; empty if they find one throughout."""
    reasons = []
    lost = {name for name, it in changes.items() if it.action in (REPLACED, REMOVED)}
    for name in sorted(lost):
        if changes[name].type in ("AWS::Lambda::Function", "AWS::Lambda::Alias"):
            reasons.append(f"{name} is {changes[name].action} while requests go to it")
    later = addresses(after)
    stay = [
        address
        for address, resources in addresses(before).items()
        if address in later and not resources & lost
    ]
    # An address that the update adds is reached only once DNS has it.
    if not stay:
        reasons.append(f"none of the addresses stays: {', '.join(addresses(before)) or 'none'}")
    return reasons


def deletion(stack, undo_creation=False):
    """What deleting the stack, or undoing its failed creation, does to each resource."""
    changes = {}
    for name, resource in stack.items():
        policy = resource.attributes.get("DeletionPolicy", "Delete")
        kept = resource.retained("DeletionPolicy") and not (
            undo_creation and policy == "RetainExceptOnCreate"
        )
        it = Change(resource.type, REMOVED, deleted=not kept, retained=kept)
        # A table refuses to be deleted, and the stack ends in DELETE_FAILED or ROLLBACK_FAILED.
        protected = resource.properties.get("DeletionProtectionEnabled", False)
        if it.deleted and str(protected).lower() == "true":
            it.refused = "DeletionProtectionEnabled"
        changes[name] = it
    return changes
