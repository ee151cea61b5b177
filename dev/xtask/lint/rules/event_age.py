"""Events that are gone before their last retry."""

from cfnlint.rules import CloudFormationLintRule, RuleMatch

# Seconds before the first and before the second retry.
WAITS = (60, 120)
DEFAULT_TIMEOUT = 3


class EventAge(CloudFormationLintRule):
    """After an error, Lambda waits one minute before the first retry of an asynchronous invocation,
    and two more before the second. An event that is older than `MaximumEventAgeInSeconds` by then is
    dropped: the retry never happens, and an alarm that counts all runs never goes off.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    """

    id = "E9007"
    shortdesc = "An event lives until its last retry"
    description = "Lambda drops an event that is older than MaximumEventAgeInSeconds"
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"

    def match(self, cfn):
        for name, config in cfn.get_resources("AWS::Lambda::EventInvokeConfig").items():
            properties = config.get("Properties", {})
            age = properties.get("MaximumEventAgeInSeconds")
            retries = properties.get("MaximumRetryAttempts", len(WAITS))
            if not isinstance(age, int) or not isinstance(retries, int):
                continue
            function = cfn.get_resources().get(properties.get("FunctionName", {}).get("Ref"), {})
            timeout = function.get("Properties", {}).get("Timeout", DEFAULT_TIMEOUT)
            # Each run before the last retry may take until its timeout.
            needed = sum(WAITS[:retries]) + retries * timeout
            if age <= needed:
                path = ["Resources", name, "Properties", "MaximumEventAgeInSeconds"]
                yield RuleMatch(path, f"{retries} retries need an age of more than {needed} seconds")
