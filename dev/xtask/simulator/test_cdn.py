"""infra/cdn sends everything on, caches assets alone, and limits the routes that template.yaml has."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from scenarios import DOMAIN, PARAMETERS
from stack import TemplateError, parameter_values, read, resolved, translated

ROOT = Path(__file__).resolve().parents[3]
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def cdn():
    template = read(ROOT / "infra/cdn/template.yaml")
    given = {
        "DomainName": "todo.example.com",
        "HostedZoneId": "Z1D633PJN98FT9",
        "OriginDomainName": "origin.todo.example.com",
        "ClientCertificateArn": CERTIFICATE,
    }
    values = parameter_values(template["Parameters"], given)
    return resolved(template, values | {"AWS::Region": "us-east-1"})


def throttled_routes():
    """The routes of sign-in and logout, which have a throttle of their own."""
    api = read(ROOT / "template.yaml")["Resources"]["Api"]["Properties"]
    return {route.split()[1] for route in api["RouteSettings"]}


class Cache(unittest.TestCase):
    def setUp(self):
        self.config = cdn()["Distribution"].properties["DistributionConfig"]

    def test_nothing_but_assets_is_cached(self):
        for it in [self.config["DefaultCacheBehavior"], *self.config["CacheBehaviors"]]:
            if it.get("PathPattern") == "/assets/*":
                self.assertNotIn("OriginRequestPolicyId", it, "neither cookies nor queries")
                self.assertEqual(it["AllowedMethods"], ["GET", "HEAD"])
            else:
                self.assertEqual(it["CachePolicyId"], CACHING_DISABLED)
                self.assertEqual(it["OriginRequestPolicyId"], ALL_VIEWER_EXCEPT_HOST_HEADER)
                self.assertEqual(len(it["AllowedMethods"]), 7)

    def test_it_connects_to_the_origin_by_its_certificate(self):
        (origin,) = self.config["Origins"]
        config = origin["CustomOriginConfig"]
        self.assertEqual(config["OriginProtocolPolicy"], "https-only")
        self.assertEqual(config["OriginMtlsConfig"], {"ClientCertificateArn": CERTIFICATE})


class Firewall(unittest.TestCase):
    def setUp(self):
        stack = cdn()
        rules = stack["Firewall"].properties["Rules"]
        self.rules = {rule["Name"]: rule for rule in rules}
        self.logging = stack["FirewallLogging"].properties

    def rate(self, name):
        return self.rules[name]["Statement"]["RateBasedStatement"]

    def test_the_lower_rate_is_for_sign_in_and_logout_of_browsers(self):
        regex = self.rate("sign-ins")["ScopeDownStatement"]["RegexMatchStatement"]["RegexString"]
        routes = throttled_routes()
        limited = {route for route in routes if re.search(regex, route)}
        self.assertEqual(routes - limited, {"/backchannel-logout"})
        for other in ["/", "/session", "/signedout", "/signout", "/api/todos", "/assets/a.js"]:
            self.assertIsNone(re.search(regex, other), other)

    def test_logouts_of_the_provider_have_no_rate_by_address(self):
        self.assertIn("/backchannel-logout", throttled_routes())
        exempt = self.rate("requests")["ScopeDownStatement"]["NotStatement"]["Statement"]
        self.assertEqual(exempt["ByteMatchStatement"]["SearchString"], "/backchannel-logout")
        self.assertEqual(exempt["ByteMatchStatement"]["PositionalConstraint"], "EXACTLY")

    def test_no_credential_is_logged(self):
        redacted = str(self.logging["RedactedFields"])
        for field in ["authorization", "cookie", "dpop", "QueryString"]:
            self.assertIn(field, redacted)
        for rule in self.rules.values():
            self.assertIs(rule["VisibilityConfig"]["SampledRequestsEnabled"], False)


class Lock(unittest.TestCase):
    LOCK = DOMAIN | {
        "TruststoreUri": "s3://tollgate-truststore-1/truststore-1.pem",
        "DisableExecuteApiEndpoint": "true",
        "PublicUrl": "https://cdn.example.com",
    }

    def test_the_domain_asks_for_a_certificate(self):
        domain = translated(read(ROOT / "template.yaml"), PARAMETERS | self.LOCK)["Domain"]
        expected = {"TruststoreUri": self.LOCK["TruststoreUri"]}
        self.assertEqual(domain.properties["MutualTlsAuthentication"], expected)
        domain = translated(read(ROOT / "template.yaml"), PARAMETERS | DOMAIN)["Domain"]
        self.assertNotIn("MutualTlsAuthentication", domain.properties)

    def test_a_lock_that_can_be_walked_around_is_refused(self):
        for without in ["DisableExecuteApiEndpoint", "PublicUrl", "DomainName"]:
            given = {name: value for name, value in self.LOCK.items() if name != without}
            with self.assertRaises(TemplateError, msg=without):
                translated(read(ROOT / "template.yaml"), PARAMETERS | given)

    def test_the_commands_make_a_client_certificate_that_the_truststore_accepts(self):
        self.assertTrue(shutil.which("openssl"), "install openssl")
        text = (ROOT / "infra/cdn/README.md").read_text()
        (commands,) = [it for it in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "openssl" in it]
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "aws").write_text('#!/bin/sh\necho "$@" >> called\n')
            (Path(folder) / "aws").chmod(0o755)
            environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "BUCKET": "b"}

            def run(*command):
                return subprocess.run(
                    command, cwd=folder, env=environment, check=True, capture_output=True, text=True
                ).stdout

            run("bash", "-e", "-c", commands)
            called = (Path(folder) / "called").read_text()
            self.assertIn("acm import-certificate --region us-east-1", called)
            verify = ["openssl", "verify", "-purpose", "sslclient", "-CAfile", "truststore.pem"]
            self.assertEqual(run(*verify, "client.pem"), "client.pem: OK\n")
            self.assertEqual(list(Path(folder).glob("*.key")), [], "no key is left")


if __name__ == "__main__":
    unittest.main()
