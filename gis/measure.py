"""Areas on the ellipsoid. The figure is a float: it stands beside the contracted area and never sets pay."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

METHOD = "geodesic WGS84 v1"
"""Polygons of geodesics on the WGS84 ellipsoid (GRS80 differs by 1e-10), holes subtracted; stored with the figure."""
GEOD = Geod(ellps="WGS84")
METRES_A_DEGREE = 111_320  # of latitude, about: for distances of some metres
AREA_UNITS_M2: dict[str, Fraction] = {
    "m2": Fraction(1),
    "ha": Fraction(10_000),
    "mu": Fraction(10_000, 15),
    "acre": Fraction(Decimal("4046.8564224")),
    "us_survey_acre": Fraction(62_726_400_000, 15_499_969),
}


def area_m2(geometries: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return geodesic areas of polygons in EPSG:4326, whatever their rings' direction; 0.0 for a missing geometry.

    >>> round(float(area_m2(np.array([shapely.box(0, 0, 1, 1)]))[0]))
    12308778361
    """
    areas = np.zeros(len(geometries))
    parts, owner = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(ring, np.arange(len(rings) + 1))
    is_shell = np.ones(len(rings), dtype=bool)
    is_shell[1:] = part[1:] != part[:-1]
    for number in range(len(rings)):
        points = coordinates[starts[number] : starts[number + 1]]
        size = abs(GEOD.polygon_area_perimeter(points[:, 0], points[:, 1])[0])
        areas[owner[part[number]]] += size if is_shell[number] else -size
    return areas
