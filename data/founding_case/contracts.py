"""Three maintenance contracts of 2012, three of 2013, and the earlier survey their quantities come from."""

import random
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from data.founding_case.plots import Plot

SURVEY_SPREAD = 0.0012  # standard deviation of the earlier survey against today's drawing
SURVEY_LIMIT = 0.003
CENT = Decimal("0.01")


class Lot(NamedTuple):
    """One contract: its group of plots, the firm, the tendered area and the all-in price per m2 and year."""

    year: int
    contract: str
    group: str
    contractor: str
    area_m2: Decimal
    unit_price: str
    zh: str
    en: str


LOTS_OF_2012 = [
    Lot(2012, "B1", "J1", "HEMU", Decimal("742000.00"), "7.46", "第一组团绿地养护", "Maintenance of group 1"),
    Lot(2012, "B2", "J2", "QINGLING", Decimal("1593000.00"), "3.39", "第二组团绿地养护", "Maintenance of group 2"),
    Lot(2012, "B3", "J3", "WOYE", Decimal("1333500.00"), "3.52", "第三组团绿地养护", "Maintenance of group 3"),
]
LOTS = [
    Lot(2013, "C1", "J1", "HEMU", Decimal("742000.00"), "7.82", "第一组团绿地养护", "Maintenance of group 1"),
    Lot(2013, "C2", "J2", "QINGLING", Decimal("1612000.00"), "3.55", "第二组团绿地养护", "Maintenance of group 2"),
    Lot(2013, "C3", "J3", "WOYE", Decimal("1376000.00"), "3.71", "第三组团绿地养护", "Maintenance of group 3"),
]
# Handed over by its builder at midsummer: until then in nobody's contract.
JOINS = {("B3", "J3-030"): "2012-07-01"}


def quantities(lot: Lot, plots: Sequence[Plot]) -> dict[str, Decimal]:
    """Contracted areas of a lot's plots in m2, to 0.01, adding up to the tendered total exactly.

    Each is what an independent survey would have measured: the ground with an error of a few tenths of a percent. The
    tender settled on a round total, so all plots of the lot carry the remaining difference in proportion to their size.
    """
    own = [plot for plot in plots if plot.group == lot.group]
    surveyed = [Decimal(str(plot.drawn_m2 * (1.0 + _survey_error(plot.code)))) for plot in own]
    shares = [area * lot.area_m2 / sum(surveyed) for area in surveyed]
    floors = [share.quantize(CENT, rounding=ROUND_FLOOR) for share in shares]
    missing = int((lot.area_m2 - sum(floors)) / CENT)
    by_remainder = sorted(range(len(own)), key=lambda i: (floors[i] - shares[i], own[i].code))
    for i in by_remainder[:missing]:
        floors[i] += CENT
    return {plot.code: floor for plot, floor in zip(own, floors, strict=True)}


def _survey_error(code: str) -> float:
    error = random.Random(f"survey of 2012, {code}").gauss(0.0, SURVEY_SPREAD)
    return max(-SURVEY_LIMIT, min(SURVEY_LIMIT, error))


def contract(lot: Lot) -> dict[str, Any]:
    """The contract as its file says it."""
    return {
        "contract": lot.contract,
        "title": {"zh": f"{lot.year}年度{lot.zh}", "en": f"{lot.en}, {lot.year}"},
        "contractor": lot.contractor,
        "parties": {"consultant": "ZHENGHENG"},
        "from": f"{lot.year}-01-01",
        "until": f"{lot.year}-12-31",
        "currency": "CNY",
        "day_count": "contract_year",
        "rounding": "per_contract",
        "settled": "month",
        "vat_percent": "6",
        "scheme": {"code": "jn-2012", "version": 1},
        "lines": f"lines-{lot.contract}.csv",
    }


def lines(lot: Lot, plots: Sequence[Plot]) -> list[dict[str, str]]:
    """One line per plot of the lot, by projected area."""
    grades = {plot.code: plot.sketch.grade for plot in plots}
    return [
        {
            "plot": code,
            "quantity": str(quantity),
            "unit": "m2",
            "basis": "projected",
            "unit_price": lot.unit_price,
            "grade": grades[code],
            "from": JOINS.get((lot.contract, code), ""),
            "until": "",
        }
        for code, quantity in quantities(lot, plots).items()
    ]
