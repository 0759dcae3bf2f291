"""How a plot is drawn from the streets: strips along kerbs, medians, corner gardens, rings and free outlines."""

import math
import random
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from data.founding_case.plane import Array, Point, curve
from data.founding_case.streets import KINDS, STREETS, Street, crossing

LEFT_SIDES = {"N", "E"}  # streets are drawn eastward or southward
TAPER_M = 15.0
BAY_M = 70.0
BAY_DEPTH_M = 3.5


@dataclass(frozen=True)
class Strip:
    """A verge between two crossings ("": the street's own end); `part` narrows it to fractions of that length."""

    street: str
    side: str
    start: str
    end: str
    width_m: float
    part: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Median:
    """The planted middle of a street between two crossings, interrupted by each crossing on the way."""

    street: str
    start: str
    end: str


@dataclass(frozen=True)
class Corner:
    """A garden in one quarter (NE, NW, SE, SW) of a crossing."""

    first: str
    second: str
    quarter: str
    radius_m: float


@dataclass(frozen=True)
class Outline:
    """A free outline, curved or straight, with what is cut out of it."""

    points: tuple[Point, ...]
    curved: bool = True


@dataclass(frozen=True)
class Crescent:
    """A piece of the ring around an oval, between two compass angles in degrees from the east, counter-clockwise."""

    centre: Point
    inner: Point
    outer: Point
    angles: tuple[float, float]


Shape = Strip | Median | Corner | Outline | Crescent


def draw(shape: Shape, *, seed: str, widths: float) -> BaseGeometry:
    """Draw one shape in metres before anything is cut from it; `widths` scales strips, `seed` fixes their back line."""
    match shape:
        case Strip():
            return _strip(shape, random.Random(seed), widths)
        case Median():
            return _median(shape)
        case Corner():
            return _corner(shape)
        case Outline():
            return Polygon(curve(shape.points, closed=True) if shape.curved else shape.points)
        case Crescent():
            return _crescent(shape)


def _station(street: Street, other: str, default: float) -> float:
    return float(street.line.project(crossing(street.code, other))) if other else default


def _span(street: Street, start: str, end: str) -> tuple[float, float]:
    return _station(street, start, 0.0), _station(street, end, street.line.length)


def _strip(strip: Strip, dice: random.Random, widths: float) -> BaseGeometry:
    street = STREETS[strip.street]
    first, last = _span(street, strip.start, strip.end)
    first, last = (first + (last - first) * fraction for fraction in strip.part)
    side = 1.0 if strip.side in LEFT_SIDES else -1.0
    kerb = street.half_m
    stations = np.linspace(first, last, max(2, math.ceil((last - first) / 15.0)))
    near = np.full_like(stations, kerb)
    if last - first > 600.0:
        bay = first + (last - first) * dice.uniform(0.25, 0.75)
        near += BAY_DEPTH_M * (abs(stations - bay) < BAY_M / 2)
    far = kerb + strip.width_m * widths * _back_line(stations, dice)
    inner = street.offset(stations, side * near)
    outer = street.offset(stations, side * far)
    return Polygon(np.vstack([inner, outer[::-1]]))


def _back_line(stations: Array, dice: random.Random) -> Array:
    """Properties behind a strip keep no line: its depth (about 1) changes in steps with short tapers."""
    length = float(stations[-1] - stations[0])
    steps = max(1, round(length / 260.0))
    depths = [dice.uniform(0.86, 1.14) for _ in range(steps + 1)]
    marks = [float(stations[0]) - TAPER_M]
    values = [depths[0]]
    for i in range(1, steps + 1):
        at = float(stations[0]) + length * (i - 0.5 + dice.uniform(-0.2, 0.2)) / steps
        marks += [at - TAPER_M / 2, at + TAPER_M / 2]
        values += [depths[i - 1], depths[i]]
    return np.asarray(np.interp(stations, marks, values))


def _median(median: Median) -> BaseGeometry:
    street = STREETS[median.street]
    half = KINDS[street.kind].median_m / 2
    stations = np.linspace(*_span(street, median.start, median.end), 160)
    band = Polygon(
        np.vstack(
            [
                street.offset(stations, np.full_like(stations, half)),
                street.offset(stations, np.full_like(stations, -half))[::-1],
            ]
        )
    )
    others = [other.surface for other in STREETS.values() if other is not street]
    open_ground = band.difference(shapely.union_all(others).buffer(14.0))
    return open_ground.buffer(-0.9 * half).buffer(0.9 * half)


def _corner(corner: Corner) -> BaseGeometry:
    centre = crossing(corner.first, corner.second)
    reach = 2 * corner.radius_m
    north, east = corner.quarter[0] == "N", corner.quarter[1] == "E"
    quarter = shapely.box(
        centre.x if east else centre.x - reach,
        centre.y if north else centre.y - reach,
        centre.x + reach if east else centre.x,
        centre.y + reach if north else centre.y,
    )
    return centre.buffer(corner.radius_m, quad_segs=24).intersection(quarter)


def _crescent(crescent: Crescent) -> BaseGeometry:
    angles = np.radians(np.linspace(*crescent.angles, 60))
    round_ = np.column_stack([np.cos(angles), np.sin(angles)])
    centre = np.array(crescent.centre)
    return Polygon(
        np.vstack([centre + round_ * np.array(crescent.inner), (centre + round_ * np.array(crescent.outer))[::-1]])
    )
