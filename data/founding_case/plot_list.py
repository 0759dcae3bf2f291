"""Reads the 96 plots as designed, one row each, with the shape each is drawn by, and what was otherwise in 2012."""

import csv
from importlib.resources import files
from typing import NamedTuple

from data.founding_case.plane import Point
from data.founding_case.shapes import Corner, Crescent, Median, Outline, Shape, Strip

ABSENT = "absent"


class Sketch(NamedTuple):
    """One plot as designed."""

    code: str
    zone: str
    zh: str
    en: str
    kind: str
    grade: str
    shape: Shape


def sketches(name: str) -> list[Sketch]:
    """The plots of one list in the order of their codes; a plot that was absent then is left out."""
    return [
        Sketch(
            code=row["code"],
            zone=row["zone"],
            zh=row["name_zh"],
            en=row["name_en"],
            kind=row["kind"],
            grade=row["grade"],
            shape=parse(row["shape"], row["drawing"]),
        )
        for row in _rows(name)
        if row["shape"] != ABSENT
    ]


def sketches_of_2012() -> list[Sketch]:
    """All plots of 2012: those of 2013, but for the few that were otherwise then or not yet there."""
    otherwise = {sketch.code: sketch for sketch in sketches("plots-2012.csv")}
    absent = {row["code"] for row in _rows("plots-2012.csv") if row["shape"] == ABSENT}
    return [otherwise.get(sketch.code, sketch) for sketch in SKETCHES if sketch.code not in absent]


def _rows(name: str) -> list[dict[str, str]]:
    with files(__package__).joinpath(name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def parse(shape: str, drawing: str) -> Shape:
    """Read one drawing; the words and points of each shape stand in README.md, "-" is a street's own end.

    >>> parse("median", "jiangjun - kening")
    Median(street='jiangjun', start='', end='kening')
    """
    words = ["" if word == "-" else word for word in drawing.split()]
    match shape:
        case "strip":
            street, side, start, end, width = words[:5]
            part = (float(words[5]), float(words[6])) if words[5:] else (0.0, 1.0)
            return Strip(street, side, start, end, float(width), part)
        case "median":
            return Median(*words)
        case "corner":
            first, second, quarter, radius = words
            return Corner(first, second, quarter, float(radius))
        case "crescent":
            return Crescent(*map(_point, words))
        case "curved" | "straight":
            return Outline(tuple(map(_point, words)), curved=shape == "curved")
    raise ValueError(f"no such shape: {shape}")


def _point(word: str) -> Point:
    x, y = word.split(",")
    return float(x), float(y)


SKETCHES = sketches("plots.csv")
SKETCHES_OF_2012 = sketches_of_2012()
