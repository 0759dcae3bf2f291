"""The street network and the water the plots are drawn from, in metres (see plane.py); all courses are invented."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from data.founding_case.plane import Array, Point, curve

KERB_RADIUS_M = 22.0


class Kind(NamedTuple):
    """Widths of a class of street: kerb to kerb, and the planted strip in its middle (0: none)."""

    carriageway_m: float
    median_m: float


KINDS = {
    "avenue": Kind(76.0, 26.5),
    "arterial": Kind(50.0, 11.0),
    "secondary": Kind(32.0, 0.0),
    "branch": Kind(20.0, 0.0),
}


@dataclass(frozen=True)
class Street:
    """One street, drawn from west to east or from north to south."""

    code: str
    zh: str
    en: str
    kind: str
    points: tuple[Point, ...]

    @cached_property
    def line(self) -> LineString:
        """Its centre line."""
        return curve(self.points)

    @property
    def half_m(self) -> float:
        """Centre line to kerb."""
        return KINDS[self.kind].carriageway_m / 2

    @property
    def surface(self) -> BaseGeometry:
        """Everything between its kerbs."""
        return shapely.buffer(self.line, self.half_m, cap_style="flat")

    def offset(self, stations: Array, distances: Array) -> Array:
        """Points at the distances beside the line (left is positive) at the stations along it."""
        here = shapely.get_coordinates(shapely.line_interpolate_point(self.line, stations))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(self.line, stations + 1.0))
        behind = shapely.get_coordinates(shapely.line_interpolate_point(self.line, np.maximum(stations - 1.0, 0.0)))
        along = ahead - behind
        along /= np.hypot(along[:, 0], along[:, 1])[:, None]
        return np.asarray(here + distances[:, None] * np.column_stack([-along[:, 1], along[:, 0]]))


_ALL = [
    Street("tianyuan", "天元路", "Tianyuan Road", "arterial",
           ((-3960, 2290), (-2560, 2415), (-880, 2320), (880, 2450), (2640, 2345), (3960, 2440))),
    Street("xuehai", "学海路", "Xuehai Road", "secondary",
           ((-3400, 1470), (-2640, 1590), (-1840, 1480), (-905, 1545))),
    Street("jiangnan", "江南路", "Jiangnan Road", "secondary",
           ((145, 1505), (880, 1360), (1720, 1430), (2640, 1535), (3960, 1375))),
    Street("xingye", "兴业路", "Xingye Road", "branch",
           ((1550, 800), (2240, 880), (2960, 785), (3840, 870))),
    Street("kening", "科宁路", "Kening Road", "arterial",
           ((-3960, 265), (-2640, 105), (-1040, 305), (720, 175), (2320, 335), (3960, 200))),
    Street("chuangxin", "创新路", "Chuangxin Road", "branch",
           ((-1791, -449), (-720, -510), (240, -430), (1665, -510))),
    Street("chengxin", "诚信大道", "Chengxin Avenue", "arterial",
           ((-3880, -1065), (-2240, -1200), (-640, -1090), (1120, -1215), (2560, -1095), (3880, -1160))),
    Street("binhe", "滨河路", "Binhe Road", "secondary",
           ((-3760, -1905), (-2720, -2095), (-1360, -1890), (160, -2080), (1600, -1905), (2960, -2080), (3760, -1935))),
    Street("jishan", "吉山路", "Jishan Road", "secondary",
           ((-3385, 2345), (-3295, 1480), (-3360, 200), (-3170, -1120), (-3240, -2000))),
    Street("wenze", "文泽路", "Wenze Road", "secondary",
           ((-2015, 2385), (-2110, 1520), (-1985, 800), (-2050, 175))),
    Street("shengtai", "胜太路", "Shengtai Road", "secondary",
           ((-895, 2320), (-865, 1520), (-950, 880), (-870, 305))),
    Street("zhilan", "芝兰路", "Zhilan Road", "secondary",
           ((-1850, 215), (-1790, -450), (-1880, -1185), (-1785, -1935))),
    Street("jiangjun", "将军大道", "Jiangjun Avenue", "avenue",
           ((105, 2850), (210, 2320), (145, 1505), (15, 720), (105, -80), (265, -800), (210, -1440), (160, -2080))),
    Street("zhuangpai", "庄排路", "Zhuangpai Road", "secondary",
           ((1520, 2800), (1570, 2320), (1690, 1430), (1520, 720), (1560, -80), (1690, -800), (1585, -1905))),
    Street("suyuan", "苏源大道", "Suyuan Avenue", "arterial",
           ((2975, 2760), (2910, 2000), (2990, 1200), (2895, 240), (3010, -720), (2920, -2070))),
]  # fmt: skip
STREETS = {street.code: street for street in _ALL}

RIVER = Street("river", "清水河", "Qingshui River", "river",
               ((-4150, -2210), (-3440, -2150), (-2980, -2300), (-2460, -2330), (-1980, -2130),
                (-1380, -2180), (-700, -2330), (0, -2370), (560, -2240), (1180, -2110),
                (1700, -2180), (2150, -2350), (2700, -2310), (3300, -2260), (4150, -2390)))  # fmt: skip
LAKE_SHORE = ((-1590, 1815), (-1520, 1895), (-1410, 1880), (-1320, 1910), (-1250, 1830), (-1295, 1740), (-1390, 1725),
              (-1465, 1695), (-1560, 1735))  # fmt: skip


def lake() -> Polygon:
    """Xuehai Lake, inside its park."""
    return Polygon(curve(LAKE_SHORE, closed=True))


def river() -> BaseGeometry:
    """The Qingshui River, 64 m wide."""
    return shapely.buffer(RIVER.line, 32.0, cap_style="flat")


def road_surface() -> BaseGeometry:
    """All carriageways with rounded kerbs at the crossings."""
    joined = shapely.union_all([street.surface for street in _ALL])
    return joined.buffer(KERB_RADIUS_M).buffer(-KERB_RADIUS_M)


def crossing(first: str, second: str) -> shapely.Point:
    """Where the centre lines of two streets meet (the nearest point where one ends before the other)."""
    return shapely.Point(shapely.shortest_line(STREETS[first].line, STREETS[second].line).coords[0])
