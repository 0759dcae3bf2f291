"""Build the web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from service.access import queries as access
from service.access.api import router as access_api
from service.audit_log.api import router as audit_log_api
from service.contracts.api import router as contracts_api
from service.core import docs
from service.core.dates import Clock
from service.core.guard import Guard
from service.core.problems import add_error_handlers
from service.core.settings import Settings
from service.evidence.store import Store
from service.exchange.api import router as exchange_api
from service.exchange.quarantine import Quarantine
from service.findings.api import router as findings_api
from service.inspections.api import router as inspections_api
from service.jobs.worker import Worker
from service.opening import open_database
from service.plots.api import router as plots_api
from service.schemes.api import router as schemes_api
from service.settlement.api import router as settlement_api
from service.standards.api import router as standards_api
from service.web.site import add_pages, error_page
from service.workplan.api import router as workplan_api

PREFIX = "/api/v1"
ROUTERS = (
    access_api,
    standards_api,
    plots_api,
    schemes_api,
    contracts_api,
    workplan_api,
    inspections_api,
    findings_api,
    settlement_api,
    exchange_api,
    audit_log_api,
)


def create_app(settings: Settings, *, clock: Clock | None = None, works: bool = False) -> FastAPI:
    """Return an app bound to one database. `works`: a worker runs beside it for as long as it serves."""
    database, store = open_database(settings, clock), Store(settings.store)
    quarantine = Quarantine(settings.quarantine)
    worker = Worker(database, store, quarantine)
    app = FastAPI(title="Greenkeep", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(worker, works))
    app.state.database, app.state.settings, app.state.store = database, settings, store
    app.state.quarantine = quarantine
    app.state.authenticate = access.authenticate
    refuse = add_error_handlers(app, error_page)
    app.add_middleware(Guard, refuse=refuse)
    api = APIRouter(prefix=PREFIX)
    for router in ROUTERS:
        api.include_router(router)
    api.include_router(docs.router)
    app.include_router(api)
    add_pages(app)
    return app


def _lifespan(worker: Worker, works: bool) -> Any:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if works:
            worker.start()
        yield
        if works:
            worker.stop()
        worker.database.engine.dispose()

    return lifespan
