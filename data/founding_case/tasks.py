"""The care of a season: blocks pruned weekly, mowing, watering, feeding and the rest."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from data.founding_case.people import FOREMEN, SUPERVISORS
from data.founding_case.plots import Plot

DAY = timedelta(days=1)
BLOCK_KINDS = {"square", "garden", "corner", "flower_bed"}
MORE_BLOCKS = {"J1-012", "J1-018", "J2-003", "J2-008", "J2-017", "J2-022", "J2-024", "J2-036", "J3-008", "J3-009",
               "J3-012", "J3-018", "J3-022", "J3-031", "J3-032"}  # fmt: skip
GRASS_KINDS = {"lawn", "park", "grove"}
# How often a week's pruning is left out, per group; the heat of the 31st week stopped more of it.
LEFT_OUT = {"J1": 0.01, "J2": 0.05, "J3": 0.03}
LEFT_OUT_IN_HEAT = {"J1": 0.1, "J2": 0.25, "J3": 0.2}


FIRST_PRUNING, LAST_PRUNING, HEAT_WEEK = date(2013, 4, 1), date(2013, 10, 28), date(2013, 7, 29)  # Mondays
MOWING = ((4, 10), (5, 10), (6, 10), (7, 10), (8, 10), (8, 26), (9, 15), (10, 10))


class Season(NamedTuple):
    """The work of a year that was due until a day; `earlier` than in 2013, in whole weeks."""

    year: int
    until: date
    earlier: timedelta
    waiting: Mapping[str, int]  # how many, of the last round, still wait for a signature
    made_up: bool  # whether what was left out was done within the days after


SEASON_OF_2012 = Season(2012, date(2012, 12, 31), 52 * 7 * DAY, {}, made_up=True)
SEASON = Season(2013, date(2013, 9, 3), 0 * DAY, {"water": 7, "fertilise_holes": 4}, made_up=False)


Row = dict[str, str]


def tasks(season: Season, plots: Sequence[Plot]) -> list[Row]:
    """All tasks by due date and plot; what was done names who reported it and, unless still open, who signed."""
    dice = random.Random(f"care of {season.year}")
    rows = [row for work in (_pruning, _mowing, _watering, _seasonal) for row in work(season, plots, dice)]
    rows.sort(key=lambda row: (row["due_from"], row["operation"], row["plot"]))
    return rows


def _row(season: Season, plot: Plot, operation: str, due: tuple[date, date], dice: random.Random, amount: str,
         unit: str, *, done: bool, signed: bool = True) -> Row:  # fmt: skip
    """One task; work not yet due to be finished cannot have been done after the season's last day."""
    row = {"plot": plot.code, "operation": operation, "due_from": due[0].isoformat(), "due_until": due[1].isoformat(),
           "done_on": "", "quantity": "", "unit": "", "reported_by": "", "signed_by": ""}  # fmt: skip
    done_on = due[0] + DAY * dice.randrange((due[1] - due[0]).days + 1)
    if season.made_up and not done:
        done, done_on = True, due[1] + DAY * dice.randrange(1, 5)
    if done and done_on <= season.until:
        row |= {"done_on": done_on.isoformat(), "quantity": amount, "unit": unit, "reported_by": FOREMEN[plot.group]}
        row["signed_by"] = dice.choice(SUPERVISORS) if signed else ""
    return row


def _pruning(season: Season, plots: Sequence[Plot], dice: random.Random) -> Iterator[Row]:
    with_blocks = [plot for plot in plots if plot.sketch.kind in BLOCK_KINDS or plot.code in MORE_BLOCKS]
    monday = FIRST_PRUNING - season.earlier
    while monday <= min(LAST_PRUNING - season.earlier, season.until):
        chances = LEFT_OUT_IN_HEAT if monday == HEAT_WEEK - season.earlier else LEFT_OUT
        for plot in with_blocks:
            done = dice.random() >= chances[plot.group]
            yield _row(season, plot, "prune_blocks", (monday, monday + 6 * DAY), dice, "1", "time", done=done)
        monday += 7 * DAY


def _mowing(season: Season, plots: Sequence[Plot], dice: random.Random) -> Iterator[Row]:
    grass = [plot for plot in plots if plot.sketch.kind in GRASS_KINDS]
    for start in (date(season.year, *day) for day in MOWING):
        for plot in grass if start <= season.until else ():
            mown = f"{round(plot.drawn_m2 * 0.7, -2):.0f}"
            yield _row(season, plot, "mow", (start, start + 9 * DAY), dice, mown, "m2", done=dice.random() > 0.04)


def _watering(season: Season, plots: Sequence[Plot], dice: random.Random) -> Iterator[Row]:
    """Every sixth plot in turn through the dry weeks; of the last round some may still wait for a signature."""
    first, rounds = date(2013, 6, 17) - season.earlier, 6
    for turn in range(rounds):
        start = first + 14 * DAY * turn
        waiting = season.waiting.get("water", 0) if turn == rounds - 1 else 0
        for number, plot in enumerate(plots[turn::rounds]):
            cubic_metres = f"{plot.drawn_m2 * 0.004 * dice.uniform(0.8, 1.1):.1f}"
            signed = number >= waiting
            done = dice.random() > 0.03 or not signed
            due = start, start + 4 * DAY
            yield _row(season, plot, "water", due, dice, cubic_metres, "m3", done=done, signed=signed)


def _seasonal(season: Season, plots: Sequence[Plot], dice: random.Random) -> Iterator[Row]:
    """Winter pruning, spring feeding and weeding, wrapped trunks in June, Elaeocarpus fed in dug holes in August."""
    strips = [plot for plot in plots if plot.sketch.kind == "strip"]
    rounds = [
        ("prune_trees", strips[0::3], date(2013, 1, 7), 40, 0.0012, "tree"),
        ("fertilise", plots[0::3], date(2013, 3, 4), 18, 0.012, "kg"),
        ("spring_irrigation", plots[1::6], date(2013, 3, 11), 11, 0.006, "m3"),
        ("weed", plots[2::4], date(2013, 5, 6), 18, 0.4, "m2"),
        ("spray", plots[0::5], date(2013, 5, 20), 11, 0.001, "l"),
        ("wrap_trunks", strips[1::3], date(2013, 6, 3), 18, 0.001, "tree"),
        ("weed", plots[3::5], date(2013, 7, 8), 18, 0.3, "m2"),
        ("fertilise_holes", strips[0::4], date(2013, 8, 19), 13, 0.004, "kg"),
        ("fertilise", plots[1::3], date(2013, 11, 4), 18, 0.012, "kg"),
        ("prune_trees", strips[1::3], date(2013, 12, 2), 25, 0.0012, "tree"),
    ]
    for operation, chosen, in_2013, days, per_m2, unit in rounds:
        start = in_2013 - season.earlier
        for number, plot in enumerate(chosen if start <= season.until else ()):
            amount = f"{max(1.0, plot.drawn_m2 * per_m2 * dice.uniform(0.85, 1.1)):.0f}"
            signed = number >= season.waiting.get(operation, 0)
            done = dice.random() > 0.03 or not signed
            due = start, start + days * DAY
            yield _row(season, plot, operation, due, dice, amount, unit, done=done, signed=signed)
