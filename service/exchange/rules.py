"""What may be uploaded, and what may be done with an upload. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from service.core.errors import Conflict, Invalid, Stale
from service.core.i18n import N_

ALL_OPEN = 1_000_000_000  # bytes of all uploads that are open
MOST_ROWS = 200_000  # of a CSV of tasks or scores
OPEN_FOR = timedelta(hours=24)
GIVEN_UP = timedelta(minutes=10)  # a check that has not ended by then was cut off; another takes it up
CSV = (".csv",)
SUFFIXES = {"plots": (".gpkg", ".geojson", ".json", ".zip", ".csv"), "tasks": CSV, "scores": CSV}


class UploadKind(StrEnum):
    """What a file that is uploaded holds."""

    PLOTS = "plots"
    TASKS = "tasks"
    SCORES = "scores"


class UploadState(StrEnum):
    """Where an upload stands."""

    RECEIVED = "received"  # waits for its dry run
    READING = "reading"  # the dry run is under way
    CHECKED = "checked"  # can be confirmed
    REFUSED = "refused"  # has errors
    WRITTEN = "written"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = (UploadState.RECEIVED, UploadState.READING, UploadState.CHECKED, UploadState.REFUSED)
DRY_RUN_DONE = (UploadState.CHECKED, UploadState.REFUSED)


class WrongFile(Invalid):
    """The name of the file says that it is of another kind."""

    code, message = "format_unknown", N_("{kind} come as {formats}.")


class EmptyFile(Invalid):
    """There are no bytes."""

    code, message = "file_empty", N_("The file is empty.")


class CutOff(Invalid):
    """The connection ended before the file did."""

    code, message = "upload_cut_off", N_("The file did not arrive whole. Send it again.")


class TooManyOpen(Conflict):
    """What waits for a decision takes as much room as it may."""

    code, message = "uploads_full", N_("Too many uploads are open. Confirm or cancel some of them first.")


class NotChecked(Conflict):
    """Only a file whose dry run found no error can be imported."""

    code, message = "upload_not_checked", N_("Only a file whose dry run found no error can be imported.")


class Closed(Conflict):
    """The upload was imported, cancelled, or has run out."""

    code, message = "upload_closed", N_("This upload is closed: it was imported or cancelled, or has run out.")


def suffix_of(name: str) -> str:
    """Return the end of a file's name that says its format.

    >>> suffix_of("Plots.2013.GPKG"), suffix_of("plots")
    ('.gpkg', '')
    """
    dot = name.rfind(".")
    return name[dot:].lower() if dot >= 0 else ""


def refuse_other_formats(kind: UploadKind, name: str) -> None:
    """Refuse a file whose name does not end as files of its kind do.

    >>> refuse_other_formats(UploadKind.TASKS, "tasks.csv")
    """
    if suffix_of(name) not in SUFFIXES[kind]:
        raise WrongFile(kind=kind.value, formats=", ".join(SUFFIXES[kind]))


def refuse_room(size: int, held: int) -> None:
    """Refuse an empty file, and one that does not fit beside the open ones."""
    if not size:
        raise EmptyFile
    if held + size > ALL_OPEN:
        raise TooManyOpen


def refuse_unless_seen(revision: int, seen: str) -> None:
    """Refuse to act on another state than the caller has seen.

    >>> refuse_unless_seen(3, "3")
    """
    if str(revision) != seen:
        raise Stale


def refuse_closed(state: UploadState) -> None:
    """Refuse to act on an upload that is done with.

    >>> refuse_closed(UploadState.REFUSED)
    """
    if state not in OPEN:
        raise Closed


def refuse_unchecked(state: UploadState) -> None:
    """Refuse to import what no dry run has shown to be free of errors.

    >>> refuse_unchecked(UploadState.CHECKED)
    """
    refuse_closed(state)
    if state is not UploadState.CHECKED:
        raise NotChecked


def is_waiting(state: UploadState, claimed_at: datetime | None, now: datetime) -> bool:
    """Tell whether a worker may take up an upload: nobody has, or whoever did was cut off."""
    if state is UploadState.READING:
        return claimed_at is not None and claimed_at + GIVEN_UP < now
    return state is UploadState.RECEIVED
