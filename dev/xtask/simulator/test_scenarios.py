"""Each rule finds the fault that template.yaml would have without its protection."""

import copy
import unittest
from pathlib import Path

from scenarios import DOMAIN, UNPROTECTED, Scenario, teardown, update
from stack import read

TEMPLATE = read(Path(__file__).resolve().parents[3] / "template.yaml")
PARAMETERS_CHANGE = Scenario("", {"LogLevel": "DEBUG"}, publishes=True)


class Rules(unittest.TestCase):
    def setUp(self):
        self.template = copy.deepcopy(TEMPLATE)
        self.resources = self.template["Resources"]

    def faults(self, scenario, earlier=None):
        return "\n".join(update(self.template, scenario, earlier)[1])

    def test_a_previous_version_is_never_deleted(self):
        self.assertEqual(self.faults(PARAMETERS_CHANGE), "")
        del self.resources["WebFunction"]["UpdateReplacePolicy"]
        self.assertIn("previous version WebFunctionVersion", self.faults(PARAMETERS_CHANGE))

    def test_every_function_gets_a_new_version(self):
        del self.resources["WebFunction"]["Properties"]["VersionDescription"]
        self.assertIn("not every function", self.faults(PARAMETERS_CHANGE))

    def test_a_table_is_never_replaced(self):
        code = Scenario("", code="b", publishes=True)
        self.resources["SessionsTable"].pop("UpdateReplacePolicy", None)
        for table in ("SessionsTable", "TodosTable"):
            self.resources[table]["Properties"]["KeySchema"][0]["AttributeName"] = "other"
        faults = self.faults(code, TEMPLATE)
        self.assertIn("SessionsTable is replaced, and its data deleted", faults)
        self.assertIn("TodosTable is replaced by an empty one", faults)

    def test_a_domain_never_takes_the_place_of_the_only_address(self):
        both = DOMAIN | {"DisableExecuteApiEndpoint": "true"}
        self.assertIn("none of the addresses stays", self.faults(Scenario("", both, publishes=True)))

    def test_a_name_of_ones_own_never_blocks_a_replacement(self):
        self.resources["KeysTable"]["Properties"]["TableName"] = "keys"
        earlier = copy.deepcopy(self.template)
        self.resources["KeysTable"]["Properties"]["KeySchema"][0]["AttributeName"] = "other"
        faults = self.faults(Scenario("", code="b", publishes=True), earlier)
        self.assertIn("KeysTable is refused: it has a custom name", faults)

    def test_todos_stay_when_the_stack_goes(self):
        del self.resources["TodosTable"]["DeletionPolicy"]
        _, faults = teardown(self.template, UNPROTECTED, undo_creation=False)
        self.assertEqual(faults, ["the table TodosTable is deleted with its data"])

    def test_nothing_blocks_or_outlives_a_creation_that_fails(self):
        self.template["Parameters"]["DeletionProtection"]["Default"] = "true"
        self.resources["KeysTable"]["DeletionPolicy"] = "Retain"
        _, faults = teardown(self.template, {}, undo_creation=True)
        self.assertIn("TodosTable refuses to be deleted: DeletionProtectionEnabled", faults)
        self.assertIn("the table KeysTable stays although it was never used", faults)


if __name__ == "__main__":
    unittest.main()
