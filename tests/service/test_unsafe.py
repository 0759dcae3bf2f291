"""What changes is recorded, what fails changes nothing, what another site sends fails, what reads only reads."""

from datetime import date

from fastapi import APIRouter
from sqlmodel import col, select

from service.core.http import WriteSession
from service.workplan.models import Task
from tests.conftest import World
from tests.service.calls import Call
from tests.service.full_world import Target
from tests.service.matrix import operations
from tests.service.unsafe import UNSAFE, crossing, unlogged, writing_reads


def test_every_unsafe_operation_is_tried(world: World) -> None:
    beside = {("POST", "/sign-in"), ("POST", "/sign-in/{secret}"), ("POST", "/sign-out")}  # tried with the pages
    assert {operation for operation in operations(world.app) if operation[0] != "GET"} == set(UNSAFE) | beside


def test_nothing_is_done_without_an_event(full: World, targets: dict[str, Target]) -> None:
    assert list(unlogged(full, targets)) == []


def test_an_unlogged_operation_is_noticed(full: World, targets: dict[str, Target]) -> None:
    router = APIRouter()

    @router.post("/api/v1/quiet")
    def quiet(session: WriteSession) -> None:
        session.exec(select(Task).order_by(col(Task.id))).all()[0].done_on = date(2013, 1, 5)

    full.app.include_router(router)

    def call(world: World, target: Target, role: str) -> Call:
        return Call("POST", "/api/v1/quiet")

    quiet_one = ("POST", "/api/v1/quiet")
    assert f"{quiet_one} is recorded as []" in list(unlogged(full, targets, {quiet_one: call}))


def test_no_other_site_does_anything_with_a_cookie(full: World, targets: dict[str, Target]) -> None:
    assert list(crossing(full, targets)) == []


def test_no_read_changes_a_row(full: World, targets: dict[str, Target]) -> None:
    assert list(writing_reads(full, targets)) == []
