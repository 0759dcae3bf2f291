"""A small register to draw, with hostile words where wanted."""

from collections.abc import Sequence

import geopandas
import shapely

from maps.context import Context

PAYLOADS = (
    "<img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "${window.hacked=1}",
    "`+(window.hacked=1)+`",
    "\\\\`+(window.hacked=1)+`",
    '" onmouseover="window.hacked=1',
    "'-(window.hacked=1)-'",
    "{{ 7*191 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
)


def register(names: Sequence[str] = ("庄排路花坛", "江南路中绿带", "科宁路绿地")) -> geopandas.GeoDataFrame:
    """Return plots 200 m wide in a row near 118.85E 31.92N; each name is also its popup's only line."""
    shapes = [shapely.box(118.85 + 0.003 * i, 31.92, 118.852 + 0.003 * i, 31.922) for i in range(len(names))]
    return geopandas.GeoDataFrame(
        {
            "id": [f"id{i}" for i in range(len(names))],
            "code": [f"J2-{i + 1:03d}" for i in range(len(names))],
            "name": list(names),
            "href": [f"/plots/id{i}" for i in range(len(names))],
            "area_m2": [42_000.5] * len(names),
            "popup": [[("承包单位", name)] for name in names],
        },
        geometry=shapes,
        crs="EPSG:4326",
    )


def findings(states: Sequence[str], label: str = "草坪超高") -> geopandas.GeoDataFrame:
    """Return findings of these states, one in the middle of each plot of `register`."""
    count = len(states)
    return geopandas.GeoDataFrame(
        {
            "id": [f"f{i}" for i in range(count)],
            "code": [f"F-{i:04d}" for i in range(count)],
            "state": list(states),
            "label": [label] * count,
            "href": [f"/findings/f{i}" for i in range(count)],
            "is_overdue": [state == "to_cure" for state in states],
        },
        geometry=[shapely.Point(118.851 + 0.003 * i, 31.921) for i in range(count)],
        crs="EPSG:4326",
    )


def strip(width_m: float = 20.0) -> geopandas.GeoDataFrame:
    """Return one plot 1 km long from west to east."""
    tall = width_m / 111_320
    frame = register(["江南路绿带"])
    return frame.set_geometry([shapely.box(118.85, 31.92, 118.8606, 31.92 + tall)], crs="EPSG:4326")


def context(names: Sequence[str] = ("江南路",), water: str = "秦淮河") -> Context:
    """Return streets from west to east, 60 m apart, the first 60 m south of the plots of `register`, and a lake."""
    streets = geopandas.GeoDataFrame(
        {"name_zh": list(names), "name_en": [None] * len(names), "class": "secondary", "width_m": 20.0},
        geometry=[
            shapely.LineString([(118.848, 31.9194 - i * 0.0006), (118.874, 31.9194 - i * 0.0006)])
            for i in range(len(names))
        ],
        crs="EPSG:4326",
    )
    lake = shapely.box(118.85, 31.924, 118.856, 31.926)
    return Context(streets, geopandas.GeoDataFrame({"name": [water]}, geometry=[lake], crs="EPSG:4326"))
