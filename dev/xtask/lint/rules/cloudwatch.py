"""Limits of alarms and the syntax of search expressions."""

import re

from cfnlint.rules import CloudFormationLintRule, RuleMatch

MOST_METRICS = 10


class AlarmMetrics(CloudFormationLintRule):
    """ "An alarm based on a metric math expression" takes at most 10 metrics, and no `SEARCH`, which
    may return several time series. CloudFormation's schema has neither limit; `PutMetricAlarm`
    refuses the alarm.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html
    """

    id = "E9001"
    shortdesc = "An alarm reads at most 10 metrics and searches for none"
    description = "PutMetricAlarm refuses more than 10 metrics, and SEARCH in an expression"
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html"

    def match(self, cfn):
        for name, alarm in cfn.get_resources("AWS::CloudWatch::Alarm").items():
            path = ["Resources", name, "Properties", "Metrics"]
            metrics = alarm.get("Properties", {}).get("Metrics", [])
            count = sum("MetricStat" in metric for metric in metrics)
            if count > MOST_METRICS:
                yield RuleMatch(path, f"{name} reads {count} metrics; an alarm takes {MOST_METRICS}")
            for at, metric in enumerate(metrics):
                if "SEARCH(" in str(metric.get("Expression")):
                    yield RuleMatch([*path, at], f"{name} searches for metrics, as no alarm can")


class SearchNamespace(CloudFormationLintRule):
    """A namespace with other characters than letters, digits and `/` is in double quotation marks;
    the name of a stack may have a hyphen.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
    """

    id = "E9002"
    shortdesc = "The namespace of a search expression is quoted"
    description = "CloudWatch refuses SEARCH with a namespace that has a hyphen and no quotes"
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"
    namespaces = re.compile(r"SEARCH\(\s*'\s*\{\s*((?:\$\{[^}]*\}|[^,}])*)")

    def match(self, cfn):
        for path, text in texts(cfn.template.get("Resources", {}), ["Resources"]):
            # In a dashboard's JSON, each quote has a backslash.
            for namespace in self.namespaces.findall(text.replace("\\", "")):
                if not re.fullmatch(r'[A-Za-z0-9/]+|"[^"]+"', namespace.strip()):
                    yield RuleMatch(path, f'the namespace {namespace} needs quotes: "{namespace}"')


def texts(value, path):
    """Every text in a value, with its path."""
    if isinstance(value, str):
        yield path, value
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, member in items:
        yield from texts(member, [*path, key])
