"""The findings of 2012 and of 2013 to the morning of 3 September, told so that every month and state has some."""

import calendar
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone

import shapely

from data import catalogues
from data.founding_case.books import BLAMELESS, LATE, Book
from data.founding_case.named_findings import Named
from data.founding_case.people import FOREMEN, INSPECTORS, SUPERVISORS
from data.founding_case.plots import Plot
from data.founding_case.words import KINDS_OF, NOTES, SEASONS

LOCAL = timezone(timedelta(hours=8))
NOW = datetime(2013, 9, 3, 8, 5, tzinfo=LOCAL)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST_OF_AUGUST = 859  # of 2013: from here on the numbers say how many were filed
GROUPS = ("J1", "J2", "J3")
HEAVY = {"elaeocarpus_dead", "tree_dead", "watering_missed", "bare_soil", "shrub_dead", "grass_too_high"}
SHARES_OF_AUGUST = (9, 6, 8)
OFTEN = {"J1-008", "J1-013", "J2-008", "J2-017", "J2-022", "J2-024", "J2-031", "J3-009", "J3-012", "J3-025", "J3-027"}
WITHDRAWN_SHARE, SEVERE_SHARE = 0.05, 0.12
TIGHT_FROM = datetime(2013, 8, 14, tzinfo=LOCAL)

TYPES = {row["code"]: row for row in catalogues.rows(catalogues.FINDING_TYPES)}
HOLIDAYS = {row["day"] for row in catalogues.rows(catalogues.WORKDAYS) if row["open"] == "no"}
Row = dict[str, str]


def findings(book: Book, plots: Sequence[Plot]) -> list[Row]:
    """All findings of a year in the order they were filed, numbered without a gap; the empty cells did not happen."""
    named = {told.number: told for told in book.named}
    by_code = {plot.code: plot for plot in plots}
    filed = _filing_times(book, named)
    rows: list[Row] = []
    for number, (at, group, special) in enumerate(filed, book.last + 1 - len(filed)):  # numbers go on over the years
        ref = f"F-{number:04d}"
        dice = random.Random(f"finding {ref} of {group}")
        told = named.get(number)
        hard = (at.month, group) in book.hard
        row = _told(told, dice) if told else _invented(at, group, plots, dice, special=special, hard=hard)
        photo = f"{ref}.jpg" if number in book.pictures else ""
        rows.append({"ref": ref} | _placed(row, by_code[row["plot"]], dice) | {"photo": photo})
    return rows


Filing = tuple[datetime, str, str]


def _filing_times(book: Book, named: dict[int, Named]) -> list[Filing]:
    """When each finding was filed, in which group, and what is special about it; in order."""
    filed: list[Filing] = []
    for month, counts in book.counts.items():
        for group, count in zip(GROUPS, counts, strict=True):
            dice = random.Random(f"{book.dice} of month {month} in {group}")
            if special := book.afterwards.get((month, group), ""):
                filed.append((_office_hour(datetime(book.year, month, 28, tzinfo=LOCAL), dice), group, special))
            filed += [(_some_day(book.year, month, dice), group, "") for _ in range(count - bool(special))]
    filed.sort()
    return filed + list(_named_and_between(random.Random("rounds of August"), named))


def _named_and_between(dice: random.Random, named: dict[int, Named]) -> Iterator[Filing]:
    """The numbers of August and September 2013: told ones at their time, the others spread between their neighbours."""
    before, at = FIRST_OF_AUGUST - 1, datetime(2013, 8, 1, 9, 0, tzinfo=LOCAL)
    for number in sorted(named):
        then, gap = _instant(named[number].filed), number - before
        for step in range(1, gap):
            yield _daytime(at + (then - at) * step / gap, step), dice.choices(GROUPS, SHARES_OF_AUGUST)[0], ""
        yield then, named[number].plot[:2], ""
        before, at = number, then


def _daytime(at: datetime, step: int) -> datetime:
    """The nearest minute of a working day, later for a later step."""
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = min(max(round((at - midnight) / timedelta(minutes=1)), 510 + step), 990 + step)
    return midnight + timedelta(minutes=minutes)


def _some_day(year: int, month: int, dice: random.Random) -> datetime:
    last = calendar.monthrange(year, month)[1]
    days = [day for day in range(2, last) if f"{year}-{month:02d}-{day:02d}" not in HOLIDAYS]
    return _office_hour(datetime(year, month, dice.choice(days), tzinfo=LOCAL), dice)


def _office_hour(day: datetime, dice: random.Random) -> datetime:
    return day + 8.5 * HOUR + timedelta(minutes=dice.randrange(480))


def _instant(told: str) -> datetime:
    return datetime.strptime(f"2013-{told}+0800", "%Y-%m-%d %H:%M%z")


def _text(at: datetime | None) -> str:
    return at.isoformat(timespec="minutes") if at else ""


def _events(group: str, times: Sequence[datetime | None], dice: random.Random) -> Row:
    """Who filed, confirmed, claimed the cure and verified it: four pairs of hands, never the firm's own to verify."""
    filer = dice.choice(INSPECTORS[group])
    verifiers = [person for person in INSPECTORS[group] if person != filer] or [SUPERVISORS[0]]
    people = {"filed": filer, "confirmed": dice.choice(SUPERVISORS), "cured": FOREMEN[group]}
    people["verified"] = dice.choice(verifiers)
    row: Row = {}
    for (event, person), at in zip(people.items(), times, strict=True):
        row |= {f"{event}_at": _text(at), f"{event}_by": person if at else ""}
    return row | {"withdrawn_at": "", "withdrawn_by": ""}


def _row(plot: str, type_: str, severity: str, quantity: str) -> Row:
    unit = TYPES[type_]["unit"]
    return {"plot": plot, "type": type_, "severity": severity, "quantity": quantity, "unit": unit, "lon": "", "lat": "",
            "text": NOTES[type_]}  # fmt: skip


def _told(told: Named, dice: random.Random) -> Row:
    times = [_instant(at) if at else None for at in (told.filed, told.confirmed, told.cured, told.verified)]
    events = _events(told.plot[:2], times, dice)
    return _row(told.plot, told.type, told.severity, told.quantity) | events


def _type(filed: datetime, dice: random.Random, *, hard: bool) -> str:
    """What was found: by season, heavier in a hard month, and only what is soon cured when today is near."""
    season = SEASONS[filed.month]
    weights = {code: float(weight) for code, weight in season.items() if filed < TIGHT_FROM or _cure_days(code) <= 5}
    if hard:
        weights = {code: weight * (3 if code in HEAVY else 1) for code, weight in weights.items()}
    return dice.choices(list(weights), list(weights.values()))[0]


def _cure_days(type_: str) -> int:
    return int(TYPES[type_]["cure_days"])


def _invented(
    filed: datetime, group: str, plots: Sequence[Plot], dice: random.Random, *, special: str, hard: bool
) -> Row:
    own = [plot for plot in plots if plot.group == group]
    type_ = _type(filed, dice, hard=hard)
    fitting = [plot for plot in own if plot.sketch.kind in KINDS_OF.get(type_, {plot.sketch.kind})]
    plot = dice.choices(fitting, [5 if plot.code in OFTEN else 1 for plot in fitting])[0].code
    severity = "severe" if dice.random() < SEVERE_SHARE else "minor"
    row = _row(plot, type_, severity, _quantity(type_, dice))
    times = _times(filed, _cure_days(type_), dice, late=special == LATE)
    if special == BLAMELESS:
        row = _row(plot, "tree_leaning", "severe", "4")
        times, gone = [filed, times[1], None, None], _morning_after(filed.replace(day=1) + 31 * DAY, 7, dice)
    elif not special and dice.random() < WITHDRAWN_SHARE:
        times, gone = [filed, None, None, None], _morning_after(filed, 1, dice)
    else:
        return row | _events(group, times, dice)
    events = _events(group, times, dice)
    # what stands is taken back by whoever let it stand, what does not yet by whoever filed it
    return row | events | {"withdrawn_at": _text(gone), "withdrawn_by": events["confirmed_by"] or events["filed_by"]}


def _quantity(type_: str, dice: random.Random) -> str:
    match TYPES[type_]["unit"]:
        case "m2":
            return f"{dice.uniform(2, 60):.1f}"
        case "tree":
            return str(dice.randrange(1, 6))
        case "person":
            return "1"
        case _:
            return str(dice.randrange(1, 4))


def _times(filed: datetime, cure_days: int, dice: random.Random, *, late: bool) -> list[datetime | None]:
    """Filed, confirmed, cured, verified of a closed finding; one in eight was cured after its time."""
    if late:
        confirmed = _morning_after(filed.replace(day=1) + 31 * DAY, 0, dice).replace(day=5)
    elif filed.hour < 15:
        confirmed = filed + timedelta(minutes=dice.randrange(60, 150))
    else:
        confirmed = _morning_after(filed, 1, dice)
    tight = filed >= TIGHT_FROM
    share = dice.uniform(1.1, 1.8) if dice.random() < 0.12 and not tight else dice.uniform(0.3, 0.9)
    cured = _morning_after(confirmed, max(1, int(cure_days * share)), dice)
    verified = _morning_after(cured, 1 if tight else dice.randrange(1, 4), dice)
    return [filed, confirmed, cured, verified]


def _morning_after(at: datetime, days: int, dice: random.Random) -> datetime:
    return at.replace(hour=9, minute=0) + days * DAY + timedelta(minutes=dice.randrange(450))


def _placed(row: Row, plot: Plot, dice: random.Random) -> Row:
    """Put the finding on a spot inside its plot, 2 m from the border where the plot is wide enough."""
    ground = plot.outline.buffer(-2e-5)
    west, south, east, north = ground.bounds
    while True:
        lon, lat = round(dice.uniform(west, east), 6), round(dice.uniform(south, north), 6)
        if shapely.contains_xy(ground, lon, lat):
            return row | {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}"}
