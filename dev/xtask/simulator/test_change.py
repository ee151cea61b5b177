import unittest

from change import compare, deletion, interrupted
from stack import TemplateError, resolved, translated


def stack(resources, conditions=None, **values):
    return resolved({"Resources": resources, "Conditions": conditions or {}}, values)


def table(**attributes):
    properties = {
        "KeySchema": [{"AttributeName": {"Ref": "Key"}, "KeyType": "HASH"}],
        "BillingMode": {"Ref": "Mode"},
        "DeletionProtectionEnabled": True,
    }
    return {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties, **attributes}}


def api(**properties):
    stage = {"ApiId": {"Ref": "Api"}, "StageName": "$default"}
    return {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "a", **properties}},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": stage},
    }


DOMAIN = {
    "Domain": {
        "Type": "AWS::ApiGatewayV2::DomainName",
        "Properties": {"DomainName": "todo.example.com"},
    },
    "Mapping": {
        "Type": "AWS::ApiGatewayV2::ApiMapping",
        "Properties": {
            "ApiId": {"Ref": "Api"},
            "DomainName": {"Ref": "Domain"},
            "Stage": {"Ref": "Stage"},
        },
    },
}


class Tables(unittest.TestCase):
    def change(self, after, **attributes):
        before = stack(table(**attributes), Key="id", Mode="PROVISIONED")
        return compare(before, stack(table(**attributes), **after))["Table"]

    def test_one_with_another_key_is_replaced_and_its_data_deleted(self):
        it = self.change({"Key": "other", "Mode": "PROVISIONED"})
        self.assertEqual((it.action, it.deleted, it.properties), ("replaced", True, ["KeySchema"]))

    def test_update_replace_policy_keeps_the_old_one(self):
        it = self.change({"Key": "other", "Mode": "PROVISIONED"}, UpdateReplacePolicy="Retain")
        self.assertEqual((it.action, it.deleted, it.retained), ("replaced", False, True))

    def test_deletion_policy_does_not(self):
        it = self.change({"Key": "other", "Mode": "PROVISIONED"}, DeletionPolicy="Retain")
        self.assertTrue(it.deleted)

    def test_another_billing_mode_updates_it_in_place(self):
        it = self.change({"Key": "id", "Mode": "PAY_PER_REQUEST"})
        self.assertEqual((it.action, it.properties), ("updated", ["BillingMode"]))

    def test_a_condition_that_turns_false_deletes_it(self):
        resources = table(Condition="Kept")
        conditions = {"Kept": {"Fn::Equals": [{"Ref": "Keep"}, "true"]}}
        before, after = (
            stack(resources, conditions, Key="id", Mode="PROVISIONED", Keep=keep)
            for keep in ("true", "false")
        )
        it = compare(before, after)["Table"]
        self.assertEqual((it.action, it.deleted), ("removed", True))

    def test_a_protected_one_refuses_to_go_with_its_stack(self):
        before = stack(table(), Key="id", Mode="PROVISIONED")
        self.assertEqual(deletion(before)["Table"].refused, "DeletionProtectionEnabled")

    def test_retain_except_on_create_keeps_it_unless_the_creation_failed(self):
        before = stack(table(DeletionPolicy="RetainExceptOnCreate"), Key="id", Mode="PROVISIONED")
        self.assertTrue(deletion(before)["Table"].retained)
        self.assertTrue(deletion(before, undo_creation=True)["Table"].deleted)

    def test_a_custom_name_refuses_a_replacement(self):
        resources = table()
        resources["Table"]["Properties"]["TableName"] = "todos"
        before, after = (stack(resources, Key=key, Mode="PROVISIONED") for key in ("id", "other"))
        self.assertIn("custom name", compare(before, after)["Table"].refused)


class References(unittest.TestCase):
    def resources(self, how):
        return {
            "Configuration": {
                "Type": "AWS::AppConfig::HostedConfigurationVersion",
                "Properties": {"Content": {"Ref": "Content"}},
            },
            "Version": {
                "Type": "AWS::Lambda::Version",
                "Properties": {"FunctionName": "web", "Description": how},
            },
            "Alias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {
                    "Name": "live",
                    "FunctionName": "web",
                    "FunctionVersion": {"Fn::GetAtt": "Version.Version"},
                },
            },
        }

    def test_what_refers_to_a_replaced_resource_changes_with_it(self):
        for how in [{"Ref": "Configuration"}, {"Fn::Sub": "parameters ${Configuration}"}]:
            before, after = (stack(self.resources(how), Content=text) for text in ("a", "b"))
            changes = compare(before, after)
            actions = {name: it.action for name, it in changes.items()}
            expected = {"Configuration": "replaced", "Version": "replaced", "Alias": "updated"}
            self.assertEqual(actions, expected)

    def test_nothing_else_does(self):
        before, after = (stack(self.resources("same"), Content=text) for text in ("a", "b"))
        self.assertEqual(compare(before, after)["Alias"].action, "unchanged")


class Addresses(unittest.TestCase):
    def reasons(self, before, after):
        before, after = stack(before), stack(after)
        return interrupted(before, after, compare(before, after))

    def test_a_domain_beside_the_apis_own_address_interrupts_nothing(self):
        self.assertEqual(self.reasons(api(), api() | DOMAIN), [])

    def test_one_in_its_place_does(self):
        for disabled in [
            {"DisableExecuteApiEndpoint": True},
            # As SAM writes it.
            {"Body": {"servers": [{"x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True}}]}},
        ]:
            reasons = self.reasons(api(), api(**disabled) | DOMAIN)
            self.assertEqual(reasons, ["none of the addresses stays: Api.execute-api"])

    def test_the_apis_own_address_may_go_once_there_is_a_domain(self):
        after = api(DisableExecuteApiEndpoint=True) | DOMAIN
        self.assertEqual(self.reasons(api() | DOMAIN, after), [])

    def test_another_protocol_replaces_the_api_and_so_its_address(self):
        reasons = self.reasons(api(ProtocolType="HTTP"), api(ProtocolType="WEBSOCKET"))
        self.assertEqual(reasons, ["none of the addresses stays: Api.execute-api"])

    def test_another_stage_replaces_the_one_that_answers(self):
        after = api()
        after["Stage"]["Properties"]["StageName"] = "v2"
        reasons = self.reasons(api(), after)
        self.assertEqual(reasons, ["none of the addresses stays: Api.execute-api"])

    def test_an_alias_that_goes_interrupts(self):
        before, after = stack(api() | References().resources("same"), Content="a"), stack(api())
        reasons = interrupted(before, after, compare(before, after))
        self.assertEqual(reasons, ["Alias is removed while requests go to it"])


class Parameters(unittest.TestCase):
    def test_those_that_cloudformation_refuses_are_refused(self):
        declared = {
            "Mode": {"Type": "String", "AllowedValues": ["on", "off"], "Default": "on"},
            "Name": {"Type": "String", "AllowedPattern": "[a-z]+"},
        }
        rules = {"Both": {"Assertions": [{
            "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Name"}, "none"]}]},
            "AssertDescription": "a name",
        }]}}
        template = {"Parameters": declared, "Resources": {}, "Rules": rules}
        for given in [{}, {"Name": "A"}, {"Name": "a", "Mode": "x"}, {"Name": "a", "X": ""}, {"Name": "none"}]:
            with self.assertRaises(TemplateError, msg=given):
                translated(template, given)
        self.assertEqual(translated(template, {"Name": "a"}), {})


if __name__ == "__main__":
    unittest.main()
