"""canaille, an OpenID provider in Python. Its access tokens have no scopes, and those of machines are
opaque."""

import json

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc.provider import RevocationEndpoint
from flask import request
from werkzeug.serving import make_server

from double import ARGUMENTS, CONTROL, USER, fields, secret, write_details

ORIGIN = f"http://localhost:{ARGUMENTS.port}"
ends_at_once = False

app = create_app(
    config={
        "SECRET_KEY": secret(),
        "SERVER_NAME": f"localhost:{ARGUMENTS.port}",
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False},
        "CANAILLE_OIDC": {},
    }
)


@app.before_request
def control():
    """A route would require canaille's form token."""
    global ends_at_once
    if request.path != CONTROL:
        return None
    ends_at_once, refuse = fields(request.get_data())
    for token in Backend.instance.query(models.Token) if refuse else []:
        RevocationEndpoint.revoke_token(None, token, None)
    return ""


@app.after_request
def with_lifetime(response):
    """A refresh token ends with its access token here, so only what is said of that is changed."""
    if ends_at_once and "expires_in" in (response.get_json(silent=True) or {}):
        response.data = json.dumps(response.get_json() | {"expires_in": 0})
    return response


with app.app_context():
    Backend.instance.save(
        models.User(
            user_name=USER["username"],
            formatted_name=USER["name"],
            family_name=USER["name"],
            emails=[USER["username"]],
            password=USER["password"],
        )
    )
    web = models.Client(
        client_id="tollgate-web",
        client_secret=secret(),
        client_name="Tollgate",
        # Of a trusted domain: no consent.
        client_uri=ARGUMENTS.app,
        redirect_uris=[f"{ARGUMENTS.app}/callback"],
        post_logout_redirect_uris=[f"{ARGUMENTS.app}/signedout"],
        grant_types=["authorization_code", "refresh_token"],
        response_types=["code"],
        scope=["openid", "profile", "email"],
        token_endpoint_auth_method="client_secret_basic",
    )
    Backend.instance.save(web)
    web.audience = [web]
    Backend.instance.save(web)

server = make_server("127.0.0.1", int(ARGUMENTS.port), app, threaded=True)
write_details(
    ORIGIN,
    {"issuer": ORIGIN, "token_endpoint": f"{ORIGIN}/oauth/token"},
    settings={
        "OIDC_ISSUER": ORIGIN,
        "OIDC_CLIENT_ID": web.client_id,
        "OIDC_CLIENT_SECRET": web.client_secret,
        # It signs with RS512 unless a client asks for another algorithm.
        "OIDC_ALGORITHMS": "RS256 RS512",
        "OIDC_SCOPES": "email",
        "API_AUDIENCE": web.client_id,
        "API_SESSION_SCOPES": "ToDoList.Read ToDoList.ReadWrite",
    },
)
server.serve_forever()
