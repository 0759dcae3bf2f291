"""What the findings of a year have that the dice do not decide: how many, the hard months, the late ones."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from data.founding_case.named_findings import NAMED, Named

# What changes a month after its statement was approved: filed on the 28th and confirmed only on the 5th of the next, or
# confirmed in time and withdrawn on the 8th because a storm was to blame.
LATE, BLAMELESS = "late", "blameless"
Place = tuple[int, str]  # a month and a group


class Book(NamedTuple):
    """The findings of a year. `counts`: filed per month in groups 1, 2 and 3; those of later months are all named."""

    year: int
    last: int  # the number of its last finding
    dice: str
    counts: Mapping[int, tuple[int, int, int]]
    afterwards: Mapping[Place, str]
    hard: frozenset[Place]  # months in which a firm had heavy findings: these bring it under 90 points
    named: Sequence[Named]
    pictures: frozenset[int]


BOOK_OF_2012 = Book(
    year=2012,
    last=735,
    dice="rounds of 2012",
    counts={1: (1, 2, 2), 2: (1, 2, 1), 3: (2, 3, 2), 4: (2, 3, 3), 5: (2, 4, 3), 6: (3, 19, 4), 7: (3, 5, 5),
            8: (3, 5, 19), 9: (3, 19, 3), 10: (2, 4, 2), 11: (1, 2, 2), 12: (1, 2, 1)},
    afterwards={(4, "J1"): LATE, (6, "J2"): LATE, (8, "J3"): LATE, (9, "J2"): BLAMELESS, (10, "J2"): LATE},
    hard=frozenset({(6, "J2"), (8, "J3"), (9, "J2")}),
    named=(),
    pictures=frozenset({661, 677}),
)  # fmt: skip
BOOK = Book(
    year=2013,
    last=max(told.number for told in NAMED),
    dice="rounds",
    counts={1: (2, 2, 2), 2: (1, 2, 2), 3: (2, 5, 3), 4: (3, 5, 4), 5: (4, 19, 5), 6: (5, 8, 18), 7: (6, 16, 9)},
    afterwards={(3, "J2"): LATE, (5, "J2"): LATE, (6, "J3"): LATE, (7, "J2"): BLAMELESS, (7, "J3"): LATE},
    hard=frozenset({(5, "J2"), (6, "J3"), (7, "J2")}),
    named=NAMED,
    pictures=frozenset({863, 871, 876, 904, 911, 917, 918, 920, 922, 925, 928, 930}),
)
