"""Amazon Cognito, played by ministack: a user pool made by docs/providers.md through Cognito's API."""

import asyncio
import os
import secrets
import socket
import sys
import threading
import time

from double import ARGUMENTS, CONTROL, USER, fields, write_details

ORIGIN = f"https://localhost:{ARGUMENTS.port}"
REGION = "eu-central-1"
FOLDER = os.path.dirname(os.path.abspath(ARGUMENTS.details))
CERTIFICATE = f"{FOLDER}/ministack-tls/server.crt"

os.environ |= {
    "AUTH": "true",
    "AWS_ACCESS_KEY_ID": secrets.token_hex(),
    "AWS_SECRET_ACCESS_KEY": "test",
    "BIND_HOST": "127.0.0.1",
    "GATEWAY_PORT": ARGUMENTS.port,
    "MINISTACK_REGION": REGION,
    # The issuer of a pool is https, and so its endpoints must be. It makes a certificate in TMPDIR.
    "USE_SSL": "1",
    "TMPDIR": FOLDER,
    "STATE_DIR": f"{FOLDER}/state",
    "S3_DATA_DIR": f"{FOLDER}/s3",
    # They would listen on all interfaces.
    "IOT_MTLS_ENABLED": "0",
    "SFTP_ENABLED": "0",
    "LOG_LEVEL": "WARNING",
}

import boto3  # noqa: E402
import emulator  # noqa: E402  from dev/xtask/cloud: refuses other hosts and keys
from ministack.services import cognito  # noqa: E402

server = emulator.server
# It would also listen on the port that the issuer names.
server._port_is_bindable = lambda *_: False


CONTROLS = {"ends_at_once": False}
validity, app = cognito._token_validity, server.app


def token_validity(pool_id, client_id, token_type):
    """App clients can't ask for less than five minutes."""
    ends = token_type == "access" and CONTROLS["ends_at_once"]
    return 0 if ends else validity(pool_id, client_id, token_type)


async def with_control(scope, receive, send):
    if scope["type"] != "http" or scope["path"] != CONTROL:
        return await app(scope, receive, send)
    CONTROLS["ends_at_once"], refuse = fields((await receive())["body"])
    if refuse:
        await asyncio.to_thread(CONTROLS["refuse"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})


cognito._token_validity, server.app = token_validity, with_control


def is_up():
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(ARGUMENTS.port))) == 0


def set_up():
    while not is_up():
        time.sleep(0.05)
    aws = boto3.client("cognito-idp", REGION, endpoint_url=ORIGIN, verify=CERTIFICATE)
    pool = aws.create_user_pool(PoolName="users")["UserPool"]["Id"]
    aws.create_user_pool_domain(Domain="todos", UserPoolId=pool)
    for_users = ["ToDoList.Read", "ToDoList.ReadWrite"]
    for_machines = ["ToDoList.Read.All", "ToDoList.ReadWrite.All"]
    aws.create_resource_server(
        UserPoolId=pool,
        Identifier="todos",
        Name="todos",
        Scopes=[{"ScopeName": it, "ScopeDescription": it} for it in for_users + for_machines],
    )

    def client(name, **options):
        return aws.create_user_pool_client(
            UserPoolId=pool,
            ClientName=name,
            GenerateSecret=True,
            AllowedOAuthFlowsUserPoolClient=True,
            SupportedIdentityProviders=["COGNITO"],
            **options,
        )["UserPoolClient"]

    web = client(
        "web",
        CallbackURLs=[f"{ARGUMENTS.app}/callback"],
        LogoutURLs=[f"{ARGUMENTS.app}/signedout"],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "profile", *(f"todos/{it}" for it in for_users)],
    )
    machine = client(
        "machine",
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=[f"todos/{it}" for it in for_machines],
    )
    of_user = {"UserPoolId": pool, "Username": USER["username"]}
    aws.admin_create_user(
        **of_user,
        UserAttributes=[{"Name": "name", "Value": USER["name"]}],
        MessageAction="SUPPRESS",
    )
    aws.admin_set_user_password(**of_user, Password=USER["password"], Permanent=True)
    CONTROLS["refuse"] = lambda: aws.admin_user_global_sign_out(**of_user)
    write_details(
        ORIGIN,
        {
            "token_endpoint": f"{ORIGIN}/oauth2/token",
            "daemon": {
                "client_id": machine["ClientId"],
                "client_secret": machine["ClientSecret"],
                "scope": " ".join(machine["AllowedOAuthScopes"]),
            },
        },
        placeholders={
            "<region>": REGION,
            "<pool-id>": pool,
            "<web-app-client-id>": web["ClientId"],
            "<machine-client-id>": machine["ClientId"],
        },
        settings={
            "OIDC_CLIENT_ID": web["ClientId"],
            "OIDC_CLIENT_SECRET": web["ClientSecret"],
            # The host of the issuer is AWS's.
            "OIDC_METADATA_URL": f"{ORIGIN}/{pool}/.well-known/openid-configuration",
            "SSL_CERT_FILE": CERTIFICATE,
        },
    )


threading.Thread(target=set_up, daemon=True).start()
del sys.argv[1:]
server.main()
