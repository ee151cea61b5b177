"""Lambda's versions and aliases, CodeDeploy, and a stack's updates, as a state machine.

It knows one function of a translated stack, and the changes to it from `change.compare`. Each rule
of AWS names its source.
"""

import itertools
import json
import re
from dataclasses import dataclass, field

from change import CREATED, REMOVED, REPLACED, compare
from stack import references


class DeploymentError(Exception):
    """The update fails, and CloudFormation goes back to what was there before."""


@dataclass
class Alias:
    version: int
    # The share of requests of a second version while CodeDeploy moves the alias.
    weights: dict = field(default_factory=dict)


class Lambda:
    """One function: its code and configuration, versions and the alias that requests use."""

    def __init__(self):
        self.latest = None
        self.versions = {}
        self.alias = None

    def publish(self):
        """https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html: "Lambda doesn't
        publish a version if the function's configuration and code haven't changed since the last
        version", and the response is the last one."""
        last = max(self.versions, default=0)
        if last and self.versions.get(last) == self.latest:
            return last
        self.versions[last + 1] = self.latest
        return last + 1

    def point_alias(self, version):
        """UpdateAlias, by hand or by CloudFormation."""
        if version not in self.versions:
            raise DeploymentError(f"version {version} does not exist")
        self.alias = Alias(version)

    def running(self):
        """The code and configuration that all requests meet."""
        return self.versions[self.alias.version]


class Release:
    """A stack, seen from one of its functions."""

    def __init__(self, function="WebFunction"):
        self.function, self.alias = function, f"{function}Aliaslive"
        self.aws = Lambda()
        self.stack = None
        # The physical version that CloudFormation knows, and the numbers of the configuration.
        self.version = None
        self.numbers = itertools.count(1)
        self.configuration = None
        # Whether an alarm is on before a deployment, or goes on while requests move.
        self.alarm = False
        self.alarm_during = False

    def deploy(self, stack):
        """`sam deploy`: an update of the stack, with CodeDeploy where the alias asks for it."""
        before = self.stack or {}
        changes = compare(before, stack)
        if all(it.action == "unchanged" for it in changes.values()):
            # CloudFormation: "No updates are to be performed."
            raise DeploymentError("nothing changes")
        held = (self.aws.latest, self.configuration)
        if self.replaced(changes, "AWS::AppConfig::HostedConfigurationVersion"):
            self.configuration = next(self.numbers)
        self.aws.latest = self.state(stack)
        version = self.version
        try:
            if self.replaced(changes, "AWS::Lambda::Version"):
                version = self.publish()
            self.move(stack, version, known=self.version)
        except DeploymentError:
            # Rollback: function and configuration go back. SAM's DeletionPolicy Retain keeps the
            # version that the failed update published.
            self.aws.latest, self.configuration = held
            raise
        self.clean_up(changes, version)
        self.stack, self.version = stack, version

    def replaced(self, changes, kind):
        """Whether the function gets a new one of that type."""
        of = {n for n, it in changes.items() if it.type == kind and it.action in (CREATED, REPLACED)}
        return {n for n in of if "Version" not in n or n.startswith(self.function)}

    def state(self, stack):
        """Code and configuration as Lambda holds them, with the number of the configuration."""
        properties = dict(stack[self.function].properties)
        return json.dumps([properties, self.configuration], sort_keys=True)

    def publish(self):
        """aws/aws-cdk#28252, "Version already exists"; aws/serverless-application-model#1375: the
        version that PublishVersion returns belongs to an earlier resource."""
        last = max(self.aws.versions, default=0)
        version = self.aws.publish()
        if version == last:
            raise DeploymentError(f"a version for this function exists ({version})")
        return version

    def move(self, stack, version, known):
        if self.aws.alias is None:
            self.aws.alias = Alias(version)
            return
        if version == known:
            # CloudFormation sees no change of the alias, and leaves it.
            return
        gradual = stack[self.alias].attributes.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
        if not gradual:
            self.aws.point_alias(version)
            return
        (name,) = references(gradual["DeploymentGroupName"])
        group = stack[name].properties
        if not re.search(r"AllAtOnce|Canary|Linear", json.dumps(group["DeploymentConfigName"])):
            raise DeploymentError(f"no deployment configuration {group['DeploymentConfigName']}")
        self.code_deploy(version, known, self.alarms(group))

    @staticmethod
    def alarms(group):
        """aws/serverless-application-model#2452: alarms that leave the template stay in the
        deployment group; only Enabled: false turns them off."""
        configuration = group.get("AlarmConfiguration") or {"Enabled": True}
        return str(configuration.get("Enabled")).lower() == "true"

    def code_deploy(self, version, known, alarms):
        """A deployment from the version that CloudFormation knows to the next."""
        # aws/serverless-application-model#291
        if self.aws.alias.version != known:
            raise DeploymentError("the alias' version does not match the current version")
        # aws/serverless-application-model#716; the deployment stops before it moves anything.
        if alarms and self.alarm:
            raise DeploymentError("ALARM_ACTIVE")
        self.aws.alias.weights = {version: 0.1}
        if alarms and self.alarm_during:
            # DEPLOYMENT_STOP_ON_ALARM: CodeDeploy rolls back.
            self.aws.alias = Alias(known)
            raise DeploymentError("rolled back by an alarm")
        self.aws.alias = Alias(version)

    def clean_up(self, changes, version):
        """CloudFormation deletes what was replaced or removed and is not retained."""
        for name, it in changes.items():
            ours = it.type == "AWS::Lambda::Version" and name.startswith(self.function)
            if ours and it.deleted and it.action in (REPLACED, REMOVED):
                self.aws.versions.pop(self.version, None)
