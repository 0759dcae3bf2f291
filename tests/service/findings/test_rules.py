"""The life of a finding: every role, state and act against a table written from the words of the rules."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
import shapely

from service.core.actor import Role
from service.findings.rules import (
    OPEN,
    STANDING,
    TO_CURE,
    Act,
    FoundLater,
    NothingFound,
    NotYourAct,
    OutsidePlot,
    OwnFinding,
    State,
    WrongState,
    acts_open_to,
    move,
    refuse_later,
    refuse_nothing,
    refuse_off_plot,
)

INSIDE = "inspector supervisor manager"
# who: from which states: the act leads where
ORACLE = {
    "confirm": ("supervisor manager", "filed", "confirmed"),
    "report_cured": ("contractor", "confirmed sent_back", "cured"),
    "verify": (INSIDE, "cured", "verified"),
    "send_back": (INSIDE, "cured", "sent_back"),
    "withdraw": (INSIDE, "filed confirmed sent_back", "withdrawn"),
}
STANDS = "confirmed sent_back"  # from then on only those who may confirm may withdraw


def expected(role: Role, state: State, act: Act, own: bool) -> State | type[Exception]:
    """Say what must come of it: another role before another state before one's own."""
    roles, sources, target = ORACLE[act.value]
    if role.value not in roles.split():
        return NotYourAct
    if state.value not in sources.split():
        return WrongState
    if act.value == "withdraw" and state.value in STANDS.split() and role.value == "inspector":
        return NotYourAct
    return OwnFinding if own and act.value == "confirm" else State(target)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("role", Role)
def test_every_move(role: Role, act: Act) -> None:
    """In every state, of one's own finding and of another's."""
    for state, own in product(State, (False, True)):
        outcome = expected(role, state, act, own)
        assert (act in acts_open_to(state, role, own=own)) is isinstance(outcome, State)
        if isinstance(outcome, State):
            assert move(state, act, role, own=own) is outcome
        else:
            with pytest.raises(outcome):
                move(state, act, role, own=own)


def test_the_oracle_knows_every_act() -> None:
    assert set(ORACLE) == {act.value for act in Act}


def test_nothing_leads_out_of_the_ends() -> None:
    for state in (State.VERIFIED, State.WITHDRAWN):
        assert [acts_open_to(state, role, own=False) for role in Role if acts_open_to(state, role, own=False)] == []


def test_what_stands_is_charged_and_what_is_open_is_followed() -> None:
    assert set(STANDING) == set(State) - {State.FILED, State.WITHDRAWN}
    assert set(OPEN) == set(State) - {State.VERIFIED, State.WITHDRAWN}
    assert set(TO_CURE) == {state for state in State if acts_open_to(state, Role.CONTRACTOR, own=False)}


@pytest.mark.parametrize("quantity", ["0", "-0.00", "-1", "-0.01"])
def test_a_finding_of_nothing_is_refused(quantity: str) -> None:
    with pytest.raises(NothingFound):
        refuse_nothing(Decimal(quantity))


def test_a_finding_of_tomorrow_is_refused_and_one_of_today_is_not() -> None:
    today = date(2013, 8, 5)
    refuse_later(today, today)
    refuse_later(date(2000, 1, 1), today)
    with pytest.raises(FoundLater):
        refuse_later(today + timedelta(days=1), today)


PLOT = shapely.box(118.800, 31.900, 118.801, 31.901)


@pytest.mark.parametrize(
    ("longitude", "latitude", "accepted"),
    [
        (118.8005, 31.9005, True),  # in the middle
        (118.800, 31.900, True),  # on a corner
        (118.8005, 31.90113, True),  # 0.00013 degrees north of the edge: 14.5 m
        (118.8005, 31.90114, False),  # 0.00014 degrees: 15.6 m
        (118.79987, 31.9005, True),  # as many degrees west are 12.3 m at this latitude
        (31.9005, 118.8005, False),  # the two swapped
    ],
)
def test_the_point_lies_on_the_plot_or_within_a_phones_error(longitude: float, latitude: float, accepted: bool) -> None:
    point = shapely.Point(longitude, latitude)
    if accepted:
        refuse_off_plot(PLOT, point, "N-1")
    else:
        with pytest.raises(OutsidePlot) as refused:
            refuse_off_plot(PLOT, point, "N-1")
        assert refused.value.details["plot"] == "N-1"
