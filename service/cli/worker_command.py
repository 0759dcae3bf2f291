"""greenkeep worker."""

import signal
from argparse import ArgumentParser, Namespace

from service.cli import running
from service.doctor import refuse_unsafe, remarks
from service.evidence.store import Store
from service.exchange.quarantine import Quarantine
from service.jobs.worker import Worker, work_off


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    parser.add_argument("--once", action="store_true", help="do what is due and end")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Do background work until told to end; then end after the job at hand. On SQLite `serve` does it itself."""
    settings = running.settings()
    refuse_unsafe(settings)
    for remark in remarks():
        running.tell(remark)
    with running.opened(settings) as database:
        store = Store(settings.store)
        if arguments.once:
            print(f"attempts: {work_off(database, store)}")
            return 0
        worker = Worker(database, store, Quarantine(settings.quarantine))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: worker.stopping.set())
        print("working", flush=True)
        worker.run()
    return 0
