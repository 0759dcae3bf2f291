"""What a task may be. Pure."""

from datetime import date

from service.core.errors import Conflict, Invalid
from service.core.i18n import N_


class UntilBefore(Invalid):
    """A task has a day at least."""

    code, message = "until_before_from", N_("The last day, {until}, comes before the first, {first}.")


class SignedUndone(Invalid):
    """Somebody signs what was done."""

    code, message = "signed_undone", N_("Work that is not done cannot be signed.")


class OtherUnit(Invalid):
    """Each operation is counted in one unit."""

    code, message = "other_unit", N_("{operation} is counted in {expected}, not in {unit}.")


class TaskKnown(Conflict):
    """A plot, an operation and a first day make a task one."""

    code, message = "task_known", N_("There is a task of this plot, operation and first day already.")


def refuse_unfit(*, first: date, until: date, done_on: date | None, signed_by: str | None) -> None:
    """Refuse a task whose days or signature cannot be.

    >>> refuse_unfit(first=date(2013, 3, 1), until=date(2013, 3, 1), done_on=None, signed_by=None)
    """
    if until < first:
        raise UntilBefore(first=first, until=until)
    if signed_by and done_on is None:
        raise SignedUndone


def refuse_unit(operation: str, expected: str, unit: str | None) -> None:
    """Refuse a quantity in another unit than the operation is counted in; None: none is given."""
    if unit is not None and unit != expected:
        raise OtherUnit(operation=operation, expected=expected, unit=unit)
