"""greenkeep demo."""

import fcntl
import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path

from service import demo
from service.access import actions, sign_in_actions
from service.access.queries import organisations, the_authority, users
from service.cli import running
from service.cli.serve_command import serve
from service.core.errors import Conflict
from service.core.i18n import N_
from service.core.settings import Settings


class NotADemo(Conflict):
    """Only what the demo made may be thrown away by it."""

    code, message = "not_a_demo", N_("{folder} holds something that the demo did not make; it is left alone.")


class DemoRuns(Conflict):
    """Who throws away what another process serves leaves that one with a database that nobody sees."""

    code, message = "demo_runs", N_("The demo in {folder} is running already. Stop it first.")


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--folder", type=Path, default=Path("var/demo"))
    parser.add_argument("--port", type=running.port, default=8000)
    parser.add_argument("--fresh", action="store_true", help="throw away what was entered, and begin anew")
    parser.add_argument(
        "--on", type=running.day, metavar="YYYY-MM-DD", help="let the demo's clock show a later day: 2013-10-08"
    )
    parser.add_argument("--build-only", action="store_true", help="build it and do not serve")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Build the founding case if it is not there, print sign-in links, serve on loopback."""
    settings = Settings(folder=arguments.folder, database_url="")
    with _alone(settings.folder):
        if settings.folder.exists():
            _refuse_others(settings)
            if arguments.fresh:
                shutil.rmtree(settings.folder)
        if not settings.folder.exists():
            print("Building the founding case; this takes about a minute.", flush=True)
            _build(settings.folder)
        if arguments.on:
            _move_on(settings, arguments.on)
        if not arguments.build_only:
            links = _links(settings, f"http://127.0.0.1:{arguments.port}")
            serve(settings, host="127.0.0.1", port=arguments.port, notes=links)
    return 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock beside the folder: one demo builds, throws away or serves it at a time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRuns(folder=folder) from None
        yield


def _build(folder: Path) -> None:
    """Build beside the place and move it there whole: a half-built demo is never seen."""
    aside = folder.with_name(f"{folder.name}.building")
    if aside.exists():
        shutil.rmtree(aside)
    running.make_private(aside)
    demo.build(aside)
    aside.rename(folder)


def _refuse_others(settings: Settings) -> None:
    """Neither throw away nor hand out links to what the demo did not make."""
    if not (settings.folder / "greenkeep.db").exists():
        raise NotADemo(folder=settings.folder)
    with running.opened(settings) as database, database.transaction(running.host(), write=False) as session:
        authority = the_authority(session)
    if authority is None or authority[0].demo_at is None:
        raise NotADemo(folder=settings.folder)


def _move_on(settings: Settings, day: date) -> None:
    actor = running.host()
    with running.opened(settings) as database, database.transaction(actor) as session:
        actions.move_demo_on(session, actor, datetime.combine(day, time(8, 5), database.zone))


def _links(settings: Settings, address: str) -> list[str]:
    """One sign-in link for each invented person, good once, from this machine."""
    actor = running.host()
    with running.opened(settings) as database, database.transaction(actor) as session:
        firms = {firm.id: firm for firm in organisations(session)}
        return [
            f"  {user.role.value:<11}{address}/sign-in/{sign_in_actions.issue_link(session, actor, user)}  "
            f"{user.name}, {firms[user.organisation_id].name_zh}"
            for user in sorted(users(session), key=lambda user: (user.role.value, user.code))
        ]
