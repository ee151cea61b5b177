"""Each rule on a template with its fault: it must find what is named `Bad…`, and nothing else."""

import re
import unittest
from pathlib import Path

from lint import RULES, lint, translated

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.yaml"))
TEMPLATE = Path(__file__).parents[3] / "template.yaml"


class Rules(unittest.TestCase):
    def test_each_rule_finds_its_fault_and_nothing_else(self):
        for path in FIXTURES:
            rule = path.name.split("_")[0]
            named = set(re.findall(r"^  (Bad\w*):", path.read_text(), re.MULTILINE))
            found = [match for match in lint(path) if match[0] == rule]
            with self.subTest(path.name):
                self.assertTrue(named)
                # A function's version has its name and a hash.
                places = {place.split("/")[1].split("Version")[0] for _, place, _ in found}
                self.assertEqual(places, named)
                # It says what to do about which one.
                self.assertTrue(all(message for *_, message in found))

    def test_each_rule_has_a_fixture_and_names_its_source(self):
        rules = {rule.id: rule for rule in RULES}
        self.assertEqual(len(rules), len(RULES))
        self.assertEqual({path.name.split("_")[0] for path in FIXTURES}, set(rules))
        for rule in rules.values():
            self.assertIn("https://docs.aws.amazon.com/", rule.__doc__)


class Translation(unittest.TestCase):
    def test_deployment_none_moves_aliases_without_codedeploy(self):
        for deployment, codedeploy in (("None", False), ("AllAtOnce", True)):
            resources = translated(TEMPLATE, {"Deployment": deployment})["Resources"].values()
            with self.subTest(deployment):
                kinds = {resource["Type"] for resource in resources}
                self.assertEqual("AWS::CodeDeploy::Application" in kinds, codedeploy)
                aliases = [it for it in resources if it["Type"] == "AWS::Lambda::Alias"]
                policies = sum("UpdatePolicy" in alias for alias in aliases)
                self.assertEqual(policies, len(aliases) - 1 if codedeploy else 0)


if __name__ == "__main__":
    unittest.main()
