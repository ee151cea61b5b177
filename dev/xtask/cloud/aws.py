"""Calls AWS for a program that speaks JSON: one line a call, one line an answer.

    echo '["dynamodb", "list_tables", {}]' | python aws.py

The AWS command line takes most of a second for each call, and the tests make hundreds.
"""

import json
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

CLIENTS = {}


def call(service, operation, parameters):
    client = CLIENTS.setdefault(service, None) or boto3.client(service)
    CLIENTS[service] = client
    return getattr(client, operation)(**parameters)


for line in sys.stdin:
    try:
        answer = {"ok": call(*json.loads(line))}
    except (BotoCoreError, ClientError) as error:
        answer = {"error": str(error)}
    print(json.dumps(answer, default=str), flush=True)
