"""Build the web application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, FastAPI
from sqlalchemy.exc import OperationalError

from service.access import queries as access
from service.access.api import router as access_api
from service.access.sign_in_actions import note_uses
from service.audit_log.api import router as audit_log_api
from service.contracts.api import router as contracts_api
from service.core import docs
from service.core.actor import WORKER
from service.core.dates import Clock
from service.core.db import Database
from service.core.errors import Busy
from service.core.guard import Guard
from service.core.limits import Limits
from service.core.problems import add_error_handlers
from service.core.settings import Settings
from service.documents.api import router as documents_api
from service.evidence.store import Store
from service.exchange.api import router as exchange_api
from service.exchange.dossier import router as dossier_api
from service.exchange.lists_out import router as lists_api
from service.exchange.quarantine import Quarantine
from service.findings.api import router as findings_api
from service.inspections.api import router as inspections_api
from service.jobs.api import router as jobs_api
from service.jobs.worker import Worker
from service.ogc.api import router as ogc_api
from service.opening import open_database
from service.plots.api import router as plots_api
from service.plots.postings_api import router as postings_api
from service.schemes.api import router as schemes_api
from service.settlement.api import router as settlement_api
from service.standards.api import router as standards_api
from service.web.site import add_pages, error_page
from service.workplan.api import router as workplan_api

PREFIX = "/api/v1"
NOTED_EVERY_S = 60
LOG = logging.getLogger("greenkeep")
ROUTERS = (
    access_api,
    standards_api,
    plots_api,
    postings_api,
    schemes_api,
    contracts_api,
    workplan_api,
    inspections_api,
    findings_api,
    settlement_api,
    documents_api,
    dossier_api,
    lists_api,
    exchange_api,
    audit_log_api,
    jobs_api,
    ogc_api,
)


def create_app(settings: Settings, *, clock: Clock | None = None, works: bool = False) -> FastAPI:
    """Return an app bound to one database. `works`: a worker runs in it for as long as it serves."""
    database, store = open_database(settings, clock), Store(settings.store)
    quarantine = Quarantine(settings.quarantine)
    used: set[UUID] = set()  # tokens whose use is not noted yet: a request that reads must not write
    lifespan = _lifespan(Worker(database, store, quarantine), works, used)
    app = FastAPI(title="Greenkeep", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.database, app.state.settings, app.state.store = database, settings, store
    app.state.quarantine = quarantine
    app.state.authenticate = partial(access.authenticate, used=used)
    refuse = add_error_handlers(app, error_page)
    limits = Limits(writes=settings.writes_a_minute, reads=settings.reads_a_minute, public=settings.public_a_minute)
    app.add_middleware(Guard, refuse=refuse, limits=limits)
    app.router.routes.extend(api_routes().routes)
    add_pages(app)
    return app


@cache
def api_routes() -> APIRouter:
    """Return all of the API; its routes are worked out once, however many apps a process makes."""
    whole, below = APIRouter(), APIRouter(prefix=PREFIX)
    for router in (*ROUTERS, docs.router):
        below.include_router(router)
    whole.include_router(below)
    return whole


def _lifespan(worker: Worker, works: bool, used: set[UUID]) -> Any:
    database = worker.database

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        worker.store.sweep()
        if works:
            worker.start()
        noting = asyncio.create_task(_noting(database, used))
        yield
        noting.cancel()
        with suppress(asyncio.CancelledError):
            await noting
        await asyncio.to_thread(note_used, database, used)
        if works:
            worker.stop()
        worker.database.engine.dispose()

    return lifespan


async def _noting(database: Database, used: set[UUID]) -> None:
    while True:
        await asyncio.sleep(NOTED_EVERY_S)
        await asyncio.to_thread(note_used, database, used)


def note_used(database: Database, used: set[UUID]) -> None:
    """Note the tokens that were used since the last time; what cannot be noted now waits for the next."""
    noted = set(used)
    if not noted:
        return
    try:
        with database.transaction(WORKER) as session:
            note_uses(session, WORKER, noted)
    except (Busy, OperationalError):  # a lock, a full disk, a server that is away
        LOG.exception("the use of tokens is not noted now")
        return
    used.difference_update(noted)
