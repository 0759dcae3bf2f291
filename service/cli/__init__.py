"""greenkeep …: each command calls one action. Only the command that runs is imported, so that --help is quick."""

import argparse
import importlib
import sys
from collections.abc import Sequence

VERSION = "0.1.0"
COMMANDS = {
    "init": "say whose database this is: authority, parties, zones, catalogues",
    "upgrade": "bring the database to this program's schema",
    "serve": "serve the pages and the API",
    "tls": "make certificates for https on a network of one's own",
    "worker": "do background work, beside servers on PostgreSQL",
    "jobs": "list background work, and ask again for what was given up",
    "status": "tell what is in the database",
    "import": "bring in a file: plots, contract, scheme, tasks, scores",
    "settle": "prepare the statements of a period",
    "map": "write a map to a file",
    "audit": "verify the audit log",
    "user": "open accounts, make sign-in links, set passwords and roles",
    "token": "issue, list and revoke API tokens",
    "doctor": "check the installation",
    "backup": "write a backup while others work",
    "restore": "bring a backup into an empty installation",
    "demo": "build and serve the founding case",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    parser = argparse.ArgumentParser(prog="greenkeep", description="A tracker for contracted green-space maintenance.")
    parser.add_argument("--version", action="version", version=f"greenkeep {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    given = list(sys.argv[1:] if arguments is None else arguments)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name in given[:1]:
            importlib.import_module(f"service.cli.{name}_command").add_arguments(command)
    parsed = parser.parse_args(given)
    code: int = importlib.import_module("service.cli.running").run(parsed)
    return code
