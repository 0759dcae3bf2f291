"""The authority's own file: who it is, its parties, zones and catalogues."""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Session

from service.access import actions as access
from service.access.models import Authority, Organisation
from service.contracts.rules import refuse_unknown_currency
from service.core.actor import Actor, Kind
from service.core.dates import half_open
from service.core.errors import HasIssues, Issue
from service.core.http import Body, Code, Instant, Text
from service.core.i18n import N_
from service.core.numbers import continue_series
from service.exchange.texts import File, Rows, day, number, open_file, read_rows
from service.plots import actions as plots
from service.standards import actions as standards
from service.standards.models import FindingType, Grade, Operation, Workday

CATALOGUES = {
    "finding_types": ("code", "zh", "en", "unit", "group", "cure_days", "points", "source", "from", "until"),
    "operations": ("code", "zh", "en", "unit", "source", "from", "until"),
    "grades": ("code", "zh", "en", "source", "from", "until"),
    "workdays": ("day", "open", "source"),
}
NO_AUTHORITY = N_("One organisation must be the authority {code}.")


def _zone_known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise PydanticCustomError("unknown_time_zone", "unknown") from None
    return name


class Names(Body):
    """A name in both languages."""

    zh: Text
    en: Text


class Indicator(Names):
    """A figure about the whole of the authority, shown on its page."""

    value: Text
    unit: str = ""


class AuthorityPart(Body):
    """Who the authority is. `extent`: west, south, east, north in degrees, EPSG:4326."""

    code: Code
    name: Names
    time_zone: Annotated[str, AfterValidator(_zone_known)]
    locale: Annotated[str, Field(pattern="^(zh_CN|en)$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    extent: tuple[float, float, float, float]
    demo_at: Instant | None = None
    last_numbers: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)  # given out on paper before

    @model_validator(mode="after")
    def _extent_in_order(self) -> Self:
        west, south, east, north = self.extent
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise PydanticCustomError("extent", "west, south, east, north")
        return self


class OrganisationPart(Body):
    """A party."""

    code: Code
    kind: Kind
    name: Names


class ZonePart(Body):
    """A zone, below another or at the top."""

    code: Code
    parent: Code | None = None
    name: Names


class AuthorityFile(Body):
    """The whole file."""

    authority: AuthorityPart
    indicators: dict[Code, Indicator] = Field(default_factory=dict)
    organisations: list[OrganisationPart]
    zones: list[ZonePart]
    catalogues: dict[str, str] = Field(default_factory=dict)


def initialise(session: Session, actor: Actor, file: File, content: AuthorityFile) -> Authority:
    """Enter the authority with its parties, zones and catalogues into an empty database."""
    refuse_unknown_currency(content.authority.currency)
    catalogues = {name: _read_catalogue(name, _place(file, content, name)) for name in CATALOGUES}
    parties = {part.code: part for part in content.organisations}
    own = parties.get(content.authority.code)
    if own is None or own.kind is not Kind.AUTHORITY:
        details = {"code": content.authority.code}
        raise HasIssues([Issue("no_authority", f"{file.name}, organisations", NO_AUTHORITY, details)])
    entered = {
        code: access.add_organisation(
            session, actor, code=code, kind=part.kind, name_zh=part.name.zh, name_en=part.name.en
        )
        for code, part in parties.items()
    }
    authority = access.found_authority(session, actor, _authority(content, entered[content.authority.code]))
    for zone in content.zones:
        plots.add_zone(session, actor, code=zone.code, parent=zone.parent, name_zh=zone.name.zh, name_en=zone.name.en)
    for kind, last in content.authority.last_numbers.items():
        continue_series(session, kind, last)
    for name, rows in catalogues.items():
        standards.enter_catalogue(session, actor, entered[content.authority.code], name, rows)
    return authority


def _authority(content: AuthorityFile, organisation: Organisation) -> Authority:
    part = content.authority
    west, south, east, north = part.extent
    return Authority(
        organisation_id=organisation.id,
        time_zone=part.time_zone,
        locale=part.locale,
        currency=part.currency,
        west=west,
        south=south,
        east=east,
        north=north,
        indicators={name: indicator.model_dump() for name, indicator in content.indicators.items()},
        demo_at=part.demo_at,
    )


def _place(file: File, content: AuthorityFile, name: str) -> Path:
    """The authority's own catalogue beside its file, else the packaged one."""
    if own := content.catalogues.get(name):
        return file.path.parent / own
    return Path(str(files("data").joinpath("catalogues", f"{name}.csv")))


def _read_catalogue(name: str, path: Path) -> list[Any]:
    rows = read_rows(open_file(path), CATALOGUES[name])
    entries = [_entry(name, rows, number, row) for number, row in rows.rows]
    rows.refuse()
    return entries


def _entry(name: str, rows: Rows, at: int, row: Any) -> Workday | Grade | Operation | FindingType:
    if name == "workdays":
        when = rows.cell(at, row, "day", day, "a date") or date.min
        return Workday(day=when, open=row["open"] == "yes", source=row["source"])
    first = rows.cell(at, row, "from", day, "a date") or date.min
    span = half_open(first, rows.optional(at, row, "until", day, "a date"))
    common: dict[str, Any] = {
        "code": rows.needed(at, row, "code"),
        "name_zh": rows.needed(at, row, "zh"),
        "name_en": rows.needed(at, row, "en"),
        "source": rows.needed(at, row, "source"),
        **span._asdict(),
    }
    if name == "grades":
        return Grade(**common)
    if name == "operations":
        return Operation(**common, unit=rows.needed(at, row, "unit"))
    return FindingType(
        **common,
        unit=rows.needed(at, row, "unit"),
        grouping=rows.needed(at, row, "group"),
        cure_days=int(rows.cell(at, row, "cure_days", number(0), "a whole number") or 0),
        points=rows.cell(at, row, "points", number(6), "a number") or Decimal(0),
    )
