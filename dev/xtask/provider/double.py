"""What the doubles in Python share: arguments, the details that they write, and how a test makes tokens
end."""

import argparse
import json
import os
import secrets
from urllib.parse import parse_qs

USER = {"username": "ada@example.com", "password": "Tollgate-dev-1", "name": "Ada Lovelace"}

parser = argparse.ArgumentParser()
parser.add_argument("--port", required=True, help="where to listen")
parser.add_argument("--app", required=True, help="the origin of the web app that signs in here")
parser.add_argument("--details", required=True, help="where to say, once it listens, how to use it")
ARGUMENTS = parser.parse_args()

CONTROL = "/dev/users/ada@example.com"
"""The path that takes a form with some of dev/idp's fields."""


def secret():
    return secrets.token_urlsafe(32)


def fields(body):
    """The form's fields: whether access tokens end at once, and whether refresh tokens end now."""
    form = parse_qs(body.decode())
    return "access_token_seconds" in form, "refresh_refused" in form


def write_details(origin, provider, **details):
    details |= {"provider": provider | {"users": [USER]}, "control": f"{origin}/dev"}
    with open(f"{ARGUMENTS.details}.new", "w") as file:
        json.dump(details, file)
    os.replace(f"{ARGUMENTS.details}.new", ARGUMENTS.details)
