"""Roles: the weighty ones are proposed by one administrator and confirmed by another."""

import pytest

from service.access.actions import answer_grant, give_role
from service.access.models import RoleGrant
from service.access.queries import actor_of, grants, user_by_code
from service.access.rules import (
    AlreadyAnswered,
    Answer,
    GrantPending,
    NotYours,
    OtherPersonNeeded,
    OwnRole,
    RoleHeld,
    RoleNeedsContractor,
)
from service.audit_log.queries import events
from service.core.actor import WEIGHTY, Role
from service.core.errors import NotFound
from tests.conftest import World
from tests.service.full_world import add_user_like


@pytest.fixture
def three(world: World) -> World:
    """Return the park with three administrators."""
    for code in ("admin-2", "admin-3"):
        world.act("host", add_user_like, code, Role.ADMIN)
        world.actors[code] = actor_of(world.read("host", user_by_code, code))
    return world


def give(world: World, by: str, who: str, role: Role) -> RoleGrant | None:
    return world.act(by, lambda session, actor: give_role(session, actor, user_by_code(session, who), role))


def role_of(world: World, who: str) -> Role:
    return world.read("host", user_by_code, who).role


@pytest.mark.parametrize("role", WEIGHTY)
def test_a_weighty_role_needs_two_administrators(three: World, role: Role) -> None:
    grant = give(three, "admin", "viewer", role)
    assert grant
    assert role_of(three, "viewer") is Role.VIEWER
    with pytest.raises(OtherPersonNeeded):
        three.act("admin", answer_grant, grant.id, Answer.CONFIRMED)
    three.act("admin-2", answer_grant, grant.id, Answer.CONFIRMED)
    assert role_of(three, "viewer") is role
    for answer in Answer:
        with pytest.raises(AlreadyAnswered):
            three.act("admin-3", answer_grant, grant.id, answer)
    with three.session("auditor") as session:
        done = [(event.verb, event.actor) for event, _ in events(session, after=0, limit=1000)]
    assert done[-3:] == [("role.propose", "admin"), ("role.confirmed", "admin-2"), ("role.change", "admin-2")]


def test_nobody_takes_part_in_their_own_role(three: World) -> None:
    with pytest.raises(OwnRole):
        give(three, "admin", "admin", Role.MANAGER)
    grant = give(three, "admin", "admin-2", Role.MANAGER)
    assert grant
    with pytest.raises(OwnRole):
        three.act("admin-2", answer_grant, grant.id, Answer.CONFIRMED)
    three.act("admin-3", answer_grant, grant.id, Answer.CONFIRMED)
    assert role_of(three, "admin-2") is Role.MANAGER
    three.actors["admin-2"] = actor_of(three.read("host", user_by_code, "admin-2"))
    with pytest.raises(NotYours):
        give(three, "admin-2", "viewer", Role.INSPECTOR)


def test_a_declined_role_is_not_given_and_may_be_proposed_again(three: World) -> None:
    grant = give(three, "admin", "viewer", Role.AUDITOR)
    assert grant
    with pytest.raises(GrantPending):
        give(three, "admin-2", "viewer", Role.MANAGER)
    three.act("admin", answer_grant, grant.id, Answer.DECLINED)
    assert role_of(three, "viewer") is Role.VIEWER
    assert give(three, "admin-2", "viewer", Role.MANAGER)
    assert [row.answer is None for row in three.read("auditor", grants)] == [True, False]


def test_light_roles_are_given_and_weighty_ones_taken_at_once(three: World) -> None:
    assert give(three, "admin", "viewer", Role.INSPECTOR) is None
    assert give(three, "admin", "manager", Role.VIEWER) is None
    assert (role_of(three, "viewer"), role_of(three, "manager")) == (Role.INSPECTOR, Role.VIEWER)
    with pytest.raises(RoleHeld):
        give(three, "admin", "viewer", Role.INSPECTOR)
    for who, role in (("viewer", Role.CONTRACTOR), ("green-1", Role.MANAGER)):
        with pytest.raises(RoleNeedsContractor):
            give(three, "admin", who, role)


def test_the_host_gives_the_first_ones_alone(world: World) -> None:
    assert give(world, "host", "viewer", Role.ADMIN) is None
    assert role_of(world, "viewer") is Role.ADMIN


@pytest.mark.parametrize("who", ["manager", "auditor", "viewer", "inspector", "supervisor", "green-1"])
def test_only_administrators_propose_and_answer(three: World, who: str) -> None:
    grant = give(three, "admin", "viewer", Role.MANAGER)
    assert grant
    with pytest.raises(NotYours), three.session(who, write=True) as session:
        give_role(session, three.actors[who], three.read("host", user_by_code, "inspector"), Role.VIEWER)
    with pytest.raises((NotYours, NotFound)):
        three.act(who, answer_grant, grant.id, Answer.CONFIRMED)
    seen = len(three.read(who, grants))
    assert seen == (1 if who == "auditor" else 0)
