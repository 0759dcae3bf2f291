"""The care of the season until 3 September: blocks pruned weekly, mowing, watering, feeding and the rest."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from data.founding_case.people import FOREMEN, SUPERVISORS
from data.founding_case.plots import Plot

TODAY = date(2013, 9, 3)
DAY = timedelta(days=1)
BLOCK_KINDS = {"square", "garden", "corner", "flower_bed"}
MORE_BLOCKS = {"J1-012", "J1-018", "J2-003", "J2-008", "J2-017", "J2-022", "J2-024", "J2-036", "J3-008", "J3-009",
               "J3-012", "J3-018", "J3-022", "J3-031", "J3-032"}  # fmt: skip
GRASS_KINDS = {"lawn", "park", "grove"}
FIRST_PRUNING, LAST_PRUNING = date(2013, 4, 1), date(2013, 9, 2)  # Mondays
HEAT_WEEK = date(2013, 7, 29)
# How often a week's pruning is left out, per group; the heat of the 31st week stopped more of it.
LEFT_OUT = {"J1": 0.01, "J2": 0.05, "J3": 0.03}
LEFT_OUT_IN_HEAT = {"J1": 0.1, "J2": 0.25, "J3": 0.2}


Row = dict[str, str]


def tasks(plots: tuple[Plot, ...]) -> list[Row]:
    """All tasks by due date and plot; what was done names who reported it and, unless still open, who signed."""
    dice = random.Random("care of 2013")
    rows = [*_pruning(plots, dice), *_mowing(plots, dice), *_watering(plots, dice), *_seasonal(plots, dice)]
    rows.sort(key=lambda row: (row["due_from"], row["operation"], row["plot"]))
    return rows


def _row(plot: Plot, operation: str, due: tuple[date, date], dice: random.Random, amount: str, unit: str, *, done: bool,
         signed: bool = True) -> Row:  # fmt: skip
    """One task; work not yet due to be finished cannot have been done after today."""
    row = {"plot": plot.code, "operation": operation, "due_from": due[0].isoformat(), "due_until": due[1].isoformat(),
           "done_on": "", "quantity": "", "unit": "", "reported_by": "", "signed_by": ""}  # fmt: skip
    done_on = due[0] + DAY * dice.randrange((due[1] - due[0]).days + 1)
    if done and done_on <= TODAY:
        row |= {"done_on": done_on.isoformat(), "quantity": amount, "unit": unit, "reported_by": FOREMEN[plot.group]}
        row["signed_by"] = dice.choice(SUPERVISORS) if signed else ""
    return row


def _pruning(plots: tuple[Plot, ...], dice: random.Random) -> Iterator[Row]:
    with_blocks = [plot for plot in plots if plot.sketch.kind in BLOCK_KINDS or plot.code in MORE_BLOCKS]
    monday = FIRST_PRUNING
    while monday <= LAST_PRUNING:
        chances = LEFT_OUT_IN_HEAT if monday == HEAT_WEEK else LEFT_OUT
        for plot in with_blocks:
            done = dice.random() >= chances[plot.group]
            yield _row(plot, "prune_blocks", (monday, monday + 6 * DAY), dice, "1", "time", done=done)
        monday += 7 * DAY


def _mowing(plots: tuple[Plot, ...], dice: random.Random) -> Iterator[Row]:
    grass = [plot for plot in plots if plot.sketch.kind in GRASS_KINDS]
    months = [date(2013, month, 10) for month in range(4, 9)] + [date(2013, 8, 26)]
    for start in months:
        for plot in grass:
            mown = f"{round(plot.drawn_m2 * 0.7, -2):.0f}"
            yield _row(plot, "mow", (start, start + 9 * DAY), dice, mown, "m2", done=dice.random() > 0.04)


def _watering(plots: tuple[Plot, ...], dice: random.Random) -> Iterator[Row]:
    """Every sixth plot in turn through the dry weeks; the last round's first seven still wait for a signature."""
    for turn, start in enumerate(date(2013, 6, 17) + 14 * DAY * i for i in range(6)):
        last = start >= date(2013, 8, 26)
        for number, plot in enumerate(plots[turn % 6 :: 6]):
            cubic_metres = f"{plot.drawn_m2 * 0.004 * dice.uniform(0.8, 1.1):.1f}"
            signed = not (last and number < 7)
            yield _row(
                plot,
                "water",
                (start, start + 4 * DAY),
                dice,
                cubic_metres,
                "m3",
                done=dice.random() > 0.03 or not signed,
                signed=signed,
            )


def _seasonal(plots: tuple[Plot, ...], dice: random.Random) -> Iterator[Row]:
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
    ]
    for operation, chosen, start, days, per_m2, unit in rounds:
        for number, plot in enumerate(chosen):
            amount = f"{max(1.0, plot.drawn_m2 * per_m2 * dice.uniform(0.85, 1.1)):.0f}"
            signed = not (operation == "fertilise_holes" and number < 4)
            done = dice.random() > 0.03 or not signed
            yield _row(plot, operation, (start, start + days * DAY), dice, amount, unit, done=done, signed=signed)
