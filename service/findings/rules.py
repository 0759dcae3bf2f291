"""The life of a finding, as one table. Pure."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import shapely

from gis.relate import metres_off
from service.core.actor import Role
from service.core.errors import Conflict, Forbidden, Invalid
from service.core.i18n import N_


class State(StrEnum):
    """Where a finding stands."""

    FILED = "filed"
    CONFIRMED = "confirmed"  # it stands, and the contractor has to cure it
    CURED = "cured"  # the contractor says so
    SENT_BACK = "sent_back"  # the cure did not hold
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class Severity(StrEnum):
    """How bad it is."""

    MINOR = "minor"
    SEVERE = "severe"


class Act(StrEnum):
    """What can be done to a finding."""

    CONFIRM = "confirm"
    REPORT_CURED = "report_cured"
    VERIFY = "verify"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"


class Move(NamedTuple):
    """An act leads from one of these states to another, when one of these roles does it."""

    act: Act
    sources: tuple[State, ...]
    target: State
    roles: tuple[Role, ...]


TOLERANCE_M = 15
FILERS = (Role.INSPECTOR, Role.SUPERVISOR, Role.MANAGER)
CONFIRMERS = (Role.SUPERVISOR, Role.MANAGER)
MOVES: tuple[Move, ...] = (
    Move(Act.CONFIRM, (State.FILED,), State.CONFIRMED, CONFIRMERS),
    Move(Act.REPORT_CURED, (State.CONFIRMED, State.SENT_BACK), State.CURED, (Role.CONTRACTOR,)),
    Move(Act.VERIFY, (State.CURED,), State.VERIFIED, FILERS),
    Move(Act.SEND_BACK, (State.CURED,), State.SENT_BACK, FILERS),
    Move(Act.WITHDRAW, (State.FILED,), State.WITHDRAWN, FILERS),
    # what stands costs money: only those who may let it stand may take it back
    Move(Act.WITHDRAW, (State.CONFIRMED, State.SENT_BACK), State.WITHDRAWN, CONFIRMERS),
)
STANDING = (State.CONFIRMED, State.CURED, State.SENT_BACK, State.VERIFIED)  # counts in the assessment
OPEN = (State.FILED, State.CONFIRMED, State.CURED, State.SENT_BACK)
TO_CURE = (State.CONFIRMED, State.SENT_BACK)


class WrongState(Conflict):
    """The act does not fit the state."""

    code, message = "wrong_state", N_("A finding that is {state} cannot be dealt with so.")


def refuse_closed(state: State) -> None:
    """Nothing hangs on what is over."""
    if state not in OPEN:
        raise WrongState(state=state)


class NotYourAct(Forbidden):
    """The act belongs to another role."""

    code, message = "not_your_act", N_("This step is for another role.")


class OwnFinding(Forbidden):
    """Whoever filed a finding does not confirm it."""

    code, message = "own_finding", N_("Somebody else has to confirm a finding that you filed.")


class OutsidePlot(Invalid):
    """The point is not on the plot."""

    code, message = (
        "outside_plot",
        N_("The point lies {metres} m outside the plot {plot}. Choose another plot or point."),
    )


class NothingFound(Invalid):
    """A finding is of something."""

    code, message = "nothing_found", N_("The quantity must be more than 0.")


class FoundLater(Invalid):
    """Nobody finds something tomorrow."""

    code, message = "found_later", N_("The finding is dated {day}, later than today, {today}.")


def move(state: State, act: Act, role: Role, *, own: bool) -> State:
    """Return the state that an act leads to. `own`: the actor filed the finding.

    >>> move(State.FILED, Act.CONFIRM, Role.SUPERVISOR, own=False)
    <State.CONFIRMED: 'confirmed'>
    """
    of_act = [each for each in MOVES if each.act is act]
    if not any(role in each.roles for each in of_act):
        raise NotYourAct
    found = next((each for each in of_act if state in each.sources), None)
    if found is None:
        raise WrongState(state=state)
    if role not in found.roles:
        raise NotYourAct
    if act is Act.CONFIRM and own:
        raise OwnFinding
    return found.target


def acts_open_to(state: State, role: Role, *, own: bool) -> list[Act]:
    """Return what a role can do with a finding in a state; an empty list when nothing."""
    return [
        each.act
        for each in MOVES
        if state in each.sources and role in each.roles and not (each.act is Act.CONFIRM and own)
    ]


def refuse_nothing(quantity: Decimal) -> None:
    """Refuse a quantity of 0 or less."""
    if quantity <= 0:
        raise NothingFound


def refuse_later(found_on: date, today: date) -> None:
    """Refuse a day after today."""
    if found_on > today:
        raise FoundLater(day=found_on, today=today)


def refuse_off_plot(shape: shapely.Geometry, point: shapely.Point, plot: str) -> None:
    """Refuse a point more than about 15 m outside the plot's shape (lon/lat): a phone's fix is not better."""
    outside = float(metres_off(np.array([shape]), np.array([[point.x, point.y]]))[0])
    if outside > TOLERANCE_M:
        raise OutsidePlot(metres=round(outside), plot=plot)
