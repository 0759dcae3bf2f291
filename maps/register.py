"""The published map of the register: plots by theme, findings by state, overdue plots; every word escaped by design."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import geopandas
import numpy as np
import orjson
import shapely

from gis.encode import encode
from maps.context import Context, context_columns
from maps.labels import Labels
from maps.page import MapPage
from maps.style import STATES
from maps.themes import Theme

POPUP_LINES = 7
SAFE_LINKS = ("/", "#", "./", "?")
NOT_AT_HAND = geopandas.GeoDataFrame(
    {name: [] for name in ("id", "code", "name", "href", "popup")}, geometry=[], crs="EPSG:4326"
)


@dataclass(frozen=True, slots=True)
class Basemap:
    """Tiles of an operator's choice: an address with {z}, {x}, {y}, and what the corner says of them."""

    url: str
    credit: str


@dataclass(frozen=True, slots=True)
class Tiled:
    """Plots that a served map asks for as it moves, of which there are `count` within `box` (degrees).

    `url` is of our own origin, with {z}, {x}, {y} of tiles of gis.mvt; `href`, where the plot {code} is found, or ''.
    A tile's properties are code, the one called `name`, and one named like each theme's key.
    """

    url: str
    href: str
    name: str
    box: tuple[float, float, float, float]
    count: int
    deepest: int = 16


def register_map(
    plots: geopandas.GeoDataFrame | Tiled,
    *,
    themes: Sequence[Theme] = (),
    labels: Labels | None = None,
    findings: geopandas.GeoDataFrame | None = None,
    overdue: Sequence[str] | Mapping[str, int] = (),
    shows_overdue: bool = False,
    selected: Sequence[str] = (),
    shown: str = "",
    language: str = "en",
    title: str = "",
    caption: str = "",
    basemap: Basemap | None = None,
    context: Context | None = None,
    shapes: Sequence[bytes] | None = None,
) -> MapPage:
    """Draw plots in EPSG:4326, one row each: id, code, name, href ('' or of our own origin), popup, geometry.

    `popup` is a list of at most seven (label, text) pairs; a card shows the first that fit into seven lines with its
    title, the theme's figure and its link. Optional columns: `area_m2`, the contracted area, summed over a selection,
    and `zone`, a name that stands among its plots while the map is too small for codes.
    `findings` are points: id, code, state (a key of style.STATES), label, href; optional are is_overdue, popup, and
    plot with plot_href, the code of its plot and where that leads. `overdue` are plots with late tasks, by id, with or
    without how many; they are a layer that is off at first unless `shows_overdue`. `selected` are ids of plots.
    `shown` is the key of the theme that is shown at first, "findings" for none; without it that is the first one.
    `context` is drawn below the plots. `shapes` are the plots' blobs of gis.encode where they are kept; else they are
    computed.
    Plots that are Tiled come later: themes tell classes by values, `selected` are codes, `overdue` is not drawn.
    """
    words = labels or Labels()
    at_hand = NOT_AT_HAND if isinstance(plots, Tiled) else plots
    blobs = list(shapes) if shapes is not None else encode(at_hand.geometry.to_numpy())
    for theme in themes:
        if len(theme.index) != len(at_hand):
            raise ValueError(f"the theme {theme.key} has {len(theme.index)} classes for {len(at_hand)} plots")
    chosen = set(selected)
    data = {
        "language": language,
        "labels": asdict(words),
        "plots": _plots(at_hand),
        "tiles": _tiled(plots, selected) if isinstance(plots, Tiled) else None,
        "themes": [_theme(theme, with_values=isinstance(plots, Tiled)) for theme in themes],
        "shown": shown,
        "findings": _findings(findings) if findings is not None else None,
        "overdue": _late(at_hand, overdue),
        "shows_overdue": shows_overdue,
        "selected": [position for position, id_ in enumerate(_texts(at_hand["id"])) if id_ in chosen],
        "basemap": asdict(basemap) if basemap else None,
        "context": context_columns(context, language) if context else None,
        "states": {state: {"colours": colours, "shape": shape} for state, (colours, shape) in STATES.items()},
    }
    return MapPage(
        name="register",
        title=title or words.map,
        caption=caption,
        language=language,
        skip=words.skip,
        no_script=words.no_script,
        too_old=words.too_old,
        payload=pack(data, blobs),
        image_host="{0.scheme}://{0.netloc}".format(urlsplit(basemap.url)) if basemap and "//" in basemap.url else "",
    )


def pack(data: Any, blobs: Sequence[bytes]) -> bytes:
    """Return words and shapes as base64 of deflated bytes: the JSON's length, the JSON, the blobs in a row."""
    words = orjson.dumps(data)
    return base64.b64encode(zlib.compress(len(words).to_bytes(4, "big") + words + b"".join(blobs), 9))


def _plots(plots: geopandas.GeoDataFrame) -> dict[str, Any]:
    popups = [list(lines) for lines in plots["popup"]]
    if any(len(lines) > POPUP_LINES for lines in popups):
        raise ValueError(f"a popup has at most {POPUP_LINES} lines")
    return {
        "id": _texts(plots["id"]),
        "code": _texts(plots["code"]),
        "name": _texts(plots["name"]),
        "href": [_link(address) for address in plots["href"]],
        "area_m2": [round(float(area), 1) for area in plots["area_m2"]] if "area_m2" in plots else None,
        **_zones(plots),
        **_columns(popups),
    }


def _tiled(plots: Tiled, selected: Sequence[str]) -> dict[str, Any]:
    return asdict(plots) | {"url": _link(plots.url), "href": _link(plots.href), "selected": list(selected)}


def _zones(plots: geopandas.GeoDataFrame) -> dict[str, Any]:
    """Return the names of zones once, and per plot the number of its own, -1 for none."""
    if "zone" not in plots:
        return {"zones": [], "zone": []}
    names = [name or "" for name in plots["zone"]]
    order = {name: number for number, name in enumerate(dict.fromkeys(name for name in names if name))}
    return {"zones": list(order), "zone": [order.get(name, -1) for name in names]}


def _columns(popups: list[list[tuple[str, str]]]) -> dict[str, Any]:
    """Return popups as few bytes: each run of labels once, and per plot the number of its run and its texts."""
    runs: dict[tuple[str, ...], int] = {}
    heads = [runs.setdefault(tuple(str(label) for label, _ in lines), len(runs)) for lines in popups]
    return {"popup_labels": list(runs), "popup_run": heads, "popup": [[str(t) for _, t in lines] for lines in popups]}


def _texts(values: Any) -> list[str]:
    return ["" if value is None else str(value) for value in values]


def _link(address: Any) -> str:
    """Return an address of our own origin, or '': a script or a foreign host is refused.

    >>> _link("/plots/1"), _link("")
    ('/plots/1', '')
    """
    text = "" if address is None else str(address)
    if text and (not text.startswith(SAFE_LINKS) or text.startswith(("//", "/\\"))):
        raise ValueError("a link of a map must stay on our own origin")
    return text


def _theme(theme: Theme, *, with_values: bool) -> dict[str, Any]:
    classes = [{"label": item.label, "colours": item.colours, "count": item.count} for item in theme.classes]
    index = [-1 if number is None else number for number in theme.index]
    return {
        "key": theme.key,
        "title": theme.title,
        "unit": theme.unit,
        "kind": theme.kind,
        "method": theme.method,
        "classes": classes,
        "index": index,
        "missing": theme.missing,
        **({"values": dict(theme.values)} if with_values else {}),
    }


def _findings(findings: geopandas.GeoDataFrame) -> dict[str, Any]:
    unknown = set(findings["state"]) - set(STATES)
    if unknown:
        raise ValueError(f"no shape is known for the state {sorted(unknown)[0]}")
    points = shapely.get_coordinates(findings.geometry.to_numpy())
    if len(points) != len(findings):
        raise ValueError("each finding is one point")
    lines = [list(lines) for lines in findings["popup"]] if "popup" in findings else [[] for _ in range(len(findings))]
    return {
        "id": _texts(findings["id"]),
        "code": _texts(findings["code"]),
        "state": _texts(findings["state"]),
        "label": _texts(findings["label"]),
        "href": [_link(address) for address in findings["href"]],
        "is_overdue": [bool(flag) for flag in findings["is_overdue"]] if "is_overdue" in findings else [],
        "plot": _texts(findings["plot"]) if "plot" in findings else [],
        "plot_href": [_link(address) for address in findings["plot_href"]] if "plot_href" in findings else [],
        "xy": np.round(points, 6).tolist(),
        **_columns(lines),
    }


def _late(plots: geopandas.GeoDataFrame, overdue: Sequence[str] | Mapping[str, int]) -> list[tuple[int, int]]:
    """Return the place and the number of late tasks of each plot that has any."""
    counts = overdue if isinstance(overdue, Mapping) else dict.fromkeys(overdue, 1)
    numbers = enumerate(counts.get(id_, 0) for id_ in _texts(plots["id"]))
    return [(position, count) for position, count in numbers if count > 0]
