"""Who may do what, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from service.access.rules import AlreadyUsed, NotYours, RoleNeedsContractor, refuse_mismatch, refuse_spent, require
from service.core.actor import PEOPLE, Actor, Kind, Role

NOON = datetime(2013, 9, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize("role", Role)
def test_only_the_named_roles_may(role: Role) -> None:
    actor = Actor("somebody", role)
    require(actor, role)
    with pytest.raises(NotYours):
        require(actor, *(other for other in Role if other is not role))
    with pytest.raises(NotYours):
        require(actor)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("role", PEOPLE)
def test_contractors_and_their_role_go_together(role: Role, kind: Kind) -> None:
    if (role is Role.CONTRACTOR) is (kind in (Kind.CONTRACTOR, Kind.BUILDER)):
        refuse_mismatch(role, kind)
    else:
        with pytest.raises(RoleNeedsContractor):
            refuse_mismatch(role, kind)


def test_a_link_signs_in_once_and_until_its_end() -> None:
    refuse_spent(None, NOON + timedelta(microseconds=1), NOON, is_active=True)
    for used_at, expires_at in ((NOON, NOON + timedelta(days=1)), (None, NOON), (None, NOON - timedelta(days=1))):
        with pytest.raises(AlreadyUsed):
            refuse_spent(used_at, expires_at, NOON, is_active=True)
    with pytest.raises(AlreadyUsed):
        refuse_spent(None, NOON + timedelta(days=1), NOON, is_active=False)
