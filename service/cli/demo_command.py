"""greenkeep demo."""

import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path

from service import demo
from service.access import actions
from service.access.queries import the_authority, users
from service.cli import running
from service.cli.serve_command import serve
from service.core.errors import Conflict
from service.core.i18n import N_
from service.core.settings import Settings


class NotADemo(Conflict):
    """Only what the demo made may be thrown away by it."""

    code, message = "not_a_demo", N_("{folder} holds something that the demo did not make; it is left alone.")


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--folder", type=Path, default=Path("var/demo"))
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fresh", action="store_true", help="throw away what was entered, and begin anew")
    parser.add_argument("--build-only", action="store_true", help="build it and do not serve")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Build the founding case if it is not there, print sign-in links, serve on loopback."""
    settings = Settings(folder=arguments.folder, database_url="")
    if arguments.fresh:
        _throw_away(settings)
    if not settings.folder.exists():
        print("Building the founding case; this takes about a minute.", flush=True)
        _build(settings.folder)
    if not arguments.build_only:
        links = _links(settings, f"http://127.0.0.1:{arguments.port}")
        serve(settings, host="127.0.0.1", port=arguments.port, notes=links)
    return 0


def _build(folder: Path) -> None:
    """Build beside the place and move it there whole: a half-built demo is never seen."""
    aside = folder.with_name(f"{folder.name}.building")
    if aside.exists():
        shutil.rmtree(aside)
    running.make_private(aside)
    demo.build(aside)
    aside.rename(folder)


def _throw_away(settings: Settings) -> None:
    if not settings.folder.exists():
        return
    if not (settings.folder / "greenkeep.db").exists():
        raise NotADemo(folder=settings.folder)
    with running.opened(settings) as database, database.transaction(running.host(), write=False) as session:
        authority = the_authority(session)
    if authority is None or authority[0].demo_at is None:
        raise NotADemo(folder=settings.folder)
    shutil.rmtree(settings.folder)


def _links(settings: Settings, address: str) -> list[str]:
    """One sign-in link for each invented person, good once, from this machine."""
    actor = running.host()
    with running.opened(settings) as database, database.transaction(actor) as session:
        return [
            f"  {user.role.value:<11}{address}/sign-in/{actions.issue_link(session, actor, user)}  {user.name}"
            for user in sorted(users(session), key=lambda user: (user.role.value, user.code))
        ]
