"""The packaged catalogues: finding types, care operations, grades of care and the working calendar of 2013."""

import csv
from importlib.resources import files

FINDING_TYPES, OPERATIONS, GRADES, WORKDAYS = "finding_types.csv", "operations.csv", "grades.csv", "workdays.csv"


def rows(name: str) -> list[dict[str, str]]:
    """Return a catalogue's rows by column name, in the file's order.

    >>> [row["code"] for row in rows(GRADES)]
    ['special', '1', '2', '3']
    """
    with files(__name__).joinpath(name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
