"""greenkeep serve."""

import ipaddress
import socket
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

import uvicorn

from service.app import create_app
from service.cli import running
from service.core.errors import Invalid
from service.core.i18n import N_
from service.core.settings import Settings
from service.doctor import refuse_unsafe


class UnsafeBind(Invalid):
    """Plain http on more than loopback carries cookies in the open."""

    code, message = (
        "unsafe_bind",
        N_("Plain http on {host} is unsafe. Serve on loopback behind TLS, or say --insecure-http."),
    )


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--insecure-http", action="store_true", help="serve plain http on more than loopback")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Serve until interrupted."""
    settings = running.settings()
    settings = settings.model_copy(update={"insecure_http": settings.insecure_http or arguments.insecure_http})
    serve(settings, host=arguments.host, port=arguments.port)
    return 0


def serve(settings: Settings, *, host: str, port: int, notes: Sequence[str] = ()) -> None:
    """Serve the pages and the API, on SQLite with a worker; on PostgreSQL `greenkeep worker` is one.

    The address, and the notes below it, are printed once it answers.
    """
    if not settings.insecure_http and not _is_loopback(host):
        raise UnsafeBind(host=host)
    refuse_unsafe(settings)
    app = create_app(settings, works=not settings.database_url)
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False)
    _Server(config, [*notes, f"http://{host}:{port}"]).run()


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
