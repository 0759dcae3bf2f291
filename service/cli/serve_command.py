"""greenkeep serve."""

import gc
import ipaddress
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from service.app import create_app
from service.cli import running
from service.cli.certificates import SERVER, refuse_unfit
from service.core.dates import system_clock
from service.core.errors import Invalid
from service.core.i18n import N_
from service.core.settings import Settings
from service.doctor import refuse_unsafe, remarks


class UnsafeBind(Invalid):
    """Plain http on more than loopback carries cookies in the open."""

    code, message = (
        "unsafe_bind",
        N_(
            "Plain http on {host} is unsafe. Serve with --tls, or behind a proxy that ends TLS, named by --proxy, "
            "or say --insecure-http."
        ),
    )


class BadProxy(Invalid):
    """A proxy is known by its address."""

    code, message = "bad_proxy", N_("{text} is not the address of a proxy.")


SOON = N_("The server's certificate runs out on {day}. Run: greenkeep tls renew")


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=running.port, default=8000)
    parser.add_argument("--tls", action="store_true", help="serve https with the certificate of `greenkeep tls init`")
    parser.add_argument("--proxy", default="", metavar="ADDRESS,…", help="let only these proxies in; they end TLS")
    parser.add_argument("--insecure-http", action="store_true", help="serve plain http on more than loopback")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Serve until interrupted."""
    settings = running.settings()
    asked = {
        "tls": settings.tls or arguments.tls,
        "proxy": arguments.proxy or settings.proxy,
        "insecure_http": settings.insecure_http or arguments.insecure_http,
    }
    serve(settings.model_copy(update=asked), host=arguments.host, port=arguments.port)
    return 0


def serve(settings: Settings, *, host: str, port: int, notes: Sequence[str] = ()) -> None:
    """Serve the pages and the API, on SQLite with a worker; on PostgreSQL `greenkeep worker` is one.

    The address, and the notes below it, are printed once it answers.
    """
    proxies = _addresses(settings.proxy)
    if not (settings.tls or proxies or settings.insecure_http or _is_loopback(host)):
        raise UnsafeBind(host=host)
    refuse_unsafe(settings)
    if settings.tls and (until := refuse_unfit(settings.certificates, system_clock())):
        running.tell(SOON, day=until.date())
    app: ASGIApp = create_app(settings, works=not settings.database_url)
    for remark in remarks():
        running.tell(remark)
    if proxies:
        app = _Behind(app, proxies)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ssl_certfile=settings.certificates / f"{SERVER}.crt" if settings.tls else None,
        ssl_keyfile=settings.certificates / f"{SERVER}.key" if settings.tls else None,
    )
    shown = f"[{host}]" if ":" in host else host
    freeze()
    _Server(config, [*notes, f"http{'s' if settings.tls else ''}://{shown}:{port}"]).run()


def freeze() -> None:
    """Spare what is loaded from the garbage collector: it looked through all of it once in some sixty requests.

    The one whom that met waited a quarter of a second longer.
    """
    gc.collect()
    gc.freeze()


def _addresses(text: str) -> list[str]:
    """Read the proxies' addresses."""
    try:
        return [str(ipaddress.ip_address(part.strip())) for part in text.split(",") if part.strip()]
    except ValueError:
        raise BadProxy(text=text) from None


class _Behind:
    """Lets the proxies in and nobody else, and believes what they say of who called, and how."""

    def __init__(self, app: Any, proxies: list[str]) -> None:
        self.app: Any = ProxyHeadersMiddleware(app, trusted_hosts=proxies)  # one interface under two libraries' names
        self.proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        caller = scope.get("client") or ("", 0)
        if scope["type"] == "http" and caller[0] not in self.proxies:
            await PlainTextResponse("Only by way of the proxy.\n", 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class _Server(uvicorn.Server):
    """Says where it is as soon as it answers, and not before."""

    def __init__(self, config: uvicorn.Config, notes: Sequence[str]) -> None:
        super().__init__(config)
        self.notes = notes

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port, then tell."""
        await super().startup(sockets)
        if not self.should_exit:
            print("\n".join(self.notes), flush=True)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
