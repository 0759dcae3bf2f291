"""The API describes itself, to whoever is signed in."""

import secrets
from string import Template
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from service.core.http import ActorDep

router = APIRouter(include_in_schema=False)

PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Greenkeep API</title>
<link rel="icon" href="/static/vendor/swagger-ui/favicon-32x32.png">
<link rel="stylesheet" href="/static/vendor/swagger-ui/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/static/vendor/swagger-ui/swagger-ui-bundle.js" nonce="$nonce"></script>
<script nonce="$nonce">SwaggerUIBundle({url: "openapi.json", dom_id: "#api", validatorUrl: null})</script>
</body>
</html>
""")


@router.get("/openapi.json")
def read_openapi(request: Request, _actor: ActorDep) -> dict[str, Any]:
    """Return the description of every operation."""
    description: dict[str, Any] = request.app.openapi()
    return description


@router.get("/docs")
def read_docs(_actor: ActorDep) -> Response:
    """Show the description to people; the scripts are our own copies."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(PAGE.substitute(nonce=nonce), headers={"Content-Security-Policy": policy})
