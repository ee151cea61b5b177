"""The runbook's procedures, and those that AWS makes fail."""

import functools
import re
import unittest
from pathlib import Path

from release import DeploymentError, Release
from scenarios import PARAMETERS
from stack import read, translated

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = read(ROOT / "template.yaml")


@functools.cache
def stack(code, *parameters):
    return translated(TEMPLATE, PARAMETERS | dict(parameters), code)


class Procedure(unittest.TestCase):
    def setUp(self):
        self.release = Release()
        self.aws = self.release.aws
        self.deploy("a")

    def deploy(self, code, **parameters):
        self.release.deploy(stack(code, *parameters.items()))

    def fails(self, why, code, **parameters):
        before = self.aws.alias.version
        with self.assertRaisesRegex(DeploymentError, why):
            self.deploy(code, **parameters)
        # Whatever fails, requests still meet what they met before.
        self.assertEqual((self.aws.alias.version, self.aws.alias.weights), (before, {}))


class GoBack(Procedure):
    def test_moving_the_alias_by_hand_blocks_the_next_deployment(self):
        self.deploy("b")
        self.aws.point_alias(1)
        self.fails("does not match", "c")

    def test_deploying_the_earlier_commit_goes_back_and_blocks_nothing(self):
        first = self.release.state(self.release.stack)
        self.deploy("b")
        self.deploy("a")
        self.assertEqual((self.aws.running(), self.aws.alias.version), (first, 3))
        self.deploy("c")

    def test_an_immediate_deployment_repairs_an_alias_that_was_moved_by_hand(self):
        self.deploy("b")
        self.aws.point_alias(1)
        self.fails("does not match", "c")
        # `cargo xtask deploy` sets Restart after an update that was rolled back.
        self.deploy("c", Deployment="None", Restart="1")
        self.deploy("d", Restart="1")

    def test_going_back_at_once_blocks_nothing(self):
        self.deploy("b")
        self.release.alarm = True
        self.deploy("a", Deployment="None")
        self.release.alarm = False
        self.deploy("c")

    def test_the_version_before_a_change_of_parameters_stays(self):
        self.deploy("a", LogLevel="DEBUG")
        self.assertEqual(list(self.aws.versions), [1, 2])


class Restart(Procedure):
    def test_publishing_and_moving_the_alias_by_hand_blocks_the_next_deployment(self):
        self.aws.latest = "another description"
        self.aws.point_alias(self.aws.publish())
        self.fails("does not match", "b")

    def test_restart_makes_new_instances_and_blocks_nothing(self):
        for restart in ("1", "2"):
            before = self.aws.alias.version
            self.deploy("a", Restart=restart)
            self.assertEqual(self.aws.alias.version, before + 1)
        self.deploy("b", Restart="2")

    def test_the_same_restart_is_no_deployment(self):
        self.deploy("a", Restart="1")
        self.fails("nothing changes", "a", Restart="1")


class AlarmOn(Procedure):
    def test_a_gradual_deployment_of_a_fix_is_stopped(self):
        self.release.alarm = True
        self.fails("ALARM_ACTIVE", "fix")

    def test_all_at_once_is_stopped_too(self):
        self.release.alarm = True
        self.fails("ALARM_ACTIVE", "fix", Deployment="AllAtOnce")

    def test_none_deploys_it_and_the_next_deployment_is_gradual_again(self):
        self.release.alarm = True
        self.deploy("fix", Deployment="None")
        self.assertEqual(self.aws.alias.version, 2)
        self.fails("ALARM_ACTIVE", "another")
        self.release.alarm = False
        self.deploy("next")

    def test_none_after_an_attempt_that_was_stopped(self):
        self.release.alarm = True
        self.fails("ALARM_ACTIVE", "fix")
        # That attempt has left a version with this code.
        self.fails("exists", "fix", Deployment="None")
        self.deploy("fix", Deployment="None", Restart="1")


class CanaryRolledBack(Procedure):
    def setUp(self):
        super().setUp()
        self.release.alarm_during = True
        self.fails("rolled back", "b")
        self.release.alarm_during = False

    def test_the_same_code_again_fails(self):
        self.fails("exists", "b")

    def test_the_same_code_with_restart_deploys(self):
        self.deploy("b", Restart="1")
        self.assertEqual(self.aws.running(), self.release.state(self.release.stack))

    def test_other_code_deploys(self):
        self.deploy("c")

    def test_parameters_that_were_rolled_back_deploy_again(self):
        self.release.alarm_during = True
        self.fails("rolled back", "a", LogLevel="DEBUG")
        self.release.alarm_during = False
        self.deploy("a", LogLevel="DEBUG")


class Runbook(unittest.TestCase):
    def test_it_changes_no_function_version_or_alias_by_hand(self):
        text = (ROOT / "docs/runbook.md").read_text()
        # But for old versions, which no deployment needs.
        old = r"function [^\n]*--qualifier"
        change = rf"update-alias|publish-version|update-function-\w+|delete-(?!{old})\w+"
        by_hand = rf"aws lambda (?:{change})"
        self.assertEqual(re.findall(by_hand, text), [])


if __name__ == "__main__":
    unittest.main()
