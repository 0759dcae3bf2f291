"""greenkeep jobs."""

from argparse import ArgumentParser, Namespace
from uuid import UUID

from service.cli import running
from service.jobs import actions
from service.jobs.queries import jobs
from service.jobs.rules import JobState


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="list background work, the newest first")
    listing.add_argument("--state", choices=[state.value for state in JobState])
    listing.add_argument("--limit", type=int, default=50)
    listing.set_defaults(run=list_jobs)
    again = verbs.add_parser("retry", help="ask again for a job that was given up")
    again.add_argument("id", type=UUID)
    again.set_defaults(run=retry_job)


def list_jobs(arguments: Namespace) -> int:
    """Print state, progress, attempts and the last error of each job."""
    state = JobState(arguments.state) if arguments.state else None
    with running.opened() as database, database.transaction(running.host(), write=False) as session:
        for job in jobs(session, state=state, limit=arguments.limit):
            facts = (job.id, job.kind, job.state.value, f"{job.progress} %", f"{job.attempts} attempts")
            print("\t".join(map(str, facts)), running.one_line(job.last_error), sep="\t")
    return 0


def retry_job(arguments: Namespace) -> int:
    """Queue a failed job once more."""
    actor = running.host()
    with running.opened() as database, database.transaction(actor) as session:
        print(f"{actions.retry(session, actor, arguments.id).id}: queued")
    return 0
