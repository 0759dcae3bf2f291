"""The authority's own file: who it is, its parties, zones and catalogues."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlmodel import Session

from service.access import actions as access
from service.access.models import Authority, Organisation
from service.access.queries import the_authority
from service.contracts.rules import UnknownCurrency
from service.core.actor import Actor, Kind
from service.core.dates import Span, UntilBeforeFrom, half_open
from service.core.errors import HasIssues, Issue
from service.core.http import Body, Code, Instant, NamesIn, Number, Text
from service.core.i18n import N_
from service.core.money import MINOR_DIGITS
from service.core.numbers import continue_series
from service.core.readers import day, number, whole
from service.exchange.texts import DAY, NUMBER_6, TWICE, WHOLE, File, Plain, Rows, open_file, read_rows
from service.plots import actions as plots
from service.plots.rules import ZONE_CODE
from service.standards import actions as standards
from service.standards.models import FindingType, Grade, Operation, Workday
from service.standards.rules import DayUnit

CATALOGUES = {
    "finding_types": (
        "code",
        "zh",
        "en",
        "unit",
        "group",
        "cure_days",
        "cure_unit",
        "points",
        "source",
        "from",
        "until",
    ),
    "operations": ("code", "zh", "en", "unit", "source", "from", "until"),
    "grades": ("code", "zh", "en", "source", "from", "until"),
    "workdays": ("day", "open", "source"),
}
NO_AUTHORITY = N_("One organisation must be the authority {code}.")
PARENT_LATER = N_("The zone {code} stands below {parent}, which does not stand before it.")
OPEN = N_("yes or no")
DAY_UNIT = N_("days or working_days")
LONGEST_CURE_DAYS = 3650


def _zone_known(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise PydanticCustomError("unknown_time_zone", "unknown") from None
    return name


class Indicator(NamesIn):
    """A figure about the whole of the authority, shown on its page."""

    value: Text
    unit: str = ""


class AuthorityPart(Body):
    """Who the authority is. `extent`: west, south, east, north in degrees, EPSG:4326."""

    code: Code
    name: NamesIn
    time_zone: Annotated[str, AfterValidator(_zone_known)]
    locale: Annotated[str, Field(pattern="^(zh_CN|en)$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    extent: tuple[float, float, float, float]
    demo_at: Instant | None = None
    amendment_ceiling_percent: Annotated[Decimal, Plain, Field(ge=0, le=100, decimal_places=6)] | None = None
    last_numbers: dict[str, Number] = Field(default_factory=dict)  # given out on paper before

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
    name: NamesIn


class ZonePart(Body):
    """A zone, below another or at the top."""

    code: Annotated[Code, Field(pattern=ZONE_CODE)]
    parent: Code | None = None
    name: NamesIn


class AuthorityFile(Body):
    """The whole file."""

    authority: AuthorityPart
    indicators: dict[Code, Indicator] = Field(default_factory=dict)
    organisations: list[OrganisationPart]
    zones: list[ZonePart]
    catalogues: dict[Literal["finding_types", "operations", "grades", "workdays"], str] = Field(default_factory=dict)


def initialise(session: Session, actor: Actor, file: File, content: AuthorityFile) -> Authority:
    """Enter the authority with its parties, zones and catalogues into an empty database."""
    if the_authority(session):
        raise access.AlreadyInitialised
    catalogues, issues = _read_catalogues(file, content)
    issues = [*_inconsistent(file, content), *issues]
    if issues:
        raise HasIssues(issues)
    parties = {part.code: part for part in content.organisations}
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
        amendment_ceiling_percent=part.amendment_ceiling_percent,
    )


def _inconsistent(file: File, content: AuthorityFile) -> list[Issue]:
    """Return where the parts of the file do not fit one another."""
    issues = []
    own, currency = content.authority.code, content.authority.currency
    if not any(part.code == own and part.kind is Kind.AUTHORITY for part in content.organisations):
        issues.append(Issue("no_authority", f"{file.name}, organisations", NO_AUTHORITY, {"code": own}))
    if currency not in MINOR_DIGITS:
        details = {"currency": currency, "known": ", ".join(MINOR_DIGITS)}
        issues.append(Issue(UnknownCurrency.code, f"{file.name}, currency", UnknownCurrency.message, details))
    parts_of: dict[str, Sequence[OrganisationPart | ZonePart]]
    parts_of = {"organisations": content.organisations, "zones": content.zones}
    for place, parts in parts_of.items():
        counts = Counter(part.code for part in parts)
        twice = [code for code, count in counts.items() if count > 1]
        issues += [Issue("code_twice", f"{file.name}, {place}", TWICE, {"word": code}) for code in twice]
    before: set[str] = set()
    for zone in content.zones:
        if zone.parent and zone.parent not in before:
            details = {"code": zone.code, "parent": zone.parent}
            issues.append(Issue("unknown_parent", f"{file.name}, zones", PARENT_LATER, details))
        before.add(zone.code)
    return issues


def _place(file: File, content: AuthorityFile, name: Any) -> Path:
    """The authority's own catalogue beside its file, else the packaged one."""
    if own := content.catalogues.get(name):
        return file.path.parent / own
    return Path(str(files("data").joinpath("catalogues", f"{name}.csv")))


def _read_catalogues(file: File, content: AuthorityFile) -> tuple[dict[str, list[Any]], list[Issue]]:
    entries: dict[str, list[Any]] = {}
    issues: list[Issue] = []
    for name, columns in CATALOGUES.items():
        try:
            rows = read_rows(open_file(_place(file, content, name)), columns)
        except HasIssues as refused:
            issues += refused.issues
            continue
        entries[name] = [_entry(name, rows, number, row) for number, row in rows.rows]
        _refuse_twice(rows, columns[0])
        issues += rows.issues
    return entries, issues


def _refuse_twice(rows: Rows, key: str) -> None:
    first: dict[str, int] = {}
    for at, row in rows.rows:
        if first.setdefault(row[key], at) != at:
            rows.wrong(at, key, "code_twice", TWICE, word=row[key])


def _open(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(text)
    return text == "yes"


def _span(rows: Rows, at: int, row: Mapping[str, str]) -> Span:
    first = rows.cell(at, row, "from", day, DAY) or date.min
    until = rows.optional(at, row, "until", day, DAY)
    if until and until < first:
        rows.wrong(at, "until", UntilBeforeFrom.code, UntilBeforeFrom.message, first=first, until=until)
        return Span(first, None)
    return half_open(first, until)


def _entry(name: str, rows: Rows, at: int, row: Any) -> Workday | Grade | Operation | FindingType:
    if name == "workdays":
        when = rows.cell(at, row, "day", day, DAY) or date.min
        is_open = rows.cell(at, row, "open", _open, OPEN) or False
        return Workday(day=when, open=is_open, source=rows.needed(at, row, "source"))
    common: dict[str, Any] = {
        "code": rows.code(at, row, "code"),
        "name_zh": rows.needed(at, row, "zh"),
        "name_en": rows.needed(at, row, "en"),
        "source": rows.needed(at, row, "source"),
        **_span(rows, at, row)._asdict(),
    }
    if name == "grades":
        return Grade(**common)
    if name == "operations":
        return Operation(**common, unit=rows.code(at, row, "unit"))
    return FindingType(
        **common,
        unit=rows.code(at, row, "unit"),
        grouping=rows.code(at, row, "group"),
        cure_days=rows.cell(at, row, "cure_days", whole(LONGEST_CURE_DAYS), WHOLE) or 0,
        cure_unit=rows.cell(at, row, "cure_unit", DayUnit, DAY_UNIT) or DayUnit.DAYS,
        points=rows.cell(at, row, "points", number(6), NUMBER_6) or Decimal(0),
    )
