"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps, to and from WGS84; vectorised, degrees."""

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]
SEMI_MAJOR = 6378245.0
ECCENTRICITY_2 = 0.00669342162296594323
BAIDU = np.pi * 3000.0 / 180.0
ROUNDS = 6


def _waves(angle: Degrees) -> Degrees:
    return 20.0 * np.sin(6.0 * angle * np.pi) + 20.0 * np.sin(2.0 * angle * np.pi)


def _offset(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (_waves(x) + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (_waves(x) + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - ECCENTRICITY_2 * np.sin(phi) ** 2
    across = SEMI_MAJOR / np.sqrt(magic) * np.cos(phi) * np.pi
    along = SEMI_MAJOR * (1.0 - ECCENTRICITY_2) / (magic * np.sqrt(magic)) * np.pi
    return east * 180.0 / across, north * 180.0 / along


def wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return shifted coordinates; outside the rectangle round China nothing is shifted.

    >>> lon, lat = wgs84_to_gcj02(np.array([120.15, 13.4]), np.array([30.25, 52.5]))
    >>> [round(float(x), 5) for x in lon], [round(float(y), 5) for y in lat]
    ([120.15471, 13.4], [30.24768, 52.5])
    """
    east, north = _offset(lon, lat)
    abroad = (lon < 72.004) | (lon > 137.8347) | (lat < 0.8293) | (lat > 55.8271)
    return np.where(abroad, lon, lon + east), np.where(abroad, lat, lat + north)


def gcj02_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return true coordinates, by iteration exact to a hundred-millionth of a metre."""
    x, y = lon.astype(float), lat.astype(float)
    for _ in range(ROUNDS):
        east, north = wgs84_to_gcj02(x, y)
        x, y = x + (lon - east), y + (lat - north)
    return x, y


def bd09_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Return true coordinates of points of a Baidu map."""
    x, y = lon - 0.0065, lat - 0.006
    radius = np.hypot(x, y) - 0.00002 * np.sin(y * BAIDU)
    angle = np.arctan2(y, x) - 0.000003 * np.cos(x * BAIDU)
    return gcj02_to_wgs84(radius * np.cos(angle), radius * np.sin(angle))
